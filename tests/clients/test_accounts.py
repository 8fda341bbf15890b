"""Two accounts behind one daemon: clients push the unchanged name of either registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.client import Client, Form, built, system
from clients.conftest import Running
from clients.containerd import ContainerdEngine
from clients.docker import Docker
from clients.image import Image
from clients.nerdctl import Nerdctl
from clients.push import repository_name
from clients.stack import Accounts, stored_digest

CONTAINERD = built("containerd", "containerd")
BESIDE = [CONTAINERD.parent] if CONTAINERD else []

ENGINES = [
    ContainerdEngine("containerd", system("containerd"), [(Form.PREFIX, ""), (Form.HOST, "")]),
    ContainerdEngine("containerd 2", CONTAINERD, [
        (Form.PREFIX, ""), (Form.SERVER, ""), (Form.PREFIX, "--local"), (Form.HOST, "")]),
    Nerdctl(CONTAINERD, [Form.PREFIX, Form.HOST]),
    Docker("dockerd 29", built("dockerd-29", "dockerd"), {"29": built("docker-29", "docker")}, [],
           BESIDE, [Form.PREFIX, Form.SERVER, Form.HOST]),
]
IMAGES = ["small"]
MOUNTING = [ContainerdEngine("containerd", system("containerd"), []),
            ContainerdEngine("containerd 2", CONTAINERD, [])]


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Accounts]:
    if request.config.getoption("--direct", False):
        pytest.skip("there is no daemon to tell the registries apart")
    folder = scratch / "accounts"
    folder.mkdir()
    used = Accounts(folder)
    yield used
    used.stop()


def test_each_in_its_own_account(stack: Accounts, client: Client, image: Image) -> None:
    name = repository_name(client, image)
    pushed = {}
    for count, registry in enumerate(stack.target.registries, 1):
        assert stack.repository_of(registry, name) is None
        ref = stack.target.reference(client.form, name, registry)

        pushed[ref] = client.push(image, ref)

        assert stack.creations(name) == count
        repository = stack.repository_of(registry, name)
        assert repository is not None
        assert repository["repositoryUri"] == f"{registry}/{name}"
        assert repository["imageTagMutability"] == "IMMUTABLE"
        stored = stored_digest(stack.target, f"{registry}/{name}")
        assert stored == pushed[ref].digest
    for ref, copy in pushed.items():
        assert client.pull(ref) == copy


def mounts(stack: Accounts, registry: str, name: str) -> bool:
    """Whether an upload was started as a mount, as the registry saw it."""
    starts = stack.sandbox.requests(side="registry", operation="upload_start", repository=name)
    assert starts and {start["host"] for start in starts} == {registry}
    return any("mount=" in start["path"] for start in starts)


@pytest.mark.parametrize("engine", MOUNTING, ids=lambda engine: engine.name)
def test_mount_between_them_is_an_upload(stack: Accounts, running: Running,
                                         engine: ContainerdEngine,
                                         images: dict[str, Image]) -> None:
    """ctr asks localhost:5100/TWO/y to mount what it has from localhost:5100/ONE/x."""
    if engine.missing():
        pytest.skip(f"{engine.name} ({engine.missing()})")
    running.use(engine)
    ctr, image = engine.pusher, images["small"]
    one, two = stack.target.registries
    name = f"mount/{engine.name.replace(' ', '-')}"
    first = stack.target.reference(Form.HOST, f"{name}/first", one)
    ctr.load(image, first)
    ctr.images("push", "--plain-http", first)
    ctr.images("pull", "--plain-http", "--snapshotter", "native", first)    # notes the source

    for registry, mounted in ((one, True), (two, False)):
        second = f"{name}/{'same' if mounted else 'other'}"
        ref = stack.target.reference(Form.HOST, second, registry)
        ctr.images("tag", first, ref)
        ctr.images("push", "--plain-http", ref)
        assert mounts(stack, registry, second) == mounted
        assert stored_digest(stack.target, f"{registry}/{second}") == image.digest
