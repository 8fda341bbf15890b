"""What systemd does about a daemon that dies or hangs, and what clients see of it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from integration.client import Wire
from integration.registry import start_upload
from integration.waiting import wait_for
from systemd.service import UNIT, Service

PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4206, 0x4207
WATCHDOG = "[Service]\nWatchdogSec=2s\nRestartSec=100ms\n"


def test_killed_it_is_started_again(service: Service, name: str) -> None:
    """A client that comes meanwhile waits, and is let in by the next one."""
    service.start()
    pid = service.pid
    service.machine.run("kill", "-KILL", str(pid))
    wait_for("the end", lambda: service.state == "activating (auto-restart)")
    assert start_upload(service, name).status == 202
    assert service.pid not in (0, pid)
    assert service.show("NRestarts") == "1"


def test_one_that_hangs_is_started_again(service: Service, name: str) -> None:
    service.drop_in(UNIT, WATCHDOG)
    service.start()
    pid = service.pid
    service.machine.run("kill", "-STOP", str(pid))
    wait_for("a push", lambda: push_status(service, name) == 202)
    assert service.pid not in (0, pid)
    service.wait_journal("Watchdog timeout")
    service.wait_journal("Failed with result 'watchdog'")


def test_alive_but_of_no_use_it_is_started_again(service: Service, name: str) -> None:
    """Only the thread that lets clients in hangs (the proxy's door is the
    first); the one that talks to systemd does not."""
    service.drop_in(UNIT, WATCHDOG)
    service.start()
    pid = service.pid
    with stopped_thread(service.host_pid(), "door"):
        service.wait_journal("no sign of life for the watchdog: .*timed out")
        service.wait_journal("Watchdog timeout")
    assert start_upload(service, name).status == 202
    assert service.pid not in (0, pid)


def test_at_work_it_is_left_alone(service: Service, name: str) -> None:
    """Clients that say nothing, and a configuration that is read all the time, are no reason."""
    service.drop_in(UNIT, WATCHDOG)
    service.start()
    pid = service.pid
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(Wire(service.port))
        end = threading.Event()
        for _ in range(6):
            service.machine.run("kill", "-HUP", str(pid))
            end.wait(0.4)
        assert start_upload(service, name).status == 202
    assert service.pid == pid


def push_status(service: Service, name: str) -> int:
    """0: the connection was reset. Continued to be ended, the daemon may still let a client in."""
    try:
        return start_upload(service, name).status
    except ConnectionError:
        return 0


@contextlib.contextmanager
def stopped_thread(pid: int, name: str) -> Iterator[None]:
    """The first thread of that name is stopped, as by a debugger: all calls are one thread's."""
    tid = min(int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()
              if (task / "comm").read_text() == f"{name}\n")
    begun, over = threading.Event(), threading.Event()
    libc = ctypes.CDLL(None, use_errno=True)

    def hold() -> None:
        for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
            assert libc.ptrace(request, tid, None, None) == 0, os.strerror(ctypes.get_errno())
        os.waitpid(tid, 0x40000000)    # __WALL
        begun.set()
        over.wait(60)

    tracer = threading.Thread(target=hold)
    tracer.start()
    try:
        assert begun.wait(10)
        yield
    finally:
        over.set()
        tracer.join()
