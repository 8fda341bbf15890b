variable "region" {
  description = "Region of the registry; null takes the provider's."
  type        = string
  default     = null
}

variable "templates" {
  description = "Repository creation templates by prefix; `ROOT` is for all names that no longer prefix fits."
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
  nullable = false

  validation {
    condition = alltrue([for prefix in keys(var.templates) :
    can(regex("^([a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT)$", prefix))])
    error_message = "A prefix is the beginning of a repository's name up to a slash, without wildcards, or ROOT."
  }

  validation {
    condition = alltrue([for t in values(var.templates) : t.custom_role_arn != null ||
    (length(t.tags) == 0 && try(t.encryption.type, "AES256") == "AES256")])
    error_message = "A template with tags or KMS encryption needs custom_role_arn: ECR creates with that role then."
  }

  validation {
    condition = alltrue([for t in values(var.templates) :
    endswith(t.image_tag_mutability, "_WITH_EXCLUSION") == (length(t.image_tag_mutability_exclusion_filters) > 0)])
    error_message = "Exclusion filters go with IMMUTABLE_WITH_EXCLUSION and MUTABLE_WITH_EXCLUSION, and only with them."
  }
}
