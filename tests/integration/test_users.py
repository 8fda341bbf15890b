"""Whose process is at the other end: in the access line, and who may connect at all."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
from collections.abc import Callable

import pytest

from integration.daemon import Daemon
from integration.registry import assert_refused, creations, start_upload
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


# allow_users

@needs_root
@pytest.mark.parametrize("allowed", [["nobody"], [NOBODY], ["root", str(NOBODY)]])
def test_who_is_listed_may(start_daemon: Callable[..., Daemon],
                           allowed: list[object]) -> None:
    daemon = start_daemon(config={"allow_users": allowed})
    assert status_of(ask_as(NOBODY, daemon.port, "/v2/")) == 200


@needs_root
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_others_are_told_who_may_and_where_it_is_said(
        start_daemon: Callable[..., Daemon], sandbox: Sandbox, name: str,
        host: str) -> None:
    daemon = start_daemon(config={"allow_users": ["root", NAMELESS]})
    assert daemon.ask("GET", "/v2/").status == 200
    assert status_of(ask_as(NAMELESS, daemon.port, "/v2/")) == 200
    before = len(sandbox.requests())
    for target in ("/v2/", f"/v2/{name}/tags/list"):
        answer = ask_as(NOBODY, daemon.port, target, host)
        assert status_of(answer) == 403
        error, = json.loads(answer.partition("\n\n")[2])["errors"]
        assert error["code"] == "DENIED"
        for word in ("nobody", "root", str(NAMELESS), "allow_users"):
            assert word in error["message"]
    assert len(sandbox.requests()) == before
    assert daemon.access_line(reason="refused")["user"] == "nobody"


@needs_root
def test_the_admin_listener_is_closed_too(start_daemon: Callable[..., Daemon]) -> None:
    daemon = start_daemon(config={"allow_users": ["root"]})
    for target in ("/healthz", "/readyz", "/metrics", "/status"):
        assert daemon.ask_admin(target).status == 200
        answer = ask_as(NOBODY, daemon.admin_port, target)
        assert status_of(answer) == 403
        assert "text/plain" in answer
        assert "allow_users" in answer


@needs_root
def test_who_runs_it_may_always_look(start_daemon: Callable[..., Daemon]) -> None:
    """`wait` of the unit that starts it, and root, who could read its memory."""
    daemon = start_daemon(config={"allow_users": ["nobody"]})
    assert daemon.ask_admin("/readyz").status == 200
    assert daemon.ask("GET", "/v2/").status == 403
    assert status_of(ask_as(NOBODY, daemon.admin_port, "/status")) == 200


@needs_root
def test_a_push_of_another_user_creates_nothing(start_daemon: Callable[..., Daemon],
                                                sandbox: Sandbox,
                                                name: str) -> None:
    daemon = start_daemon(config={"allow_users": ["nobody"]})
    assert_refused(start_upload(daemon, name), 403, "DENIED", "allow_users", "nobody")
    assert creations(sandbox) == []
