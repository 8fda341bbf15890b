"""nerdctl, which is Finch's command, where there is one on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

from clients.client import Client, Form
from clients.containerd import Containerd, ContainerdEngine
from clients.image import Copy, Image
from clients.process import run


class Nerdctl(ContainerdEngine):
    def __init__(self, containerd: Path | None):
        super().__init__("nerdctl", containerd, [])
        self.path = shutil.which("nerdctl")
        self.clients = [self.nerdctl(form) for form in Form]

    def missing(self) -> str:
        return super().missing() if self.path else "not on PATH"

    def nerdctl(self, form: Form) -> Client:
        def call(daemon: Containerd, *words: str | Path) -> None:
            assert self.path is not None
            hosts = self.scratch / f"hosts-{form.value}"
            if form in (Form.PREFIX, Form.SERVER):
                self.target.write_hosts(hosts, form)
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
