"""aws_lambda_*"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from base import Resource, Values, block, known_as, renamed

CODE = ("filename", "source_code_hash", "architectures")


def settings(new: Values) -> dict[str, Any]:
    made = renamed(new, Role="role", Handler="handler", Runtime="runtime", Timeout="timeout",
                   Description="description", MemorySize="memory_size")
    made["KMSKeyArn"] = new.get("kms_key_arn") or ""
    made["Layers"] = new.get("layers") or []
    made["Environment"] = {"Variables": block(new, "environment").get("variables") or {}}
    tracing = block(new, "tracing_config").get("mode")
    if tracing:
        made["TracingConfig"] = {"Mode": tracing}
    logging = block(new, "logging_config")
    if logging:
        made["LoggingConfig"] = renamed(logging, LogFormat="log_format", LogGroup="log_group",
                                        ApplicationLogLevel="application_log_level",
                                        SystemLogLevel="system_log_level")
    return made


@known_as("aws_lambda_function")
class Function(Resource):
    service = "lambda"
    replacing = ("function_name", "package_type")

    def problems(self, config: Values) -> Iterator[str]:
        if config.get("filename") is None:
            yield "the stand-in takes the code from `filename` only"
        if config.get("handler") is None or config.get("runtime") is None:
            yield "handler and runtime must be set when package_type is Zip"

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("create_function", FunctionName=new["function_name"], PackageType="Zip",
                         Code={"ZipFile": Path(new["filename"]).read_bytes()},
                         Architectures=new.get("architectures"), Tags=self.tags(new),
                         **settings(new))
        self._limit(new)
        return self._computed(made, new)

    def _limit(self, new: Values) -> None:
        most = new.get("reserved_concurrent_executions")
        if most is not None and most >= 0:
            self.call("put_function_concurrency", FunctionName=new["function_name"],
                      ReservedConcurrentExecutions=most)

    def _computed(self, made: Values, new: Values) -> dict[str, Any]:
        arn, version = made["FunctionArn"], made.get("Version")
        return {"arn": arn, "id": new["function_name"], "version": version,
                "qualified_arn": f"{arn}:{version}", "invoke_arn": f"{arn}/invocations",
                "qualified_invoke_arn": f"{arn}:{version}/invocations",
                "last_modified": made.get("LastModified"), "code_sha256": made.get("CodeSha256"),
                "source_code_size": made.get("CodeSize"),
                "source_code_hash": new.get("source_code_hash") or made.get("CodeSha256"),
                "architectures": new.get("architectures") or ["x86_64"], "signing_job_arn": "",
                "signing_profile_version_arn": ""}

    def read(self, now: Values) -> dict[str, Any] | None:
        name = now["function_name"]
        found = self.call("get_function", FunctionName=name)["Configuration"]
        self.call("list_versions_by_function", FunctionName=name)
        self.call("get_function_code_signing_config", FunctionName=name)
        return {"memory_size": found["MemorySize"], "timeout": found["Timeout"],
                "runtime": found["Runtime"]}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        name = new["function_name"]
        if any(old.get(one) != new.get(one) for one in CODE):
            self.call("update_function_code", FunctionName=name,
                      ZipFile=Path(new["filename"]).read_bytes(),
                      Architectures=new.get("architectures"))
        made = self.call("update_function_configuration", FunctionName=name, **settings(new))
        if new.get("reserved_concurrent_executions") != old.get("reserved_concurrent_executions"):
            if new["reserved_concurrent_executions"] == -1:
                self.call("delete_function_concurrency", FunctionName=name)
            self._limit(new)
        self.retag(new["arn"], old, new)
        return self._computed(made, new)

    def delete(self, old: Values) -> None:
        self.call("delete_function", FunctionName=old["function_name"])


@known_as("aws_lambda_permission")
class Permission(Resource):
    service = "lambda"
    replacing = ("action", "function_name", "principal", "source_arn", "source_account",
                 "statement_id")

    def create(self, new: Values) -> dict[str, Any]:
        self.call("add_permission", StatementId=new["statement_id"],
                  **renamed(new, FunctionName="function_name", Action="action",
                            SourceArn="source_arn", Principal="principal",
                            SourceAccount="source_account"))
        return {"id": new["statement_id"], "statement_id": new["statement_id"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        policy = self.call("get_policy", FunctionName=now["function_name"])["Policy"]
        return {} if f'"{now["statement_id"]}"' in policy else None

    def delete(self, old: Values) -> None:
        self.call("remove_permission", FunctionName=old["function_name"],
                  StatementId=old["statement_id"])


@known_as("aws_lambda_function_event_invoke_config")
class EventInvokeConfig(Resource):
    service = "lambda"
    replacing = ("function_name", "qualifier")

    def create(self, new: Values) -> dict[str, Any]:
        failure = block(block(new, "destination_config"), "on_failure").get("destination")
        self.call("put_function_event_invoke_config",
                  DestinationConfig={"OnFailure": {"Destination": failure}} if failure else None,
                  **renamed(new, FunctionName="function_name",
                            MaximumRetryAttempts="maximum_retry_attempts",
                            MaximumEventAgeInSeconds="maximum_event_age_in_seconds"))
        return {"id": new["function_name"]}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_function_event_invoke_config", FunctionName=now["function_name"])
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_function_event_invoke_config", FunctionName=old["function_name"])


@known_as("aws_lambda_event_source_mapping")
class EventSourceMapping(Resource):
    service = "lambda"
    replacing = ("event_source_arn",)

    def _settings(self, new: Values) -> dict[str, Any]:
        most = block(new, "scaling_config").get("maximum_concurrency")
        return {"ScalingConfig": {"MaximumConcurrency": most} if most else None,
                **renamed(new, FunctionName="function_name", BatchSize="batch_size",
                          FunctionResponseTypes="function_response_types")}

    def create(self, new: Values) -> dict[str, Any]:
        made = self.call("create_event_source_mapping", EventSourceArn=new["event_source_arn"],
                         Tags=self.tags(new), **self._settings(new))
        return {"id": made["UUID"], "uuid": made["UUID"], "function_arn": made["FunctionArn"],
                "state": made.get("State"),
                "arn": self.cloud.arn("lambda", self.region,
                                      f"event-source-mapping:{made['UUID']}")}

    def read(self, now: Values) -> dict[str, Any] | None:
        self.call("get_event_source_mapping", UUID=now["uuid"])
        self.call("list_tags", Resource=now["arn"])
        return {}

    def update(self, old: Values, new: Values) -> dict[str, Any]:
        self.call("update_event_source_mapping", UUID=old["uuid"], **self._settings(new))
        self.retag(old["arn"], old, new)
        return {}

    def delete(self, old: Values) -> None:
        self.call("delete_event_source_mapping", UUID=old["uuid"])
