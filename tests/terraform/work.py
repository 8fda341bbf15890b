"""One folder in which Terraform works, as a test wants it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "terraform"


class Failed(AssertionError):
    """Terraform refused; the text is all that it wrote."""


class Work:
    """A copy of the module's folder, since Terraform writes its lock file beside what it reads."""

    def __init__(self, folder: Path, env: Mapping[str, str], where: str = ".") -> None:
        """where: the folder below terraform/ to work in."""
        shutil.copytree(MODULE, folder / "terraform",
                        ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        self.folder, self.source = folder, folder / "terraform" / where
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith(("TF_VAR_", "AWS_"))} | dict(env)
        self.run("init", "-no-color", "-input=false")

    def run(self, *arguments: str,
            allowed: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([self.env["TF"], *arguments], cwd=self.source, env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                              check=False)
        if done.returncode not in allowed:
            raise Failed(done.stdout + done.stderr)
        return done

    def _values(self, variables: Mapping[str, Any]) -> list[str]:
        file = self.folder / "values.tfvars.json"
        file.write_text(json.dumps(variables))
        return [f"-var-file={file}", "-no-color", "-input=false"]

    def plan(self, variables: Mapping[str, Any]) -> bool:
        """Is there anything to change?"""
        done = self.run("plan", "-detailed-exitcode", *self._values(variables), allowed=(0, 2))
        return done.returncode == 2

    def apply(self, variables: Mapping[str, Any]) -> str:
        return self.run("apply", "-auto-approve", "-backup=-", *self._values(variables)).stdout

    def destroy(self, variables: Mapping[str, Any]) -> str:
        return self.run("destroy", "-auto-approve", "-backup=-", *self._values(variables)).stdout

    def outputs(self) -> dict[str, Any]:
        found = json.loads(self.run("output", "-json").stdout)
        return {name: one["value"] for name, one in found.items()}
