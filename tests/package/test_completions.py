"""bash, zsh and fish offer what the program takes, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from package import program
from package.shells import SHELLS, offered

COMMANDS = sorted(program.commands())
VALUES = {"--log-format": {"text", "json"}, "--log-level": {"debug", "info", "warn", "error"}}

pytestmark = pytest.mark.parametrize("shell", SHELLS)


def test_commands(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "ecr-upsertd ", tmp_path) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_options(shell: str, command: str, tmp_path: Path) -> None:
    taken = {option for option in program.options() if program.takes(command, option)}
    assert {"--config", "--help", "--version"} <= taken
    assert offered(shell, f"ecr-upsertd {command} --", tmp_path) == taken


def test_options_without_a_command(shell: str, tmp_path: Path) -> None:
    serve = {option for option in program.options() if program.takes("serve", option)}
    assert offered(shell, "ecr-upsertd --", tmp_path) == serve
    assert offered(shell, "ecr-upsertd --config x --", tmp_path) >= serve - {"--config"}


@pytest.mark.parametrize("option", VALUES)
@pytest.mark.parametrize("glue", (" ", "="))
def test_values(shell: str, option: str, glue: str, tmp_path: Path) -> None:
    assert offered(shell, f"ecr-upsertd serve {option}{glue}", tmp_path) == VALUES[option]


def test_addresses(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "ecr-upsertd --admin o", tmp_path) == {"off"}
    assert offered(shell, "ecr-upsertd --listen 1", tmp_path) == {"127.0.0.1:5100"}


def test_clients(shell: str, tmp_path: Path) -> None:
    assert len(program.clients()) == 7
    assert offered(shell, "ecr-upsertd client-config ", tmp_path) == program.clients()
    assert offered(shell, "ecr-upsertd client-config --write ", tmp_path) == program.clients()


def test_files(shell: str, tmp_path: Path) -> None:
    (tmp_path / "a file.conf").touch()
    (tmp_path / "folder").mkdir()
    assert "folder" in offered(shell, "ecr-upsertd check-config --config fo", tmp_path)
    found = " ".join(offered(shell, "ecr-upsertd --config=a", tmp_path)).replace("\\", "")
    assert sorted(found.split()) == ["a", "file.conf"]
    assert offered(shell, "ecr-upsertd repos --state-dir fo", tmp_path) == {"folder"}
