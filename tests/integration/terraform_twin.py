"""Repositories as Terraform makes them: aws_ecr_repository and what belongs to it.

`by_calls` makes the provider's own calls (hashicorp/terraform-provider-aws,
internal/service/ecr: repository.go, lifecycle_policy.go, repository_policy.go). `by_terraform` runs
the program on the same arguments, with the provider that tests/terraform installs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def by_calls(ecr: Any, name: str, settings: Mapping[str, Any]) -> None:
    """ecr: a boto3 client."""
    filters = settings.get("image_tag_mutability_exclusion_filters")
    encryption = settings.get("encryption")
    create: dict[str, Any] = {"repositoryName": name,
                              "imageTagMutability": settings["image_tag_mutability"]}
    if encryption:
        create["encryptionConfiguration"] = {"encryptionType": encryption["type"]}
        if "kms_key" in encryption:
            create["encryptionConfiguration"]["kmsKey"] = encryption["kms_key"]
    create["imageScanningConfiguration"] = {"scanOnPush": settings["scan_on_push"]}
    if filters:
        create["imageTagMutabilityExclusionFilters"] = [
            {"filterType": "WILDCARD", "filter": one} for one in filters]
    if settings["tags"]:
        create["tags"] = [{"Key": key, "Value": value} for key, value in settings["tags"].items()]
    ecr.create_repository(**create)
    if "lifecycle_policy" in settings:
        ecr.put_lifecycle_policy(repositoryName=name,
                                 lifecyclePolicyText=json.dumps(settings["lifecycle_policy"]))
    if "repository_policy" in settings:
        ecr.set_repository_policy(repositoryName=name,
                                  policyText=json.dumps(settings["repository_policy"]))


def by_terraform(folder: Path, env: Mapping[str, str],
                 wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """All of the repositories in one apply, their settings by their names; env has TF."""
    resources: dict[str, dict[str, Any]] = {}
    for number, (name, settings) in enumerate(wanted.items()):
        _add(resources, f"r{number}", name, settings)
    module = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
              "provider": {"aws": {"skip_credentials_validation": True,
                                   "skip_requesting_account_id": True,
                                   "skip_metadata_api_check": True}},
              "resource": resources}
    (folder / "main.tf.json").write_text(json.dumps(module))
    for arguments in (["init", "-no-color"], ["apply", "-no-color", "-auto-approve"]):
        done = subprocess.run([env["TF"], *arguments], cwd=folder, env=dict(env), timeout=300,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _add(resources: dict[str, dict[str, Any]], label: str, name: str,
         settings: Mapping[str, Any]) -> None:
    repository: dict[str, Any] = {
        "name": name, "image_tag_mutability": settings["image_tag_mutability"],
        "image_scanning_configuration": {"scan_on_push": settings["scan_on_push"]}}
    filters = settings.get("image_tag_mutability_exclusion_filters")
    if filters:
        repository["image_tag_mutability_exclusion_filter"] = [
            {"filter": one, "filter_type": "WILDCARD"} for one in filters]
    encryption = settings.get("encryption")
    if encryption:
        repository["encryption_configuration"] = {
            "encryption_type": encryption["type"],
            **({"kms_key": encryption["kms_key"]} if "kms_key" in encryption else {})}
    if settings["tags"]:
        repository["tags"] = settings["tags"]
    resources.setdefault("aws_ecr_repository", {})[label] = repository
    for setting, resource in (("lifecycle_policy", "aws_ecr_lifecycle_policy"),
                              ("repository_policy", "aws_ecr_repository_policy")):
        if setting in settings:
            resources.setdefault(resource, {})[label] = {
                "repository": f"${{aws_ecr_repository.{label}.name}}",
                # Interpolation would read what looks like a variable.
                "policy": json.dumps(settings[setting]).replace("${", "$${")}
