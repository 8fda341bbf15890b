"""A real client, straight to the sandbox: what it pushes and what it says about a missing name."""

import json
import shutil
import socket
import socketserver
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rawclient import descriptor, manifest, password_of, token_of

pytestmark = pytest.mark.skipif(not shutil.which("skopeo"), reason="skopeo is not installed")


class Tunnel(socketserver.ThreadingTCPServer):
    """A CONNECT proxy that leads every name to one address: DNS without a name server."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, endpoint: str) -> None:
        where = urlsplit(endpoint)
        self.where = (where.hostname, where.port)
        super().__init__(("127.0.0.1", 0), Connection)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        with socket.create_connection(self.server.where) as there:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, self.connection))
            back.start()
            pump(self.connection, there)
            back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def write_layout(folder: Path) -> str:
    """An OCI image layout with one small image; its reference for skopeo."""
    config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    layer = b"\0" * 10240  # an empty tar
    body = manifest(config, layer)
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)
    for data in (config, layer, body):
        (blobs / descriptor("", data)["digest"].removeprefix("sha256:")).write_bytes(data)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    entry = descriptor("application/vnd.oci.image.manifest.v1+json", body)
    entry["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return f"oci:{folder}:1"


@pytest.fixture
def skopeo(sandbox, tmp_path):
    """skopeo copy, with the sandbox's CA, a token, and ECR's own name."""
    certs = tmp_path / "certs"
    certs.mkdir()
    shutil.copy(sandbox.ca_file, certs / "ca.crt")
    token = "AWS:" + password_of(token_of(sandbox))
    with Tunnel(sandbox.endpoint) as tunnel:
        proxy = f"http://127.0.0.1:{tunnel.server_address[1]}"

        def copy(source: str, target: str) -> subprocess.CompletedProcess[str]:
            sides = {"dest": target, "src": source}
            options = [option for side, name in sides.items() if name.startswith("docker:")
                       for option in (f"--{side}-cert-dir={certs}", f"--{side}-creds={token}")]
            return subprocess.run(
                ["skopeo", "--insecure-policy", "copy", "--preserve-digests", *options, source,
                 target],
                capture_output=True, text=True, timeout=60,
                env={**sandbox.env(), "HTTPS_PROXY": proxy})
        yield copy


def test_push_and_pull(sandbox, skopeo, tmp_path):
    sandbox.create("team/app")
    image = write_layout(tmp_path / "image")
    there = f"docker://{sandbox.host}/team/app:1"
    pushed = skopeo(image, there)
    assert pushed.returncode == 0, pushed.stderr
    pulled = skopeo(there, f"oci:{tmp_path}/back:1")
    assert pulled.returncode == 0, pulled.stderr
    sent, got = (json.loads((tmp_path / folder / "index.json").read_text())["manifests"][0]
                 for folder in ("image", "back"))
    assert got["digest"] == sent["digest"]
    assert {r["host"] for r in sandbox.requests(side="registry")} == {sandbox.host}
    assert [r["authorization"] for r in sandbox.requests(side="s3")] == [False, False]


def test_push_to_a_missing_repository(sandbox, skopeo, tmp_path):
    refused = skopeo(write_layout(tmp_path / "image"), f"docker://{sandbox.host}/no/such:1")
    assert refused.returncode != 0
    assert "The repository with name 'no/such' does not exist" in refused.stderr
    [start] = sandbox.requests(operation="upload_start")
    assert start["status"] == 404
