# In an account that has no function of its own: the role that the central one creates repositories with.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  regions = length(var.regions) == 0 ? [data.aws_region.current.region] : var.regions

  # What the function may do in its own account, but for the log and the queue that it has there.
  function_policy = jsondecode(templatefile("${path.module}/../../policies/function.json", {
    partition = data.aws_partition.current.partition
    account   = data.aws_caller_identity.current.account_id
    region    = data.aws_region.current.region
    name      = var.name
  }))
}

resource "aws_iam_role" "creator" {
  name                 = var.name
  description          = "Creates the ECR repositories of this account that a push did not find"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = var.function_role_arn }
      },
      var.external_id == null ? {} : { Condition = { StringEquals = { "sts:ExternalId" = var.external_id } } },
    )]
  })
}

resource "aws_iam_role_policy" "creator" {
  name = "create"
  role = aws_iam_role.creator.name

  policy = jsonencode({
    Version = local.function_policy.Version
    Statement = concat(
      [for statement in local.function_policy.Statement : merge(statement, {
        Resource = [for region in local.regions :
        "arn:${data.aws_partition.current.partition}:ecr:${region}:${data.aws_caller_identity.current.account_id}:repository/*"]
      }) if statement.Sid == "CreateRepositories"],
      length(var.repository_kms_key_arns) == 0 ? [] : [{
        Sid       = "EncryptRepositories"
        Effect    = "Allow"
        Action    = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
        Resource  = var.repository_kms_key_arns
        Condition = { StringLike = { "kms:ViaService" = [for region in local.regions : "ecr.${region}.*"] } }
      }],
      !var.read_creation_templates ? [] : [{
        Sid      = "ReadCreationTemplates"
        Effect   = "Allow"
        Action   = ["ecr:DescribeRepositoryCreationTemplates"]
        Resource = ["*"]
      }],
    )
  })
}
