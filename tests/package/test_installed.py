"""The .deb on a Debian as debootstrap leaves it, really booted: from nothing to a push, an upgrade under way,
removal and purge."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.image import small
from integration.client import Client
from package.packages import Packages, as_root, output, packed
from sandbox import Sandbox
from systemd.machine import Machine, private_network

HERE = Path(__file__).resolve().parent
FIRST_PUSH_MAX_S = 60
CONFIGURATION = "/etc/ecr-upsertd/ecr-upsertd.conf"
STATE = "/var/lib/ecr-upsertd"
# What a package manager and a booted system write about themselves.
OWN_BUSINESS = ("/proc/", "/sys/", "/dev/", "/run/", "/tmp/", "/var/log/", "/var/cache/",
                "/var/lib/apt/", "/var/lib/dpkg/", "/root/", "/var/tmp/",
                "/var/lib/systemd/timers/", "/var/lib/systemd/random-seed")

pytestmark = pytest.mark.skipif(not as_root(), reason="a machine to throw away is root's")


@pytest.fixture(scope="module")
def debian() -> Path:
    return Path(output(HERE / "debian.sh").strip())


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    """Reached by the machine at 127.0.0.1: no other process is in this network."""
    with private_network(), Sandbox() as sandbox:
        yield sandbox


class Debian(Machine):
    """With the identity of a machine in AWS, which here is in a file, and packages to install."""

    def __init__(self, root: Path, aws: Sandbox, *packages: Path) -> None:
        super().__init__(root)
        self.aws = aws
        self.packages = packages

    def prepare(self) -> None:
        for package in self.packages:
            shutil.copy(package, self.path / "root" / package.name)
        settings = {name: value for name, value in self.aws.env().items()
                    if name.startswith("AWS_")}
        settings |= {"AWS_CA_BUNDLE": "/etc/aws/ca.pem", "ECR_UPSERTD_CONFIG": "/etc/aws/conf"}
        self.write("/etc/aws/ca.pem", Path(self.aws.ca_file).read_text())
        self.write("/etc/aws/conf", json.dumps(
            {"registries": [{"host": self.aws.host, "endpoint": self.aws.endpoint}]}))
        self.write("/etc/ecr-upsertd/environment",
                   "".join(f"{name}={value}\n" for name, value in settings.items()))

    def install(self, package: Path) -> None:
        """As `apt install ./package` does, where nobody answers questions."""
        self.script(f"""DEBIAN_FRONTEND=noninteractive apt-get install -qq \
            -o Dpkg::Options::=--force-confold /root/{package.name} </dev/null""")

    def pid(self) -> int:
        return int(self.show("ecr-upsertd.service", "MainPID"))

    def files(self) -> set[str]:
        found = self.script("find / -xdev '!' -type d 2>/dev/null || true").splitlines()
        return {name for name in found if not name.startswith(OWN_BUSINESS)}


def push(name: str, image: Path) -> None:
    """By a client that sees the machine's port 5100 as its own."""
    subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci-archive:{image}",
                    f"docker://localhost:5100/{name}:1"], check=True)


def status() -> dict:
    with Client(5101) as client:
        return json.loads(client.ask("GET", "/status").body)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = small(tmp_path_factory.mktemp("image"))
    archive = image.folder.parent / "oci.tar"
    subprocess.run(["tar", "-C", image.folder, "-cf", archive, "."], check=True)
    return archive


def test_three_commands_to_a_first_push(packages: Packages, debian: Path, aws: Sandbox,
                                        image: Path) -> None:
    with Debian(debian, aws, packages.deb) as machine:
        started = time.monotonic()
        machine.run("apt-get", "install", "-qq", f"/root/{packages.deb.name}")
        machine.run("systemctl", "enable", "--now", "ecr-upsertd")
        push("first/push", image)
        seconds = time.monotonic() - started
        print(f"from nothing to a first push: {seconds:.1f} s")
        assert aws.calls("CreateRepository", repository="first/push")
        assert seconds <= FIRST_PUSH_MAX_S
        assert machine.show("ecr-upsertd.service", "DynamicUser") == "yes"
        assert "ecr-upsertd" not in machine.read("/etc/passwd")
        for page in ("8 ecr-upsertd", "5 ecr-upsertd.conf"):
            section, name = page.split()
            assert machine.path_inside(f"/usr/share/man/man{section}/{name}.{section}.gz").exists()


def with_another_example(deb: Path, folder: Path) -> Path:
    """The same package, of which the shipped configuration has changed."""
    subprocess.run(["dpkg-deb", "--raw-extract", deb, folder / "raw"], check=True)
    with (folder / f"raw{CONFIGURATION}").open("a") as file:
        file.write("// New in this version.\n")
    changed = folder / deb.name
    subprocess.run(["dpkg-deb", "--build", folder / "raw", changed], check=True,
                   stdout=subprocess.DEVNULL)
    return changed


def test_a_life(packages: Packages, debian: Path, aws: Sandbox, image: Path,
                tmp_path: Path) -> None:
    higher = with_another_example(packed("0.2.0", tmp_path / "next").deb, tmp_path)
    with Debian(debian, aws, packages.deb, higher) as machine:
        before = machine.files()
        machine.install(packages.deb)
        assert machine.pid() == 0    # installed, and not started: it has no credentials yet
        machine.run("systemctl", "enable", "--now", "ecr-upsertd")
        push("life/one", image)

        # An upgrade restarts what runs, and leaves an administrator's file as it is.
        pid = machine.pid()
        machine.write(CONFIGURATION, "{}\n")
        machine.install(higher)
        assert machine.pid() not in (0, pid)
        assert machine.read(CONFIGURATION) == "{}\n"
        assert machine.path_inside(f"{CONFIGURATION}.dpkg-dist").exists()
        push("life/two", image)
        assert {one["repository"] for one in status()["created"]} >= {"life/one", "life/two"}

        # Of a removal the configuration and the state stay, and nothing runs.
        machine.run("apt-get", "remove", "-qq", "ecr-upsertd")
        assert not (machine.files() & {"/usr/bin/ecr-upsertd"})
        assert machine.script("pgrep -x ecr-upsertd || true") == ""
        with pytest.raises(OSError):
            Client(5100).ask("GET", "/v2/")
        assert "life/one" in machine.read(f"{STATE}/created.jsonl")

        # Back again, it is enabled as before; a purge takes everything.
        machine.install(higher)
        assert machine.show("ecr-upsertd.service", "UnitFileState") == "enabled"
        machine.run("apt-get", "purge", "-qq", "ecr-upsertd")
        assert machine.files() - before == set()
        assert not machine.path_inside("/etc/ecr-upsertd").exists()
        assert not os.path.lexists(machine.path_inside(STATE))
        assert machine.show("ecr-upsertd.service", "LoadState") == "not-found"
