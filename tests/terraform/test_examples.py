"""Each example applies, settles and goes; what it promises is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from terraform.double import ACCOUNT, Double
from terraform.work import MODULE, Work
from terraform.written import too_wide

EXAMPLES = sorted(file.name for file in (MODULE / "examples").iterdir() if file.is_dir())
MEMBER = "210987654321"
Start = Callable[..., Work]


def settle(here: Work, values: dict[str, Any]) -> None:
    here.run("validate", "-no-color")
    here.apply(values)
    assert not here.plan(values), "the second plan is not empty"


def test_every_example_is_here() -> None:
    tested = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert all(f'where="examples/{name}"' in tested for name in EXAMPLES)


def test_minimal(work: Start, double: Double, package: Path) -> None:
    here = work(where="examples/minimal")
    settle(here, {"package": str(package)})
    assert here.outputs()["function"] == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:ecr-upsertd"


def test_complete(work: Start, double: Double, package: Path) -> None:
    here = work(where="examples/complete")
    values = {"package": str(package)}
    settle(here, values)
    [function] = double.client("lambda", "eu-west-1").list_functions()["Functions"]
    tags = double.client("lambda", "eu-west-1").list_tags(Resource=function["FunctionArn"])["Tags"]
    assert tags == {"managed-by": "terraform"}
    [template] = double.templates.values()
    assert json.loads(template["lifecyclePolicy"])["rules"][0]["action"] == {"type": "expire"}
    alarms = double.client("cloudwatch", "eu-west-1").describe_alarms()["MetricAlarms"]
    assert {len(one["AlarmActions"]) for one in alarms} == {1}
    [waiting] = [one for one in alarms if one["AlarmName"] == "ecr-upsertd-waiting"]
    assert waiting["Threshold"] == 3600 and waiting["Dimensions"] == [
        {"Name": "QueueName", "Value": "ecr-upsertd-buffer"}]
    here.destroy(values)
    assert not double.templates


def test_two_regions(work: Start, double: Double, package: Path) -> None:
    """In one account, from one configuration: IAM's names must not meet."""
    here = work(where="examples/multi-region")
    settle(here, {"package": str(package)})
    for region in ("eu-west-1", "us-east-1"):
        [function] = double.client("lambda", region).list_functions()["Functions"]
        assert function["FunctionArn"].split(":")[3] == region
        assert function["Role"].endswith(f":role/ecr-upsertd-{region}")
        queues = double.client("sqs", region).list_queues()["QueueUrls"]
        assert len(queues) == 2
        rule = double.client("events", region).describe_rule(Name="ecr-upsertd")
        assert rule["Arn"].split(":")[3] == region
        policy = double.client("iam", region).get_role_policy(
            RoleName=f"ecr-upsertd-{region}", PolicyName="function")["PolicyDocument"]
        resources = [arn for one in policy["Statement"] for arn in one["Resource"]]
        assert {arn.split(":")[3] for arn in resources} == {region}


def test_many_accounts_and_regions_to_one_bus(work: Start, double: Double, package: Path) -> None:
    here = work(where="examples/org")
    values = {"package": str(package)}
    settle(here, values)
    bus = here.outputs()["bus"]
    assert bus == f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/ecr-upsertd"
    for account, region in ((MEMBER, "eu-west-1"), (MEMBER, "us-east-1"), (ACCOUNT, "us-east-1")):
        events = double.client("events", region, account)
        [target] = events.list_targets_by_rule(Rule="ecr-upsertd-forward")["Targets"]
        assert target["Arn"] == bus
        role = target["RoleArn"].rpartition("/")[2]
        assert target["RoleArn"].split(":")[4] == account
        policy = double.client("iam", region, account).get_role_policy(
            RoleName=role, PolicyName="forward")["PolicyDocument"]
        assert [one["Resource"] for one in policy["Statement"]] == [[bus]]
        rule = events.describe_rule(Name="ecr-upsertd-forward")
        assert json.loads(rule["EventPattern"]) == json.loads(
            (MODULE / "event-pattern.json").read_text())
        alarms = double.client("cloudwatch", region, account).describe_alarms()["MetricAlarms"]
        assert {f"ecr-upsertd-forward-{what}" for what in ("lost", "undelivered")} <= {
            one["AlarmName"] for one in alarms}
    creator = double.client("iam", "eu-west-1", MEMBER).get_role(RoleName="ecr-upsertd-creator")
    [trust] = creator["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:role/ecr-upsertd-eu-west-1"}
    made = double.client("iam", "eu-west-1", MEMBER).get_role_policy(
        RoleName="ecr-upsertd-creator", PolicyName="create")["PolicyDocument"]["Statement"]
    assert [one["Resource"] for one in made] == [[
        f"arn:aws:ecr:{region}:{MEMBER}:repository/*" for region in ("eu-west-1", "us-east-1")]]
    assert not too_wide(double.calls)
    here.destroy(values)
    assert not double.client("events", "us-east-1", MEMBER).list_rules()["Rules"]
    assert not double.client("iam", "eu-west-1", MEMBER).list_roles()["Roles"]


RULES = {
    "defaults": {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
                 "image_tag_mutability_exclusion_filters": ["dev*"], "tags": {"made": "here"}},
    "rules": [
        {"name": "early", "match": "team-a/base/**", "settings": {
            "image_tag_mutability": "MUTABLE_WITH_EXCLUSION",
            "image_tag_mutability_exclusion_filters": ["v*"]}},
        {"name": "team-a", "match": "team-a/**", "settings": {
            "image_tag_mutability": "IMMUTABLE", "tags": {"owner": "a"},
            "lifecycle_policy": {"rules": []}}},
        {"name": "never", "match": "team-a/app/**"},
        {"name": "user", "match": "team-b/**", "settings": {"tags": {"owner": "${user}"}}},
        {"name": "unscanned", "match": "big/**", "settings": {"scan_on_push": False}},
        {"name": "closed", "match": "prod/**", "action": "deny"},
        {"name": "below", "match": "prod/open/**"},
        {"name": "wild", "match": "x/**/cache"}]}


def test_native_templates(work: Start, double: Double) -> None:
    here = work(where="examples/native-templates")
    values = {"config_json": json.dumps(RULES),
              "custom_role_arn": f"arn:aws:iam::{ACCOUNT}:role/ecr-upsertd-template"}
    settle(here, values)
    made = {prefix: one for (_, prefix), one in double.templates.items()}
    assert set(made) == {"team-a/", "team-a/base/"}
    assert made["team-a/"]["resourceTags"] == [
        {"Key": "made", "Value": "here"}, {"Key": "owner", "Value": "a"}]
    assert made["team-a/"]["imageTagMutability"] == "IMMUTABLE"
    assert not made["team-a/"].get("imageTagMutabilityExclusionFilters")    # the defaults' are gone
    assert json.loads(made["team-a/"]["lifecyclePolicy"]) == {"rules": []}
    assert made["team-a/base/"]["imageTagMutabilityExclusionFilters"] == [
        {"filterType": "WILDCARD", "filter": "v*"}]
    kept = here.outputs()["kept"]
    assert set(kept) == {"never", "user", "unscanned", "closed", "below", "wild", "defaults"}
    assert kept["never"] == ["rule team-a before it takes all its names"]
    assert kept["closed"] == ["a template cannot deny"]
    assert kept["below"] == ["rule closed before it would be passed over"]
    # A template for all names would create what `closed` denies.
    assert "rule closed before it would be passed over" in kept["defaults"]


def test_native_templates_of_plain_rules(work: Start, double: Double) -> None:
    here = work(where="examples/native-templates")
    rules = {"rules": [{"name": "cache", "match": "cache/**",
                        "settings": {"image_tag_mutability": "MUTABLE"}}]}
    here.apply({"config_json": json.dumps(rules)})
    made = {prefix: one["imageTagMutability"] for (_, prefix), one in double.templates.items()}
    assert made == {"cache/": "MUTABLE", "ROOT": "IMMUTABLE"}
    assert here.outputs()["kept"] == {}
