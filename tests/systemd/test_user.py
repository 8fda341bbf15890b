"""The unit of a person: their own keys, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.daemon import ROOT
from integration.registry import start_upload
from sandbox import Sandbox
from systemd.machine import Machine
from systemd.service import SOCKET, UNIT, Service, credentials, environment


@pytest.fixture
def alice(service: Service, sandbox: Sandbox) -> Iterator[Service]:
    """Logged in, with a ~/.aws; the system's service is stopped."""
    machine = service.machine
    machine.script("id -u alice >/dev/null 2>&1 || useradd -m -s /bin/bash alice\n"
                   "systemctl start user@$(id -u alice).service")
    home = "/home/alice"
    machine.write(f"{home}/.aws/credentials", credentials(sandbox), 0o600)
    machine.write(f"{home}/ca.pem", Path(sandbox.ca_file).read_text())
    machine.write(f"{home}/.config/ecr-upsertd/environment",
                  environment(sandbox, f"{home}/ca.pem"))
    machine.write(f"{home}/.config/ecr-upsertd/ecr-upsertd.conf", json.dumps(
        {"registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint}]}))
    machine.run("chown", "-R", "alice:", home)
    yield service
    machine.run("systemctl", "--user", "stop", SOCKET, UNIT, user="alice", check=False)


def test_the_first_push_starts_it_with_their_keys(alice: Service, sandbox: Sandbox,
                                                  name: str) -> None:
    machine = alice.machine
    machine.run("systemctl", "--user", "enable", "--now", SOCKET, user="alice")
    assert machine.show(UNIT, "ActiveState", user="alice") == "inactive"
    assert start_upload(alice, name).status == 202
    assert sandbox.describe(name)
    assert machine.show(UNIT, "ActiveState", user="alice") == "active"
    assert machine.script("stat -c %U /proc/$(pgrep -x ecr-upsertd)") == "alice\n"
    assert name in machine.run("ecr-upsertd", "repos", user="alice").stdout
    assert name in machine.read("/home/alice/.local/state/ecr-upsertd/created.jsonl")
    machine.run("systemctl", "--user", "reload", UNIT, user="alice")


def test_package_restarts_and_stops_it(alice: Service) -> None:
    """By the maintainer scripts of the .deb: an upgrade, and a removal."""
    machine = alice.machine
    machine.script("rm -f /usr/sbin/policy-rc.d")
    for name in ("postinst", "prerm"):
        machine.write(f"/root/{name}", (ROOT / "systemd/package/deb" / name).read_text(), 0o755)
    machine.script("/root/postinst configure 0.0.1")
    assert machine.show(UNIT, "ActiveState", user="alice") == "inactive"
    machine.run("systemctl", "--user", "start", UNIT, user="alice")
    before = machine.show(UNIT, "MainPID", user="alice")
    machine.script("/root/postinst configure 0.0.1")
    assert machine.show(UNIT, "MainPID", user="alice") not in ("0", before)
    machine.script("/root/prerm remove")
    assert machine.show(UNIT, "ActiveState", user="alice") == "inactive"
    assert machine.show(SOCKET, "ActiveState", user="alice") == "inactive"
