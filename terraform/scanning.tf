# The whole registry's, hence opt-in: all repositories of the account in the region are scanned by it.
resource "aws_ecr_registry_scanning_configuration" "this" {
  count = var.manage_registry_scanning ? 1 : 0

  region    = var.region
  scan_type = var.SCAN_TYPE

  # MANUAL is what a repository has that no rule names.
  dynamic "rule" {
    for_each = var.SCAN_FREQUENCY == "MANUAL" ? [] : [var.SCAN_FREQUENCY]

    content {
      scan_frequency = rule.value

      dynamic "repository_filter" {
        for_each = var.scan_filters

        content {
          filter      = repository_filter.value
          filter_type = "WILDCARD"
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.SCAN_TYPE == "ENHANCED" || var.SCAN_FREQUENCY != "CONTINUOUS_SCAN"
      error_message = "SCAN_FREQUENCY = CONTINUOUS_SCAN needs SCAN_TYPE = ENHANCED."
    }
  }
}
