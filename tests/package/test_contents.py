"""Both packages hold what `meson install` installs, well-formed in the eyes of lintian and rpmlint."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

from package.packages import SOURCES, Packages, installed, output, project

CONFIGURATION = "/etc/ecr-upsertd/ecr-upsertd.conf"
EXAMPLE = "/usr/share/doc/ecr-upsertd/examples/ecr-upsertd.conf"
ZSH = "/usr/share/zsh/site-functions/_ecr-upsertd"
ONLY_DEB = {"/usr/share/doc/ecr-upsertd/changelog.Debian.gz",
            "/usr/share/doc/ecr-upsertd/copyright",
            "/usr/share/lintian/overrides/ecr-upsertd"}
ONLY_RPM = {"/usr/share/licenses/ecr-upsertd/" + name
            for name in ("Apache-2.0", "LGPL-2.1", "copyright")}


@pytest.fixture(scope="module")
def expected(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By their place in the packages: man pages are compressed there."""
    files = installed(tmp_path_factory.mktemp("installed"))
    return {name + ".gz" if "/man/" in name else name: path for name, path in files.items()}


def test_install(expected: dict[str, Path]) -> None:
    assert set(expected) == {
        "/usr/bin/ecr-upsertd",
        *(f"/usr/lib/systemd/{scope}/ecr-upsertd.{kind}"
          for scope in ("system", "user") for kind in ("service", "socket")),
        "/usr/share/man/man5/ecr-upsertd.conf.5.gz", "/usr/share/man/man8/ecr-upsertd.8.gz",
        "/usr/share/bash-completion/completions/ecr-upsertd", ZSH,
        "/usr/share/fish/vendor_completions.d/ecr-upsertd.fish", EXAMPLE}


def test_deb(packages: Packages, expected: dict[str, Path], tmp_path: Path) -> None:
    packages.unpack(tmp_path)
    found = {f"/{path.relative_to(tmp_path)}": path for path in tmp_path.rglob("*")
             if path.is_file()}
    names = {name.replace("site-functions", "vendor-completions") for name in expected}
    assert set(found) == names | ONLY_DEB | {CONFIGURATION}
    for name, path in expected.items():
        if name in found and not name.endswith(".gz"):
            assert found[name].read_bytes() == path.read_bytes(), name
    assert found[CONFIGURATION].read_bytes() == found[EXAMPLE].read_bytes()
    changed = {path.lstat().st_mtime for path in tmp_path.rglob("*")}
    assert changed == {int(project()["epoch"])}
    for name in found:
        if name.endswith(".gz"):    # no time, no name (RFC 1952: FLG, MTIME)
            assert found[name].read_bytes()[3:8] == bytes(5), name


def test_deb_control(packages: Packages) -> None:
    fields = output("dpkg-deb", "--field", packages.deb)
    assert f"\nVersion: {project()['version']}-1\n" in fields
    assert "\nDepends: ca-certificates\n" in fields
    control = output("dpkg-deb", "--ctrl-tarfile", packages.deb, encoding="latin-1")
    assert output("tar", "-xO", "./conffiles", input=control,
                  encoding="latin-1").split() == [CONFIGURATION]


def test_rpm(packages: Packages, expected: dict[str, Path]) -> None:
    def ask(*more: str) -> set[str]:
        return set(output("rpm", "-qp", *more, packages.rpm).split())

    folders = {"/etc/ecr-upsertd"}
    assert ask("-l") == set(expected) | ONLY_RPM | folders | {CONFIGURATION}
    assert ask("--configfiles") == {CONFIGURATION}
    assert ask("--licensefiles") == ONLY_RPM
    assert ask("--requires") == {"ca-certificates"}
    assert ask("--qf", "%{VERSION} %{RELEASE} %{ARCH} %{BUILDTIME}") == {
        project()["version"], "1", "x86_64", project()["epoch"]}
    # noreplace: an administrator's file stays, and the new one comes beside it.
    flags = output("rpm", "-qp", "--qf", "[%{FILENAMES} %{FILEFLAGS:fflags}\n]", packages.rpm)
    assert f"{CONFIGURATION} cn\n" in flags


def test_changelog() -> None:
    """Its last entry is this version and its date."""
    version, date = (SOURCES / "changelog.yaml").read_text().splitlines()[:2]
    assert version == f"- semver: {project()['version']}-1"
    at = datetime.fromtimestamp(int(project()["epoch"]), timezone.utc)
    assert date == f"  date: {at:%Y-%m-%dT%H:%M:%SZ}"


def test_lintian(packages: Packages) -> None:
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", packages.deb],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (done.returncode, done.stdout) == (0, "")


def test_rpmlint(packages: Packages, tmp_path: Path) -> None:
    """Names in an .rpm are absolute, and rpmlint 2.4 unpacks it by a bare `cpio -id`: onto this machine."""
    cpio = tmp_path / "cpio"
    cpio.write_text(f'#!/bin/sh\nexec {shutil.which("cpio")} --no-absolute-filenames "$@"\n')
    cpio.chmod(0o755)
    done = subprocess.run(["rpmlint", "--config", SOURCES / "rpm/rpmlint.toml", packages.rpm],
                          env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and " 0 errors, 0 warnings" in done.stdout, done.stdout
