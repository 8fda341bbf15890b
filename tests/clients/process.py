"""Programs under test: run to the end, or kept running and stopped by their own pid."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20
POLL_SECONDS = 0.05

# What the caller's environment must not lend to a client: its registry settings and its proxies.
FOREIGN = ("DOCKER_", "CONTAINERS_", "CONTAINERD_", "CONTAINER_", "BUILDAH_", "REGISTRY_", "HELM_",
           "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "XDG_", "AWS_")


# What the programs have printed, for those who look at that; they clear it first.
printed: list[str] = []


class Failed(Exception):
    """A command ended with another code than 0; says which, and what it wrote."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """The caller's environment without foreign settings, at home in a scratch folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"HOME": str(home)} | more


def run(argv: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path | None = None,
        timeout: float = 120, both: bool = False) -> str:
    """Runs one command and returns its standard output, or both outputs; both go into Failed."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(words, env=env, cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{shlex.join(words)}: no end after {late.timeout:g} s") from None
    printed.append(done.stdout + done.stderr)
    if done.returncode != 0:
        raise Failed(f"{shlex.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr if both else done.stdout


def succeeds(argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> bool:
    """Whether the command ends with 0."""
    try:
        run(argv, env)
    except Failed:
        return False
    return True


class Service:
    """A program that keeps running, its output in a file, until stop()."""

    def __init__(self, argv: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None):
        self.log = log
        self.words = [str(word) for word in argv]
        with log.open("wb") as out:
            self.child = subprocess.Popen(self.words, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=subprocess.STDOUT)

    def wait_until(self, ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        """Returns as soon as ready() is true; Failed when it ends or the time does."""
        end = time.monotonic() + seconds
        while not ready():
            if self.child.poll() is not None:
                raise Failed(f"{shlex.join(self.words)}: ended at once, exit "
                             f"{self.child.returncode}\n{self.tail()}")
            if time.monotonic() > end:
                self.stop()
                raise Failed(f"{shlex.join(self.words)}: not ready after {seconds:g} s\n"
                             f"{self.tail()}")
            time.sleep(POLL_SECONDS)

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def terminate(self) -> None:
        """Asks it to end and does not wait, so that several can end side by side."""
        if self.child.poll() is None:
            self.child.terminate()

    def stop(self) -> int:
        """Ends it and returns its exit code; a negative one is the signal that was needed."""
        self.terminate()
        try:
            return self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def isolated(argv: Sequence[str | Path], empty: Sequence[str] = (),
             bound: Mapping[str, Path] | None = None) -> list[str]:
    """The same command in a mount namespace of its own: some folders empty, some replaced.

    Whatever it mounts is gone with it. The process keeps its pid, since every step is an exec.
    """
    steps = [f"mount -t tmpfs tmpfs {shlex.quote(folder)}" for folder in empty]
    steps += [f"mount --bind {shlex.quote(str(source))} {shlex.quote(folder)}"
              for folder, source in (bound or {}).items()]
    script = " && ".join([*steps, 'exec "$@"'])
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh",
            *[str(word) for word in argv]]
