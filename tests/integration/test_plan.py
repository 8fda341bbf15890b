"""`plan`: what a push of a name would get, without a call."""

from __future__ import annotations

import datetime
import getpass
import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.daemon import run

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
OTHER = "210987654321.dkr.ecr.us-east-1.amazonaws.com"
POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}
CONFIGURATION: dict[str, Any] = {
    "registries": [{"host": HOST}, {"host": OTHER}],
    "defaults": {"tags": {"team": "none"}},
    "rules": [
        {"name": "no-prod", "match": "prod/**", "action": "deny", "reason": "ask platform@"},
        {"match": "**/cache", "settings": {"image_tag_mutability": "MUTABLE",
                                           "lifecycle_policy_file": "cache.json"}},
        {"name": "east", "match": "**", "registry": "*.us-*.amazonaws.com", "action": "wait"},
        {"name": "tagged", "match": "{team,group}-?/**", "settings": {
            "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
            "image_tag_mutability_exclusion_filters": ["dev-*"], "scan_on_push": False,
            "encryption": {"type": "KMS", "kms_key": "alias/ecr"}, "repository_policy": POLICY,
            "tags": {"by": "${user}@${host}", "what": "${namespace} ${name} ${repository}",
                     "where": "${account} ${region}", "day": "${date}"}}},
        {"name": "theirs", "match": "theirs/*", "settings": {"from": "ecr-template"}}]}
CACHE = {"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {
    "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5}}]}

Plan = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def nobody() -> Iterator[socket.socket]:
    """Where every AWS call would arrive: nothing may."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.fixture
def plan(tmp_path: Path, nobody: socket.socket) -> Plan:
    """plan(target, *options, configuration=…): one call, with no credentials at all."""
    url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ENDPOINT_URL": url,
           "AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_REGION": "eu-west-1",
           "http_proxy": url, "https_proxy": url}

    def call(target: str, *options: str,
             configuration: Any = CONFIGURATION) -> subprocess.CompletedProcess[str]:
        (tmp_path / "cache.json").write_text(json.dumps(CACHE))
        if configuration is not None:
            file = tmp_path / "plan.conf"
            file.write_text(configuration if isinstance(configuration, str)
                            else json.dumps(configuration))
            options = (*options, "--config", str(file))
        return run("plan", target, *options, env=env)

    return call


def as_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_whole_of_it(plan: Plan) -> None:
    before = datetime.datetime.now(datetime.timezone.utc).date()
    shown = as_json(plan(f"{HOST}/team-a/sub/app", "--json"))
    after = datetime.datetime.now(datetime.timezone.utc).date()
    day = {tag["Key"]: tag for tag in shown["request"]["tags"]}["day"]
    assert day.pop("Value") in (before.isoformat(), after.isoformat())
    assert shown == {
        "registry": HOST, "repository": "team-a/sub/app", "rule": "tagged", "action": "create",
        "reason": None, "lifecycle_policy": None, "repository_policy": POLICY,
        "request": {
            "registryId": "123456789012", "repositoryName": "team-a/sub/app",
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "dev-*"}],
            "imageScanningConfiguration": {"scanOnPush": False},
            "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/ecr"},
            "tags": [{"Key": "team", "Value": "none"},
                     {"Key": "by", "Value": f"{getpass.getuser()}@{socket.gethostname()}"},
                     {"Key": "what", "Value": "team-a/sub app team-a/sub/app"},
                     {"Key": "where", "Value": "123456789012 eu-west-1"}, {"Key": "day"}]}}


def test_a_name_alone_is_in_the_default_registry(plan: Plan) -> None:
    assert as_json(plan("x/cache", "--json")) == as_json(plan(f"{HOST}/x/cache", "--json"))
    other = as_json(plan("x/cache", "--json", "--registry", OTHER))
    assert other["registry"] == OTHER
    assert other["request"]["registryId"] == "210987654321"


def test_a_rule_without_a_name_is_called_by_its_match(plan: Plan) -> None:
    shown = as_json(plan("x/cache", "--json"))
    assert shown["rule"] == "**/cache"
    assert shown["lifecycle_policy"] == CACHE
    assert shown["request"]["imageTagMutability"] == "MUTABLE"


@pytest.mark.parametrize("target, rule, action, reason", [
    ("prod/app", "no-prod", "deny", "ask platform@"),
    (f"{OTHER}/app", "east", "wait", None)])
def test_nothing_is_requested(plan: Plan, target: str, rule: str, action: str,
                              reason: str | None) -> None:
    shown = as_json(plan(target, "--json"))
    assert (shown["rule"], shown["action"], shown["reason"]) == (rule, action, reason)
    assert shown["request"] is None
    assert shown["lifecycle_policy"] is None and shown["repository_policy"] is None


def test_no_rule_matches(plan: Plan) -> None:
    shown = as_json(plan("other/app", "--json"))
    assert shown["rule"] is None
    assert shown["action"] == "create"
    assert shown["request"] == {
        "registryId": "123456789012", "repositoryName": "other/app",
        "imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": True},
        "tags": [{"Key": "team", "Value": "none"}]}


def test_ecr_s_own_template_is_only_named(plan: Plan) -> None:
    shown = as_json(plan("theirs/app", "--json"))
    assert shown["from"] == "ecr-template"
    assert shown["request"]["repositoryName"] == "theirs/app"
    assert "from" not in as_json(plan("other/app", "--json"))
    assert "ecr-template" in plan("theirs/app").stdout


def test_as_text_it_says_why_no_rule_before_it(plan: Plan) -> None:
    done = plan("team-b/app")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    passed = [line.split(None, 1)[1] for line in lines if line.startswith("not ")]
    assert passed == [
        'no-prod: its match "prod/**" does not match team-b/app',
        '"**/cache": its match "**/cache" does not match team-b/app',
        f'east: its registry "*.us-*.amazonaws.com" does not match {HOST}']
    assert any(line.startswith("rule ") and "tagged" in line for line in lines)
    request = next(line for line in lines if line.startswith("request "))
    assert json.loads(request.split(None, 1)[1]) == as_json(plan("team-b/app", "--json"))["request"]


def test_as_text_a_denial_has_its_reason(plan: Plan) -> None:
    done = plan("prod/app")
    assert done.returncode == 0
    for words in ("no-prod", "deny", "ask platform@", "none"):
        assert words in done.stdout


@pytest.mark.parametrize("target, words", [
    ("UPPER/app", "no registry of this daemon"), ("team//app", "no repository name"),
    ("a", "no repository name"), ("app:1", "no registry of this daemon"),
    (f"{HOST}", "no repository name"),
    (f"310987654321.dkr.ecr.eu-west-1.amazonaws.com/app", "no registry of this daemon"),
    (f"{HOST}.evil.example/app", "no registry of this daemon"),
    (f"{HOST.upper()}/app", "no registry of this daemon")])
def test_what_no_rule_can_help_is_exit_1(plan: Plan, target: str, words: str) -> None:
    done = plan(target, "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert words in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(Path("/etc/ecr-upsertd/ecr-upsertd.conf").exists(),
                    reason="this machine has a configuration of its own")
def test_without_a_configuration(plan: Plan) -> None:
    shown = as_json(plan(f"{HOST}/team/app", "--json", configuration=None))
    assert shown["request"]["imageTagMutability"] == "IMMUTABLE"
    assert shown["rule"] is None
    alone = plan("team/app", configuration=None)
    assert alone.returncode == 1
    assert "REGISTRY/team/app" in alone.stderr
    named = as_json(plan("team/app", "--json", "--registry", HOST, configuration=None))
    assert named == shown
    assert plan("localhost:5100/team/app", configuration=None).returncode == 1


def test_allow_any_registry_takes_each_of_ecr_s(plan: Plan) -> None:
    any_registry = {**CONFIGURATION, "allow_any_registry": True}
    gov = "310987654321.dkr.ecr-fips.us-gov-west-1.amazonaws.com"
    assert as_json(plan(f"{gov}/app", "--json", configuration=any_registry))["registry"] == gov
    for bad in ("310987654321.dkr.ecr.eu-west-1.amazonaws.com.cn", "1.dkr.ecr.eu-west-1.aws"):
        assert plan(f"{bad}/app", configuration=any_registry).returncode == 1


def test_tags_that_ecr_would_refuse(plan: Plan) -> None:
    long = {"defaults": {"tags": {"path": "${repository}-${repository}"}}}
    done = plan(f"{HOST}/{'a' * 200}", configuration=long)
    assert done.returncode == 1
    assert '"path"' in done.stderr and "256" in done.stderr


def test_a_broken_configuration(plan: Plan) -> None:
    done = plan("team/app", configuration='{"rules": [{"matsch": "**"}]}')
    assert done.returncode != 0
    assert done.stdout == ""
    assert "plan.conf:1:" in done.stderr and "match" in done.stderr


def test_it_wants_a_name(plan: Plan, tmp_path: Path) -> None:
    done = run("plan", env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert done.returncode == 2
    assert "plan wants [REGISTRY/]NAME" in done.stderr
