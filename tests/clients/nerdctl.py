"""nerdctl, which is Finch's command, where there is one on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

from clients.client import Client, Form
from clients.containerd import Containerd, ContainerdEngine
from clients.image import Copy, Image
from clients.process import run


class Nerdctl(ContainerdEngine):
    def __init__(self, containerd: Path | None, forms: list[Form] | None = None):
        super().__init__("nerdctl", containerd, [])
        self.path = shutil.which("nerdctl")
        self.clients = [self.nerdctl(form) for form in forms or Form]

    def missing(self) -> str:
        return super().missing() if self.path else "not on PATH"

    def nerdctl(self, form: Form) -> Client:
        def call(daemon: Containerd, *words: str | Path) -> None:
            assert self.path is not None
            hosts = self.scratch / "none"
            if form in (Form.PREFIX, Form.SERVER):
                hosts = self.target.write_hosts("nerdctl", self.scratch / f"etc-{form.value}", form)
            run([self.path, "--address", daemon.socket, "--namespace", "default",
                 "--snapshotter", "native", "--data-root", daemon.scratch / "nerdctl",
                 "--cni-netconfpath", daemon.scratch / "cni", "--hosts-dir", hosts, *words],
                daemon.env)

        def push(image: Image, ref: str) -> Copy:
            call(self.pusher, "load", "--input", image.archive)
            call(self.pusher, "tag", image.reference, ref)
            call(self.pusher, "push", ref)
            return Copy(image.digest, image.contents)

        def pull(ref: str) -> Copy:
            call(self.puller, "pull", "--quiet", ref)
            copy = self.puller.seen(ref)
            call(self.puller, "rmi", "--force", ref)
            return copy

        return Client("nerdctl", form, push, pull)
