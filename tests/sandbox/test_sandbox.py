"""The sandbox as a whole: its life, who may come in, what exists, the log."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rawclient import Client, digest_of, token_of
from sandbox import Sandbox

MISSING = ("The repository with name 'no/such' does not exist in the registry with id"
           " '123456789012'")


def test_starts_and_leaves_nothing(tmp_path):
    folder, env_file = tmp_path / "run", tmp_path / "env"
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "sandbox.py"), "--dir", str(folder),
         "--env-file", str(env_file)], stdout=subprocess.PIPE, text=True)
    names = [child.stdout.readline().partition("=")[0] for _ in range(3)]
    assert names == ["export ECR_HOST", "export REGISTRY_ENDPOINT", "export AWS_ENDPOINT_URL_ECR"]
    shown = subprocess.run(["bash", "-c", f". {env_file}; echo $AWS_REGION $AWS_SESSION_TOKEN"],
                           env={**os.environ, "AWS_SESSION_TOKEN": "mine"},
                           capture_output=True, text=True, check=True).stdout.split()
    assert shown == ["eu-west-1"]
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    assert len(children) == 1
    child.send_signal(signal.SIGTERM)
    assert child.wait(10) == 0
    child.stdout.close()
    assert not Path(f"/proc/{children[0]}").exists()
    assert list(folder.iterdir()) == []


def test_registry_child_dies_with_a_killed_sandbox():
    sandbox = Sandbox().start()
    pid = sandbox._child.pid
    [registry] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fd = os.pidfd_open(int(registry))
    sandbox._child.kill()

    assert select.select([fd], [], [], 10)[0], "docker-registry outlived the sandbox"
    os.close(fd)
    sandbox.stop()
    assert not Path(sandbox.ca_file).parent.exists()


def test_no_token(client):
    client.authorization = None
    answer = client.request("GET", "/v2/")
    assert (answer.status, answer.body) == (401, b"Not Authorized\n")
    assert answer.headers["Www-Authenticate"] == (
        f'Basic realm="https://{client.host}/",service="ecr.amazonaws.com"')
    assert answer.headers.get_content_type() == "text/plain"
    assert answer.headers["Sizes"] == ""


@pytest.mark.parametrize("authorization", [
    "Basic !!!", "Basic QVdTOng=", "Bearer QVdTOng=", "Basic"])
def test_garbage_token(client, authorization):
    client.authorization = authorization
    assert client.request("GET", "/v2/").status == 401


def test_good_token(client):
    answer = client.request("GET", "/v2/")
    assert answer.status == 200
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert "Server" not in answer.headers


def test_token_of_another_region(sandbox, client):
    client.authorization = "Basic " + token_of(sandbox, "us-east-1")
    assert client.request("GET", "/v2/").status == 401


def test_expired_token(sandbox, client):
    sandbox.create("team/app")
    sandbox.expire_tokens()
    answer = client.request("POST", "/v2/team/app/blobs/uploads/", b"")
    assert answer.status == 403
    assert "Www-Authenticate" not in answer.headers
    assert answer.error() == {
        "code": "DENIED",
        "message": "Your authorization token has expired. Reauthenticate and try again."}
    client.sign_in()
    assert client.request("POST", "/v2/team/app/blobs/uploads/", b"").status == 202


def test_foreign_host(sandbox, client):
    answer = client.request("GET", "/v2/", headers={"Host": "evil.example.com"})
    assert answer.status == 421


def test_missing_repository(client):
    answer = client.request("POST", "/v2/no/such/blobs/uploads/", b"")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.error() == {"code": "NAME_UNKNOWN", "message": MISSING}
    for method, path in [("GET", "manifests/1"), ("PUT", "manifests/1"), ("GET", "tags/list")]:
        answer = client.request(method, f"/v2/no/such/{path}", b"{}" if method == "PUT" else None)
        assert (answer.status, answer.error()["code"]) == (404, "NAME_UNKNOWN")
    head = client.request("HEAD", "/v2/no/such/manifests/1")
    assert (head.status, head.body) == (404, b"")


def test_every_account_and_region_is_a_registry_of_its_own(sandbox):
    there = Client(sandbox, "210987654321.dkr.ecr.us-east-1.amazonaws.com")
    there.sign_in("us-east-1")
    sandbox.create("app")
    answer = there.request("POST", "/v2/app/blobs/uploads/", b"")
    assert answer.status == 404 and "'210987654321'" in answer.error()["message"]
    sandbox.create("app", account="210987654321", region="us-east-1")
    assert there.push_image("app", "1").status == 201
    here = Client(sandbox)
    here.sign_in()
    assert here.request("GET", "/v2/app/manifests/1").status == 404
    assert there.request("GET", "/v2/app/manifests/1").status == 200


@pytest.mark.parametrize("method, path", [
    ("POST", "/v2/a/blobs/uploads/"), ("POST", "/v2/A/b/blobs/uploads/"),
    ("POST", "/v2/a___b/blobs/uploads/"), ("GET", "/"), ("GET", "/v1/x"),
    ("DELETE", f"/v2/app/blobs/{digest_of(b'')}")])
def test_what_ecr_does_not_have_is_405(sandbox, client, method, path):
    sandbox.create("app")
    assert client.request(method, path).status == 405


def test_sixty_four_pushes_at_once(sandbox, client):
    failed = []

    def push(number: int) -> None:
        mine = Client(sandbox)
        mine.authorization = client.authorization
        if mine.push_image(f"many/{number}", "1", os.urandom(300_000)).status != 201:
            failed.append(number)
        mine.close()

    for number in range(64):
        sandbox.create(f"many/{number}")
    threads = [threading.Thread(target=push, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and len(sandbox.requests(operation="manifest_put", status=201)) == 64


def test_log(sandbox, client):
    client.request("POST", "/v2/no/such/blobs/uploads/?mount=x&from=y", b"", {"X-Mine": "1"})
    client.request("GET", "/v2/")
    first, second = sandbox.requests(side="registry")
    assert first["path"] == "/v2/no/such/blobs/uploads/?mount=x&from=y"
    assert (first["method"], first["operation"], first["status"]) == ("POST", "upload_start", 404)
    assert first["repository"] == "no/such" and first["sni"] == first["host"] == client.host
    assert ["X-Mine", "1"] in first["headers"] and first["token"].startswith("t")
    assert client.authorization not in json.dumps(first)
    assert first["connection"] == second["connection"], "one connection, kept"
    sandbox.reset()
    assert sandbox.requests() == []


def test_plain_http_and_alias():
    with Sandbox(plain=True, aliases=["127.0.0.1"]) as sandbox:
        assert sandbox.endpoint.startswith("http://127.0.0.1:")
        client = Client(sandbox)
        client.sign_in()
        sandbox.create("app")
        client.start("app")  # Location is https and canonical all the same
        alias = Client(sandbox, sandbox.endpoint.removeprefix("http://"))
        alias.authorization = client.authorization
        answer = alias.request("POST", "/v2/app/blobs/uploads/", b"")
        assert answer.headers["Location"].startswith(sandbox.endpoint + "/v2/app/")


def test_malformed_request_is_logged(sandbox, client):
    with client.socket() as connection:
        connection.sendall(b"GET /v2/ HTTP/1.1\r\nHost : x\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.0 400")
    [entry] = sandbox.requests(side="malformed")
    assert entry["status"] == 400


def test_unusable_folder_is_one_clear_line():
    child = subprocess.run([sys.executable, str(Path(__file__).parent / "sandbox.py"), "--dir",
                            "/proc/none"], capture_output=True, text=True)
    assert child.returncode == 1
    assert child.stderr.count("\n") == 1 and child.stderr.startswith("sandbox: ")
