"""One machine and one sandbox for the session, on a loopback of their own."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "sandbox"))

from sandbox import Sandbox
from systemd.machine import Machine, private_network
from systemd.service import Service, install


class Installed(Machine):
    def prepare(self) -> None:
        install(self.path)


@pytest.fixture(scope="session")
def network() -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.skip("only root can boot a machine")
    if not shutil.which("systemd-nspawn"):
        pytest.skip("systemd-nspawn is not installed (systemd-container)")
    with private_network():
        yield


@pytest.fixture(scope="session")
def running_sandbox(network: None) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    running_sandbox.reset()
    yield running_sandbox
    running_sandbox.clear_faults()


@pytest.fixture(scope="session")
def machine(network: None) -> Iterator[Machine]:
    with Installed() as machine:
        yield machine


@pytest.fixture
def service(machine: Machine, sandbox: Sandbox) -> Service:
    return Service(machine, sandbox)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A repository that no other test has named."""
    return "sd/" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Shows with a failure what the machine wrote."""
    report = yield
    service = getattr(item, "funcargs", {}).get("service")
    if report.failed and isinstance(service, Service):
        report.sections.append(("the machine", service.journal("")[-6000:]))
    return report
