"""An upstream that fails in the middle, a client that leaves: the daemon lives, holds on to nothing
and says why the exchange ended."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.client import Answer, Wire
from integration.costs import Costs, leaves_nothing, wait_back
from integration.daemon import Daemon
from integration.raw_upstream import RawUpstream, Reply, plain
from integration.registry import INDEX, OCTETS, manifest, put_manifest, start_upload
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

BLOB = b"0123456789abcdef" * 131072    # 2 MiB
LARGE = 300_000    # of a manifest: more than is read before it is handed on

Start = Callable[..., Daemon]


def head(daemon: Daemon, method: str, target: str, *fields: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: localhost:{daemon.port}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def get(daemon: Daemon, name: str) -> Answer:
    return daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": INDEX})


# the upstream, before an answer

def test_upstream_refuses(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    daemon = start_daemon(endpoint=f"http://127.0.0.1:{free_port()}")

    def scenario() -> None:
        for answer in (get(daemon, name), start_upload(daemon, name)):
            assert answer.status == 504
            assert sandbox.host in answer.error()[1]

    leaves_nothing(daemon, scenario)
    assert {line["reason"] for line in daemon.access_lines()} == {"upstream-connect"}
    assert sandbox.calls("CreateRepository") == []


def test_upstream_comes_back(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    port = free_port()
    daemon = start_daemon(endpoint=f"http://127.0.0.1:{port}")
    assert get(daemon, name).status == 504
    with RawUpstream(lambda request: plain(b"back"), port=port):
        assert get(daemon, name).body == b"back"


def test_slow_upstream(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    put_manifest(daemon, name)
    sandbox.set_fault("registry", "delay", seconds=1.5, count=1)
    assert get(daemon, name).status == 200
    assert daemon.access_line(repository=name, method="GET")["ms"] >= 1500


@pytest.mark.parametrize("kind", ["close", "reset"])
@pytest.mark.parametrize("method,path", [("GET", "manifests/1"), ("HEAD", "manifests/1"),
                                         ("PUT", "manifests/2"), ("DELETE", "manifests/1")])
def test_no_byte_of_an_answer(daemon: Daemon, sandbox: Sandbox, name: str, kind: str, method: str,
                              path: str) -> None:
    put_manifest(daemon, name)
    sandbox.set_fault("registry", kind)
    body = manifest() if method == "PUT" else None

    def scenario() -> None:
        assert daemon.ask(method, f"/v2/{name}/{path}", body).status == 504
        assert daemon.access_line(repository=name, status=504)["reason"] == "upstream-no-answer"

    leaves_nothing(daemon, scenario)


def test_idle_connections_that_died(sandbox: Sandbox, name: str) -> None:
    """A pooled connection that the other side closed costs no request."""
    with RawUpstream(lambda request: plain(b"here")) as upstream, Daemon(
            ["--registry", sandbox.host, "--registry-endpoint", upstream.url],
            sandbox.env()) as other:
        for _ in range(3):
            assert get(other, name).body == b"here"
        assert upstream.connections == 1
        upstream.cut()
        wait_for("the cut", lambda: upstream.open_connections() == 0)
        for method in ("GET", "HEAD"):
            assert other.ask(method, f"/v2/{name}/manifests/1").status == 200
            upstream.cut()
        begun = other.ask("POST", f"/v2/{name}/blobs/uploads/", b"")
        assert begun.status == 200


# certificates: each with a daemon that has no connection yet

@pytest.mark.parametrize("certificate", ["expired", "wrong_name", "self_signed"])
def test_bad_certificate(start_daemon: Start, sandbox: Sandbox, name: str,
                         certificate: str) -> None:
    sandbox.settings(certificate=certificate)
    daemon = start_daemon()

    def scenario() -> None:
        for answer in (get(daemon, name), start_upload(daemon, name)):
            assert answer.status == 502, answer
            assert "certificate" in answer.error()[1].lower()

    leaves_nothing(daemon, scenario)
    assert {line["reason"] for line in daemon.access_lines()} == {"upstream-certificate"}
    assert sandbox.requests(side="registry") == []
    sandbox.settings(certificate="good")
    assert start_upload(daemon, name).status == 202


def test_unknown_authority(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    daemon = start_daemon(env={"AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"})
    answer = get(daemon, name)
    assert answer.status == 502
    assert "AWS_CA_BUNDLE" in answer.error()[1]


# the upstream, within a body

@pytest.mark.parametrize("kind", ["truncate", "reset"])
def test_download_cut(daemon: Daemon, sandbox: Sandbox, name: str, kind: str) -> None:
    """What was promised and does not come must not look whole."""
    put_manifest(daemon, name, content=manifest(LARGE))
    sandbox.set_fault("registry", kind, after=100_000, method="GET")

    def scenario() -> None:
        with Wire(daemon.port) as wire:
            wire.send(head(daemon, "GET", f"/v2/{name}/manifests/1", f"Accept: {INDEX}"))
            answer = wire.read()
        first, _, body = answer.partition(b"\r\n\r\n")
        assert b" 200 " in first.splitlines()[0] and b"Content-Length: 300000" in first
        assert len(body) <= 100_000
        assert daemon.access_line(repository=name, method="GET")["reason"] == "upstream-cut"

    leaves_nothing(daemon, scenario)


@pytest.mark.parametrize("kind", ["truncate", "reset"])
def test_short_answer_cut(daemon: Daemon, sandbox: Sandbox, name: str, kind: str) -> None:
    """Short answers are read before the client sees a status."""
    put_manifest(daemon, name)
    sandbox.set_fault("registry", kind, after=20, method="GET")
    answer = get(daemon, name)
    assert answer.status in (502, 504)
    assert daemon.access_line(repository=name, method="GET")["reason"] == "upstream-cut"


@pytest.mark.parametrize("kind", ["truncate", "reset"])
@pytest.mark.parametrize("chunked", [False, True])
def test_upload_cut(daemon: Daemon, sandbox: Sandbox, name: str, kind: str, chunked: bool) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", kind, operation="upload_chunk", after=100_000)

    def scenario() -> None:
        begun = start_upload(daemon, name)
        answer = daemon.ask("PATCH", begun.location, [BLOB] if chunked else BLOB, OCTETS)
        assert answer.status == 504, answer
        assert daemon.access_line(repository=name, method="PATCH")["reason"] in (
            "upstream-no-answer", "upstream-cut")

    leaves_nothing(daemon, scenario)
    assert sandbox.calls("CreateRepository") == []


def test_early_answer_to_an_upload(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """The registry has seen enough: its answer goes on, the rest of the body nowhere."""
    sandbox.create(name)
    refusal = plain(b'{"errors":[]}', "413 Payload Too Large")

    def scenario() -> None:
        begun = start_upload(daemon, name)
        id = sandbox.set_fault("registry", "raw", operation="upload_chunk",
                               data=refusal.decode())
        answer = daemon.ask("PATCH", begun.location, BLOB * 4, OCTETS)
        assert (answer.status, answer.body) == (413, b'{"errors":[]}')
        sandbox.clear_faults(id)

    leaves_nothing(daemon, scenario)


# the daemon's own time limits, side by side

STALLS = {
    "before-head": ("GET", {"kind": "delay", "seconds": 200, "method": "GET"}),
    "download": ("GET", {"kind": "stall", "after": 100_000, "seconds": 200, "method": "GET"}),
    "upload": ("PATCH", {"kind": "stall", "after": 100_000, "seconds": 200,
                         "operation": "upload_chunk"}),
}


@pytest.mark.slow
def test_stalls_end(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """60 s without an octet from a registry that has its connection open."""
    targets = {}
    for kind, (method, fault) in STALLS.items():
        repository = f"{name}/{kind}"
        put_manifest(daemon, repository, content=manifest(LARGE))
        targets[kind] = f"/v2/{repository}/manifests/1"
        if method == "PATCH":
            targets[kind] = start_upload(daemon, repository).location
        sandbox.set_fault("registry", repository=repository, **fault)

    def run(kind: str) -> tuple[bytes, float]:
        method, _ = STALLS[kind]
        start = time.monotonic()
        with Wire(daemon.port, timeout=120) as wire:
            length = 64 * len(BLOB) if method == "PATCH" else 0
            wire.send(head(daemon, method, targets[kind], f"Accept: {INDEX}", "Connection: close",
                           f"Content-Length: {length}"))
            try:
                for _ in range(length // len(BLOB)):
                    wire.send(BLOB)
            except OSError:
                pass
            return wire.read(), time.monotonic() - start

    with ThreadPoolExecutor(3) as pool:
        answers = dict(zip(STALLS, pool.map(run, STALLS), strict=True))

    for kind, (answer, seconds) in answers.items():
        assert 55 < seconds < 90, (kind, seconds)
        line = daemon.access_line(repository=f"{name}/{kind}", reason="upstream-timeout")
        assert line["ms"] > 55_000
    assert b" 504 " in answers["before-head"][0].splitlines()[0]
    assert b" 200 " in answers["download"][0].splitlines()[0]
    assert len(answers["download"][0]) < 110_000
    assert b" 504 " in answers["upload"][0].splitlines()[0]


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
                  + BLOB + b"surplus\r\n\r\n").end()
        assert wire.read_answer().status == 201
        rest = wire.read()
    assert rest == b"" or rest.split(b" ")[1] == b"400"
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
def test_a_thousand_idle_connections(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Silent ones, and ones that were used: a push finds its way between them."""
    for _ in range(2):
        start_upload(daemon, name)
    before = Costs.of(daemon)
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
