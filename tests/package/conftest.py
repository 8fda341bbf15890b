"""The packages of the static build, built once; ECR's stand-in for those that push."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "sandbox"))

from package.packages import BUILD, Packages
from sandbox import Sandbox


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: builds a second time")


@pytest.fixture(scope="session")
def packages() -> Packages:
    if not (BUILD / "build.ninja").exists():
        pytest.fail("no static build: see tests/run.sh, static_build")
    subprocess.run(["meson", "compile", "-C", BUILD, "packages"], check=True,
                   stdout=subprocess.DEVNULL)
    return Packages.of(BUILD)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
