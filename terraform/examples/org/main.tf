# One function for many accounts and regions. Events come to the central account's bus; the function
# creates in the account and region that an event names, with a role of that account.
#
#   member account, each region            central account
#   rule ── role ──────────────────────▶ bus ── rule ──▶ function
#   creator role ◀──────────────────────────────────────────┘

variable "region" {
  description = "Region of the function and the bus."
  type        = string
  default     = "eu-west-1"
}

variable "member_regions" {
  description = "Regions that the member accounts forward from."
  type        = set(string)
  default     = ["eu-west-1", "us-east-1"]
}

variable "member_account" {
  description = "A member account; write one more provider and one more pair of modules for each."
  type        = string
  default     = "210987654321"
}

variable "organization_id" {
  description = "The organization whose accounts may forward."
  type        = string
  default     = "o-abcdefghij"
}

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "member"
  region = var.region

  assume_role {
    role_arn = "arn:${data.aws_partition.current.partition}:iam::${var.member_account}:role/OrganizationAccountAccessRole"
  }
}

data "aws_caller_identity" "central" {}

data "aws_partition" "current" {}

locals {
  creator = "arn:${data.aws_partition.current.partition}:iam::${var.member_account}:role/ecr-upsertd-creator"
}

module "central" {
  source = "../.."

  package          = var.package
  regions          = var.member_regions
  central_bus      = { organization_id = var.organization_id }
  assume_role_arns = [local.creator]

  config = {
    registries = concat(
      [for region in var.member_regions : {
        host = "${data.aws_caller_identity.central.account_id}.dkr.ecr.${region}.${data.aws_partition.current.dns_suffix}"
      }],
      [for region in var.member_regions : {
        host     = "${var.member_account}.dkr.ecr.${region}.${data.aws_partition.current.dns_suffix}"
        role_arn = local.creator
      }],
    )
  }
}

module "member_forwarder" {
  source   = "../../modules/forwarder"
  for_each = var.member_regions

  providers = { aws = aws.member }

  region  = each.key
  bus_arn = module.central.bus_arn
}

module "member_creator" {
  source = "../../modules/creator-role"

  providers = { aws = aws.member }

  function_role_arn = module.central.role_arn
  regions           = var.member_regions
}

# The central account's other regions forward to its own bus.
module "own_forwarder" {
  source   = "../../modules/forwarder"
  for_each = setsubtract(var.member_regions, [var.region])

  region  = each.key
  bus_arn = module.central.bus_arn
}

output "bus" {
  value = module.central.bus_arn
}
