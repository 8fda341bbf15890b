locals {
  # A push that did not find its repository. A pull of a typo is none of these, and no reading call is.
  event_pattern = jsonencode(jsondecode(file("${path.module}/event-pattern.json")))

  buses = merge(
    { default = "default" },
    var.central_bus == null ? {} : { central = one(aws_cloudwatch_event_bus.central[*].name) },
  )

  target_arn = var.buffer == null ? aws_lambda_function.this.arn : one(aws_sqs_queue.buffer[*].arn)
}

resource "aws_cloudwatch_event_rule" "missing" {
  for_each = local.buses

  region         = var.region
  name           = var.name
  description    = "A push to an ECR repository that does not exist"
  event_bus_name = each.value
  event_pattern  = local.event_pattern
  state          = var.rule_enabled ? "ENABLED" : "DISABLED"
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "missing" {
  for_each = local.buses

  region         = var.region
  rule           = aws_cloudwatch_event_rule.missing[each.key].name
  event_bus_name = each.value
  target_id      = var.name
  arn            = local.target_arn

  retry_policy {
    maximum_event_age_in_seconds = var.event_age_seconds
    maximum_retry_attempts       = var.delivery_attempts
  }

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }

  # An event that comes before these is refused and lies in the dead-letter queue.
  depends_on = [aws_lambda_permission.events, aws_lambda_function_event_invoke_config.this]
}

resource "aws_lambda_permission" "events" {
  for_each = var.buffer == null ? local.buses : {}

  region         = var.region
  statement_id   = "events-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.missing[each.key].arn
  source_account = local.account
}

# The bus that others forward to.

resource "aws_cloudwatch_event_bus" "central" {
  count = var.central_bus == null ? 0 : 1

  region = var.region
  name   = var.name
  tags   = var.tags
}

resource "aws_cloudwatch_event_bus_policy" "central" {
  count = var.central_bus == null ? 0 : 1

  region         = var.region
  event_bus_name = aws_cloudwatch_event_bus.central[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "Accounts"
        Effect    = "Allow"
        Action    = "events:PutEvents"
        Resource  = aws_cloudwatch_event_bus.central[0].arn
        Principal = { AWS = [for id in distinct(concat([local.account], var.central_bus.account_ids)) : "arn:${local.partition}:iam::${id}:root"] }
      }],
      var.central_bus.organization_id == null ? [] : [{
        Sid       = "Organization"
        Effect    = "Allow"
        Action    = "events:PutEvents"
        Resource  = aws_cloudwatch_event_bus.central[0].arn
        Principal = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = var.central_bus.organization_id } }
      }],
    )
  })
}
