resource "aws_ecr_repository_creation_template" "this" {
  for_each = var.templates

  region               = var.region
  prefix               = each.key
  applied_for          = each.value.applied_for
  description          = each.value.description
  image_tag_mutability = each.value.image_tag_mutability
  resource_tags        = length(each.value.tags) == 0 ? null : each.value.tags
  lifecycle_policy     = each.value.lifecycle_policy
  repository_policy    = each.value.repository_policy
  custom_role_arn      = each.value.custom_role_arn

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = each.value.image_tag_mutability_exclusion_filters

    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }

  dynamic "encryption_configuration" {
    for_each = each.value.encryption == null ? [] : [each.value.encryption]

    content {
      encryption_type = encryption_configuration.value.type
      kms_key         = encryption_configuration.value.kms_key
    }
  }
}
