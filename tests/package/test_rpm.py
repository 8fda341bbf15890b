"""The .rpm through rpm itself, in a root of its own: there is no Fedora here, so what its systemd would
be asked is written down by a stand-in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from package.packages import Packages, as_root, packed

UNITS = "ecr-upsertd.socket ecr-upsertd.service"
CONFIGURATION = "etc/ecr-upsertd/ecr-upsertd.conf"

pytestmark = pytest.mark.skipif(not as_root(), reason="rpm --root is root's")


class Root:
    """A folder with a shell, where rpm installs."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.log = folder / "asked"
        for name in ("bin", "dev", "usr/bin", "usr/lib/systemd"):
            (folder / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", folder / "bin/sh")
        (folder / "dev/null").touch()

    def write_down(self, program: str) -> None:
        path = self.folder / program
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>/asked\n')
        path.chmod(0o755)

    def rpm(self, *words: str | Path) -> list[str]:
        """What was asked of systemd meanwhile."""
        self.log.write_text("")
        subprocess.run(["rpm", "--root", self.folder, "--nodeps", *words], check=True)
        return self.log.read_text().splitlines()


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path / "root")


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    return packed("0.1.1", tmp_path_factory.mktemp("next"))


def test_a_life(packages: Packages, next_version: Packages, root: Root) -> None:
    helper = "systemd-update-helper"
    root.write_down(f"usr/lib/systemd/{helper}")
    assert root.rpm("-i", packages.rpm) == [f"{helper} install-system-units {UNITS}",
                                            f"{helper} install-user-units {UNITS}"]
    assert (root.folder / "usr/bin/ecr-upsertd").stat().st_mode & 0o7777 == 0o755
    subprocess.run(["chroot", root.folder, "/usr/bin/ecr-upsertd", "check-config"], check=True)

    # An administrator's change outlives an upgrade, and what was created both.
    (root.folder / CONFIGURATION).write_text("{}\n")
    created = root.folder / "var/lib/private/ecr-upsertd/created.jsonl"
    created.parent.mkdir(parents=True)
    created.touch()
    assert root.rpm("-U", next_version.rpm) == [
        f"{helper} mark-restart-system-units ecr-upsertd.service",
        f"{helper} mark-restart-user-units ecr-upsertd.service"]
    assert (root.folder / CONFIGURATION).read_text() == "{}\n"

    assert root.rpm("-e", "ecr-upsertd") == [f"{helper} remove-system-units {UNITS}",
                                             f"{helper} remove-user-units {UNITS}"]
    left = [path for path in root.folder.rglob("*ecr-upsertd*") if path.is_file()]
    assert left == [root.folder / f"{CONFIGURATION}.rpmsave"]
    assert created.exists()


def test_an_older_systemd(packages: Packages, next_version: Packages, root: Root) -> None:
    root.write_down("usr/bin/systemctl")
    assert root.rpm("-i", packages.rpm) == [f"systemctl --no-reload preset {UNITS}"]
    assert root.rpm("-U", next_version.rpm) == ["systemctl daemon-reload",
                                                "systemctl try-restart ecr-upsertd.service"]
    assert root.rpm("-e", "ecr-upsertd") == [f"systemctl --no-reload disable --now {UNITS}"]


def test_no_systemd(packages: Packages, root: Root) -> None:
    assert root.rpm("-i", packages.rpm) == root.rpm("-e", "ecr-upsertd") == []
