"""The module from its defaults, over every variable changed, to its end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from integration.lambda_runtime import Function, push_event
from terraform.double import ACCOUNT
from terraform.life import CHANGED, FIRST_KEY, NAME, OTHER, REGION, Stage
from terraform.work import MODULE

Life = dict[str, Stage]
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}"
ELSEWHERE = {"package", "name", "region"}    # test_places.py; package is here below
# Before an apply, with a program that is not there: test_refusals.py.
AT_PLAN = {"check_config_command"}


def environment(stage: Stage) -> dict[str, str]:
    found: dict[str, str] = stage.seen["function"]["Configuration"]["Environment"]["Variables"]
    return found


def configuration(stage: Stage) -> Any:
    return json.loads(environment(stage)["ECR_UPSERTD_CONFIG"])


def asked(stage: Stage, operation: str) -> dict[str, Any]:
    """The only such call's parameters: moto 5.2.1 does not take over all that a change sets."""
    [found] = [call.parameters for call in stage.calls if call.operation.startswith(operation)]
    return found


def rights(stage: Stage) -> dict[str, Any]:
    return {one["Sid"]: one for one in stage.seen["rights"]["PolicyDocument"]["Statement"]}


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("stage", ["fresh", "changed", "retagged", "other", "back"])
def test_settles(life: Life, stage: str) -> None:
    assert life[stage].settled, "the plan after the apply is not empty"


def test_changes_each_variable() -> None:
    declared = set(re.findall(r'^variable "(\w+)"', (MODULE / "variables.tf").read_text(), re.M))
    assert declared == ELSEWHERE | AT_PLAN | set(CHANGED) | set(OTHER)


def test_function(life: Life) -> None:
    found = life["fresh"].seen["function"]["Configuration"]
    assert found["Runtime"] == "provided.al2023" and found["Architectures"] == ["x86_64"]
    assert found["MemorySize"] == 128 and found["Timeout"] == 60
    assert set(environment(life["fresh"])) == {"ECR_UPSERTD_CONFIG"}
    assert configuration(life["fresh"]) == {
        "defaults": {"image_tag_mutability": "IMMUTABLE", "scan_on_push": True, "tags": {}}}
    [log] = life["fresh"].seen["logs"]
    assert log["logGroupName"] == f"/aws/lambda/{NAME}" and log["retentionInDays"] == 365


def test_function_changes_in_place(life: Life) -> None:
    made = [call.operation for stage in life.values() for call in stage.calls
            if call.operation in ("CreateFunction", "CreateLogGroup", "DeleteFunction")]
    assert sorted(made) == ["CreateFunction", "CreateLogGroup", "DeleteFunction"]
    old, new = (life[one].seen["function"]["Configuration"] for one in ("fresh", "changed"))
    assert old["CodeSha256"] != new["CodeSha256"]
    assert asked(life["changed"], "UpdateFunctionCode")["Architectures"] == ["arm64"]
    assert new["MemorySize"] == 256 and new["Timeout"] == 30
    assert [one["Arn"] for one in new["Layers"]] == CHANGED["layers"]
    update = asked(life["changed"], "UpdateFunctionConfiguration")
    assert update["TracingConfig"] == {"Mode": "Active"}
    assert life["changed"].seen["function"]["Concurrency"]["ReservedConcurrentExecutions"] == 3
    assert "Concurrency" not in life["back"].seen["function"]
    assert environment(life["changed"])["AWS_USE_FIPS_ENDPOINT"] == "true"
    assert configuration(life["changed"]) == {
        "defaults": {"image_tag_mutability": "MUTABLE", "scan_on_push": False,
                     "tags": {"env": "poc", "by": "${user}"}}, "rules": [{"match": "**"}]}
    assert environment(life["other"])["ECR_UPSERTD_CONFIG"] == "/opt/ecr-upsertd.json"
    assert life["changed"].seen["function"]["Tags"] == {"owner": "platform"}
    assert life["retagged"].seen["function"]["Tags"] == {"team": "platform"}


def test_rule(life: Life) -> None:
    rule = life["fresh"].seen["rule default"]
    assert rule["State"] == "ENABLED"
    assert json.loads(rule["EventPattern"]) == {
        "source": ["aws.ecr"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": ["ecr.amazonaws.com"],
                   "eventName": ["InitiateLayerUpload", "PutImage"],
                   "errorCode": ["RepositoryNotFoundException"]}}
    [target] = life["fresh"].seen["targets default"]["Targets"]
    assert target["Arn"] == FUNCTION
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 24, "MaximumEventAgeInSeconds": 3600}
    assert target["DeadLetterConfig"]["Arn"].endswith(f":{NAME}-undelivered")
    [allowed] = json.loads(life["fresh"].seen["permission"]["Policy"])["Statement"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert rule["Arn"] in json.dumps(allowed["Condition"])
    assert life["changed"].seen["rule default"]["State"] == "DISABLED"
    [target] = life["changed"].seen["targets default"]["Targets"]
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 600}


def test_what_fails_is_kept(life: Life) -> None:
    for stage, days in (("fresh", 14), ("changed", 4)):
        queues = life[stage].seen["queues"]
        assert set(queues) == {f"{NAME}-undelivered", f"{NAME}-failed"}
        for queue in queues.values():
            assert queue["MessageRetentionPeriod"] == str(days * 86400)
            assert "aws:SecureTransport" in queue["Policy"]
    fresh, changed = life["fresh"].seen["queues"], life["changed"].seen["queues"]
    assert {one["SqsManagedSseEnabled"] for one in fresh.values()} == {"true"}
    made = [call.parameters["Attributes"] for call in life["fresh"].calls
            if call.operation == "CreateQueue"]
    assert [one["SqsManagedSseEnabled"] for one in made] == ["true", "true"]
    [key] = life["changed"].seen["keys"]
    assert {one["KmsMasterKeyId"] for one in changed.values()} == {key["Arn"]}
    [take] = [one for one in json.loads(fresh[f"{NAME}-undelivered"]["Policy"])["Statement"]
              if one["Effect"] == "Allow"]
    assert take["Condition"] == {"ArnEquals": {
        "aws:SourceArn": [life["fresh"].seen["rule default"]["Arn"]]}}
    invoke = life["fresh"].seen["invoke"]
    assert invoke["DestinationConfig"]["OnFailure"]["Destination"].endswith(f":{NAME}-failed")
    assert invoke["MaximumRetryAttempts"] == 2 and invoke["MaximumEventAgeInSeconds"] == 3600
    invoke = asked(life["changed"], "PutFunctionEventInvokeConfig")
    assert invoke["MaximumRetryAttempts"] == 1 and invoke["MaximumEventAgeInSeconds"] == 600


def test_role_has_no_wildcard(life: Life) -> None:
    found = rights(life["fresh"])
    assert set(found) == {"CreateRepositories", "WriteLog", "KeepFailedEvents"}
    for statement in found.values():
        assert not any("*" in action for action in statement["Action"])
        assert "*" not in statement["Resource"]
    assert found["CreateRepositories"]["Resource"] == [
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*"]


def test_role_gets_what_is_asked_for(life: Life) -> None:
    found = rights(life["changed"])
    assert found["CreateRepositories"]["Resource"] == [
        f"arn:aws:ecr:{region}:{ACCOUNT}:repository/team-a/*" for region in CHANGED["regions"]]
    assert found["EncryptRepositories"]["Resource"] == [FIRST_KEY]
    assert found["CreateInOtherAccounts"]["Resource"] == CHANGED["assume_role_arns"]
    assert found["ReadCreationTemplates"]["Resource"] == ["*"]
    assert found["Trace"]["Resource"] == ["*"]
    boundary = life["changed"].seen["role"]["Role"]["PermissionsBoundary"]
    assert boundary["PermissionsBoundaryArn"] == CHANGED["permissions_boundary"]
    assert "PermissionsBoundary" not in life["back"].seen["role"]["Role"]
    assert rights(life["back"]) == rights(life["fresh"])


def test_alarms(life: Life) -> None:
    found = {one["AlarmName"]: one for one in life["fresh"].seen["alarms"]}
    assert set(found) == {f"{NAME}-{what}" for what in (
        "errors", "failed", "lost", "lost-default", "not-created", "throttles", "undelivered")}
    assert not any(one["AlarmActions"] for one in found.values())
    changed = life["changed"].seen["alarms"]
    assert all(one["AlarmActions"] == CHANGED["alarm_actions"] for one in changed)
    assert {one["AlarmName"] for one in changed} - set(found) == {
        f"{NAME}-denied", f"{NAME}-lost-central"}
    assert not life["other"].seen["alarms"]


def test_alarms_watch_what_the_program_writes(life: Life) -> None:
    """CloudWatch keeps apart what differs in namespace, name or any dimension."""
    with Function({"AWS_REGION": REGION, "AWS_LAMBDA_FUNCTION_NAME": NAME},
                  config={"rules": [{"match": "**", "action": "deny"}]}) as function:
        assert function.invoke(push_event("team/app")).body == {"result": "denied"}
        assert not function.invoke(b"no json").ok
        written = [json.loads(line) for line in (function.root / "out").read_text().splitlines()]
    metrics = [{"Namespace": told["Namespace"], "MetricName": metric["Name"], "Dimensions": [
        {"Name": name, "Value": line[name]} for name in dimensions]}
        for line in written for told in line["_aws"]["CloudWatchMetrics"]
        for metric in told["Metrics"] for dimensions in told["Dimensions"]]
    alarms = {one["AlarmName"]: one for one in life["changed"].seen["alarms"]}
    for name in ("denied", "not-created"):
        alarm = alarms[f"{NAME}-{name}"]
        assert {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions")} in metrics
        assert alarm["Statistic"] == "Sum" and alarm["Threshold"] == 0


def test_scanning_is_opt_in(life: Life) -> None:
    assert not any(call.operation == "PutRegistryScanningConfiguration"
                   for call in life["fresh"].calls)
    assert life["changed"].seen["scanning"] == {"scanType": "ENHANCED", "rules": [{
        "scanFrequency": "CONTINUOUS_SCAN",
        "repositoryFilters": [{"filter": "team-a/*", "filterType": "WILDCARD"}]}]}
    assert life["other"].seen["scanning"] == {"scanType": "BASIC", "rules": []}


def test_templates_are_opt_in(life: Life) -> None:
    assert not life["fresh"].seen["templates"] and not life["back"].seen["templates"]
    made = life["changed"].seen["templates"]["ROOT"]
    assert made["appliedFor"] == ["CREATE_ON_PUSH"] and made["imageTagMutability"] == "IMMUTABLE"
    assert made["resourceTags"] == [{"Key": "made-by", "Value": "template"}]
    assert "resourceTags" not in life["other"].seen["templates"]["ROOT"]


def test_trail_is_opt_in(life: Life) -> None:
    assert not life["fresh"].seen["trails"]
    [trail], [selectors] = life["changed"].seen["trails"], life["changed"].seen["selectors"]
    assert trail["S3BucketName"] == f"{NAME}-trail-{ACCOUNT}-{REGION}"
    [selector] = selectors["EventSelectors"]
    assert selector["ReadWriteType"] == "WriteOnly" and selector["IncludeManagementEvents"]
    [trail] = life["other"].seen["trails"]
    assert trail["S3BucketName"] == OTHER["trail_bucket"]
    assert life["other"].seen["buckets"] == [OTHER["trail_bucket"]]


def test_central_bus(life: Life) -> None:
    assert life["fresh"].seen["buses"] == ["default"]
    policy = json.loads(life["changed"].seen["bus"]["Policy"])
    accounts, organization = policy["Statement"]
    assert accounts["Principal"]["AWS"] == [
        f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::210987654321:root"]
    assert organization["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    [target] = life["changed"].seen[f"targets {NAME}"]["Targets"]
    assert target["Arn"] == FUNCTION
    assert f"rule/{NAME}/{NAME}" in life["changed"].seen["permission"]["Policy"]


def test_buffer(life: Life) -> None:
    assert not life["fresh"].seen["mappings"] and not life["back"].seen["mappings"]
    [target] = life["other"].seen["targets default"]["Targets"]
    assert target["Arn"].endswith(f":{NAME}-buffer")
    queue = life["other"].seen["queues"][f"{NAME}-buffer"]
    assert json.loads(queue["RedrivePolicy"])["maxReceiveCount"] == 3
    assert queue["VisibilityTimeout"] == "360"
    assert queue["MessageRetentionPeriod"] == str(14 * 86400)
    [mapping] = life["other"].seen["mappings"]
    assert mapping["BatchSize"] == 5
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 4}
    assert rights(life["other"])["TakeFromBuffer"]["Resource"] == [queue["QueueArn"]]
    assert life["other"].seen["permission"] is None    # nobody but the queue calls it


def test_keys(life: Life) -> None:
    def keys(stage: str) -> set[str | None]:
        seen = life[stage].seen
        return {seen["logs"][0].get("kmsKeyId"),
                *(queue.get("KmsMasterKeyId") for queue in seen["queues"].values())}

    assert keys("fresh") == keys("back") == {None}
    assert keys("changed") == {life["changed"].seen["keys"][0]["Arn"]}
    assert keys("other") == {FIRST_KEY}
    for stage in ("changed", "other"):
        assert {asked(life[stage], "UpdateFunctionConfiguration")["KMSKeyArn"]} == keys(stage)


def test_log_retention(life: Life) -> None:
    [log] = life["changed"].seen["logs"]
    assert log["retentionInDays"] == 30


def test_destroy_leaves_nothing(life: Life) -> None:
    seen = life["gone"].seen
    for what in ("function", "invoke", "permission", "role", "rights", "rule default",
                 "targets default", "bus"):
        assert seen[what] is None, what
    for what in ("mappings", "roles", "queues", "alarms", "logs", "trails", "templates"):
        assert not seen[what], what
    assert seen["buckets"] == [OTHER["trail_bucket"]]    # not ours
    assert seen["buses"] == ["default"]
    assert {key["KeyState"] for key in seen["keys"]} == {"PendingDeletion"}
    assert seen["scanning"] == {"scanType": "BASIC", "rules": []}
