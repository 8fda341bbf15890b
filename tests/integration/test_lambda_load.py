"""Ten thousand events on one execution environment: some twice, some throttled, and some of those
beyond their deadline, so that Lambda delivers them again."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from integration.daemon import sanitizers
from integration.lambda_runtime import Function, Invocation, push_event
from sandbox import Sandbox

EVENTS = int(os.environ.get("LAMBDA_EVENTS", "10000"))
OWN_MS = 20
MEMORY = 32 * 1024 * 1024
GROWTH = 2 * 1024 * 1024
DEADLINE_S = 1.2    # two tries fit
RULES = {"create": {"max_per_hour": 100_000}, "log": {"level": "warn"}}


def name_of(number: int) -> str:
    """Every hundredth is throttled: every other one of these until it is delivered again."""
    return f"load/r{number:05}"


def all_events() -> list[dict[str, object]]:
    events = [push_event(name_of(number)) for number in range(EVENTS)]
    return events + events[50::100]


class Deliveries:
    """An event is taken off when it was answered with a response."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self.results: Counter[str] = Counter()

    def deliver(self, events: list[dict[str, object]]) -> list[dict[str, object]]:
        """Those that failed."""
        begun: list[tuple[dict[str, object], Invocation]] = []
        failed = []
        for event in events:
            begun.append((event, self._function.begin(event, DEADLINE_S)))
            if len(begun) > 20:
                failed += self._take(*begun.pop(0))
        for one in begun:
            failed += self._take(*one)
        return failed

    def _take(self, event: dict[str, object], invocation: Invocation) -> list[dict[str, object]]:
        answer = invocation.answer.get(timeout=60)
        self.results[answer.body["result"] if answer.ok else "failed"] += 1
        return [] if answer.ok else [event]


@pytest.mark.slow
def test_load(sandbox: Sandbox) -> None:
    for number in range(0, EVENTS, 100):
        sandbox.set_fault("api", "throttle", operation="CreateRepository",
                          repository=name_of(number), count=1 if number % 200 else 3)
    with Function(sandbox.env(), config=RULES) as function:
        deliveries = Deliveries(function)
        events = all_events()
        left = deliveries.deliver(events[:EVENTS // 10])
        early = function.rss()
        left += deliveries.deliver(events[EVENTS // 10:])
        late, handled = function.rss(), sum(deliveries.results.values())
        own_ms = function.cpu_s() * 1000 / handled
        while left:
            left = deliveries.deliver(left)
        print(f"{handled} events: {own_ms:.2f} ms of own time each, {early / 2**20:.1f} MiB after "
              f"a tenth, {late / 2**20:.1f} MiB at the end; {dict(deliveries.results)}")

    made = sandbox.call("DescribeRepositories")["repositories"]
    assert sorted(one["repositoryName"] for one in made) == [name_of(n) for n in range(EVENTS)]
    # On a busy machine more end at their deadline; what ECR had made by then is there the next time.
    late_ones = deliveries.results["failed"] - EVENTS // 200
    assert late_ones >= 0
    assert EVENTS - late_ones <= deliveries.results["created"] <= EVENTS
    assert deliveries.results["created"] + deliveries.results["exists"] == EVENTS + EVENTS // 100
    if not sanitizers():
        assert own_ms <= OWN_MS
        assert late <= MEMORY and late - early <= GROWTH
