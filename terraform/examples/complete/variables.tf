variable "package" {
  description = "Path of the zip that `meson compile lambda-zip` makes."
  type        = string
}
