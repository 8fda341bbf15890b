"""One life of the module, from its defaults over every variable changed to its end: what each stage
left in the double, and which calls it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from terraform.double import ACCOUNT, Call, Double
from terraform.work import Work

REGION = "eu-west-1"
NAME = "ecr-upsertd"
FIRST_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
TEMPLATES = {"ROOT": {"tags": {"made-by": "template"}, "applied_for": ["CREATE_ON_PUSH"],
                      "custom_role_arn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-template"}}

# Every variable but `package`, `name` and `region` (test_places.py), with a value that is not its
# default. `OTHER` has those that exclude one of these.
CHANGED: dict[str, Any] = {
    "IMAGE_TAG_MUTABILITY": "MUTABLE", "REPO_SCAN_ON_PUSH": False, "REPO_TAGS": {"env": "poc"},
    "SCAN_TYPE": "ENHANCED", "SCAN_FREQUENCY": "CONTINUOUS_SCAN", "manage_registry_scanning": True,
    "scan_filters": ["team-a/*"], "tags": {"owner": "platform"}, "architecture": "arm64",
    "memory_size": 256, "timeout": 30, "reserved_concurrency": 3,
    "layers": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:rules:1"],
    "config": {"defaults": {"tags": {"by": "${user}"}}, "rules": [{"match": "**"}]},
    "environment": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "tracing": True, "repository_prefixes": ["team-a/"], "repository_kms_key_arns": [FIRST_KEY],
    "read_creation_templates": True,
    "assume_role_arns": ["arn:aws:iam::210987654321:role/ecr-upsertd-creator"],
    "regions": [REGION, "us-east-1"],
    "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary", "event_age_seconds": 600,
    "delivery_attempts": 5, "function_attempts": 1, "failed_retention_days": 4,
    "rule_enabled": False, "central_bus": {"account_ids": ["210987654321"],
                                           "organization_id": "o-abcdefghij"},
    "log_retention_days": 30, "alarms": True, "alarm_on_denied": True,
    "alarm_actions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:ops"], "create_trail": True,
    "trail_bucket_force_destroy": True, "create_kms_key": True, "creation_templates": TEMPLATES,
}
OTHER: dict[str, Any] = {
    "SCAN_FREQUENCY": "MANUAL", "manage_registry_scanning": True, "kms_key_arn": FIRST_KEY,
    "config_path": "/opt/ecr-upsertd.json", "alarms": False,
    "buffer": {"batch_size": 5, "max_concurrent": 4, "attempts": 3},
    "create_trail": True, "trail_bucket": "the-accounts-own-bucket",
    "creation_templates": {"ROOT": {}},
}


@dataclass
class Stage:
    calls: list[Call]
    settled: bool    # was the plan after it empty?
    seen: dict[str, Any] = field(default_factory=dict)


def look(double: Double) -> dict[str, Any]:
    """The double's state, as far as the module has a say in it."""
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        return double.client(service, REGION)

    def ask(what: str, service: str, operation: str, **given: Any) -> None:
        try:
            made[what] = getattr(client(service), operation)(**given)
        except ClientError:
            made[what] = None

    ask("function", "lambda", "get_function", FunctionName=NAME)
    ask("invoke", "lambda", "get_function_event_invoke_config", FunctionName=NAME)
    ask("permission", "lambda", "get_policy", FunctionName=NAME)
    made["mappings"] = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    made["roles"] = client("iam").list_roles()["Roles"]
    ask("role", "iam", "get_role", RoleName=f"{NAME}-{REGION}")
    ask("rights", "iam", "get_role_policy", RoleName=f"{NAME}-{REGION}", PolicyName="function")
    made["buses"] = [one["Name"] for one in client("events").list_event_buses()["EventBuses"]]
    for bus in made["buses"]:
        ask(f"rule {bus}", "events", "describe_rule", Name=NAME, EventBusName=bus)
        ask(f"targets {bus}", "events", "list_targets_by_rule", Rule=NAME, EventBusName=bus)
    ask("bus", "events", "describe_event_bus", Name=NAME)
    sqs = client("sqs")
    made["queues"] = {url.rpartition("/")[2]: sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in sqs.list_queues().get("QueueUrls", [])}
    made["alarms"] = client("cloudwatch").describe_alarms()["MetricAlarms"]
    made["logs"] = client("logs").describe_log_groups()["logGroups"]
    made["trails"] = client("cloudtrail").describe_trails()["trailList"]
    made["selectors"] = [client("cloudtrail").get_event_selectors(TrailName=one["Name"])
                         for one in made["trails"]]
    made["buckets"] = [one["Name"] for one in client("s3").list_buckets()["Buckets"]]
    made["scanning"] = client("ecr").get_registry_scanning_configuration()["scanningConfiguration"]
    made["keys"] = [client("kms").describe_key(KeyId=one["KeyId"])["KeyMetadata"]
                    for one in client("kms").list_keys()["Keys"]]
    made["templates"] = {prefix: one for (_, prefix), one in double.templates.items()}
    return made


def live(here: Work, double: Double, package: Path, other_package: Path) -> dict[str, Stage]:
    """Stages `fresh`, `changed`, `retagged`, `other`, `back` (the defaults), `gone`."""
    double.client("s3", REGION).create_bucket(
        Bucket=OTHER["trail_bucket"], CreateBucketConfiguration={"LocationConstraint": REGION})
    double.client("lambda", REGION).publish_layer_version(
        LayerName="rules", Content={"ZipFile": package.read_bytes()})
    stages: dict[str, Stage] = {}

    def stage(name: str, values: Mapping[str, Any], zip_file: Path = package) -> None:
        given = {"package": str(zip_file), **values}
        double.calls.clear()
        here.apply(given)
        settled = not here.plan(given)
        stages[name] = Stage(list(double.calls), settled)
        stages[name].seen = look(double)

    stage("fresh", {})
    stage("changed", CHANGED, other_package)
    stage("retagged", {**CHANGED, "tags": {"team": "platform"}}, other_package)
    stage("other", OTHER, other_package)
    stage("back", {})
    double.calls.clear()
    here.destroy({"package": str(package)})
    stages["gone"] = Stage(list(double.calls), True)
    stages["gone"].seen = look(double)
    return stages
