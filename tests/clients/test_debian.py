"""The clients that Debian ships push missing repositories through the daemon."""

from __future__ import annotations

from pathlib import Path

from clients.client import Client, Form, system
from clients.containerd import ContainerdEngine
from clients.containers import Buildah, Podman, Skopeo
from clients.docker import Docker
from clients.image import Image
from clients.push import check
from clients.stack import Stack

OTHER_DOCKER = Path("/usr/local/bin/docker")

# Another docker command that a machine may have beside Debian's.
OTHER = Path("/usr/local/bin/docker")
COMMANDS: dict[str, Path | None] = {"from Debian": system("docker")}
if OTHER.exists():
    COMMANDS["from /usr/local"] = OTHER

ENGINES = [
    Docker("dockerd", system("dockerd"), COMMANDS, options=["--storage-driver=vfs"], path=[],
           forms=[Form.SHORT, Form.HOST]),
    Podman(), Buildah(), Skopeo(),
    ContainerdEngine("containerd", system("containerd"), [
        (Form.SHORT, "--plain-http"), (Form.HOST, ""), (Form.PREFIX, "")]),
]


def test_first_push(stack: Stack, client: Client, image: Image) -> None:
    check(stack, client, image)
