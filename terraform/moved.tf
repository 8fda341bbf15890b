# The addresses of AWS's sample (amazon-ecr-dynamic-repository-creation): with `name` as it was, its
# function, rule and log stay what they are and change in place. See README.md, "From AWS's sample".

moved {
  from = aws_cloudwatch_log_group.this
  to   = aws_cloudwatch_log_group.function
}

moved {
  from = aws_iam_role.this
  to   = aws_iam_role.function
}

moved {
  from = aws_iam_role_policy.this
  to   = aws_iam_role_policy.function
}

moved {
  from = aws_cloudwatch_event_rule.this
  to   = aws_cloudwatch_event_rule.missing["default"]
}

moved {
  from = aws_cloudwatch_event_target.this
  to   = aws_cloudwatch_event_target.missing["default"]
}

moved {
  from = aws_lambda_permission.this
  to   = aws_lambda_permission.events["default"]
}
