"""What stands behind the port that clients push to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Protocol

from clients.client import TAG, Target
from clients.registry import Registry
from integration.client import Client
from integration.daemon import Daemon
from names import registry_of
from sandbox import Sandbox

ACCEPT = ", ".join(["application/vnd.oci.image.manifest.v1+json",
                    "application/vnd.oci.image.index.v1+json",
                    "application/vnd.docker.distribution.manifest.v2+json",
                    "application/vnd.docker.distribution.manifest.list.v2+json"])


class Stack(Protocol):
    target: Target

    def repository(self, name: str) -> dict[str, Any] | None:
        """The repository as DescribeRepositories shows it."""

    def creations(self, name: str) -> int:
        """How often CreateRepository was called for it."""

    def evidence(self, name: str) -> str:
        """What the daemon wrote last, and what reached the registry for this repository."""

    def stop(self) -> None: ...


def stored_digest(target: Target, path: str) -> str:
    """The digest of the manifest's bytes as they come out at the client's end."""
    with Client(target.port, timeout=10) as client:
        answer = client.ask("GET", f"/v2/{path}/manifests/{TAG}", headers={"Accept": ACCEPT})
    assert answer.status == 200, answer
    return "sha256:" + hashlib.sha256(answer.body).hexdigest()


class Direct:
    """A registry where every repository exists: whether a client does its part."""

    def __init__(self, scratch: Path):
        self.service = Registry(scratch)
        self.target = Target(self.service.port, "123456789012.dkr.ecr.eu-west-1.amazonaws.com")
        self.asked: set[str] = set()

    def repository(self, name: str) -> dict[str, Any] | None:
        if name not in self.asked:
            self.asked.add(name)
            return None
        return {"imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True}}

    def creations(self, name: str) -> int:
        return 1

    def evidence(self, name: str) -> str:
        return self.service.service.tail()

    def stop(self) -> None:
        self.service.stop()


class Proxied:
    """The daemon, and the sandbox behind it in the place of ECR."""

    def __init__(self, scratch: Path):
        self.sandbox = Sandbox(dir=scratch)
        self.sandbox.start()
        self.environment = self.sandbox.env()
        self.daemon = Daemon(self.arguments(scratch), self.environment,
                             log=scratch / "daemon.log", log_format="text")
        try:
            self.daemon.start()
        except AssertionError:
            self.sandbox.stop()
            raise
        self.target = Target(self.daemon.port, self.sandbox.host)

    def arguments(self, scratch: Path) -> list[str]:
        return self.sandbox.daemon_args()

    def repository(self, name: str) -> dict[str, Any] | None:
        return self.sandbox.describe(name)

    def creations(self, name: str) -> int:
        return len(self.sandbox.calls("CreateRepository", repository=name))

    def evidence(self, name: str) -> str:
        requests = [f"{one['time']:.3f} {one['side']} {one['operation']} {one['method']}"
                    f" {one['path']} {one['status']}"
                    for one in self.sandbox.requests(repository=name)]
        return "\n".join([self.daemon.tail(), *requests])

    def stop(self) -> None:
        try:
            self.daemon.stop()
        finally:
            self.sandbox.stop()


class Accounts(Proxied):
    """The same, with a second account's registry of another region beside the default one."""

    SECOND = "210987654321.dkr.ecr.us-east-2.amazonaws.com"

    def __init__(self, scratch: Path):
        super().__init__(scratch)
        self.target = Target(self.daemon.port, self.sandbox.host, (self.SECOND,))

    def arguments(self, scratch: Path) -> list[str]:
        registries = [{"host": host, "endpoint": self.sandbox.endpoint}
                      for host in (self.sandbox.host, self.SECOND)]
        file = scratch / "ecr-upsertd.conf"
        file.write_text(json.dumps({"registries": registries}))
        return ["--config", str(file)]

    def repository_of(self, host: str, name: str) -> dict[str, Any] | None:
        registry = registry_of(host)
        assert registry is not None
        return self.sandbox.describe(name, registry.account, registry.region)


class Refusing(Proxied):
    """A daemon that has a reason to refuse: its rules, its budget, its identities' rights."""

    NOBODY = "210987654321.dkr.ecr.us-east-2.amazonaws.com"
    EXPIRED = "321098765432.dkr.ecr.us-east-2.amazonaws.com"
    AWS = """[profile nobody]
region = us-east-2
[profile expired]
aws_access_key_id = AKIAEXPIREDEXAMPLE00
aws_secret_access_key = secret
aws_session_token = token
"""

    def arguments(self, scratch: Path) -> list[str]:
        home = scratch / "aws"
        home.write_text(self.AWS)
        self.environment |= {"AWS_CONFIG_FILE": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
        self.sandbox.add_identity("AKIAEXPIREDEXAMPLE00", "secret", session_token="token",
                                  expires=1)
        self.file = scratch / "ecr-upsertd.conf"
        self.configure(100)
        self.sandbox.set_fault("api", "access_denied", operation="CreateRepository",
                               repository="forbidden/*")
        return ["--config", str(self.file)]

    def configure(self, max_per_hour: int) -> None:
        registries = [{"host": self.sandbox.host},
                      {"host": self.NOBODY, "profile": "nobody"},
                      {"host": self.EXPIRED, "profile": "expired"}]
        self.file.write_text(json.dumps({
            "registries": [one | {"endpoint": self.sandbox.endpoint} for one in registries],
            "create": {"max_per_hour": max_per_hour, "timeout_s": 2},
            "rules": [{"name": "no-prod", "match": "prod/**", "action": "deny",
                       "reason": "ask platform@example.com"},
                      {"name": "cloud", "match": "waiting/**", "action": "wait"},
                      {"name": "all", "match": "**"}]}))

    def prepare(self, over_budget: bool = False) -> None:
        """The reload lets it forget what was refused, too."""
        self.configure(1 if over_budget else 100)
        self.daemon.reload()
        if over_budget:
            self.daemon.ask("POST", "/v2/first/blobs/uploads/")
