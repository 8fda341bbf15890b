output "prefixes" {
  description = "Prefixes that have a template."
  value       = [for template in values(aws_ecr_repository_creation_template.this) : template.prefix]
}
