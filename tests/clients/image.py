"""Test images, made here byte for byte the same in every run; nothing comes from a network."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import random
import tarfile
from dataclasses import dataclass
from pathlib import Path

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
KIB = 1024
MIB = 1024 * KIB
OCI = "application/vnd.oci.image"


@dataclass(frozen=True)
class Image:
    """One image for one platform, as a folder and as a tar file of the same folder.

    The folder is an OCI layout that also is what docker save writes (manifest.json), so every
    client finds a form that it reads.
    """

    name: str
    reference: str      # under which a client finds it that has loaded it
    folder: Path
    archive: Path
    digest: str
    contents: tuple[str, ...]


@dataclass(frozen=True)
class Copy:
    """What a client says it has pushed or pulled: the digest of the manifest and the digests of
    what is in it (an image's layers before compression, an artifact's files)."""

    digest: str
    contents: tuple[str, ...]


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_layout(folder: Path) -> Copy:
    """The only image of an OCI layout."""
    def blob(digest: str) -> bytes:
        data = (folder / "blobs" / digest.replace(":", "/")).read_bytes()
        assert sha256(data) == digest, f"{folder}: the bytes of {digest} are others"
        return data

    index = json.loads((folder / "index.json").read_text())
    (entry,) = index["manifests"]
    manifest = json.loads(blob(entry["digest"]))
    layers = [blob(layer["digest"]) for layer in manifest["layers"]]
    plain = [gzip.decompress(layer) if layer[:2] == b"\x1f\x8b" else layer for layer in layers]
    return Copy(entry["digest"], tuple(sha256(layer) for layer in plain))


def _layer(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def make_image(parent: Path, name: str, layers: list[dict[str, bytes]]) -> Image:
    folder = parent / name
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def store(data: bytes, media_type: str) -> dict[str, object]:
        digest = sha256(data)
        (blobs / digest.removeprefix("sha256:")).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    plain = [_layer(files) for files in layers]
    contents = tuple(sha256(layer) for layer in plain)
    packed = [store(gzip.compress(layer, 1, mtime=0), f"{OCI}.layer.v1.tar+gzip")
              for layer in plain]
    config = store(json.dumps({
        "created": "2024-01-01T00:00:00Z", "architecture": ARCHITECTURE, "os": "linux",
        "config": {"Cmd": ["/hello"]}, "rootfs": {"type": "layers", "diff_ids": contents},
        "history": [{"created": "2024-01-01T00:00:00Z", "created_by": "tests"} for _ in layers],
    }).encode(), f"{OCI}.config.v1+json")
    manifest = store(json.dumps({
        "schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": config,
        "layers": packed,
    }).encode(), f"{OCI}.manifest.v1+json")
    reference = f"clients.test/{name}:1"
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({
        "schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json",
        "manifests": [manifest | {
            "platform": {"architecture": ARCHITECTURE, "os": "linux"},
            "annotations": {"io.containerd.image.name": reference,
                            "org.opencontainers.image.ref.name": "1"}}]}))
    (folder / "manifest.json").write_text(json.dumps([{
        "Config": _blob_path(config), "RepoTags": [reference],
        "Layers": [_blob_path(layer) for layer in packed]}]))
    archive = parent / f"{name}.tar"
    with tarfile.open(archive, "w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, str(path.relative_to(folder)), recursive=False)
    return Image(name, reference, folder, archive, str(manifest["digest"]), contents)


def _blob_path(descriptor: dict[str, object]) -> str:
    return "blobs/" + str(descriptor["digest"]).replace(":", "/")


def small(parent: Path) -> Image:
    """Five layers of a few bytes: more of them than any client sends at a time, or as many."""
    return make_image(parent, "small", [{f"layer-{n}": b"%d\n" % n} for n in range(5)])


def large(parent: Path) -> Image:
    """About 30 MB that no compression shrinks, most of it in one layer."""
    noise = random.Random(30)
    return make_image(parent, "large", [{"hello": b"hello\n"}, {"a": noise.randbytes(24 * MIB)},
                                        {"b": noise.randbytes(5 * MIB), "c": noise.randbytes(KIB)}])
