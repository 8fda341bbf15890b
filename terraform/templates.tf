# ECR's own creation on push, for the names that need no more than a prefix and fixed settings.
module "creation_templates" {
  source = "./modules/creation-templates"

  region    = var.region
  templates = var.creation_templates
}
