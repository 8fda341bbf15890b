"""aws_ecr_*"""

from __future__ import annotations

from typing import Any

from base import Resource, Values, block, known_as, renamed


def filters(values: Values) -> list[dict[str, str]] | None:
    found = values.get("image_tag_mutability_exclusion_filter") or []
    return [{"filterType": one["filter_type"], "filter": one["filter"]} for one in found] or None


def encryption(values: Values) -> dict[str, str] | None:
    found = block(values, "encryption_configuration")
    if not found:
        return None
    return {"encryptionType": found.get("encryption_type") or "AES256",
            **renamed(found, kmsKey="kms_key")}


@known_as("aws_ecr_repository")
class Repository(Resource):
    service = "ecr"
    replacing = ("name", "encryption_configuration")

    def create(self, new: Values) -> dict[str, Any]:
        scanning = block(new, "image_scanning_configuration")
        made = self.call(
            "create_repository", repositoryName=new["name"], tags=self.tags(new),
            encryptionConfiguration=encryption(new),
            imageTagMutabilityExclusionFilters=filters(new),
            imageScanningConfiguration={"scanOnPush": scanning["scan_on_push"]} if scanning
            else None,
            **renamed(new, imageTagMutability="image_tag_mutability"))["repository"]
        return {"arn": made["repositoryArn"], "id": new["name"], "registry_id": made["registryId"],
                "repository_url": made["repositoryUri"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        [found] = self.call("describe_repositories", repositoryNames=[now["name"]])["repositories"]
        self.call("list_tags_for_resource", resourceArn=found["repositoryArn"])
        return {"image_tag_mutability": found["imageTagMutability"]}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        name, scanning = new["name"], block(new, "image_scanning_configuration")
        if new["image_tag_mutability"] != old["image_tag_mutability"]:
            self.call("put_image_tag_mutability", repositoryName=name,
                      imageTagMutability=new["image_tag_mutability"])
        if scanning != block(old, "image_scanning_configuration"):
            self.call("put_image_scanning_configuration", repositoryName=name,
                      imageScanningConfiguration={"scanOnPush": scanning["scan_on_push"]})
        self.retag(new["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_repository", repositoryName=old["name"],
                  force=bool(old.get("force_delete")))


@known_as("aws_ecr_lifecycle_policy")
class LifecyclePolicy(Resource):
    service = "ecr"
    replacing = ("repository",)

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("put_lifecycle_policy", repositoryName=new["repository"],
                         lifecyclePolicyText=new["policy"])
        return {"id": new["repository"], "registry_id": made["registryId"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_lifecycle_policy", repositoryName=now["repository"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_lifecycle_policy", repositoryName=old["repository"])


@known_as("aws_ecr_repository_policy")
class RepositoryPolicy(Resource):
    service = "ecr"
    replacing = ("repository",)

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("set_repository_policy", repositoryName=new["repository"],
                         policyText=new["policy"])
        return {"id": new["repository"], "registry_id": made["registryId"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_repository_policy", repositoryName=now["repository"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_repository_policy", repositoryName=old["repository"])


@known_as("aws_ecr_registry_scanning_configuration")
class Scanning(Resource):
    service = "ecr"

    def create(self, new: Values) -> dict[str, Any]:
        rules = [{"scanFrequency": rule["scan_frequency"], "repositoryFilters": [
            {"filter": one["filter"], "filterType": one["filter_type"]}
            for one in rule["repository_filter"]]} for rule in new.get("rule") or []]
        self.call("put_registry_scanning_configuration", scanType=new["scan_type"], rules=rules)
        return {"id": self.cloud.account, "registry_id": self.cloud.account}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("get_registry_scanning_configuration")["scanningConfiguration"]
        return {"scan_type": found["scanType"]}

    def delete(self, old: Values) -> None:
        self.call("put_registry_scanning_configuration", scanType="BASIC", rules=[])


@known_as("aws_ecr_repository_creation_template")
class CreationTemplate(Resource):
    service = "ecr"
    replacing = ("prefix",)

    def _settings(self, new: Values) -> dict[str, Any]:
        # A template's tags, unlike a resource's own, are a plain attribute.
        tags = new.get("resource_tags") or {}
        return {"encryptionConfiguration": encryption(new),
                "imageTagMutabilityExclusionFilters": filters(new),
                "resourceTags": self._form(tags) if tags else None,
                **renamed(new, prefix="prefix", description="description", appliedFor="applied_for",
                          imageTagMutability="image_tag_mutability",
                          customRoleArn="custom_role_arn", lifecyclePolicy="lifecycle_policy",
                          repositoryPolicy="repository_policy")}

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("create_repository_creation_template", **self._settings(new))
        return {"id": new["prefix"], "registry_id": made["registryId"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("describe_repository_creation_templates", prefixes=[now["prefix"]])
        return {} if found["repositoryCreationTemplates"] else None

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.call("update_repository_creation_template", **self._settings(new))
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_repository_creation_template", prefix=old["prefix"])
