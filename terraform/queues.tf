# Policies stand in the queues themselves: no queue is ever there without its own.

locals {
  queue_arns = { for what in ["undelivered", "failed", "buffer"] :
  what => "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-${what}" }

  # SQS's own encryption where no key is given.
  queue_key     = local.kms_key_arn
  queue_sse     = local.kms_key_arn == null ? true : null
  queue_seconds = var.failed_retention_days * 86400

  # What a rule hands over, or could not hand over.
  take_from_rules = {
    Sid       = "TakeFromRules"
    Effect    = "Allow"
    Action    = "sqs:SendMessage"
    Principal = { Service = "events.amazonaws.com" }
    Condition = { ArnEquals = { "aws:SourceArn" = [for rule in values(aws_cloudwatch_event_rule.missing) : rule.arn] } }
  }

  refuse_plain = {
    Sid       = "RefuseWithoutTls"
    Effect    = "Deny"
    Action    = "sqs:*"
    Principal = "*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

# First hop: what EventBridge could not hand over.
resource "aws_sqs_queue" "undelivered" {
  region                    = var.region
  name                      = "${var.name}-undelivered"
  message_retention_seconds = local.queue_seconds
  sqs_managed_sse_enabled   = local.queue_sse
  kms_master_key_id         = local.queue_key
  tags                      = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [local.take_from_rules, local.refuse_plain] :
    merge(statement, { Resource = local.queue_arns.undelivered })]
  })
}

# Second hop: what the function failed at, each time. Its role has the right to send.
resource "aws_sqs_queue" "failed" {
  region                    = var.region
  name                      = "${var.name}-failed"
  message_retention_seconds = local.queue_seconds
  sqs_managed_sse_enabled   = local.queue_sse
  kms_master_key_id         = local.queue_key
  tags                      = var.tags

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.refuse_plain, { Resource = local.queue_arns.failed })]
  })
}

# The queue between, for those who want one.
resource "aws_sqs_queue" "buffer" {
  count = var.buffer == null ? 0 : 1

  region                     = var.region
  name                       = "${var.name}-buffer"
  message_retention_seconds  = local.queue_seconds # a long burst must not age an event out, past `failed`
  visibility_timeout_seconds = 6 * var.timeout     # as Lambda's documentation asks
  sqs_managed_sse_enabled    = local.queue_sse
  kms_master_key_id          = local.queue_key
  tags                       = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [local.take_from_rules, local.refuse_plain] :
    merge(statement, { Resource = local.queue_arns.buffer })]
  })

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = var.buffer.attempts
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
