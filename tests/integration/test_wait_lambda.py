"""A daemon without the right to create, and the function: CloudTrail's delay is played, the push
goes through at its first attempt."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.client import root_only, system
from clients.docker import DIGEST, Dockerd
from clients.image import Image, make_image
from clients.process import Failed, isolated, run, succeeds
from integration.daemon import Daemon, sanitizers
from integration.lambda_runtime import Answer, Function, push_event
from integration.registry import assert_refused, creations, digest_of, start_upload
from integration.waiting import wait_for
from sandbox import Sandbox

SCHEMA2 = "application/vnd.docker.distribution.manifest.v2+json"
DELAY_S = 2    # CloudTrail takes seconds to minutes
TIMEOUT_S = 12
FUNCTION_KEY = {"AWS_ACCESS_KEY_ID": "AKIAFUNCTION", "AWS_SECRET_ACCESS_KEY": "of-the-function"}
RULES: dict[str, Any] = {"rules": [
    {"name": "cloud", "match": "cloud/**", "action": "wait",
     "settings": {"image_tag_mutability": "MUTABLE"}}]}
# How a name gets to wait, and how often the daemon itself asks for it.
WAYS = [pytest.param("denied", 1, id="denied"), pytest.param("cloud", 0, id="rule")]


@pytest.fixture
def daemon(sandbox: Sandbox, start_daemon: Callable[..., Daemon]) -> Daemon:
    """Its identity may push denied/**, not create it."""
    return start_waiting(sandbox, start_daemon, TIMEOUT_S)


def start_waiting(sandbox: Sandbox, start_daemon: Callable[..., Daemon], timeout_s: int) -> Daemon:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository",
                      repository="denied/*", count=1)
    return start_daemon(config={
        **RULES, "create": {"timeout_s": timeout_s, "on_access_denied": "wait"}})


class Cloud:
    """CloudTrail, EventBridge and Lambda: hands each refused upload to the function, `delay`
    seconds late, and again, as Lambda does, when that fails."""

    def __init__(self, sandbox: Sandbox, function: Function, delay: float) -> None:
        self._sandbox, self._function, self._delay = sandbox, function, delay
        self._stop = threading.Event()
        self.answers: list[Answer] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _refused(self) -> list[dict[str, Any]]:
        return [entry for entry in self._sandbox.requests(side="registry", status=404)
                if entry["operation"] in ("upload_start", "manifest_put")]

    def _run(self) -> None:
        seen = 0
        while not self._stop.wait(0.05):
            for entry in self._refused()[seen:]:
                seen += 1
                if self._stop.wait(self._delay):
                    return
                self._hand_over(push_event(entry["repository"]))

    def _hand_over(self, event: dict[str, Any]) -> None:
        for _ in range(3):
            self.answers.append(self._function.invoke(event, deadline_s=5))
            if self.answers[-1].ok:
                return

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def cloud(sandbox: Sandbox) -> Iterator[Callable[..., Cloud]]:
    begun: list[Any] = []

    def begin(delay: float = DELAY_S) -> Cloud:
        sandbox.add_identity(*FUNCTION_KEY.values())
        function = Function({**sandbox.env(), **FUNCTION_KEY, "AWS_SESSION_TOKEN": ""},
                            config=RULES).start()
        begun.append(function)
        one = Cloud(sandbox, function, delay)
        begun.append(one)
        return one

    yield begin
    for one in reversed(begun):
        one.close() if isinstance(one, Cloud) else one.__exit__(None)


def creators(sandbox: Sandbox, name: str) -> list[tuple[str, int]]:
    """Who asked for it, and what came of it."""
    return [(call["access_key"], call["status"]) for call in creations(sandbox, name)]


@pytest.mark.parametrize("way,asked", WAYS)
def test_one_push(daemon: Daemon, cloud: Callable[..., Cloud], sandbox: Sandbox, name: str,
                  way: str, asked: int) -> None:
    name = f"{way}/{name}"
    events = cloud()
    start = time.monotonic()

    answer = start_upload(daemon, name)

    assert answer.status == 202, answer
    assert DELAY_S < time.monotonic() - start < TIMEOUT_S
    wait_for("the function's answer", lambda: events.answers)
    assert [one.body for one in events.answers] == [{"result": "created"}]
    made = creators(sandbox, name)
    assert len(made) == asked + 1 and made[-1] == (FUNCTION_KEY["AWS_ACCESS_KEY_ID"], 200)
    repository = sandbox.describe(name)
    assert repository and repository["imageTagMutability"] == (
        "MUTABLE" if way == "cloud" else "IMMUTABLE")
    assert daemon.access_line(repository=name)["created"] is False


@pytest.mark.parametrize("way,asked", WAYS)
def test_the_function_fails_at_first(daemon: Daemon, cloud: Callable[..., Cloud],
                                     sandbox: Sandbox, name: str, way: str, asked: int) -> None:
    """Lambda delivers again within the time that the push waits."""
    name = f"{way}/{name}"
    sandbox.set_fault("api", "limit_exceeded", operation="CreateRepository", repository=name,
                      count=1)    # the daemon's own call has its fault already
    events = cloud()
    assert start_upload(daemon, name).status == 202
    wait_for("both answers", lambda: len(events.answers) > 1)
    assert [one.ok for one in events.answers] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize("way,asked", WAYS)
def test_nothing_comes(daemon: Daemon, sandbox: Sandbox, name: str, way: str,
                       asked: int) -> None:
    """No trail, no rule, or later than a push can wait: 504, which says whom it waited for."""
    name = f"{way}/{name}"
    start = time.monotonic()
    answer = start_upload(daemon, name)
    assert TIMEOUT_S - 2 < time.monotonic() - start < TIMEOUT_S + 2
    assert_refused(answer, 504, "UNAVAILABLE", name,
                   "cloud side" if way == "cloud" else "ecr:CreateRepository")
    assert len(creations(sandbox, name)) == asked


@pytest.mark.slow
def test_it_comes_too_late(daemon: Daemon, cloud: Callable[..., Cloud], sandbox: Sandbox,
                           name: str) -> None:
    """The next push finds it."""
    name = f"cloud/{name}"
    events = cloud(delay=TIMEOUT_S + 1)
    assert start_upload(daemon, name).status == 504
    wait_for("the function's answer", lambda: events.answers)
    start = time.monotonic()
    assert start_upload(daemon, name).status == 202
    assert time.monotonic() - start < 1


# real clients

def small_image(folder: Path) -> Image:
    return make_image(folder, "image", [{"a": b"1\n"}, {"b": b"2\n"}, {"c": b"3\n"}])


def assert_created_once(sandbox: Sandbox, events: Cloud, name: str) -> None:
    """By the function: every layer's POST was an event, the later ones found it there."""
    wait_for("an answer to each event",
             lambda: len(events.answers) >= len(sandbox.requests(
                 side="registry", operation="upload_start", repository=name, status=404)), 30)
    assert sorted({one.body["result"] for one in events.answers}) in (
        ["created"], ["created", "exists"])
    made = [who for who, status in creators(sandbox, name) if status == 200]
    assert made == [FUNCTION_KEY["AWS_ACCESS_KEY_ID"]]


needs_skopeo = pytest.mark.skipif(
    system("skopeo") is None or not succeeds(["unshare", "--mount", "true"]),
    reason="needs skopeo, and a mount namespace for its cache")


@needs_skopeo
@pytest.mark.parametrize("way,asked", WAYS)
def test_skopeo_at_the_first_attempt(daemon: Daemon, cloud: Callable[..., Cloud],
                                     sandbox: Sandbox, tmp_path: Path, name: str, way: str,
                                     asked: int) -> None:
    name = f"{way}/{name}"
    image = small_image(tmp_path)
    events = cloud()
    run(isolated(["skopeo", "copy", "--retry-times=0", "--dest-tls-verify=false",
                  f"oci-archive:{image.archive}",
                  f"docker://localhost:{daemon.port}/{name}:1"], empty=["/var/lib"]), timeout=60)

    assert digest_of(daemon.ask("GET", f"/v2/{name}/manifests/1").body) == image.digest
    assert_created_once(sandbox, events, name)


class Docker:
    """Debian's, with a daemon of its own."""

    def __init__(self, folder: Path, dockerd: Path, cli: Path) -> None:
        self.dockerd = Dockerd(folder / "docker", dockerd, ["--storage-driver=vfs"], [])
        self._cli = cli

    def run(self, *words: str | Path) -> str:
        """What it writes to either output."""
        return run([self._cli, *words], self.dockerd.env, both=True)

    def push(self, image: Image, reference: str) -> str:
        self.run("tag", image.reference, reference)
        return self.run("push", reference)


@pytest.fixture(scope="module")
def docker() -> Iterator[Docker]:
    program, cli = system("dockerd"), system("docker")
    if program is None or cli is None or root_only("dockerd"):
        pytest.skip(root_only("dockerd") or "needs docker")
    folder = Path(tempfile.mkdtemp(prefix="ec-"))    # short: a socket's name has 107 octets
    one = Docker(folder, program, cli)
    try:
        one.dockerd.wait(cli)
        yield one
    finally:
        one.dockerd.service.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def image(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Image:
    made = small_image(tmp_path_factory.mktemp("image"))
    docker.run("load", "--input", made.archive)
    return made


def starts(daemon: Daemon, name: str) -> list[int]:
    """What the daemon answered to each POST."""
    return [line["status"] for line in
            daemon.access_lines(operation="upload-start", repository=name)]


@pytest.mark.parametrize("way,asked", WAYS)
def test_docker_at_the_first_attempt(daemon: Daemon, cloud: Callable[..., Cloud], docker: Docker,
                                     image: Image, sandbox: Sandbox, name: str, way: str,
                                     asked: int) -> None:
    """All blobs wait at once, and docker never begins one anew."""
    name = f"{way}/{name}"
    events = cloud()
    start = time.monotonic()
    said = docker.push(image, f"localhost:{daemon.port}/{name}:1")

    assert DELAY_S < time.monotonic() - start
    assert "Retrying" not in said
    assert starts(daemon, name) == [202] * 4    # three layers and the configuration
    found = DIGEST.search(said)
    pushed = daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": SCHEMA2})
    assert found and digest_of(pushed.body) == found[1]
    assert_created_once(sandbox, events, name)


@pytest.mark.slow
def test_docker_tries_again(sandbox: Sandbox, start_daemon: Callable[..., Daemon],
                            cloud: Callable[..., Cloud], docker: Docker, image: Image,
                            name: str) -> None:
    """Later than a push can wait, but not than docker does: still one `docker push`."""
    name = f"cloud/{name}"
    daemon = start_waiting(sandbox, start_daemon, 1)
    events = cloud()
    said = docker.push(image, f"localhost:{daemon.port}/{name}:1")

    assert "Retrying in 5 seconds" in said
    assert set(starts(daemon, name)) == {504, 202}
    assert_created_once(sandbox, events, name)


@pytest.mark.slow
@pytest.mark.skipif(bool(sanitizers()), reason="docker's own pauses: a minute")
def test_what_docker_says_when_nothing_comes(
        sandbox: Sandbox, start_daemon: Callable[..., Daemon], docker: Docker, image: Image,
        name: str) -> None:
    """It tries five times, and shows of a 504 no more than that: the log has the reason."""
    name = f"cloud/{name}"
    daemon = start_waiting(sandbox, start_daemon, 1)
    with pytest.raises(Failed) as failed:
        docker.push(image, f"localhost:{daemon.port}/{name}:1")
    *_, last = str(failed.value).splitlines()
    assert last == "received unexpected HTTP status: 504 Gateway Timeout"
    for pause in (5, 10, 15, 20):
        assert f"Retrying in {pause} seconds" in str(failed.value)
    lines = daemon.access_lines(operation="upload-start", repository=name)
    assert len(lines) >= 5 and {line["status"] for line in lines} == {504}
    assert all("nobody created it" in line["detail"] and "cloud side" in line["detail"]
               for line in lines)
