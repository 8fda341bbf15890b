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
        self.daemon = Daemon(self.arguments(scratch), self.sandbox.env(),
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
