"""Blobs of 4 GiB and streams that stand still: what a stream costs does not grow with its blob."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.client import Wire
from integration.daemon import BINARY, Daemon, sanitizers
from integration.raw_upstream import RawUpstream, Request
from integration.waiting import wait_for
from sandbox import Sandbox

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SIZE = 4 * GIB if not sanitizers() else GIB // 4
STREAMS = 256
PER_STREAM = 512 * KIB
ZEROS = bytes(256 * KIB)
HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
ORIGIN = Path(os.environ.get("ECR_UPSERTD_ORIGIN") or BINARY.parents[1] / "tests/bench/origin")

no_memory_to_measure = pytest.mark.skipif(bool(sanitizers()),
                                          reason="a sanitizer has its own memory")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, int], Path]]:
    """The benchmark's registry: zeros out, nothing kept, over TLS."""
    if not ORIGIN.exists():
        pytest.skip(f"{ORIGIN} is not built")
    ca = tmp_path_factory.mktemp("origin") / "ca.pem"
    with subprocess.Popen([ORIGIN, ca], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin and child.stdout
        try:
            yield json.loads(child.stdout.readline()), ca
        finally:
            child.stdin.close()
            child.wait(10)


@pytest.fixture(scope="module")
def big(origin: tuple[dict[str, int], Path], running_sandbox: Sandbox) -> Iterator[Daemon]:
    ports, ca = origin
    env = {**running_sandbox.env(), "AWS_CA_BUNDLE": str(ca),
           "AWS_ENDPOINT_URL_ECR": f"https://localhost:{ports['https']}"}
    with Daemon(["--registry", HOST, "--registry-endpoint",
                 f"https://127.0.0.1:{ports['https']}"], env) as daemon:
        yield daemon


def head(daemon: Daemon, method: str, target: str, *fields: str) -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: localhost:{daemon.port}", *fields,
                        "", ""]).encode()


class Highest:
    """The most memory that was resident between enter and exit."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.rss = 0
        self._end = threading.Event()

    def __enter__(self) -> "Highest":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            self.rss = max(self.rss, self.daemon.rss())

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def download(daemon: Daemon, name: str, size: int) -> None:
    buffer = memoryview(bytearray(4 * MIB))
    with Wire(daemon.port, timeout=60) as wire:
        wire.send(head(daemon, "GET", f"/v2/{name}/blobs/sha256:1"))
        first = wire.read_until(b"\r\n\r\n")
        assert b" 200 " in first.splitlines()[0], first
        received, wire._kept = len(wire._kept), b""
        chunked = b"Content-Length" not in first
        while received < size:
            n = wire.socket.recv_into(buffer)
            assert n > 0, f"cut after {received}"
            received += n
        if chunked:
            assert received > size    # the chunks' own lines
        else:
            assert received == size


def upload(daemon: Daemon, name: str, size: int, chunked: bool) -> None:
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    part = b"%x\r\n%s\r\n" % (len(ZEROS), ZEROS) if chunked else ZEROS
    with Wire(daemon.port, timeout=60) as wire:
        wire.send(head(daemon, "PATCH", f"/v2/{name}/blobs/uploads/1", framing))
        for _ in range(size // len(ZEROS)):
            wire.send(part)
        if chunked:
            wire.send(b"0\r\n\r\n")
        answer = wire.read_answer()
        assert (answer.status, answer.get("Range")) == (201, f"0-{size - 1}")


@pytest.mark.parametrize("how", ["down", "down-chunked", "up", "up-chunked"])
def test_four_gib(big: Daemon, how: str) -> None:
    def move(size: int) -> None:
        kind = "chunked" if how.endswith("chunked") else "size"
        if how.startswith("down"):
            download(big, f"{kind}-{size}", size)
        else:
            upload(big, f"{kind}-{size}", size, how.endswith("chunked"))

    move(64 * MIB)
    before = big.rss()
    with Highest(big) as highest:
        # chunked ones take the same way through memory: a quarter will show growth as well
        move(SIZE // 4 if how.endswith("chunked") else SIZE)
    assert sanitizers() or highest.rss < before + 2 * MIB, f"{before} → {highest.rss}"


@no_memory_to_measure
def test_256_stalled_downloads(big: Daemon) -> None:
    before = big.rss()
    wires = [Wire(big.port, receive_buffer=4096) for _ in range(STREAMS)]
    try:
        for wire in wires:
            wire.send(head(big, "GET", f"/v2/size-{GIB}/blobs/sha256:1"))
        for wire in wires:
            wire.read_until(b"\r\n\r\n")
        assert_bounded(big, before)
    finally:
        for wire in wires:
            wire.close()
    wait_for("all to end", lambda: big.threads() < 20, 20)


@no_memory_to_measure
def test_256_stalled_uploads(sandbox: Sandbox) -> None:
    """The registry reads no body; the clients send as much as anybody takes."""
    def takes_body(request: Request) -> bool:
        upstream.stopping.wait()
        return False

    upstream = RawUpstream(lambda request: b"", takes_body)
    with Daemon(["--registry", HOST, "--registry-endpoint", upstream.url], sandbox.env()) as daemon:
        before = daemon.rss()
        with upstream:
            wires = [Wire(daemon.port) for _ in range(STREAMS)]
            for wire in wires:
                wire.send(head(daemon, "PATCH", "/v2/app/blobs/uploads/1", f"Content-Length: {GIB}")
                          + ZEROS)    # the daemon connects with the first octet
                wire.socket.setblocking(False)
            wait_for("all to arrive", lambda: upstream.open_connections() == STREAMS, 20)
            full = 0
            while full < 3:
                full = 0 if sum(map(push_some, wires)) else full + 1
            assert_bounded(daemon, before)
            for wire in wires:
                wire.close()
        wait_for("all to end", lambda: daemon.threads() < 20, 20)


def push_some(wire: Wire) -> int:
    try:
        return wire.socket.send(ZEROS)
    except BlockingIOError:
        return 0


def assert_bounded(daemon: Daemon, before: int) -> None:
    last, same = 0, 0

    def steady() -> bool:
        nonlocal last, same
        now = daemon.rss()
        same = same + 1 if now == last else 0
        last = now
        return same >= 20

    wait_for("memory to stand still", steady, 30)
    each = (last - before) / STREAMS
    assert each <= PER_STREAM, f"{each / KIB:.0f} KiB for each stalled stream"
