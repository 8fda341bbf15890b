"""Whose process is at the other end: in the access line, and who may connect at all."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Callable

import pytest

from integration.daemon import Daemon
from sandbox import Sandbox

NOBODY = pwd.getpwnam("nobody").pw_uid
NAMELESS = 54321    # no entry in passwd

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")

# Programs of root's own folders are out of another user's reach; a shell is not.
ASK = r"""
exec 3<>"/dev/tcp/$1/$2"
printf 'GET %s HTTP/1.1\r\nHost: localhost:%s\r\nConnection: close\r\n\r\n' "$3" "$2" >&3
cat <&3
"""


def ask_as(uid: int, port: int, target: str, host: str = "127.0.0.1") -> str:
    """The whole answer that a client of this user gets."""
    return subprocess.run(["bash", "-c", ASK, "ask", host, str(port), target], user=uid,
                          extra_groups=[], capture_output=True, text=True, timeout=30, check=True,
                          cwd="/").stdout


def status_of(answer: str) -> int:
    return int(answer.split(" ")[1])


def test_the_access_line_names_who_asks(daemon: Daemon, name: str) -> None:
    daemon.ask("GET", f"/v2/{name}/tags/list")
    line = daemon.access_line(repository=name)
    assert line["user"] == pwd.getpwuid(os.geteuid()).pw_name


@needs_root
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_another_user_is_told_apart(daemon: Daemon, name: str, host: str) -> None:
    ask_as(NOBODY, daemon.port, f"/v2/{name}/tags/list", host)
    assert daemon.access_line(repository=name)["user"] == "nobody"


@needs_root
def test_who_has_no_name_is_a_number(daemon: Daemon, name: str) -> None:
    ask_as(NAMELESS, daemon.port, f"/v2/{name}/tags/list")
    assert daemon.access_line(repository=name)["user"] == str(NAMELESS)


def test_a_refused_request_has_a_user_too(daemon: Daemon) -> None:
    target = "/v2/x.dkr.ecr.example/app/tags/list"
    assert daemon.ask("GET", target).status == 404
    assert daemon.access_line(reason="refused")["user"] == pwd.getpwuid(os.geteuid()).pw_name
