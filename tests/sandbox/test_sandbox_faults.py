"""Every fault of the registry and its downloads, seen from the client's side of the wire."""

import http.client
import os
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from rawclient import Client, digest_of
from sandbox import SandboxError

START = "/v2/app/blobs/uploads/"
BIG = os.urandom(3_000_000)
CUT = (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError, BrokenPipeError)


def wait_for(condition, seconds=10):
    """The first true value of the condition."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return value


def post(client, path=START):
    return client.request("POST", path, b"")


def test_eof_on_missing_repositories_only(sandbox, client):
    sandbox.create("there")
    sandbox.set_fault("registry", "eof")
    with pytest.raises(http.client.RemoteDisconnected):
        post(client)
    assert post(client, "/v2/there/blobs/uploads/").status == 202
    assert client.request("GET", "/v2/app/manifests/1").status == 404
    sandbox.create("app")
    assert post(client).status == 202
    [entry] = sandbox.requests(fault="eof")
    assert entry["status"] is None


def test_count_skip_match_and_clear(sandbox, client):
    sandbox.create("app")
    id = sandbox.set_fault("registry", "status", repository="ap*", method="POST", skip=1, count=2)
    assert [post(client).status for _ in range(4)] == [202, 500, 500, 202]
    assert client.request("GET", "/v2/").status == 200
    [fault] = sandbox.faults()
    assert (fault["id"], fault["hits"]) == (id, 2)
    sandbox.set_fault("registry", "throttle", operation="ping")
    assert client.request("GET", "/v2/").status == 429
    sandbox.clear_faults()
    assert client.request("GET", "/v2/").status == 200 and sandbox.faults() == []


@pytest.mark.parametrize("side, kind, options", [
    ("moon", "eof", {}), ("registry", "nonsense", {}), ("registry", "eof", {"nonsense": 1})])
def test_fault_that_does_not_exist(sandbox, side, kind, options):
    with pytest.raises(SandboxError, match="unknown|no parameter"):
        sandbox.set_fault(side, kind, **options)
    with pytest.raises(SandboxError, match="unknown setting"):
        sandbox.settings(nonsense=1)


def test_not_found_of_another_kind(sandbox, client):
    sandbox.set_fault("registry", "not_found", name="other/name", count=1)
    assert "'other/name'" in post(client).error()["message"]
    sandbox.set_fault("registry", "not_found", code="MANIFEST_UNKNOWN", message="x", count=1)
    assert post(client).error() == {"code": "MANIFEST_UNKNOWN", "message": "x"}
    sandbox.create("app")
    sandbox.set_fault("registry", "not_found", code="X", missing_only=True)
    assert post(client).status == 202
    assert post(client, "/v2/other/blobs/uploads/").error()["code"] == "X"


def test_lag_counts_for_each_repository(sandbox, client):
    sandbox.set_fault("registry", "lag", times=2)
    for name in ("app", "other"):
        path = f"/v2/{name}/blobs/uploads/"
        sandbox.create(name)
        assert [post(client, path).status for _ in range(3)] == [404, 404, 202]


@pytest.mark.parametrize("kind, status, code", [
    ("throttle", 429, "TOOMANYREQUESTS"), ("denied", 403, "DENIED"), ("expired", 403, "DENIED")])
def test_answers(sandbox, client, kind, status, code):
    sandbox.set_fault("registry", kind, count=1)
    answer = post(client)
    assert (answer.status, answer.error()["code"]) == (status, code)
    assert "Retry-After" not in answer.headers


def test_status_and_retry_after(sandbox, client):
    sandbox.set_fault("registry", "throttle", retry_after=7, count=1)
    assert post(client).headers["Retry-After"] == "7"
    sandbox.set_fault("registry", "unauthorized", count=1)
    assert post(client).body == b"Not Authorized\n"
    sandbox.set_fault("registry", "status", status=503, message="busy", count=1,
                      headers={"Retry-After": "1"})
    answer = post(client)
    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (503, b"busy", "1")


def test_close_and_reset(sandbox, client):
    for kind, status in (("close", 52), ("reset", 56)):  # curl tells the two apart over TLS
        sandbox.set_fault("registry", kind, count=1)
        curl = subprocess.run(
            ["curl", "-sS", "--cacert", sandbox.ca_file, f"https://{client.host}/v2/",
             "--connect-to", f"{client.host}:443:{sandbox.endpoint.removeprefix('https://')}",
             "-H", f"Authorization: {client.authorization}"], capture_output=True)
        assert curl.returncode == status, curl.stderr
    assert client.request("GET", "/v2/").status == 200


def test_delay_ends_when_cleared(sandbox, client):
    sandbox.set_fault("registry", "delay", seconds=0.3, count=1)
    started = time.monotonic()
    assert client.request("GET", "/v2/").status == 200
    assert time.monotonic() - started >= 0.3
    sandbox.set_fault("registry", "delay", seconds=60)
    timer = threading.Timer(0.2, sandbox.clear_faults)
    timer.start()
    assert client.request("GET", "/v2/").status == 200
    assert time.monotonic() - started < 20


def test_answer_that_breaks_off(sandbox, client):
    sandbox.create("app")
    client.push_image("app", "1")
    whole = client.request("GET", "/v2/app/manifests/1").body
    sandbox.set_fault("registry", "truncate", operation="manifest_get", after=100, count=1)
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.request("GET", "/v2/app/manifests/1")
    assert cut.value.partial == whole[:100]
    sandbox.set_fault("registry", "reset", operation="manifest_get", after=100, count=1)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        client.request("GET", "/v2/app/manifests/1")
    sandbox.set_fault("registry", "stall", operation="manifest_get", after=100, seconds=0.3)
    started = time.monotonic()
    assert client.request("GET", "/v2/app/manifests/1").body == whole
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("kind", ["truncate", "reset"])
def test_upload_that_is_cut(sandbox, client, kind):
    sandbox.create("app")
    location = client.start("app")
    sandbox.set_fault("registry", kind, operation="upload_chunk", after=1_000_000, count=1)
    with pytest.raises(CUT):
        client.request("PATCH", location, BIG)
    [entry] = sandbox.requests(operation="upload_chunk")
    assert entry["status"] is None and 1_000_000 <= entry["bytes_in"] < len(BIG)
    assert client.push_blob("app", BIG) == digest_of(BIG)


def test_upload_that_stalls(sandbox, client):
    sandbox.create("app")
    location = client.start("app")
    sandbox.set_fault("registry", "stall", operation="upload_finish", after=1000, seconds=0.3)
    started = time.monotonic()
    assert client.request("PUT", f"{location}?digest={digest_of(BIG)}", BIG).status == 201
    assert time.monotonic() - started >= 0.3


def test_session_after_a_client_that_left(sandbox, client):
    sandbox.create("app")
    location = client.start("app")
    with client.socket() as gone:
        gone.sendall(f"PATCH {location} HTTP/1.1\r\nHost: {client.host}\r\nContent-Length: 9000000"
                     f"\r\nAuthorization: {client.authorization}\r\n\r\n".encode() + BIG)
    wait_for(lambda: sandbox.requests(operation="upload_chunk", aborted=True))
    assert client.request("GET", location).error()["code"] == "BLOB_UPLOAD_UNKNOWN"
    assert client.push_blob("app", BIG) == digest_of(BIG)


def test_raw(sandbox, client):
    bytes_ = "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"
    sandbox.set_fault("registry", "raw", data=bytes_, close=False, count=1)
    request = (f"GET /v2/ HTTP/1.1\r\nHost: {client.host}\r\n"
               f"Authorization: {client.authorization}\r\n\r\n").encode()
    with client.socket() as connection:
        connection.sendall(request)
        assert connection.recv(1000) == bytes_.encode()
        connection.sendall(request)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    sandbox.set_fault("registry", "raw", hex="00ff", count=1)
    with client.socket() as connection:
        connection.sendall(request)
        assert connection.recv(1000) == b"\x00\xff"
        assert connection.recv(1000) == b""


def test_s3(sandbox, client):
    sandbox.create("app")
    digest = client.push_blob("app", BIG)
    location = client.request("GET", f"/v2/app/blobs/{digest}").headers["Location"]
    sandbox.set_fault("s3", "truncate", after=1_000_000, count=1)
    with pytest.raises(http.client.IncompleteRead) as cut, urllib.request.urlopen(location) as got:
        got.read()
    assert cut.value.partial == BIG[:1_000_000]
    sandbox.set_fault("s3", "status", status=503, count=1)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(location)
    assert refused.value.code == 503
    refused.value.close()
    sandbox.set_fault("s3", "close", count=1)
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError)):
        urllib.request.urlopen(location)
    with urllib.request.urlopen(location) as got:
        assert got.read() == BIG


@pytest.mark.parametrize("kind, reason", [
    ("expired", "expired"), ("wrong_name", "mismatch"), ("self_signed", "self-signed")])
def test_certificate(sandbox, client, kind, reason):
    sandbox.settings(certificate=kind)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        client.request("GET", "/v2/")
    sandbox.settings(certificate="good")
    assert client.request("GET", "/v2/").status == 200


def test_down_and_up(sandbox, client):
    client.request("GET", "/v2/")
    sandbox.down("registry")
    with pytest.raises(CUT):
        client.request("GET", "/v2/")
    with pytest.raises(ConnectionRefusedError):
        client.request("GET", "/v2/")
    sandbox.up("registry")
    assert client.request("GET", "/v2/").status == 200
    sandbox.drop_connections("registry")
    with pytest.raises(CUT):
        client.request("GET", "/v2/")
    assert client.request("GET", "/v2/").status == 200


def test_revoked_tokens(sandbox, client):
    sandbox.revoke_tokens()
    assert client.request("GET", "/v2/").status == 401
    fresh = Client(sandbox)
    fresh.sign_in()
    assert fresh.request("GET", "/v2/").status == 200
