"""aws_cloudwatch_metric_alarm, aws_cloudwatch_log_group, aws_cloudtrail"""

from __future__ import annotations

from typing import Any

from base import Resource, Values, known_as, renamed


@known_as("aws_cloudwatch_metric_alarm")
class Alarm(Resource):
    service = "cloudwatch"
    replacing = ("alarm_name",)

    def _put(self, new: Values, **more: Any) -> None:
        dimensions = [{"Name": name, "Value": value}
                      for name, value in sorted((new.get("dimensions") or {}).items())]
        self.call("put_metric_alarm", Dimensions=dimensions, **more, **renamed(
            new, AlarmName="alarm_name", ComparisonOperator="comparison_operator",
            EvaluationPeriods="evaluation_periods", MetricName="metric_name", Namespace="namespace",
            Period="period", Statistic="statistic", Threshold="threshold",
            AlarmDescription="alarm_description", AlarmActions="alarm_actions",
            OKActions="ok_actions", TreatMissingData="treat_missing_data"))

    def create(self, new: Values) -> dict[str, Any]:
        self._put(new, Tags=self.tags(new))
        return {"arn": self.cloud.arn("cloudwatch", self.region, f"alarm:{new['alarm_name']}"),
                "id": new["alarm_name"], "evaluate_low_sample_count_percentiles": ""}

    def read(self, now: Values) -> dict[str, Any] | None:
        found = self.call("describe_alarms", AlarmNames=[now["alarm_name"]])["MetricAlarms"]
        self.call("list_tags_for_resource", ResourceARN=now["arn"])
        return {} if found else None

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self._put(new)
        self.retag(old["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_alarms", AlarmNames=[old["alarm_name"]])


@known_as("aws_cloudwatch_log_group")
class LogGroup(Resource):
    service = "logs"
    replacing = ("name", "name_prefix")

    def create(self, new: Values) -> dict[str, Any]:
        name = new["name"]
        self.call("create_log_group", logGroupName=name, tags=self.tags(new),
                  **renamed(new, kmsKeyId="kms_key_id"))
        self._retain(new)
        return {"arn": self.cloud.arn("logs", self.region, f"log-group:{name}"), "id": name,
                "log_group_class": "STANDARD"}

    def _retain(self, new: Values) -> None:
        if new.get("retention_in_days"):
            self.call("put_retention_policy", logGroupName=new["name"],
                      retentionInDays=new["retention_in_days"])

    def read(self, now: Values) -> dict[str, Any] | None:
        groups = self.call("describe_log_groups", logGroupNamePrefix=now["name"])["logGroups"]
        found = [one for one in groups if one["logGroupName"] == now["name"]]
        if not found:
            return None
        self.call("list_tags_for_resource", resourceArn=now["arn"])
        return {"retention_in_days": found[0].get("retentionInDays", 0)}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self._retain(new)
        if new.get("kms_key_id") != old.get("kms_key_id"):
            if new.get("kms_key_id"):
                self.call("associate_kms_key", logGroupName=new["name"], kmsKeyId=new["kms_key_id"])
            else:
                self.call("disassociate_kms_key", logGroupName=new["name"])
        self.retag(old["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_log_group", logGroupName=old["name"])


@known_as("aws_cloudtrail")
class Trail(Resource):
    service = "cloudtrail"
    replacing = ("name",)

    def _settings(self, new: Values) -> dict[str, Any]:
        return renamed(new, Name="name", S3BucketName="s3_bucket_name",
                       IncludeGlobalServiceEvents="include_global_service_events",
                       IsMultiRegionTrail="is_multi_region_trail",
                       EnableLogFileValidation="enable_log_file_validation")

    def _select(self, new: Values) -> None:
        self.call("put_event_selectors", TrailName=new["name"], EventSelectors=[renamed(
            one, ReadWriteType="read_write_type",
            IncludeManagementEvents="include_management_events",
            ExcludeManagementEventSources="exclude_management_event_sources")
            for one in new.get("event_selector") or []])

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("create_trail", TagsList=self.tags(new), **self._settings(new))
        self.call("start_logging", Name=new["name"])
        self._select(new)
        return {"arn": made["TrailARN"], "id": made["TrailARN"], "sns_topic_arn": "",
                "home_region": self.region or self.cloud.region}

    def read(self, now: Values) -> dict[str, Any] | None:
        if not self.call("describe_trails", trailNameList=[now["name"]])["trailList"]:
            return None
        self.call("get_trail_status", Name=now["name"])
        self.call("get_event_selectors", TrailName=now["name"])
        self.call("list_tags", ResourceIdList=[now["arn"]])
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.call("update_trail", **self._settings(new))
        self._select(new)
        self.retag(old["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_trail", Name=old["name"])
