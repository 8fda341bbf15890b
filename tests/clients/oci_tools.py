"""crane, regctl, oras and helm: one process a push, no daemon and no root."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from pathlib import Path

from clients.advice import push_commands
from clients.client import Client, Engine, Form, Target, built
from clients.image import MIB, Copy, Image, read_layout, sha256
from clients.process import environment, run


HELM_FILE = 4 * MIB     # it refuses files above 5 MiB
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def digest_in(said: str) -> str:
    found = DIGEST.search(said)
    assert found, f"no digest in: {said}"
    return found[0]


def make_chart(name: str, version: str, data: bytes) -> bytes:
    """A Helm chart that renders to nothing and carries some data, in files of a size Helm takes."""
    about = {"apiVersion": "v2", "name": name, "version": version, "type": "application"}
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w") as tar:
        files = {f"files/{at}": data[at:at + HELM_FILE] for at in range(0, len(data), HELM_FILE)}
        for path, content in {"Chart.yaml": json.dumps(about).encode(), **files}.items():
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


class Tool(Engine):
    tool = ""

    def __init__(self) -> None:
        super().__init__(self.tool)
        self.path = built(self.tool, self.tool)
        self.clients = [Client(self.name, form, self.push, self.pull)
                        for form in (Form.SHORT, Form.HOST)]

    def missing(self) -> str:
        return "" if self.path else "not here"

    def start(self, scratch: Path, target: Target) -> None:
        self.scratch = scratch
        self.target = target
        self.env = environment(scratch)

    def call(self, *words: str | Path, cwd: Path | None = None, both: bool = False) -> str:
        assert self.path is not None
        return run([self.path, *words], self.env, cwd, both=both)

    def folder(self, ref: str) -> Path:
        """A folder of its own for what is pulled."""
        folder = self.scratch / re.sub(r"\W", "-", ref)
        folder.mkdir()
        return folder

    def push(self, image: Image, ref: str) -> Copy:
        raise NotImplementedError

    def pull(self, ref: str) -> Copy:
        raise NotImplementedError


class Crane(Tool):
    tool = "crane"

    def push(self, image: Image, ref: str) -> Copy:
        said = self.call("push", image.folder, ref)
        return Copy(said.strip().rpartition("@")[2], image.contents)

    def pull(self, ref: str) -> Copy:
        folder = self.folder(ref)
        self.call("pull", "--format", "oci", ref, folder)
        return read_layout(folder)


class Regctl(Tool):
    tool = "regctl"

    def copy(self, source: str, destination: str) -> None:
        self.call("--host", f"reg={self.target.address},tls=disabled", "image", "copy", source,
                  destination)

    def push(self, image: Image, ref: str) -> Copy:
        self.copy(f"ocidir://{image.folder}@{image.digest}", ref)
        return Copy(image.digest, image.contents)

    def pull(self, ref: str) -> Copy:
        folder = self.folder(ref)
        self.copy(ref, f"ocidir://{folder}:1")
        return read_layout(folder)


class Oras(Tool):
    """Pushes files as an artifact: here a test image's archive. To localhost it speaks http."""

    tool = "oras"

    def push(self, image: Image, ref: str) -> Copy:
        said = self.call("push", "--format", "json", ref,
                         f"{image.archive.name}:application/x-tar", cwd=image.archive.parent)
        return Copy(json.loads(said)["digest"], (sha256(image.archive.read_bytes()),))

    def pull(self, ref: str) -> Copy:
        folder = self.folder(ref)
        said = json.loads(self.call("pull", "--format", "json", "--output", folder, ref))
        digest = said["reference"].rpartition("@")[2]
        return Copy(digest, tuple(sha256(file.read_bytes()) for file in sorted(folder.iterdir())))


class Helm(Tool):
    """Pushes charts. The chart's own name and version become the last component and the tag."""

    tool = "helm"

    def told(self) -> list[str]:
        """The options between the command and its two arguments, as client-config prints them."""
        (program, push, *options, _, _), *_ = push_commands(
            "helm", self.target.port, self.target.registries)
        assert (program, push) == ("helm", "push")
        return options

    def push(self, image: Image, ref: str) -> Copy:
        repository, _, version = ref.rpartition(":")
        parent, _, name = repository.rpartition("/")
        chart = self.folder(f"push {ref}") / f"{name}.tgz"
        chart.write_bytes(make_chart(name, version, image.archive.read_bytes()))
        said = self.call("push", *self.told(), chart, f"oci://{parent}", both=True)
        return Copy(digest_in(said), (sha256(chart.read_bytes()),))

    def pull(self, ref: str) -> Copy:
        repository, _, version = ref.rpartition(":")
        folder = self.folder(ref)
        said = self.call("pull", "--plain-http", f"oci://{repository}", "--version", version,
                         "--destination", folder, both=True)
        return Copy(digest_in(said), tuple(sha256(f.read_bytes()) for f in folder.iterdir()))
