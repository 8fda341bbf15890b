"""Who the daemon is: profiles and their roles, web identities, and keys that change or expire."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.daemon import Daemon
from integration.registry import assert_refused, start_upload
from integration.test_start import fails, free_args
from integration.waiting import wait_for
from sandbox import Sandbox

Start = Callable[..., Daemon]
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
LOOK_S = 3    # how often the daemon looks at its files, at most
SHORT_S = 12    # a role's life that a test can wait for: read again from its half on
TURN_S = 0.3    # between two creations of a test that makes one after the other


def keys(access_key: str) -> str:
    return f"aws_access_key_id = {access_key}\naws_secret_access_key = secret\n"


class Aws:
    """A ~/.aws of the test's own, and an environment that names it and no keys."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        for access_key in ("AKIAONE", "AKIATWO"):
            sandbox.add_identity(access_key, "secret", account=ACCOUNT)
        self.write("config", "")
        self.write("credentials", "")

    def write(self, name: str, text: str) -> Path:
        """Whole or not at all, as the tools of AWS do."""
        new = self.folder / f"{name}.new"
        new.write_text(text)
        return new.rename(self.folder / name)

    def env(self, **more: str) -> dict[str, str]:
        return {"HOME": str(self.folder), "AWS_CONFIG_FILE": str(self.folder / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", **more}

    def assumed(self) -> list[tuple[str, str]]:
        """Who asked STS for which role, in their order."""
        return [(call["access_key"], call["arguments"]["RoleArn"].removeprefix(ROLE))
                for call in self.sandbox.calls("AssumeRole")]


@pytest.fixture
def aws(sandbox: Sandbox, tmp_path: Path) -> Aws:
    return Aws(sandbox, tmp_path)


def creator(sandbox: Sandbox, daemon: Daemon, name: str) -> str:
    """Has a repository made; whose key signed that."""
    answer = start_upload(daemon, name)
    assert answer.status == 202, answer
    return str(sandbox.calls("CreateRepository", repository=name)[-1]["access_key"])


def creators(sandbox: Sandbox, daemon: Daemon, name: str) -> Iterator[str]:
    """One creation after the other, without a failure: whose key signed each."""
    for turn in itertools.count():
        yield creator(sandbox, daemon, f"{name}/{turn}")
        time.sleep(TURN_S)


# roles

def test_role_of_a_profile(sandbox: Sandbox, aws: Aws, start_daemon: Start, name: str) -> None:
    aws.write("config",
              f"[profile team]\nrole_arn = {ROLE}team\nsource_profile = base\nexternal_id = e/1\n"
              f"role_session_name = us\nduration_seconds = 1800\n[profile base]\n{keys('AKIAONE')}")
    daemon = start_daemon(env=aws.env(AWS_PROFILE="team"))

    assert creator(sandbox, daemon, name).startswith("ASIA")

    (call,) = sandbox.calls("AssumeRole")
    assert call["access_key"] == "AKIAONE"
    assert call["arguments"] == {"Version": "2011-06-15", "RoleArn": f"{ROLE}team",
                                 "RoleSessionName": "us", "ExternalId": "e/1",
                                 "DurationSeconds": "1800"}


def test_roles_one_after_the_other(sandbox: Sandbox, aws: Aws, start_daemon: Start,
                                   name: str) -> None:
    aws.write("config",
              f"[default]\nrole_arn = {ROLE}three\nsource_profile = two\n"
              f"[profile two]\nrole_arn = {ROLE}two\nsource_profile = one\n"
              f"[profile one]\nrole_arn = {ROLE}one\nsource_profile = keys\n"
              f"[profile keys]\nregion = eu-west-1\n")
    aws.write("credentials", f"[keys]\n{keys('AKIAONE')}")
    daemon = start_daemon(env=aws.env())

    creator(sandbox, daemon, name)

    assumed = aws.assumed()
    assert [role for _, role in assumed] == ["one", "two", "three"]
    assert assumed[0][0] == "AKIAONE"
    assert len({by for by, _ in assumed}) == 3


def test_web_identity(sandbox: Sandbox, aws: Aws, start_daemon: Start, name: str) -> None:
    token = aws.write("token", "first.web.identity\n")
    daemon = start_daemon(env=aws.env(AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
                                      AWS_ROLE_ARN=f"{ROLE}pod", AWS_ROLE_SESSION_NAME="us"))

    def tokens() -> list[str]:
        return [call["arguments"]["WebIdentityToken"]
                for call in sandbox.calls("AssumeRoleWithWebIdentity")]

    made = creators(sandbox, daemon, name)
    assert next(made).startswith("ASIA")
    assert not any(call["authorization"] for call in sandbox.calls("AssumeRoleWithWebIdentity"))
    assert tokens() == ["first.web.identity"]
    # Kubernetes replaces it from time to time.
    aws.write("token", "second.web.identity")
    wait_for("the second token", lambda: next(made) and tokens()[-1] == "second.web.identity",
             LOOK_S + 5)


@pytest.mark.parametrize("config,words", [
    (f"[default]\nrole_arn = {ROLE}a\nsource_profile = b\n"
     f"[profile b]\nrole_arn = {ROLE}b\nsource_profile = default\n", ["\"b\"", "circle"]),
    (f"[default]\nrole_arn = {ROLE}a\nsource_profile = default\n", ["\"default\"", "circle"]),
    (f"[default]\nrole_arn = {ROLE}a\nsource_profile = b\nmfa_serial = arn:aws:iam::1:mfa/me\n"
     f"[profile b]\n{keys('AKIAONE')}", ["MFA", "export-credentials --profile default"]),
    (f"[default]\nrole_arn = {ROLE}a\nsource_profile = nobody\n", ["\"nobody\""]),
    (f"[default]\nrole_arn = {ROLE}a\nsource_profile = b\n[profile b]\nregion = eu-west-1\n",
     ["\"b\"", "no credentials"]),
    (f"[default]\nrole_arn = {ROLE}a\n", ["source_profile", "credential_source"]),
    (f"[default]\nrole_arn = {ROLE}a\nsource_profile = b\ncredential_source = Environment\n",
     ["both"]),
    (f"[default]\nrole_arn = {ROLE}a\ncredential_source = Moon\n", ["Moon"]),
], ids=["circle", "own-circle", "mfa", "no-such-profile", "no-keys", "no-source", "two-sources",
        "unknown-source"])
def test_profile_that_cannot_be(sandbox: Sandbox, aws: Aws, config: str, words: list[str]) -> None:
    aws.write("config", config)
    fails(4, *words, arguments=[*sandbox.daemon_args(), *free_args()],
          env={**sandbox.env(), **aws.env()})
    assert not sandbox.calls()


def test_role_that_is_refused(sandbox: Sandbox, aws: Aws) -> None:
    aws.write("config", f"[default]\nrole_arn = {ROLE}a\nsource_profile = b\n"
                        f"[profile b]\n{keys('AKIAONE')}")
    sandbox.set_fault("api", "error", operation="AssumeRole", code="AccessDenied", status=403,
                      message="not yours")
    fails(4, "\"default\"", f"{ROLE}a", "trust policy", "not yours",
          arguments=[*sandbox.daemon_args(), *free_args()], env={**sandbox.env(), **aws.env()})


# keys that expire

def short_role(aws: Aws, life_s: int = SHORT_S) -> None:
    aws.write("config", f"[default]\nrole_arn = {ROLE}a\nsource_profile = b\n"
                        f"duration_seconds = {life_s}\n[profile b]\n{keys('AKIAONE')}")


def test_read_ahead_of_the_expiry(sandbox: Sandbox, aws: Aws, start_daemon: Start,
                                  name: str) -> None:
    short_role(aws)
    daemon = start_daemon(env=aws.env())
    made = creators(sandbox, daemon, name)
    first = next(made)

    wait_for("other keys", lambda: next(made) != first, SHORT_S + 5)

    before, after = sandbox.calls("AssumeRole")
    assert SHORT_S / 2 - 1 < after["time"] - before["time"] < SHORT_S - 2


@pytest.mark.slow
def test_old_keys_as_long_as_they_are_valid(sandbox: Sandbox, aws: Aws, start_daemon: Start,
                                            name: str) -> None:
    short_role(aws)
    daemon = start_daemon(env=aws.env())
    made = creators(sandbox, daemon, name)
    first = next(made)
    (assumed,) = sandbox.calls("AssumeRole")
    fault = sandbox.set_fault("api", "server_error", operation="AssumeRole")

    while time.time() < assumed["time"] + SHORT_S - 1.5:
        assert next(made) == first

    # Tried again, but not with each creation.
    assert 1 <= len(sandbox.calls("AssumeRole", fault="server_error")) <= 2
    wait_for("the old ones' end", lambda: time.time() > assumed["time"] + SHORT_S + 1, 10)
    sandbox.clear_faults(fault)
    assert next(made) != first


@pytest.mark.slow
def test_read_ahead_while_nobody_asks(sandbox: Sandbox, aws: Aws, start_daemon: Start) -> None:
    short_role(aws, 2 * SHORT_S)
    start_daemon(env=aws.env())

    wait_for("a second AssumeRole", lambda: len(sandbox.calls("AssumeRole")) > 1, 2 * SHORT_S + 5)

    before, after = sandbox.calls("AssumeRole")
    assert after["time"] - before["time"] < 2 * SHORT_S - 2


# files that change

def test_replaced_file(sandbox: Sandbox, aws: Aws, start_daemon: Start, name: str) -> None:
    aws.write("credentials", f"[default]\n{keys('AKIAONE')}")
    daemon = start_daemon(env=aws.env())
    made = creators(sandbox, daemon, name)
    assert next(made) == "AKIAONE"

    aws.write("credentials", "[default\n")
    wait_for("a line about it", lambda: next(made) == "AKIAONE" and "line 1" in daemon.text(),
             LOOK_S + 5)
    assert next(made) == "AKIAONE"
    aws.write("credentials", f"[default]\n{keys('AKIATWO')}")
    wait_for("the new keys", lambda: next(made) == "AKIATWO", LOOK_S + 5)


def test_refused_keys_are_read_again_at_once(sandbox: Sandbox, aws: Aws, start_daemon: Start,
                                             name: str) -> None:
    aws.write("credentials", f"[default]\n{keys('AKIAONE')}")
    daemon = start_daemon(env=aws.env())
    assert creator(sandbox, daemon, f"{name}/1") == "AKIAONE"

    sandbox.add_identity("AKIAONE", "deleted", account=ACCOUNT)
    aws.write("credentials", f"[default]\n{keys('AKIATWO')}")

    assert creator(sandbox, daemon, f"{name}/2") == "AKIATWO"


# each registry's own

OTHER_ACCOUNT = "210987654321"
OTHER_HOST = f"{OTHER_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
THIRD_HOST = f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com"


@pytest.fixture
def start_with(sandbox: Sandbox, aws: Aws) -> Iterator[Callable[..., Daemon]]:
    """Starts a daemon with these registries: start_with({"host": …, "profile": …}, …, env={…})."""
    started: list[Daemon] = []

    def start(*registries: dict[str, str], env: dict[str, str] | None = None) -> Daemon:
        listed = [{**one, "endpoint": sandbox.endpoint} for one in registries]
        daemon = Daemon([], {**sandbox.env(), **(env or aws.env())}, config={
            "registries": listed, "create": {"timeout_s": 5}}, ready=False)
        started.append(daemon.start())
        return daemon

    yield start
    sandbox.clear_faults()
    for daemon in started:
        daemon.__exit__(None)


def test_each_registry_as_somebody_else(sandbox: Sandbox, aws: Aws, start_with: Start,
                                        name: str) -> None:
    aws.write("config", f"[profile one]\n{keys('AKIAONE')}[profile two]\n{keys('AKIATWO')}")
    sandbox.add_identity("AKIAENV", "secret", account=ACCOUNT)
    other_role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/push"
    daemon = start_with(
        {"host": sandbox.host, "profile": "one"},
        {"host": OTHER_HOST, "profile": "two", "role_arn": other_role, "external_id": "e/1"},
        {"host": THIRD_HOST, "role_arn": f"{ROLE}west"},
        env=aws.env(AWS_ACCESS_KEY_ID="AKIAENV", AWS_SECRET_ACCESS_KEY="secret"))

    assert creator(sandbox, daemon, name) == "AKIAONE"
    for host in (OTHER_HOST, THIRD_HOST):
        assert start_upload(daemon, f"{host}/{name}").status == 202

    assert sandbox.describe(name, ACCOUNT, "eu-west-1")
    assert sandbox.describe(name, OTHER_ACCOUNT, "us-east-1")
    assert sandbox.describe(name, ACCOUNT, "us-west-2")
    by_role = {call["arguments"]["RoleArn"]: call for call in sandbox.calls("AssumeRole")}
    assert set(by_role) == {other_role, f"{ROLE}west"}
    assert by_role[other_role]["access_key"] == "AKIATWO"
    assert by_role[other_role]["arguments"]["ExternalId"] == "e/1"
    assert by_role[other_role]["region"] == "us-east-1"
    assert by_role[f"{ROLE}west"]["access_key"] == "AKIAENV"
    # One role, one AssumeRole, and each signs for its own registry alone.
    assert len(sandbox.calls("AssumeRole")) == 2
    signers = [{call["access_key"] for call in sandbox.calls(service="ecr", region=region)}
               for region in ("eu-west-1", "us-east-1", "us-west-2")]
    assert [len(keys_of) for keys_of in signers] == [1, 1, 1]
    assert len(set.union(*signers)) == 3


def test_environment_below_a_role(sandbox: Sandbox, aws: Aws, start_with: Start,
                                  name: str) -> None:
    """With an explicit profile the environment's keys count only where the profile says so."""
    aws.write("config", f"[profile team]\nrole_arn = {ROLE}team\n"
                        f"credential_source = Environment\n")
    daemon = start_with({"host": sandbox.host, "profile": "team"}, env=aws.env(
        AWS_ACCESS_KEY_ID="AKIAONE", AWS_SECRET_ACCESS_KEY="secret"))

    assert creator(sandbox, daemon, name).startswith("ASIA")
    assert aws.assumed() == [("AKIAONE", "team")]


def test_one_registry_without_credentials(sandbox: Sandbox, aws: Aws, start_with: Start,
                                          name: str) -> None:
    aws.write("config", f"[profile one]\n{keys('AKIAONE')}[profile broken]\n"
                        f"role_arn = {ROLE}a\nsource_profile = broken\n")
    daemon = start_with({"host": sandbox.host, "profile": "one"},
                        {"host": OTHER_HOST, "profile": "broken"})

    answer = start_upload(daemon, f"{OTHER_HOST}/{name}")
    assert_refused(answer, 403, "DENIED", OTHER_HOST, "\"broken\"", "circle")
    assert creator(sandbox, daemon, name) == "AKIAONE"
    # Corrected: no restart.
    aws.write("config", f"[profile one]\n{keys('AKIAONE')}[profile broken]\n{keys('AKIATWO')}")
    wait_for("the other registry", lambda: start_upload(
        daemon, f"{OTHER_HOST}/{name}").status == 202, 15)
