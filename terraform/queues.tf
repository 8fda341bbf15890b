locals {
  # As queues.tf names them: their ARNs are needed before they exist, in their own policies and the key's.
  queue_settings = {
    message_retention_seconds = var.failed_retention_days * 86400
    sqs_managed_sse_enabled   = local.kms_key_arn == null ? true : null
    kms_master_key_id         = local.kms_key_arn
  }

  # Nobody talks to a queue without TLS.
  refuse_plain = {
    Sid       = "RefuseWithoutTls"
    Effect    = "Deny"
    Action    = "sqs:*"
    Principal = "*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  rule_arns = [for rule in values(aws_cloudwatch_event_rule.missing) : rule.arn]
}

# First hop: what EventBridge could not hand over.
resource "aws_sqs_queue" "undelivered" {
  region                    = var.region
  name                      = "${var.name}-undelivered"
  message_retention_seconds = local.queue_settings.message_retention_seconds
  sqs_managed_sse_enabled   = local.queue_settings.sqs_managed_sse_enabled
  kms_master_key_id         = local.queue_settings.kms_master_key_id
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "undelivered" {
  region    = var.region
  queue_url = aws_sqs_queue.undelivered.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TakeFromRules"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.undelivered.arn
        Principal = { Service = "events.amazonaws.com" }
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arns } }
      },
      merge(local.refuse_plain, { Resource = aws_sqs_queue.undelivered.arn }),
    ]
  })
}

# Second hop: what the function failed at, each time. Its role has the right to send.
resource "aws_sqs_queue" "failed" {
  region                    = var.region
  name                      = "${var.name}-failed"
  message_retention_seconds = local.queue_settings.message_retention_seconds
  sqs_managed_sse_enabled   = local.queue_settings.sqs_managed_sse_enabled
  kms_master_key_id         = local.queue_settings.kms_master_key_id
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "failed" {
  region    = var.region
  queue_url = aws_sqs_queue.failed.url

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.refuse_plain, { Resource = aws_sqs_queue.failed.arn })]
  })
}

# The queue between, for those who want one.
resource "aws_sqs_queue" "buffer" {
  count = var.buffer == null ? 0 : 1

  region                     = var.region
  name                       = "${var.name}-buffer"
  message_retention_seconds  = max(var.event_age_seconds, 60)
  visibility_timeout_seconds = 6 * var.timeout # as Lambda's documentation asks
  sqs_managed_sse_enabled    = local.queue_settings.sqs_managed_sse_enabled
  kms_master_key_id          = local.queue_settings.kms_master_key_id
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = var.buffer.attempts
  })
}

resource "aws_sqs_queue_policy" "buffer" {
  count = var.buffer == null ? 0 : 1

  region    = var.region
  queue_url = aws_sqs_queue.buffer[0].url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TakeFromRules"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.buffer[0].arn
        Principal = { Service = "events.amazonaws.com" }
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arns } }
      },
      merge(local.refuse_plain, { Resource = aws_sqs_queue.buffer[0].arn }),
    ]
  })
}

resource "aws_lambda_event_source_mapping" "buffer" {
  count = var.buffer == null ? 0 : 1

  region                  = var.region
  event_source_arn        = aws_sqs_queue.buffer[0].arn
  function_name           = aws_lambda_function.this.function_name
  batch_size              = var.buffer.batch_size
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  scaling_config {
    maximum_concurrency = var.buffer.max_concurrent
  }
}
