"""podman, buildah and skopeo: one library, no daemon, and https unless told."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from clients.client import Client, Engine, Form, Target, built, root_only, system
from clients.image import Copy, Image, read_layout
from clients.process import environment, isolated, run

# The library remembers in /var/lib which registry has which blob; a test must not.
HIDDEN = ["/var/lib"]


class Containers(Engine):
    """One of the three; each is told of plain http in two ways: a flag, or by what
    client-config writes into registries.conf.d."""

    program = ""

    def __init__(self, name: str = "", path: Path | None = None) -> None:
        super().__init__(name or self.program)
        self.path = path if name else system(self.program)
        for form, how in ((Form.SHORT, "--tls-verify=false"), (Form.HOST, "--tls-verify=false"),
                          (Form.SHORT, "registries.conf")):
            self.clients.append(self.client(form, how))

    def missing(self) -> str:
        return "not here" if self.path is None else root_only(self.program)

    def start(self, scratch: Path, target: Target) -> None:
        self.scratch = scratch
        self.env = environment(scratch)
        # Beside policy.json, which they do not go without.
        self.etc = scratch / "etc"
        shutil.copytree("/etc/containers", self.etc / "containers", symlinks=True)
        target.configure("podman", self.etc)

    def client(self, form: Form, how: str) -> Client:
        def push(image: Image, ref: str) -> Copy:
            return self.push(image, ref, how)

        def pull(ref: str) -> Copy:
            return self.pull(ref, how)

        return Client(f"{self.name} {how}", form, push, pull)

    def push(self, image: Image, ref: str, how: str) -> Copy:
        raise NotImplementedError

    def pull(self, ref: str, how: str) -> Copy:
        raise NotImplementedError

    def call(self, store: str, *words: str | Path, how: str = "") -> str:
        """Runs it on one of two stores, and where it talks to a registry in one of the ways."""
        assert self.path is not None
        root = self.scratch / store
        argv: list[str | Path] = [self.path, "--root", root / "root", "--runroot", root / "run",
                                  "--storage-driver", "vfs", *self.options(root), words[0]]
        argv += [how] if how.startswith("--") else []
        return run(self.isolated([*argv, *words[1:]], how), self.env)

    def isolated(self, argv: list[str | Path], how: str) -> list[str]:
        told = {"/etc/containers": self.etc / "containers"} if how == "registries.conf" else {}
        return isolated(argv, empty=HIDDEN, bound=told)

    def options(self, root: Path) -> list[str | Path]:
        return []

    def seen(self, store: str, image: str) -> Copy:
        raise NotImplementedError


class Podman(Containers):
    program = "podman"

    def options(self, root: Path) -> list[str | Path]:
        return ["--tmpdir", root / "tmp", "--cgroup-manager", "cgroupfs",
                "--events-backend", "none"]

    def push(self, image: Image, ref: str, how: str) -> Copy:
        self.call("push", "load", "--input", image.archive)
        self.call("push", "tag", image.reference, ref)
        digest = self.scratch / "digest"
        self.call("push", "push", "--digestfile", digest, ref, how=how)
        return Copy(digest.read_text().strip(), self.seen("push", ref).contents)

    def pull(self, ref: str, how: str) -> Copy:
        self.call("pull", "pull", ref, how=how)
        copy = self.seen("pull", ref)
        self.call("pull", "rmi", "--force", ref)
        return copy

    def seen(self, store: str, image: str) -> Copy:
        (about,) = json.loads(self.call(store, "image", "inspect", image))
        return Copy(about["Digest"], tuple(about["RootFS"]["Layers"]))


class Podman5(Podman):
    """Today's, which looks for its network helper before it does anything else."""

    def __init__(self) -> None:
        super().__init__("podman 5", built("podman", "podman"))

    def start(self, scratch: Path, target: Target) -> None:
        super().start(scratch, target)
        helper = scratch / "helpers" / "netavark"
        helper.parent.mkdir()
        helper.symlink_to("/bin/true")
        config = scratch / "containers.conf"
        config.write_text(f'[engine]\nhelper_binaries_dir = ["{helper.parent}"]\n')
        self.env["CONTAINERS_CONF"] = str(config)


class Buildah(Containers):
    program = "buildah"

    def push(self, image: Image, ref: str, how: str) -> Copy:
        """Builds what it pushes, as its users do."""
        container = self.call("push", "from", "scratch").strip()
        self.call("push", "copy", "--quiet", container, image.archive, "/hello")
        self.call("push", "commit", "--quiet", "--rm", container, ref)
        digest = self.scratch / "digest"
        self.call("push", "push", "--digestfile", digest, ref, f"docker://{ref}", how=how)
        return Copy(digest.read_text().strip(), self.seen("push", ref).contents)

    def pull(self, ref: str, how: str) -> Copy:
        self.call("pull", "pull", "--quiet", ref, how=how)
        copy = self.seen("pull", ref)
        self.call("pull", "rmi", "--force", ref)
        return copy

    def seen(self, store: str, image: str) -> Copy:
        about = json.loads(self.call(store, "inspect", "--type", "image", image))
        return Copy(about["FromImageDigest"], tuple(about["OCIv1"]["rootfs"]["diff_ids"]))


class Skopeo(Containers):
    program = "skopeo"

    def call(self, store: str, *words: str | Path, how: str = "") -> str:
        assert self.path is not None
        return run(self.isolated([self.path, *words], how), self.env)

    def push(self, image: Image, ref: str, how: str) -> Copy:
        flags = ["--dest-tls-verify=false"] if how.startswith("--") else []
        self.call("", "copy", *flags, f"oci-archive:{image.archive}", f"docker://{ref}", how=how)
        return Copy(image.digest, image.contents)

    def pull(self, ref: str, how: str) -> Copy:
        flags = ["--src-tls-verify=false"] if how.startswith("--") else []
        folder = self.scratch / re.sub(r"\W", "-", ref)
        self.call("", "copy", *flags, f"docker://{ref}", f"oci:{folder}:1", how=how)
        return read_layout(folder)
