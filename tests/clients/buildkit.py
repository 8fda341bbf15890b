"""buildkit: buildctl builds an image and buildkitd pushes it."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

from clients.client import Client, Engine, Form, Target, built, root_only
from clients.image import Copy, Image, read_layout
from clients.process import Service, environment, isolated, run

CONFIG = """root = "{scratch}/data"
[grpc]
address = ["unix://{scratch}/sock"]
[worker.oci]
snapshotter = "native"
networkMode = "host"
[worker.containerd]
enabled = false
"""


class Buildkitd:
    def __init__(self, scratch: Path, buildkitd: Path, buildctl: Path, target: Target):
        scratch.mkdir()
        self.scratch = scratch
        self.env = environment(scratch)
        self.buildctl = buildctl
        config = scratch / "etc" / "buildkit" / "buildkitd.toml"
        config.parent.mkdir(parents=True)
        config.write_text(CONFIG.format(scratch=scratch))
        target.configure("buildkit", scratch / "etc")
        self.service = Service(isolated([buildkitd, "--config", config], empty=["/run"]),
                               scratch / "log", self.env)

    def wait(self) -> None:
        self.service.wait_until((self.scratch / "sock").exists)

    def build(self, dockerfile: str, output: str, *more: str) -> str:
        """Builds an image of one FROM and returns the digest of its manifest."""
        context = self.scratch / "context"
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text(dockerfile)
        about = self.scratch / "about.json"
        run([self.buildctl, "--addr", f"unix://{self.scratch}/sock", "build",
             "--frontend", "dockerfile.v0", "--local", f"context={context}",
             "--local", f"dockerfile={context}", "--metadata-file", about,
             "--output", output, *more], self.env)
        return json.loads(about.read_text())["containerimage.digest"]


class Buildkit(Engine):
    def __init__(self) -> None:
        super().__init__("buildkit")
        self.programs = built("buildkit", "buildkitd"), built("buildkit", "buildctl")
        self.clients = [Client("buildkit", form, self.push, self.pull)
                        for form in (Form.SHORT, Form.HOST)]

    def missing(self) -> str:
        return root_only("buildkitd") if all(self.programs) else "not here"

    def start(self, scratch: Path, target: Target) -> None:
        buildkitd, buildctl = self.programs
        assert buildkitd and buildctl
        self.pusher = Buildkitd(scratch / "push", buildkitd, buildctl, target)
        self.puller = Buildkitd(scratch / "pull", buildkitd, buildctl, target)
        self.services = [self.pusher.service, self.puller.service]
        self.pusher.wait()
        self.puller.wait()

    def push(self, image: Image, ref: str) -> Copy:
        digest = self.pusher.build(
            "FROM base\n", f"type=image,name={ref},push=true",
            "--oci-layout", f"layout={image.folder}",
            "--opt", f"context:base=oci-layout://layout@{image.digest}")
        return Copy(digest, image.contents)

    def pull(self, ref: str) -> Copy:
        """Builds from what was pushed and changes nothing, so the digest must stay."""
        name = re.sub(r"\W", "-", ref)
        archive = self.puller.scratch / f"{name}.tar"
        digest = self.puller.build(f"FROM {ref}\n", f"type=oci,dest={archive}")
        with tarfile.open(archive) as tar:
            tar.extractall(self.puller.scratch / name, filter="data")
        copy = read_layout(self.puller.scratch / name)
        assert copy.digest == digest
        return copy
