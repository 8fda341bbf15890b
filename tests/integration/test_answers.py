"""Answers that two readers could read differently: 502 or a cut, and nobody gets out of step."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator

import pytest

from integration.client import Answer, Wire
from integration.daemon import Daemon
from integration.raw_upstream import RawUpstream, Reply, Request, plain
from integration.waiting import wait_for
from sandbox import Sandbox

SMUGGLED = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nSMUGGLED"
OK = b"HTTP/1.1 200 OK\r\n"


def pad(size: int) -> bytes:
    return b"".join(b"X-%d: %s\r\n" % (i, b"a" * 990) for i in range(size // 1000))


# What the registry sends instead of an answer. Behind each stands what a reader would take for the
# next answer if it drew the line elsewhere.
MALFORMED: dict[str, bytes] = {
    "two lengths, equal": OK + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
    "two lengths": OK + b"Content-Length: 4\r\nContent-Length: 50\r\n\r\nbody",
    "two lengths, longer first": OK + b"Content-Length: 50\r\nContent-Length: 4\r\n\r\nbody",
    "list of lengths": OK + b"Content-Length: 4, 4\r\n\r\nbody",
    "negative length": OK + b"Content-Length: -4\r\n\r\nbody",
    "signed length": OK + b"Content-Length: +4\r\n\r\nbody",
    "hexadecimal length": OK + b"Content-Length: 0x4\r\n\r\nbody",
    "length with a tail": OK + b"Content-Length: 4 bytes\r\n\r\nbody",
    "empty length": OK + b"Content-Length:\r\n\r\nbody",
    "length beyond 63 bits": OK + b"Content-Length: 9223372036854775808\r\n\r\nbody",
    "length beyond 64 bits": OK + b"Content-Length: 18446744073709551620\r\n\r\nbody",
    "endless length": OK + b"Content-Length: " + b"9" * 400 + b"\r\n\r\nbody",
    "length and chunks": OK + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"4\r\nbody\r\n0\r\n\r\n",
    "chunks and length": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
                         b"4\r\nbody\r\n0\r\n\r\n",
    "chunked, identity": OK + b"Transfer-Encoding: chunked, identity\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    "identity": OK + b"Transfer-Encoding: identity\r\n\r\nbody",
    "gzip, chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                     b"4\r\nbody\r\n0\r\n\r\n",
    "xchunked": OK + b"Transfer-Encoding: xchunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    "chunked in 1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    "folded line": OK + b"X-A: one\r\n two\r\nContent-Length: 4\r\n\r\nbody",
    "folded framing": OK + b"X-A: one\r\n\tContent-Length: 50\r\nContent-Length: 4\r\n\r\nbody",
    "space before the colon": OK + b"Content-Length : 50\r\nContent-Length: 4\r\n\r\nbody",
    "no colon": OK + b"nonsense\r\nContent-Length: 4\r\n\r\nbody",
    "empty name": OK + b": x\r\nContent-Length: 4\r\n\r\nbody",
    "bare CR": OK + b"X-A: a\rContent-Length: 50\r\nContent-Length: 4\r\n\r\nbody",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody",
    "one bare LF": OK + b"X-A: a\nX-B: b\r\nContent-Length: 4\r\n\r\nbody",
    "NUL in a value": OK + b"X-A: a\0b\r\nContent-Length: 4\r\n\r\nbody",
    "NUL in a name": OK + b"X\0A: b\r\nContent-Length: 4\r\n\r\nbody",
    "control in a value": OK + b"X-A: a\x1b[2Jb\r\nContent-Length: 4\r\n\r\nbody",
    "DEL in a value": OK + b"X-A: a\x7fb\r\nContent-Length: 4\r\n\r\nbody",
    "101 unasked": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "status 99": b"HTTP/1.1 099 Low\r\nContent-Length: 4\r\n\r\nbody",
    "status 600": b"HTTP/1.1 600 High\r\nContent-Length: 4\r\n\r\nbody",
    "status of four": b"HTTP/1.1 2000 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/0.9": b"body",
    "another protocol": b"ICY 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "204 with a length": b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody",
    "204 with chunks": b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"
                       b"4\r\nbody\r\n0\r\n\r\n",
    "large head": OK + pad(1_000_000) + b"Content-Length: 4\r\n\r\nbody",
    "large line": OK + b"X-A: " + b"a" * 1_000_000 + b"\r\nContent-Length: 4\r\n\r\nbody",
    "large reason": b"HTTP/1.1 200 " + b"a" * 1_000_000 + b"\r\nContent-Length: 4\r\n\r\nbody",
    "broken chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n0\r\n\r\n",
    "chunk beyond 64 bits": OK + b"Transfer-Encoding: chunked\r\n\r\n10000000000000004\r\nbody"
                            b"\r\n0\r\n\r\n",
    "negative chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n-4\r\nbody\r\n0\r\n\r\n",
    "chunk without its end": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbodyXX0\r\n\r\n",
}

# Nothing wrong with the answer, but what stands behind it is none.
WITH_A_TAIL: dict[str, tuple[str, bytes]] = {
    "HEAD with a body": ("HEAD", OK + b"Content-Length: 4\r\n\r\nbody"),
    "HEAD with chunks": ("HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
    "204 with a body": ("GET", b"HTTP/1.1 204 No Content\r\n\r\nbody"),
    "304 with a body": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody"),
    "surplus behind a body": ("GET", OK + b"Content-Length: 4\r\n\r\nbodybody"),
    "surplus behind chunks": ("GET", OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
                                     b"surplus"),
    "an answer nobody asked for": ("GET", OK + b"Content-Length: 4\r\n\r\nbody"),
}


class Stand:
    """A daemon in front of an upstream that says `bad` at one place and the truth at every other."""

    def __init__(self, daemon: Daemon, upstream: RawUpstream) -> None:
        self.daemon = daemon
        self.upstream = upstream
        self.bad = Reply([])
        self.repository = ""    # of the last request for the bad one
        self._count = itertools.count(1)
        upstream.answer = self._answer

    def _answer(self, request: Request) -> Reply | bytes:
        if "/bad-" in request.target:
            return self.bad
        return plain(request.target.encode())

    def good(self, reference: str) -> bytes:
        return self._request("GET", f"/v2/app/manifests/{reference}")

    def bad_one(self, method: str) -> bytes:
        self.repository = f"app/bad-{next(self._count)}"
        return self._request(method, f"/v2/{self.repository}/manifests/1")

    def _request(self, method: str, target: str) -> bytes:
        return (f"{method} {target} HTTP/1.1\r\n"
                f"Host: localhost:{self.daemon.port}\r\n\r\n").encode()

    def new_wire(self) -> Wire:
        return Wire(self.daemon.port, timeout=20)

    def ask_bad(self, wire: Wire, method: str = "GET") -> Answer | None:
        """The answer, None when the connection was cut within it."""
        wire.send(self.bad_one(method))
        try:
            return wire.read_answer(has_body=method != "HEAD")
        except (EOFError, ConnectionResetError):
            return None

    def assert_in_step(self, wire: Wire) -> None:
        """The next answers on this connection, if it still is one, and on others are the right
        ones, whichever upstream connection they come from."""
        for _ in range(2):
            try:
                self._assert_right(wire)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                break
        for _ in range(3):
            with self.new_wire() as other:
                self._assert_right(other)

    def _assert_right(self, wire: Wire) -> None:
        reference = f"good-{next(self._count)}"
        answer = wire.send(self.good(reference)).read_answer()
        assert (answer.status, answer.body) == (200, f"/v2/app/manifests/{reference}".encode())


@pytest.fixture(scope="module")
def stand(running_sandbox: Sandbox) -> Iterator[Stand]:
    running_sandbox.reset()
    host = running_sandbox.host
    with RawUpstream(lambda request: b"") as upstream, Daemon(
            ["--registry", host, "--registry-endpoint", upstream.url],
            running_sandbox.env()) as daemon:
        yield Stand(daemon, upstream)


@pytest.mark.parametrize("behind", [b"", SMUGGLED], ids=["alone", "with-another-behind"])
@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed(stand: Stand, kind: str, behind: bytes) -> None:
    stand.bad = Reply([MALFORMED[kind] + behind], close=not behind)
    with stand.new_wire() as wire:
        answer = stand.ask_bad(wire)
        line = stand.daemon.access_line(repository=stand.repository)
        assert line["reason"] in ("upstream-malformed", "upstream-cut"), line
        if answer is not None:
            assert (answer.status, line["status"]) in ((502, 502), (504, 504)), answer
            assert answer.error()[1]
            assert answer.get("Content-Type") == "application/json"
        stand.assert_in_step(wire)


@pytest.mark.parametrize("kind", WITH_A_TAIL)
@pytest.mark.parametrize("together", [True, False], ids=["at-once", "later"])
def test_surplus(stand: Stand, kind: str, together: bool) -> None:
    method, octets = WITH_A_TAIL[kind]
    answered, sent = threading.Event(), threading.Event()

    def parts() -> Iterator[bytes]:
        if together:
            yield octets + SMUGGLED
        else:
            yield octets
            answered.wait(10)
            yield SMUGGLED
        sent.set()

    stand.bad = Reply(parts())
    with stand.new_wire() as wire:
        answer = stand.ask_bad(wire, method)
        answered.set()
        if answer is not None and answer.status < 500:
            assert answer.body == (b"body" if answer.status == 200 and method == "GET" else b"")
        assert sent.wait(10)
        stand.assert_in_step(wire)


def test_head_with_a_tail_in_front_of_a_pipelined_request(stand: Stand) -> None:
    stand.bad = Reply([OK + b"Content-Length: 90\r\n\r\n" + SMUGGLED])
    with stand.new_wire() as wire:
        wire.send(stand.bad_one("HEAD") + stand.good("behind"))
        assert wire.read_answer(has_body=False).status in (200, 502)
        try:
            assert wire.read_answer().body == b"/v2/app/manifests/behind"
        except (EOFError, ConnectionResetError):
            pass


# what is well and stays well

@pytest.mark.parametrize("octets,body", [
    (OK + b"Content-Length: 4\r\n\r\nbody", b"body"),
    (OK + b"content-length:4\r\n\r\nbody", b"body"),
    (OK + b"Content-Length:  4  \r\n\r\nbody", b"body"),
    (OK + b"Transfer-Encoding: Chunked\r\n\r\n2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\nT: x\r\n\r\n", b"body"),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\nbody", b"body"),
    (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\nbody",
     b"body"),
    (b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nbody", b"body"),
    (b"HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nbody", b"body"),
    (b"HTTP/1.1 404 Nicht da \xfc\r\nContent-Length: 4\r\n\r\nbody", b"body"),
    (OK + b"X-A: \xc3\xbc\tb\r\nX-Empty:\r\nContent-Length: 4\r\n\r\nbody", b"body"),
    (OK + pad(20_000) + b"Content-Length: 4\r\n\r\nbody", b"body"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    (b"HTTP/1.1 304 Not Modified\r\n\r\n", b""),
], ids=lambda value: repr(value[:60]))
def test_good_ones_pass(stand: Stand, octets: bytes, body: bytes) -> None:
    stand.bad = Reply([octets])
    status = int(re.findall(rb"HTTP/1\.1 ([2-5]\d\d)", octets)[0])
    for _ in range(2):
        with stand.new_wire() as wire:
            answer = stand.ask_bad(wire)
            assert answer is not None and (answer.status, answer.body) == (status, body), answer
            stand.assert_in_step(wire)


@pytest.mark.parametrize("size", [4, 100_000])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_body_up_to_the_end_of_the_connection(stand: Stand, version: str, size: int) -> None:
    body = b"x" * size
    stand.bad = Reply([f"HTTP/{version} 200 OK\r\n\r\n".encode() + body], close=True)
    with stand.new_wire() as wire:
        answer = stand.ask_bad(wire)
        assert answer is not None and answer.body == body
        stand.assert_in_step(wire)


def test_fields_that_end_here(stand: Stand) -> None:
    """What belongs to one connection does not travel on; what belongs to the answer does, once."""
    stand.bad = Reply([OK + b"Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n"
                       b"Proxy-Authenticate: Basic\r\nWWW-Authenticate: Basic realm=x\r\n"
                       b"Upgrade: h2c\r\nTrailer: X-T\r\nX-Two: a\r\nX-Two: b\r\n"
                       b"Docker-Content-Digest: sha256:1\r\nContent-Length: 4\r\n\r\nbody"])
    with stand.new_wire() as wire:
        answer = stand.ask_bad(wire)
    assert answer is not None
    names = [field.lower() for field, _ in answer.fields]
    for gone in ("keep-alive", "x-hop", "proxy-authenticate", "www-authenticate", "upgrade",
                 "trailer"):
        assert gone not in names
    assert [value for field, value in answer.fields if field == "X-Two"] == ["a", "b"]
    assert names.count("docker-content-digest") == names.count("content-length") == 1


# without an end

def until(stop: Callable[[], bool], part: bytes) -> Iterator[bytes]:
    while not stop():
        yield part


@pytest.mark.parametrize("part", [b"HTTP/1.1 100 Continue\r\n\r\n",
                                  b"HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n"])
def test_endless_interim_answers(stand: Stand, part: bytes) -> None:
    stand.bad = Reply(until(stand.upstream.stopping.is_set, part))
    with stand.new_wire() as wire:
        answer = stand.ask_bad(wire)
        assert answer is None or answer.status in (502, 504)
        stand.assert_in_step(wire)


def test_endless_head(stand: Stand) -> None:
    before = stand.daemon.rss()
    stand.bad = Reply(itertools.chain([OK], until(stand.upstream.stopping.is_set, b"X-A: b\r\n")))
    with stand.new_wire() as wire:
        answer = stand.ask_bad(wire)
        assert answer is None or answer.status == 502
        stand.assert_in_step(wire)
    assert stand.daemon.rss() < before + (16 << 20)


def test_nothing_is_left(stand: Stand) -> None:
    """After all of the above."""
    wait_for("all exchanges to end", lambda: stand.daemon.threads() < 10, 10)
    assert stand.daemon.is_alive()
