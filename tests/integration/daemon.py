"""The real daemon as a child process: its ports, its log, what it costs.

    with Daemon(sandbox.daemon_args(), sandbox.env()) as daemon:
        assert daemon.ask("GET", "/v2/").status == 200
        daemon.access_line(operation="ping", reason="ok")

Each has a state directory of its own, or the one it is given, and a configuration file that only
lifts the budget of creations, unless the test brings its own (`config`: what stands in the file).
Leaving the block sends SIGTERM and fails unless the daemon drains, exits 0 and left no report of a
sanitizer behind. ECR_UPSERTD names another binary than the one of the build folder."""

from __future__ import annotations

import functools
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from integration.client import Answer, Client
from integration.waiting import Late, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ECR_UPSERTD") or ROOT / "build" / "daemon" / "ecr-upsertd")
# 64 names at once are no accident here.
UNLIMITED: dict[str, Any] = {"create": {"max_per_hour": 100_000}}
START_S = 30
STOP_S = 90
EXIT_ADDRESS = 3    # somebody else took the port between our look and the daemon's bind()
STARTED = re.compile(r"listens on .+? for \S+, admin (?P<admin>[^\s\"]+)")
REPORT = re.compile(r"^.*(?:ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:).*$", re.M)
# Reports end up in the log and in the exit code; UBSan would go on otherwise.
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0",
              "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
              "TSAN_OPTIONS": "halt_on_error=0:second_deadlock_stack=1"}


class Failed(AssertionError):
    """The daemon did not start, or not stop, as it should."""


@functools.cache
def sanitizers() -> frozenset[str]:
    """Which of asan, tsan and ubsan the binary was built with: none in a release."""
    code = BINARY.read_bytes()
    return frozenset(name for name in ("asan", "tsan", "ubsan") if f"__{name}_".encode() in code)


def run(*arguments: str, env: Mapping[str, str], timeout: float = 30,
        before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """One call of the program that ends by itself; before: what starts it."""
    return subprocess.run([*before, BINARY, *arguments], env={**SANITIZERS, **env}, timeout=timeout,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


class Daemon:
    """Listens on one port of both loopback addresses, and ready, as soon as it was started."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], *,
                 log: Path | None = None, log_format: str = "json", ready: bool = True,
                 config: dict[str, Any] | str | None = None,
                 state: Path | None = None) -> None:
        self._arguments = list(arguments)
        self._env = {**SANITIZERS, **env}
        self._format = log_format
        self._ready = ready
        self._folder = tempfile.TemporaryDirectory(prefix="ecr-upsertd-")
        folder = Path(self._folder.name)
        self.log = log or folder / "log"
        self.state = state or folder / "state"
        self.config = folder / "ecr-upsertd.conf"
        self.configure(UNLIMITED if config is None else config)
        self._reading = threading.Lock()    # tests look from many threads
        self._read = 0
        self._lines: list[dict[str, Any]] = []
        self.child: subprocess.Popen[bytes] | None = None

    # its configuration

    def configure(self, config: dict[str, Any] | str) -> None:
        """What stands in its file; the daemon looks at it at start and on reload()."""
        self.config.write_text(config if isinstance(config, str) else json.dumps(config))

    def reload(self) -> None:
        """SIGHUP, and waits until the log says what came of it."""
        before = self.text().count("SIGHUP: ")
        self._running().send_signal(signal.SIGHUP)
        wait_for("a word on SIGHUP",
                 lambda: re.search(r"SIGHUP: .*(in force|there is no)",
                                   "\n".join(self._said("SIGHUP: ")[before:])), 10)

    def _said(self, words: str) -> list[str]:
        return [line for line in self.text().splitlines() if words in line]

    # life

    def start(self) -> "Daemon":
        if not BINARY.exists():
            raise Failed(f"{BINARY} is not built (ECR_UPSERTD names another one)")
        for _ in range(5):
            self._spawn()
            started = self._await_start()
            if started:
                self.admin_port = int(started["admin"].rpartition(":")[2])
                if self._ready:
                    self.wait_ready()
                return self
        raise Failed("no port that is free on both addresses")

    def _spawn(self) -> None:
        self.port = free_port()
        listen = [f"--listen=127.0.0.1:{self.port}", f"--listen=[::1]:{self.port}"]
        self.log.write_bytes(b"")
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                [BINARY, "serve", *listen, "--admin=127.0.0.1:0", f"--log-format={self._format}",
                 f"--config={self.config}", f"--state-dir={self.state}", *self._arguments],
                env=self._env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)

    def _await_start(self) -> re.Match[str] | None:
        child = self._running()
        try:
            wait_for("the daemon's first line",
                     lambda: child.poll() is not None or STARTED.search(self.text()), START_S)
        except Late as late:
            self.kill()
            raise Failed(f"{late}\n{self.tail()}") from None
        started = STARTED.search(self.text())
        if child.poll() is None and started:
            return started
        if child.wait() == EXIT_ADDRESS:
            return None
        raise Failed(f"exit {child.returncode} at start\n{self.tail()}")

    def wait_ready(self, timeout: int = START_S) -> None:
        done = run("wait", f"--admin={self.admin}", f"--timeout={timeout}", env=self._env,
                   timeout=timeout + 10)
        if done.returncode != 0:
            said = f"wait: exit {done.returncode}: {done.stderr}\n{self.tail()}"
            self.kill()
            raise Failed(said)

    def terminate(self) -> None:
        """SIGTERM, without waiting for what comes of it."""
        self._running().send_signal(signal.SIGTERM)

    def wait(self, timeout: float = STOP_S) -> int:
        """Its exit code."""
        return self._running().wait(timeout)

    def stop(self) -> None:
        """SIGTERM; Failed unless it exits 0 and no sanitizer has anything to say."""
        child = self._running()
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            code = child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"still there {STOP_S} s after SIGTERM\n{self.tail()}") from None
        report = REPORT.search(self.text())
        if code != 0 or report:
            said = self.text()[report.start():][:6000] if report else self.tail()
            raise Failed(f"exit {code} after SIGTERM\n{said}")

    def kill(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def __enter__(self) -> "Daemon":
        return self.start()

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None:
                self.stop()
        finally:
            # SIGTERM would let what failed go on for as long as transfers may be drained.
            self.kill()
            self._folder.cleanup()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.child is not None, "not started"
        return self.child

    # talking to it

    @property
    def admin(self) -> str:
        return f"127.0.0.1:{self.admin_port}"

    def client(self, host: str = "127.0.0.1", timeout: float = 60) -> Client:
        """A connection to it, to be closed by the caller (or by `with`)."""
        return Client(self.port, host, timeout)

    def ask(self, method: str, target: str, body: Any = None,
            headers: Mapping[str, str] | None = None, timeout: float = 60) -> Answer:
        """One request on a connection of its own."""
        with self.client(timeout=timeout) as client:
            return client.ask(method, target, body, headers)

    def ask_admin(self, target: str) -> Answer:
        with Client(self.admin_port) as client:
            return client.ask("GET", target)

    # what it wrote

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.text().splitlines()[-lines:])

    def lines(self) -> list[dict[str, Any]]:
        """Every line of a JSON log so far."""
        with self._reading, self.log.open("rb") as file:
            file.seek(self._read)
            new = file.read()
            whole = new[:new.rfind(b"\n") + 1]
            self._read += len(whole)
            self._lines += [json.loads(line) for line in whole.splitlines()
                            if line.startswith(b"{")]
            return list(self._lines)

    def access_lines(self, **wanted: Any) -> list[dict[str, Any]]:
        """The access lines so far whose fields equal all of `wanted`."""
        return [line for line in self.lines() if "reason" in line
                and all(line.get(field) == value for field, value in wanted.items())]

    def access_line(self, timeout: float = 10, **wanted: Any) -> dict[str, Any]:
        """The last such line, waited for: an exchange is logged after its client has its answer."""
        try:
            return wait_for(f"an access line with {wanted}", lambda: self.access_lines(**wanted),
                            timeout)[-1]
        except Late as late:
            raise Late(f"{late}\n{self.tail()}") from None

    # what it costs

    @property
    def pid(self) -> int:
        return self._running().pid

    def is_alive(self) -> bool:
        return self._running().poll() is None

    def rss(self) -> int:
        """Resident memory in octets."""
        return self._status("VmRSS") * 1024

    def threads(self) -> int:
        return self._status("Threads")

    def fds(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _status(self, field: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"^{field}:\s*(\d+)", status, re.M)
        assert found, f"/proc shows no {field}"
        return int(found[1])
