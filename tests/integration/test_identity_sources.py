"""Keys that somebody else hands out: a program, a container's endpoint, an instance's metadata
service, IAM Identity Center. Whom the daemon becomes, whom it asks for that, and what it says when
they fail; tests/unit has every broken answer."""

from __future__ import annotations

import json
import os
import shlex
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.daemon import BINARY, Daemon, run
from integration.fake_identity import (Answer, FakeContainer, FakeImds, FakeSso, iso, keys,
                                       write_sso_token)
from integration.registry import creations, start_upload
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

SSO = """[default]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Dev+1
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
"""
OLD_SSO = """[default]
sso_account_id = 123456789012
sso_role_name = Dev+1
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Nobody's environment; what is not set is not asked."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def container(env: dict[str, str]) -> Iterator[FakeContainer]:
    with FakeContainer() as fake:
        env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = fake.uri
        yield fake


@pytest.fixture
def imds(env: dict[str, str]) -> Iterator[FakeImds]:
    with FakeImds() as fake:
        del env["AWS_EC2_METADATA_DISABLED"]
        env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = fake.url
        yield fake


@pytest.fixture
def sso(env: dict[str, str], tmp_path: Path) -> Iterator[FakeSso]:
    with FakeSso() as fake:
        env["AWS_ENDPOINT_URL_SSO"] = env["AWS_ENDPOINT_URL_SSO_OIDC"] = fake.url
        configure(tmp_path, SSO)
        yield fake


def configure(home: Path, config: str) -> None:
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws" / "config").write_text(config)


def use_process(home: Path, *words: str) -> None:
    configure(home, f"[default]\ncredential_process = {shlex.join(words)}\n")


def script(home: Path, text: str) -> str:
    path = home / "helper program"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return str(path)


def look(env: dict[str, str]) -> dict[str, Any]:
    done = run("doctor", "--json", "--offline", env=env, timeout=90)
    assert done.stderr == ""
    assert "secret-of" not in done.stdout and "token-of" not in done.stdout
    return json.loads(done.stdout)


def who(env: dict[str, str]) -> dict[str, Any]:
    found = look(env)
    assert found["identities"], found
    return found["identities"][0]


def refusal(env: dict[str, str]) -> str:
    found = look(env)
    assert found["identities"] == []
    (check,) = [check for check in found["checks"] if check["name"] == "credentials"]
    assert check["state"] == "FAIL"
    return check["message"]


def seconds(work: Callable[[], Any]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


# a container

def test_container(env: dict[str, str], container: FakeContainer) -> None:
    container.reply["AccountId"] = "210987654321"
    identity = who(env)
    assert (identity["source"], identity["access_key_id"]) == ("container-role", "ASIACONTAINER")
    assert identity["account"] == "210987654321"
    assert identity["expires"].startswith(container.reply["Expiration"][:19])
    (asked,) = container.requests
    assert asked.headers["accept"] == "application/json"
    assert "authorization" not in asked.headers


def test_container_token_file(env: dict[str, str], container: FakeContainer,
                              tmp_path: Path) -> None:
    container.token = "from the file"
    (tmp_path / "token").write_text("from the file")
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "from the variable"
    message = refusal(env)
    assert "wrong token" in message and "variable" not in message
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(tmp_path / "token")
    assert who(env)["source"] == "container-role"
    (tmp_path / "token").write_text("from the file\n")
    assert "line's end" in refusal(env)


def test_container_is_not_passed_over(env: dict[str, str], imds: FakeImds) -> None:
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"http://127.0.0.1:{free_port()}/x"
    message = refusal(env)
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" in message
    assert imds.requests == []


@pytest.mark.parametrize("answer", [
    Answer(302, headers={"Location": "{other}"}),
    Answer(200, b"x" * 20_000_000),
    Answer(200, headers={"Content-Length": "99999999999"}),
    Answer(200, b'{"AccessKeyId": "A'),
    Answer(close=True),
    Answer(hang=True),
], ids=["redirect", "flood", "lie", "cut", "close", "hang"])
def test_container_answers_badly(env: dict[str, str], container: FakeContainer,
                                 answer: Answer) -> None:
    with FakeContainer() as other:
        answer.headers = {name: value.format(other=other.uri)
                          for name, value in answer.headers.items()}
        container.say("GET", container.PATH, answer)
        assert seconds(lambda: refusal(env)) < 12
        assert len(container.requests) == 3
        assert other.requests == []


@pytest.mark.parametrize("uri", ["http://example.com/x", "http://169.254.169.254/x",
                                 "http://127.0.0.1@example.com/", "http://2130706433/"])
def test_container_elsewhere(env: dict[str, str], uri: str) -> None:
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = uri
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "token-of-X"
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" in refusal(env)


def test_no_proxy_for_this_machine(env: dict[str, str], container: FakeContainer,
                                   imds: FakeImds) -> None:
    with FakeContainer() as proxy:
        env |= dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy",
                              "ALL_PROXY", "all_proxy"), proxy.url)
        assert who(env)["source"] == "container-role"
        del env["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        assert who(env)["source"] == "iam-role"
        # A name that no resolver knows: only a proxy would be asked for it.
        env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "https://agent.invalid/x"
        assert "agent.invalid" in refusal(env)
        assert proxy.requests == []


# an instance

def test_imds(env: dict[str, str], imds: FakeImds) -> None:
    identity = who(env)
    assert (identity["source"], identity["access_key_id"]) == ("iam-role", "ASIAIMDS")
    token, roles, role = imds.requests
    assert (token.method, token.path) == ("PUT", imds.TOKEN)
    assert token.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
    assert token.headers["content-length"] == "0"
    assert (roles.path, role.path) == (imds.ROLES, imds.ROLES + imds.role)
    assert {roles.headers["x-aws-ec2-metadata-token"],
            role.headers["x-aws-ec2-metadata-token"]} == {imds.token}


def test_imds_version_1(env: dict[str, str], imds: FakeImds) -> None:
    imds.v1 = True
    imds.say("PUT", imds.TOKEN, Answer(403))
    assert who(env)["source"] == "iam-role"
    env["AWS_EC2_METADATA_V1_DISABLED"] = "true"
    before = len(imds.requests)
    assert "AWS_EC2_METADATA_V1_DISABLED" in refusal(env)
    assert [asked.method for asked in imds.requests[before:]] == ["PUT"]


def test_imds_hop_limit(env: dict[str, str], imds: FakeImds) -> None:
    """In a container the answer to PUT is lost on its way, and version 1 is off by default."""
    imds.say("PUT", imds.TOKEN, Answer(hang=True))
    assert seconds(lambda: refusal(env)) < 4
    assert "--http-put-response-hop-limit 2" in refusal(env)


def test_imds_is_not_there(env: dict[str, str]) -> None:
    del env["AWS_EC2_METADATA_DISABLED"]
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"http://127.0.0.1:{port}"
        assert seconds(lambda: refusal(env)) < 3
    message = refusal(env)
    assert f"no instance metadata service answers at http://127.0.0.1:{port}" in message
    assert "AWS_ACCESS_KEY_ID" in message


def test_imds_has_no_role(env: dict[str, str], imds: FakeImds) -> None:
    imds.role = ""
    assert "attach an instance profile" in refusal(env)
    imds.role = "broken"
    imds.reply = {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume"}
    assert "EC2 cannot assume" in refusal(env)


def test_imds_expired_credentials_go_on(env: dict[str, str], imds: FakeImds) -> None:
    imds.reply |= keys("OLD", lives_s=-3600)
    identity = who(env)
    assert identity["access_key_id"] == "ASIAOLD"
    assert iso(16 * 60) < identity["expires"] < iso(26 * 60)


@pytest.mark.parametrize("path", [FakeImds.TOKEN, FakeImds.ROLES])
@pytest.mark.parametrize("answer", [Answer(200, b"x" * 20_000_000),
                                    Answer(200, "a\r\nx-other: b"), Answer(close=True)],
                         ids=["flood", "fields", "close"])
def test_imds_answers_badly(env: dict[str, str], imds: FakeImds, path: str,
                            answer: Answer) -> None:
    imds.say("PUT" if path == imds.TOKEN else "GET", path, answer)
    assert "instance metadata service" in refusal(env)
    assert not any("x-other" in asked.headers for asked in imds.requests)


# IAM Identity Center

def test_sso(env: dict[str, str], sso: FakeSso, tmp_path: Path) -> None:
    sso.roles = {("123456789012", "Dev+1"): "DEV"}
    write_sso_token(tmp_path, "corp")
    identity = who(env)
    assert (identity["source"], identity["access_key_id"]) == ("sso", "ASIADEV")
    assert identity["account"] == "123456789012"
    (asked,) = sso.requests
    assert asked.headers["x-amz-sso_bearer_token"] == "sso-token"
    assert "authorization" not in asked.headers
    configure(tmp_path, OLD_SSO)
    assert "aws sso login --profile default" in refusal(env)
    write_sso_token(tmp_path, "https://example.awsapps.com/start", lives_s=60)
    assert who(env)["access_key_id"] == "ASIADEV"
    assert sso.asked("POST", sso.CREATE_TOKEN) == []


@pytest.mark.parametrize("lives_s", [-60, 600])
def test_sso_renewal(env: dict[str, str], sso: FakeSso, tmp_path: Path, lives_s: int) -> None:
    path = write_sso_token(tmp_path, "corp", lives_s, mine={"keep": [1, 2.50]})
    path.chmod(0o644)
    assert who(env)["source"] == "sso"
    asked, _ = sso.requests
    assert json.loads(asked.body) == {"grantType": "refresh_token", "clientId": "sso-client",
                                      "clientSecret": "sso-secret", "refreshToken": "sso-refresh"}
    assert sso.requests[1].headers["x-amz-sso_bearer_token"] == "sso-token-2"
    kept = json.loads(path.read_text())
    assert kept["accessToken"] == "sso-token-2" and kept["refreshToken"] == "sso-refresh-2"
    assert kept["mine"] == {"keep": [1, 2.50]} and kept["clientSecret"] == "sso-secret"
    assert iso(28700) < kept["expiresAt"] < iso(28900)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == [path.name]
    # The next one takes it from there.
    assert who(env)["source"] == "sso"
    assert len(sso.asked("POST", sso.CREATE_TOKEN)) == 1


def test_sso_renewal_fails(env: dict[str, str], sso: FakeSso, tmp_path: Path) -> None:
    sso.refresh.clear()
    path = write_sso_token(tmp_path, "corp", 600)
    before = path.read_bytes()
    assert who(env)["source"] == "sso"
    assert path.read_bytes() == before
    write_sso_token(tmp_path, "corp", -1)
    message = refusal(env)
    assert "aws sso login --profile default" in message and "InvalidGrantException" in message
    assert "sso-refresh" not in message and "sso-secret" not in message


def test_sso_token_is_refused(env: dict[str, str], sso: FakeSso, tmp_path: Path) -> None:
    write_sso_token(tmp_path, "corp", accessToken="another")
    assert "aws sso login --profile default" in refusal(env)
    write_sso_token(tmp_path, "corp")
    sso.roles = {("123456789012", "Other"): "X"}
    message = refusal(env)
    assert "Dev+1" in message and "No access" in message
    sso.say("GET", sso.CREDENTIALS, Answer(500), Answer(close=True), Answer(200, {
        "roleCredentials": {"accessKeyId": "ASIALATE", "secretAccessKey": "s",
                            "sessionToken": "t", "expiration": 4102444800000}}))
    assert who(env)["access_key_id"] == "ASIALATE"


# a program

def test_process(env: dict[str, str], tmp_path: Path) -> None:
    """Words as in a shell, but no shell; its environment is the daemon's, its input empty."""
    use_process(tmp_path, script(tmp_path, """
import json, os, sys
assert sys.stdin.read() == ""
assert sys.argv[1:] == ["$HOME", "a b", "*", "|", "x"], sys.argv
print(json.dumps({"Version": 1, "AccessKeyId": "ASIA" + os.environ["WHO"], "SessionToken": "t",
    "SecretAccessKey": "secret-of-X", "Expiration": "2099-01-02T03:04:05+00:00"}))
"""), "$HOME", "a b", "*", "|", "x")
    identity = who({**env, "WHO": "ME"})
    assert (identity["source"], identity["access_key_id"]) == ("custom-process", "ASIAME")
    assert identity["expires"].startswith("2099-01-02T03:04:05")


@pytest.mark.parametrize("text,words", [
    ("print('secret-of-X')", ["no JSON"]),
    ("import sys; sys.stdout.buffer.write(bytes(range(256)) * 4)", ["no JSON"]),
    ("import sys; print('secret-of-X'); sys.exit('please log in\\nsecret-of-X')",
     ["exit code 1", "please log in"]),
    ("import os; os.abort()", ["signal 6"]),
    ("while True: print('secret-of-X' * 1000)", ["65536"]),
    ("print('{\"Version\": 3}')", ["Version"]),
], ids=["garbage", "binary", "failure", "abort", "flood", "version"])
def test_process_fails(env: dict[str, str], tmp_path: Path, text: str,
                       words: list[str]) -> None:
    use_process(tmp_path, script(tmp_path, text))
    message = refusal(env)
    for word in ["credential_process", *words]:
        assert word in message, message


def test_no_such_process(env: dict[str, str], tmp_path: Path) -> None:
    use_process(tmp_path, "/no/such/helper")
    assert "/no/such/helper" in refusal(env)
    configure(tmp_path, "[default]\ncredential_process = 'open\n")
    assert "quote" in refusal(env)


def is_gone(pid: str) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().split()[2] in "ZX"


@pytest.mark.slow
def test_process_hangs(env: dict[str, str], tmp_path: Path) -> None:
    """The daemon gives it a minute; then it and what it started are gone."""
    use_process(tmp_path, "sh", "-c", f"sleep 300 & echo $! >'{tmp_path}/pid'; wait")
    pid = tmp_path / "pid"
    daemon = subprocess.Popen(
        [BINARY, "serve", "--listen=127.0.0.1:0", "--admin=off", "--registry=123456789012.dkr.ecr.eu-west-1.amazonaws.com",
         f"--state-dir={tmp_path}/state"], env=env, stderr=subprocess.DEVNULL)
    try:
        child = wait_for("the process", lambda: pid.exists() and pid.read_text().strip())
        begun = time.monotonic()
        wait_for("its end", lambda: is_gone(child), 90)
        assert time.monotonic() - begun > 55
    finally:
        daemon.terminate()
        daemon.wait(30)


# at work

@pytest.mark.parametrize("source", ["process", "container", "imds", "sso"])
def test_a_push_with_them(sandbox: Sandbox, tmp_path: Path, name: str, container: FakeContainer,
                          imds: FakeImds, sso: FakeSso, source: str) -> None:
    sandbox.add_identity("ASIAWORK", "secret-of-WORK", session_token="token-of-WORK")
    env = {**sandbox.env(), "HOME": str(tmp_path)}
    del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
    configure(tmp_path, "")
    if source == "process":
        printed = {"Version": 1, "SessionToken": "token-of-WORK", **keys("WORK")}
        use_process(tmp_path, script(tmp_path, f"print({json.dumps(printed)!r})"))
    elif source == "container":
        container.reply = keys("WORK")
        env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.uri
    elif source == "imds":
        imds.reply = keys("WORK")
        env |= {"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.url, "AWS_EC2_METADATA_DISABLED": ""}
    else:
        sso.roles = {("123456789012", "Dev+1"): "WORK"}
        configure(tmp_path, SSO)
        write_sso_token(tmp_path, "corp")
        env["AWS_ENDPOINT_URL_SSO"] = env["AWS_ENDPOINT_URL_SSO_OIDC"] = sso.url
    with Daemon(sandbox.daemon_args(), env) as daemon:
        assert start_upload(daemon, name).status == 202
        assert "secret-of" not in daemon.text() and "token-of" not in daemon.text()
    assert len(creations(sandbox, name)) == 1


def test_starts_before_its_source(sandbox: Sandbox, tmp_path: Path, name: str,
                                  container: FakeContainer) -> None:
    """At boot the endpoint may come up later than the daemon."""
    sandbox.add_identity("ASIAWORK", "secret-of-WORK", session_token="token-of-WORK")
    env = {**sandbox.env(), "HOME": str(tmp_path),
           "AWS_CONTAINER_CREDENTIALS_FULL_URI": container.uri}
    del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
    configure(tmp_path, "")
    container.reply = keys("WORK")
    container.say("GET", container.PATH, Answer(503))
    with Daemon(sandbox.daemon_args(), env, ready=False) as daemon:
        assert daemon.ask_admin("/readyz").status == 503
        assert [line for line in daemon.lines()
                if "started without credentials" in line.get("message", "")]
        container.say("GET", container.PATH)
        daemon.wait_ready()
        assert start_upload(daemon, name).status == 202
