"""hashicorp/aws on this machine: the stand-in, or the one of TERRAFORM_PROVIDER_AWS."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ecr-upsertd"
KIND = "ECR_UPSERTD_TERRAFORM_PROVIDER"    # which of the two, and its version


def install(folder: Path) -> dict[str, str]:
    """What Terraform is to find in its environment; TF is the program."""
    done = subprocess.run([HERE / "provider.sh", folder, CACHE / "terraform"], check=False,
                          stdout=subprocess.DEVNULL, timeout=1800)
    if done.returncode == 77:
        pytest.skip("neither terraform nor Go to build it")
    assert done.returncode == 0
    lines = (folder / "env").read_text().splitlines()
    words = [word for line in lines for word in shlex.split(line) if "=" in word]
    return dict(word.split("=", 1) for word in words)
