output "rule_arn" {
  description = "ARN of the rule that forwards."
  value       = aws_cloudwatch_event_rule.missing.arn
}

output "undelivered_queue_url" {
  description = "URL of the queue with what could not be forwarded."
  value       = aws_sqs_queue.undelivered.url
}
