"""The clients that tools.sh builds push missing repositories through the daemon."""

from __future__ import annotations

from clients.buildkit import Buildkit
from clients.client import Client, Form, built, system
from clients.containerd import ContainerdEngine
from clients.containers import Podman5
from clients.docker import Docker
from clients.image import Image
from clients.kaniko import Kaniko
from clients.nerdctl import Nerdctl
from clients.oci_tools import Crane, Helm, Oras, Regctl
from clients.push import check
from clients.stack import Stack

CONTAINERD = built("containerd", "containerd")
BESIDE = [CONTAINERD.parent] if CONTAINERD else []
OLD = {"from Debian": system("docker")}
NEW = {"28": built("docker-28", "docker"), "29": built("docker-29", "docker")}
CLASSIC = [Form.SHORT, Form.HOST]

ENGINES = [
    Docker("dockerd", system("dockerd"), NEW, ["--storage-driver=vfs"], [], [Form.SHORT]),
    Docker("dockerd 28 classic", built("dockerd-28", "dockerd"), NEW | OLD,
           ["--storage-driver=vfs"], BESIDE, CLASSIC),
    Docker("dockerd 28 store", built("dockerd-28", "dockerd"), NEW | OLD,
           ["--feature=containerd-snapshotter=true", "--storage-driver=native"], BESIDE,
           [*CLASSIC, Form.PREFIX]),
    Docker("dockerd 29", built("dockerd-29", "dockerd"), {"29": NEW["29"]} | NEW | OLD, [], BESIDE,
           [*CLASSIC, Form.PREFIX, Form.SERVER]),
    ContainerdEngine("containerd 2", CONTAINERD, [
        (Form.SHORT, "--plain-http"), (Form.SHORT, ""), (Form.HOST, ""),
        (Form.PREFIX, ""), (Form.SERVER, ""), (Form.PREFIX, "--local"), (Form.SERVER, "--local")]),
    Nerdctl(CONTAINERD), Podman5(), Buildkit(), Kaniko(), Crane(), Regctl(), Oras(), Helm(),
]


def test_first_push(stack: Stack, client: Client, image: Image) -> None:
    check(stack, client, image)
