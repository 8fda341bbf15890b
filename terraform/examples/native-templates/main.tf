# From rules to ECR's own repository creation templates. `rules` are the `rules` and `defaults` of a
# rules file (its comments taken out): those that a template can express become one, and `kept` names
# the others with the reason. Deploy the daemon or the function for these, or do without.

variable "config_json" {
  description = "A configuration file of ecr-upsertd as JSON, without comments."
  type        = string
  default     = <<-EOT
    { "defaults": { "image_tag_mutability": "IMMUTABLE" },
      "rules": [
        { "name": "no-prod", "match": "prod/**", "action": "deny" },
        { "name": "cache", "match": "cache/**", "settings": { "image_tag_mutability": "MUTABLE" } },
        { "name": "team-a", "match": "team-a/**", "settings": { "tags": { "owner": "$${user}" } } },
        { "name": "rest", "match": "**" } ] }
  EOT
}

variable "custom_role_arn" {
  description = "Role that ECR creates with where tags or KMS are set; its policy is in README.md."
  type        = string
  default     = null
}

locals {
  config   = jsondecode(var.config_json)
  defaults = merge({ image_tag_mutability = "IMMUTABLE" }, try(local.config.defaults, {}))

  # A rule after one for all names is never asked.
  rules = [for number, rule in try(local.config.rules, []) : merge(rule, {
    name = try(rule.name, "rule ${number + 1}")
    settings = merge(local.defaults, try(rule.settings, {}), {
      tags = merge(try(local.defaults.tags, {}), try(rule.settings.tags, {}))
    })
  })]

  # Why a rule cannot be a template; empty: it can.
  reasons = { for rule in local.rules : rule.name => compact([
    try(rule.action, "create") != "create" ? "a template cannot ${rule.action}" : "",
    can(regex("^([a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*/)*\\*\\*$", rule.match)) ? "" : "a template matches a path prefix only",
    try(rule.registry, null) == null ? "" : "a template belongs to one registry",
    length(regexall("\\$\\{", jsonencode(rule.settings.tags))) == 0 ? "" : "a template's tags are fixed",
    try(rule.settings.scan_on_push, true) ? "" : "a template has no scanning: the registry's configuration decides",
    can(rule.settings.from) ? "it takes its settings from a template already" : "",
    can(rule.settings.lifecycle_policy_file) || can(rule.settings.repository_policy_file) ? "its policies are files: write them inline" : "",
    var.custom_role_arn == null && (length(rule.settings.tags) > 0 || try(rule.settings.encryption.type, "AES256") != "AES256") ? "tags and KMS need custom_role_arn" : "",
  ]) }

  # Templates go by the longest prefix, rules by the first match: a shorter prefix before a longer one
  # would turn around.
  templates = { for rule in reverse(local.rules) :
    rule.match == "**" ? "ROOT" : trimsuffix(rule.match, "**") => {
      description                            = "Rule ${rule.name}"
      image_tag_mutability                   = rule.settings.image_tag_mutability
      image_tag_mutability_exclusion_filters = try(rule.settings.image_tag_mutability_exclusion_filters, [])
      encryption                             = try(rule.settings.encryption, null)
      tags                                   = rule.settings.tags
      lifecycle_policy                       = try(jsonencode(rule.settings.lifecycle_policy), null)
      repository_policy                      = try(jsonencode(rule.settings.repository_policy), null)
      custom_role_arn                        = length(rule.settings.tags) > 0 || try(rule.settings.encryption.type, "AES256") != "AES256" ? var.custom_role_arn : null
  }... if length(local.reasons[rule.name]) == 0 }
}

module "creation_templates" {
  source = "../../modules/creation-templates"

  templates = { for prefix, same in local.templates : prefix => same[length(same) - 1] }
}

output "templates" {
  description = "Prefixes that ECR creates by itself now."
  value       = module.creation_templates.prefixes
}

output "kept" {
  description = "Rules that no template expresses, and why."
  value       = { for name, reasons in local.reasons : name => reasons if length(reasons) > 0 }
}
