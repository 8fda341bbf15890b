"""The calls of AWS's APIs against the sandbox, without the daemon around them.

The calling program lies in the build folder of the daemon that ECR_UPSERTD names.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.daemon import BINARY, SANITIZERS
from sandbox import Sandbox

PROGRAM = BINARY.parents[1] / "tests" / "unit" / "ecr_cli"


class Caller:
    """The program under way: one line asks, one line answers."""

    def __init__(self, host: str, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, host], env={**SANITIZERS, **env}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def ask(self, question: str) -> tuple[str, str]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        outcome, _, text = self.process.stdout.readline().rstrip("\n").partition(" ")
        return outcome, text

    def close(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Callable[..., Caller]]:
    callers: list[Caller] = []

    def start(**env: str) -> Caller:
        callers.append(Caller(sandbox.host, {**sandbox.env(), **env}))
        return callers[-1]

    yield start
    sandbox.clear_faults()
    for caller in callers:
        caller.close()


Call = Callable[..., Caller]


def test_create_and_describe(call: Call, sandbox: Sandbox, name: str) -> None:
    caller = call()
    assert caller.ask(f"describe {name}")[0] == "NOT_FOUND"
    assert caller.ask(f"create {name}") == ("DONE", "")
    assert caller.ask(f"describe {name}") == ("DONE", "")
    assert caller.ask(f"create {name}")[0] == "ALREADY_EXISTS"
    repository = sandbox.describe(name)
    assert repository and repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_account(call: Call, sandbox: Sandbox) -> None:
    assert call().ask("account") == ("DONE", sandbox.host.partition(".")[0])


@pytest.mark.parametrize("size", [0, 16 * 1024, 64 * 1024])
def test_token(call: Call, sandbox: Sandbox, size: int) -> None:
    sandbox.settings(token_size=size, token_lifetime=1000)
    outcome, text = call().ask("token")
    length, life = map(int, text.split())
    assert outcome == "DONE"
    assert length == size or size == 0 and length > 1000
    assert 998 <= life <= 1000


FAULTS = [
    ("throttle", {}, "TRANSIENT", "ThrottlingException"),
    ("server_error", {}, "UNCLEAR", "ServerException"),
    ("access_denied", {}, "ACCESS_DENIED", "lacks ecr:CreateRepository on arn:aws:ecr:"),
    ("limit_exceeded", {}, "LIMIT_EXCEEDED", "quota"),
    ("already_exists", {}, "ALREADY_EXISTS", ""),
    ("expired_credentials", {}, "NO_CREDENTIALS", "ExpiredTokenException"),
    ("error", {"code": "KmsException", "status": 400, "message": "no key"}, "INVALID", "no key"),
    ("close", {}, "UNCLEAR", ""),
    ("reset", {}, "UNCLEAR", ""),
    ("garbage", {"status": 200, "body": "{"}, "UNCLEAR", "does not answer CreateRepository"),
    ("garbage", {"status": 503, "body": "<html>"}, "UNCLEAR", "HTTP 503"),
    ("slow", {"seconds": 20}, "UNCLEAR", ""),
]


@pytest.mark.parametrize("kind,options,outcome,text", FAULTS)
def test_faults(call: Call, sandbox: Sandbox, name: str, kind: str, options: dict[str, object],
                outcome: str, text: str) -> None:
    sandbox.set_fault("api", kind, **options)
    answer = call().ask(f"create {name}")
    assert answer[0] == outcome and text in answer[1], answer
    assert sandbox.env()["AWS_SECRET_ACCESS_KEY"] not in answer[1]
    sandbox.clear_faults()


def test_illegal_name(call: Call) -> None:
    outcome, text = call().ask("create Upper/Case")
    assert outcome == "INVALID" and "InvalidParameterException" in text


@pytest.mark.parametrize("skew", [-86400, -900, 900, 86400])
def test_wrong_clock(call: Call, sandbox: Sandbox, name: str, skew: int) -> None:
    """Ours or theirs: corrected once, then kept."""
    sandbox.settings(clock_skew=skew, token_lifetime=1000)
    caller = call()
    assert caller.ask(f"create {name}") == ("DONE", "")
    assert len(sandbox.calls("CreateRepository")) == 2
    outcome, text = caller.ask("token")
    assert outcome == "DONE" and 995 <= int(text.split()[1]) <= 1002
    assert len(sandbox.calls("GetAuthorizationToken")) == 1
    assert caller.ask("account")[0] == "DONE"


def file_keys(path: Path, key: str, secret: str) -> None:
    path.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")


def test_replaced_keys(call: Call, sandbox: Sandbox, name: str, tmp_path: Path) -> None:
    """Of a file that somebody writes anew while we run; and a session that has expired."""
    file = tmp_path / "credentials"
    secret = "s" * 40
    sandbox.add_identity("AKIDONE", secret, expires=time.time() + 2)
    sandbox.add_identity("AKIDTWO", secret)
    file_keys(file, "AKIDONE", secret)
    caller = call(AWS_SHARED_CREDENTIALS_FILE=str(file), AWS_ACCESS_KEY_ID="",
                  AWS_SECRET_ACCESS_KEY="", AWS_SESSION_TOKEN="")
    assert caller.ask(f"create {name}") == ("DONE", "")
    sandbox.add_identity("AKIDONE", secret, expires=1)
    outcome, text = caller.ask(f"describe {name}")
    assert outcome == "NO_CREDENTIALS" and "ExpiredTokenException" in text
    file_keys(file, "AKIDTWO", secret)
    assert caller.ask(f"describe {name}") == ("DONE", "")
    file_keys(file, "AKIDTWO", "wrong" * 8)
    assert caller.ask(f"describe {name}") == ("DONE", ""), "kept while they are good"


def test_wrong_secret(call: Call) -> None:
    caller = call(AWS_SECRET_ACCESS_KEY="x" * 40)
    outcome, text = caller.ask("token")
    assert outcome == "NO_CREDENTIALS" and "(InvalidSignatureException)" in text
    assert caller.ask("account")[0] == "FAILED"
