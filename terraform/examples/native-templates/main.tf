# From rules to ECR's own repository creation templates. `rules` are the `rules` and `defaults` of a
# rules file (its comments taken out): those that a template can express become one, and `kept` names
# the others with the reason. Deploy the daemon or the function for these, or do without.

variable "config_json" {
  description = "A configuration file of ecr-upsertd as JSON, without comments."
  type        = string
  default     = <<-EOT
    { "defaults": { "image_tag_mutability": "IMMUTABLE" },
      "rules": [
        { "name": "cache", "match": "cache/**", "settings": { "image_tag_mutability": "MUTABLE" } },
        { "name": "no-prod", "match": "prod/**", "action": "deny" },
        { "name": "team-a", "match": "team-a/**", "settings": { "tags": { "owner": "$${user}" } } } ] }
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

  # What no rule matches is created with the defaults: a last rule for all names.
  rules = [for number, rule in concat([for rule in try(local.config.rules, []) : rule], [{ name = "defaults", match = "**" }]) : {
    name     = try(rule.name, "rule ${number + 1}")
    match    = rule.match
    action   = try(rule.action, "create")
    registry = try(rule.registry, null)
    settings = merge(local.defaults, try(rule.settings, {}))
    tags     = merge(try(local.defaults.tags, {}), try(rule.settings.tags, {}))

    # All names that it may match begin so.
    prefix = regex("^[^*?{]*", rule.match)
  }]

  needs_role = [for rule in local.rules :
  length(rule.tags) > 0 || try(rule.settings.encryption.type, "AES256") != "AES256"]

  # Why a rule by itself cannot be a template; empty: it can.
  own_reasons = [for number, rule in local.rules : compact([
    rule.action == "create" ? "" : "a template cannot ${rule.action}",
    can(regex("^([a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*/)*\\*\\*$", rule.match)) ? "" : "a template matches a path prefix only",
    rule.registry == null ? "" : "a template belongs to one registry",
    strcontains(jsonencode(rule.tags), "$${") ? "a template's tags are fixed" : "",
    try(rule.settings.scan_on_push, true) ? "" : "a template has no scanning: the registry's configuration decides",
    can(rule.settings.from) ? "its settings come from a template already" : "",
    can(rule.settings.lifecycle_policy_file) || can(rule.settings.repository_policy_file) ? "its policies are files: write them inline" : "",
    var.custom_role_arn == null && local.needs_role[number] ? "tags and KMS need custom_role_arn" : "",
  ])]

  # The first rule that matches decides, but the longest prefix of all templates: so a rule must not
  # overtake one before it that is no template, and one that is never asked must stay so.
  reasons = [for number, rule in local.rules : concat(
    local.own_reasons[number],
    [for earlier in slice(local.rules, 0, number) : "rule ${earlier.name} before it would be passed over"
      if length(local.own_reasons[index(local.rules, earlier)]) > 0 &&
    (startswith(rule.prefix, earlier.prefix) || startswith(earlier.prefix, rule.prefix))],
    [for earlier in slice(local.rules, 0, number) : "rule ${earlier.name} before it takes all its names"
      if length(local.own_reasons[index(local.rules, earlier)]) == 0 &&
    startswith(rule.prefix, earlier.prefix)],
  )]

  templates = { for number, rule in local.rules : (rule.prefix == "" ? "ROOT" : rule.prefix) => {
    description                            = "Rule ${rule.name}"
    image_tag_mutability                   = rule.settings.image_tag_mutability
    image_tag_mutability_exclusion_filters = endswith(rule.settings.image_tag_mutability, "_WITH_EXCLUSION") ? try(rule.settings.image_tag_mutability_exclusion_filters, []) : [] # plain drops the defaults'
    encryption                             = try(rule.settings.encryption, null)
    tags                                   = rule.tags
    lifecycle_policy                       = try(jsonencode(rule.settings.lifecycle_policy), null)
    repository_policy                      = try(jsonencode(rule.settings.repository_policy), null)
    custom_role_arn                        = local.needs_role[number] ? var.custom_role_arn : null
  } if length(local.reasons[number]) == 0 }
}

module "creation_templates" {
  source = "../../modules/creation-templates"

  templates = local.templates
}

output "templates" {
  description = "Prefixes that ECR creates by itself now."
  value       = module.creation_templates.prefixes
}

output "kept" {
  description = "Rules that no template expresses, and why."
  value       = { for number, rule in local.rules : rule.name => local.reasons[number] if length(local.reasons[number]) > 0 }
}
