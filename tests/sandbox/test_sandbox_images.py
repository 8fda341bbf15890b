"""Blobs, manifests and tags, with ECR's oddities."""

import json
import os
import urllib.error
import urllib.request

import pytest
from rawclient import aws, digest_of, manifest


def test_push_in_chunks(sandbox, client):
    sandbox.create("app")
    data = os.urandom(100_000)
    location = client.start("app")
    assert "?" not in location
    for start in (0, 40_000):
        part = data[start:start + 40_000]
        answer = client.request("PATCH", location, part, {
            "Content-Range": f"{start}-{start + len(part) - 1}"})
        assert answer.status == 201
        assert answer.headers["Range"] == "0-39999", "stuck at the first chunk, as ECR's"
        assert "Docker-Upload-Uuid" not in answer.headers
        location = client.local(answer.headers["Location"])
    answer = client.request("PATCH", location, b"x", {"Content-Range": "0-0"})
    assert answer.status == 416
    assert answer.error() == {"code": "BLOB_UPLOAD_INVALID",
                              "message": "First byte of the layer part is 0 instead of 80000"}
    answer = client.request("PUT", f"{location}?digest={digest_of(data)}", data[80_000:])
    assert answer.status == 201
    assert "Content-Type" not in answer.headers
    head = client.request("HEAD", f"/v2/app/blobs/{digest_of(data)}")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "100000", b"")
    assert head.headers["Docker-Content-Digest"] == digest_of(data)


def test_push_without_a_length(sandbox, client):
    sandbox.create("app")
    parts = [os.urandom(70_000) for _ in range(5)]
    digest = digest_of(b"".join(parts))
    answer = client.request("PUT", f"{client.start('app')}?digest={digest}", iter(parts),
                            {"Transfer-Encoding": "chunked"}, chunked=True)
    assert answer.status == 201


def test_wrong_digest_and_empty_blob(sandbox, client):
    sandbox.create("app")
    answer = client.request("PUT", f"{client.start('app')}?digest={digest_of(b'a')}", b"b")
    assert (answer.status, answer.error()["message"]) == (
        400, "None of the provided layer digests match the calculated layer digest")
    answer = client.request("PUT", f"{client.start('app')}?digest={digest_of(b'')}", b"")
    assert answer.status == 400
    assert answer.error()["message"].endswith("because it does not have any parts.")
    sandbox.settings(refuse_empty_blobs=False)
    answer = client.request("PUT", f"{client.start('app')}?digest={digest_of(b'')}", b"")
    assert answer.status == 201


def test_unknown_upload(sandbox, client):
    sandbox.create("app")
    sandbox.create("other")
    location = client.start("app")
    for path in ("/v2/app/blobs/uploads/none", location.replace("/app/", "/other/")):
        answer = client.request("PATCH", path, b"x")
        assert (answer.status, answer.error()["code"]) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert client.request("DELETE", location).status == 204
    assert client.request("PATCH", location, b"x").status == 404


def test_download_is_a_redirect_that_takes_no_credential(sandbox, client):
    sandbox.create("app")
    digest = client.push_blob("app", b"0123456789")
    answer = client.request("GET", f"/v2/app/blobs/{digest}")
    assert answer.status == 307
    location = answer.headers["Location"]
    assert "X-Amz-Signature=" in location and client.host not in location
    with urllib.request.urlopen(location) as blob:
        assert blob.read() == b"0123456789"
    ranged = urllib.request.Request(location, headers={"Range": "bytes=2-4"})
    with urllib.request.urlopen(ranged) as blob:
        assert (blob.status, blob.read()) == (206, b"234")
    for wrong in (urllib.request.Request(location, headers={"Authorization": "Basic x"}),
                  urllib.request.Request(location[:-1] + "x")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(wrong)
        assert refused.value.code == (400 if wrong.has_header("Authorization") else 403)
        refused.value.close()


def test_mount(sandbox, client):
    sandbox.create("from")
    sandbox.create("to")
    client.push_image("from", "1", b"shared")
    query = f"?mount={digest_of(b'shared')}&from=from"
    assert client.request("POST", f"/v2/to/blobs/uploads/{query}", b"").status == 202
    sandbox.settings(blob_mounting=True)
    answer = client.request("POST", f"/v2/to/blobs/uploads/{query}", b"")
    assert answer.status == 201
    assert client.local(answer.headers["Location"]) == f"/v2/to/blobs/{digest_of(b'shared')}"


def test_manifest(sandbox, client):
    sandbox.create("app")
    put = client.push_image("app", "1")
    assert put.status == 201 and "Location" not in put.headers
    digest = put.headers["Docker-Content-Digest"]
    get = client.request("GET", "/v2/app/manifests/1")
    assert get.status == 200 and digest_of(get.body) == digest
    assert "Docker-Content-Digest" not in get.headers
    head = client.request("HEAD", "/v2/app/manifests/1")
    assert head.headers["Docker-Content-Digest"] == digest
    assert int(head.headers["Content-Length"]) == len(get.body) and head.body == b""
    assert aws(sandbox, "ecr").describe_images(repositoryName="app")["imageDetails"][0][
        "imageTags"] == ["1"]
    assert client.request("DELETE", f"/v2/app/manifests/{digest}").status == 202
    answer = client.request("GET", "/v2/app/manifests/1")
    assert (answer.status, answer.error()["code"]) == (404, "MANIFEST_UNKNOWN")


def test_manifest_that_is_refused(sandbox, client):
    sandbox.create("app")
    answer = client.put_manifest("app", "1", b"{not json")
    assert (answer.status, answer.error()["code"]) == (405, "UNSUPPORTED")
    answer = client.put_manifest("app", "sha256:nonsense", b"{}")
    assert (answer.status, answer.error()["code"]) == (405, "UNSUPPORTED")
    answer = client.put_manifest("app", "1", manifest(b"no config", b"no layer"))
    assert answer.status == 400 and answer.error()["code"] == "BLOB_UPLOAD_UNKNOWN"
    assert digest_of(b"no layer") in answer.error()["message"]


def test_conforming(sandbox, client):
    """With ECR's oddities off, for programs that hold a registry to the specification."""
    sandbox.settings(conforming=True)
    sandbox.create("app")
    location = client.start("app")
    for start in (0, 3):
        answer = client.request("PATCH", location, b"abc",
                                {"Content-Range": f"{start}-{start + 2}"})
        assert (answer.status, answer.headers["Range"]) == (202, f"0-{start + 2}")
    answer = client.push_image("app", "1")
    assert client.local(answer.headers["Location"]).startswith("/v2/app/manifests/sha256:")
    assert "Docker-Content-Digest" in client.request("GET", "/v2/app/manifests/1").headers
    client.push_image("app", "2")
    answer = client.request("GET", "/v2/app/tags/list?n=1&last=1")
    assert json.loads(answer.body)["tags"] == ["2"]


def test_immutable_tags(sandbox, client):
    sandbox.create("fixed", imageTagMutability="IMMUTABLE")
    sandbox.create("partly", imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
                   imageTagMutabilityExclusionFilters=[
                       {"filterType": "WILDCARD", "filter": "dev*"}])
    assert client.push_image("fixed", "latest", b"a").status == 201
    for layer in (b"b", b"a"):  # the same image again is refused too
        answer = client.push_image("fixed", "latest", layer)
        assert answer.status == 400
        assert answer.error() == {
            "code": "TAG_INVALID",
            "message": "The image tag 'latest' already exists in the 'fixed' repository and cannot"
                       " be overwritten because the repository is immutable."}
    assert [client.push_image("partly", tag, layer).status for tag, layer in (
        ("dev1", b"a"), ("dev1", b"b"), ("v1", b"a"), ("v1", b"b"))] == [201, 201, 201, 400]


def test_subject_and_referrers(sandbox, client):
    sandbox.create("app")
    subject = client.push_image("app", "1")
    digest = subject.headers["Docker-Content-Digest"]
    config, layer = b"{}", b"signature"
    client.push_blob("app", config)
    client.push_blob("app", layer)
    size = int(client.request("HEAD", "/v2/app/manifests/1").headers["Content-Length"])
    body = manifest(config, layer, artifactType="application/x-test", subject={
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": size})
    answer = client.put_manifest("app", digest_of(body), body)
    assert answer.status == 201 and answer.headers["OCI-Subject"] == digest
    answer = client.request("GET", f"/v2/app/referrers/{digest}")
    assert answer.status == 200
    [found] = json.loads(answer.body)["manifests"]
    assert (found["digest"], found["artifactType"]) == (digest_of(body), "application/x-test")
    answer = client.request("GET", f"/v2/app/referrers/{digest}?artifactType=other")
    assert json.loads(answer.body)["manifests"] == []
    assert answer.headers["OCI-Filters-Applied"] == "artifactType"


def test_tags_come_in_pages_with_an_absolute_link(sandbox, client):
    sandbox.create("app")
    for tag in ("a", "b", "c"):
        client.push_image("app", tag)
    seen, path = [], "/v2/app/tags/list?n=2"
    while path:
        answer = client.request("GET", path)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        seen += json.loads(answer.body)["tags"]
        link = answer.headers["Link"]
        path = link and client.local(link.partition(">")[0].removeprefix("<"))
    assert seen == ["a", "b", "c"]
    for query in ("n=1001", "last=a"):
        answer = client.request("GET", f"/v2/app/tags/list?{query}")
        assert (answer.status, answer.error()["code"]) == (405, "UNSUPPORTED")


def test_catalog(sandbox, client):
    sandbox.create("b/c")
    sandbox.create("ab")
    assert json.loads(client.request("GET", "/v2/_catalog").body) == {
        "repositories": ["ab", "b/c"]}


def test_deleted_repository_comes_back_empty(sandbox, client):
    sandbox.create("app", imageTagMutability="IMMUTABLE")
    client.push_image("app", "1")
    aws(sandbox, "ecr").delete_repository(repositoryName="app", force=True)
    assert client.request("GET", "/v2/app/tags/list").status == 404
    sandbox.create("app", imageTagMutability="IMMUTABLE")
    assert json.loads(client.request("GET", "/v2/app/tags/list").body)["tags"] == []
    assert client.push_image("app", "1").status == 201


def test_long_name(sandbox, client):
    name = "a" * 256
    sandbox.create(name)
    assert client.push_image(name, "1").status == 201
    assert client.request("POST", f"/v2/{name}a/blobs/uploads/", b"").status == 405
