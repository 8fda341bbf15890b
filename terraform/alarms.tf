locals {
  function_dimensions = { FunctionName = aws_lambda_function.this.function_name }

  # The function's own metrics, which CloudWatch reads from its log (src/lambda_report.c).
  own_namespace = "ecr-upsertd"

  alarms = !var.alarms ? {} : merge(
    {
      undelivered = {
        description = "Events that EventBridge could not hand over lie in ${aws_sqs_queue.undelivered.name}"
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        statistic   = "Maximum"
        dimensions  = { QueueName = aws_sqs_queue.undelivered.name }
      }
      failed = {
        description = "Repositories that could not be created: their events lie in ${aws_sqs_queue.failed.name}"
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        statistic   = "Maximum"
        dimensions  = { QueueName = aws_sqs_queue.failed.name }
      }
      errors = {
        description = "The function failed: its log is ${aws_cloudwatch_log_group.function.name}"
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        statistic   = "Sum"
        dimensions  = local.function_dimensions
      }
      # Each time, not only the last: what a buffer's batch hands back is no error of Lambda's.
      not-created = {
        description = "Repositories were not created: why is in the log ${aws_cloudwatch_log_group.function.name}"
        namespace   = local.own_namespace
        metric      = "Failed"
        statistic   = "Sum"
        dimensions  = local.function_dimensions
      }
      throttles = {
        description = "Lambda had no room for the function"
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        statistic   = "Sum"
        dimensions  = local.function_dimensions
      }
      # Lost for good: the queue that was to keep it did not take it.
      lost = {
        description = "An event was lost: its dead-letter queue refused it"
        namespace   = "AWS/Lambda"
        metric      = "DestinationDeliveryFailures"
        statistic   = "Sum"
        dimensions  = local.function_dimensions
      }
    },
    { for key, rule in aws_cloudwatch_event_rule.missing : "lost-${key}" => {
      description = "An event was lost: EventBridge could not put it into ${aws_sqs_queue.undelivered.name}"
      namespace   = "AWS/Events"
      metric      = "InvocationsFailedToBeSentToDlq"
      statistic   = "Sum"
      dimensions  = key == "default" ? { RuleName = rule.name } : { EventBusName = rule.event_bus_name, RuleName = rule.name }
    } },
    !var.alarm_on_denied ? {} : { denied = {
      description = "A rule denied a repository: which is in the log ${aws_cloudwatch_log_group.function.name}"
      namespace   = local.own_namespace
      metric      = "Denied"
      statistic   = "Sum"
      dimensions  = local.function_dimensions
    } },
    { for queue in aws_sqs_queue.buffer : "waiting" => {
      description = "Events have waited in ${queue.name} for longer than ${var.event_age_seconds} s"
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      statistic   = "Maximum"
      dimensions  = { QueueName = queue.name }
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  region              = var.region
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.key == "waiting" ? var.event_age_seconds : 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
