"""A provider for the session, a double of AWS for each test."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terraform.double import Double
from terraform.installed import KIND, install
from terraform.life import REGION, Stage, live
from terraform.work import Work
RAN = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory,
             request: pytest.FixtureRequest) -> dict[str, str]:
    env = install(tmp_path_factory.mktemp("provider"))
    request.config.stash[RAN] = env[KIND]
    return env


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter,
                            config: pytest.Config) -> None:
    if RAN in config.stash:
        terminalreporter.write_line(f"Terraform ran with the {config.stash[RAN]} of hashicorp/aws")


@pytest.fixture(scope="session")
def running_double() -> Iterator[Double]:
    with Double() as double:
        yield double


@pytest.fixture
def double(running_double: Double) -> Double:
    running_double.reset()
    return running_double


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip that nobody runs: the double creates functions and does not call them."""
    file = tmp_path_factory.mktemp("package") / "lambda.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("bootstrap"), "#!/bin/sh\n")
    return file


@pytest.fixture
def work(double: Double, provider: dict[str, str],
         tmp_path: Path) -> Callable[..., Work]:
    """work(region, where=".")"""
    def start(region: str = "eu-west-1", where: str = ".") -> Work:
        folder = tmp_path / f"{region}-{where.replace('/', '-')}"
        return Work(folder, {**provider, **double.env(region)}, where)
    return start


@pytest.fixture(scope="session")
def life(running_double: Double, provider: dict[str, str], package: Path,
         tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    """Session-wide: it takes a while, and both what it made and its calls are looked at."""
    running_double.reset()
    folder = tmp_path_factory.mktemp("life")
    other = folder / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr(zipfile.ZipInfo("bootstrap"), "#!/bin/sh\nexit 1\n")
    here = Work(folder, {**provider, **running_double.env(REGION)})
    return live(here, running_double, package, other)
