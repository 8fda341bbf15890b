"""max_per_hour, and names that were refused: no call is made for them, and the client hears why."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integration.daemon import Daemon
from integration.registry import assert_refused, creations, put_manifest, start_upload
from sandbox import Sandbox


def test_the_budget_is_kept(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                            name: str) -> None:
    daemon = start_daemon(config={"create": {"max_per_hour": 3}})
    for i in range(3):
        assert start_upload(daemon, f"{name}/{i}").status == 202
    for _ in range(2):
        assert_refused(start_upload(daemon, f"{name}/3"), 403, "DENIED", "max_per_hour", "3")
    assert_refused(put_manifest(daemon, f"{name}/4"), 403, "DENIED", "max_per_hour")
    assert len(creations(sandbox)) == 3
    # What exists is unaffected.
    assert start_upload(daemon, f"{name}/0").status == 202


@pytest.mark.parametrize("refusal", ["limit_exceeded", "access_denied"])
def test_what_was_refused_does_not_count(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                         name: str, refusal: str) -> None:
    daemon = start_daemon(config={"create": {"max_per_hour": 1}})
    sandbox.set_fault("api", refusal, operation="CreateRepository", count=1)
    assert start_upload(daemon, f"{name}/refused").status == 403
    assert start_upload(daemon, f"{name}/good").status == 202
    assert_refused(start_upload(daemon, f"{name}/more"), 403, "DENIED", "max_per_hour")


def test_it_counts_over_a_restart(sandbox: Sandbox, name: str, tmp_path: Path) -> None:
    def serve() -> Daemon:
        return Daemon(sandbox.daemon_args(), sandbox.env(), state=tmp_path,
                      config={"create": {"max_per_hour": 2}})

    with serve() as daemon:
        assert start_upload(daemon, f"{name}/0").status == 202
    with serve() as daemon:
        assert start_upload(daemon, f"{name}/1").status == 202
    with serve() as daemon:
        assert_refused(start_upload(daemon, f"{name}/2"), 403, "DENIED", "max_per_hour")
    lines = [json.loads(line) for line in (tmp_path / "created.jsonl").read_text().splitlines()]
    assert [line["repository"] for line in lines] == [f"{name}/0", f"{name}/1"]


def test_an_hour_ago_is_forgotten(sandbox: Sandbox, name: str, tmp_path: Path) -> None:
    old = datetime.now(UTC) - timedelta(minutes=61)
    record = {"registry": sandbox.host, "repository": "it/old", "rule": None, "user": None,
              "time": old.strftime("%Y-%m-%dT%H:%M:%SZ")}
    (tmp_path / "created.jsonl").write_text(json.dumps(record) + "\n")
    with Daemon(sandbox.daemon_args(), sandbox.env(), state=tmp_path,
                config={"create": {"max_per_hour": 1}}) as daemon:
        assert start_upload(daemon, f"{name}/0").status == 202
        assert_refused(start_upload(daemon, f"{name}/1"), 403, "DENIED", "max_per_hour")


def test_without_a_configuration_a_hundred(sandbox: Sandbox, name: str) -> None:
    with Daemon(sandbox.daemon_args(), sandbox.env(), config={}) as daemon:
        answers = [start_upload(daemon, f"{name}/{i}").status for i in range(101)]
    assert answers == [202] * 100 + [403]


REFUSALS: list[tuple[str, dict[str, str], str]] = [
    ("limit_exceeded", {}, "quota"),
    ("access_denied", {}, "ecr:CreateRepository"),
    ("error", {"code": "InvalidParameterException"}, "correct the name"),
]


@pytest.mark.parametrize("kind,more,word", REFUSALS, ids=[word for _, _, word in REFUSALS])
def test_refused_once_is_not_asked_again(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                         name: str, kind: str, more: dict[str, str],
                                         word: str) -> None:
    daemon = start_daemon(config={})
    sandbox.set_fault("api", kind, operation="CreateRepository", **more)
    for _ in range(3):
        assert word in start_upload(daemon, name).error()[1]
    assert len(creations(sandbox, name)) == 1
    # Another name is another matter.
    start_upload(daemon, f"{name}/other")
    assert len(creations(sandbox, f"{name}/other")) == 1
