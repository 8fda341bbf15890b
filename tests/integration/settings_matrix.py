"""What a configuration may say about a new repository, in combination, and what must come of it.

Each combination is one rule of one configuration; `expected()` merges its layers as the
documentation says, independently of the daemon."""

from __future__ import annotations

import itertools
import json
import os
import pwd
import random
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CACHE = {"rules": [{"rulePriority": 1, "description": "a week", "action": {"type": "expire"},
                    "selection": {"tagStatus": "any", "countType": "sinceImagePushed",
                                  "countUnit": "days", "countNumber": 7}}]}
FEW = {"rules": [{"rulePriority": 5, "action": {"type": "expire"},
                  "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan",
                                "countNumber": 3}}]}
PULL = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Pull \"all\"", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
     "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}
DENY = {"Version": "2008-10-17", "Statement": [
    {"Sid": "Fest é", "Effect": "Deny", "Principal": "*", "Action": "ecr:DeleteRepository"}]}

# Files that the configurations name.
FILES = {"policies/cache.json": CACHE, "policies/pull.json": PULL}

DEFAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "plain": {"image_tag_mutability": "MUTABLE", "scan_on_push": False,
              "tags": {"team": "none"}},
    "rich": {"image_tag_mutability": "MUTABLE_WITH_EXCLUSION",
             "image_tag_mutability_exclusion_filters": ["v*", "release-*"],
             "scan_on_push": False, "encryption": {"type": "KMS", "kms_key": KEY},
             "tags": {"owner": "platform", "team": "none", "from": "${host}"},
             "lifecycle_policy": FEW, "repository_policy_file": "policies/pull.json"},
}

# Of each setting, what a rule may say; {} is nothing.
CHOICES: dict[str, list[dict[str, Any]]] = {
    "mutability": [
        {}, {"image_tag_mutability": "MUTABLE"}, {"image_tag_mutability": "IMMUTABLE"},
        {"image_tag_mutability": "MUTABLE_WITH_EXCLUSION",
         "image_tag_mutability_exclusion_filters": ["latest"]},
        {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
         "image_tag_mutability_exclusion_filters": ["dev-*", "nightly", "*_x.y"]}],
    "scan": [{}, {"scan_on_push": True}, {"scan_on_push": False}],
    "encryption": [
        {}, {"encryption": {"type": "AES256"}}, {"encryption": {"type": "KMS"}},
        {"encryption": {"type": "KMS", "kms_key": "alias/ecr"}},
        {"encryption": {"type": "KMS_DSSE"}},
        {"encryption": {"type": "KMS_DSSE", "kms_key": KEY}}],
    "tags": [
        {}, {"tags": {"team": "a", "cost centre": "é=1+2@x/y_z.-:"}},
        {"tags": {"owner": "${user}", "from": "${host}", "empty": ""}},
        {"tags": {"path": "${namespace}/${name}", "whole": "${repository}",
                  "where": "${account} ${region}", "team": "${name}"}}],
    "lifecycle": [{}, {"lifecycle_policy": FEW},
                  {"lifecycle_policy_file": "policies/cache.json"}],
    "policy": [{}, {"repository_policy": DENY},
               {"repository_policy_file": "policies/pull.json"}],
}


@dataclass(frozen=True)
class Combination:
    number: int
    defaults: str                      # of DEFAULTS
    chosen: tuple[tuple[str, int], ...]    # which of CHOICES

    @property
    def name(self) -> str:
        return f"matrix/{self.defaults}/c{self.number:02}"

    @property
    def settings(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for setting, index in self.chosen:
            merged.update(CHOICES[setting][index])
        return merged

    @property
    def rule(self) -> dict[str, Any]:
        return {"name": f"c{self.number}", "match": self.name, "settings": self.settings}


def combinations(at_least: int = 72, seed: int = 4) -> list[Combination]:
    """Every pair of choices, a choice of the defaults included, stands in one of them."""
    rng = random.Random(seed)
    sizes = {"defaults": len(DEFAULTS), **{name: len(of) for name, of in CHOICES.items()}}
    missing = {frozenset(((a, i), (b, j))) for a, b in itertools.combinations(sizes, 2)
               for i in range(sizes[a]) for j in range(sizes[b])}
    made: list[dict[str, int]] = []
    while missing or len(made) < at_least:
        tries = [{name: rng.randrange(size) for name, size in sizes.items()} for _ in range(50)]
        best = max(tries, key=lambda one: len(_pairs(one) & missing))
        missing -= _pairs(best)
        made.append(best)
    names = list(DEFAULTS)
    return [Combination(number, names[one.pop("defaults")], tuple(one.items()))
            for number, one in enumerate(made, 1)]


def _pairs(one: dict[str, int]) -> set[frozenset[tuple[str, int]]]:
    return {frozenset(pair) for pair in itertools.combinations(one.items(), 2)}


def configuration(defaults: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"create": {"max_per_hour": 1000}, "defaults": DEFAULTS[defaults], "rules": rules}


def expected(combination: Combination, account: str, region: str) -> dict[str, Any]:
    """The merged settings, files read and variables filled in."""
    merged: dict[str, Any] = {"image_tag_mutability": "IMMUTABLE", "scan_on_push": True}
    tags: dict[str, str] = {}
    for layer in (DEFAULTS[combination.defaults], combination.settings):
        layer = dict(layer)
        tags.update(layer.pop("tags", {}))
        if "image_tag_mutability" in layer:
            merged.pop("image_tag_mutability_exclusion_filters", None)
        for policy in ("lifecycle_policy", "repository_policy"):
            file = layer.pop(policy + "_file", None)
            if file:
                layer[policy] = FILES[file]
        merged.update(layer)
    namespace, _, last = combination.name.rpartition("/")
    variables = {"repository": combination.name, "namespace": namespace, "name": last,
                 "user": pwd.getpwuid(os.getuid()).pw_name, "host": socket.gethostname(),
                 "account": account, "region": region}
    for key, value in tags.items():
        for variable, text in variables.items():
            value = value.replace("${" + variable + "}", text)
        tags[key] = value
    return {**merged, "tags": tags}


def write_files(folder: Path) -> None:
    for name, policy in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(policy, indent=2, ensure_ascii=False))
