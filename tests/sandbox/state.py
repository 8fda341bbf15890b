"""The API's state: moto, in this process and without a socket.

Calls go through moto's WSGI application, as its own server would hand them over; only the look-up
of a repository, which every registry request needs, reads moto's backend directly."""

import json
import uuid
from typing import Any

import moto.ecr.models
from moto.ecr.models import ecr_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.utilities.utils import get_partition
from werkzeug.test import Client

TARGET = "AmazonEC2ContainerRegistry_V20150921."

# moto 5.2.1 knows ECR's old pattern only, which refuses a__b and a--b; api.py has asked the real
# one before moto is called.
moto.ecr.models.ECR_REPOSITORY_NAME_PATTERN = r"(?s).+"


def _name_key(arguments: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    """Without a key KMS means the account's aws/ecr, always the same one; moto makes up another for
    each repository."""
    encryption = arguments.get("encryptionConfiguration")
    if not isinstance(encryption, dict) or encryption.get("kmsKey") \
            or encryption.get("encryptionType") not in ("KMS", "KMS_DSSE"):
        return arguments
    key = uuid.uuid5(uuid.NAMESPACE_DNS, f"{account}.{region}")
    arn = f"arn:{get_partition(region)}:kms:{region}:{account}:key/{key}"
    return {**arguments, "encryptionConfiguration": {**encryption, "kmsKey": arn}}


class State:
    def __init__(self) -> None:
        self._client = Client(DomainDispatcherApplication(create_backend_app))
        self.ecr("ListImages", {"repositoryName": "warm/up"}, "123456789012", "us-east-1")

    def ecr(self, operation: str, arguments: dict[str, Any], account: str,
            region: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an ECR call; 501 for what moto does not have."""
        if operation == "CreateRepository":
            arguments = _name_key(arguments, account, region)
        try:
            status, _, body = self._call("ecr", region, account, json.dumps(arguments).encode(), {
                "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation})
            return status, json.loads(body)
        except Exception as error:  # noqa: BLE001
            # moto lets anything through WSGI: for an operation or a region that it does not
            # have, for arguments that it did not expect
            return 501, {"__type": "UnknownOperationException",
                         "message": f"The sandbox's moto cannot do {operation}: {error!r}"}

    def sts(self, body: bytes, account: str, region: str) -> tuple[int, str, bytes]:
        return self._call("sts", region, account, body, {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})

    def _call(self, service: str, region: str, account: str, body: bytes,
              headers: dict[str, str]) -> tuple[int, str, bytes]:
        credential = f"MOTO/20260101/{region}/{service}/aws4_request"
        answer = self._client.post("/", base_url=f"http://{service}.{region}.amazonaws.com",
                                   data=body, headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, Signature=0",
            "x-moto-account-id": account, **headers})
        return answer.status_code, answer.headers.get("Content-Type", ""), answer.data

    def repository(self, account: str, region: str, name: str) -> Any | None:
        """moto's Repository, None where there is none (or no such region)."""
        try:
            return ecr_backends[account][region].repositories.get(name)
        except KeyError:
            return None

    def repositories(self, account: str, region: str) -> list[str]:
        try:
            return sorted(ecr_backends[account][region].repositories)
        except KeyError:
            return []

    def reset(self) -> None:
        for backend in list(ecr_backends.values()):
            backend.reset()
