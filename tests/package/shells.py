"""What bash, zsh and fish offer for a line of ecr-upsertd, asked of the shells themselves.

bash and zsh complete only where a person types, so each runs on a pseudo terminal."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "daemon/completions"
WAIT_S = 30


class Terminal:
    """What a person would see, and the keys."""

    def __init__(self, fd: int):
        self.fd = fd
        self.seen = b""

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def read_until(self, pattern: bytes) -> re.Match[bytes]:
        """All up to the match is taken from what was seen."""
        while not (found := re.search(pattern, self.seen, re.S)):
            try:
                more = os.read(self.fd, 65536)
            except OSError as gone:
                raise AssertionError(f"the shell has gone: {self.seen!r}") from gone
            self.seen += more
        self.seen = self.seen[found.end():]
        return found


@contextmanager
def terminal(*command: str, folder: Path) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    env = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    # No read of ours outlives it.
    shell = subprocess.Popen(["timeout", str(WAIT_S), *command], stdin=slave, stdout=slave,
                             stderr=slave, env=env, cwd=folder, start_new_session=True)
    os.close(slave)
    try:
        yield Terminal(master)
    finally:
        os.close(master)
        shell.terminate()
        shell.wait()


def bash(line: str, folder: Path) -> list[str]:
    with terminal("bash", "--norc", "--noprofile", "-i", folder=folder) as shell:
        shell.type(f"PS1=; source {FOLDER}/ecr-upsertd.bash\n"
                   "bind '\"\\C-t\": insert-completions'\n"
                   "bind -x '\"\\C-g\": printf \"<%s>\" \"$READLINE_LINE\"'\n"
                   "echo rea''dy\n")
        shell.read_until(b"ready\r\n")
        shell.type(f"{line}\x14\x07")
        whole = shell.read_until(b"<(ecr-upsertd.*?)>")[1].decode()
    before = line[:len(line) - len(re.split(r"[\s=]", line)[-1])]
    assert whole.startswith(before), whole
    offered = whole[len(before):].split()
    return [] if whole == line else offered


def zsh(line: str, folder: Path) -> list[str]:
    with terminal("zsh", "-f", "-i", folder=folder) as shell:
        shell.type(f"fpath=({FOLDER} $fpath); source {HERE}/capture.zsh\n")
        shell.read_until(b"ready\r\n")
        shell.type(f"{line}\t")
        offered = shell.read_until(b"\0\r\n(.*?)\0\r\n")[1].decode()
    return [word for word in offered.split("\r\n") if word]


def fish(line: str, folder: Path) -> list[str]:
    script = f"source {FOLDER}/ecr-upsertd.fish; complete -C {line!r}"
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd=folder, text=True, check=True,
                          stdout=subprocess.PIPE, timeout=WAIT_S,
                          env={"PATH": os.environ["PATH"], "HOME": str(folder)})
    return [word.partition("\t")[0] for word in done.stdout.splitlines()]


SHELLS: dict[str, Callable[[str, Path], list[str]]] = {"bash": bash, "zsh": zsh, "fish": fish}


def offered(shell: str, line: str, folder: Path) -> set[str]:
    """The words, without the option that a value is glued to."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    return {word.rpartition("=")[2] if "=" in line.split()[-1] else word.rstrip("/= ")
            for word in SHELLS[shell](line, folder)}
