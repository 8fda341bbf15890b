# The one that must be given.

variable "package" {
  description = "Path of the function's zip (`meson compile lambda-zip`)."
  type        = string

  validation {
    condition     = fileexists(var.package)
    error_message = "No such file. Build it with `meson compile -C build lambda-zip`, or name the zip that a release brought."
  }
}

# The settings of new repositories, named as in AWS's sample. Those of `config` go over them.

variable "IMAGE_TAG_MUTABILITY" {
  description = "Tag mutability of a new repository, where no rule says otherwise."
  type        = string
  default     = "IMMUTABLE"
  nullable    = false

  validation {
    condition     = contains(["MUTABLE", "IMMUTABLE"], var.IMAGE_TAG_MUTABILITY)
    error_message = "MUTABLE or IMMUTABLE. The forms with exclusions need their filters: write them as `defaults` of a rules file."
  }
}

variable "REPO_SCAN_ON_PUSH" {
  description = "Whether a new repository is scanned on push, where no rule says otherwise."
  type        = bool
  default     = true
  nullable    = false
}

variable "REPO_TAGS" {
  description = "Tags of a new repository; a rule's tags are added to them, key by key."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.REPO_TAGS) <= 50
    error_message = "A repository takes 50 tags at most."
  }

  validation {
    condition = alltrue([for key, value in var.REPO_TAGS :
    length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "A key has 1 to 128 characters and does not begin with `aws:`, a value has 256 at most."
  }
}

variable "SCAN_TYPE" {
  description = "BASIC or ENHANCED scanning. Takes effect only with `manage_registry_scanning`: it is the whole registry's."
  type        = string
  default     = "BASIC"
  nullable    = false

  validation {
    condition     = contains(["BASIC", "ENHANCED"], var.SCAN_TYPE)
    error_message = "BASIC or ENHANCED."
  }
}

variable "SCAN_FREQUENCY" {
  description = "SCAN_ON_PUSH, CONTINUOUS_SCAN (ENHANCED only) or MANUAL. Takes effect only with `manage_registry_scanning`."
  type        = string
  default     = "SCAN_ON_PUSH"
  nullable    = false

  validation {
    condition     = contains(["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"], var.SCAN_FREQUENCY)
    error_message = "SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL."
  }
}

variable "manage_registry_scanning" {
  description = "Set the registry's scanning configuration from SCAN_TYPE and SCAN_FREQUENCY. It belongs to all repositories of the account in the region, replaces what is there, and destroy leaves BASIC without rules."
  type        = bool
  default     = false
  nullable    = false
}

variable "scan_filters" {
  description = "Wildcards of the repositories that the registry's scanning configuration is to scan."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition     = length(var.scan_filters) >= 1 && alltrue([for f in var.scan_filters : can(regex("^[a-z0-9*](?:[._\\-/a-z0-9*]?[a-z0-9*]+)*$", f))])
    error_message = "At least one; lower case letters, digits, `*`, `.`, `_`, `-` and `/`."
  }
}

# Where, and under which name.

variable "region" {
  description = "Region to work in; null takes the provider's. `for_each` over regions needs no further provider."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "A region's name, as eu-west-1."
  }
}

variable "name" {
  description = "Name of the function and the beginning of all others; the role, which no region holds, has the region in its name."
  type        = string
  default     = "ecr-upsertd"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,39}$", var.name))
    error_message = "1 to 40 letters, digits and hyphens: a role's name has 64 at most, and the region follows."
  }
}

variable "tags" {
  description = "Tags of what this module makes (REPO_TAGS are those of the repositories)."
  type        = map(string)
  default     = {}
  nullable    = false
}

# The function.

variable "architecture" {
  description = "Architecture that the zip was built for: arm64 or x86_64."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "x86_64 or arm64."
  }
}

variable "memory_size" {
  description = "The function's memory in MiB."
  type        = number
  default     = 128
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "128 to 10240."
  }
}

variable "timeout" {
  description = "Seconds that one event may take, the waiting for a throttled API included."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout >= 5 && var.timeout <= 900 && floor(var.timeout) == var.timeout
    error_message = "5 to 900."
  }
}

variable "reserved_concurrency" {
  description = "Function instances at most, to spare the API's rate; -1 sets none."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "-1 or at least 1; 0 would stop the function."
  }
}

variable "config" {
  description = "The function's configuration, as a rules file holds it: `jsondecode(file(\"rules.json\"))`, or written here. Its `defaults` go over the settings above. Policies stand in it as objects, not as files."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.config))
    error_message = "An object, with the keys of a configuration file."
  }
}

variable "config_path" {
  description = "Where the function finds its configuration instead: /var/task/ecr-upsertd.json is that of the zip, /opt/… that of a layer. The settings above then have no effect."
  type        = string
  default     = null

  validation {
    condition     = var.config_path == null || can(regex("^/", var.config_path))
    error_message = "An absolute path inside of the function."
  }
}

variable "check_config_command" {
  description = "Command that checks `config` before the function changes, as `ecr-upsertd check-config`; ` --config FILE` is added. null: the pipeline has done so."
  type        = string
  default     = null
}

variable "layers" {
  description = "Layers of the function; their files appear under /opt."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.layers) <= 5
    error_message = "Lambda takes 5 layers at most."
  }
}

variable "environment" {
  description = "Further environment variables of the function, as AWS_USE_FIPS_ENDPOINT."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !contains(keys(var.environment), "ECR_UPSERTD_CONFIG")
    error_message = "ECR_UPSERTD_CONFIG comes from config and config_path."
  }
}

variable "tracing" {
  description = "Trace with X-Ray, and give the role the right to."
  type        = bool
  default     = false
  nullable    = false
}

# What the function may do.

variable "repository_prefixes" {
  description = "The function may create only below these names, as [\"team-a/\", \"ci/\"]; empty means any name."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for p in var.repository_prefixes : can(regex("^[a-z0-9][a-z0-9._/-]*$", p))])
    error_message = "The beginning of a repository's name, without wildcards."
  }
}

variable "repository_kms_key_arns" {
  description = "KMS keys that rules encrypt repositories with; the role gets the grants that ECR asks for."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.repository_kms_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", arn))])
    error_message = "ARNs of keys; an alias cannot be named in a policy."
  }
}

variable "read_creation_templates" {
  description = "Allow reading the registry's creation templates, which rules with `\"from\": \"ecr-template\"` need. ECR knows no resource for it: the statement has `*`."
  type        = bool
  default     = false
  nullable    = false
}

variable "assume_role_arns" {
  description = "Roles of other accounts that the function creates with (modules/creator-role), as `role_arn` of the rules file's registries names them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.assume_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "ARNs of roles, without wildcards."
  }
}

variable "regions" {
  description = "Regions that events come from and the function creates in, where others forward to this one; empty means this region only."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of the roles."
  type        = string
  default     = null
}

# Delivery, and what becomes of what fails.

variable "event_age_seconds" {
  description = "How long EventBridge tries to hand over an event, and Lambda to have it done; with `buffer`, how long one may wait there before an alarm rings."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.event_age_seconds >= 60 && var.event_age_seconds <= 21600
    error_message = "60 to 21600."
  }
}

variable "delivery_attempts" {
  description = "How often EventBridge tries again to hand over an event."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.delivery_attempts >= 0 && var.delivery_attempts <= 185
    error_message = "0 to 185."
  }
}

variable "function_attempts" {
  description = "How often Lambda tries an event again that the function failed at."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.function_attempts)
    error_message = "0, 1 or 2."
  }
}

variable "failed_retention_days" {
  description = "Days that the dead-letter queues keep an event."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.failed_retention_days >= 1 && var.failed_retention_days <= 14
    error_message = "1 to 14."
  }
}

variable "buffer" {
  description = "Put a queue between the rule and the function, so that bursts wait there; null for none."
  type = object({
    batch_size     = optional(number, 10)
    max_concurrent = optional(number, 2)
    attempts       = optional(number, 5)
  })
  default = null

  validation {
    condition     = var.buffer == null || try(var.buffer.batch_size >= 1 && var.buffer.batch_size <= 10 && var.buffer.max_concurrent >= 2 && var.buffer.max_concurrent <= 1000 && var.buffer.attempts >= 1, false)
    error_message = "batch_size 1 to 10, max_concurrent 2 to 1000, attempts at least 1."
  }
}

variable "rule_enabled" {
  description = "Whether events reach the function; false keeps everything in place and does nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "central_bus" {
  description = "Make a bus of this module's own that other accounts and regions forward to (modules/forwarder): by account numbers, or by the organization's id."
  type = object({
    account_ids     = optional(list(string), [])
    organization_id = optional(string)
  })
  default = null

  validation {
    condition = var.central_bus == null || try(
      alltrue([for id in var.central_bus.account_ids : can(regex("^[0-9]{12}$", id))]) &&
    (var.central_bus.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.central_bus.organization_id))), false)
    error_message = "account_ids are 12 digits each, organization_id begins with `o-`."
  }
}

# To be seen.

variable "log_retention_days" {
  description = "Days that the function's log is kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "alarms" {
  description = "Whether to make the alarms."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_on_denied" {
  description = "Alarm too when a rule denies a name; by default that is only counted and in the log."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_actions" {
  description = "ARNs that an alarm notifies, as an SNS topic's."
  type        = list(string)
  default     = []
  nullable    = false
}

# Around it.

variable "create_trail" {
  description = "Make a trail of write events. Without any trail EventBridge sees no ECR call; most accounts have one, and a second copy of the events is charged for."
  type        = bool
  default     = false
  nullable    = false
}

variable "trail_bucket" {
  description = "Existing bucket for the trail's files, with a policy that lets CloudTrail write; null makes one."
  type        = string
  default     = null
}

variable "trail_bucket_force_destroy" {
  description = "Whether destroy deletes the trail's bucket with all that is in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer key for the log, the queues and the function's environment. Its policy must let EventBridge and CloudWatch Logs use it, as that of `create_kms_key` does. null: keys that AWS owns."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "The ARN of a key."
  }
}

variable "create_kms_key" {
  description = "Make such a key."
  type        = bool
  default     = false
  nullable    = false
}

variable "creation_templates" {
  description = "ECR's own creation on push, by prefix (`ROOT` for all others): the alternative that needs no function. Tags or KMS need `custom_role_arn`."
  type = map(object({
    description                            = optional(string)
    applied_for                            = optional(set(string), ["CREATE_ON_PUSH"])
    image_tag_mutability                   = optional(string, "IMMUTABLE")
    image_tag_mutability_exclusion_filters = optional(list(string), [])
    encryption                             = optional(object({ type = string, kms_key = optional(string) }))
    tags                                   = optional(map(string), {})
    lifecycle_policy                       = optional(string)
    repository_policy                      = optional(string)
    custom_role_arn                        = optional(string)
  }))
  default  = {}
  nullable = false
}
