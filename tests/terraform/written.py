"""The policies that calls wrote, of roles, queues, buses, buckets, keys: what in them has no limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from terraform.double import Call
from terraform.permissions import NO_RESOURCE, listed

# By their Sid, with the reason.
WIDE = {
    "Account": "the owner's own right to a key: without it nobody could change the key any more",
}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from _texts(one)
    if isinstance(value, str) and value.startswith("{"):
        yield value


def statements(call: Call) -> list[dict[str, Any]]:
    found = [json.loads(text) for text in _texts(call.parameters) if '"Statement"' in text]
    return [statement for policy in found for statement in policy["Statement"]]


def _faults(call: Call, one: dict[str, Any]) -> Iterator[str]:
    actions = listed(one["Action"])
    if any("*" in action for action in actions):
        yield "an action with *"
    # In a key's own policy * is that key; a trust policy has no resource.
    resources = listed(one.get("Resource", []))
    if "*" in resources and call.service != "kms" and not set(actions) <= set(NO_RESOURCE):
        yield "* for a resource, though there are some"
    principal = one.get("Principal", {})
    if principal == "*" and not one.get("Condition"):
        yield "anybody"
    # Lambda gives nothing to compare with; the role says sts:AssumeRole and has its name alone.
    if "Service" in principal and not one.get("Condition") and (
            principal["Service"], actions) != ("lambda.amazonaws.com", ["sts:AssumeRole"]):
        yield "a service, in whoever's name it comes"


def too_wide(calls: list[Call]) -> list[str]:
    """Each fault of what they allow; what they deny only takes away."""
    return [f"{call.operation}, {one.get('Sid')}: {fault}" for call in calls
            for one in statements(call) if one["Effect"] == "Allow" and one.get("Sid") not in WIDE
            for fault in _faults(call, one)]
