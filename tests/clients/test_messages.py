"""What a person reads where a push is refused, and where it made a repository: the daemon's own
words, whole and on one line. README.md has the table of what each client shows and hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients.buildkit import Buildkit
from clients.client import TAG, Client, Form, built, system
from clients.conftest import Running
from clients.containerd import ContainerdEngine
from clients.containers import Buildah, Podman, Podman5, Skopeo
from clients.docker import Docker
from clients.image import Image
from clients.kaniko import Kaniko
from clients.nerdctl import Nerdctl
from clients.oci_tools import Crane, Helm, Oras, Regctl
from clients.process import Failed, printed
from clients.push import repository_name
from clients.stack import Refusing
from integration.waiting import free_port

CONTAINERD = built("containerd", "containerd")
BESIDE = [CONTAINERD.parent] if CONTAINERD else []
NEW = {"29": built("docker-29", "docker")}
SHORT = [Form.SHORT]

OLD_DOCKER = Docker("dockerd", system("dockerd"), {"from Debian": system("docker")},
                    ["--storage-driver=vfs"], [], SHORT)
CLASSIC = Docker("dockerd 28 classic", built("dockerd-28", "dockerd"), NEW,
                 ["--storage-driver=vfs"], BESIDE, SHORT)
OLD_CONTAINERD = ContainerdEngine("containerd", system("containerd"),
                                  [(Form.SHORT, "--plain-http")])
PODMAN, PODMAN_5, BUILDAH, SKOPEO, CRANE = Podman(), Podman5(), Buildah(), Skopeo(), Crane()
REGCTL, ORAS, HELM, KANIKO = Regctl(), Oras(), Helm(), Kaniko()
ENGINES = [
    OLD_DOCKER, CLASSIC,
    Docker("dockerd 28 store", built("dockerd-28", "dockerd"), NEW,
           ["--feature=containerd-snapshotter=true", "--storage-driver=native"], BESIDE, SHORT),
    Docker("dockerd 29", built("dockerd-29", "dockerd"), NEW, [], BESIDE, SHORT),
    PODMAN, PODMAN_5, BUILDAH, SKOPEO, OLD_CONTAINERD,
    ContainerdEngine("containerd 2", CONTAINERD, [(Form.SHORT, "--plain-http")]),
    Nerdctl(CONTAINERD, SHORT), Buildkit(), KANIKO, CRANE, REGCTL, ORAS, HELM,
]
for engine in ENGINES:
    del engine.clients[1:]
IMAGES = ["small"]

# They show the status and nothing that comes with it.
SILENT = {OLD_CONTAINERD.name}
# They show no more than the status of a 5xx; Podman of today shows its Warning.
SILENT_504 = SILENT | {OLD_DOCKER.name, CLASSIC.name, PODMAN.name, BUILDAH.name, SKOPEO.name}
# Asks for the manifest first, and shows no more than the status of a HEAD.
SILENT_HEAD = SILENT | {HELM.name}
# They show the Warning of what went well.
TELLING = {PODMAN_5.name, CRANE.name, REGCTL.name, ORAS.name}


@dataclass(frozen=True)
class Case:
    name: str
    repository: str
    says: tuple[str, ...]       # on one line
    status: str = "403"
    silent: frozenset[str] = frozenset(SILENT)


CASES = [
    Case("rule", "prod/app", ("prod/app does not exist", "rule no-prod denies it",
                              "ask platform@example.com")),
    Case("budget", "typo/app", ("typo/app does not exist", "max_per_hour 1", "push again later")),
    Case("rights", "forbidden/app", ("lacks ecr:CreateRepository on arn:aws:ecr:",
                                     "ask an administrator of account 123456789012")),
    Case("no-credentials", f"{Refusing.NOBODY}/app",
         ("cannot sign in", "run `aws configure --profile nobody`"), silent=frozenset(SILENT_HEAD)),
    Case("expired", f"{Refusing.EXPIRED}/app", ("cannot sign in", "renew them"),
         silent=frozenset(SILENT_HEAD)),
    Case("name", "x", ("x is no repository name that ECR takes", "2 to 256"), "400"),
    Case("unlisted", "999999999999.dkr.ecr.eu-west-1.amazonaws.com/app",
         ("registry of this daemon", "add it to registries"), "404"),
]
WAITING = Case("waiting", "waiting/app", ("waiting/app ", "push again"), "504",
               frozenset(SILENT_504))


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Refusing]:
    if request.config.getoption("--direct", False):
        pytest.skip("there is no daemon to refuse anything")
    folder = scratch / "messages"
    folder.mkdir()
    used = Refusing(folder)
    yield used
    used.stop()


@pytest.fixture
def engine(client: Client, running: Running) -> str:
    assert running.engine
    return running.engine.name


def refused(client: Client, image: Image, ref: str) -> str:
    with pytest.raises(Failed) as caught:
        client.push(image, ref)
    # Without its first line, which is the command.
    return str(caught.value).partition("\n")[2]


def check(stack: Refusing, client: Client, engine: str, image: Image, case: Case) -> None:
    stack.prepare(over_budget=case.name == "budget")
    said = refused(client, image, f"{stack.target.address}/{case.repository}:{TAG}")
    # Some print it as a JSON text in a log line; the words in between stay as they are.
    told = [line for line in said.splitlines() if all(words in line for words in case.says)]
    if engine in case.silent:
        assert not told, "it has learnt to say it: the table and this test may be mended"
        assert case.status in said
    else:
        assert told, said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_says_why(stack: Refusing, client: Client, engine: str, image: Image,
                       case: Case) -> None:
    if case.name == "name" and engine == KANIKO.name:
        pytest.skip("kaniko refuses such a name itself")
    check(stack, client, engine, image, case)


@pytest.mark.slow
def test_each_says_what_it_waits_for(stack: Refusing, client: Client, engine: str,
                                     image: Image) -> None:
    """504, which some repeat for a minute before they say anything."""
    if engine == CLASSIC.name:
        pytest.skip("a minute for the same as Debian's")
    check(stack, client, engine, image, WAITING)


def test_each_says_that_nobody_listens(client: Client, image: Image) -> None:
    said = refused(client, image, f"localhost:{free_port()}/team/app:{TAG}")
    assert "connection refused" in said, said


def test_some_say_what_was_created(stack: Refusing, client: Client, engine: str,
                                   image: Image) -> None:
    """By Warning: 299; once, however many layers are pushed."""
    stack.prepare()
    name = repository_name(client, image)
    printed.clear()
    client.push(image, stack.target.reference(Form.SHORT, name))
    told = [line for said in printed for line in said.splitlines()
            if f"created repository {name} in " in line]
    if engine in TELLING:
        assert len(told) == 1, printed
        assert "(rule all, IMMUTABLE, scanned on push)" in told[0]
    else:
        assert not told
