"""A client that leaves, stalls, sends too little or too much, or opens a thousand connections."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator

import pytest

from integration.client import Wire
from integration.costs import leaves_nothing, settled, wait_back
from integration.daemon import Daemon
from integration.raw_upstream import RawUpstream, Reply
from integration.registry import INDEX, manifest, put_manifest, start_upload
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

BLOB = b"0123456789abcdef" * 131072    # 2 MiB
Start = Callable[..., Daemon]


def head(daemon: Daemon, method: str, target: str, *fields: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: localhost:{daemon.port}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


# the client

def endless(upstream: RawUpstream, size: int = 1 << 40) -> Reply:
    def parts() -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
        while not upstream.stopping.is_set():
            yield BLOB
    return Reply(parts())


@pytest.fixture
def endless_daemon(sandbox: Sandbox) -> Iterator[tuple[Daemon, RawUpstream]]:
    """In front of a registry whose answers have no end."""
    upstream = RawUpstream(lambda request: endless(upstream))
    with upstream, Daemon(["--registry", sandbox.host, "--registry-endpoint", upstream.url],
                          sandbox.env()) as daemon:
        yield daemon, upstream


@pytest.mark.parametrize("how", ["close", "reset"])
def test_client_leaves_a_download(endless_daemon: tuple[Daemon, RawUpstream], name: str,
                                  how: str) -> None:
    daemon, upstream = endless_daemon

    def scenario() -> None:
        wire = Wire(daemon.port)
        wire.send(head(daemon, "GET", f"/v2/{name}/blobs/sha256:1"))
        wire.read_exactly(5_000_000)
        getattr(wire, how)()
        wait_for("the upstream's end", lambda: upstream.open_connections() == 0)

    leaves_nothing(daemon, scenario)
    lines = wait_for("all lines", lambda: len(daemon.access_lines(repository=name)) == 6
                     and daemon.access_lines(repository=name))
    assert {line["reason"] for line in lines} == {"client-left"}
    assert all(line["bytes_out"] >= 5_000_000 for line in lines)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("framing", ["Content-Length: 50000000", "Transfer-Encoding: chunked"])
def test_client_leaves_an_upload(daemon: Daemon, sandbox: Sandbox, name: str, how: str,
                                 framing: str) -> None:
    sandbox.create(name)

    def scenario() -> None:
        begun = start_upload(daemon, name)
        seen = len(sandbox.requests(operation="upload_chunk"))
        wire = Wire(daemon.port)
        wire.send(head(daemon, "PATCH", begun.location, framing))
        chunked = framing.endswith("chunked")
        wire.send(b"%x\r\n%s\r\n" % (len(BLOB), BLOB) if chunked else BLOB)
        wait_for("the registry's part", lambda: [
            1 for entry in sandbox.requests(operation="upload_chunk")[seen:]
            if (entry.get("bytes_in") or 0) > 0])
        getattr(wire, how)()
        daemon.access_line(repository=name, method="PATCH")

    leaves_nothing(daemon, scenario)
    lines = daemon.access_lines(repository=name, method="PATCH")
    assert {line["reason"] for line in lines} == {"client-left"}
    for entry in sandbox.requests(operation="upload_chunk"):
        assert entry["status"] is None, "a body that broke off was passed on as whole"


@pytest.mark.parametrize("how", ["close", "reset"])
def test_client_leaves_while_waiting(daemon: Daemon, sandbox: Sandbox, name: str,
                                     how: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "delay", seconds=30, repository=name)

    def scenario() -> None:
        seen = len(daemon.access_lines(repository=name))
        arrived = len(sandbox.requests(repository=name))
        wire = Wire(daemon.port)
        wire.send(head(daemon, "POST", f"/v2/{name}/blobs/uploads/", "Content-Length: 0"))
        wait_for("the request", lambda: len(sandbox.requests(repository=name)) > arrived)
        getattr(wire, how)()
        wait_for("its end", lambda: len(daemon.access_lines(repository=name)) > seen, 5)

    leaves_nothing(daemon, scenario)
    assert {line["reason"] for line in daemon.access_lines(repository=name)} == {"client-left"}


def test_client_leaves_within_the_head(daemon: Daemon) -> None:
    def scenario() -> None:
        for octets in (b"", b"G", b"GET /v2/ HTTP/1.1\r\nHost: local"):
            with Wire(daemon.port) as wire:
                wire.send(octets)
    leaves_nothing(daemon, scenario)


def test_client_stops_sending(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Fewer octets than Content-Length: nothing is passed on as whole."""
    sandbox.create(name)
    begun = start_upload(daemon, name)
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "PUT", f"{begun.location}?digest=sha256:" + "0" * 64,
                       f"Content-Length: {len(BLOB) + 1}") + BLOB).end()
        answer = wire.read()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer
    assert daemon.access_line(repository=name, method="PUT")["reason"] in ("client-left", "error")
    for entry in sandbox.requests(operation="upload_finish"):
        assert entry["status"] is None


def test_client_sends_too_much(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """What comes behind Content-Length is the next request, or nonsense; never part of the body."""
    sandbox.create(name)
    begun = start_upload(daemon, name)
    with Wire(daemon.port, timeout=10) as wire:
        wire.send(head(daemon, "PATCH", begun.location, f"Content-Length: {len(BLOB)}")
                  + BLOB + b"surplus\r\n\r\n")
        assert wire.read_answer().status == 201
        rest = wire.read()
    assert rest == b"" or rest.split(b" ")[1] in (b"400", b"405"), rest
    (entry,) = sandbox.requests(operation="upload_chunk")
    assert entry["bytes_in"] == len(BLOB)


def test_slow_client_up(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    begun = start_upload(daemon, name)
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "PATCH", begun.location, "Content-Length: 20"))
        for _ in range(20):
            time.sleep(0.1)    # what is slow is the point here
            wire.send(b"x")
        assert wire.read_answer().status == 201


def test_slow_client_down(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    content = manifest(2_000_000)
    put_manifest(daemon, name, content=content)
    with Wire(daemon.port, receive_buffer=4096) as wire:
        wire.send(head(daemon, "GET", f"/v2/{name}/manifests/1", f"Accept: {INDEX}",
                       "Connection: close"))
        received = b""
        for _ in range(10):
            time.sleep(0.1)
            received += wire.socket.recv(4096)
        received += wire.read()
    assert received.endswith(content[-100:]) and len(received) > len(content)


@pytest.mark.concurrency
def test_a_thousand_idle_connections(start_daemon: Start, name: str) -> None:
    """Silent ones, and ones that were used: a push finds its way between them."""
    daemon = start_daemon()
    for _ in range(2):
        start_upload(daemon, name)
    before = settled(daemon)
    wires = [Wire(daemon.port) for _ in range(1000)]
    try:
        for wire in wires[::4]:
            wire.send(head(daemon, "GET", "/v2/"))
        for wire in wires[::4]:
            assert wire.read_answer().status == 200
        wait_for("all of them", lambda: daemon.fds() >= before.fds + 1000)
        assert start_upload(daemon, f"{name}/b").status == 202
        begun = start_upload(daemon, name)
        assert daemon.ask("PATCH", begun.location, BLOB).status == 201
    finally:
        for wire in wires:
            wire.close()
    wait_back(daemon, before, growth=64 << 20)


def test_no_descriptor_is_left(sandbox: Sandbox, name: str) -> None:
    """RLIMIT_NOFILE reached: clients wait, the daemon does not spin, and then it goes on."""
    with Daemon(sandbox.daemon_args(), sandbox.env()) as daemon:
        start_upload(daemon, name)
        limit = daemon.fds() + 20
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (limit, limit))
        wires = [Wire(daemon.port) for _ in range(60)]
        wait_for("a word about it", lambda: "cannot accept" in daemon.text())
        for wire in wires:
            wire.close()
        wait_for("room again", lambda: start_upload(daemon, name).status == 202)


def test_proxy_of_the_environment_is_not_ours(start_daemon: Start, sandbox: Sandbox,
                                              name: str) -> None:
    """HTTPS_PROXY is the AWS tools' business; with an endpoint on this machine none is asked."""
    dead = f"http://127.0.0.1:{free_port()}"
    daemon = start_daemon(env={"HTTPS_PROXY": dead, "https_proxy": dead, "http_proxy": dead})
    assert start_upload(daemon, name).status == 202
