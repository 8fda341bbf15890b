"""The repository that a rule creates is the one that Terraform would have made: compared as the
API returns both, over a matrix of settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rawclient import aws

from integration import settings_matrix, terraform_twin
from integration.daemon import ROOT, Daemon, run
from integration.registry import creations, start_upload
from integration.settings_matrix import Combination
from integration.waiting import wait_for
from sandbox import Sandbox, SandboxError
from terraform import installed

ALL = settings_matrix.combinations()
PUSHERS = 8
ACCOUNT, REGION = "123456789012", "eu-west-1"


def twin_of(name: str) -> str:
    return name.replace("matrix/", "twin/", 1)


def policy(sandbox: Sandbox, operation: str, text: str, name: str) -> Any:
    try:
        return json.loads(sandbox.call(operation, repositoryName=name)[text])
    except SandboxError as missing:
        assert "NotFoundException" in str(missing)
        return None


def as_returned(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """All that the API says of a repository but for what its own name and time make of it."""
    found = sandbox.describe(name)
    assert found is not None, name
    tags = sandbox.call("ListTagsForResource", resourceArn=found["repositoryArn"])["tags"]
    for own in ("repositoryName", "repositoryArn", "repositoryUri", "createdAt"):
        found.pop(own)
    return {**found, "tags": sorted((tag["Key"], tag["Value"]) for tag in tags),
            "lifecycle": policy(sandbox, "GetLifecyclePolicy", "lifecyclePolicyText", name),
            "policy": policy(sandbox, "GetRepositoryPolicy", "policyText", name)}


def expected(combination: Combination) -> dict[str, Any]:
    return settings_matrix.expected(combination, ACCOUNT, REGION)


def is_whole(sandbox: Sandbox, combination: Combination) -> bool:
    """Have the follow-ups been made too? They may come after the push."""
    settings = expected(combination)
    asked = {call["operation"] for call in sandbox.calls(repository=combination.name)
             if call["status"] == 200}
    return ("lifecycle_policy" not in settings or "PutLifecyclePolicy" in asked) and (
        "repository_policy" not in settings or "SetRepositoryPolicy" in asked)


def configure(folder: Path, defaults: str) -> Path:
    settings_matrix.write_files(folder)
    rules = [one.rule for one in ALL if one.defaults == defaults]
    file = folder / f"{defaults}.conf"
    file.write_text(json.dumps(settings_matrix.configuration(defaults, rules), indent=1,
                               ensure_ascii=False))
    return file


def push_all(sandbox: Sandbox, folder: Path, defaults: str) -> None:
    arguments = [*sandbox.daemon_args(), "--config", str(configure(folder, defaults)),
                 "--state-dir", str(folder / f"state-{defaults}")]
    chosen = [one for one in ALL if one.defaults == defaults]
    with Daemon(arguments, sandbox.env()) as daemon, ThreadPoolExecutor(PUSHERS) as pool:
        for answer in pool.map(lambda one: start_upload(daemon, one.name), chosen):
            assert answer.status == 202, answer
        for one in chosen:
            wait_for(f"all settings of {one.name}", lambda one=one: is_whole(sandbox, one))


@pytest.fixture(scope="module")
def pushed(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox where every combination was pushed, and beside it its twin was made by calls."""
    running_sandbox.reset()
    folder = tmp_path_factory.mktemp("settings")
    for defaults in settings_matrix.DEFAULTS:
        push_all(running_sandbox, folder, defaults)
    ecr = aws(running_sandbox, "ecr")
    for one in ALL:
        terraform_twin.by_calls(ecr, twin_of(one.name), expected(one))
    yield running_sandbox


def test_the_matrix_is_one() -> None:
    assert len(ALL) >= 60
    assert len({one.name for one in ALL}) == len(ALL)
    assert {one.defaults for one in ALL} == set(settings_matrix.DEFAULTS)


@pytest.mark.parametrize("combination", ALL, ids=lambda one: one.name.partition("/")[2])
def test_is_what_terraform_makes(pushed: Sandbox, combination: Combination) -> None:
    ours = as_returned(pushed, combination.name)
    assert ours == as_returned(pushed, twin_of(combination.name))
    # and both are what was wanted: the API drops none of it
    wanted = expected(combination)
    encryption = wanted.get("encryption", {"type": "AES256"})
    assert ours["imageTagMutability"] == wanted["image_tag_mutability"]
    assert [one["filter"] for one in ours.get("imageTagMutabilityExclusionFilters") or []] == \
        wanted.get("image_tag_mutability_exclusion_filters", [])
    assert ours["imageScanningConfiguration"] == {"scanOnPush": wanted["scan_on_push"]}
    assert ours["encryptionConfiguration"]["encryptionType"] == encryption["type"]
    assert encryption.get("kms_key") in (None, ours["encryptionConfiguration"].get("kmsKey"))
    assert dict(ours["tags"]) == wanted["tags"]
    assert ours["lifecycle"] == wanted.get("lifecycle_policy")
    assert ours["policy"] == wanted.get("repository_policy")


def test_terraform_itself_agrees(pushed: Sandbox, tmp_path: Path) -> None:
    wanted = {one.name.replace("matrix/", "terraform/", 1): expected(one) for one in ALL}
    provider = installed.install(tmp_path / "provider")
    terraform_twin.by_terraform(tmp_path, {**pushed.env(), **provider}, wanted)
    for one in ALL:
        assert as_returned(pushed, one.name) == as_returned(
            pushed, one.name.replace("matrix/", "terraform/", 1)), one


def test_plan_had_shown_the_very_request(pushed: Sandbox, tmp_path: Path) -> None:
    files = {defaults: configure(tmp_path, defaults) for defaults in settings_matrix.DEFAULTS}
    for one in ALL:
        done = run("plan", one.name, "--json", "--config", str(files[one.defaults]),
                   "--registry", pushed.host, env=pushed.env())
        assert done.returncode == 0, done.stderr
        shown = json.loads(done.stdout)
        made = creations(pushed, one.name)
        assert [call["arguments"] for call in made] == [shown["request"]]
        assert shown["rule"] == f"c{one.number}"
        assert shown["lifecycle_policy"] == expected(one).get("lifecycle_policy")
        assert shown["repository_policy"] == expected(one).get("repository_policy")


def test_cache_repositories_of_the_shipped_example(sandbox: Sandbox) -> None:
    shipped = (ROOT / "conf" / "ecr-upsertd.conf").read_text()
    with Daemon(sandbox.daemon_args(), sandbox.env(), config=shipped) as daemon:
        for name in ("app/cache", "team/app/cache", "app/main"):
            assert start_upload(daemon, name).status == 202
        for name in ("app/cache", "team/app/cache"):
            wait_for(f"the lifecycle of {name}",
                     lambda name=name: sandbox.calls("PutLifecyclePolicy", repository=name,
                                                     status=200))
            cache = as_returned(sandbox, name)
            assert cache["imageTagMutability"] == "MUTABLE"
            [rule] = cache["lifecycle"]["rules"]
            assert rule["action"] == {"type": "expire"}
            assert rule["selection"]["tagStatus"] == "any"
            assert rule["selection"]["countType"] == "sinceImagePushed"
            assert rule["selection"]["countNumber"] <= 14
        other = as_returned(sandbox, "app/main")
        assert other["imageTagMutability"] == "IMMUTABLE" and other["lifecycle"] is None
