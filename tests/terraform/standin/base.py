"""What all resource types share: a class for each, found by its name in Terraform."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloud import Cloud

Values = Mapping[str, Any]
TYPES: dict[str, type[Resource]] = {}

# How each service is told tags: operations, arguments, and whether tags are a map or a list.
TAGGING = {
    "cloudtrail": ("add_tags", "remove_tags", "ResourceId", "TagsList", "TagsList"),
    "cloudwatch": ("tag_resource", "untag_resource", "ResourceARN", "Tags", "TagKeys"),
    "ecr": ("tag_resource", "untag_resource", "resourceArn", "tags", "tagKeys"),
    "events": ("tag_resource", "untag_resource", "ResourceARN", "Tags", "TagKeys"),
    "iam": ("tag_role", "untag_role", "RoleName", "Tags", "TagKeys"),
    "kms": ("tag_resource", "untag_resource", "KeyId", "Tags", "TagKeys"),
    "lambda": ("tag_resource", "untag_resource", "Resource", "Tags", "TagKeys"),
    "logs": ("tag_resource", "untag_resource", "resourceArn", "tags", "tagKeys"),
    "sns": ("tag_resource", "untag_resource", "ResourceArn", "Tags", "TagKeys"),
    "sqs": ("tag_queue", "untag_queue", "QueueUrl", "Tags", "TagKeys"),
}
TAGS_AS_MAP = ("lambda", "logs", "sqs")


def block(values: Values, name: str) -> dict[str, Any]:
    """The only block of that name, empty where there is none."""
    found = values.get(name) or []
    return found[0] or {} if found else {}


def renamed(values: Values, **names: str) -> dict[str, Any]:
    """The API's arguments (names' keys) from Terraform's attributes (their values)."""
    return {api: values[attribute] for api, attribute in names.items()
            if values.get(attribute) is not None}


def given_name(values: Values, attribute: str = "name") -> str:
    if values.get(attribute):
        return str(values[attribute])
    return (values.get(attribute + "_prefix") or "terraform-") + uuid.uuid4().hex[:20]


def known_as(name: str) -> Callable[[type[Resource]], type[Resource]]:
    def add(cls: type[Resource]) -> type[Resource]:
        TYPES[name] = cls
        return cls
    return add


class Resource:
    """One call of Terraform about one resource. Attributes go in and come out as the schema names
    them; `create` and `update` return the computed ones, `read` None for what is gone."""

    service = ""
    # Attributes whose change makes a new one; `region` always does.
    replacing: tuple[str, ...] = ()

    def __init__(self, cloud: Cloud, region: str | None) -> None:
        self.cloud = cloud
        self.region = region

    def call(self, operation: str, service: str | None = None, **parameters: Any) -> Any:
        return self.cloud.call(service or self.service, operation, self.region, **parameters)

    def create(self, new: Values) -> dict[str, Any]:
        raise NotImplementedError

    def read(self, now: Values) -> dict[str, Any] | None:
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        """For those whose creation overwrites."""
        return self.create(new)

    def delete(self, old: Values) -> None:
        pass

    def problems(self, config: Values) -> Iterator[str]:
        """What the provider refuses before any call."""
        return iter(())

    def tags(self, values: Values) -> Any:
        """None without tags."""
        tags = values.get("tags_all") or values.get("tags") or {}
        return self._form(tags) if tags else None

    def _form(self, tags: Mapping[str, str]) -> Any:
        if self.service in TAGS_AS_MAP:
            return dict(tags)
        key, value = ("TagKey", "TagValue") if self.service == "kms" else ("Key", "Value")
        return [{key: name, value: tags[name]} for name in sorted(tags)]

    def retag(self, identity: str, old: Values, new: Values) -> None:
        before, after = old.get("tags_all") or {}, new.get("tags_all") or {}
        tag, untag, identity_name, tags_name, keys_name = TAGGING[self.service]
        gone = sorted(set(before) - set(after))
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        if gone:
            keys = [{"Key": key} for key in gone] if self.service == "cloudtrail" else gone
            self.call(untag, **{identity_name: identity, keys_name: keys})
        if changed:
            self.call(tag, **{identity_name: identity, tags_name: self._form(changed)})
