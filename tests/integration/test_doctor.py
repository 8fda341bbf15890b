"""`doctor`: its two forms, its exit code, whom it asks, and what it says of the credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.daemon import run
from integration.doctoring import IDENTITY, MACHINE, ONLINE, Home, doctor
from integration.fake_identity import Answer, FakeSso, write_sso_token
from integration.fake_sts import FakeSts, assumed
from sandbox import Sandbox

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
KEYS = {"AWS_ACCESS_KEY_ID": "ASIAME", "AWS_SECRET_ACCESS_KEY": "secret-of-ME",
        "AWS_SESSION_TOKEN": "token-of-ME"}
ARN = "arn:aws:iam::111122223333:user/ME"
OFFLINE = [*MACHINE, *IDENTITY]


@pytest.fixture
def sts() -> Iterator[FakeSts]:
    with FakeSts() as fake:
        yield fake


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def env(sts: FakeSts) -> dict[str, str]:
    return {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_STS": sts.url,
            "AWS_ENDPOINT_URL_ECR": sts.url, "AWS_EC2_METADATA_DISABLED": "true"}


def test_offline_asks_nobody(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    found = doctor(home, {**env, **KEYS}, "--offline")
    assert list(found.states) == OFFLINE
    assert found.named("ok") == [name for name in OFFLINE if name != "daemon"]
    assert found.identities == [{"registry": None, "source": "env", "access_key_id": "ASIAME",
                                 "account": None, "arn": None, "expires": None}]
    assert not sts.requests


def test_online(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    found = doctor(home, {**env, **KEYS, "AWS_CREDENTIAL_EXPIRATION": "2099-01-02T03:04:05Z"})
    assert list(found.states) == [*OFFLINE, *ONLINE]
    assert found.named("WARN") == ["daemon"] and not found.named("FAIL")
    assert found.identities == [{
        "registry": None, "source": "env", "access_key_id": "ASIAME", "account": "111122223333",
        "arn": ARN, "expires": "2099-01-02T03:04:05.000Z"}]


def test_each_registry(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    hosts = [HOST, HOST.replace("central", "north")]
    found = doctor(home, {**env, **KEYS}, registries=[
        {"host": host, "endpoint": sts.url} for host in hosts])
    assert [identity["registry"] for identity in found.identities] == hosts
    regions = [asked.headers["authorization"].split("/")[2] for asked in sts.requests]
    half = len(regions) // 2
    assert set(regions[:half]) == {"eu-central-1"} and set(regions[half:]) == {"eu-north-1"}


# credentials

def test_no_credentials(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    """What does not build on them is looked at all the same."""
    found = doctor(home, env, failed=True)
    assert list(found.states) == [*OFFLINE, "dns", "tls"]
    assert found.named("FAIL") == ["credentials"]
    found.says("credentials", "FAIL", "no AWS credentials", "`aws configure`")
    assert not found.identities and not sts.requests


def test_expired_credentials(home: Home, env: dict[str, str]) -> None:
    """By their own word, and by AWS's."""
    found = doctor(home, {**env, **KEYS, "AWS_CREDENTIAL_EXPIRATION": "2020-01-02T03:04:05Z"},
                   failed=True)
    found.says("credentials", "FAIL", "env have expired")


def test_credentials_that_aws_calls_expired(home: Home, env: dict[str, str],
                                            sandbox: Sandbox) -> None:
    sandbox.set_fault("api", "expired_credentials")
    found = doctor(home, sandbox.env(), failed=True)
    found.says("identity", "FAIL", "ExpiredToken", "unset AWS_ACCESS_KEY_ID")
    assert "token" not in found.states    # it builds on them


def write_profile(home: Home, name: str, **keys: str) -> None:
    (home.folder / ".aws").mkdir(exist_ok=True)
    with (home.folder / ".aws/config").open("a") as file:
        file.write(f"[profile {name}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))


def test_expired_sso_session(home: Home, env: dict[str, str]) -> None:
    write_profile(home, "team", sso_start_url="https://x.awsapps.com/start", sso_region="eu-west-1",
                  sso_account_id="111122223333", sso_role_name="push")
    found = doctor(home, {**env, "AWS_PROFILE": "team"}, failed=True)
    assert found["credentials"]["remedy"] == "aws sso login --profile team"
    with FakeSso("another-token") as sso:
        write_sso_token(home.folder, "https://x.awsapps.com/start", refreshToken=None)
        found = doctor(home, {**env, "AWS_PROFILE": "team", "AWS_ENDPOINT_URL_SSO": sso.url},
                       failed=True)
    found.says("credentials", "FAIL", "does not take the token", "aws sso login --profile team")


def test_mfa(home: Home, env: dict[str, str]) -> None:
    write_profile(home, "keys", aws_access_key_id="AKIAKEYS",
                  aws_secret_access_key="secret-of-KEYS")
    write_profile(home, "admin", role_arn="arn:aws:iam::111122223333:role/admin",
                  source_profile="keys", mfa_serial="arn:aws:iam::111122223333:mfa/me")
    found = doctor(home, {**env, "AWS_PROFILE": "admin"}, failed=True)
    found.says("credentials", "FAIL", "mfa_serial",
               "aws configure export-credentials --profile admin --format env")


def test_credentials_that_never_come(home: Home, env: dict[str, str]) -> None:
    """The process is given up in time, and ended."""
    write_profile(home, "slow", credential_process="/bin/sleep 300")
    found = doctor(home, {**env, "AWS_PROFILE": "slow"}, failed=True)
    found.says("credentials", "FAIL", "no AWS credentials in time")


def test_wrong_secret(home: Home, env: dict[str, str]) -> None:
    found = doctor(home, {**env, **KEYS, "AWS_SECRET_ACCESS_KEY": "secret-of-YOU"}, failed=True)
    found.says("identity", "FAIL", "SignatureDoesNotMatch", "set the variables anew")
    assert found["clock"]["state"] == "ok"    # the refusal tells the time too
    assert found.identities[0]["access_key_id"] == "ASIAME"
    assert found.identities[0]["account"] is None


def test_no_token(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    refused = Answer(400, {"__type": "AccessDeniedException", "message": "no"})
    sts.say("POST", "/", Answer(200, """<Account>111122223333</Account>"""), refused)
    found = doctor(home, {**env, **KEYS}, failed=True)
    found.says("token", "FAIL", "ecr:GetAuthorizationToken", "grant ecr:GetAuthorizationToken")


# settings

@pytest.mark.parametrize("settings,words", [
    ({"AWS_PROFILE": "nobody"}, "nobody"), ({"AWS_CA_BUNDLE": "/nonexistent"}, "/nonexistent"),
    ({"AWS_USE_FIPS_ENDPOINT": "perhaps"}, "AWS_USE_FIPS_ENDPOINT"),
], ids=str)
def test_wrong_settings(home: Home, env: dict[str, str], settings: dict[str, str],
                        words: str) -> None:
    found = doctor(home, {**env, **KEYS, **settings}, failed=True)
    assert list(found.states) == MACHINE
    found.says("aws-settings", "FAIL", words)


def test_no_region(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    found = doctor(home, {**env, **KEYS, "AWS_REGION": ""}, failed=True)
    found.says("region", "FAIL", "AWS_REGION", "export AWS_REGION=")
    found = doctor(home, {**env, **KEYS, "AWS_REGION": ""},
                   registries=[{"host": HOST, "endpoint": sts.url}])
    assert found["token"]["state"] == "ok"


def test_wrong_region(home: Home, env: dict[str, str]) -> None:
    found = doctor(home, {**env, **KEYS, "AWS_REGION": "europe-west-1"}, "--offline", failed=True)
    found.says("region", "FAIL", "europe-west-1 is no AWS region")
    found = doctor(home, {**env, **KEYS}, "--offline", "--registry", HOST)
    found.says("region", "WARN", "is in eu-central-1, but the AWS settings say eu-west-1",
               "export AWS_REGION=eu-central-1")


def test_no_registry(home: Home, env: dict[str, str]) -> None:
    found = doctor(home, {**env, **KEYS}, "--registry=ghcr.io", "--offline", failed=True)
    found.says("registry", "FAIL", "ghcr.io")
    assert not found.identities


def test_configuration(home: Home, env: dict[str, str], sts: FakeSts) -> None:
    """Each registry with an identity of its own."""
    arn = "arn:aws:iam::444455556666:role/push"
    hosts = [HOST, HOST.replace("1234", "4444"), HOST.replace("1234", "5555")]
    more: list[dict[str, str]] = [{}, {"role_arn": arn, "external_id": "an-id"},
                                  {"profile": "team"}]
    registries = [{"host": host, "endpoint": sts.url, **of} for host, of in zip(hosts, more)]
    (home.folder / ".aws").mkdir()
    (home.folder / ".aws/credentials").write_text(
        "[team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = secret-of-TEAM\n")
    role_key = f"ASIA{assumed('ASIAME', arn, external_id='an-id')}"
    found = doctor(home, {**env, **KEYS}, registries=registries)
    assert [(one["registry"], one["source"], one["access_key_id"], one["account"])
            for one in found.identities] == [
        (hosts[0], "env", "ASIAME", "111122223333"),
        (hosts[1], "assume-role", role_key, "444455556666"),
        (hosts[2], "shared-credentials-file", "AKIATEAM", "111122223333")]
    only = doctor(home, {**env, **KEYS}, "--offline", f"--registry={hosts[1]}",
                  registries=registries)
    (identity,) = only.identities
    assert identity["access_key_id"] == role_key
    assert identity["arn"].startswith("arn:aws:sts::444455556666:assumed-role/push/")


def test_broken_configuration(home: Home, env: dict[str, str]) -> None:
    found = doctor(home, {**env, **KEYS}, failed=True, registreis=[], listne=[])
    found.says("configuration", "FAIL", "registreis", "check-config")
    assert list(found.states) == ["configuration", "aws-settings", "proxy"]


def test_missing_configuration(home: Home, env: dict[str, str]) -> None:
    done = run("doctor", "--json", "--config=/nonexistent", env=home.env({**env, **KEYS}))
    assert done.returncode == 1
    assert "/nonexistent" in json.loads(done.stdout)["checks"][0]["message"]


@pytest.mark.parametrize("skew,words", [(0, ""), (-200, " s ahead of AWS's"),
                                        (200, " s behind AWS's"), (7200, " s behind AWS's")])
def test_clock(home: Home, sandbox: Sandbox, skew: int, words: str) -> None:
    """Also where AWS refuses the signature for it: beyond five minutes."""
    sandbox.settings(clock_skew=skew)
    found = doctor(home, sandbox.env())
    assert found["identity"]["state"] == "ok"
    if not skew:
        assert found["clock"]["state"] == "ok"
        return
    found.says("clock", "WARN", words, "timedatectl set-ntp true")
    assert abs(int(found["clock"]["message"].split()[0]) - abs(skew)) <= 2


def test_as_text(home: Home, env: dict[str, str]) -> None:
    (home.folder / "c.json").write_text(json.dumps(home.config))
    done = run("doctor", "--offline", f"--config={home.folder}/c.json",
               env=home.env({**env, **KEYS}))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == f"ok    configuration     {home.folder}/c.json"
    assert lines[1] == "ok    aws-settings      region eu-west-1"
    assert lines[4] == ("WARN  daemon            it does not run: nobody listens at "
                        f"127.0.0.1:{home.admin}")
    assert lines[5] == ("                      -> systemctl start ecr-upsertd, or: "
                        "ecr-upsertd serve")
    assert lines[-1] == "ok    credentials       ASIAME from env"


@pytest.mark.parametrize("arguments", [["extra"], ["--listen=127.0.0.1:1"], ["--timeout=1"]],
                         ids=str)
def test_wrong_command_line(arguments: list[str]) -> None:
    done = run("doctor", *arguments, env={})
    assert (done.returncode, done.stdout) == (2, "")
