"""Every probe of probes.py at the real daemon, with a witness in the registry's place."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from integration.client import Wire
from integration.daemon import Daemon
from integration.probes import PROBES, Meaning, Probe
from integration.raw_upstream import RawUpstream, Request, plain
from integration.strict_reader import Reader
from sandbox import Sandbox

PATIENCE_S = 10
NEXT = Meaning("GET", "/v2/next/tags/list")


@dataclass
class Stand:
    """The daemon, and what arrives behind it."""
    daemon: Daemon
    witness: RawUpstream

    @property
    def host(self) -> bytes:
        return b"localhost:%d" % self.daemon.port

    def wire(self, octets: bytes) -> Wire:
        wire = Wire(self.daemon.port, timeout=PATIENCE_S)
        try:
            wire.send(octets.replace(b"{host}", self.host))
        except (BrokenPipeError, ConnectionResetError):
            pass    # refused before all of it was sent
        return wire

    def meanings(self) -> list[Meaning]:
        """The whole requests that came through since the last look."""
        seen, self.witness.requests = self.witness.requests, []
        for request in seen:
            assert_plain(request)
        return [Meaning(r.method, r.target, r.body) for r in seen if r.whole]


def assert_plain(request: Request) -> None:
    """Nobody could read this in another way."""
    names = [name.lower() for name, _ in request.fields]
    assert names.count("host") == 1, request
    assert names.count("content-length") + names.count("transfer-encoding") <= 1, request
    assert request.get("transfer-encoding") in (None, "chunked"), request
    assert not {"upgrade", "trailer", "te", "proxy-authorization"} & set(names), request
    for name, value in request.fields:
        assert name and all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name), request
        assert not any(ord(c) < 32 and c != "\t" or ord(c) == 127 for c in value), request


@pytest.fixture(scope="module")
def stand(running_sandbox: Sandbox) -> Iterator[Stand]:
    with RawUpstream(lambda request: plain(b"{}")) as witness:
        arguments = ["--registry", running_sandbox.host, "--registry-endpoint", witness.url]
        with Daemon(arguments, running_sandbox.env()) as daemon:
            yield Stand(daemon, witness)


def status_of(answer: bytes) -> int | None:
    """The first answer's status; None when there is none."""
    assert not answer or answer.startswith(b"HTTP/1.1 "), answer
    return int(answer[9:12]) if answer else None


@pytest.mark.parametrize("probe", [p for p in PROBES if p.refused], ids=lambda p: p.name)
def test_refused(stand: Stand, probe: Probe) -> None:
    stand.meanings()
    with stand.wire(probe.raw) as wire:
        answer = wire.read()    # a time-out here: it was not closed
    assert status_of(answer) in (probe.statuses or (None,)), answer
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert stand.meanings() == []


@pytest.mark.parametrize("probe", [p for p in PROBES if p.forwarded], ids=lambda p: p.name)
def test_forwarded(stand: Stand, probe: Probe) -> None:
    stand.meanings()
    with stand.wire(probe.raw) as wire:
        for _ in probe.forwarded:
            assert wire.read_answer().status == 200
    if probe.field:
        name, value = probe.field
        assert stand.witness.requests[0].get(name) == value
    assert stand.meanings() == list(probe.forwarded)


@pytest.mark.parametrize("probe", [p for p in PROBES if p.forwarded and b"HTTP/1.0" not in p.raw],
                         ids=lambda p: p.name)
def test_the_connection_stays_in_step(stand: Stand, probe: Probe) -> None:
    stand.meanings()
    with stand.wire(probe.raw + b"GET /v2/next/tags/list HTTP/1.1\r\nHost: {host}\r\n\r\n") as wire:
        for _ in (*probe.forwarded, NEXT):
            assert wire.read_answer().status == 200
    assert stand.meanings() == [*probe.forwarded, NEXT]


@pytest.mark.parametrize("probe", [p for p in PROBES if p.broken], ids=lambda p: p.name)
def test_broken_off(stand: Stand, probe: Probe) -> None:
    stand.meanings()
    with stand.wire(probe.raw) as wire:
        wire.end().read()
    stand.daemon.access_line(reason="client-left")
    assert stand.meanings() == []


# What libmicrohttpd 0.9.75 cannot tell from the ends of lines (include/plain_head.h), and a colon
# that ends trailers: understood in one way only, but not as a strict reader does.
KNOWN = re.compile(rb"\x00\n|\n\x00\r\n|\x00\r\n\n|\n:\n|\n:\r\n")
OCTETS = [b"\0", b"\r", b"\n", b"\t", b" ", b":", b";", b",", b"\x0b", b"\x7f", b"\xff", b"0", b"5",
          b"a", b"/", b"%", b".", b"\r\n", b"\n ", b"\r\n ", b"\r\n\t", b"\r\r\n", b"\n\r\n"]


def mutate(octets: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice([1, 1, 2, 3])):
        at = chance.randrange(len(octets) + 1)
        put = chance.choice([b"", *OCTETS])
        octets = octets[:at] + put + octets[at + chance.choice([0, 1]):]
    return octets


@pytest.mark.parametrize("seed", range(5))
def test_mutated(stand: Stand, seed: int) -> None:
    """Whatever comes through is, in this order, what a strict reader reads before it finds a fault."""
    chance = random.Random(seed)
    bases = [p.raw for p in PROBES if p.forwarded and len(p.raw) < 2000]
    last = b"GET /v2/last/tags/list HTTP/1.1\r\nConnection: close\r\nHost: {host}\r\n\r\n"
    for _ in range(200):
        octets = mutate(chance.choice(bases).replace(b"{host}", stand.host), chance)
        octets += last.replace(b"{host}", stand.host)
        meant, finished = Reader(octets).read_all()
        if not finished or KNOWN.search(octets):
            continue
        with stand.wire(octets) as wire:
            wire.read()
        left = iter(meant)
        assert all(one in left for one in stand.meanings()), octets


def test_the_daemon_lives(stand: Stand) -> None:
    """After all of the above, and in a small number of octets at a time."""
    with Wire(stand.daemon.port, timeout=PATIENCE_S) as wire:
        for octet in b"GET /v2/next/tags/list HTTP/1.1\r\nHost: %s\r\n\r\n" % stand.host:
            wire.send(bytes([octet]))
        assert wire.read_answer().status == 200
    assert stand.meanings() == [NEXT]
