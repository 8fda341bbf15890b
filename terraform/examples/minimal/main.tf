# One account, one region, that of AWS_REGION: what a push misses is created, scanned on push and with
# immutable tags. A trail with write events must exist (most accounts have one).

module "ecr_upsertd" {
  source = "../.."

  package = var.package
}

output "function" {
  value = module.ecr_upsertd.function_arn
}
