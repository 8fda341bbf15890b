"""aws_cloudwatch_event_*"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from base import Resource, Values, block, known_as, renamed


def bus(values: Values) -> str:
    return values.get("event_bus_name") or "default"


@known_as("aws_cloudwatch_event_bus")
class Bus(Resource):
    service = "events"
    replacing = ("name",)

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("create_event_bus", Name=new["name"], Tags=self.tags(new))
        return {"arn": made["EventBusArn"], "id": new["name"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("describe_event_bus", Name=now["name"])
        self.call("list_tags_for_resource", ResourceARN=found["Arn"])
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.retag(old["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_event_bus", Name=old["name"])


@known_as("aws_cloudwatch_event_bus_policy")
class BusPolicy(Resource):
    service = "events"
    replacing = ("event_bus_name",)

    def create(self, new: Values) -> dict[str, Any]:
        self.call("put_permission", EventBusName=bus(new), Policy=new["policy"])
        return {"id": bus(new)}

    def read(self, now: Values) -> dict[str, Any] | None:
        return {} if self.call("describe_event_bus", Name=bus(now)).get("Policy") else None

    def delete(self, old: Values) -> None:
        self.call("remove_permission", EventBusName=bus(old), RemoveAllPermissions=True)


@known_as("aws_cloudwatch_event_rule")
class Rule(Resource):
    service = "events"
    replacing = ("name", "event_bus_name")

    def problems(self, config: Values) -> Iterator[str]:
        if config.get("event_pattern") is None and config.get("schedule_expression") is None:
            yield "one of event_pattern, schedule_expression must be given"

    def _put(self, new: Values, **more: Any) -> dict[str, Any]:
        made = self.call("put_rule", Name=new["name"], State=new.get("state") or "ENABLED", **more,
                         **renamed(new, EventPattern="event_pattern", Description="description",
                                   EventBusName="event_bus_name"))
        return {"arn": made["RuleArn"], "id": f"{bus(new)}/{new['name']}"}

    def create(self, new: Values) -> dict[str, Any]:
        return self._put(new, Tags=self.tags(new))

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("describe_rule", Name=now["name"], EventBusName=bus(now))
        self.call("list_tags_for_resource", ResourceARN=found["Arn"])
        return {"state": found["State"]}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.retag(old["arn"], old, new)
        return self._put(new)

    def delete(self, old: Values) -> None:
        self.call("delete_rule", Name=old["name"], EventBusName=bus(old))


@known_as("aws_cloudwatch_event_target")
class Target(Resource):
    service = "events"
    replacing = ("rule", "target_id", "event_bus_name")

    def create(self, new: Values) -> dict[str, Any]:
        target = {"Id": new["target_id"], "Arn": new["arn"], **renamed(new, RoleArn="role_arn")}
        retry, dead_letter = block(new, "retry_policy"), block(new, "dead_letter_config")
        if retry:
            target["RetryPolicy"] = renamed(
                retry, MaximumRetryAttempts="maximum_retry_attempts",
                MaximumEventAgeInSeconds="maximum_event_age_in_seconds")
        if dead_letter:
            target["DeadLetterConfig"] = {"Arn": dead_letter["arn"]}
        made = self.call("put_targets", Rule=new["rule"], EventBusName=bus(new), Targets=[target])
        if made.get("FailedEntryCount"):
            raise ValueError(str(made["FailedEntries"]))
        return {"id": f"{new['rule']}-{new['target_id']}"}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("list_targets_by_rule", Rule=now["rule"], EventBusName=bus(now))
        return {} if any(one["Id"] == now["target_id"] for one in found["Targets"]) else None

    def delete(self, old: Values) -> None:
        self.call("remove_targets", Rule=old["rule"], EventBusName=bus(old), Ids=[old["target_id"]])
