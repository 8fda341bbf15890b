"""The end of the daemon, and what it wrote until then."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from integration.client import Wire
from integration.daemon import Daemon
from integration.raw_upstream import RawUpstream, Reply
from integration.registry import start_upload
from integration.waiting import wait_for
from sandbox import Sandbox

Start = Callable[..., Daemon]
HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

# the end

@pytest.fixture
def transfer(sandbox: Sandbox) -> Iterator[tuple[Daemon, Wire, list[bytes]]]:
    """A download in the middle; what is put into the list is what still comes."""
    more: list[bytes] = []

    def parts() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000
        while not more and not upstream.stopping.is_set():
            time.sleep(0.01)
        yield from more

    upstream = RawUpstream(lambda request: Reply(parts()))
    with upstream:
        daemon = Daemon(["--registry", HOST, "--registry-endpoint", upstream.url], sandbox.env())
        daemon.start()
        wire = Wire(daemon.port)
        try:
            wire.send(f"GET /v2/app/blobs/sha256:1 HTTP/1.1\r\n"
                      f"Host: localhost:{daemon.port}\r\n\r\n".encode())
            wire.read_until(b"\r\n\r\n")
            wire.read_exactly(50_000)
            yield daemon, wire, more
        finally:
            wire.close()
            daemon.kill()


def test_a_transfer_is_finished(transfer: tuple[Daemon, Wire, list[bytes]]) -> None:
    daemon, wire, more = transfer
    daemon.terminate()
    wait_for("no new clients", lambda: not accepts(daemon.port))
    time.sleep(0.5)    # time enough to cut it
    assert daemon.is_alive()
    assert daemon.ask_admin("/healthz").status == 200
    more.append(b"b" * 100_000)
    assert wire.read_exactly(150_000).endswith(b"b" * 100_000)
    assert daemon.wait(10) == 0
    assert daemon.access_lines(operation="blob")[0]["reason"] == "ok"
    assert "stopped" in daemon.text()
    assert not accepts(daemon.port) and not accepts(daemon.admin_port)


def test_a_second_signal_cuts(transfer: tuple[Daemon, Wire, list[bytes]]) -> None:
    daemon, wire, _ = transfer
    daemon.terminate()
    wait_for("no new clients", lambda: not accepts(daemon.port))
    daemon.terminate()
    assert daemon.wait(10) == 0
    assert len(wire.read()) <= 50_000
    assert daemon.access_lines(operation="blob")[0]["reason"] == "stopped"


def test_idle_clients_do_not_hold_it(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    daemon = start_daemon()
    with daemon.client() as used, Wire(daemon.port), daemon.client() as other:
        assert used.ask("POST", f"/v2/{name}/blobs/uploads/", b"").status == 202
        assert other.ask("GET", "/v2/").status == 200
        start = time.monotonic()
        daemon.terminate()
        assert daemon.wait(10) == 0
        assert time.monotonic() - start < 3


def test_stop_while_creating(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    """A creation that is under way is finished too."""
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=1)
    daemon = start_daemon()
    with daemon.client() as client, Wire(daemon.port) as wire:
        del client
        wire.send(f"POST /v2/{name}/blobs/uploads/ HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  "Content-Length: 0\r\n\r\n".encode())
        wait_for("the creation", lambda: sandbox.calls("CreateRepository"))
        daemon.terminate()
        answer = wire.read_answer()
        assert answer.status == 202
        assert answer.get("Connection") == "close"
    assert daemon.wait(10) == 0


def test_stop_without_a_token(start_daemon: Start, sandbox: Sandbox) -> None:
    """Nothing that it waits for keeps it."""
    sandbox.set_fault("api", "slow", operation="GetAuthorizationToken", seconds=30)
    daemon = start_daemon(ready=False)
    wait_for("the call", lambda: sandbox.calls("GetAuthorizationToken"))
    start = time.monotonic()
    daemon.terminate()
    assert daemon.wait(10) == 0
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals(start_daemon: Start, number: int) -> None:
    daemon = start_daemon()
    daemon.child.send_signal(number)    # type: ignore[union-attr]
    assert daemon.wait(10) == 0


def test_hangup_goes_on(start_daemon: Start) -> None:
    daemon = start_daemon()
    daemon.child.send_signal(signal.SIGHUP)    # type: ignore[union-attr]
    wait_for("a word about it", lambda: "SIGHUP" in daemon.text())
    assert daemon.ask("GET", "/v2/").status == 200


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# the log

FIELDS = ["time", "client", "user", "method", "operation", "registry", "repository", "status",
          "upstream_status", "bytes_in", "bytes_out", "ms", "created", "retries", "reason"]


def test_json_log(start_daemon: Start, name: str) -> None:
    daemon = start_daemon()
    start_upload(daemon, name)
    daemon.ask("GET", f"/v2/{name}/manifests/1")
    daemon.ask("GET", "/v2/UPPER/manifests/1")
    daemon.access_line(repository=name, method="GET")
    for text in daemon.text().splitlines():
        line = json.loads(text)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        if "reason" in line:
            assert [field for field in line if field != "detail"] == FIELDS
        else:
            assert set(line) == {"time", "level", "message"}
    created = daemon.access_line(repository=name, method="POST")
    assert (created["created"], created["operation"]) == (True, "upload-start")


def test_text_log(start_daemon: Start, name: str) -> None:
    daemon = start_daemon(log_format="text")
    start_upload(daemon, name)
    line = wait_for("the line", lambda: re.search(rf"^.* access .*repository={name} .*$",
                                                  daemon.text(), re.M))[0]
    for part in ("method=POST", f"registry={HOST}", "status=202", "created=true", "retries=1",
                 "reason=ok"):
        assert f" {part}" in line


def test_forged_lines(daemon: Daemon) -> None:
    """What a client sends stays within its line."""
    with Wire(daemon.port) as wire:
        wire.send(f"GET /v2/a%0a%22%7d%0d/manifests/1 HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  "Connection: close\r\n\r\n".encode())
        wire.read()
    for text in daemon.text().splitlines():
        json.loads(text)


def test_quiet_level(start_daemon: Start, name: str) -> None:
    daemon = start_daemon("--log-level=info")
    start_upload(daemon, name)
    assert "debug" not in daemon.text()
