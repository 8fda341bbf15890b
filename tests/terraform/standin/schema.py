#!/usr/bin/env python3
"""Derives the provider's schema from its published bindings for the CDK for Terraform.

    schema.py cdktf_cdktf_provider_aws-….whl OUT.json

The package carries its TypeScript in inline source maps. There every attribute is annotated
`computed / optional / required`, and the functions that write HCL tell a block from an attribute
and the type of each."""

from __future__ import annotations

import base64
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESOURCES = """
cloudtrail cloudwatch_event_bus cloudwatch_event_bus_policy cloudwatch_event_rule
cloudwatch_event_target cloudwatch_log_group cloudwatch_metric_alarm ecr_lifecycle_policy
ecr_registry_scanning_configuration ecr_repository ecr_repository_creation_template
ecr_repository_policy iam_role iam_role_policy kms_alias kms_key lambda_event_source_mapping
lambda_function lambda_function_event_invoke_config lambda_permission s3_bucket s3_bucket_policy
s3_bucket_public_access_block sns_topic sqs_queue
""".split()
DATA = ["caller_identity", "partition", "region"]

ANNOTATION = re.compile(r"^ *// (\w+) - computed: (true|false), optional: (true|false), "
                        r"required: (true|false) *\n((?:.*\n){1,4})", re.M)
HCL_ENTRY = re.compile(r"(\w+): \{\s*value: (.*?),\s*isBlock: (true|false),\s*"
                       r'type: "(\w+)",\s*storageClassType: "([^"]+)",\s*\}', re.S)
CLASS = re.compile(r"^export class (\w+) extends cdktf\.(\w+) \{\n(.*?)^\}", re.M | re.S)
FUNCTION = re.compile(r"^export function (\w+)ToHclTerraform\(.*?^\}", re.M | re.S)

STORAGE: dict[str, Any] = {
    "string": "string", "boolean": "bool", "number": "number", "any": "dynamic",
    "stringMap": ["map", "string"], "numberMap": ["map", "number"], "booleanMap": ["map", "bool"]}
CDKTF: dict[str, Any] = {
    "StringMap": ["map", "string"], "NumberMap": ["map", "number"], "BooleanMap": ["map", "bool"],
    "StringMapList": ["list", ["map", "string"]], "AnyMap": ["map", "dynamic"]}
# What an attribute's own code gives away, the most telling first.
TELLING: tuple[tuple[str, Any], ...] = (
    ("tolist(this.getListAttribute", ["set", "string"]),
    ("tolist(this.getNumberListAttribute", ["set", "number"]),
    ("getStringAttribute", "string"), ("getBooleanAttribute", "bool"),
    ("getNumberAttribute", "number"), ("getListAttribute", ["list", "string"]),
    ("getNumberListAttribute", ["list", "number"]), ("getStringMapAttribute", ["map", "string"]),
    (": string[]", ["list", "string"]), (": number[]", ["list", "number"]),
    (": { [key: string]: string }", ["map", "string"]), (": string", "string"),
    (": number", "number"), (": boolean", "bool"))

# Of an attribute or block: its HCL value, whether it is a block, its kind and its storage class.
Entry = tuple[str, bool, str, str]


class Source:
    """One resource's TypeScript."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.classes = {one[1]: (one[2], one[3]) for one in CLASS.finditer(text)}
        self.functions = {one[1]: one[0] for one in FUNCTION.finditer(text)}

    @staticmethod
    def entries(body: str) -> dict[str, Entry]:
        return {one[1]: (one[2], one[3] == "true", one[4], one[5])
                for one in HCL_ENTRY.finditer(body)}

    def main_class(self, kind: str) -> str:
        for base, body in self.classes.values():
            if (base in ("TerraformResource", "TerraformDataSource", "TerraformProvider")
                    and f'tfResourceType = "{kind}"' in body):
                return body
        raise KeyError(kind)

    def _object(self, prefix: str) -> Any:
        _, body = self.classes[prefix + "OutputReference"]
        return ["object", {one[0]: self._type(one[4], None) for one in ANNOTATION.findall(body)}]

    def _type(self, code: str, entry: Entry | None) -> Any:
        if entry:
            _, _, kind, storage = entry
            if kind == "simple":
                return STORAGE[storage]
            if storage.removesuffix("List") in ("string", "number", "boolean"):
                return [kind, STORAGE[storage.removesuffix("List")]]
            if kind == "map" and storage in STORAGE:
                return STORAGE[storage]
        found = re.search(r'new (\w+?)(List|Map|OutputReference)\(this, "\w+"(?:, (true|false))?',
                          code)
        if found and found[1] + "OutputReference" in self.classes:
            inner = self._object(found[1])
            if found[2] == "List":
                return ["set" if found[3] == "true" else "list", inner]
            return ["map", inner] if found[2] == "Map" else inner
        found = re.search(r'new cdktf\.(\w+)\(this, "\w+"', code)
        if found and found[1] in CDKTF:
            return CDKTF[found[1]]
        return next((kind for words, kind in TELLING if words in code), "dynamic")

    def block(self, body: str, entries: dict[str, Entry],
              of_provider: bool = False) -> dict[str, Any]:
        attributes, blocks, seen = {}, {}, set()
        for name, computed, optional, required, code in ANNOTATION.findall(body):
            seen.add(name)
            flags = {"required": required == "true", "optional": optional == "true",
                     "computed": computed == "true"}
            if of_provider:    # its annotations say "computed" of everything
                flags = {"optional": not flags["required"], "required": flags["required"]}
            entry = entries.get(name)
            if entry and entry[1]:
                blocks[name] = self._nested(entry, flags["required"])
            else:
                attributes[name] = {"type": self._type(code, entry),
                                    **{flag: True for flag, on in flags.items() if on}}
        for name, entry in entries.items():
            if name in seen:
                continue
            if entry[1]:
                blocks[name] = self._nested(entry, False)
            else:
                attributes[name] = {"type": self._type("", entry), "optional": True}
        return {"attributes": attributes, "block_types": blocks}

    def _nested(self, entry: Entry, required: bool) -> dict[str, Any]:
        value, _, kind, _ = entry
        named = re.search(r"(\w+)ToHclTerraform", value)
        assert named, value
        function = named[1]
        reference = function[0].upper() + function[1:] + "OutputReference"
        _, body = self.classes.get(reference, ("", ""))
        inner = self.block(body, self.entries(self.functions[function]))
        if kind == "struct":
            return {"nesting": "single", "block": inner}
        nested: dict[str, Any] = {"nesting": "set" if kind == "set" else "list", "block": inner}
        if "listMapper" not in value:
            nested["max_items"] = 1
        if required:
            nested["min_items"] = 1
        return nested


def sources(wheel: Path) -> Iterator[tuple[str, str, Source]]:
    """What was asked for: `resource`, `data` or `provider`, Terraform's name, the source."""
    wanted = {"package/lib/provider/index.js": ("provider", "aws")}
    for name in RESOURCES:
        wanted[f"package/lib/{name.replace('_', '-')}/index.js"] = ("resource", "aws_" + name)
    for name in DATA:
        wanted[f"package/lib/data-aws-{name.replace('_', '-')}/index.js"] = ("data", "aws_" + name)
    with zipfile.ZipFile(wheel) as outer:
        [inner] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        packed = outer.read(inner)
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        for member in archive:
            if member.name not in wanted:
                continue
            file = archive.extractfile(member)
            assert file
            found = re.search(r"sourceMappingURL=data:application/json;base64,(\S+)",
                              file.read().decode())
            assert found, member.name
            text = json.loads(base64.b64decode(found[1]))["sourcesContent"][0]
            yield *wanted.pop(member.name), Source(text)
    if wanted:
        sys.exit(f"not in {wheel}: {', '.join(sorted(wanted))}")


def build(wheel: Path) -> dict[str, Any]:
    made: dict[str, Any] = {"resource": {}, "data": {}, "provider": {}}
    for where, kind, source in sources(wheel):
        body = source.main_class(kind)
        _, _, hcl = body.partition("synthesizeHclAttributes")
        made[where][kind] = source.block(body, source.entries(hcl), of_provider=where == "provider")
    provider = made["provider"]["aws"]
    provider["attributes"].pop("alias", None)    # Terraform's own word
    return {"provider": provider, "resources": made["resource"], "data": made["data"]}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(build(Path(sys.argv[1])), indent=0, sort_keys=True))
