"""ecr-upsertd as a service of a machine: its files, and the daemon behind them as a test talks to it.

A client's place is outside, where the loopback is the same. What integration/registry.py asks of a
daemon, ask(), it has too."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from integration.client import Answer, Client
from integration.daemon import ROOT
from integration.waiting import wait_for
from sandbox import Sandbox
from systemd.machine import Machine

UNIT, SOCKET = "ecr-upsertd.service", "ecr-upsertd.socket"
PROGRAM = Path(os.environ.get("ECR_UPSERTD") or ROOT / "build" / "daemon" / "ecr-upsertd")
PORT, ADMIN_PORT = 5100, 5101
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
CLEAN = """
systemctl stop ecr-upsertd.socket ecr-upsertd.service
rm -rf /var/lib/private/ecr-upsertd /etc/ecr-upsertd /run/systemd/system/ecr-upsertd.* \\
    /etc/systemd/system/*.wants/ecr-upsertd.*
systemctl daemon-reload
systemctl reset-failed
"""
Configuration = dict[str, Any]


def install(root: Path) -> None:
    """The program and the units, as a package has them."""
    for source, target in ((PROGRAM, "usr/bin/ecr-upsertd"),
                           *((ROOT / "systemd" / unit, f"usr/lib/systemd/system/{unit}")
                             for unit in (UNIT, SOCKET)),
                           *((ROOT / "systemd/user" / unit, f"usr/lib/systemd/user/{unit}")
                             for unit in (UNIT, SOCKET))):
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        (root / target).write_bytes(source.read_bytes())
    (root / "usr/bin/ecr-upsertd").chmod(0o755)


def credentials(sandbox: Sandbox) -> str:
    """A ~/.aws/credentials."""
    env = sandbox.env()
    return "[default]\n" + "".join(f"{name.lower()} = {env[name]}\n"
                                   for name in SECRETS if name in env)


def environment(sandbox: Sandbox, ca_file: str) -> str:
    """The AWS settings of the sandbox but its keys."""
    settings = {name: value for name, value in sandbox.env().items()
                if name.startswith("AWS_") and name not in SECRETS}
    return "".join(f"{name}={value}\n"
                   for name, value in {**settings, "AWS_CA_BUNDLE": ca_file}.items())


class Service:
    """Stopped and with nothing left of the test before, when it is made."""

    port = PORT

    def __init__(self, machine: Machine, sandbox: Sandbox) -> None:
        self.machine = machine
        self.sandbox = sandbox
        machine.script(CLEAN)
        self._cursor = machine.cursor()
        machine.write("/etc/ecr-upsertd/ca.pem", Path(sandbox.ca_file).read_text())
        machine.write("/etc/ecr-upsertd/environment",
                      environment(sandbox, "/etc/ecr-upsertd/ca.pem"))
        machine.write("/etc/ecr-upsertd/credentials", credentials(sandbox), 0o600)
        self.configure({})

    def configure(self, config: Configuration) -> None:
        registry = {"host": self.sandbox.host, "endpoint": self.sandbox.endpoint}
        self.machine.write("/etc/ecr-upsertd/ecr-upsertd.conf",
                           json.dumps({"registries": [registry], **config}))

    def drop_in(self, unit: str, text: str) -> None:
        """Takes the place of the test's drop-in for that unit."""
        self.machine.write(f"/run/systemd/system/{unit}.d/test.conf", text)
        self.systemctl("daemon-reload")

    def systemctl(self, *arguments: str, **more: Any) -> str:
        return self.machine.run("systemctl", *arguments, **more).stdout

    def show(self, name: str, unit: str = UNIT) -> str:
        return self.machine.show(unit, name)

    @property
    def state(self) -> str:
        return f"{self.show('ActiveState')} ({self.show('SubState')})"

    @property
    def pid(self) -> int:
        """As it is numbered in the machine; 0: it does not run."""
        return int(self.show("MainPID"))

    def host_pid(self) -> int:
        """The same process as it is numbered here."""
        inside = str(self.pid)
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            if re.search(rf"^NSpid:\t\d+\t{inside}$", text, re.M) and "\tecr-upsertd\n" in text:
                return int(status.parent.name)
        raise AssertionError(f"no process {inside} in the machine")

    def start(self) -> None:
        self.systemctl("start", UNIT)
        self.wait_ready()

    def wait_ready(self) -> None:
        wait_for("the daemon", self._is_ready, 20)

    def _is_ready(self) -> bool:
        try:
            return self.ask_admin("/readyz").status == 200
        except OSError:
            return False

    def journal(self, unit: str = UNIT) -> str:
        """Of this test; of the whole machine with unit=""."""
        return self.machine.journal(unit, since=self._cursor)

    def wait_journal(self, pattern: str, timeout: float = 20) -> re.Match[str]:
        try:
            return wait_for(f"{pattern!r} in the journal",
                            lambda: re.search(pattern, self.journal(), re.M), timeout)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.journal()[-4000:]}") from None

    # as integration/daemon.py

    def client(self, host: str = "127.0.0.1", timeout: float = 60) -> Client:
        return Client(self.port, host, timeout)

    def ask(self, method: str, target: str, body: Any = None,
            headers: Mapping[str, str] | None = None, timeout: float = 60) -> Answer:
        with self.client(timeout=timeout) as client:
            return client.ask(method, target, body, headers)

    def ask_admin(self, target: str) -> Answer:
        with Client(ADMIN_PORT) as client:
            return client.ask("GET", target)
