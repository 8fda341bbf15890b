"""An upstream that fails: the daemon lives, holds on to nothing and says why an exchange ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.client import Answer, Wire
from integration.costs import leaves_nothing
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
        assert get(other, name).body == b"here"
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
    if certificate != "wrong_name":    # curl takes up the TLS session again, its certificate in it
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


def test_early_answer_to_an_upload(start_daemon: Start, name: str) -> None:
    """The registry has seen enough: its answer goes on, the rest of the body nowhere."""
    def parts() -> Iterator[bytes]:
        yield plain(b'{"errors":[]}', "413 Payload Too Large")
        upstream.stopping.wait()    # closing at once would be a reset, which overtakes the answer

    upstream = RawUpstream(lambda request: Reply(parts()), takes_body=lambda request: False)
    with upstream:
        daemon = start_daemon(endpoint=upstream.url)

        def scenario() -> None:
            answer = daemon.ask("PATCH", f"/v2/{name}/blobs/uploads/1", BLOB * 4, OCTETS)
            assert (answer.status, answer.body) == (413, b'{"errors":[]}')

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
