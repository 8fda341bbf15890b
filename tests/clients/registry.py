"""Debian's docker-registry without the daemon in front, for telling whose fault a failure is."""

from __future__ import annotations

import socket
from pathlib import Path

from clients.client import system
from clients.process import Service, environment
from integration.waiting import free_port

CONFIG = """version: 0.1
storage: {{filesystem: {{rootdirectory: "{folder}"}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class Registry:
    def __init__(self, scratch: Path):
        program = system("docker-registry")
        assert program, "docker-registry is not installed"
        self.port = free_port()
        (scratch / "registry.yml").write_text(CONFIG.format(folder=scratch, port=self.port))
        self.service = Service([program, "serve", scratch / "registry.yml"],
                               scratch / "registry.log", environment(scratch))
        self.service.wait_until(self.listens)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.service.stop()
