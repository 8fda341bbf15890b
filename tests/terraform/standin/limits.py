"""What a service would refuse of a call's parameters: the limits (enum, pattern, least, most) that
botocore's API models carry; botocore itself checks types and required members only."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

# Java's Unicode classes, which Python's `re` does not know; in the models they stand inside [...].
CLASSES = {r"\p{L}": "a-zA-Z\u00c0-\U0010ffff", r"\p{N}": "0-9", r"\p{Z}": r"\s", r"\p{M}": "",
           r"\p{S}": r"$+<=>^`|~", r"\p{P}": r"!-/:-@\[-`{-~"}


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    for java, python in CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern, re.S)
    except re.error:
        return None    # what cannot be asked here is not refused here


def _of_size(size: float, meta: dict[str, Any], what: str, path: str) -> Iterator[str]:
    if "min" in meta and size < meta["min"]:
        yield f"{path}: {size} {what}, at least {meta['min']} needed"
    if "max" in meta and size > meta["max"]:
        yield f"{path}: {size} {what}, at most {meta['max']} allowed"


def _of_string(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path}: '{value}' is not one of {', '.join(shape.enum)}"
    yield from _of_size(len(value), shape.metadata, "characters", path)
    if "pattern" in shape.metadata:
        pattern = _compiled(shape.metadata["pattern"])
        if pattern and not pattern.fullmatch(value):
            yield f"{path}: '{value}' does not match {shape.metadata['pattern']}"


def problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from problems(shape.members[name], member, f"{path}.{name}" if path else name)
    elif shape.type_name == "list":
        yield from _of_size(len(value), shape.metadata, "items", path)
        for number, member in enumerate(value):
            yield from problems(shape.member, member, f"{path}[{number}]")
    elif shape.type_name == "map":
        for key, member in value.items():
            yield from problems(shape.key, key, f"{path} key")
            yield from problems(shape.value, member, f"{path}[{key}]")
    elif shape.type_name == "string":
        yield from _of_string(shape, value, path)
    elif shape.type_name in ("integer", "long", "double", "float"):
        yield from _of_size(value, shape.metadata, "", path)


def check(client: Any, operation: str, parameters: dict[str, Any]) -> None:
    """Raises ValueError with everything that the service would refuse."""
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    found = list(problems(shape, parameters, "")) if shape else []
    if found:
        service = client.meta.service_model.service_name
        raise ValueError(f"{service}:{name}: " + "; ".join(found))
