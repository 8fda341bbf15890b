"""The real daemon, started and stopped as a service manager does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from clients.process import Failed, Service, free_port, succeeds

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ECR_UPSERTD") or ROOT / "build" / "daemon" / "ecr-upsertd")


class Daemon:
    """Listens on one free port of both loopback addresses as soon as the object is there."""

    def __init__(self, scratch: Path, arguments: Sequence[str], env: Mapping[str, str]):
        assert BINARY.exists(), f"{BINARY} is not built (ECR_UPSERTD names another one)"
        self.port = free_port()
        self.admin = f"127.0.0.1:{free_port()}"
        self.service = Service(
            [BINARY, "serve", "--listen", f"127.0.0.1:{self.port}", "--listen",
             f"[::1]:{self.port}", "--admin", self.admin, *arguments], scratch / "daemon.log", env)
        self.service.wait_until(
            lambda: succeeds([BINARY, "wait", "--admin", self.admin, "--timeout", "1"]))

    def stop(self) -> None:
        code = self.service.stop()
        if code != 0:
            raise Failed(f"{BINARY}: exit {code} after SIGTERM\n{self.service.tail()}")
