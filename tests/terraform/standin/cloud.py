"""AWS as the stand-in reaches it: boto3 clients by region, for nothing but a local double."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import limits

# botocore's name of a service: that of the provider's endpoints block.
ENDPOINT_NAMES = {"events": "eventbridge", "logs": "cloudwatchlogs"}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class Cloud:
    """One provider block's configuration."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        # Not at the top: Terraform starts a provider often, only to ask for its schema.
        import boto3
        import botocore.config
        self._boto3 = boto3
        self._settings = botocore.config.Config(retries={"max_attempts": 2},
                                                s3={"addressing_style": "path"})
        self._config = config
        self._clients: dict[tuple[str, str], Any] = {}
        region = (config.get("region") or os.environ.get("AWS_REGION")
                  or os.environ.get("AWS_DEFAULT_REGION"))
        if not region:
            raise ValueError("no region: set it in the provider block or in AWS_REGION")
        self.region: str = region
        self._keys = {"aws_access_key_id": config.get("access_key")
                      or os.environ.get("AWS_ACCESS_KEY_ID", "testing"),
                      "aws_secret_access_key": config.get("secret_key")
                      or os.environ.get("AWS_SECRET_ACCESS_KEY", "testing"),
                      "aws_session_token": config.get("token")
                      or os.environ.get("AWS_SESSION_TOKEN")}
        for role in config.get("assume_role") or []:
            self._take_role(role)
        self.default_tags: dict[str, str] = {}
        for block in config.get("default_tags") or []:
            self.default_tags.update((block or {}).get("tags") or {})

    def _take_role(self, role: Mapping[str, Any]) -> None:
        given = self.call("sts", "assume_role", None, RoleArn=role["role_arn"],
                          RoleSessionName=role.get("session_name") or "terraform")["Credentials"]
        self._clients.clear()
        self._keys = {"aws_access_key_id": given["AccessKeyId"],
                      "aws_secret_access_key": given["SecretAccessKey"],
                      "aws_session_token": given["SessionToken"]}

    def _endpoint(self, service: str) -> str:
        name = ENDPOINT_NAMES.get(service, service)
        for block in self._config.get("endpoints") or []:
            if block and block.get(name):
                return str(block[name])
        url = (os.environ.get("AWS_ENDPOINT_URL_" + service.upper())
               or os.environ.get("AWS_ENDPOINT_URL"))
        if not url:
            raise ValueError(f"{service}: no endpoint. Set AWS_ENDPOINT_URL to a double of AWS: "
                             "this stand-in never talks to AWS itself")
        return url

    def client(self, service: str, region: str | None) -> Any:
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = self._boto3.client(
                service, region_name=key[1], endpoint_url=self._endpoint(service),
                config=self._settings, **self._keys)
        return self._clients[key]

    def call(self, service: str, operation: str, region: str | None, **parameters: Any) -> Any:
        """parameters: those that are None are left out."""
        client = self.client(service, region)
        given = _without_none(parameters)
        limits.check(client, operation, given)
        return getattr(client, operation)(**given)

    @property
    def account(self) -> str:
        return str(self.call("sts", "get_caller_identity", None)["Account"])

    def partition(self, region: str | None) -> str:
        found = self._boto3.session.Session().get_partition_for_region(region or self.region)
        return str(found)

    def arn(self, service: str, region: str | None, rest: str) -> str:
        where = region or self.region
        return f"arn:{self.partition(region)}:{service}:{where}:{self.account}:{rest}"

    def data(self, kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """What a data source says."""
        region = config.get("region") or self.region
        partition = self.partition(region)
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        if kind == "aws_caller_identity":
            who = self.call("sts", "get_caller_identity", None)
            return {"account_id": who["Account"], "arn": who["Arn"], "user_id": who["UserId"],
                    "id": who["Account"]}
        if kind == "aws_region":
            return {"region": region, "name": region, "id": region, "description": region,
                    "endpoint": f"ec2.{region}.{suffix}"}
        if kind == "aws_partition":
            return {"partition": partition, "id": partition, "dns_suffix": suffix,
                    "reverse_dns_prefix": ".".join(reversed(suffix.split(".")))}
        raise NotImplementedError(f"the stand-in does not know data source {kind}")
