variable "bus_arn" {
  description = "The central bus (output `bus_arn` of the main module)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/", var.bus_arn))
    error_message = "The ARN of an event bus."
  }
}

variable "region" {
  description = "Region to forward from; null takes the provider's."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the rule and the queue; the role has the region in its name too."
  type        = string
  default     = "ecr-upsertd-forward"
  nullable    = false
}

variable "event_age_seconds" {
  description = "How long EventBridge tries to hand over an event."
  type        = number
  default     = 3600
  nullable    = false
}

variable "alarms" {
  description = "Whether to make the alarms."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_actions" {
  description = "ARNs that an alarm notifies, as an SNS topic's of this account and region."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of the role."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of what this module makes."
  type        = map(string)
  default     = {}
  nullable    = false
}
