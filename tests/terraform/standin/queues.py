"""aws_sqs_*, aws_sns_topic"""

from __future__ import annotations

from typing import Any

from base import Resource, Values, given_name, known_as, renamed


@known_as("aws_sqs_queue")
class Queue(Resource):
    service = "sqs"
    replacing = ("name", "name_prefix", "fifo_queue")

    def _attributes(self, new: Values) -> dict[str, str]:
        made = renamed(new, MessageRetentionPeriod="message_retention_seconds", Policy="policy",
                       VisibilityTimeout="visibility_timeout_seconds",
                       SqsManagedSseEnabled="sqs_managed_sse_enabled",
                       RedrivePolicy="redrive_policy", KmsMasterKeyId="kms_master_key_id")
        return {name: str(value).lower() if isinstance(value, bool) else str(value)
                for name, value in made.items()}

    def create(self, new: Values) -> dict[str, Any]:
        name = given_name(new)
        url = self.call("create_queue", QueueName=name, tags=self.tags(new),
                        Attributes=self._attributes(new))["QueueUrl"]
        return {"id": url, "url": url, "name": name,
                "arn": self._read(url)["QueueArn"]}

    def _read(self, url: str) -> dict[str, str]:
        found: dict[str, str] = self.call("get_queue_attributes", QueueUrl=url,
                                          AttributeNames=["All"])["Attributes"]
        return found

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self._read(now["url"])
        self.call("list_queue_tags", QueueUrl=now["url"])
        return {"message_retention_seconds": int(found["MessageRetentionPeriod"]),
                "visibility_timeout_seconds": int(found["VisibilityTimeout"])}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        before, after = self._attributes(old), self._attributes(new)
        changed = {name: after.get(name, "") for name in {**before, **after}
                   if after.get(name) != before.get(name)}
        if changed:
            self.call("set_queue_attributes", QueueUrl=old["url"], Attributes=changed)
        self.retag(old["url"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_queue", QueueUrl=old["url"])


@known_as("aws_sns_topic")
class Topic(Resource):
    service = "sns"
    replacing = ("name", "name_prefix")

    def create(self, new: Values) -> dict[str, Any]:
        name = given_name(new)
        arn = self.call("create_topic", Name=name, Tags=self.tags(new))["TopicArn"]
        return {"arn": arn, "id": arn, "name": name, "owner": arn.split(":")[4]}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_topic_attributes", TopicArn=now["arn"])
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.retag(old["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_topic", TopicArn=old["arn"])
