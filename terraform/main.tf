# What the other files share. Each of them is one concern: function, role, events, queues, alarms, kms,
# trail, scanning, templates.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {
  region = var.region
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # IAM is global: two regions of an account would share a role's name.
  global_name = "${var.name}-${local.region}"
}
