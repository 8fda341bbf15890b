"""kaniko: builds and pushes without an engine, in the root of a container."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from clients.client import Client, Engine, Form, Target, built, root_only
from clients.image import Copy, Image
from clients.oci_tools import Crane
from clients.process import environment, isolated, run

DOCKERFILE = "FROM scratch\nCOPY archive /archive\n"


class Kaniko(Engine):
    """It cannot pull to anywhere, so crane does, which has the same library."""

    def __init__(self) -> None:
        super().__init__("kaniko")
        self.path = built("kaniko", "executor")
        self.crane = Crane()
        self.clients = [Client("kaniko", form, self.push, self.crane.pull)
                        for form in (Form.SHORT, Form.HOST)]

    def missing(self) -> str:
        if not self.path:
            return "not here"
        return root_only("kaniko") or (self.crane.missing() and "no crane to pull with")

    def start(self, scratch: Path, target: Target) -> None:
        self.scratch = scratch
        crane = scratch / "crane"
        crane.mkdir()
        self.crane.start(crane, target)

    def push(self, image: Image, ref: str) -> Copy:
        """In a new root each time: it takes what is in it for a part of the image."""
        assert self.path is not None
        root = Path(tempfile.mkdtemp(dir=self.scratch))
        for folder in ("kaniko", "workspace", "etc", "proc", "tmp"):
            (root / folder).mkdir(parents=True)
        shutil.copy(self.path, root / "kaniko" / "executor")
        shutil.copy("/etc/hosts", root / "etc")
        shutil.copy(image.archive, root / "workspace" / "archive")
        (root / "workspace" / "Dockerfile").write_text(DOCKERFILE)
        run(isolated(["chroot", root, "/kaniko/executor", "--force",
                      "--context", "dir:///workspace", "--destination", ref,
                      "--digest-file", "/kaniko/digest"], bound={str(root / "proc"): Path("/proc")}),
            environment(Path("/")))
        digest = (root / "kaniko" / "digest").read_text().strip()
        return Copy(digest, self.contents(digest, ref))

    def contents(self, digest: str, ref: str) -> tuple[str, ...]:
        repository = ref.rpartition(":")[0]
        config = json.loads(self.crane.call("config", f"{repository}@{digest}"))
        return tuple(config["rootfs"]["diff_ids"])
