# Sends the events of one account and region to the bus of the account that has the function.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {
  region = var.region
}

locals {
  queue_arn = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:${var.name}-undelivered"
}

resource "aws_cloudwatch_event_rule" "missing" {
  region        = var.region
  name          = var.name
  description   = "A push to an ECR repository that does not exist"
  event_pattern = jsonencode(jsondecode(file("${path.module}/../../event-pattern.json")))
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "bus" {
  region    = var.region
  rule      = aws_cloudwatch_event_rule.missing.name
  target_id = var.name
  arn       = var.bus_arn
  role_arn  = aws_iam_role.forwarder.arn

  retry_policy {
    maximum_event_age_in_seconds = var.event_age_seconds
    maximum_retry_attempts       = 24
  }

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }

  depends_on = [aws_iam_role_policy.forwarder]
}

resource "aws_iam_role" "forwarder" {
  name                 = "${var.name}-${data.aws_region.current.region}"
  description          = "Forwards events of missing ECR repositories"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.missing.arn } }
    }]
  })
}

resource "aws_iam_role_policy" "forwarder" {
  name = "forward"
  role = aws_iam_role.forwarder.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Forward"
      Effect   = "Allow"
      Action   = ["events:PutEvents"]
      Resource = [var.bus_arn]
    }]
  })
}

resource "aws_sqs_queue" "undelivered" {
  region                    = var.region
  name                      = "${var.name}-undelivered"
  message_retention_seconds = 14 * 86400
  sqs_managed_sse_enabled   = true
  tags                      = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TakeFromRule"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arn
        Principal = { Service = "events.amazonaws.com" }
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.missing.arn } }
      },
      {
        Sid       = "RefuseWithoutTls"
        Effect    = "Deny"
        Action    = "sqs:*"
        Resource  = local.queue_arn
        Principal = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# Nobody looks into a queue that says nothing.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = !var.alarms ? {} : {
    undelivered = {
      description = "Events that could not be forwarded lie in ${aws_sqs_queue.undelivered.name}"
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      statistic   = "Maximum"
      dimensions  = { QueueName = aws_sqs_queue.undelivered.name }
    }
    lost = {
      description = "An event was lost: EventBridge could not put it into ${aws_sqs_queue.undelivered.name}"
      namespace   = "AWS/Events"
      metric      = "InvocationsFailedToBeSentToDlq"
      statistic   = "Sum"
      dimensions  = { RuleName = aws_cloudwatch_event_rule.missing.name }
    }
  }

  region              = var.region
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
