"""What is owed to a new repository: done with the push, or behind it, or after a restart; never
lost, never done twice, never done to what somebody else made."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integration.client import Wire
from integration.daemon import BINARY, Daemon, run, sanitizers
from integration.registry import assert_refused, creations, start_upload
from integration.waiting import wait_for
from sandbox import Sandbox

LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": {
    "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"}}]}
POLICY = {"Version": "2012-10-17", "Statement": [{
    "Sid": "pull", "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}]}
CONFIG = {"create": {"max_per_hour": 100_000},
          "rules": [{"name": "all", "match": "**", "settings": {
              "lifecycle_policy": LIFECYCLE, "repository_policy": POLICY}}]}
EXIT_STATE = 8


class Killed(Exception):
    """How such a daemon is expected to end."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@contextmanager
def running(sandbox: Sandbox, state: Path, *, env: dict[str, str] | None = None,
            killed: bool = False, **more: Any) -> Iterator[Daemon]:
    """A daemon with CONFIG; stopped in good order, or killed, at the end."""
    daemon = Daemon(sandbox.daemon_args(), {**sandbox.env(), **(env or {})}, config=CONFIG,
                    state=state, **more)
    failure: type[BaseException] | None = Killed
    try:
        yield daemon.start()
        failure = Killed if killed else None
    finally:
        daemon.__exit__(failure)


def pending(state: Path) -> list[Path]:
    return sorted((state / "pending").glob("*.json"))


def created(state: Path) -> list[dict[str, Any]]:
    """The good lines of created.jsonl."""
    found = []
    for line in (state / "created.jsonl").read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def policies(sandbox: Sandbox, name: str) -> list[Any]:
    """Lifecycle and repository policy; None for what there is none of."""
    found: list[Any] = []
    for operation, text in (("GetLifecyclePolicy", "lifecyclePolicyText"),
                            ("GetRepositoryPolicy", "policyText")):
        try:
            found.append(json.loads(sandbox.call(operation, repositoryName=name)[text]))
        except Exception as error:    # noqa: BLE001  the sandbox's own, of another module's name
            assert "NotFound" in str(error), error
            found.append(None)
    return found


def puts(sandbox: Sandbox, name: str) -> list[str]:
    """The calls that completed it, or tried to."""
    return [call["operation"] for call in sandbox.calls(repository=name)
            if call["operation"] in ("PutLifecyclePolicy", "SetRepositoryPolicy")]


def owed(daemon: Daemon, name: str) -> list[dict[str, Any]]:
    """What status shows as pending for this repository."""
    shown = json.loads(daemon.ask_admin("/status").body)["pending"]
    return [one for one in shown if one["repository"] == name]


def assert_complete(sandbox: Sandbox, state: Path, name: str) -> None:
    """Created once, recorded once, nothing owed any more."""
    wait_for("nothing to be pending", lambda: not pending(state), 20)
    assert policies(sandbox, name) == [LIFECYCLE, POLICY]
    lines = [line for line in created(state) if line["repository"] == name]
    assert [(line["registry"], line["rule"]) for line in lines] == [(sandbox.host, "all")]


# with the push

def test_done_before_the_push_goes_on(sandbox: Sandbox, state: Path, name: str) -> None:
    with running(sandbox, state) as daemon:
        assert start_upload(daemon, name).status == 202
        assert policies(sandbox, name) == [LIFECYCLE, POLICY]
        assert_complete(sandbox, state, name)
        order = [entry["operation"] for entry in sandbox.requests(repository=name)]
        assert order[:5] == ["upload_start", "CreateRepository", "PutLifecyclePolicy",
                             "SetRepositoryPolicy", "upload_start"]
        line, = created(state)
        assert list(line) == ["registry", "repository", "rule", "user", "time", "settings"]
        assert sandbox.calls("DescribeRepositories") == []


def test_ecr_does_not_know_it_yet(sandbox: Sandbox, state: Path, name: str) -> None:
    sandbox.set_fault("api", "error", operation="PutLifecyclePolicy", count=3,
                      code="RepositoryNotFoundException", message="not yet")
    with running(sandbox, state) as daemon:
        assert start_upload(daemon, name).status == 202
        assert_complete(sandbox, state, name)
    calls = sandbox.calls("PutLifecyclePolicy", repository=name)
    pauses = [later["time"] - earlier["time"] for earlier, later in zip(calls, calls[1:])]
    for pause, least in zip(pauses, (0.1, 0.2, 0.4), strict=True):
        assert least <= pause < least + 0.5, pauses


def test_throttled_until_done(sandbox: Sandbox, state: Path, name: str) -> None:
    """The push does not wait for all of it."""
    sandbox.set_fault("api", "throttle", operation="PutLifecyclePolicy", count=6)
    with running(sandbox, state) as daemon:
        start = time.monotonic()
        assert start_upload(daemon, name).status == 202
        assert time.monotonic() - start < 5
        assert_complete(sandbox, state, name)
    assert puts(sandbox, name).count("PutLifecyclePolicy") == 7
    assert puts(sandbox, name).count("SetRepositoryPolicy") == 1


def test_refused_until_sighup(sandbox: Sandbox, state: Path, name: str) -> None:
    fault = sandbox.set_fault("api", "access_denied", operation="PutLifecyclePolicy",
                              repository=name)
    sandbox.set_fault("api", "throttle", operation="PutLifecyclePolicy", repository="other/*",
                      count=4)
    with running(sandbox, state) as daemon:
        assert start_upload(daemon, name).status == 202
        assert policies(sandbox, name) == [None, POLICY]
        one, = wait_for("it to be shown", lambda: owed(daemon, name))
        assert one["what"] == "lifecycle policy" and one["attempts"] == 1
        assert "ecr:PutLifecyclePolicy" in one["last_error"]

        # As long as another one's four repetitions take.
        assert start_upload(daemon, "other/app").status == 202
        wait_for("the other one", lambda: policies(sandbox, "other/app") == [LIFECYCLE, POLICY])
        assert puts(sandbox, name).count("PutLifecyclePolicy") == 1

        daemon.reload()
        wait_for("another try", lambda: len(puts(sandbox, name)) == 3)
        one, = wait_for("its refusal", lambda: [
            one for one in owed(daemon, name) if one["attempts"] == 2])
        sandbox.clear_faults(fault)
        daemon.reload()
        assert_complete(sandbox, state, name)
        assert owed(daemon, name) == []


def test_refused_is_asked_again_after_a_restart(sandbox: Sandbox, state: Path, name: str) -> None:
    fault = sandbox.set_fault("api", "access_denied", operation="SetRepositoryPolicy")
    with running(sandbox, state) as daemon:
        assert start_upload(daemon, name).status == 202
        assert len(pending(state)) == 1
    sandbox.clear_faults(fault)
    with running(sandbox, state) as daemon:
        assert_complete(sandbox, state, name)
    assert puts(sandbox, name) == ["PutLifecyclePolicy", "SetRepositoryPolicy",
                                   "SetRepositoryPolicy"]


def test_created_but_not_told(sandbox: Sandbox, state: Path, name: str) -> None:
    """The second CreateRepository says that it exists: by the first one, which was not answered."""
    sandbox.set_fault("api", "done_then_close", operation="CreateRepository", count=1)
    with running(sandbox, state) as daemon:
        assert start_upload(daemon, name).status == 202
        assert_complete(sandbox, state, name)
        assert daemon.access_line(repository=name)["created"] is True


# somebody else's

def test_somebody_else_was_faster(sandbox: Sandbox, state: Path, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "not_found", count=1)
    with running(sandbox, state) as daemon:
        assert start_upload(daemon, name).status == 202
        assert len(creations(sandbox, name)) == 1
        assert not pending(state)
    assert policies(sandbox, name) == [None, None]
    assert puts(sandbox, name) == [] and created(state) == []


def test_somebody_else_was_faster_while_we_were_throttled(sandbox: Sandbox, state: Path,
                                                          name: str) -> None:
    """Made within our own creation's time, and yet by an answer that we never had."""
    sandbox.set_fault("api", "throttle", operation="CreateRepository", count=2)
    with running(sandbox, state) as daemon, ThreadPoolExecutor(1) as pool:
        push = pool.submit(start_upload, daemon, name)
        wait_for("a try", lambda: creations(sandbox, name))
        sandbox.create(name)
        assert push.result().status == 202
        assert not pending(state)
    assert policies(sandbox, name) == [None, None]
    assert puts(sandbox, name) == [] and created(state) == []


def entry(sandbox: Sandbox, name: str, age_s: float = 0, **more: Any) -> str:
    """A file of the spool, as a daemon has left it that was killed `age_s` seconds ago."""
    now = time.time() - age_s
    return json.dumps({
        "time_ms": int(now * 1000), "aws_time_s": int(now), "registry": sandbox.host,
        "repository": name, "rule": "all", "user": "alice",
        "owed": ["record", "lifecycle", "policy"], "lifecycle_policy": json.dumps(LIFECYCLE),
        "repository_policy": json.dumps(POLICY), **more})


def leave(state: Path, file: str, text: str | bytes) -> Path:
    path = state / "pending" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("age_s", [-30, 3600], ids=["older", "made-long-after"])
def test_somebody_elses_after_a_crash(sandbox: Sandbox, state: Path, name: str,
                                      age_s: float) -> None:
    """Created before the entry was begun, or long after every try of it had ended."""
    sandbox.create(name)
    leave(state, "1.json", entry(sandbox, name, age_s))
    with running(sandbox, state) as daemon:
        wait_for("a decision", lambda: not pending(state))
        assert "is left as it is" in daemon.text()
    assert policies(sandbox, name) == [None, None]
    assert created(state) == []


def test_listed_by_repos(sandbox: Sandbox, state: Path, name: str) -> None:
    """Whether a daemon is running or not, and whatever else is in the file."""
    def repos(*arguments: str) -> list[str]:
        done = run("repos", f"--state-dir={state}", *arguments, env=sandbox.env())
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    assert [line.split() for line in repos()] == [["TIME", "REPOSITORY", "RULE", "USER"]]
    assert repos("--json") == []
    with running(sandbox, state) as daemon:
        for part in ("a", "a-longer-one"):
            assert start_upload(daemon, f"{name}/{part}").status == 202
        wait_for("both", lambda: len(created(state)) == 2)
        assert len(repos()) == 3
    with (state / "created.jsonl").open("a") as file:
        file.write('junk\n{"registry": "r", "repository": "\\u001b[31m", "rule": "\\n", '
                   '"time": "2026-01-02T03:04:05.678Z"}\n')
    assert [json.loads(line) for line in repos("--json")] == created(state)
    title, *rows = repos()
    assert rows[0].split()[1:3] == [f"{sandbox.host}/{name}/a", "all"]
    assert rows[1].split()[1:3] == [f"{sandbox.host}/{name}/a-longer-one", "all"]
    assert {row.index("all") for row in rows[:2]} == {title.index("RULE")}
    assert rows[2].split() == ["2026-01-02T03:04:05Z", "r/\\x1b[31m", "\\n", "-"]


def test_never_created(sandbox: Sandbox, state: Path, name: str) -> None:
    leave(state, "1.json", entry(sandbox, name))
    with running(sandbox, state):
        wait_for("it to be dropped", lambda: not pending(state), 30)
    assert sandbox.describe(name) is None
    assert creations(sandbox) == [] and created(state) == []


def test_not_configured_any_more(sandbox: Sandbox, state: Path, name: str) -> None:
    sandbox.create(name)
    other = "999999999999.dkr.ecr.eu-west-1.amazonaws.com"
    leave(state, "1.json", entry(sandbox, name, registry=other))
    with running(sandbox, state) as daemon:
        one, *_ = wait_for("it to be shown", lambda: [
            one for one in owed(daemon, name) if one["last_error"]])
        assert one["registry"] == other and "not configured any more" in one["last_error"]
    assert len(pending(state)) == 1
    assert sandbox.calls(repository=name) == []


# what may be wrong with the state directory

def test_a_second_daemon_is_refused(sandbox: Sandbox, state: Path) -> None:
    with running(sandbox, state) as daemon:
        done = run("serve", "--listen=127.0.0.1:0", "--admin=off", f"--state-dir={state}",
                   *sandbox.daemon_args(), env=sandbox.env())
        assert done.returncode == EXIT_STATE, done.stderr
        assert f"(process {daemon.pid})" in done.stderr and str(state) in done.stderr
        assert daemon.is_alive()
    with running(sandbox, state):
        pass


def test_junk_is_set_aside(sandbox: Sandbox, state: Path, name: str) -> None:
    sandbox.create(name)
    whole = entry(sandbox, name)
    junk: list[str | bytes] = ["", "{}", "null", whole[:-1], whole[:40], b"\x00\xff" * 500,
                               "[" * 100_000, " " * 600_000, entry(sandbox, name, owed=["x"])]
    for number, text in enumerate(junk):
        leave(state, f"{number}.json", text)
    (state / "pending" / "folder.json").mkdir()
    leave(state, "unfinished.json.new", whole)
    (state / "created.jsonl").write_bytes(b"junk\n\xff\xfe\n\n{\"registry\":\"r\",\"repo")
    leave(state, "good.json", whole)
    with running(sandbox, state) as daemon:
        assert_complete(sandbox, state, name)
        assert daemon.text().count("set aside as") == len(junk) + 1
    assert len(list((state / "pending").glob("*.bad"))) == len(junk) + 1
    assert not (state / "pending" / "unfinished.json.new").exists()
    with running(sandbox, state) as daemon:
        assert "set aside as" not in daemon.text()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of sixteen pages."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", folder],
                          capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path, pages_left: int) -> Path:
    path = folder / "fill"
    free = os.statvfs(folder).f_bavail
    path.write_bytes(bytes((free - pages_left) * os.statvfs(folder).f_bsize))
    return path


def test_disk_full(sandbox: Sandbox, small_disk: Path, name: str) -> None:
    """What cannot be noted is not created."""
    state = small_disk / "state"
    with running(sandbox, state) as daemon:
        filled = fill(small_disk, 0)
        assert_refused(start_upload(daemon, name), 504, "UNAVAILABLE", name, "No space left")
        assert creations(sandbox) == [] and not pending(state)
        filled.unlink()
        assert start_upload(daemon, name).status == 202
        assert_complete(sandbox, state, name)


def test_disk_full_after_it_was_noted(sandbox: Sandbox, small_disk: Path, name: str) -> None:
    state = small_disk / "state"
    with running(sandbox, state) as daemon:
        filled = fill(small_disk, 1)
        assert start_upload(daemon, name).status == 202
        assert policies(sandbox, name) == [LIFECYCLE, POLICY]
        assert [one["what"] for one in owed(daemon, name)] == ["line in created.jsonl"]
        filled.unlink()
        assert_complete(sandbox, state, name)


# SIGKILL

@pytest.fixture(scope="session")
def dying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dying.c, built."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    if sanitizers():
        pytest.skip("a sanitizer must be the first library of a process")
    library = tmp_path_factory.mktemp("dying") / "dying.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", library,
                    Path(__file__).with_name("dying.c")], check=True)
    return library


def dies(library: Path, from_: str, at: int) -> dict[str, str]:
    return {"LD_PRELOAD": str(library), "DIES_FROM": from_, "DIES_AT": str(at)}


def try_to_push(daemon: Daemon, name: str) -> int | None:
    """None when the daemon was gone before it could answer."""
    try:
        return start_upload(daemon, name).status
    except (OSError, http.client.HTTPException):
        return None


def assert_completed_by_a_restart(sandbox: Sandbox, state: Path, name: str) -> None:
    """What was created is completed without a push; what was not, by the push that tries again."""
    with running(sandbox, state) as daemon:
        if sandbox.describe(name) is None:
            assert start_upload(daemon, name).status == 202
        assert_complete(sandbox, state, name)
        assert start_upload(daemon, name).status == 202


def test_killed_at_every_step(sandbox: Sandbox, dying: Path, tmp_path: Path, name: str) -> None:
    """From the first file of the spool to the last call."""
    for at in itertools.count(1):
        one, state = f"{name}/{at}", tmp_path / str(at)
        with running(sandbox, state, env=dies(dying, ".json.new", at), killed=True) as daemon:
            status = try_to_push(daemon, one)
            survived = status == 202 and not pending(state) and daemon.is_alive()
        assert_completed_by_a_restart(sandbox, state, one)
        if survived:
            break
    assert at > 20


def test_killed_before_the_answer(sandbox: Sandbox, state: Path, name: str) -> None:
    """ECR has carried it out, and nobody was there to hear of it."""
    leave_unanswered(sandbox, state, name)
    assert policies(sandbox, name) == [None, None]
    with running(sandbox, state):
        assert_complete(sandbox, state, name)


@pytest.mark.parametrize("skew", [-250, 250])
def test_whose_it_is_by_ecrs_clock(sandbox: Sandbox, state: Path, name: str, skew: float) -> None:
    """Signatures are taken as they are, so that no refusal ever tells how far it is off."""
    sandbox.settings(clock_skew=skew)
    leave_unanswered(sandbox, state, name)
    with running(sandbox, state):
        assert_complete(sandbox, state, name)


def leave_unanswered(sandbox: Sandbox, state: Path, name: str) -> None:
    fault = sandbox.set_fault("api", "done_then_silent", operation="CreateRepository",
                              repository=name)
    with running(sandbox, state, killed=True) as daemon:
        with Wire(daemon.port) as wire:
            wire.send(f"POST /v2/{name}/blobs/uploads/ HTTP/1.1\r\nHost: 127.0.0.1:{daemon.port}"
                      "\r\nContent-Length: 0\r\n\r\n".encode())
            wait_for("the repository", lambda: sandbox.describe(name))
            daemon.kill()
    sandbox.clear_faults(fault)


def test_killed_at_every_step_of_the_recovery(sandbox: Sandbox, dying: Path, tmp_path: Path,
                                              name: str) -> None:
    for at in itertools.count(1):
        one, state = f"{name}/{at}", tmp_path / str(at)
        leave_unanswered(sandbox, state, one)
        survived = recover(sandbox, state, dies(dying, "pending", at))
        assert_completed_by_a_restart(sandbox, state, one)
        if survived:
            break
    assert at > 20


def recover(sandbox: Sandbox, state: Path, env: dict[str, str]) -> bool:
    """A start that may be cut short anywhere. True when it was not."""
    child = subprocess.Popen(
        [BINARY, "serve", "--listen=127.0.0.1:0", "--admin=off", f"--state-dir={state}",
         *sandbox.daemon_args()], env={**sandbox.env(), **env}, stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        wait_for("an end", lambda: child.poll() is not None or not pending(state), 20)
        return child.poll() is None
    finally:
        child.kill()
        assert child.wait() == -signal.SIGKILL
