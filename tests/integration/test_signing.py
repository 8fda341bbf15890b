"""Keys, tokens and the clock: what is fetched when, and what never shows."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integration.client import Answer
from integration.daemon import Daemon
from integration.raw_upstream import RawUpstream, Request, plain
from integration.registry import (INDEX, OCTETS, creations, digest_of, manifest, put_manifest,
                                  start_upload)
from integration.waiting import wait_for
from sandbox import Sandbox

SHA = "sha256:" + "0" * 64
BLOB = b"a layer " * 100_000

Start = Callable[..., Daemon]


def tokens(sandbox: Sandbox) -> int:
    """GetAuthorizationToken calls so far."""
    return len(sandbox.calls("GetAuthorizationToken"))


def test_one_token_for_many_pushes(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    daemon = start_daemon()
    for i in range(20):
        assert start_upload(daemon, f"{name}/{i % 4}").status == 202
    assert tokens(sandbox) == 1
    assert len({entry["token"] for entry in sandbox.requests(side="registry")}) == 1


def test_refreshed_unasked_at_half_life(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    sandbox.settings(token_lifetime=11)
    daemon = start_daemon()
    wait_for("the second token", lambda: tokens(sandbox) == 2, 8)
    first, second = (call["time"] for call in sandbox.calls("GetAuthorizationToken"))
    assert 4.5 <= second - first <= 6
    assert sandbox.requests(side="registry") == []
    assert start_upload(daemon, name).status == 202
    assert daemon.access_line(repository=name)["retries"] == 1    # for the creation alone


REPEATABLE = [("POST", "blobs/uploads/", b""), ("GET", "manifests/1", None),
              ("HEAD", "manifests/1", None), ("HEAD", f"blobs/{SHA}", None),
              ("PUT", "manifests/2", manifest()), ("DELETE", f"manifests/{SHA}", None),
              ("GET", "tags/list", None)]


@pytest.mark.parametrize("how", ["revoke", "expire"])
@pytest.mark.parametrize("method,path,body", REPEATABLE,
                         ids=[f"{m}-{p[:9]}" for m, p, _ in REPEATABLE])
def test_refused_token_is_replaced(daemon: Daemon, sandbox: Sandbox, name: str, method: str,
                                   path: str, body: bytes | None, how: str) -> None:
    """401 for a token that is unknown, 403 for one that has expired."""
    assert put_manifest(daemon, name).status == 201
    getattr(sandbox, f"{how}_tokens")()
    before = tokens(sandbox)

    answer = daemon.ask(method, f"/v2/{name}/{path}", body,
                        {"Content-Type": INDEX, "Accept": INDEX})

    assert answer.status in (200, 201, 202, 404), answer
    assert tokens(sandbox) - before == 1
    assert start_upload(daemon, name).status == 202
    assert tokens(sandbox) - before == 1


@pytest.mark.concurrency
def test_one_new_token_for_many_requests(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    assert put_manifest(daemon, name).status == 201
    sandbox.revoke_tokens()
    sandbox.set_fault("api", "slow", operation="GetAuthorizationToken", seconds=0.3)
    before = tokens(sandbox)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: start_upload(daemon, name).status, range(32)))
    assert answers == [202] * 32
    assert tokens(sandbox) - before == 1


def test_missing_right_is_no_expired_token(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    sandbox.create(name)
    sandbox.set_fault("registry", "denied")
    assert start_upload(daemon, name).status == 403
    assert daemon.ask("GET", f"/v2/{name}/manifests/1").status == 403
    assert tokens(sandbox) == 0


@pytest.mark.parametrize("how", ["revoke", "expire"])
@pytest.mark.parametrize("chunked", [False, True])
def test_upload_refused_in_the_middle(daemon: Daemon, sandbox: Sandbox, name: str, how: str,
                                      chunked: bool) -> None:
    """A blob is never sent twice: the client begins anew, with the token that is fetched then."""
    begun = start_upload(daemon, name)
    getattr(sandbox, f"{how}_tokens")()

    answer = daemon.ask("PATCH", begun.location, [BLOB] if chunked else BLOB, OCTETS)

    assert answer.status == 504, answer
    assert answer.get("WWW-Authenticate") is None
    assert "token" in answer.error()[1]
    assert daemon.access_line(repository=name, method="PATCH")["reason"] == "token-refused"
    assert len(sandbox.requests(operation="upload_chunk")) == 1
    assert daemon.ask("PATCH", start_upload(daemon, name).location, BLOB).status == 201


@pytest.mark.parametrize("size", [4096, 16384])
def test_large_tokens(start_daemon: Start, sandbox: Sandbox, name: str, size: int) -> None:
    sandbox.settings(token_size=size)
    daemon = start_daemon()
    begun = start_upload(daemon, name)
    assert begun.status == 202
    done = daemon.ask("PUT", f"{begun.location}?digest={digest_of(BLOB)}", BLOB)
    assert done.status == 201


@pytest.mark.parametrize("skew", [3600, -3600])
def test_clock_is_corrected(start_daemon: Start, sandbox: Sandbox, name: str, skew: int) -> None:
    sandbox.settings(clock_skew=skew)
    daemon = start_daemon()
    assert [call["status"] for call in sandbox.calls("GetAuthorizationToken")] == [400, 200]
    assert start_upload(daemon, name).status == 202
    assert [call["status"] for call in creations(sandbox)] == [200]
    assert put_manifest(daemon, name).status == 201


def test_clock_goes_wrong_while_running(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    start_upload(daemon, name)
    sandbox.settings(clock_skew=3600)
    assert start_upload(daemon, f"{name}/b").status == 202
    assert [call["status"] for call in creations(sandbox, f"{name}/b")] == [400, 200]
    sandbox.settings(clock_skew=0)
    assert start_upload(daemon, f"{name}/c").status == 202


# where keys come from

PROFILE = "[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"


def write_keys(path: Path, key: str, secret: str, profile: str = "default",
               session: str | None = None) -> None:
    """As AWS tools do: a new file in the old one's place."""
    written = path.with_suffix(".new")
    written.write_text(PROFILE.format(profile=profile, key=key, secret=secret)
                       + (f"aws_session_token = {session}\n" if session else ""))
    written.chmod(0o600)
    written.replace(path)


def without_keys(path: Path, **more: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
            "AWS_SHARED_CREDENTIALS_FILE": str(path), "AWS_CONFIG_FILE": "/nonexistent", **more}


@pytest.mark.parametrize("profile", ["default", "team-a"])
@pytest.mark.parametrize("session", [None, "SessionToken/Of+The=Test=="])
def test_keys_of_a_profile(start_daemon: Start, sandbox: Sandbox, name: str, tmp_path: Path,
                           profile: str, session: str | None) -> None:
    key = f"AKIAPROFILE{profile[:4].upper()}{bool(session):d}"
    sandbox.add_identity(key, "secret/of/profile", session_token=session)
    write_keys(tmp_path / "credentials", key, "secret/of/profile", profile, session)
    chosen = {} if profile == "default" else {"AWS_PROFILE": profile}

    daemon = start_daemon(env=without_keys(tmp_path / "credentials", **chosen))

    assert start_upload(daemon, name).status == 202
    assert {call["access_key"] for call in sandbox.calls()} == {key}


def test_session_token_of_the_environment(start_daemon: Start, sandbox: Sandbox,
                                          name: str) -> None:
    sandbox.add_identity("ASIAENVIRONMENT", "secret/of/env", session_token="A+session/token==")
    daemon = start_daemon(env={"AWS_ACCESS_KEY_ID": "ASIAENVIRONMENT",
                               "AWS_SECRET_ACCESS_KEY": "secret/of/env",
                               "AWS_SESSION_TOKEN": "A+session/token=="})
    assert start_upload(daemon, name).status == 202
    assert {call["access_key"] for call in sandbox.calls()} == {"ASIAENVIRONMENT"}


def test_keys_replaced_while_running(start_daemon: Start, sandbox: Sandbox, name: str,
                                     tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    sandbox.add_identity("AKIAOLD", "old/secret")
    sandbox.add_identity("AKIANEW", "new/secret")
    write_keys(file, "AKIAOLD", "old/secret")
    daemon = start_daemon(env=without_keys(file))
    assert start_upload(daemon, name).status == 202

    sandbox.add_identity("AKIAOLD", "old/secret", expires=time.time() - 1)
    write_keys(file, "AKIANEW", "new/secret")

    assert start_upload(daemon, f"{name}/b").status == 202, "creating with the new keys"
    sandbox.revoke_tokens()
    assert start_upload(daemon, f"{name}/c").status == 202, "a token by the new keys"
    assert creations(sandbox)[-1]["access_key"] == "AKIANEW"


def test_keys_that_end_are_told(start_daemon: Start, sandbox: Sandbox, name: str,
                                tmp_path: Path) -> None:
    sandbox.add_identity("AKIAENDS", "old/secret")
    write_keys(tmp_path / "credentials", "AKIAENDS", "old/secret")
    daemon = start_daemon(env=without_keys(tmp_path / "credentials"))
    sandbox.add_identity("AKIAENDS", "old/secret", expires=time.time() - 1)

    answer = start_upload(daemon, name)

    assert answer.status == 403, answer
    assert "renew" in answer.error()[1] and "ExpiredToken" in answer.error()[1]
    assert answer.get("WWW-Authenticate") is None


# what never shows

def test_secrets_stay_secret(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    """Every way to fail, at the most talkative level, and nothing secret in a log or an answer."""
    session = "VerySecretSessionToken0123456789=="
    secret = "VerySecretAccessKey/0123456789"
    sandbox.add_identity("ASIASECRETS", secret, session_token=session)
    env = {"AWS_ACCESS_KEY_ID": "ASIASECRETS", "AWS_SECRET_ACCESS_KEY": secret,
           "AWS_SESSION_TOKEN": session}
    seen: list[str] = []
    said: list[Answer] = []
    missing = itertools.cycle([True, False])

    def answer(request: Request) -> bytes:
        seen.append(request.get("authorization") or "")
        if "malformed" in request.target:
            return plain(b"", "200 OK", "X: \0")
        if "missing" in request.target and next(missing):
            return plain(b'{"errors":[{"code":"NAME_UNKNOWN","message":"The repository with name'
                         b" 'missing/app' does not exist in the registry with id '1'\"}]}",
                         "404 Not Found")
        if "expired" in request.target:
            return plain(b'{"errors":[{"code":"DENIED","message":"Your authorization token has'
                         b' expired."}]}', "403 Forbidden")
        if "moved" in request.target:
            return plain(b"", "307 Temporary Redirect",
                         "Location: http://127.0.0.1:1/key?X-Amz-Signature=SignedQuery0123456789")
        return plain(b"", "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"')

    with RawUpstream(answer) as upstream:
        daemons = [start_daemon("--log-level=debug", env=env, endpoint=upstream.url,
                                log_format=form) for form in ("json", "text")]
        for daemon in daemons:
            for what in ("malformed/app", "missing/app", "expired/app", "moved/app", "other/app"):
                for fault in (None, "access_denied", "expired_credentials", "garbage"):
                    if fault:
                        sandbox.set_fault("api", fault, count=1)
                    for method, path in (("POST", "blobs/uploads/"), ("GET", f"blobs/{SHA}")):
                        said.append(daemon.ask(
                            method, f"/v2/{what}/{path}?password=Query0123456789", b"",
                            {"Authorization": "Basic Q2xpZW50U2VjcmV0"}))
                    sandbox.clear_faults()
    passwords = {value.removeprefix("Basic ") for value in seen} - {""}
    assert passwords
    # A log's line may be cut: any part of a token is too much of it.
    parts = {password[i:i + 40] for password in passwords for i in range(0, len(password) - 40, 40)}
    hidden = [secret, session, "SignedQuery0123456789", "Q2xpZW50U2VjcmV0", "AWS4-HMAC",
              "Query0123456789", *parts]
    for daemon in daemons:
        text = daemon.text()
        assert len(text) > 1000
        for one in hidden:
            assert one not in text, f"{one[:12]}… is in the log"
        assert not re.search(r"(?i)authorization: ", text)
    for one_answer in said:
        for one in {secret, session, *parts}:
            assert one.encode() not in one_answer.body
