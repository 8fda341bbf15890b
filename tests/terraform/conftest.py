"""A provider for the session, a double of AWS for each test."""

from __future__ import annotations

import os
import shlex
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terraform.double import Double
from terraform.life import REGION, Stage, live
from terraform.work import Work

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ecr-upsertd"
PROVIDER = "ECR_UPSERTD_TERRAFORM_PROVIDER"


def provider_env(folder: Path) -> dict[str, str]:
    """Installs it; what Terraform then needs in its environment."""
    subprocess.run([HERE / "provider.sh", folder, CACHE / "terraform"], check=True,
                   stdout=subprocess.DEVNULL, timeout=600)
    lines = (folder / "env").read_text().splitlines()
    words = [word for line in lines for word in shlex.split(line) if "=" in word]
    return dict(word.split("=", 1) for word in words)


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory,
             request: pytest.FixtureRequest) -> dict[str, str]:
    env = provider_env(tmp_path_factory.mktemp("provider"))
    request.config.stash[KIND] = env[PROVIDER]
    return env


KIND = pytest.StashKey[str]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter,
                            config: pytest.Config) -> None:
    if KIND in config.stash:
        terminalreporter.write_line(f"Terraform ran with the {config.stash[KIND]} of hashicorp/aws")


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
