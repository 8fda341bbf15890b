"""Which rights a call needs, and whether a policy gives them: IAM as far as the lists of
terraform/policies/ go (Allow statements; conditions of equality and likeness)."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from terraform.double import Call

POLICIES = Path(__file__).resolve().parents[2] / "terraform" / "policies"
# Actions that no resource can be named for, each with the reason.
NO_RESOURCE: dict[str, str] = json.loads((POLICIES / "no-resource.json").read_text())

# S3's actions are not named as its operations are (Service Authorization Reference, Amazon S3).
S3_ACTIONS = {
    "HeadBucket": "ListBucket", "GetBucketCors": "GetBucketCORS",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketTagging": "PutBucketTagging", "ListObjectVersions": "ListBucketVersions",
}


@dataclass(frozen=True)
class Need:
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)


def policy(file: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A file of terraform/policies/ with its placeholders filled in."""
    text = (POLICIES / f"{file}.json").read_text()
    filled = re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)
    found: dict[str, Any] = json.loads(filled)
    return found


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    for test, wanted in condition.items():
        match = _like if test in ("StringLike", "ArnLike", "ArnEquals") else str.__eq__
        assert test in ("StringLike", "ArnLike", "ArnEquals", "StringEquals"), test
        for key, values in wanted.items():
            if not any(match(value, context.get(key, "")) for value in listed(values)):
                return False
    return True


def allows(statements: list[Mapping[str, Any]], need: Need) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and any(_like(action, need.action) for action in listed(statement["Action"]))
        and any(_like(resource, need.resource) for resource in listed(statement["Resource"]))
        and _holds(statement.get("Condition", {}), need.context) for statement in statements)


class Needs:
    """Of the calls of one account."""

    def __init__(self, account: str, partition: str = "aws") -> None:
        self.account, self.partition = account, partition

    def _arn(self, service: str, region: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{rest}"

    def of(self, call: Call) -> Iterator[Need]:
        """No call of STS's own needs a right."""
        if call.service != "sts":
            yield from getattr(self, "_" + call.service)(call, call.parameters)

    def _iam(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        role = f"arn:{self.partition}:iam::{self.account}:role/{given['RoleName']}"
        yield Need("iam:" + call.operation, role)
        if any(name.startswith("Tags.") for name in given) and call.operation == "CreateRole":
            yield Need("iam:TagRole", role)

    def _pass(self, role: str, service: str) -> Need:
        return Need("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"})

    def _lambda(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        # Dates and versions end some names: CreateFunction20150331.
        action = "lambda:" + re.sub(r"\d.*$", "", call.operation)
        resource = self._arn("lambda", call.region, f"function:{given.get('FunctionName')}")
        context = {}
        if "EventSourceMapping" in action:
            resource = self._arn("lambda", call.region, f"event-source-mapping:{given.get('UUID')}")
        if action == "lambda:CreateEventSourceMapping":
            context["lambda:FunctionArn"] = self._arn(
                "lambda", call.region, f"function:{given['FunctionName']}")
            resource = "*"
        yield Need(action, given.get("Resource", resource), context)
        if given.get("Role"):
            yield self._pass(given["Role"], "lambda")
        if action.startswith("lambda:Create") and given.get("Tags"):
            yield Need("lambda:TagResource", resource if resource != "*" else self._arn(
                "lambda", call.region, "event-source-mapping:new"))

    def _events(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        bus = given.get("EventBusName", "default")
        rule = given.get("Rule") or given.get("Name")
        where = f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}"
        if call.operation in ("CreateEventBus", "DeleteEventBus", "DescribeEventBus"):
            where = f"event-bus/{given['Name']}"
        if call.operation in ("PutPermission", "RemovePermission"):
            where = f"event-bus/{bus}"
        resource = given.get("ResourceARN") or self._arn("events", call.region, where)
        yield Need("events:" + call.operation, resource)
        if given.get("Tags"):
            yield Need("events:TagResource", resource)
        for target in given.get("Targets", []):
            if "RoleArn" in target:
                yield self._pass(target["RoleArn"], "events")

    def _sqs(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        name = given.get("QueueName") or given["QueueUrl"].rpartition("/")[2]
        resource = self._arn("sqs", call.region, name)
        yield Need("sqs:" + call.operation, resource)
        if given.get("tags") or given.get("Tags"):
            yield Need("sqs:TagQueue", resource)

    def _logs(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        resource = given.get("resourceArn") or self._arn(
            "logs", call.region, f"log-group:{given.get('logGroupName')}")
        if call.operation == "DescribeLogGroups":    # as the service names it in a refusal
            resource = self._arn("logs", call.region, "log-group::log-stream:")
        yield Need("logs:" + call.operation, resource)
        if given.get("tags"):
            yield Need("logs:TagResource", resource)

    def _cloudwatch(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        names = given.get("AlarmNames") or [given.get("AlarmName")]
        for name in ["*"] if call.operation == "DescribeAlarms" else names:
            resource = given.get("ResourceARN") or self._arn("cloudwatch", call.region,
                                                             f"alarm:{name}")
            yield Need("cloudwatch:" + call.operation, resource)
            if given.get("Tags"):
                yield Need("cloudwatch:TagResource", resource)

    def _ecr(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        resource = "*"
        if "repositoryName" in given or "repositoryNames" in given:
            name = given.get("repositoryName") or given["repositoryNames"][0]
            resource = self._arn("ecr", call.region, f"repository/{name}")
        yield Need("ecr:" + call.operation, given.get("resourceArn", resource))
        if given.get("tags") and call.operation == "CreateRepository":
            yield Need("ecr:TagResource", resource)
        if given.get("customRoleArn"):
            yield self._pass(given["customRoleArn"], "ecr")

    def _cloudtrail(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        if call.operation == "DescribeTrails":
            yield Need("cloudtrail:DescribeTrails", "*")
            return
        name = given.get("Name") or given.get("TrailName")
        resource = given.get("ResourceId") or (given.get("ResourceIdList") or [None])[0] or (
            self._arn("cloudtrail", call.region, f"trail/{name}"))
        yield Need("cloudtrail:" + call.operation, resource)
        if call.operation == "CreateTrail" and given.get("TagsList"):
            yield Need("cloudtrail:AddTags", resource)

    def _s3(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        action = S3_ACTIONS.get(call.operation, call.operation)
        resource = f"arn:{self.partition}:s3:::{given['Bucket']}"
        if call.operation == "DeleteObject":
            action = "DeleteObjectVersion" if "versionId" in given else action
            resource += f"/{given['Key']}"
        yield Need("s3:" + action, resource)

    def _kms(self, call: Call, given: Mapping[str, Any]) -> Iterator[Need]:
        key = given.get("KeyId") or given.get("TargetKeyId")
        resource = self._arn("kms", call.region, f"key/{key}") if key else "*"
        if call.operation in ("CreateAlias", "DeleteAlias", "UpdateAlias"):
            yield Need("kms:" + call.operation,
                       self._arn("kms", call.region, str(given["AliasName"])))
        if call.operation != "DeleteAlias":
            yield Need("kms:" + call.operation, resource)
        if call.operation == "CreateKey" and given.get("Tags"):
            yield Need("kms:TagResource", self._arn("kms", call.region, "key/new"))
