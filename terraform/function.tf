locals {
  # The sample's settings are the defaults' defaults; tags are added key by key, as everywhere.
  defaults = merge(
    {
      image_tag_mutability = var.IMAGE_TAG_MUTABILITY
      scan_on_push         = var.REPO_SCAN_ON_PUSH
    },
    try(var.config.defaults, {}),
    { tags = merge(var.REPO_TAGS, try(var.config.defaults.tags, {})) },
  )

  config = var.config_path != null ? var.config_path : jsonencode(merge(var.config, { defaults = local.defaults }))
}

resource "aws_lambda_function" "this" {
  region           = var.region
  function_name    = var.name
  description      = "Creates the ECR repository that a push did not find"
  role             = aws_iam_role.function.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  runtime          = "provided.al2023"
  handler          = "bootstrap" # asked for by the API, unused by this runtime
  architectures    = [var.architecture]
  memory_size      = var.memory_size
  timeout          = var.timeout
  layers           = var.layers
  kms_key_arn      = local.kms_key_arn
  tags             = var.tags

  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = merge(var.environment, { ECR_UPSERTD_CONFIG = local.config })
  }

  logging_config {
    log_format = "Text" # the program's own lines are JSON already
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    precondition {
      condition     = var.config_path == null || length(keys(var.config)) == 0
      error_message = "config or config_path, not both."
    }

    precondition {
      condition     = length(local.config) <= 3900 # of the 4 KiB that Lambda gives all variables
      error_message = "config is too long for the function's environment: put it into the zip (`-Dlambda_config`), and set config_path = \"/var/task/ecr-upsertd.json\"."
    }
  }

  # Before the first event: what it may do, and that its configuration is sound.
  depends_on = [aws_iam_role_policy.function, terraform_data.check_config]
}

# Named by the function's logging_config, so it is there before Lambda could make one without retention.
resource "aws_cloudwatch_log_group" "function" {
  region            = var.region
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.kms_key_arn
  tags              = var.tags
}

resource "terraform_data" "check_config" {
  count            = var.check_config_command == null || var.config_path != null ? 0 : 1
  triggers_replace = [local.config, var.check_config_command]

  provisioner "local-exec" {
    command     = <<-EOT
      file=$(mktemp) && printf '%s' "$CONFIG" >"$file" || exit 1
      ${var.check_config_command} --config "$file"
      status=$?
      rm -f "$file"
      exit $status
    EOT
    environment = { CONFIG = local.config }
  }
}

# What fails for good after Lambda's own attempts is kept with the error that it failed with.
resource "aws_lambda_function_event_invoke_config" "this" {
  region                       = var.region
  function_name                = aws_lambda_function.this.function_name
  maximum_event_age_in_seconds = var.event_age_seconds
  maximum_retry_attempts       = var.function_attempts

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }
}
