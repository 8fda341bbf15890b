"""A push to a repository that does not exist: what creates it, what never does, what is said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integration.client import Answer, Client
from integration.daemon import Daemon
from integration.registry import (INDEX, MANIFEST_MAX, OCTETS, creations, digest_of, manifest,
                                  push_blob, put_manifest, start_upload, starts)
from integration.waiting import wait_for
from sandbox import Sandbox

BLOB = b"a layer " * 4096
DIGEST = digest_of(BLOB)
SHA = "sha256:" + "0" * 64

Start = Callable[..., Daemon]


def assert_refused(answer: Answer, status: int, code: str, *words: str) -> None:
    """An answer of the daemon's own: OCI JSON, with a message that says these words."""
    assert answer.status == status, answer
    assert answer.get("Content-Type") == "application/json"
    assert answer.get("WWW-Authenticate") is None
    said_code, message = answer.error()
    assert said_code == code
    for word in words:
        assert word in message, message


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
    sandbox.set_fault("registry", "eof")

    assert start_upload(daemon, name).status == 202

    operations = [call["operation"] for call in sandbox.calls(repository=name)]
    assert operations == ["DescribeRepositories", "CreateRepository"]
    assert starts(sandbox, name) == [None, 202]


def test_eof_though_it_exists(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "eof", missing_only=False, count=1)

    assert start_upload(daemon, name).status == 202

    assert [call["operation"] for call in sandbox.calls(repository=name)] == ["DescribeRepositories"]
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


# how often

@pytest.mark.concurrency
def test_64_pushes_of_one_name(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.3)
    gate = threading.Barrier(64)

    def push(_: int) -> int:
        gate.wait()
        return start_upload(daemon, name).status

    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(push, range(64))) == [202] * 64
    assert len(creations(sandbox)) == 1
    lines = [daemon.access_line(repository=name, created=True)]
    assert len(lines) == len(daemon.access_lines(repository=name, created=True))


@pytest.mark.concurrency
def test_late_verdict_creates_nothing(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """ECR's 404 for one POST arrives when another one's creation is over already."""
    sandbox.set_fault("registry", "delay", operation="upload_start", repository=name, count=1,
                      seconds=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(start_upload, daemon, name)
        wait_for("the slow POST", lambda: sandbox.requests(operation="upload_start",
                                                           repository=name))
        quick = start_upload(daemon, name)

    assert [quick.status, slow.result().status] == [202, 202]
    assert len(creations(sandbox, name)) == 1


@pytest.mark.concurrency
def test_64_names_at_once(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    gate = threading.Barrier(64)

    def push(i: int) -> int:
        gate.wait()
        return start_upload(daemon, f"{name}/{i}").status

    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(push, range(64))) == [202] * 64
    created = sorted(call["repository"] for call in creations(sandbox))
    assert created == sorted(f"{name}/{i}" for i in range(64))


@pytest.mark.concurrency
def test_manifests_and_uploads_share_a_creation(daemon: Daemon, sandbox: Sandbox,
                                                name: str) -> None:
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.3)

    def push(i: int) -> int:
        return (put_manifest(daemon, name, f"t{i}") if i % 2 else start_upload(daemon, name)).status

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(push, range(16))) == [202, 201] * 8
    assert len(creations(sandbox)) == 1


# until ECR knows it

def test_pauses_until_ecr_knows_it(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "lag", times=3)

    assert start_upload(daemon, name).status == 202

    assert starts(sandbox, name) == [404, 404, 404, 404, 202]
    assert len(creations(sandbox)) == 1
    times = [entry["time"] for entry in sandbox.requests(operation="upload_start")]
    pauses = [later - earlier for earlier, later in zip(times[1:], times[2:])]
    for pause, least in zip(pauses, (0.1, 0.2, 0.4), strict=True):
        assert least <= pause < least + 0.35, pauses


def test_manifest_waits_too(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "lag", times=2)
    content = manifest(300_000)

    assert put_manifest(daemon, name, content=content).status == 201

    puts = sandbox.requests(operation="manifest_put", repository=name)
    assert [entry["status"] for entry in puts] == [404, 404, 404, 201]
    got = daemon.ask("GET", f"/v2/{name}/manifests/1", headers={"Accept": INDEX})
    assert got.body == content


# what the API says

def test_already_exists_is_success(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Somebody else was faster."""
    sandbox.create(name, imageTagMutability="MUTABLE")
    sandbox.set_fault("registry", "not_found", count=1)

    assert start_upload(daemon, name).status == 202

    assert len(creations(sandbox)) == 1
    assert daemon.access_line(repository=name)["created"] is False
    repository = sandbox.describe(name)
    assert repository and repository["imageTagMutability"] == "MUTABLE"


@pytest.mark.parametrize("kind,times", [("throttle", 3), ("server_error", 1), ("close", 1),
                                        ("reset", 1), ("done_then_close", 1)])
def test_what_may_pass_is_called_again(daemon: Daemon, sandbox: Sandbox, name: str, kind: str,
                                       times: int) -> None:
    sandbox.set_fault("api", kind, operation="CreateRepository", count=times)

    assert start_upload(daemon, name).status == 202
    assert len(creations(sandbox)) == times + 1


@pytest.mark.parametrize("kind,options,status,code,words", [
    ("limit_exceeded", {}, 403, "DENIED", ["maximum allowed number"]),
    ("access_denied", {}, 403, "DENIED", ["ecr:CreateRepository", "not authorized"]),
    ("error", {"code": "InvalidParameterException", "message": "Invalid parameter at 'name'"},
     400, "NAME_INVALID", ["Invalid parameter at 'name'"]),
    ("error", {"code": "KmsException", "message": "the key is disabled"}, 403, "DENIED",
     ["the key is disabled"]),
], ids=["limit", "access", "invalid", "kms"])
def test_final_refusals(daemon: Daemon, sandbox: Sandbox, name: str, kind: str,
                        options: dict[str, Any], status: int, code: str, words: list[str]) -> None:
    sandbox.set_fault("api", kind, operation="CreateRepository", **options)

    assert_refused(start_upload(daemon, name), status, code, name, *words)

    assert len(creations(sandbox)) == 1
    assert starts(sandbox, name) == [404]
    line = daemon.access_line(repository=name)
    assert (line["reason"], line["created"], line["status"]) == ("not-created", False, status)
    assert name in line["detail"]


def test_refusal_of_a_manifest_keeps_the_connection(daemon: Daemon, sandbox: Sandbox,
                                                    name: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository")
    with daemon.client() as client:
        for _ in range(2):
            refused = client.ask("PUT", f"/v2/{name}/manifests/1", manifest())
            assert_refused(refused, 403, "DENIED", name)


# the time limit: 25 s for all of it, side by side

def throttled(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "throttle", operation="CreateRepository", repository=name)


def never_known(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "lag", times=10_000, repository=name)


def throttling_registry(sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "throttle", repository=name)


def long_retry_after(sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "throttle", repository=name, retry_after=3600)


def done_then_silent(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "done_then_silent", operation="CreateRepository", repository=name,
                      count=1)


def silent_registry(sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("registry", "stall", repository=name, seconds=120, where="response")
    sandbox.set_fault("registry", "delay", repository=name, seconds=120)


LATE = {"throttled": throttled, "never-known": never_known, "429": throttling_registry,
        "429-in-an-hour": long_retry_after, "done-then-silent": done_then_silent,
        "silent": silent_registry}


@pytest.fixture(scope="module")
def late(running_sandbox: Sandbox) -> Iterator[dict[str, tuple[Answer, float, dict[str, Any]]]]:
    """Answer, seconds and access line of a POST for each kind of lateness, all at the same time."""
    running_sandbox.reset()
    for kind, prepare in LATE.items():
        prepare(running_sandbox, f"late/{kind}")
    with Daemon(running_sandbox.daemon_args(), running_sandbox.env()) as daemon:
        def push(kind: str) -> tuple[Answer, float, dict[str, Any]]:
            start = time.monotonic()
            answer = start_upload(daemon, f"late/{kind}")
            seconds = time.monotonic() - start
            return answer, seconds, daemon.access_line(repository=f"late/{kind}")

        with ThreadPoolExecutor(len(LATE)) as pool:
            yield dict(zip(LATE, pool.map(push, LATE), strict=True))
        running_sandbox.clear_faults()


@pytest.mark.parametrize("kind", ["throttled", "never-known", "429", "429-in-an-hour", "silent"])
def test_ends_within_25_s(late: dict[str, Any], kind: str) -> None:
    answer, seconds, line = late[kind]
    assert_refused(answer, 504, "UNAVAILABLE")
    assert seconds < 25.5
    assert line["status"] == 504 and line["reason"] != "ok"


def test_created_but_not_told(late: dict[str, Any]) -> None:
    """CreateRepository was carried out and its answer lost: asked again it exists."""
    answer, seconds, line = late["done-then-silent"]
    assert answer.status == 202
    assert seconds < 25
    assert line["reason"] == "ok"


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
    assert link and link.startswith(f"</v2/{name}/tags/list?last=") and link.endswith('; rel="next"')
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
    assert start_upload(daemon, f"{name}/b", query).location.startswith(f"/v2/{name}/b/blobs/uploads/")
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
        assert answer.status == 403, answer
        assert answer.get("WWW-Authenticate") is None
        if method != "HEAD":
            assert_refused(answer, 403, "DENIED")
        assert daemon.access_line(repository=name, method=method,
                                  status=403)["reason"] == "token-refused"
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
    answer = daemon.ask(method, f"/v2/{name}/{path}", body)

    assert answer.status in (200, 201, 202), answer
    assert 0.3 <= time.monotonic() - start < 2
    assert daemon.access_line(repository=name, retries=2)["reason"] == "ok"


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
