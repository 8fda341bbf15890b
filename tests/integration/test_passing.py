"""What passes through: sizes, addresses, redirects, credentials, throttling."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from integration.client import Client
from integration.daemon import Daemon
from integration.registry import (INDEX, assert_refused, MANIFEST_MAX, creations, digest_of,
                                  manifest, push_blob, put_manifest, start_upload)
from sandbox import Sandbox

BLOB = b"a layer " * 4096
DIGEST = digest_of(BLOB)
SHA = "sha256:" + "0" * 64
Start = Callable[..., Daemon]

# sizes

def test_largest_manifest(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    content = manifest(MANIFEST_MAX)
    assert len(content) == MANIFEST_MAX
    assert put_manifest(daemon, name, content=content).status == 201
    got = daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": INDEX})
    assert got.body == content


@pytest.mark.parametrize("chunked", [False, True])
def test_manifest_too_large(daemon: Daemon, sandbox: Sandbox, name: str, chunked: bool) -> None:
    content = manifest(MANIFEST_MAX + 1)
    target = f"/v2/{name}/manifests/1"

    answer = daemon.ask("PUT", target, [content] if chunked else content)

    assert_refused(answer, 413, "SIZE_INVALID")
    assert sandbox.requests() == []
    assert daemon.access_line(repository=name)["reason"] == "too-large"


# what a client sees of the registry

def test_paths_only(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    begun = start_upload(daemon, name)
    sent = daemon.ask("PATCH", begun.location, BLOB)
    status = daemon.ask("GET", begun.location)
    done = daemon.ask("PUT", f"{begun.location}?digest={DIGEST}", b"")
    for answer in (begun, sent, status, done):
        assert answer.location.startswith(f"/v2/{name}/blobs/"), answer
    for tag in "abc":
        put_manifest(daemon, name, tag)
    tags = daemon.ask("GET", f"/v2/{name}/tags/list?n=1")
    link = tags.get("Link")
    assert link and link.startswith(f"</v2/{name}/tags/list?last=")
    assert link.endswith('; rel="next"')
    following = daemon.ask("GET", link[1:link.index(">")])
    assert b'"b"' in following.body
    for i in range(2):
        sandbox.create(f"{name}-{i}")
    catalog = daemon.ask("GET", "/v2/_catalog?n=1").get("Link")
    assert catalog and catalog.startswith("</v2/_catalog?last=")


def test_mount(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Where ECR can mount it answers 201 with the blob's place, else 202 with an upload's."""
    digest = push_blob(daemon, name, BLOB)
    query = f"?mount={digest}&from={name}"
    begun = start_upload(daemon, f"{name}/b", query)
    assert begun.location.startswith(f"/v2/{name}/b/blobs/uploads/")
    sandbox.settings(blob_mounting=True)
    mounted = start_upload(daemon, f"{name}/b", query)
    assert (mounted.status, mounted.location) == (201, f"/v2/{name}/b/blobs/{digest}")


def test_mount_from_a_missing_one(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    assert start_upload(daemon, name, f"?mount={SHA}&from={name}/source").status == 202
    assert [call["repository"] for call in creations(sandbox)] == [name]


def test_redirect_is_handed_on(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    push_blob(daemon, name, BLOB)

    answer = daemon.ask("GET", f"/v2/{name}/blobs/{DIGEST}")

    assert answer.status == 307
    storage, _, key = answer.location.removeprefix("http://").partition("/")
    assert "X-Amz-Signature=" in key
    assert sandbox.requests(side="s3") == [], "the daemon followed it"
    with Client(int(storage.rpartition(":")[2])) as client:
        assert client.ask("GET", "/" + key).body == BLOB
    assert [entry["authorization"] for entry in sandbox.requests(side="s3")] == [False]
    assert "X-Amz-Signature" not in daemon.text()


def test_no_challenge_ever(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    begun = start_upload(daemon, name)
    sandbox.set_fault("registry", "unauthorized")
    for method, path, body in [("POST", "blobs/uploads/", b""), ("GET", "manifests/1", None),
                               ("HEAD", f"blobs/{SHA}", None), ("PUT", "manifests/1", manifest()),
                               ("DELETE", f"manifests/{SHA}", None)]:
        answer = daemon.ask(method, f"/v2/{name}/{path}", body)
        # A client that asks for a blob is to go on to the POST, which can tell it why.
        status = 404 if method == "HEAD" else 403
        assert answer.status == status, answer
        assert answer.get("WWW-Authenticate") is None
        if method == "HEAD":
            assert "refuses the token" in (answer.get("Warning") or "")
        else:
            assert_refused(answer, 403, "DENIED")
        assert daemon.access_line(repository=name, method=method,
                                  status=status)["reason"] == "token-refused"
    assert_refused(daemon.ask("PATCH", begun.location, BLOB), 504, "UNAVAILABLE")
    assert daemon.ask("GET", "/v2/").status == 200


def test_client_credentials_stay_here(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    answer = start_upload(daemon, name, headers={"Authorization": "Basic Og=="})
    assert answer.status == 202
    (entry,) = sandbox.requests(operation="upload_start")
    assert entry["token"], "another Authorization than the daemon's reached the registry"


def test_ping_needs_no_token(start_daemon: Start, sandbox: Sandbox) -> None:
    sandbox.set_fault("api", "close", operation="GetAuthorizationToken")
    daemon = start_daemon(ready=False)
    for target in ("/v2/", "/v2"):
        answer = daemon.ask("GET", target, timeout=2)
        assert answer.status == 200
        assert answer.get("Docker-Distribution-Api-Version") == "registry/2.0"
        assert answer.get("WWW-Authenticate") is None
    assert daemon.ask("HEAD", "/v2/").status == 200
    assert daemon.ask_admin("/readyz").status == 503
    assert daemon.ask_admin("/healthz").status == 200
    assert sandbox.requests(side="registry") == []


# throttling

@pytest.mark.parametrize("method,path", [("POST", "blobs/uploads/"), ("HEAD", "manifests/1"),
                                         ("GET", "manifests/1"), ("PUT", "manifests/2")])
def test_throttling_is_absorbed(daemon: Daemon, sandbox: Sandbox, name: str, method: str,
                                path: str) -> None:
    put_manifest(daemon, name)
    body = {"POST": b"", "PUT": manifest()}.get(method)
    sandbox.set_fault("registry", "throttle", count=2)

    start = time.monotonic()
    answer = daemon.ask(method, f"/v2/{name}/{path}", body,
                        {"Content-Type": INDEX, "Accept": INDEX})

    assert answer.status in (200, 201, 202), answer
    assert 0.3 <= time.monotonic() - start < 2
    assert daemon.access_line(repository=name, retries=2)["reason"] == "ok"


@pytest.mark.parametrize("chunked", [False, True])
def test_throttled_blob_is_the_clients_to_repeat(daemon: Daemon, sandbox: Sandbox, name: str,
                                                 chunked: bool) -> None:
    """Docker pushes a layer again after 504; after 429 it gives up (moby, retryOnError)."""
    begun = start_upload(daemon, name)
    sandbox.set_fault("registry", "throttle", count=1)

    answer = daemon.ask("PATCH", begun.location, [BLOB] if chunked else BLOB)

    assert_refused(answer, 504, "UNAVAILABLE", "throttles")
    assert daemon.access_line(repository=name, method="PATCH")["reason"] == "throttled"
    assert daemon.ask("PATCH", start_upload(daemon, name).location, BLOB).status == 201


def test_retry_after_is_heeded(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "throttle", count=1, retry_after=2)

    start = time.monotonic()
    assert start_upload(daemon, name).status == 202
    assert 2 <= time.monotonic() - start < 3


def test_errors_of_the_registry_are_its_own(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "denied")
    answer = start_upload(daemon, name)
    assert answer.status == 403
    assert "ecr:InitiateLayerUpload" in answer.error()[1]
    assert sandbox.calls() == []
    sandbox.clear_faults()
    sandbox.set_fault("registry", "status", status=503, message="later")
    assert (start_upload(daemon, name).status, start_upload(daemon, name).body) == (503, b"later")


def test_tag_of_an_immutable_repository(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    assert put_manifest(daemon, name).status == 201
    answer = put_manifest(daemon, name)
    assert (answer.status, answer.error()[0]) == (400, "TAG_INVALID")
