variable "function_role_arn" {
  description = "The role that may take this one (output `role_arn` of the main module)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", var.function_role_arn))
    error_message = "The ARN of a role."
  }
}

variable "regions" {
  description = "Regions in which it may create; empty takes the provider's."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Name of the role."
  type        = string
  default     = "ecr-upsertd-creator"
  nullable    = false
}

variable "external_id" {
  description = "External id that must be given, as `external_id` of the rules file's registry; null asks for none."
  type        = string
  default     = null
}

variable "repository_kms_key_arns" {
  description = "KMS keys that rules encrypt repositories with; the role gets the grants that ECR asks for."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "read_creation_templates" {
  description = "Allow reading the registry's creation templates, which rules with `\"from\": \"ecr-template\"` need."
  type        = bool
  default     = false
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of the role."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
