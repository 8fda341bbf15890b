output "role_arn" {
  description = "ARN of the role: for `assume_role_arns` of the main module and `role_arn` of the rules file's registry."
  value       = aws_iam_role.creator.arn
}
