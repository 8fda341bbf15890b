"""A .deb, an .rpm and an image, and what is in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from package.program import ROOT

BUILD = ROOT / "build-static-x86_64"
SOURCES = ROOT / "systemd/package"


def output(*command: str | Path, **more: Any) -> str:
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def project() -> dict[str, str]:
    """Version and date, as meson.build has them."""
    text = (ROOT / "meson.build").read_text()
    return {"version": re.search(r"version: '(.*?)'", text)[1],
            "epoch": re.search(r"release_epoch = '(\d+)'", text)[1]}


@dataclass
class Packages:
    deb: Path
    rpm: Path
    image: Path

    @classmethod
    def of(cls, build: Path) -> Packages:
        folder = build / "systemd/package"
        (deb,), (rpm,), (image,) = (list(folder.glob(name)) for name in
                                    ("*.deb", "*.rpm", "*.oci.tar"))
        return cls(deb, rpm, image)

    def unpack(self, folder: Path) -> Path:
        """What the .deb installs."""
        subprocess.run(["dpkg-deb", "--extract", self.deb, folder], check=True)
        return folder


def packed(version: str, folder: Path) -> Packages:
    """The same program under another version."""
    out = folder / "systemd/package"
    out.mkdir(parents=True)
    subprocess.run([SOURCES / "pack.sh", BUILD, out, "x86_64", version, project()["epoch"]],
                   check=True, stdout=subprocess.DEVNULL)
    return Packages.of(folder)


def installed(folder: Path) -> dict[str, Path]:
    """Every file that `meson install` puts below a folder, by its path."""
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", folder],
                   check=True, stdout=subprocess.DEVNULL)
    return {f"/{path.relative_to(folder)}": path for path in folder.rglob("*") if path.is_file()}


def image_json(image: Path, *path: str) -> dict[str, Any]:
    return json.loads(output("tar", "-xOf", image, "/".join(path)))


def as_root() -> bool:
    return os.geteuid() == 0
