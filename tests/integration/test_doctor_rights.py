"""`doctor` on what the identity may do: each right taken away, and nothing ever created."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rawclient import aws

from integration.doctoring import Found, Home, doctor
from sandbox import Sandbox

PUSHING = ["BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart",
           "CompleteLayerUpload", "PutImage"]
LIFECYCLE = {"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {
    "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}}]}
POLICY = {"Version": "2012-10-17", "Statement": []}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def registry(sandbox: Sandbox) -> Iterator[Sandbox]:
    """With one repository, and the same one afterwards."""
    sandbox.create("team-a/old")
    before = repositories(sandbox)
    yield sandbox
    assert repositories(sandbox) == before
    made = {call["repository"] for call in sandbox.calls("CreateRepository")}
    assert made <= {"team-a/old"}


def repositories(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.call("DescribeRepositories")["repositories"]
    return found


def ask(home: Home, sandbox: Sandbox, failed: bool = False, **config: Any) -> Found:
    where = [{"host": sandbox.host, "endpoint": sandbox.endpoint}]
    return doctor(home, sandbox.env(), failed=failed, registries=where, **config)


def make_template(sandbox: Sandbox, prefix: str, applied_for: str) -> None:
    aws(sandbox, "ecr").create_repository_creation_template(
        prefix=prefix, appliedFor=[applied_for])


def asked_about(sandbox: Sandbox, operation: str) -> str:
    (call,) = sandbox.calls(operation)
    return str(call["repository"])


def test_all_are_there(home: Home, registry: Sandbox) -> None:
    found = ask(home, registry)
    assert found.named("WARN") == ["daemon"]
    found.says("push", "ok", "allowed for ecr-upsertd-doctor-")
    found.says("create", "ok", "asked about team-a/old, which exists")
    found.says("policies", "ok", "no rule sets one")
    assert len({asked_about(registry, operation) for operation in PUSHING}) == 1


def test_no_token(home: Home, registry: Sandbox) -> None:
    registry.set_fault("api", "access_denied", operation="GetAuthorizationToken")
    ask(home, registry, failed=True).says("token", "FAIL", "lacks ecr:GetAuthorizationToken on *",
                                          "grant ecr:GetAuthorizationToken on * to arn:aws:")


@pytest.mark.parametrize("operation", PUSHING)
def test_no_push(home: Home, registry: Sandbox, operation: str) -> None:
    registry.set_fault("api", "access_denied", operation=operation)
    found = ask(home, registry, failed=True)
    found.says("push", "FAIL", f"denies ecr:{operation}",
               f"grant ecr:{operation} on arn:aws:ecr:")
    assert found["create"]["state"] == "ok"


def test_push_that_nobody_can_tell(home: Home, registry: Sandbox) -> None:
    registry.set_fault("api", "throttle", operation="PutImage")
    ask(home, registry).says("push", "WARN", "a push is allowed is not known")


def test_no_creation(home: Home, registry: Sandbox) -> None:
    registry.set_fault("api", "access_denied", operation="CreateRepository")
    found = ask(home, registry, failed=True)
    found.says("create", "FAIL", "denies ecr:CreateRepository (asked about team-a/old",
               "grant ecr:CreateRepository")
    found = ask(home, registry, create={"on_access_denied": "wait"})
    assert found["create"]["state"] == "WARN"


def test_creation_that_nobody_can_tell(home: Home, sandbox: Sandbox) -> None:
    """No repository to ask about, or no right to find one: only IAM could tell."""
    simulate = "aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::"
    found = ask(home, sandbox)
    found.says("create", "WARN", "cannot be known without creating", simulate)
    sandbox.create("team-a/old")
    sandbox.set_fault("api", "access_denied", operation="DescribeRepositories")
    found = ask(home, sandbox)
    found.says("create", "WARN", "lacks ecr:DescribeRepositories", "--action-names ecr:CreateRep")
    assert not sandbox.calls("CreateRepository")


def test_rules(home: Home, registry: Sandbox) -> None:
    """Asked about names that the rules create, with what they would set."""
    found = ask(home, registry, rules=[
        {"match": "prod/**", "action": "deny"},
        {"match": "{team-a,b}/**/c?", "settings": {"tags": {"by": "${user}"}}},
        {"match": "team-a/**"}, {"match": "**", "action": "wait"}])
    assert found["push"]["state"] == found["create"]["state"] == "ok"
    name = asked_about(registry, "PutImage")
    assert name.startswith("team-a/ecr-upsertd-doctor-") and name.endswith("/cx")
    found = ask(home, registry, rules=[{"match": "**", "action": "deny"}])
    found.says("create", "ok", "no rule creates anything")


def test_rules_for_fixed_names(home: Home, registry: Sandbox) -> None:
    """Such a name may be somebody's next push: nothing is asked about it, nor is it passed over."""
    rules = [{"match": "x/app", "settings": {"lifecycle_policy": LIFECYCLE}},
             {"match": "**", "action": "deny"}]
    found = ask(home, registry, rules=rules)
    found.says("create", "ok", "asked about team-a/old")
    found.says("policies", "WARN", "the rules that set one are for fixed names alone",
               "simulate-principal-policy")
    assert not registry.calls("PutLifecyclePolicy")
    registry.set_fault("api", "access_denied", operation="CreateRepository")
    ask(home, registry, failed=True, rules=rules).says("create", "FAIL", "denies")


def test_creation_is_asked_with_a_key_that_is_none(home: Home, registry: Sandbox) -> None:
    ask(home, registry, defaults={"tags": {"owner": "${namespace}"}})
    (call,) = registry.calls("CreateRepository")
    key = call["arguments"]["encryptionConfiguration"]
    assert key["encryptionType"] == "KMS" and key["kmsKey"].startswith("alias/ecr-upsertd-doctor-")
    assert call["arguments"]["tags"] == [{"Key": "owner", "Value": "team-a"}]


@pytest.mark.parametrize("settings,operation", [
    ({"lifecycle_policy": LIFECYCLE}, "PutLifecyclePolicy"),
    ({"repository_policy": POLICY}, "SetRepositoryPolicy")], ids=["lifecycle", "repository"])
def test_no_policies(home: Home, registry: Sandbox, settings: dict[str, Any],
                     operation: str) -> None:
    rules = [{"match": "x/**"}, {"match": "y/**", "settings": settings}]
    found = ask(home, registry, rules=rules)
    found.says("policies", "ok", "allowed for y/ecr-upsertd-doctor-")
    registry.set_fault("api", "access_denied", operation=operation)
    found = ask(home, registry, failed=True, rules=rules)
    found.says("policies", "FAIL", f"denies ecr:{operation}", f"grant ecr:{operation}")


@pytest.mark.parametrize("prefix", ["ROOT", "team-a"])
def test_template_that_creates(home: Home, registry: Sandbox, prefix: str) -> None:
    """The two calls that would make it create are left out."""
    make_template(registry, prefix, "CREATE_ON_PUSH")
    found = ask(home, registry, rules=[{"match": "team-a/**"}])
    found.says("templates", "WARN", f"CREATE_ON_PUSH: {prefix}",
               f"delete-repository-creation-template --region {registry.host.split('.')[3]} "
               f"--prefix {prefix}")
    found.says("push", "WARN", "without creating a repository: ECR's template would",
               "--action-names ecr:InitiateLayerUpload ecr:PutImage")
    assert not registry.calls("InitiateLayerUpload") and not registry.calls("PutImage")
    assert registry.calls("UploadLayerPart")


def test_templates_that_cannot_be_seen(home: Home, registry: Sandbox) -> None:
    registry.set_fault("api", "access_denied", operation="DescribeRepositoryCreationTemplates")
    found = ask(home, registry)
    found.says("templates", "WARN", "lacks ecr:DescribeRepositoryCreationTemplates",
               "aws ecr describe-repository-creation-templates")
    found.says("push", "WARN", "ECR's templates are not known")
    assert not registry.calls("InitiateLayerUpload")
    registry.set_fault("api", "access_denied", operation="UploadLayerPart")
    ask(home, registry, failed=True).says("push", "FAIL", "denies ecr:UploadLayerPart")


def test_other_templates(home: Home, registry: Sandbox) -> None:
    make_template(registry, "mirror", "REPLICATION")
    found = ask(home, registry)
    assert found["templates"]["state"] == found["push"]["state"] == "ok"
