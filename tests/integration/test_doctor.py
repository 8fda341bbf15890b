"""`doctor`: its two forms, its exit code, and whom it asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.daemon import run
from integration.fake_identity import Answer
from integration.fake_sts import FakeSts, assumed
from sandbox import Sandbox

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
KEYS = {"AWS_ACCESS_KEY_ID": "ASIAME", "AWS_SECRET_ACCESS_KEY": "secret-of-ME",
        "AWS_SESSION_TOKEN": "token-of-ME"}
ARN = "arn:aws:iam::111122223333:user/ME"
CHECKS = ["configuration", "aws-settings", "registry", "credentials", "identity", "clock", "token"]
OFFLINE = CHECKS[:4]


@pytest.fixture
def sts() -> Iterator[FakeSts]:
    with FakeSts() as fake:
        yield fake


@pytest.fixture
def env(sts: FakeSts, tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_STS": sts.url,
            "AWS_ENDPOINT_URL_ECR": sts.url, "AWS_EC2_METADATA_DISABLED": "true"}


def doctor(env: dict[str, str], *arguments: str, code: int = 0) -> dict[str, Any]:
    done = run("doctor", "--json", *arguments, env=env)
    assert (done.returncode, done.stderr) == (code, ""), done
    assert "secret" not in done.stdout and "token-of" not in done.stdout
    found = json.loads(done.stdout)
    assert list(found) == ["checks", "identities"]
    for check in found["checks"]:
        assert list(check) == ["name", "state", "message", "remedy"]
        assert check["message"]
        assert (check["remedy"] is None) == (check["state"] == "ok")
    for identity in found["identities"]:
        assert list(identity) == ["registry", "source", "access_key_id", "account", "arn",
                                  "expires"]
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["state"] for check in found["checks"]}


def test_offline_asks_nobody(env: dict[str, str], sts: FakeSts) -> None:
    found = doctor({**env, **KEYS}, "--offline")
    assert states(found) == dict.fromkeys(OFFLINE, "ok")
    assert found["identities"] == [{"registry": None, "source": "env", "access_key_id": "ASIAME",
                                    "account": None, "arn": None, "expires": None}]
    assert not sts.requests


def test_online(env: dict[str, str], sts: FakeSts) -> None:
    found = doctor({**env, **KEYS, "AWS_CREDENTIAL_EXPIRATION": "2099-01-02T03:04:05Z"})
    assert states(found) == dict.fromkeys(CHECKS, "ok")
    assert found["identities"] == [{
        "registry": None, "source": "env", "access_key_id": "ASIAME", "account": "111122223333",
        "arn": ARN, "expires": "2099-01-02T03:04:05.000Z"}]
    assert len(sts.requests) == 2


def test_each_registry(env: dict[str, str], sts: FakeSts) -> None:
    hosts = [HOST, HOST.replace("central", "north")]
    found = doctor({**env, **KEYS}, *(f"--registry={host}" for host in hosts))
    assert [identity["registry"] for identity in found["identities"]] == hosts
    regions = [asked.headers["authorization"].split("/")[2] for asked in sts.requests]
    assert regions == ["eu-central-1"] * 2 + ["eu-north-1"] * 2


def test_no_credentials(env: dict[str, str], sts: FakeSts) -> None:
    found = doctor(env, code=1)
    assert states(found) == {**dict.fromkeys(OFFLINE, "ok"), "credentials": "FAIL"}
    assert not found["identities"] and not sts.requests


def test_wrong_secret(env: dict[str, str]) -> None:
    found = doctor({**env, **KEYS, "AWS_SECRET_ACCESS_KEY": "secret-of-YOU"}, code=1)
    assert states(found) == {**dict.fromkeys(OFFLINE, "ok"), "identity": "FAIL"}
    assert found["identities"][0]["access_key_id"] == "ASIAME"
    assert found["identities"][0]["account"] is None


def test_no_token(env: dict[str, str], sts: FakeSts) -> None:
    refused = Answer(400, {"__type": "AccessDeniedException", "message": "no"})
    sts.say("POST", "/", Answer(200, """<Account>111122223333</Account>"""), refused)
    found = doctor({**env, **KEYS}, code=1)
    assert states(found)["token"] == "FAIL"
    assert "ecr:GetAuthorizationToken" in found["checks"][-1]["message"]


@pytest.mark.parametrize("settings,words", [
    ({"AWS_PROFILE": "nobody"}, "nobody"), ({"AWS_CA_BUNDLE": "/nonexistent"}, "/nonexistent"),
    ({"AWS_USE_FIPS_ENDPOINT": "perhaps"}, "AWS_USE_FIPS_ENDPOINT"),
], ids=str)
def test_wrong_settings(env: dict[str, str], settings: dict[str, str], words: str) -> None:
    found = doctor({**env, **KEYS, **settings}, code=1)
    assert states(found) == {"configuration": "ok", "aws-settings": "FAIL"}
    assert words in found["checks"][-1]["message"]


def test_no_region(env: dict[str, str]) -> None:
    found = doctor({**env, **KEYS, "AWS_REGION": ""}, code=1)
    assert "AWS_REGION" in found["checks"][-1]["message"]
    assert states(doctor({**env, **KEYS, "AWS_REGION": ""}, "--registry", HOST))["token"] == "ok"


def test_no_registry(env: dict[str, str]) -> None:
    found = doctor({**env, **KEYS}, "--registry=ghcr.io", "--offline", code=1)
    assert states(found)["registry"] == "FAIL" and not found["identities"]
    assert "ghcr.io" in found["checks"][-1]["message"]


def configure(folder: Path, **members: Any) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps(members))
    return f"--config={path}"


def test_configuration(env: dict[str, str], tmp_path: Path) -> None:
    """Each registry with an identity of its own."""
    arn = "arn:aws:iam::444455556666:role/push"
    hosts = [HOST, HOST.replace("1234", "4444"), HOST.replace("1234", "5555")]
    config = configure(tmp_path, registries=[
        {"host": hosts[0]}, {"host": hosts[1], "role_arn": arn, "external_id": "an-id"},
        {"host": hosts[2], "profile": "team"}])
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(
        "[team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = secret-of-TEAM\n")
    role_key = f"ASIA{assumed('ASIAME', arn, external_id='an-id')}"
    found = doctor({**env, **KEYS}, config)
    assert [(one["registry"], one["source"], one["access_key_id"], one["account"])
            for one in found["identities"]] == [
        (hosts[0], "env", "ASIAME", "111122223333"),
        (hosts[1], "assume-role", role_key, "444455556666"),
        (hosts[2], "shared-credentials-file", "AKIATEAM", "111122223333")]
    only = doctor({**env, **KEYS}, config, "--offline", f"--registry={hosts[1]}")
    (identity,) = only["identities"]
    assert identity["access_key_id"] == role_key
    assert identity["arn"].startswith("arn:aws:sts::444455556666:assumed-role/push/")


def test_broken_configuration(env: dict[str, str], tmp_path: Path) -> None:
    config = configure(tmp_path, registreis=[], listne=[])
    found = doctor({**env, **KEYS}, config, code=1)
    assert states(found) == {"configuration": "FAIL"}
    (check,) = found["checks"]
    assert "registreis" in check["message"] and "check-config" in check["remedy"]
    missing = doctor({**env, **KEYS}, "--config=/nonexistent", code=1)
    assert "/nonexistent" in missing["checks"][0]["message"]


@pytest.mark.parametrize("skew,state", [(0, "ok"), (-200, "WARN"), (200, "WARN")])
def test_clock(sandbox: Sandbox, skew: int, state: str) -> None:
    sandbox.settings(clock_skew=skew)
    found = doctor(sandbox.env())
    assert states(found) == {**dict.fromkeys(CHECKS, "ok"), "clock": state}


def test_as_text(env: dict[str, str]) -> None:
    done = run("doctor", "--offline", env={**env, **KEYS})
    assert done.returncode == 0
    assert done.stdout == ("ok    configuration no file\n"
                           "ok    aws-settings  region eu-west-1\n"
                           "ok    registry      none is named: that of the AWS identity\n"
                           "ok    credentials   ASIAME from env\n")
    done = run("doctor", env=env)
    assert done.returncode == 1
    failed, remedy = done.stdout.splitlines()[3:]
    assert failed.startswith("FAIL  credentials   no AWS credentials")
    assert remedy.startswith("                  -> ")


@pytest.mark.parametrize("arguments", [["extra"], ["--listen=127.0.0.1:1"], ["--timeout=1"]],
                         ids=str)
def test_wrong_command_line(arguments: list[str]) -> None:
    done = run("doctor", *arguments, env={})
    assert (done.returncode, done.stdout) == (2, "")
