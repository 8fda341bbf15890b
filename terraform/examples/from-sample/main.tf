# In place of AWS's sample (amazon-ecr-dynamic-repository-creation): the root module's `module "ecr"` with
# another source. Its state is taken over as it is (moved.tf), its log and its repositories stay.

variable "REPO_SCAN_ON_PUSH" {
  type    = bool
  default = true
}

variable "IMAGE_TAG_MUTABILITY" {
  type    = string
  default = "IMMUTABLE"
}

variable "REPO_TAGS" {
  type    = map(string)
  default = { "created-by" = "dynamic-create-ecr-repo", "env" = "poc" }
}

variable "SCAN_TYPE" {
  type    = string
  default = "BASIC"
}

variable "SCAN_FREQUENCY" {
  type    = string
  default = "SCAN_ON_PUSH"
}

data "aws_region" "current" {}

module "ecr" {
  source = "../.."

  package = var.package
  name    = "dynamic-create-ecr-repo-${data.aws_region.current.region}"

  REPO_SCAN_ON_PUSH    = var.REPO_SCAN_ON_PUSH
  IMAGE_TAG_MUTABILITY = var.IMAGE_TAG_MUTABILITY
  REPO_TAGS            = var.REPO_TAGS
  SCAN_TYPE            = var.SCAN_TYPE
  SCAN_FREQUENCY       = var.SCAN_FREQUENCY
}
