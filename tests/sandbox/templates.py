"""Repository creation templates and account settings, which moto does not have; and ECR's own
creation on push, which a template may ask for."""

import time
from typing import Any

from names import Registry
from sigv4 import Refused
from world import World

FIELDS = ("description", "encryptionConfiguration", "resourceTags", "imageTagMutability",
          "imageTagMutabilityExclusionFilters", "repositoryPolicy", "lifecyclePolicy",
          "appliedFor", "customRoleArn")
PAGE = 100


class Templates:
    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self.operations = {
            "CreateRepositoryCreationTemplate": self._create,
            "UpdateRepositoryCreationTemplate": self._update,
            "DeleteRepositoryCreationTemplate": self._delete,
            "DescribeRepositoryCreationTemplates": self._describe,
            "GetAccountSetting": self._get_setting,
            "PutAccountSetting": self._put_setting,
        }
        world.forgetters.append(self._forget)

    def _forget(self, account: str, region: str, name: str | None) -> None:
        if name is None:
            self._kept.clear()

    def call(self, operation: str, arguments: dict[str, Any], account: str,
             region: str) -> dict[str, Any]:
        kept = self._kept.setdefault((account, region), {})
        return {"registryId": account, **self.operations[operation](kept, arguments, account)}

    def _create(self, kept: dict[str, Any], arguments: dict[str, Any],
                account: str) -> dict[str, Any]:
        prefix = arguments.get("prefix", "")
        if not prefix or not arguments.get("appliedFor"):
            raise Refused("InvalidParameterException", "prefix and appliedFor are required")
        if prefix in kept:
            raise Refused("TemplateAlreadyExistsException",
                          f"A template with prefix '{prefix}' already exists in the registry with"
                          f" id '{account}'")
        kept[prefix] = {"prefix": prefix, "createdAt": time.time(), "imageTagMutability": "MUTABLE",
                        "encryptionConfiguration": {"encryptionType": "AES256"}}
        return self._update(kept, arguments, account)

    def _update(self, kept: dict[str, Any], arguments: dict[str, Any],
                account: str) -> dict[str, Any]:
        template = self._existing(kept, arguments, account)
        template.update({name: arguments[name] for name in FIELDS if name in arguments})
        template["updatedAt"] = time.time()
        return {"repositoryCreationTemplate": template}

    def _delete(self, kept: dict[str, Any], arguments: dict[str, Any],
                account: str) -> dict[str, Any]:
        template = self._existing(kept, arguments, account)
        del kept[template["prefix"]]
        return {"repositoryCreationTemplate": template}

    @staticmethod
    def _existing(kept: dict[str, Any], arguments: dict[str, Any], account: str) -> dict[str, Any]:
        prefix = arguments.get("prefix", "")
        if prefix not in kept:
            raise Refused("TemplateNotFoundException",
                          f"The template with prefix '{prefix}' does not exist in the registry with"
                          f" id '{account}'")
        return kept[prefix]

    @staticmethod
    def _describe(kept: dict[str, Any], arguments: dict[str, Any],
                  account: str) -> dict[str, Any]:
        wanted = arguments.get("prefixes")
        found = [kept[prefix] for prefix in sorted(kept) if not wanted or prefix in wanted]
        start = int(arguments.get("nextToken", 0))
        end = start + int(arguments.get("maxResults", PAGE))
        more = {"nextToken": str(end)} if end < len(found) else {}
        return {"repositoryCreationTemplates": found[start:end], **more}

    def _get_setting(self, kept: dict[str, Any], arguments: dict[str, Any],
                     account: str) -> dict[str, Any]:
        on = self.world.settings.blob_mounting and arguments.get("name") == "BLOB_MOUNTING"
        return {"name": arguments.get("name"), "value": "ENABLED" if on else "DISABLED"}

    def _put_setting(self, kept: dict[str, Any], arguments: dict[str, Any],
                     account: str) -> dict[str, Any]:
        if arguments.get("name") == "BLOB_MOUNTING":
            self.world.settings.blob_mounting = arguments.get("value") == "ENABLED"
        return {"name": arguments.get("name"), "value": arguments.get("value")}

    def create_on_push(self, registry: Registry, name: str) -> bool:
        """What ECR does before it answers a push; True when a template has made the repository."""
        kept = self._kept.get((registry.account, registry.region), {})
        fitting = [prefix for prefix in kept if name.startswith(prefix.rstrip("/") + "/")]
        template = kept.get(max(fitting, key=len) if fitting else "ROOT")
        if template is None or "CREATE_ON_PUSH" not in template["appliedFor"]:
            return False
        where = (registry.account, registry.region)
        create = {key: template[key] for key in FIELDS[1:5] if key in template}
        if "resourceTags" in create:
            create["tags"] = create.pop("resourceTags")
        self.world.state.ecr("CreateRepository", {"repositoryName": name, **create}, *where)
        if "lifecyclePolicy" in template:
            self.world.state.ecr("PutLifecyclePolicy", {
                "repositoryName": name, "lifecyclePolicyText": template["lifecyclePolicy"]}, *where)
        if "repositoryPolicy" in template:
            self.world.state.ecr("SetRepositoryPolicy", {
                "repositoryName": name, "policyText": template["repositoryPolicy"]}, *where)
        return True
