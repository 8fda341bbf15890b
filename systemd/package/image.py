#!/usr/bin/env python3
"""Packs the static program as an OCI image, without a container engine: the same input, the same bytes.

    image.py OUT.tar ECR_UPSERTD amd64|arm64 VERSION

OUT is an OCI layout (image-spec 1.0) in a tar file: `skopeo copy oci-archive:OUT …`, `podman load -i OUT`,
`docker load -i OUT` (25 and newer). In it are the program, the certificates of Debian's ca-certificates, a
user 65532 and its state directory. SOURCE_DATE_EPOCH dates all of it.
"""
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
from datetime import datetime, timezone
from pathlib import Path

# Debian's own, not /etc/ssl/certs: what a machine trusts beside them is not for others to trust.
CERTIFICATES = Path("/usr/share/ca-certificates/mozilla")
USER = 65532    # as in other images that have no system in them
STATE = "/var/lib/ecr-upsertd"
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", 0))

PASSWD = f"root:x:0:0::/:/none\nnonroot:x:{USER}:{USER}::{STATE}:/none\n"
GROUP = f"root:x:0:\nnonroot:x:{USER}:\n"


def bundle() -> bytes:
    certificates = sorted(CERTIFICATES.glob("*.crt"))
    if not certificates:
        sys.exit(f"image.py: no certificates in {CERTIFICATES}: install ca-certificates")
    return b"".join(one.read_bytes().strip() + b"\n" for one in certificates)


def add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime, entry.mode, entry.size = EPOCH, mode, len(content)
    tar.addfile(entry, io.BytesIO(content))


def add_folder(tar: tarfile.TarFile, name: str, mode: int = 0o755, owner: int = 0) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mtime, entry.mode = tarfile.DIRTYPE, EPOCH, mode
    entry.uid = entry.gid = owner
    tar.addfile(entry)


def layer(program: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in ("etc", "etc/ecr-upsertd", "etc/ssl", "etc/ssl/certs", "usr", "usr/bin",
                       "var", "var/lib"):
            add_folder(tar, folder)
        add_folder(tar, STATE.strip("/"), 0o700, USER)
        add(tar, "etc/group", GROUP.encode())
        add(tar, "etc/passwd", PASSWD.encode())
        add(tar, "etc/ssl/certs/ca-certificates.crt", bundle())
        add(tar, "usr/bin/ecr-upsertd", program.read_bytes(), 0o755)
    return out.getvalue()


def configuration(architecture: str, version: str, diff_id: str) -> dict:
    return {
        "created": datetime.fromtimestamp(EPOCH, timezone.utc).isoformat().replace("+00:00", "Z"),
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": f"{USER}:{USER}",
            "ExposedPorts": {"5100/tcp": {}},
            "Env": ["PATH=/usr/bin", f"HOME={STATE}", f"STATE_DIRECTORY={STATE}"],
            "Entrypoint": ["/usr/bin/ecr-upsertd"],
            "Volumes": {STATE: {}},
            "StopSignal": "SIGTERM",
            "Labels": {
                "org.opencontainers.image.title": "ecr-upsertd",
                "org.opencontainers.image.description":
                    "Push to Amazon ECR without creating repositories first",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "Apache-2.0",
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    }


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def as_json(value: dict) -> bytes:
    return json.dumps(value, indent=1).encode()


class Layout:
    """The blobs of an image, by their digests."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, kind: str, content: bytes) -> dict:
        self.blobs[digest(content)] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest(content),
                "size": len(content)}

    def write(self, out: Path, manifest: dict) -> None:
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                 "manifests": [manifest]}
        with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
            add(tar, "oci-layout", as_json({"imageLayoutVersion": "1.0.0"}))
            add(tar, "index.json", as_json(index))
            for folder in ("blobs", "blobs/sha256"):
                add_folder(tar, folder)
            for name in sorted(self.blobs):
                add(tar, "blobs/" + name.replace(":", "/"), self.blobs[name])


def pack(out: Path, program: Path, architecture: str, version: str) -> None:
    layout = Layout()
    content = layer(program)
    packed = layout.put("layer.v1.tar+gzip", gzip.compress(content, 9, mtime=EPOCH))
    config = layout.put("config.v1+json",
                        as_json(configuration(architecture, version, digest(content))))
    manifest = layout.put("manifest.v1+json", as_json({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": [packed]}))
    manifest["annotations"] = {"org.opencontainers.image.ref.name": f"ecr-upsertd:{version}"}
    layout.write(out, manifest)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    pack(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
