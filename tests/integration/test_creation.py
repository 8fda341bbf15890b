"""One creation: how often it is asked for, how long it may take, what comes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integration.client import Answer
from integration.daemon import Daemon
from integration.registry import (INDEX, assert_refused, creations, manifest, put_manifest,
                                  start_upload, starts)
from integration.waiting import wait_for
from sandbox import Sandbox

# how often

@pytest.mark.concurrency
def test_64_pushes_of_one_name(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.3)
    gate = threading.Barrier(64)

    def push(_: int) -> Answer:
        gate.wait()
        return start_upload(daemon, name)

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(push, range(64)))
    assert {answer.status for answer in answers} == {202}
    assert len(creations(sandbox)) == 1
    warnings = [answer.get("Warning") for answer in answers if answer.get("Warning")]
    assert warnings == [f'299 - "ecr-upsertd created repository {name} in {sandbox.host}'
                        ' (no rule, IMMUTABLE, scanned on push)"']
    lines = [daemon.access_line(repository=name, created=True)]
    assert len(lines) == len(daemon.access_lines(repository=name, created=True))


@pytest.mark.concurrency
def test_late_verdict_creates_nothing(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """ECR's 404 for one POST arrives when another one's creation is over already."""
    sandbox.set_fault("registry", "delay", operation="upload_start", repository=name, count=1,
                      seconds=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(start_upload, daemon, name)
        wait_for("the slow POST", lambda: sandbox.requests(operation="upload_start",
                                                           repository=name))
        quick = start_upload(daemon, name)

    assert [quick.status, slow.result().status] == [202, 202]
    assert len(creations(sandbox, name)) == 1


@pytest.mark.concurrency
def test_64_names_at_once(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    gate = threading.Barrier(64)

    def push(i: int) -> int:
        gate.wait()
        return start_upload(daemon, f"{name}/{i}").status

    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(push, range(64))) == [202] * 64
    created = sorted(call["repository"] for call in creations(sandbox))
    assert created == sorted(f"{name}/{i}" for i in range(64))


@pytest.mark.concurrency
def test_manifests_and_uploads_share_a_creation(daemon: Daemon, sandbox: Sandbox,
                                                name: str) -> None:
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.3)

    def push(i: int) -> int:
        return (put_manifest(daemon, name, f"t{i}") if i % 2 else start_upload(daemon, name)).status

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(push, range(16))) == [202, 201] * 8
    assert len(creations(sandbox)) == 1


# until ECR knows it

def test_pauses_until_ecr_knows_it(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "lag", times=3)

    assert start_upload(daemon, name).status == 202

    assert starts(sandbox, name) == [404, 404, 404, 404, 202]
    assert len(creations(sandbox)) == 1
    times = [entry["time"] for entry in sandbox.requests(operation="upload_start")]
    pauses = [later - earlier for earlier, later in zip(times[1:], times[2:])]
    for pause, least in zip(pauses, (0.1, 0.2, 0.4), strict=True):
        assert least <= pause < least + 0.35, pauses


def test_manifest_waits_too(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "lag", times=2)
    content = manifest(300_000)

    assert put_manifest(daemon, name, content=content).status == 201

    puts = sandbox.requests(operation="manifest_put", repository=name)
    assert [entry["status"] for entry in puts] == [404, 404, 404, 201]
    got = daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": INDEX})
    assert got.body == content


# what the API says

def test_already_exists_is_success(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Somebody else was faster."""
    sandbox.create(name, imageTagMutability="MUTABLE")
    sandbox.set_fault("registry", "not_found", count=1)

    assert start_upload(daemon, name).status == 202

    assert len(creations(sandbox)) == 1
    assert daemon.access_line(repository=name)["created"] is False
    repository = sandbox.describe(name)
    assert repository and repository["imageTagMutability"] == "MUTABLE"


@pytest.mark.parametrize("kind,times", [("throttle", 3), ("server_error", 1), ("close", 1),
                                        ("reset", 1), ("done_then_close", 1)])
def test_what_may_pass_is_called_again(daemon: Daemon, sandbox: Sandbox, name: str, kind: str,
                                       times: int) -> None:
    sandbox.set_fault("api", kind, operation="CreateRepository", count=times)

    assert start_upload(daemon, name).status == 202
    assert len(creations(sandbox)) == times + 1


@pytest.mark.parametrize("kind,options,status,code,words", [
    ("limit_exceeded", {}, 403, "DENIED", ["maximum allowed number"]),
    ("access_denied", {}, 403, "DENIED", ["ecr:CreateRepository", "not authorized",
                                              "allows the ecr:CreateRepository action"]),
    ("error", {"code": "InvalidParameterException", "message": "Invalid parameter at 'name'"},
     400, "UNSUPPORTED", ["Invalid parameter at 'name'"]),
    ("error", {"code": "KmsException", "message": "the key is disabled"}, 400, "UNSUPPORTED",
     ["the key is disabled"]),
], ids=["limit", "access", "invalid", "kms"])
def test_final_refusals(daemon: Daemon, sandbox: Sandbox, name: str, kind: str,
                        options: dict[str, Any], status: int, code: str, words: list[str]) -> None:
    sandbox.set_fault("api", kind, operation="CreateRepository", **options)

    assert_refused(start_upload(daemon, name), status, code, name, *words)

    assert len(creations(sandbox)) == 1
    assert starts(sandbox, name) == [404]
    line = daemon.access_line(repository=name)
    assert (line["reason"], line["created"], line["status"]) == ("not-created", False, status)
    assert name in line["detail"]


def test_refusal_of_a_manifest_keeps_the_connection(daemon: Daemon, sandbox: Sandbox,
                                                    name: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository")
    with daemon.client() as client:
        for _ in range(2):
            refused = client.ask("PUT", f"/v2/{name}/manifests/1", manifest())
            assert_refused(refused, 403, "DENIED", name)


# the time limit: 25 s for all of it, side by side

def throttled(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "throttle", operation="CreateRepository", repository=name)


def never_known(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "lag", times=10_000, repository=name)


def throttling_registry(sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "throttle", repository=name)


def long_retry_after(sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "throttle", repository=name, retry_after=3600)


def done_then_silent(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "done_then_silent", operation="CreateRepository", repository=name,
                      count=1)


def silent_registry(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "delay", repository=name, seconds=120)


LATE = {"throttled": throttled, "never-known": never_known, "429": throttling_registry,
        "429-in-an-hour": long_retry_after, "done-then-silent": done_then_silent,
        "silent": silent_registry}


@pytest.fixture(scope="module")
def late(running_sandbox: Sandbox) -> Iterator[dict[str, tuple[Answer, float, dict[str, Any]]]]:
    """Answer, seconds and access line of a POST for each kind of lateness, all at the same time."""
    running_sandbox.reset()
    for kind, prepare in LATE.items():
        prepare(running_sandbox, f"late/{kind}")
    with Daemon(running_sandbox.daemon_args(), running_sandbox.env()) as daemon:
        def push(kind: str) -> tuple[Answer, float, dict[str, Any]]:
            start = time.monotonic()
            answer = start_upload(daemon, f"late/{kind}")
            seconds = time.monotonic() - start
            return answer, seconds, daemon.access_line(repository=f"late/{kind}")

        with ThreadPoolExecutor(len(LATE)) as pool:
            yield dict(zip(LATE, pool.map(push, LATE), strict=True))
        running_sandbox.clear_faults()


@pytest.mark.parametrize("kind", ["throttled", "never-known", "429", "429-in-an-hour", "silent"])
def test_ends_within_25_s(late: dict[str, Any], kind: str) -> None:
    answer, seconds, line = late[kind]
    assert_refused(answer, 504, "UNAVAILABLE")
    assert seconds < 25.5
    assert line["status"] == 504 and line["reason"] != "ok"


def test_what_is_created_but_never_known(late: dict[str, Any]) -> None:
    answer, _, line = late["never-known"]
    assert_refused(answer, 504, "UNAVAILABLE", "late/never-known exists in", "push again")
    assert line["created"] is True


def test_created_but_not_told(late: dict[str, Any]) -> None:
    """CreateRepository was carried out and its answer lost: asked again it exists."""
    answer, seconds, line = late["done-then-silent"]
    assert answer.status == 202
    assert seconds < 25
    assert line["reason"] == "ok"
