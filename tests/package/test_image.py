"""The image of the daemon: pushed through the daemon to a repository that does not exist, pulled, run."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.client import Client
from integration.daemon import Daemon
from integration.waiting import free_port, wait_for
from package.packages import Packages, as_root, image_json, output, project
from sandbox import Sandbox

NAME = "ecr-upsertd"
# The kernel's own limits of a test machine are lower than what podman asks for.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]


def blob(image: Path, digest: str) -> tuple[str, str, str]:
    return ("blobs", *digest.split(":"))


def manifest_of(image: Path) -> tuple[str, dict]:
    (entry,) = image_json(image, "index.json")["manifests"]
    return entry["digest"], image_json(image, *blob(image, entry["digest"]))


def test_content(packages: Packages, tmp_path: Path) -> None:
    """The program, whom it trusts, who it is; no shell, and nothing of the machine that built it."""
    _, manifest = manifest_of(packages.image)
    config = image_json(packages.image, *blob(packages.image, manifest["config"]["digest"]))
    assert config["architecture"] == "amd64"
    assert config["config"]["User"] == "65532:65532"
    assert config["config"]["Labels"]["org.opencontainers.image.version"] == project()["version"]
    subprocess.run(["skopeo", "copy", "-q", f"oci-archive:{packages.image}", f"dir:{tmp_path}"],
                   check=True)
    (layer,) = (tmp_path / one["digest"].partition(":")[2] for one in manifest["layers"])
    listed = output("tar", "-tvzf", layer, env={"PATH": "/usr/bin:/bin", "TZ": "UTC"}).splitlines()
    files = {line.split()[-1]: line.split()[:2] for line in listed if line[0] == "-"}
    assert set(files) == {"etc/group", "etc/passwd", "etc/ssl/certs/ca-certificates.crt",
                          "usr/bin/ecr-upsertd"}
    state = next(line.split() for line in listed if line.endswith("var/lib/ecr-upsertd/"))
    assert state[:2] == ["drwx------", "65532/65532"]
    program = subprocess.run(["tar", "-xOzf", layer, "usr/bin/ecr-upsertd"], check=True,
                             stdout=subprocess.PIPE).stdout
    assert program == (packages.unpack(tmp_path / "deb") / "usr/bin/ecr-upsertd").read_bytes()


@pytest.fixture(scope="module")
def pulled(packages: Packages, sandbox: Sandbox,
           tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes back of the image that was pushed through the daemon."""
    folder = tmp_path_factory.mktemp("pulled")
    with Daemon(sandbox.daemon_args(), sandbox.env()) as daemon:
        ref = f"docker://localhost:{daemon.port}/{NAME}:{project()['version']}"
        subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false",
                        f"oci-archive:{packages.image}", ref], check=True)
        subprocess.run(["skopeo", "copy", "-q", "--src-tls-verify=false", "--preserve-digests", ref,
                        f"oci-archive:{folder / 'image.tar'}:{NAME}:pulled"], check=True)
        assert len(sandbox.calls("CreateRepository", repository=NAME)) == 1
    return folder / "image.tar"


def test_comes_back(packages: Packages, pulled: Path) -> None:
    assert manifest_of(pulled)[0] == manifest_of(packages.image)[0]


@contextlib.contextmanager
def podman(folder: Path) -> Iterator[list[str]]:
    """Its command, with a store of its own."""
    command = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run"),
               "--tmpdir", str(folder / "tmp"), "--storage-driver", "vfs", "--runtime", "runc",
               "--cgroup-manager", "cgroupfs", "--events-backend", "file"]
    try:
        yield command
    finally:
        subprocess.run([*command, "rm", "--force", "--all"], stdout=subprocess.DEVNULL)
        subprocess.run([*command, "system", "reset", "--force"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


@pytest.mark.skipif(not as_root(), reason="podman here is root's")
def test_runs(pulled: Path, packages: Packages, sandbox: Sandbox, tmp_path: Path) -> None:
    """As its user, with nothing but the image's own files, it takes a push of that very image."""
    port, admin = free_port(), free_port()
    settings = [f"--env={name}={value}" for name, value in sandbox.env().items()
                if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]
    with podman(tmp_path) as command:
        subprocess.run([*command, "load", "-i", pulled], check=True, stdout=subprocess.DEVNULL)
        child = subprocess.Popen(
            [*command, "run", "--network=host", *LIMITS, *settings,
             "--env=AWS_CA_BUNDLE=/ca.pem", f"--volume={sandbox.ca_file}:/ca.pem:ro",
             f"localhost/{NAME}:pulled", *sandbox.daemon_args(),
             f"--listen=127.0.0.1:{port}", f"--admin=127.0.0.1:{admin}"],
            stderr=subprocess.PIPE, text=True)
        try:
            wait_for("the container's daemon", lambda: child.poll() is not None or ready(admin), 30)
            assert child.poll() is None, child.stderr.read()
            subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false",
                            f"oci-archive:{packages.image}",
                            f"docker://localhost:{port}/from/itself:1"], check=True)
            with Client(admin) as client:
                status = json.loads(client.ask("GET", "/status").body)
            assert [one["repository"] for one in status["created"]] == ["from/itself"]
        finally:
            child.terminate()
            _, said = child.communicate(timeout=30)
        assert child.returncode == 0, said


def ready(admin: int) -> bool:
    try:
        with Client(admin) as client:
            return client.ask("GET", "/readyz").status == 200
    except OSError:
        return False
