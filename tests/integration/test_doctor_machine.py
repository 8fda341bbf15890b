"""`doctor` on this machine: the state directory, the running daemon, the ports."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from clients.process import succeeds
from integration.daemon import BINARY, Daemon
from integration.doctoring import Found, Home, doctor, mounted
from integration.waiting import wait_for
from sandbox import Sandbox

ACTIVATE = shutil.which("systemd-socket-activate")
root_only = pytest.mark.skipif(
    os.geteuid() != 0 or not succeeds(["unshare", "--mount", "true"]),
    reason="needs a mount namespace for its own disk")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def look(home: Home, *, failed: bool = False, before: list[str] | None = None,
         **config: Any) -> Found:
    env = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAME",
           "AWS_SECRET_ACCESS_KEY": "secret-of-ME"}
    return doctor(home, env, "--offline", failed=failed, before=before, **config)


# where the state goes

@root_only
def test_full_disk(home: Home) -> None:
    state = home.folder / "state"
    state.mkdir()
    found = look(home, failed=True,
                 before=mounted(f"/bin/mount -t tmpfs -o size=64k tmpfs {state}"))
    found.says("state-dir", "FAIL", "is full", f"df -h {state}")
    found = look(home, before=mounted(f"/bin/mount -t tmpfs -o size=8m tmpfs {state}"))
    assert found["state-dir"]["state"] == "ok"


@root_only
def test_no_more_files(home: Home) -> None:
    state = home.folder / "state"
    state.mkdir()
    found = look(home, failed=True, before=mounted(
        f"/bin/mount -t tmpfs -o size=8m,nr_inodes=2 tmpfs {state}", f"/bin/touch {state}/x"))
    found.says("state-dir", "FAIL", "is full", f"df -i {state}")


@root_only
def test_state_that_cannot_be_written(home: Home) -> None:
    found = look(home, failed=True, state_dir=str(home.folder / "ro" / "a" / "b"), before=mounted(
        f"/bin/mkdir {home.folder}/ro", f"/bin/mount -t tmpfs -o ro tmpfs {home.folder}/ro"))
    found.says("state-dir", "FAIL", f"cannot be written to: Read-only file system "
                                    f"({home.folder}/ro)", "--state-dir")


def test_state_in_the_way(home: Home) -> None:
    """A file where a folder should be."""
    (home.folder / "file").write_text("")
    found = look(home, failed=True, state_dir=str(home.folder / "file" / "state"))
    found.says("state-dir", "FAIL", "Not a directory")


# the daemon

def of_daemon(daemon: Daemon) -> dict[str, Any]:
    return {"listen": [f"127.0.0.1:{daemon.port}", f"[::1]:{daemon.port}"],
            "admin": f"127.0.0.1:{daemon.admin_port}"}


def test_running(home: Home, daemon: Daemon) -> None:
    found = look(home, **of_daemon(daemon))
    found.says("daemon", "ok", "it runs and is ready")
    found.says("listen", "ok", ": the daemon's")


def test_running_without_an_admin_listener(home: Home, daemon: Daemon) -> None:
    found = look(home, **{**of_daemon(daemon), "admin": "off"})
    found.says("listen", "WARN", "a registry answers at", "--admin")


def test_not_running(home: Home) -> None:
    look(home).says("daemon", "WARN", "it does not run", "systemctl start ecr-upsertd")
    look(home, admin="off").says("daemon", "ok", "admin listener is off")


@pytest.mark.skipif(not ACTIVATE, reason="systemd-socket-activate is not here")
def test_socket_of_systemd(home: Home, sandbox: Sandbox) -> None:
    """It is not somebody else's port: the daemon starts when somebody connects, and so it does."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    passed = [f"--setenv={name}" for name in sandbox.env() if name.startswith("AWS_")]
    words = [str(ACTIVATE), *passed, "--listen", f"127.0.0.1:{port}", str(BINARY), "serve",
             f"--listen=127.0.0.1:{port}", f"--admin=127.0.0.1:{home.admin}",
             f"--state-dir={home.folder}/state", *sandbox.daemon_args()]
    child = subprocess.Popen(words, env=sandbox.env(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for("a socket", lambda: is_taken(port))
        found = look(home, listen=[f"127.0.0.1:{port}"])
    finally:
        child.terminate()
        child.wait()
    found.says("daemon", "ok", "it runs")
    assert found["listen"]["state"] == "ok"


def is_taken(port: int) -> bool:
    """Without connecting."""
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind(("127.0.0.1", port))
            ours.listen()
        except OSError:
            return True
    return False


def test_not_ready(home: Home, sandbox: Sandbox, start_daemon: Callable[..., Daemon]) -> None:
    sandbox.set_fault("api", "access_denied", operation="GetAuthorizationToken")
    daemon = start_daemon(ready=False)
    found = look(home, failed=True, **of_daemon(daemon))
    found.says("daemon", "FAIL", "it runs and is not ready", "ecr-upsertd status")


def test_other_settings(home: Home, daemon: Daemon) -> None:
    found = look(home, admin=f"127.0.0.1:{daemon.admin_port}")
    found.says("listen", "WARN", f"does not listen at 127.0.0.1:{home.port}",
               "systemctl restart ecr-upsertd")


# the ports

@contextmanager
def somebody(port: int, name: str | None) -> Iterator[None]:
    """Another program at a port: an HTTP server of that name, or one that only listens."""
    if name is None:
        with socket.create_server(("127.0.0.1", port)):
            yield
        return

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(403)

        def version_string(self) -> str:
            return str(name)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name,words", [
    ("AirTunes/870.14.1", "calls itself AirTunes/870.14.1"), (None, "by another program")], ids=str)
def test_port_in_use(home: Home, name: str | None, words: str) -> None:
    with somebody(home.port, name):
        found = look(home, failed=True)
    found.says("listen", "FAIL", f"127.0.0.1:{home.port} is in use",
               f"ss -ltnp 'sport = :{home.port}'")
    assert words in found["listen"]["message"]
    assert ("systemctl status ecr-upsertd" in found["listen"]["remedy"]) == (name is None)


def test_admin_port_in_use(home: Home) -> None:
    with somebody(home.admin, "other"):
        found = look(home, failed=True)
    found.says("daemon", "FAIL", "another program has the admin address",
               f"ss -ltnp 'sport = :{home.admin}'")


def test_no_address_of_this_machine(home: Home) -> None:
    found = look(home, failed=True, listen=["192.0.2.1:5100"], unsafe_listen=True)
    found.says("listen", "FAIL", "192.0.2.1:5100 is no address of this machine")
