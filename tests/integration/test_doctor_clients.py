"""`doctor` on the clients: whether they are told of the daemon, and what docker's can do at all."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from clients.client import built
from clients.docker import Dockerd
from clients.process import succeeds
from integration.daemon import run
from integration.doctoring import Found, Home, doctor, mounted

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
OTHER = HOST.replace("1234", "4321")
ENV = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAME",
       "AWS_SECRET_ACCESS_KEY": "secret-of-ME"}
STORE = {"Driver": "overlayfs", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
CLASSIC = {"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]]}
INFO = {"ServerVersion": "29.1.0", "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
        "KernelVersion": platform.release(), "SecurityOptions": ["name=seccomp,profile=builtin"],
        **STORE}

root_only = pytest.mark.skipif(
    os.geteuid() != 0 or not succeeds(["unshare", "--mount", "true"]),
    reason="needs a mount namespace for its own /etc")


class FakeDocker:
    """A socket that answers /info."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "docker.sock"
        self.info: dict[str, Any] | bytes = dict(INFO)
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = fake.info if isinstance(fake.info, bytes) else json.dumps(fake.info).encode()
                self.send_response(200 if self.path == "/info" else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "unix"

            def log_message(self, *_: Any) -> None:
                pass

        self._server = socketserver.ThreadingUnixStreamServer(str(self.path), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def __enter__(self) -> "FakeDocker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def docker(home: Home) -> Iterator[FakeDocker]:
    with FakeDocker(home.folder) as fake:
        home.docker(fake.url)
        yield fake


def look(home: Home, *arguments: str, env: dict[str, str] | None = None,
         before: list[str] | None = None, **config: Any) -> Found:
    return doctor(home, {**ENV, **(env or {})}, "--offline", *arguments, before=before, **config)


# docker's daemon

def test_no_docker(home: Home) -> None:
    assert not [name for name in look(home).states if "docker" in name]


def test_here(home: Home, docker: FakeDocker) -> None:
    found = look(home)
    found.says("docker", "ok", "29.1.0 reaches this machine's loopback")
    found.says("docker-store", "ok", "containerd image store")
    assert "docker-proxy" not in found.states


def test_classic_store(home: Home, docker: FakeDocker) -> None:
    docker.info = {**INFO, **CLASSIC}
    found = look(home)
    found.says("docker-store", "ok", f"classic image store: push below localhost:{home.port}")


def test_old_docker_with_a_containerd_store(home: Home, docker: FakeDocker) -> None:
    docker.info = {**INFO, "ServerVersion": "25.0.3"}
    found = look(home)
    found.says("docker-store", "WARN", "reads no hosts.toml for a push", "install docker 28")


@pytest.mark.parametrize("system", ["Docker Desktop", "Ubuntu 24.04 LTS (colima)"])
def test_virtual_machine(home: Home, docker: FakeDocker, system: str) -> None:
    docker.info = {**INFO, "OperatingSystem": system, "KernelVersion": "6.10.14-linuxkit"}
    found = look(home)
    found.says("docker", "WARN", f"in a virtual machine ({system}, kernel 6.10.14-linuxkit)",
               f"host.docker.internal:{home.port}")


def test_rootless(home: Home, docker: FakeDocker) -> None:
    """From 29.5 on it is in this machine's network."""
    docker.info = {**INFO, "ServerVersion": "29.4.1", "SecurityOptions": ["name=rootless"]}
    look(home).says("docker", "WARN", "is rootless", f"push to 10.0.2.2:{home.port}/")
    docker.info = {**docker.info, "ServerVersion": "29.5.0"}
    look(home).says("docker", "ok", "29.5.0 (rootless) reaches")


@pytest.mark.parametrize("host", ["tcp://10.0.0.7:2375", "ssh://me@build"])
def test_elsewhere(home: Home, host: str) -> None:
    found = look(home, env={"DOCKER_HOST": host})
    found.says("docker", "WARN", f"is at {host}: localhost:{home.port} there",
               "docker context use default")


def test_does_not_answer(home: Home, docker: FakeDocker) -> None:
    docker.info = b"<html>"
    look(home).says("docker", "WARN", "no docker", "docker info")
    found = look(home, env={"DOCKER_HOST": "unix:///nonexistent"})
    found.says("docker", "WARN", "unix:///nonexistent does not answer", "docker info")


@root_only
def test_no_permission() -> None:
    """Below /tmp: pytest's own folders are root's alone."""
    nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        home = Home(Path(folder))
        with FakeDocker(home.folder) as docker:
            docker.path.chmod(0o600)
            home.docker(docker.url)
            found = look(home, before=nobody, state_dir="/tmp")
    found.says("docker", "WARN", "no permission", "usermod -aG docker")


def test_proxy_of_docker(home: Home, docker: FakeDocker) -> None:
    """Go leaves loopback out by itself, whatever NO_PROXY says; other names of ours it does not."""
    docker.info = {**INFO, "HttpProxy": "http://proxy.corp:3128", "NoProxy": ""}
    look(home).says("docker-proxy", "ok", f"does not ask it for localhost:{home.port}")
    found = look(home, hosts=["registry.local:5100"])
    found.says("docker-proxy", "WARN", "pushes to registry.local:5100 through its proxy",
               "add registry.local to NO_PROXY")
    docker.info = {**INFO, "HttpProxy": "http://proxy.corp:3128", "NoProxy": ".local"}
    assert look(home, hosts=["registry.local:5100"])["docker-proxy"]["state"] == "ok"


@root_only
@pytest.mark.parametrize("dockerd,options,store", [
    (shutil.which("dockerd"), ["--storage-driver=vfs"], "classic image store"),
    (built("dockerd-29", "dockerd"), [], "containerd image store")], ids=["debian", "29"])
def test_real_docker(home: Home, dockerd: str | Path | None, options: list[str],
                     store: str) -> None:
    cli = shutil.which("docker")
    if not dockerd or not cli:
        pytest.skip("it is not here")
    path = [beside.parent] if (beside := built("containerd", "containerd")) else []
    # The path of a socket has 104 octets.
    with tempfile.TemporaryDirectory(prefix="dockerd-") as scratch:
        real = Dockerd(Path(scratch) / "d", Path(dockerd), options, path)
        try:
            real.wait(Path(cli))
            home.docker(real.env["DOCKER_HOST"])
            found = look(home)
            found.says("docker", "ok", "reaches this machine's loopback")
            found.says("docker-store", "ok", store)
        finally:
            real.service.stop()


# what the clients are told

def test_client_that_is_not_installed(home: Home) -> None:
    assert not [name for name in look(home).states if name.startswith("client-")]


@root_only
@pytest.mark.parametrize("client,program,words", [
    ("podman", "skopeo", "need an option each time"),
    ("containerd", "ctr", "goes past the daemon"), ("nerdctl", "nerdctl", "goes past the daemon"),
    ("finch", "finch", "goes past the daemon"), ("buildkit", "buildctl", "an option each time"),
    ("docker", "dockerd", "goes past the daemon")])
def test_client_that_is_not_told(home: Home, docker: FakeDocker, client: str, program: str,
                                 words: str) -> None:
    """Until it is, by what the remedy says; and again when the daemon has moved."""
    home.install(program)
    etc = home.folder / "etc"
    etc.mkdir()
    before = mounted(f"/bin/mount --bind {etc} /etc")
    registries = [{"host": HOST}, {"host": OTHER}]
    found = look(home, before=before, registries=registries)
    found.says(f"client-{client}", "WARN", words, f"ecr-upsertd client-config {client} --write")
    done = run("client-config", client, "--write", f"--config={home.folder}/ecr-upsertd.conf",
               env=home.env(ENV), before=before)
    assert done.returncode == 0, done
    assert look(home, before=before, registries=registries)[f"client-{client}"]["state"] == "ok"
    found = look(home, before=before, registries=registries, listen=["127.0.0.1:5999"])
    check = found[f"client-{client}"]
    assert check["state"] == "WARN" and "client-config" in check["remedy"]


@root_only
def test_docker_with_the_classic_store_needs_no_file(home: Home, docker: FakeDocker) -> None:
    home.install("dockerd")
    docker.info = {**INFO, **CLASSIC}
    assert "client-docker" not in look(home, f"--registry={HOST}").states


@root_only
def test_table_of_somebody_else(home: Home) -> None:
    home.install("buildkitd")
    etc = home.folder / "etc"
    (etc / "buildkit").mkdir(parents=True)
    (etc / "buildkit/buildkitd.toml").write_text(f'[registry."localhost:{home.port}"]\n')
    found = look(home, before=mounted(f"/bin/mount --bind {etc} /etc"))
    found.says("client-buildkit", "WARN", "that is not ours", "client-config buildkit --write")
