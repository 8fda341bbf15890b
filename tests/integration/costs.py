"""What a daemon holds on to, before and after: descriptors, threads, memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integration.daemon import Daemon, sanitizers
from integration.waiting import Late, wait_for

MIB = 1 << 20
SETTLE_S = 10
REPEATS = 5
GROWTH = 2 * MIB    # an allocator's own; a leaked buffer of each repetition is more


@dataclass(frozen=True)
class Costs:
    fds: int
    threads: int
    rss: int

    @classmethod
    def of(cls, daemon: Daemon) -> "Costs":
        return cls(daemon.fds(), daemon.threads(), daemon.rss())

    def allow(self, now: "Costs", growth: int) -> bool:
        fits = now.fds <= self.fds and now.threads <= self.threads
        return fits and (bool(sanitizers()) or now.rss <= self.rss + growth)


def wait_back(daemon: Daemon, before: Costs, growth: int = GROWTH) -> None:
    """Until the daemon costs no more than before."""
    try:
        wait_for("the costs of before", lambda: before.allow(Costs.of(daemon), growth), SETTLE_S)
    except Late:
        raise AssertionError(f"{Costs.of(daemon)} after {before}\n{daemon.tail()}") from None


def leaves_nothing(daemon: Daemon, scenario: Callable[[], None]) -> None:
    """Runs it once to warm up (pools fill), then some more times: the costs stay where they are."""
    scenario()
    before = settled(daemon)
    for _ in range(REPEATS):
        scenario()
    wait_back(daemon, before)


def settled(daemon: Daemon) -> Costs:
    """As soon as looks in a row show the same threads and descriptors."""
    last = Costs.of(daemon)
    same = 0

    def is_steady() -> bool:
        nonlocal last, same
        now = Costs.of(daemon)
        same = same + 1 if (now.fds, now.threads) == (last.fds, last.threads) else 0
        last = now
        return same >= 10

    wait_for("a steady state", is_steady, SETTLE_S)
    return last
