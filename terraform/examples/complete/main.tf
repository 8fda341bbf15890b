# Everything that one account in one region may want.

provider "aws" {
  default_tags {
    tags = { "managed-by" = "terraform" }
  }
}

resource "aws_sns_topic" "operators" {
  name = "ecr-upsertd-alarms"
}

module "ecr_upsertd" {
  source = "../.."

  package      = var.package
  architecture = "arm64"

  # What a new repository is like where no rule says otherwise.
  IMAGE_TAG_MUTABILITY = "IMMUTABLE"
  REPO_SCAN_ON_PUSH    = true
  REPO_TAGS            = { "created-by" = "ecr-upsertd" }

  config = {
    rules = [
      { name = "no-prod", match = "**/prod", action = "deny", reason = "ask platform@" },
      { name = "cache", match = "**/cache", settings = { image_tag_mutability = "MUTABLE" } },
      { name = "rest", match = "**", settings = { tags = { "pushed-by" = "$${user}" } } },
    ]
  }

  # The whole registry's: see README.md before setting it.
  manage_registry_scanning = true
  SCAN_TYPE                = "ENHANCED"
  SCAN_FREQUENCY           = "CONTINUOUS_SCAN"
  scan_filters             = ["team-a/*", "team-b/*"]

  # The function may create for these teams, whatever its rules say.
  repository_prefixes = ["team-a/", "team-b/"]

  # Bursts wait in a queue; two functions at most ask ECR at once.
  buffer = { batch_size = 10, max_concurrent = 2, attempts = 5 }

  create_kms_key     = true
  log_retention_days = 90
  alarm_actions      = [aws_sns_topic.operators.arn]

  create_trail               = true
  trail_bucket_force_destroy = true

  # These names need no rule: ECR creates them itself, before the push fails.
  creation_templates = {
    "cache/" = {
      description          = "Build caches, gone after two weeks"
      image_tag_mutability = "MUTABLE"
      lifecycle_policy     = file("${path.module}/cache.json")
    }
  }
}

output "queues" {
  description = "Where to look when an alarm rings."
  value       = [module.ecr_upsertd.undelivered_queue_url, module.ecr_upsertd.failed_queue_url]
}
