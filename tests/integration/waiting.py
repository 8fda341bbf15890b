"""Waiting for a condition, never for a time; and ports that are free."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

POLL_S = 0.01

T = TypeVar("T")


class Late(AssertionError):
    """A condition did not come about in time."""


def wait_for(what: str, look: Callable[[], T], timeout: float = 10) -> T:
    """What look() returns as soon as that is true; Late, naming `what`, after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise Late(f"{what}: not within {timeout:g} s")
        time.sleep(POLL_S)


def free_port() -> int:
    """A port that is free on both loopback addresses."""
    while True:
        with socket.socket(socket.AF_INET) as four, socket.socket(socket.AF_INET6) as six:
            four.bind(("127.0.0.1", 0))
            port = four.getsockname()[1]
            try:
                six.bind(("::1", port))
            except OSError:
                continue
            return port
