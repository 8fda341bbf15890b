"""Every path of the admin listener under requests that no friend would send: each is refused by a
4xx, nothing of the daemon leaks into the refusal, and afterwards it answers as before."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

import pytest

from integration.client import Client, Wire
from integration.daemon import Daemon
from integration.registry import push_blob
from integration.waiting import wait_for
from sandbox import Sandbox

PATHS = ["/", "/page.js", "/page.css", "/icon.svg", "/healthz", "/readyz", "/metrics", "/status"]
LONG = "x" * 70_000
# What stands in an answer only when it is the one that was asked for.
TOLD = [b"uptime_s", b"ecr_upsert_", b"<!DOCTYPE", b"'use strict'", b"--ground", b"<svg"]


@pytest.fixture(autouse=True)
def lives_on(daemon: Daemon) -> Iterator[None]:
    yield
    for path in PATHS:
        assert daemon.ask_admin(path).status == 200, path


def send(daemon: Daemon, octets: bytes) -> bytes:
    """All that comes back until the connection ends or falls silent."""
    with socket.create_connection(("127.0.0.1", daemon.admin_port), timeout=10) as plug:
        plug.sendall(octets)
        plug.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := plug.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def assert_refused(answer: bytes, statuses: range = range(400, 500)) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in statuses, answer[:300]
    assert len(body) < 2000
    for words in TOLD:
        assert words not in body


def head(method: str, target: str, *fields: str, host: str | None = "localhost:{port}",
         version: str = "HTTP/1.1") -> str:
    lines = [f"{method} {target} {version}", *([f"Host: {host}"] if host else []), *fields]
    return "".join(f"{line}\r\n" for line in lines) + "\r\n"


def ask(daemon: Daemon, text: str) -> bytes:
    return send(daemon, text.replace("{port}", str(daemon.admin_port)).encode("latin-1"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
                                    "get", "BREW", "G@T"])
def test_methods(daemon: Daemon, path: str, method: str) -> None:
    assert_refused(ask(daemon, head(method, path)))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost", "localhost:1",
                                  "127.0.0.1.evil.example:{port}", "localhost:{port}@evil.example",
                                  "[::2]:{port}", "10.0.0.1:{port}", "", "localhost:{port}:80",
                                  "localhost:0{port}", "a" * 300, None])
def test_hosts(daemon: Daemon, path: str, host: str | None) -> None:
    assert_refused(ask(daemon, head("GET", path, host=host)))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", [
    "Origin: http://evil.example", "Origin: null", "Origin: http://localhost:{port}",
    "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: SAME-ORIGIN",
    "Sec-Fetch-Site: none\r\nSec-Fetch-Site: none", "Sec-Fetch-Site: ",
    "Host: localhost:{port}", "Content-Length: -1",
    "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 1\r\nContent-Length: 2",
    "Expect: the-unexpected", "Bad Name: x", "Name : x", "X: a\x01b", "X: a\r\n folded",
    "Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0"])
def test_fields(daemon: Daemon, path: str, field: str) -> None:
    assert_refused(ask(daemon, head("GET", path, field)))


def test_a_coding_that_nobody_knows(daemon: Daemon) -> None:
    """RFC 9112 §6.1 has a status of its own for that."""
    for path in PATHS:
        answer = ask(daemon, head("GET", path, "Transfer-Encoding: gzip"))
        assert_refused(answer, range(501, 502))


@pytest.mark.parametrize("target", [
    "//status", "/status/", "/./status", "/../status", "/x/../status", "/STATUS", "/%73tatus",
    "/status%00", "/status%2f", "/status%20", "/status;x", "/status#x", "/status\\", "/page.js/",
    "/index.html", "/page/page.js", "/.git/config", "/etc/passwd", "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc", "/v2/", "/v2/app/manifests/1", "*", "status",
    "http://evil.example/status", "http://localhost:1/status", "https://localhost:{port}/status",
    "/caf\xe9", "/%", "/%zz", "/%e9", "/\x7f", "/" + LONG, "/status?" + LONG,
    "/?" + "a=b&" * 20_000])
def test_targets(daemon: Daemon, target: str) -> None:
    assert_refused(ask(daemon, head("GET", target)))


@pytest.mark.parametrize("text", [
    "", "\r\n\r\n", "GET\r\n\r\n", "GET /status\r\n\r\n", "GET /status HTTP/9.9\r\n\r\n",
    "GET  /status  HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0" * 100,
    "GET /status HTTP/1.1\r\n" + "A: b\r\n" * 20_000,
    f"GET /status HTTP/1.1\r\nHost: localhost:{{port}}\r\nX: {LONG * 20}\r\n\r\n",
    "GET /status HTTP/1.1\nHost: localhost:{port}\nOrigin: null\n\n"])
def test_what_is_no_request(daemon: Daemon, text: str) -> None:
    answer = ask(daemon, text)
    if answer:
        assert_refused(answer, range(400, 600))


def test_noise(daemon: Daemon) -> None:
    dice = random.Random(6)
    for _ in range(200):
        noise = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 300)))
        line = head("GET", dice.choice(PATHS)).replace("{port}", str(daemon.admin_port)).encode()
        at = dice.randrange(len(line) - 4)
        answer = send(daemon, dice.choice([noise, line[:at] + noise + line[at:]]))
        assert b"500 Internal" not in answer


def test_a_query_changes_nothing(daemon: Daemon) -> None:
    for path in PATHS:
        assert daemon.ask_admin(f"{path}?callback=alert&x=%3Cscript%3E").status == 200


def test_head_has_the_length_and_no_body(daemon: Daemon) -> None:
    with Client(daemon.admin_port) as client:
        for path in PATHS:
            answer = client.ask("HEAD", path)
            assert (answer.status, answer.body) == (200, b"")
            assert int(answer.get("Content-Length") or 0) > 0


def test_what_is_refused_says_nothing_of_us(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Neither a path of this machine nor a name nor a secret."""
    push_blob(daemon, name, b"something")
    secrets = [sandbox.env()["AWS_SECRET_ACCESS_KEY"], sandbox.env()["AWS_ACCESS_KEY_ID"], name,
               sandbox.host, str(daemon.state), str(daemon.config)]
    for text in (head("GET", "/nothing"), head("POST", "/status"), head("GET", "/%"),
                 head("GET", "/status", host="evil.example"),
                 head("GET", "/status", "Origin: http://evil.example")):
        answer = ask(daemon, text).decode()
        for secret in secrets:
            assert secret not in answer


def test_no_secret_anywhere(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    push_blob(daemon, name, b"something else")
    told = b"".join(daemon.ask_admin(path).body for path in PATHS).decode()
    tokens = {request["token"] for request in sandbox.requests() if request.get("token")}
    assert tokens
    for secret in (sandbox.env()["AWS_SECRET_ACCESS_KEY"], *tokens, "Authorization", "Basic "):
        assert secret not in told


def test_too_many_at_once_take_nothing_from_those_that_push(daemon: Daemon, name: str) -> None:
    begun = b"GET /status HTTP/1.1\r\nHost: local"
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(Wire(daemon.admin_port)).send(begun)
        wait_for("the first that is one too many", lambda: send(daemon, begun).startswith(
            b"HTTP/1.1 504 "))
        push_blob(daemon, name, b"meanwhile")
    wait_for("the others' end", lambda: daemon.ask_admin("/healthz").status == 200)


def test_many_at_once_that_never_finish(daemon: Daemon) -> None:
    wires = [Wire(daemon.admin_port) for _ in range(50)]
    try:
        for wire in wires:
            wire.send(b"GET /status HTTP/1.1\r\nHost: local")
        assert daemon.ask_admin("/healthz").status == 200
    finally:
        for wire in wires:
            wire.__exit__(None, None, None)
