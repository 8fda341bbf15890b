"""Waiting for a repository that somebody else is to create: on a denied right, or by a rule."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clients.client import system
from clients.image import make_image
from clients.process import isolated, run, succeeds
from integration.client import Answer
from integration.daemon import Daemon
from integration.registry import (assert_refused, creations, digest_of, put_manifest,
                                  start_upload)
from integration.waiting import wait_for
from sandbox import Sandbox

TIMEOUT_S = 3
Push = Callable[[Daemon, str], Answer]
PUSHES = [pytest.param(start_upload, id="upload"), pytest.param(put_manifest, id="manifest")]


@pytest.fixture
def denied(sandbox: Sandbox, start_daemon: Callable[..., Daemon]) -> Daemon:
    """A daemon whose user may not create, and that is told to wait then."""
    sandbox.set_fault("api", "access_denied", operation="CreateRepository")
    return start_daemon(config={
        "create": {"timeout_s": TIMEOUT_S, "on_access_denied": "wait"}})


@pytest.fixture
def told(start_daemon: Callable[..., Daemon]) -> Daemon:
    """A daemon with a rule that leaves the creation of it/** to others."""
    return start_daemon(config={"create": {"timeout_s": TIMEOUT_S}, "rules": [
        {"name": "cloud", "match": "it/**", "action": "wait", "reason": "the platform creates it"}]})


def somebody_creates(sandbox: Sandbox, name: str) -> threading.Thread:
    """As the cloud side does: after the first POST or PUT for it was refused."""
    def create() -> None:
        wait_for("a push to it", lambda: sandbox.requests(side="registry", repository=name,
                                                          status=404))
        time.sleep(0.5)    # the daemon is waiting by now
        sandbox.create(name, imageTagMutability="MUTABLE")

    thread = threading.Thread(target=create)
    thread.start()
    return thread


def timed(push: Push, daemon: Daemon, name: str) -> tuple[Answer, float]:
    start = time.monotonic()
    answer = push(daemon, name)
    return answer, time.monotonic() - start


# without the right

@pytest.mark.parametrize("push", PUSHES)
def test_denied_and_it_appears(denied: Daemon, sandbox: Sandbox, name: str, push: Push) -> None:
    creator = somebody_creates(sandbox, name)
    answer, seconds = timed(push, denied, name)
    creator.join()

    assert answer.status in (201, 202), answer
    assert seconds < TIMEOUT_S
    assert len(creations(sandbox, name)) == 1
    assert denied.access_line(repository=name)["created"] is False
    repository = sandbox.describe(name)
    assert repository and repository["imageTagMutability"] == "MUTABLE"


def test_denied_twice_and_it_appears(denied: Daemon, sandbox: Sandbox, name: str) -> None:
    """Who may not create may not be allowed to look either."""
    sandbox.set_fault("api", "access_denied", operation="DescribeRepositories")
    creator = somebody_creates(sandbox, name)
    answer = start_upload(denied, name)
    creator.join()
    assert answer.status == 202
    assert len(creations(sandbox, name)) == 1


@pytest.mark.parametrize("push", PUSHES)
def test_denied_twice_and_nobody_creates(denied: Daemon, sandbox: Sandbox, name: str,
                                         push: Push) -> None:
    sandbox.set_fault("api", "access_denied", operation="DescribeRepositories")
    answer, seconds = timed(push, denied, name)
    assert_refused(answer, 504, "UNAVAILABLE", name, "nobody created it", "ecr:CreateRepository")
    assert seconds < TIMEOUT_S + 2


@pytest.mark.parametrize("push", PUSHES)
def test_denied_and_nobody_creates(denied: Daemon, sandbox: Sandbox, name: str,
                                   push: Push) -> None:
    answer, seconds = timed(push, denied, name)

    assert_refused(answer, 504, "UNAVAILABLE", name)
    assert TIMEOUT_S - 1 < seconds < TIMEOUT_S + 2
    assert len(creations(sandbox, name)) == 1
    assert sandbox.describe(name) is None
    assert denied.access_line(repository=name)["created"] is False


def test_denied_and_pushed_again(denied: Daemon, sandbox: Sandbox, name: str) -> None:
    """The client's own repetitions after 504 wait too, and ask for no creation; one of them is
    there when the repository appears."""
    for _ in range(2):
        assert start_upload(denied, name).status == 504
    assert len(creations(sandbox, name)) == 1

    creator = somebody_creates(sandbox, name)
    answer = start_upload(denied, name)
    creator.join()
    assert answer.status == 202
    assert len(creations(sandbox, name)) == 1


@pytest.mark.concurrency
def test_denied_and_many_wait(denied: Daemon, sandbox: Sandbox, name: str) -> None:
    creator = somebody_creates(sandbox, name)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: start_upload(denied, name).status, range(16)))
    creator.join()
    assert answers == [202] * 16
    assert len(creations(sandbox, name)) == 1


def test_denied_without_waiting(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                name: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository")
    daemon = start_daemon(config={"create": {"timeout_s": TIMEOUT_S, "on_access_denied": "fail"}})
    answer, seconds = timed(start_upload, daemon, name)
    assert_refused(answer, 403, "DENIED", name, "ecr:CreateRepository")
    assert seconds < 1


def test_other_refusals_do_not_wait(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                    name: str) -> None:
    """Nobody else could create it either."""
    sandbox.set_fault("api", "limit_exceeded", operation="CreateRepository")
    daemon = start_daemon(config={"create": {"timeout_s": TIMEOUT_S, "on_access_denied": "wait"}})
    answer, seconds = timed(start_upload, daemon, name)
    assert_refused(answer, 403, "DENIED", name)
    assert seconds < 1


# by a rule

@pytest.mark.parametrize("push", PUSHES)
def test_rule_and_it_appears(told: Daemon, sandbox: Sandbox, name: str, push: Push) -> None:
    creator = somebody_creates(sandbox, name)
    answer, seconds = timed(push, told, name)
    creator.join()

    assert answer.status in (201, 202), answer
    assert seconds < TIMEOUT_S
    assert creations(sandbox) == []


@pytest.mark.parametrize("push", PUSHES)
def test_rule_and_nobody_creates(told: Daemon, sandbox: Sandbox, name: str, push: Push) -> None:
    answer, seconds = timed(push, told, name)

    assert_refused(answer, 504, "UNAVAILABLE", name, "cloud")
    assert TIMEOUT_S - 1 < seconds < TIMEOUT_S + 2
    assert creations(sandbox) == []


def test_rule_and_what_exists(told: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    answer, seconds = timed(start_upload, told, name)
    assert answer.status == 202
    assert seconds < 1


def test_rule_and_other_names(told: Daemon, sandbox: Sandbox, name: str) -> None:
    other = f"x-{name}"
    assert start_upload(told, other).status == 202
    assert [call["repository"] for call in creations(sandbox)] == [other]


# a real client

@pytest.mark.skipif(system("skopeo") is None or not succeeds(["unshare", "--mount", "true"]),
                    reason="needs skopeo, and a mount namespace for its cache")
@pytest.mark.parametrize("way,asked", [("denied", 1), ("told", 0)])
def test_skopeo_waits(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path, name: str,
                      way: str, asked: int) -> None:
    daemon: Daemon = request.getfixturevalue(way)
    image = make_image(tmp_path, "image", [{"a": b"1\n"}, {"b": b"2\n"}, {"c": b"3\n"}])
    creator = somebody_creates(sandbox, name)
    run(isolated(["skopeo", "copy", "--dest-tls-verify=false", f"oci-archive:{image.archive}",
                  f"docker://localhost:{daemon.port}/{name}:1"], empty=["/var/lib"]), timeout=60)
    creator.join()

    got = daemon.ask("GET", f"/v2/{name}/manifests/1")
    assert digest_of(got.body) == image.digest
    assert len(creations(sandbox, name)) == asked


@pytest.mark.skipif(system("skopeo") is None or not succeeds(["unshare", "--mount", "true"]),
                    reason="needs skopeo, and a mount namespace for its cache")
def test_skopeo_is_told(told: Daemon, sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    image = make_image(tmp_path, "image", [{"a": b"1\n"}])
    done = subprocess.run(
        isolated(["skopeo", "copy", "--dest-tls-verify=false", f"oci-archive:{image.archive}",
                  f"docker://localhost:{told.port}/{name}:1"], empty=["/var/lib"]),
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert name in done.stderr and "504" in done.stderr    # 1.9 shows no message with it
    assert creations(sandbox) == []
