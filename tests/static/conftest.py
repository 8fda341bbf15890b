"""One static file for each architecture that has a build: build-static-x86_64, build-static-arm64."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
BUILT = [arch for arch in MACHINES if (ROOT / f"build-static-{arch}/build.ninja").exists()]


@dataclass
class Package:
    arch: str
    build: Path

    @property
    def program(self) -> Path:
        return self.build / "daemon/ecr-upsertd"

    @property
    def zip(self) -> Path:
        return self.build / f"terraform/package/ecr-upsertd-lambda-{self.arch}.zip"

    @property
    def emulator(self) -> str | None:
        """What runs it here; none where it runs by itself."""
        machine = MACHINES[self.arch]
        return None if machine == os.uname().machine else shutil.which(f"qemu-{machine}-static")

    def run_alone(self, folder: Path) -> list[str]:
        """The command that runs folder's bootstrap and lets it see that folder and nothing else."""
        command = ["unshare", f"--root={folder}"]
        if os.geteuid() != 0:
            command.append("--map-root-user")
        if self.emulator:
            shutil.copy(self.emulator, folder / "emulator")
            command.append("/emulator")
        return [*command, "/bootstrap"]


def unpack(package: Path, folder: Path) -> None:
    """As Lambda does it: with the modes."""
    with zipfile.ZipFile(package) as content:
        for member in content.infolist():
            path = Path(content.extract(member, folder))
            path.chmod(member.external_attr >> 16 & 0o777)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: builds a second time")
    if not BUILT:
        pytest.exit("no static build: see tests/run.sh, static_build", 1)


@pytest.fixture(scope="session", params=BUILT)
def package(request: pytest.FixtureRequest) -> Package:
    build = ROOT / f"build-static-{request.param}"
    subprocess.run(["meson", "compile", "-C", build, "daemon/ecr-upsertd", "lambda-zip"],
                   check=True, stdout=subprocess.DEVNULL)
    return Package(request.param, build)
