"""containerd, 1.x and 2.x, by ctr: the engine of nerdctl and Finch."""

from __future__ import annotations

import json
import re
from pathlib import Path

from clients.client import Client, Engine, Form, Target, root_only
from clients.image import ARCHITECTURE, Copy, Image
from clients.process import Service, environment, run

CONFIG = """version = {version}
root = "{scratch}/data"
state = "{scratch}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{scratch}/sock"
[ttrpc]
address = "{scratch}/sock.ttrpc"
"""

# Since 2.x the daemon itself unpacks, and only onto snapshotters that it is told of here.
CONFIG_2 = """
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "linux/{architecture}"
snapshotter = "native"
"""


class Containerd:
    """One containerd with a store of its own."""

    def __init__(self, scratch: Path, programs: Path, version: int):
        scratch.mkdir()
        self.scratch = scratch
        self.version = version
        self.socket = scratch / "sock"
        self.ctr: list[str | Path] = [programs / "ctr", "--address", self.socket]
        self.env = environment(scratch)
        config = scratch / "config.toml"
        text = CONFIG if version < 2 else CONFIG + CONFIG_2
        config.write_text(text.format(version=2 if version < 2 else 3, scratch=scratch,
                                      architecture=ARCHITECTURE))
        self.service = Service([programs / "containerd", "--config", config], scratch / "log",
                               self.env)

    def images(self, *words: str | Path) -> str:
        return run([*self.ctr, "images", *words], self.env)

    def load(self, image: Image, ref: str) -> None:
        unpack = ["--no-unpack"] if self.version > 1 else ["--snapshotter", "native"]
        self.images("import", *unpack, image.archive)
        self.images("tag", "--force", image.reference, ref)

    def blob(self, digest: str) -> dict:
        return json.loads(run([*self.ctr, "content", "get", digest], self.env))

    def seen(self, ref: str) -> Copy:
        line = self.images("ls", f"name=={ref}").splitlines()[1]
        found = re.search(r"sha256:[0-9a-f]{64}", line)
        assert found
        config = self.blob(self.blob(found[0])["config"]["digest"])
        return Copy(found[0], tuple(config["rootfs"]["diff_ids"]))


def programs_of(containerd: Path | None) -> Path | None:
    return containerd.parent if containerd and (containerd.parent / "ctr").exists() else None


def major_version(containerd: Path) -> int:
    """From a line such as: containerd github.com/containerd/containerd 1.6.20~ds1 ..."""
    found = re.search(r" (\d+)\.\d+\.", run([containerd, "--version"]))
    assert found
    return int(found[1])


class ContainerdEngine(Engine):
    """Ways are (form, options): 2.x tries TLS first unless it is told --plain-http."""

    def __init__(self, name: str, containerd: Path | None, ways: list[tuple[Form, str]]):
        super().__init__(name)
        self.programs = programs_of(containerd)
        self.version = major_version(containerd) if containerd else 0
        self.clients = [self.client(form, options.split()) for form, options in ways]

    def missing(self) -> str:
        return "not here" if self.programs is None else root_only("containerd")

    def start(self, scratch: Path, target: Target) -> None:
        assert self.programs is not None
        self.target = target
        self.scratch = scratch
        self.pusher = Containerd(scratch / "push", self.programs, self.version)
        self.puller = Containerd(scratch / "pull", self.programs, self.version)
        self.services += [self.pusher.service, self.puller.service]
        for daemon in (self.pusher, self.puller):
            daemon.service.wait_until(daemon.socket.exists)

    def client(self, form: Form, options: list[str]) -> Client:
        def where() -> list[str | Path]:
            if form in (Form.SHORT, Form.HOST):
                return [*options]
            hosts = self.target.write_hosts("containerd", self.scratch / f"etc-{form.value}", form)
            return [*options, "--hosts-dir", hosts]

        def push(image: Image, ref: str) -> Copy:
            self.pusher.load(image, ref)
            self.pusher.images("push", *where(), ref)
            return Copy(image.digest, image.contents)

        def pull(ref: str) -> Copy:
            self.puller.images("pull", "--snapshotter", "native", *where(), ref)
            copy = self.puller.seen(ref)
            self.puller.images("rm", "--sync", ref)
            return copy

        return Client(" ".join([self.name, "ctr", *options]), form, push, pull)
