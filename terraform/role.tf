locals {
  # The regions that events may name, and in each what the function may create.
  creating_regions = distinct(concat([local.region], var.regions))
  repository_paths = length(var.repository_prefixes) == 0 ? ["*"] : [for p in var.repository_prefixes : "${p}*"]

  repository_arns = [for pair in setproduct(local.creating_regions, local.repository_paths) :
  "arn:${local.partition}:ecr:${pair[0]}:${local.account}:repository/${pair[1]}"]

  # What only some need comes as statements of its own, after those of policies/function.json.
  optional_statements = concat(
    local.kms_key_arn == null ? [] : [{
      Sid      = "KeepFailedEventsEncrypted"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [local.kms_key_arn]
    }],
    length(var.repository_kms_key_arns) == 0 ? [] : [{
      Sid       = "EncryptRepositories"
      Effect    = "Allow"
      Action    = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
      Resource  = var.repository_kms_key_arns
      Condition = { StringLike = { "kms:ViaService" = [for r in local.creating_regions : "ecr.${r}.*"] } }
    }],
    length(var.assume_role_arns) == 0 ? [] : [{
      Sid      = "CreateInOtherAccounts"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = var.assume_role_arns
    }],
    !var.read_creation_templates ? [] : [{
      Sid      = "ReadCreationTemplates"
      Effect   = "Allow"
      Action   = ["ecr:DescribeRepositoryCreationTemplates"]
      Resource = ["*"]
    }],
    !var.tracing ? [] : [{
      Sid      = "Trace"
      Effect   = "Allow"
      Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    }],
    var.buffer == null ? [] : [{
      Sid      = "TakeFromBuffer"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      Resource = [aws_sqs_queue.buffer[0].arn]
    }],
  )

  function_policy = jsondecode(templatefile("${path.module}/policies/function.json", {
    partition = local.partition
    account   = local.account
    region    = local.region
    name      = var.name
  }))

  function_statements = [for statement in local.function_policy.Statement :
  statement.Sid == "CreateRepositories" ? merge(statement, { Resource = local.repository_arns }) : statement]
}

resource "aws_iam_role" "function" {
  name                 = local.global_name
  description          = "Function ${var.name} in ${local.region}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  name = "function"
  role = aws_iam_role.function.name

  policy = jsonencode({
    Version   = local.function_policy.Version
    Statement = concat(local.function_statements, local.optional_statements)
  })
}
