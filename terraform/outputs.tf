output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "role_arn" {
  description = "ARN of the function's role: what modules/creator-role trusts."
  value       = aws_iam_role.function.arn
}

output "role_name" {
  description = "Name of the function's role, to attach more to."
  value       = aws_iam_role.function.name
}

output "rule_arns" {
  description = "ARNs of the event rules, by bus: `default`, and `central` where there is one."
  value       = { for key, rule in aws_cloudwatch_event_rule.missing : key => rule.arn }
}

output "bus_arn" {
  description = "ARN of the central bus: what modules/forwarder sends to; null without one."
  value       = one(aws_cloudwatch_event_bus.central[*].arn)
}

output "undelivered_queue_url" {
  description = "URL of the queue with what EventBridge could not hand over."
  value       = aws_sqs_queue.undelivered.url
}

output "failed_queue_url" {
  description = "URL of the queue with what the function failed at."
  value       = aws_sqs_queue.failed.url
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.function.name
}

output "kms_key_arn" {
  description = "ARN of the key in use; null where AWS's own keys are."
  value       = local.kms_key_arn
}

output "trail_arn" {
  description = "ARN of the trail; null without one."
  value       = one(aws_cloudtrail.this[*].arn)
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = [for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.alarm_name]
}
