"""What the program and its sources say about themselves."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ECR_UPSERTD") or ROOT / "build/daemon/ecr-upsertd")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BINARY, *arguments], text=True, capture_output=True, timeout=10,
                          env={"PATH": os.environ["PATH"]})


@functools.cache
def help_text() -> str:
    return run("--help").stdout


def commands() -> set[str]:
    return {"serve"} | set(re.findall(r"^ +ecr-upsertd ([a-z-]+)", help_text(), re.M))


def options() -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]*", help_text()))


def takes(command: str, option: str) -> bool:
    """Asked of the program itself; --help ends what would otherwise go on."""
    done = run(command, f"{option}=1", "--help")
    if "takes no value" in done.stderr:
        done = run(command, option, "--help")
    return f"{command} takes no {option} " not in done.stderr


def clients() -> set[str]:
    said = run("client-config", "none").stderr
    return set(said.strip().rpartition(" none of ")[2].split(", "))


def sources() -> str:
    return "".join(path.read_text() for folder in ("src", "daemon")
                   for path in sorted((ROOT / folder).glob("*.c")))
