"""The permission lists: no more than is called, no less, and nothing without a limit."""

from __future__ import annotations

import json
import re
from typing import Any

import botocore.session
import pytest

from terraform import permissions
from terraform.double import ACCOUNT, Call
from terraform.life import NAME, REGION, Stage
from terraform.permissions import NO_RESOURCE, POLICIES, Need, Needs, allows
from terraform.written import WIDE, statements as written, too_wide

ROOT = POLICIES.parents[1]
LISTS = sorted(file.stem for file in POLICIES.glob("*.json") if file.stem != "no-resource")
VALUES = {"partition": "aws", "account": ACCOUNT, "region": REGION, "name": NAME}

# Rights that no call of Terraform's is named after, and why they are needed.
IMPLIED = {
    "ecr:CreateRepository": "CreateRepositoryCreationTemplate asks for the rights of its template",
    "ecr:PutLifecyclePolicy": "the same",
    "ecr:SetRepositoryPolicy": "the same",
    "iam:CreateServiceLinkedRole": "the first template of an account makes ECR's own role",
    "kms:CreateGrant": "Lambda takes a grant on the environment's key in the caller's name",
    "kms:Decrypt": "Lambda and SQS use a customer key in the caller's name",
    "kms:Encrypt": "the same",
    "kms:GenerateDataKey": "the same",
    "kms:PutKeyPolicy": "only a change of `name`, or another version of the module",
    "kms:UpdateKeyDescription": "the same",
    "iam:UpdateAssumeRolePolicy": "only another version of the module",
    "iam:UpdateRoleDescription": "the same",
    "lambda:UpdateEventSourceMapping": "only a change of `buffer`",
    "lambda:GetLayerVersion": "Lambda reads a layer in the caller's name",
    "s3:DeleteObject": "only where force_destroy finds a trail's files",
    "s3:DeleteObjectVersion": "the same",
}


def statements(*names: str) -> list[dict[str, Any]]:
    return [one for name in names for one in permissions.policy(name, VALUES)["Statement"]]


def actions(*names: str) -> set[str]:
    return {action for one in statements(*names) for action in one["Action"]}


def needs(calls: list[Call]) -> set[Need]:
    """Of what Terraform did; what the double's own checks ask is not among it."""
    return {need for call in calls for need in Needs(ACCOUNT).of(call)}


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_without_limit(name: str) -> None:
    for one in statements(name):
        assert not any("*" in action for action in one["Action"]), one["Sid"]
        for action in one["Action"]:
            assert ("*" in one["Resource"]) == (action in NO_RESOURCE), action
        assert one["Action"] == sorted(one["Action"]) and one["Effect"] == "Allow"


def test_nothing_that_is_written_is_without_limit(life: dict[str, Stage]) -> None:
    calls = [call for stage in life.values() for call in stage.calls]
    assert not too_wide(calls)
    found = {(call.service, one.get("Sid")) for call in calls for one in written(call)}
    assert {service for service, _ in found} == {"events", "iam", "kms", "s3", "sqs"}
    assert set(WIDE) <= {sid for _, sid in found}


def test_each_exception_is_used() -> None:
    optional = set(re.findall(r'"([a-z]+:\w+)"', (POLICIES.parent / "role.tf").read_text()))
    unused = set(NO_RESOURCE) - actions(*LISTS) - optional
    assert not unused


@pytest.mark.parametrize("name", LISTS)
def test_fits_a_managed_policy(name: str) -> None:
    assert len("".join((POLICIES / f"{name}.json").read_text().split())) <= 6144


def test_deployer_may_do_what_the_defaults_need(life: dict[str, Stage]) -> None:
    alone = statements("deployer")
    assert not {need for need in needs(life["fresh"].calls) if not allows(alone, need)}


def test_deployer_may_do_what_every_variable_needs(life: dict[str, Stage]) -> None:
    every = {need for stage in life.values() for need in needs(stage.calls)}
    both = statements("deployer", "deployer-options")
    assert not {need for need in every if not allows(both, need)}


def test_deployer_may_do_nothing_else(life: dict[str, Stage]) -> None:
    used = {need.action for stage in life.values() for need in needs(stage.calls)}
    listed = actions("deployer", "deployer-options")
    assert listed - used - set(IMPLIED) == set()
    assert set(IMPLIED) <= listed - used, "a call is named after it by now"


def test_deployer_stays_with_its_own(life: dict[str, Stage]) -> None:
    for need in needs(life["fresh"].calls):
        if need.action in ("logs:DescribeLogGroups", "cloudwatch:DescribeAlarms"):
            continue    # they list
        other = need.resource.replace(NAME, "somebody-elses")
        assert not allows(statements("deployer"), Need(need.action, other, need.context)), need
    stolen = Need("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{REGION}",
                  {"iam:PassedToService": "ec2.amazonaws.com"})
    assert not allows(statements("deployer"), stolen)


def test_every_action_exists() -> None:
    """As the API models name them, or S3 its own way."""
    for action in actions(*LISTS):
        service, _, name = action.partition(":")
        if service in ("s3", "xray") or action == "iam:PassRole":
            continue
        model = botocore.session.get_session().get_service_model(service)
        assert name in model.operation_names, action


# What the program asks of ECR, as its sources call it.

OPERATIONS = {"ecr:" + name for file in sorted((ROOT / "src").glob("ecr_*.c"))
              for name in re.findall(r'\{\s*registry, "(\w+)"', file.read_text())}
# The registry's requests by the names of their rights (Amazon ECR user guide, "Amazon ECR API
# actions called by the Docker CLI"); CreateRepository with tags needs TagResource too.
PULL = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
        "ecr:ListImages"}
PUSH = PULL | {"ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage",
               "ecr:UploadLayerPart"}
# By the function alone: whose creation was it that an event delivered twice finds done?
MARKS = {"ecr:ListTagsForResource", "ecr:UntagResource"}
TEMPLATES = {"ecr:DescribeRepositoryCreationTemplates"}    # opt-in for the function


def test_the_sources_were_read() -> None:
    assert {"ecr:CreateRepository", "ecr:GetAuthorizationToken"} | TEMPLATES <= OPERATIONS


def test_function_may_do_what_it_calls() -> None:
    made = {action for action in actions("function") if action.startswith("ecr:")}
    called = OPERATIONS - TEMPLATES - {"ecr:GetAuthorizationToken"}
    assert made == called | MARKS | {"ecr:TagResource"}


def test_daemons_may_do_what_they_call() -> None:
    find = {"ecr:GetAuthorizationToken", "ecr:DescribeRepositories"}
    assert actions("daemon-creator") == (OPERATIONS - MARKS) | PUSH | {"ecr:TagResource"}
    assert actions("daemon-pusher") == PUSH | find
    assert actions("puller") == PULL | {"ecr:GetAuthorizationToken"}


@pytest.mark.parametrize("name", ["function", "daemon-creator", "daemon-pusher", "puller"])
def test_stays_in_its_account_and_region(name: str) -> None:
    for account, region in (("210987654321", REGION), (ACCOUNT, "us-east-1")):
        foreign = f"arn:aws:ecr:{region}:{account}:repository/app"
        for action in actions(name) - set(NO_RESOURCE):
            assert not allows(statements(name), Need(action, foreign)), action
