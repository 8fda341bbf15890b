"""Who one is, by botocore and by `doctor`, in the environments of identity_cases.py: the same
source and key (which tells who assumed which role, and how), or the same kind of refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from integration.daemon import run
from integration.fake_identity import Answer, FakeContainer, FakeImds, FakeSso, keys
from integration.fake_sts import FakeSts
from integration.identity_cases import Case, all_cases
from integration.waiting import free_port

CASES = all_cases()
BOTOCORE_S = 60
AT_ONCE = 4
NO_CREDENTIALS = "no credentials"


def services(stack: ExitStack) -> dict[str, str]:
    """What @NAME@ stands for in a case."""
    imds = stack.enter_context(FakeImds())
    v1 = stack.enter_context(FakeImds(v1=True))
    no_token = stack.enter_context(FakeImds(v1=True))
    no_token.say("PUT", FakeImds.TOKEN, Answer(404))
    no_role = stack.enter_context(FakeImds(role=""))
    broken = stack.enter_context(FakeImds())
    broken.say("GET", FakeImds.ROLES + broken.role, Answer(200, "<html>"))
    expired = stack.enter_context(FakeImds())
    expired.reply |= keys("IMDS", -60)
    partial = stack.enter_context(FakeImds())
    partial.reply = {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume it"}

    container = stack.enter_context(FakeContainer())
    guarded = stack.enter_context(FakeContainer("Bearer let-me-in"))
    container_broken = stack.enter_context(FakeContainer())
    container_broken.say("GET", FakeContainer.PATH, Answer(200, "<html>"))
    container_expired = stack.enter_context(FakeContainer())
    container_expired.reply = keys("CONTAINER", -60)
    return {
        "STS": stack.enter_context(FakeSts()).url, "SSO": stack.enter_context(FakeSso()).url,
        "CONTAINER": container.uri, "CONTAINER_TOKEN": guarded.uri,
        "CONTAINER_LOCALHOST": container.uri.replace("127.0.0.1", "localhost"),
        "CONTAINER_BROKEN": container_broken.uri, "CONTAINER_EXPIRED": container_expired.uri,
        "IMDS": imds.url, "IMDS_V1": v1.url, "IMDS_NO_TOKEN": no_token.url,
        "IMDS_NO_ROLE": no_role.url, "IMDS_BROKEN": broken.url, "IMDS_EXPIRED": expired.url,
        "IMDS_PARTIAL": partial.url, "CLOSED": f"http://127.0.0.1:{free_port()}",
    }


def set_up(case: Case, home: Path, places: dict[str, str]) -> dict[str, str]:
    """The case's files below home, and its environment."""
    def fill(text: str) -> str:
        for name, value in {**places, "HOME": str(home)}.items():
            text = text.replace(f"@{name}@", value)
        return text

    for path, octets in case.files.items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(fill(octets.decode("latin-1")).encode("latin-1"))
    env = {"PATH": os.environ["PATH"], "HOME": "@HOME@", "AWS_REGION": "eu-west-1",
           "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL_STS": "@STS@",
           "AWS_ENDPOINT_URL_ECR": "@STS@", "AWS_ENDPOINT_URL_SSO": "@SSO@",
           "AWS_ENDPOINT_URL_SSO_OIDC": "@SSO@", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "@CLOSED@",
           **case.env}
    return {name: fill(value) for name, value in env.items() if value is not None}


def ask_botocore(environments: list[dict[str, str]]) -> list[dict[str, Any]]:
    """In a session of its own, so that nobody is asked for a code."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("botocore_identity.py")], check=True,
        input=json.dumps([{"env": env} for env in environments]), capture_output=True, text=True,
        timeout=BOTOCORE_S, start_new_session=True)
    return json.loads(done.stdout)


def ask_doctor(env: dict[str, str], *arguments: str) -> dict[str, Any]:
    done = run("doctor", "--json", *arguments, env=env)
    assert not done.stderr, done.stderr
    found = json.loads(done.stdout)
    failed = [check for check in found["checks"] if check["state"] == "FAIL"]
    assert done.returncode == (1 if failed else 0)
    # Somebody may listen at 5100 on this machine.
    failed = [check for check in failed if check["name"] != "listen"]
    if not failed:
        (identity,) = found["identities"]
        return identity
    (check,) = failed
    return {"refused": NO_CREDENTIALS if check["message"].startswith("no AWS credentials")
            else check["message"]}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """By case: what botocore says, what `doctor` says without AWS and, if that was somebody,
    with it."""
    homes = tmp_path_factory.mktemp("homes")
    with ExitStack() as stack:
        places = services(stack)

        def environments(who: str) -> list[dict[str, str]]:
            return [set_up(case, homes / f"{who}{number}", places)
                    for number, case in enumerate(CASES)]

        def ask_twice(env: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
            offline = ask_doctor(env, "--offline")
            return offline, offline if "refused" in offline else ask_doctor(env)

        botocore = ask_botocore(environments("botocore"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            doctor = list(pool.map(ask_twice, environments("doctor")))
        yield {case.name: (theirs, *ours) for case, theirs, ours in zip(CASES, botocore, doctor)}


def kind(answer: dict[str, Any]) -> str:
    refused = answer.get("refused")
    return "" if refused is None else refused if refused == NO_CREDENTIALS else "error"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_same_identity(answers: dict[str, Any], case: Case) -> None:
    botocore, doctor, _ = answers[case.name]
    both = f"botocore {botocore}, doctor {doctor}"
    if case.differs:
        assert (kind(doctor) or doctor["source"]) == case.ours, both
        assert kind(doctor) != kind(botocore) or doctor != botocore, f"no difference: {both}"
        return
    assert kind(doctor) == kind(botocore), both
    if not kind(doctor):
        assert (doctor["source"], doctor["access_key_id"]) == (
            botocore["source"], botocore["access_key_id"]), both
        if botocore["account"] and doctor["account"]:
            assert doctor["account"] == botocore["account"], both


@pytest.mark.parametrize("case", [case for case in CASES if not case.differs],
                         ids=lambda case: case.name.replace(" ", "-"))
def test_whole_identity(answers: dict[str, Any], case: Case) -> None:
    """Not the key's id alone: its secret and token too, which STS verifies."""
    botocore, _, online = answers[case.name]
    assert kind(online) == ("" if botocore.get("whole") else kind(botocore) or "error"), online
    if not kind(online):
        assert online["arn"] and online["account"]


def test_enough_of_each_kind(answers: dict[str, Any]) -> None:
    """That these are the environments they are meant to be."""
    sources = [botocore.get("source") for botocore, *_ in answers.values()]
    for source in ("env", "shared-credentials-file", "config-file", "assume-role", "sso",
                   "assume-role-with-web-identity", "custom-process", "container-role", "iam-role"):
        assert sources.count(source) >= 4, source
    assert sources.count(None) >= 60
    assert sum(bool(case.differs) for case in CASES) <= 15
