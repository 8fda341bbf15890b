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
    variables = merge(
      var.environment,
      {
        IMAGE_TAG_MUTABILITY = var.IMAGE_TAG_MUTABILITY
        REPO_SCAN_ON_PUSH    = tostring(var.REPO_SCAN_ON_PUSH)
        REPO_TAGS            = jsonencode(var.REPO_TAGS)
      },
      var.config_path == null ? {} : { ECR_UPSERTD_CONFIG = var.config_path },
    )
  }

  logging_config {
    log_format = "Text" # the program's own lines are JSON already
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
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
  count            = var.config_file == null ? 0 : 1
  triggers_replace = [filesha256(var.config_file), var.check_config_command]

  provisioner "local-exec" {
    command     = "${var.check_config_command} --config \"$CONFIG\""
    environment = { CONFIG = var.config_file }
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
