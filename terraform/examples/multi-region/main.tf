# Each region on its own: nothing is shared but the account, and no region depends on another.

variable "regions" {
  description = "Regions to cover."
  type        = set(string)
  default     = ["eu-west-1", "us-east-1"]
}

module "ecr_upsertd" {
  source   = "../.."
  for_each = var.regions

  region  = each.key
  package = var.package
}

output "functions" {
  value = { for region, one in module.ecr_upsertd : region => one.function_arn }
}
