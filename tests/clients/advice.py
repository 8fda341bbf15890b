"""What the daemon's own client-config says: the clients here do what it tells a user to do."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from clients.process import environment, isolated, run
from integration.daemon import BINARY


def words(client: str, port: int, registries: Sequence[str]) -> list[str | Path]:
    given = [f"--registry={registry}" for registry in registries]
    return [BINARY, "client-config", client, f"--listen=127.0.0.1:{port}", *given]


def write(client: str, port: int, registries: Sequence[str], etc: Path) -> None:
    """Writes the client's files into a folder in the place of /etc."""
    etc.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        run(isolated([*words(client, port, registries), "--write"], bound={"/etc": etc}),
            environment(Path(home)))


def push_commands(client: str, port: int, registries: Sequence[str]) -> list[list[str]]:
    """The words of the commands that push, as they are printed."""
    with tempfile.TemporaryDirectory() as home:
        text = run(words(client, port, registries), environment(Path(home)))
    return [line.split() for line in text.partition("==> push <==\n")[2].splitlines()]
