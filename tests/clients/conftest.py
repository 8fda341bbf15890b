"""The stack that every client pushes to, the images, and the names of what was not here."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "sandbox"))
pytest.register_assert_rewrite("clients.push")

from clients.client import Client, Engine, Target
from clients.image import Image, large, small
from clients.push import repository_name
from clients.stack import Direct, Proxied, Stack

IMAGES = {"small": small, "large": large}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--direct", action="store_true",
                     help="push to docker-registry itself: shows whether a failure is the client's")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: waits for a client that tries again and again")


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder with a short name: sockets in it may be 107 bytes long."""
    folder = Path(tempfile.mkdtemp(prefix="ec-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Stack]:
    folder = scratch / "stack"
    folder.mkdir()
    used = Direct(folder) if request.config.getoption("--direct", False) else Proxied(folder)
    yield used
    used.stop()


@pytest.fixture(scope="session")
def images(scratch: Path) -> dict[str, Image]:
    return {name: make(scratch / "images") for name, make in IMAGES.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for every client and image of the module's ENGINES, those of one engine together."""
    if "client" not in metafunc.fixturenames:
        return
    names = getattr(metafunc.module, "IMAGES", IMAGES)
    cases = [pytest.param((engine, client), name, id=f"{client.id}-{name}")
             for engine in metafunc.module.ENGINES for client in engine.clients for name in names]
    metafunc.parametrize(("client", "image"), cases, indirect=True)


class Running:
    """The one engine that runs: started for the first of its clients, stopped after the last."""

    def __init__(self, scratch: Path, target: Target):
        self.scratch = scratch
        self.target = target
        self.engine: Engine | None = None

    def use(self, engine: Engine) -> None:
        if engine is self.engine:
            return
        self.stop()
        self.folder = self.scratch / re.sub(r"\W+", "-", engine.name)
        self.folder.mkdir()
        self.engine = engine
        try:
            engine.start(self.folder, self.target)
        except Exception:
            self.stop()
            raise

    def stop(self) -> None:
        if self.engine:
            self.engine.stop()
            self.engine = None
            shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def running(scratch: Path, stack: Stack) -> Iterator[Running]:
    running = Running(scratch, stack.target)
    yield running
    running.stop()


@pytest.fixture
def client(request: pytest.FixtureRequest, running: Running) -> Client:
    engine, client = request.param
    if engine.missing():
        pytest.skip(f"{engine.name} ({engine.missing()})")
    if client.missing:
        pytest.skip(f"{client.name} ({client.missing})")
    running.use(engine)
    return client


@pytest.fixture
def image(request: pytest.FixtureRequest, images: dict[str, Image]) -> Image:
    return images[request.param]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
        item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows with a failure what the daemon and the registry saw of it."""
    report = yield
    values = getattr(item, "funcargs", {})
    if report.failed and report.when == "call" and {"stack", "client", "image"} <= values.keys():
        name = repository_name(values["client"], values["image"])
        report.sections.append(("the daemon and the registry", values["stack"].evidence(name)))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names the clients that were not here."""
    skipped = [report for report in terminalreporter.stats.get("skipped", [])
               if report.nodeid.partition("::")[2].startswith(("test_first_push", "test_each", "test_some"))]
    names = sorted({report.longrepr[2].removeprefix("Skipped: ") for report in skipped})
    if names:
        terminalreporter.write_line("clients skipped: " + ", ".join(names))
