"""What every kind of client looks like to the test: push(image, reference), pull(reference)."""

from __future__ import annotations

import enum
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clients import advice
from clients.image import Copy, Image
from clients.process import Service, succeeds

TAG = "1.0.0"     # a version, since Helm takes nothing else


class Form(enum.Enum):
    """The ways in which a user may name a repository behind the daemon."""

    SHORT = "short"      # localhost:5100/app
    HOST = "host"        # localhost:5100/<registry>/app
    PREFIX = "prefix"    # <registry>/app, hosts.toml names the registry in its path
    SERVER = "server"    # <registry>/app, hosts.toml names the address alone, the client adds ?ns=


@dataclass(frozen=True)
class Target:
    """Where clients find the daemon, and the registries that it stands in front of."""

    port: int
    registry: str                    # the default one
    others: tuple[str, ...] = ()

    @property
    def registries(self) -> tuple[str, ...]:
        return (self.registry, *self.others)

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def reference(self, form: Form, name: str, registry: str = "") -> str:
        registry = registry or self.registry
        start = {Form.SHORT: self.address, Form.HOST: f"{self.address}/{registry}"}
        return f"{start.get(form, registry)}/{name}:{TAG}"

    def path(self, form: Form, name: str) -> str:
        """The repository in the URLs that reach the daemon."""
        return f"{self.registry}/{name}" if form in (Form.HOST, Form.PREFIX) else name

    def configure(self, client: str, etc: Path) -> None:
        """Does what client-config says, in a folder in the place of /etc."""
        advice.write(client, self.port, self.registries, etc)

    def write_hosts(self, client: str, etc: Path, form: Form) -> Path:
        """Writes the hosts.toml for the registries' own names and returns their folder."""
        folder = etc / ("docker" if client == "docker" else "containerd") / "certs.d"
        if folder.exists():
            shutil.rmtree(folder)
        if form is Form.PREFIX:
            self.configure(client, etc)
            return folder
        for registry in self.registries:
            file = folder / registry / "hosts.toml"
            file.parent.mkdir(parents=True)
            file.write_text(f'server = "http://127.0.0.1:{self.port}"\n'
                            f'[host."http://127.0.0.1:{self.port}"]\n'
                            'capabilities = ["pull", "resolve", "push"]\n')
        return folder


@dataclass
class Client:
    """One program in one way of use. push() is one invocation, pull() fills a store that has
    never seen the image."""

    name: str
    form: Form
    push: Callable[[Image, str], Copy]
    pull: Callable[[str], Copy]
    missing: str = ""

    @property
    def id(self) -> str:
        return f"{self.name}-{self.form.value}"


class Engine:
    """What several clients share: programs that keep running, a folder, or nothing."""

    def __init__(self, name: str):
        self.name = name
        self.clients: list[Client] = []
        self.services: list[Service] = []

    def missing(self) -> str:
        """Why it cannot run here, or nothing."""
        raise NotImplementedError

    def start(self, scratch: Path, target: Target) -> None:
        """Makes the clients usable; what it starts is in services as soon as it runs."""
        raise NotImplementedError

    def stop(self) -> None:
        for service in self.services:
            service.terminate()
        for service in self.services:
            service.stop()
        self.services.clear()


def system(program: str) -> Path | None:
    """A program as Debian installs it, whatever else of that name is on PATH."""
    found = shutil.which(program, path="/usr/bin:/usr/sbin:/bin:/sbin")
    return Path(found) if found else None


def tool_cache() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("ECR_UPSERTD_TOOLS") or Path(cache) / "ecr-upsertd" / "tools")


def built(tool: str, program: str) -> Path | None:
    """A program that tools.sh has built, in the version that tools.txt pins."""
    for line in Path(__file__).with_name("tools.txt").read_text().splitlines():
        words = line.split()
        if words[:1] == [tool]:
            path = tool_cache() / f"{tool}-{words[1]}" / program
            return path if path.exists() else None
    raise ValueError(f"tools.txt has no {tool}")


def root_only(what: str) -> str:
    """Whether it can have a mount namespace and all else that root has."""
    if os.geteuid() != 0:
        return f"{what} needs root here"
    return "" if succeeds(["unshare", "--mount", "true"]) else f"{what} may not mount here"
