"""The same sources give the same bytes, wherever and whenever they are built."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from package.packages import ROOT, Packages, packed, project


def assert_same(one: Packages, other: Packages) -> None:
    for kind in ("deb", "rpm", "image"):
        assert getattr(one, kind).name == getattr(other, kind).name
        assert getattr(one, kind).read_bytes() == getattr(other, kind).read_bytes(), kind


def test_packed_twice(packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one build, by somebody else: another place, time zone, language and umask."""
    for name, value in (("TZ", "Pacific/Kiritimati"), ("LC_ALL", "C"), ("TMPDIR", str(tmp_path)),
                        ("SOURCE_DATE_EPOCH", "1")):
        monkeypatch.setenv(name, value)
    before = os.umask(0o077)
    try:
        again = packed(project()["version"], tmp_path / "again")
    finally:
        os.umask(before)
    assert_same(packages, again)


@pytest.mark.slow
def test_built_twice(packages: Packages, tmp_path: Path) -> None:
    """By `meson compile packages` of an ordinary build folder, from a copy of the sources."""
    copy, build = tmp_path / "a copy", tmp_path / "elsewhere"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build*", ".git", "__pycache__"))
    subprocess.run(["meson", "setup", build, copy], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["meson", "compile", "-C", build, "packages"], check=True,
                   stdout=subprocess.DEVNULL)
    assert_same(packages, Packages.of(build))
