"""Docker: a daemon that pushes, a second one that pulls, and any docker command for both."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

from clients.client import Client, Engine, Form, Target, root_only
from clients.image import Copy, Image
from clients.process import Service, environment, isolated, run, succeeds

DIGEST = re.compile(r"\bdigest: (sha256:[0-9a-f]{64})", re.IGNORECASE)


class Dockerd:
    """One dockerd with a store of its own, out of reach of the machine's settings."""

    def __init__(self, scratch: Path, dockerd: Path, options: list[str], path: list[Path]):
        scratch.mkdir()
        self.scratch = scratch
        self.etc = scratch / "etc"
        self.certs = self.etc / "docker" / "certs.d"
        self.env = environment(scratch, DOCKER_HOST=f"unix://{scratch}/sock",
                               DOCKER_CONFIG=str(scratch / "config"))
        # dockerd keeps a key in /etc/docker, reads certs.d there, and would join a containerd
        # whose socket is in /run.
        shutil.copytree("/etc", self.etc, symlinks=True, ignore_dangling_symlinks=True)
        self.certs.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.certs)
        self.certs.mkdir()
        (self.certs.parent / "daemon.json").unlink(missing_ok=True)
        self.service = Service(
            isolated([dockerd, "--data-root", scratch / "data", "--exec-root", scratch / "exec",
                      "--pidfile", scratch / "pid", "--host", f"unix://{scratch}/sock",
                      "--iptables=false", "--ip6tables=false", "--bridge=none", *options],
                     empty=["/run"], bound={"/etc": self.etc}),
            scratch / "log",
            self.env | {"PATH": ":".join([*map(str, path), os.environ["PATH"]])})

    def wait(self, cli: Path) -> None:
        self.service.wait_until(lambda: (self.scratch / "sock").exists() and succeeds(
            [cli, "version", "--format", "{{.Server.Version}}"], self.env))


class Docker(Engine):
    def __init__(self, name: str, dockerd: Path | None, clis: dict[str, Path | None],
                 options: list[str], path: list[Path], forms: list[Form]):
        super().__init__(name)
        self.dockerd = dockerd
        self.clis = clis
        self.options = options
        self.path = path
        for number, (version, cli) in enumerate(clis.items()):
            # One command shows every form; the others differ from it in the daemon's API only.
            for form in forms if number == 0 else forms[:1]:
                self.clients.append(self.client(version, cli, form))

    def missing(self) -> str:
        return "not here" if self.dockerd is None else root_only("dockerd")

    def start(self, scratch: Path, target: Target) -> None:
        assert self.dockerd is not None
        cli = next(path for path in self.clis.values() if path)
        self.target = target
        self.pusher = Dockerd(scratch / "push", self.dockerd, self.options, self.path)
        self.services.append(self.pusher.service)
        self.puller = Dockerd(scratch / "pull", self.dockerd, self.options, self.path)
        self.services.append(self.puller.service)
        self.pusher.wait(cli)
        self.puller.wait(cli)

    def client(self, version: str, cli: Path | None, form: Form) -> Client:
        def docker(daemon: Dockerd, *words: str | Path) -> str:
            assert cli is not None
            if form in (Form.PREFIX, Form.SERVER):
                self.target.write_hosts("docker", daemon.etc, form)
            return run([cli, *words], daemon.env)

        def seen(daemon: Dockerd, said: str, ref: str) -> Copy:
            found = DIGEST.search(said)
            assert found, f"no digest in: {said}"
            layers = docker(daemon, "image", "inspect", "--format", "{{json .RootFS.Layers}}", ref)
            return Copy(found[1], tuple(json.loads(layers)))

        def push(image: Image, ref: str) -> Copy:
            docker(self.pusher, "load", "--input", image.archive)
            docker(self.pusher, "tag", image.reference, ref)
            return seen(self.pusher, docker(self.pusher, "push", ref), ref)

        def pull(ref: str) -> Copy:
            copy = seen(self.puller, docker(self.puller, "pull", ref), ref)
            docker(self.puller, "rmi", "--force", ref)
            return copy

        missing = "" if cli else "not here"
        return Client(f"{self.name} with docker {version}", form, push, pull, missing)
