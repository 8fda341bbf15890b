"""The listening side: both loopback addresses, TLS by mistake, and every way to frame a request."""

from __future__ import annotations

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.client import Client, Wire
from integration.daemon import Daemon
from integration.registry import INDEX, OCTETS, digest_of, manifest, put_manifest, start_upload
from sandbox import Sandbox

BLOB = bytes(range(256)) * 8192
DIGEST = digest_of(BLOB)
FAMILIES = ["127.0.0.1", "::1"]


def head(daemon: Daemon, method: str, target: str, *fields: str, version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", f"Host: localhost:{daemon.port}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def client_hello() -> bytes:
    """What a TLS client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("host", FAMILIES)
def test_both_families(daemon: Daemon, sandbox: Sandbox, name: str, host: str) -> None:
    with daemon.client(host) as client:
        begun = client.ask("POST", f"/v2/{name}/blobs/uploads/", b"")
        assert begun.status == 202
        done = client.ask("PUT", f"{begun.location}?digest={DIGEST}", BLOB, OCTETS)
        assert done.status == 201
    assert daemon.access_line(repository=name)["client"].startswith(
        "[::1]:" if ":" in host else "127.0.0.1:")


# TLS on the plain port

@pytest.mark.parametrize("host", FAMILIES)
@pytest.mark.parametrize("length", [1, 5, None])
def test_tls_hello_is_answered_in_the_clear(daemon: Daemon, host: str, length: int | None) -> None:
    """containerd and Docker fall back to http only after bytes that begin with HTTP/."""
    hello = client_hello()[:length]
    start = time.monotonic()
    with Wire(daemon.port, host, timeout=5) as wire:
        answer = wire.send(hello).read()
    assert answer.startswith(b"HTTP/1."), answer
    assert b" 400 " in answer.splitlines()[0]
    assert b"plain HTTP" in answer
    assert time.monotonic() - start < 2


def test_tls_client_sees_a_http_answer(daemon: Daemon) -> None:
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=5) as raw, \
            pytest.raises(ssl.SSLError, match="(?i)wrong.version|http.request|record"):
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")


@pytest.mark.concurrency
def test_many_hellos_beside_a_push(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    hello = client_hello()

    def greet(_: int) -> bytes:
        with Wire(daemon.port, timeout=10) as wire:
            return wire.send(hello).read()[:7]

    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(greet, range(64))
        assert start_upload(daemon, name).status == 202
        assert set(answers) == {b"HTTP/1."}


# framing

def test_keep_alive(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    with daemon.client() as client:
        for i in range(20):
            assert client.ask("POST", f"/v2/{name}/blobs/uploads/", b"").status == 202
            assert client.ask("HEAD", f"/v2/{name}/blobs/{DIGEST}").status == 404
    lines = daemon.access_lines(repository=name)
    assert len({line["client"] for line in lines}) == 1


def test_http_1_0(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    put_manifest(daemon, name)
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "GET", f"/v2/{name}/manifests/1", f"Accept: {INDEX}", version="1.0"))
        answer = wire.read()
    first, _, body = answer.partition(b"\r\n\r\n")
    assert b" 200 " in first.splitlines()[0]
    assert b"chunked" not in first
    assert body == manifest()


def test_http_1_0_upload(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    begun = start_upload(daemon, name)
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "PUT", f"{begun.location}?digest={DIGEST}",
                       f"Content-Length: {len(BLOB)}", version="1.0") + BLOB)
        assert b" 201 " in wire.read().splitlines()[0]


def test_connection_close(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """As dockerd 20.10 asks for with every request."""
    begun = start_upload(daemon, name)
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "PATCH", begun.location, "Connection: close",
                       f"Content-Length: {len(BLOB)}") + BLOB)
        assert wire.read_answer().status == 201
        assert wire.read() == b""


@pytest.mark.parametrize("sizes", [[1], [1, 2, 3], [65536] * 4, [7] * 1000, [len(BLOB)]])
def test_chunked(daemon: Daemon, sandbox: Sandbox, name: str, sizes: list[int]) -> None:
    begun = start_upload(daemon, name)
    content, parts = BLOB[:sum(sizes)], []
    rest = content
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    sent = daemon.ask("PATCH", begun.location, parts)
    assert (sent.status, sent.get("Range")) == (201, f"0-{len(content) - 1}")
    done = daemon.ask("PUT", f"{begun.location}?digest={digest_of(content)}", b"")
    assert done.status == 201


def test_chunk_extensions_and_trailers(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Read or refused; never two readings."""
    begun = start_upload(daemon, name)
    with Wire(daemon.port, timeout=5) as wire:
        wire.send(head(daemon, "PATCH", begun.location, "Transfer-Encoding: chunked")
                  + b"5;a=b\r\nhello\r\n0\r\nX-Trailer: x\r\n\r\n")
        status = wire.read_answer().status
    assert status in (201, 400)
    if status == 201:
        (entry,) = sandbox.requests(operation="upload_chunk")
        assert entry["bytes_in"] == 5
        assert "x-trailer" not in {field.lower() for field, _ in entry["headers"]}


def test_slow_head(daemon: Daemon) -> None:
    with Wire(daemon.port) as wire:
        for octet in head(daemon, "GET", "/v2/"):
            wire.send(bytes([octet]))
        assert wire.read_answer().status == 200


@pytest.mark.parametrize("body", [b"", BLOB])
@pytest.mark.parametrize("chunked", [False, True])
def test_expect_continue(daemon: Daemon, sandbox: Sandbox, name: str, body: bytes,
                         chunked: bool) -> None:
    begun = start_upload(daemon, name)
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "PATCH", begun.location, framing, "Expect: 100-continue"))
        answer = wire.read_answer()
        if body or chunked:
            assert answer.status == 100
        sent = body
        if chunked:
            sent = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        if answer.status == 100:
            answer = wire.send(sent).read_answer()
        assert answer.status == 201, answer
        wire.send(head(daemon, "GET", "/v2/"))
        assert wire.read_answer().status == 200
    (entry,) = sandbox.requests(operation="upload_chunk")
    assert "expect" not in {field.lower() for field, _ in entry["headers"]}
    assert entry["bytes_in"] == len(body)


def test_expect_is_not_continued_for_a_refusal(daemon: Daemon, sandbox: Sandbox) -> None:
    with Wire(daemon.port, timeout=5) as wire:
        wire.send(head(daemon, "PUT", "/v2/UPPER/manifests/1", "Content-Length: 10",
                       "Expect: 100-continue"))
        assert 400 <= wire.read_answer().status < 500
    assert sandbox.requests() == []


def test_pipelining(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    begun = start_upload(daemon, name)
    put_manifest(daemon, name)
    with Wire(daemon.port) as wire:
        wire.send(head(daemon, "HEAD", f"/v2/{name}/blobs/{DIGEST}")
                  + head(daemon, "PATCH", begun.location, f"Content-Length: {len(BLOB)}") + BLOB
                  + head(daemon, "GET", f"/v2/{name}/manifests/1", f"Accept: {INDEX}")
                  + head(daemon, "GET", "/v2/"))
        assert wire.read_answer(has_body=False).status == 404
        assert wire.read_answer().status == 201
        got = wire.read_answer()
        assert (got.status, got.body) == (200, manifest())
        assert wire.read_answer().status == 200


def test_head_has_a_length_and_no_body(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    put_manifest(daemon, name)
    with Wire(daemon.port) as wire:
        for _ in range(3):
            wire.send(head(daemon, "HEAD", f"/v2/{name}/manifests/1", f"Accept: {INDEX}"))
            answer = wire.read_answer(has_body=False)
            assert (answer.status, answer.get("Content-Length")) == (200, str(len(manifest())))
            assert answer.get("Transfer-Encoding") is None
        wire.send(head(daemon, "GET", f"/v2/{name}/manifests/1", f"Accept: {INDEX}"))
        assert wire.read_answer().body == manifest()


@pytest.mark.slow
def test_idle_for_longer_than_clients_keep_a_connection(daemon: Daemon, sandbox: Sandbox,
                                                        name: str) -> None:
    """buildkit keeps 120 s: the daemon must not be the one that closes."""
    sandbox.create(name)
    fresh = [Wire(daemon.port, host) for host in FAMILIES]    # never said a word
    used = [daemon.client(host) for host in FAMILIES]
    for client in used:
        assert client.ask("GET", "/v2/").status == 200
    time.sleep(123)
    for client in used:
        assert client.ask("POST", f"/v2/{name}/blobs/uploads/", b"").status == 202
        client.close()
    for wire in fresh:
        assert wire.send(head(daemon, "GET", "/v2/")).read_answer().status == 200
        wire.close()


def test_admin_is_another_listener(daemon: Daemon) -> None:
    with Client(daemon.admin_port) as client:
        assert client.ask("GET", "/v2/").status == 404
    assert daemon.ask("GET", "/healthz").status == 404
