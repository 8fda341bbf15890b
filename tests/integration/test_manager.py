"""What a service manager passes and is told, without one: sockets, readiness, the watchdog's sign."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.client import Client
from integration.daemon import BINARY, SANITIZERS
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

# As systemd does: descriptors from 3 on, and the number of the process that they are for.
PASS = 'for fd; do eval "exec $((n + 3))<&$fd"; n=$((n + 1)); done; ' \
       'exec env LISTEN_PID=$$ LISTEN_FDS=$n $COMMAND'

IP_FREEBIND = 15    # <linux/in.h>: an address may be one that nobody here has


class Manager:
    """Starts a daemon, and hears what it has to say."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        self._said: list[str] = []
        self.child: subprocess.Popen[str] | None = None
        self.log = folder / "log"

    def start(self, *sockets: socket.socket, config: dict[str, Any] | None = None,
              arguments: list[str] | None = None, **env: str) -> "Manager":
        (self._folder / "conf").write_text(json.dumps(config or {}))
        command = [str(BINARY), "serve", "--config", str(self._folder / "conf"), "--state-dir",
                   str(self._folder / "state"),
                   *(self._sandbox.daemon_args() if arguments is None else arguments)]
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                ["bash", "-c", PASS, "pass", *(str(one.fileno()) for one in sockets)],
                env={**self._sandbox.env(), **SANITIZERS, "COMMAND": " ".join(command), "n": "0",
                     "NOTIFY_SOCKET": str(self._folder / "notify"), **env},
                pass_fds=[one.fileno() for one in sockets], stdin=subprocess.DEVNULL,
                stderr=log, text=True)
        return self

    def said(self) -> list[str]:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._said.append(self._socket.recv(4096).decode())
        return self._said

    def wait_said(self, words: str) -> str:
        def look() -> list[str]:
            assert self.child and self.child.poll() is None or "STOPPING" in words, self.text()
            return [one for one in self.said() if words in one]
        return wait_for(words, look, 20)[0]

    def text(self) -> str:
        return self.log.read_text()

    def ends(self) -> int:
        assert self.child
        return self.child.wait(30)

    def close(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, sandbox: Sandbox) -> Iterator[Manager]:
    manager = Manager(tmp_path, sandbox)
    yield manager
    manager.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., socket.socket]]:
    with contextlib.ExitStack() as stack:
        def make(address: str = "127.0.0.1", port: int = 0, kind: int = socket.SOCK_STREAM,
                 listening: bool = True) -> socket.socket:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made = stack.enter_context(socket.socket(family, kind))
            made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
            made.bind((address, port))
            if listening:
                made.listen()
            return made
        yield make


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def status(port: int, target: str = "/v2/", host: str = "127.0.0.1") -> int:
    with Client(port, host) as client:
        return client.ask("GET", target).status


# sockets

def test_it_serves_what_it_is_given(manager: Manager, opened: Callable[..., Any]) -> None:
    four, six, admin = opened(), opened("::1"), opened()
    manager.start(four, six, admin, LISTEN_FDNAMES="a.socket:b.socket:admin")
    manager.wait_said("READY=1")
    assert status(port_of(four)) == status(port_of(six), host="::1") == 200
    assert status(port_of(admin), "/healthz") == 200
    assert f"listens on 127.0.0.1:{port_of(four)}, [::1]:{port_of(six)} for " in manager.text()


def test_clients_that_came_before_it_are_let_in(manager: Manager,
                                                opened: Callable[..., Any]) -> None:
    listening = opened()
    with socket.create_connection(listening.getsockname()) as early:
        early.sendall(b"GET /v2/ HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n"
                      % port_of(listening))
        manager.start(listening, config={"admin": "off"})
        early.settimeout(20)
        assert b" 200 " in early.recv(4096)


@pytest.mark.parametrize("config,code", [({"rules": 1}, 7), ({"allow_any_registry": True}, 5)],
                         ids=["configuration", "registry"])
def test_whoever_waits_is_told_that_it_cannot_start(manager: Manager, opened: Callable[..., Any],
                                                    config: dict[str, Any], code: int) -> None:
    """Else the manager, which keeps the socket, would let them wait for ever."""
    listening = opened()
    with contextlib.ExitStack() as stack:
        early = [stack.enter_context(socket.create_connection(listening.getsockname(), 20))
                 for _ in range(3)]
        for one in early:
            one.sendall(b"POST /v2/team/app/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        manager.start(listening, config=config, arguments=[], AWS_REGION="",
                      AWS_DEFAULT_REGION="")
        for one in early:
            answer = one.recv(4096).decode()
            assert answer.startswith("HTTP/1.1 403 ") and "systemctl status" in answer
            one.close()
    assert manager.ends() == code
    assert not manager.said()


def test_what_the_configuration_names_besides(manager: Manager,
                                              opened: Callable[..., Any]) -> None:
    listening, more = opened(), free_port()
    manager.start(listening, config={"admin": "off", "listen": [
        f"127.0.0.1:{port_of(listening)}", f"127.0.0.1:{more}"]})
    manager.wait_said("READY=1")
    assert status(port_of(listening)) == status(more) == 200


def wrong(opened: Callable[..., Any]) -> dict[str, tuple[list[socket.socket], str]]:
    left, right = socket.socketpair()
    listening = opened()
    return {
        "unix": ([left], "descriptor 3 is a Unix socket"),
        "datagram": ([opened(kind=socket.SOCK_DGRAM, listening=False)], "not a socket of TCP"),
        "bound": ([opened(listening=False)], "one that does not listen"),
        "second": ([listening, right], "descriptor 4 is a Unix socket"),
        "open": ([opened("0.0.0.0")], "beyond loopback"),
    }


@pytest.mark.parametrize("case", ["unix", "datagram", "bound", "second", "open"])
def test_what_it_does_not_serve(manager: Manager, opened: Callable[..., Any], case: str) -> None:
    sockets, word = wrong(opened)[case]
    manager.start(*sockets, config={"admin": "off"})
    assert manager.ends() == 3
    assert word in manager.text()
    assert not manager.said()


def test_beyond_loopback_when_told(manager: Manager, opened: Callable[..., Any]) -> None:
    listening = opened("0.0.0.0")
    manager.start(listening, config={"admin": "off", "unsafe_listen": True})
    manager.wait_said("READY=1")
    assert status(port_of(listening)) == 200


def test_two_admins(manager: Manager, opened: Callable[..., Any]) -> None:
    manager.start(opened(), opened(), opened(), LISTEN_FDNAMES="admin:x:admin")
    assert manager.ends() == 3
    assert "two sockets are named admin" in manager.text()


# what it says

def test_its_life(manager: Manager, opened: Callable[..., Any]) -> None:
    manager.start(opened(), config={"admin": "off"}, WATCHDOG_USEC="600000")
    ready = manager.wait_said("READY=1\nSTATUS=")
    assert "\n" not in ready.removeprefix("READY=1\n")
    manager.wait_said("STATUS=ready; 0 transfers; ")    # with the first READY, or soon after
    assert manager.child
    manager.child.send_signal(signal.SIGHUP)
    manager.wait_said("RELOADING=1\nMONOTONIC_USEC=")
    wait_for("READY again", lambda: sum(one.startswith("READY=1") for one in manager.said()) == 2)
    before = manager.said().count("WATCHDOG=1")
    wait_for("signs of life", lambda: manager.said().count("WATCHDOG=1") > before + 2)
    manager.child.terminate()
    manager.wait_said("STOPPING=1\nSTATUS=stopping: 0 requests are under way")
    assert manager.ends() == 0
    assert "access" not in manager.text(), "its own knocking is no request"


def test_an_address_that_is_not_there_is_no_reason_to_die(manager: Manager,
                                                          opened: Callable[..., Any]) -> None:
    """As FreeBind= allows; nobody has one of 192.0.2.0/24 (RFC 5737)."""
    manager.start(opened("192.0.2.1"), opened(), WATCHDOG_USEC="3000000",
                  config={"admin": "off", "unsafe_listen": True})
    wait_for("signs of life", lambda: manager.said().count("WATCHDOG=1") > 1)


def test_without_a_watchdog_there_is_no_sign(manager: Manager, opened: Callable[..., Any]) -> None:
    manager.start(opened(), config={"admin": "off"}, WATCHDOG_USEC="600000", WATCHDOG_PID="1")
    manager.wait_said("STATUS=ready; ")
    assert "WATCHDOG=1" not in manager.said()
