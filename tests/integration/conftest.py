"""One sandbox for the session, one daemon for each module that wants an ordinary one."""

from __future__ import annotations

import itertools
import re
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "sandbox"))

from integration.daemon import Daemon
from sandbox import Sandbox

COUNTER = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: waits for the daemon's own time limits")
    config.addinivalue_line("markers", "concurrency: what a build with ThreadSanitizer runs")
    # A thousand connections have an end in this process too.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """As just started: no repositories, no faults, an empty log."""
    running_sandbox.reset()
    yield running_sandbox
    running_sandbox.clear_faults()    # whoever is held in one goes on


@pytest.fixture(scope="module")
def running_daemon(running_sandbox: Sandbox) -> Iterator[Daemon]:
    running_sandbox.reset()
    with Daemon(running_sandbox.daemon_args(), running_sandbox.env()) as daemon:
        yield daemon


@pytest.fixture
def daemon(running_daemon: Daemon, sandbox: Sandbox) -> Iterator[Daemon]:
    """The module's daemon; it lives through every test."""
    yield running_daemon
    assert running_daemon.is_alive(), running_daemon.tail()


@pytest.fixture
def start_daemon(sandbox: Sandbox) -> Iterator[Callable[..., Daemon]]:
    """Starts a daemon of the test's own: start_daemon(*more_arguments, env={…}, config={…}, …)."""
    started: list[Daemon] = []

    def start(*arguments: str, env: dict[str, str] | None = None, endpoint: str | None = None,
              **more: Any) -> Daemon:
        where = ["--registry", sandbox.host, "--registry-endpoint", endpoint or sandbox.endpoint]
        daemon = Daemon([*where, *arguments], {**sandbox.env(), **(env or {})}, **more)
        started.append(daemon.start())
        return daemon

    yield start
    sandbox.clear_faults()
    for daemon in started:
        daemon.__exit__(None)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A repository that no other test has named."""
    bare = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"it/{bare[:60].strip('-')}-{next(COUNTER)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Shows with a failure what the daemon wrote."""
    report = yield
    daemon = getattr(item, "funcargs", {}).get("daemon")
    if report.failed and isinstance(daemon, Daemon):
        report.sections.append(("the daemon", daemon.tail()))
    return report
