"""What never creates a repository: other requests, other answers, names that ECR refuses."""

from __future__ import annotations

from typing import Any

import pytest

from integration.daemon import Daemon
from integration.registry import creations, put_manifest, start_upload
from sandbox import Sandbox

SHA = "sha256:" + "0" * 64

# what never creates

READS = [("HEAD", "manifests/1"), ("GET", "manifests/1"), ("DELETE", f"manifests/{SHA}"),
         ("HEAD", f"blobs/{SHA}"), ("GET", f"blobs/{SHA}"), ("DELETE", f"blobs/{SHA}"),
         ("GET", "tags/list"), ("GET", f"referrers/{SHA}"), ("GET", "blobs/uploads/1"),
         ("DELETE", "blobs/uploads/1"), ("PUT", f"blobs/uploads/1?digest={SHA}"),
         ("PATCH", "blobs/uploads/1"), ("GET", "blobs/uploads/"), ("POST", "manifests/1")]


@pytest.mark.parametrize("method,path", READS, ids=[f"{m}-{p[:12]}" for m, p in READS])
def test_others_create_nothing(daemon: Daemon, sandbox: Sandbox, name: str, method: str,
                               path: str) -> None:
    body = b"x" if method in ("PUT", "PATCH", "POST") else None
    answer = daemon.ask(method, f"/v2/{name}/{path}", body)

    assert answer.status in (404, 405), answer
    assert sandbox.calls() == []
    assert len(sandbox.requests(side="registry")) == 1
    assert daemon.access_line(repository=name)["created"] is False


@pytest.mark.parametrize("method,path", READS[:5])
def test_eof_of_others_creates_nothing(daemon: Daemon, sandbox: Sandbox, name: str, method: str,
                                       path: str) -> None:
    sandbox.set_fault("registry", "close")

    assert daemon.ask(method, f"/v2/{name}/{path}").status == 504
    assert sandbox.calls() == []


@pytest.mark.parametrize("fault", [
    {"code": "BLOB_UNKNOWN"}, {"code": "MANIFEST_UNKNOWN"}, {"code": "NAME_INVALID"},
    {"code": "DENIED"}, {"code": "name_unknown"},
    {"name": "other/app"}, {"name": "it"}, {"name": "{name}x"}, {"name": "{name}/x"},
    {"message": "The repository does not exist"}, {"message": "{name}"},
    {"status": 400}, {"status": 403}, {"status": 405}, {"status": 410},
], ids=str)
def test_other_answers_create_nothing(daemon: Daemon, sandbox: Sandbox, name: str,
                                      fault: dict[str, Any]) -> None:
    fault = {key: value.format(name=name) if isinstance(value, str) else value
             for key, value in fault.items()}
    sandbox.set_fault("registry", "not_found", **fault)

    answer = start_upload(daemon, name, f"?mount={SHA}&from=other/app")

    assert answer.status == fault.get("status", 404)
    code, message = answer.error()
    assert code == fault.get("code", "NAME_UNKNOWN")
    assert fault.get("message", fault.get("name", name)) in message
    assert sandbox.calls() == []


@pytest.mark.parametrize("bad", ["a", "a..b", "a___b", "a.-b", "-a/b", "a/", "a/-b", "_a/b", "a.",
                                 "x/" + "y" * 255, "x" * 257])
@pytest.mark.parametrize("fault", ["not_found", "eof", None])
def test_invalid_name_is_never_created(daemon: Daemon, sandbox: Sandbox, bad: str,
                                       fault: str | None) -> None:
    if fault:
        sandbox.set_fault("registry", fault)

    answer = start_upload(daemon, bad)

    assert 400 <= answer.status < 500, answer
    assert answer.error()[1]
    assert creations(sandbox) == []
    assert put_manifest(daemon, bad).status in range(400, 500)
    assert creations(sandbox) == []
