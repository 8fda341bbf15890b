"""The requests of a push, one by one, and what they carry."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from integration.client import Answer
from integration.daemon import Daemon
from sandbox import Sandbox

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST_MAX = 4 * 1024 * 1024    # what PutImage takes
OCTETS = {"Content-Type": "application/octet-stream"}


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def manifest(size: int = 0, **annotations: str) -> bytes:
    """An index without images: a manifest that refers to nothing, of `size` octets if given."""
    index: dict[str, Any] = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [],
                             "annotations": {**annotations, "pad": ""}}
    missing = size - len(json.dumps(index))
    if missing > 0:
        index["annotations"]["pad"] = "x" * missing
    return json.dumps(index).encode()


def start_upload(daemon: Daemon, name: str, query: str = "", **more: Any) -> Answer:
    return daemon.ask("POST", f"/v2/{name}/blobs/uploads/{query}", b"", **more)


def put_manifest(daemon: Daemon, name: str, tag: str = "1", content: bytes = b"",
                 **more: Any) -> Answer:
    return daemon.ask("PUT", f"/v2/{name}/manifests/{tag}", content or manifest(),
                      {"Content-Type": INDEX}, **more)


def push_blob(daemon: Daemon, name: str, content: bytes) -> str:
    """POST, PATCH, PUT; the digest."""
    digest = digest_of(content)
    with daemon.client() as client:
        begun = client.ask("POST", f"/v2/{name}/blobs/uploads/", b"")
        assert begun.status == 202, begun
        sent = client.ask("PATCH", begun.location, content, OCTETS)
        assert sent.status == 201, sent
        done = client.ask("PUT", f"{sent.location}?digest={digest}", b"")
        assert done.status == 201, done
    return digest


def creations(sandbox: Sandbox, name: str | None = None) -> list[dict[str, Any]]:
    """CreateRepository calls that reached the API."""
    return sandbox.calls("CreateRepository", **({"repository": name} if name else {}))


def starts(sandbox: Sandbox, name: str) -> list[int | None]:
    """What the registry answered to each POST for this repository; None: nothing."""
    return [entry["status"]
            for entry in sandbox.requests(operation="upload_start", repository=name)]


def assert_refused(answer: Answer, status: int, code: str, *words: str) -> None:
    """An answer of the daemon's own: OCI JSON, with a message that says these words. Docker takes
    504 as "try again"; of the rest it repeats all but a few codes (moby, retryOnError)."""
    assert status in (504, 413) or code in ("DENIED", "UNSUPPORTED", "UNAUTHORIZED", "NAME_UNKNOWN")
    assert answer.status == status, answer
    assert answer.get("Content-Type") == "application/json"
    assert answer.get("WWW-Authenticate") is None
    said_code, message = answer.error()
    assert said_code == code
    for word in words:
        assert word in message, message
