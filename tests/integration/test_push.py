"""A push to a repository that does not exist: what creates it."""

from __future__ import annotations

import pytest

from integration.daemon import Daemon
from integration.registry import (INDEX, assert_refused, OCTETS, creations, digest_of, manifest,
                                  put_manifest, start_upload, starts)
from sandbox import Sandbox

BLOB = b"a layer " * 4096
DIGEST = digest_of(BLOB)
SHA = "sha256:" + "0" * 64

# what creates

@pytest.mark.parametrize("query", ["", f"?mount={SHA}&from=other/app", f"?mount={SHA}",
                                   "?from=other/app", f"?digest={SHA}", "?unknown=1&x"])
def test_post_creates(daemon: Daemon, sandbox: Sandbox, name: str, query: str) -> None:
    answer = start_upload(daemon, name, query)

    assert answer.status == 202
    assert answer.location.startswith(f"/v2/{name}/blobs/uploads/")
    assert [call["repository"] for call in creations(sandbox)] == [name]
    assert starts(sandbox, name) == [404, 202]
    paths = [entry["path"] for entry in sandbox.requests(operation="upload_start")]
    assert paths == [f"/v2/{name}/blobs/uploads/{query}"] * 2


def test_created_with_the_defaults(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    start_upload(daemon, name)

    (call,) = creations(sandbox)
    assert call["arguments"] == {"registryId": "123456789012", "repositoryName": name,
                                 "imageTagMutability": "IMMUTABLE",
                                 "imageScanningConfiguration": {"scanOnPush": True}}
    repository = sandbox.describe(name)
    assert repository is not None
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_manifest_creates(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    content = manifest()

    answer = put_manifest(daemon, name, "1", content)

    assert answer.status == 201, answer
    assert len(creations(sandbox, name)) == 1
    puts = sandbox.requests(operation="manifest_put", repository=name)
    assert [entry["status"] for entry in puts] == [404, 201]
    assert daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": INDEX}).body == content


def test_access_line_of_a_creation(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    start_upload(daemon, name)

    line = daemon.access_line(repository=name)
    expected = {"method": "POST", "registry": sandbox.host, "status": 202, "upstream_status": 202,
                "bytes_in": 0, "bytes_out": 0, "created": True, "retries": 1, "reason": "ok"}
    assert {key: line[key] for key in expected} == expected
    assert line["client"].startswith("127.0.0.1:")
    start_upload(daemon, name)
    assert daemon.access_line(repository=name, retries=0)["created"] is False


def test_whole_push_and_pull(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """As dockerd 20.10 pushes: chunked PATCH, empty PUT, HEAD."""
    begun = start_upload(daemon, name)
    sent = daemon.ask("PATCH", begun.location, [BLOB[:1000], BLOB[1000:]])
    assert (sent.status, sent.get("Range")) == (201, f"0-{len(BLOB) - 1}")
    done = daemon.ask("PUT", f"{sent.location}?digest={DIGEST}", b"")
    assert done.status == 201
    assert done.location == f"/v2/{name}/blobs/{DIGEST}"
    head = daemon.ask("HEAD", done.location)
    assert (head.status, head.get("Content-Length")) == (200, str(len(BLOB)))
    assert put_manifest(daemon, name).status == 201

    got = daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": INDEX})
    assert (got.status, got.body) == (200, manifest())
    assert len(creations(sandbox)) == 1


def test_one_put_as_containerd(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    begun = start_upload(daemon, name)
    done = daemon.ask("PUT", f"{begun.location}?digest={DIGEST}", BLOB, OCTETS)
    assert done.status == 201
    assert daemon.ask("HEAD", f"/v2/{name}/blobs/{DIGEST}").status == 200


def test_blob_in_the_post(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """A body cannot be repeated, so a missing repository has to be there before it is sent."""
    answer = daemon.ask("POST", f"/v2/{name}/blobs/uploads/?digest={DIGEST}", BLOB, OCTETS)

    assert answer.status == 202, answer
    assert len(creations(sandbox, name)) == 1
    assert starts(sandbox, name) == [202]
    assert daemon.access_line(repository=name)["bytes_in"] == len(BLOB)


def test_blob_in_the_post_to_an_existing_one(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    answer = daemon.ask("POST", f"/v2/{name}/blobs/uploads/?digest={DIGEST}", [BLOB], OCTETS)
    assert answer.status == 202
    assert creations(sandbox) == []


# closed without a byte

def test_eof_means_missing(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.drop_connections("registry")    # on one that was used before, curl asks again by itself
    sandbox.set_fault("registry", "eof")

    assert start_upload(daemon, name).status == 202

    operations = [call["operation"] for call in sandbox.calls(repository=name)]
    assert operations == ["DescribeRepositories", "CreateRepository"]
    assert starts(sandbox, name) == [None, 202]


def test_eof_though_it_exists(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.drop_connections("registry")
    sandbox.create(name)
    sandbox.set_fault("registry", "eof", missing_only=False, count=1)

    assert start_upload(daemon, name).status == 202

    (call,) = sandbox.calls(repository=name)
    assert call["operation"] == "DescribeRepositories"
    assert starts(sandbox, name) == [None, 202]


def test_eof_for_ever_though_it_exists(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "eof", missing_only=False)

    assert_refused(start_upload(daemon, name), 504, "UNAVAILABLE", sandbox.host)
    assert creations(sandbox) == []
    assert daemon.access_line(repository=name)["reason"] == "upstream-no-answer"


def test_eof_and_nobody_to_ask(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "eof")
    sandbox.set_fault("api", "access_denied", operation="DescribeRepositories")

    answer = start_upload(daemon, name)

    assert answer.status in (403, 504)
    assert "DescribeRepositories" in answer.error()[1]
    assert creations(sandbox) == []
