"""/status and `ecr-upsertd status`: what the daemon says of itself."""

from __future__ import annotations

import json
import os
import pwd
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

from rawclient import aws

from integration.client import Client, Wire
from integration.daemon import Daemon, run
from integration.raw_upstream import RawUpstream, Reply
from integration.registry import (OCTETS, digest_of, manifest, push_blob, put_manifest,
                                  start_upload)
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

MEMBERS = ["ready", "version", "uptime_s", "registries", "transfers", "created", "refused",
           "pending", "budget", "history", "reason"]
REGISTRY = ["host", "identity", "token_expires", "credentials_expire", "last_error"]
LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": {
    "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"}}]}
TRANSFER = ["repository", "operation", "bytes", "total", "seconds", "id"]


def status_of(daemon: Daemon) -> dict[str, Any]:
    answer = daemon.ask_admin("/status")
    assert answer.status == 200, answer
    assert answer.get("Content-Type") == "application/json"
    assert answer.get("Cache-Control") == "no-store"
    status = json.loads(answer.body)
    assert list(status) == MEMBERS
    return status


def is_just_now(text: str) -> bool:
    assert text.endswith("Z")
    ago = datetime.now(timezone.utc) - datetime.fromisoformat(text)
    return timedelta(seconds=-1) < ago < timedelta(minutes=1)


def transfers_of(daemon: Daemon, repository: str) -> list[dict[str, Any]]:
    return [t for t in status_of(daemon)["transfers"] if t["repository"] == repository]


def is_soon(text: str, span: timedelta) -> bool:
    assert text.endswith("Z")
    return timedelta() < datetime.fromisoformat(text) - datetime.now(timezone.utc) <= span


def test_says_what_it_is(daemon: Daemon, sandbox: Sandbox) -> None:
    status = status_of(daemon)
    assert status["ready"] is True
    assert run("--version", env={}).stdout.split()[1] == status["version"]
    assert 0 <= status["uptime_s"] < 3600
    (registry,) = status["registries"]
    assert list(registry) == REGISTRY
    assert registry["host"] == sandbox.host
    assert is_soon(registry["token_expires"], timedelta(hours=12))
    assert registry["last_error"] is None
    assert registry["identity"] == f"env {sandbox.env()['AWS_ACCESS_KEY_ID']}"
    assert registry["credentials_expire"] is None
    assert list(status["budget"]) == ["max_per_hour", "used"]


def test_what_was_done_is_shown(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                name: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="PutLifecyclePolicy")
    daemon = start_daemon(config={"create": {"max_per_hour": 7}, "rules": [
        {"name": "no-prod", "match": "prod/**", "action": "deny", "reason": "ask platform@"},
        {"name": "kept", "match": "it/**", "settings": {"lifecycle_policy": LIFECYCLE}}]})
    assert start_upload(daemon, name).status == 202
    assert start_upload(daemon, "plain").status == 202
    assert start_upload(daemon, "prod/app").status == 403

    wait_for("a refused follow-up", lambda: [p["last_error"] for p in status_of(daemon)["pending"]])
    status = status_of(daemon)
    assert status["budget"] == {"max_per_hour": 7, "used": 2}
    user = pwd.getpwuid(os.geteuid()).pw_name
    for entry in status["created"]:
        assert list(entry) == ["registry", "repository", "rule", "user", "time", "settings"]
        assert is_just_now(entry["time"])
    assert [(c["registry"], c["repository"], c["rule"], c["user"]) for c in status["created"]] == [
        (sandbox.host, "plain", None, user), (sandbox.host, name, "kept", user)]
    assert [c["settings"].get("lifecycle_policy") for c in status["created"]] == [None, LIFECYCLE]
    assert status["created"][0]["settings"]["imageTagMutability"] == "IMMUTABLE"
    (refused,) = status["refused"]
    assert list(refused) == ["registry", "repository", "reason", "rule", "time", "remedy"]
    assert (refused["repository"], refused["rule"]) == ("prod/app", "no-prod")
    assert "ask platform@" in refused["reason"]
    assert "have rule no-prod changed" in refused["remedy"]
    assert is_just_now(refused["time"])
    (pending,) = status["pending"]
    assert list(pending) == ["registry", "repository", "what", "attempts", "last_error"]
    assert pending["repository"] == name
    assert pending["attempts"] >= 1

    text = run("status", f"--config={daemon.config}", f"--admin={daemon.admin}", env={}).stdout
    for word in (name, "prod/app", "ask platform@", "what to do: Push to a name", "immutable tags",
                 "lifecycle policy", pending["last_error"], "2 of 7"):
        assert word in text


def test_a_template_of_many_lines_is_one_of_the_file(start_daemon: Callable[..., Daemon],
                                                     sandbox: Sandbox, name: str) -> None:
    aws(sandbox, "ecr").create_repository_creation_template(
        prefix=name.partition("/")[0], appliedFor=["REPLICATION"],
        lifecyclePolicy=json.dumps(LIFECYCLE, indent=2))
    daemon = start_daemon(config={"rules": [
        {"name": "theirs", "match": "**", "settings": {"from": "ecr-template"}}]})
    assert start_upload(daemon, name).status == 202
    (line,) = (daemon.state / "created.jsonl").read_text().splitlines()
    assert json.loads(line)["settings"]["lifecycle_policy"] == LIFECYCLE
    assert status_of(daemon)["created"] == [json.loads(line)]


def test_whatever_refuses_a_push_is_listed(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    """Not our rules alone: the name, the registry's own word, a registry that is not served."""
    assert start_upload(daemon, f"999999999999.dkr.ecr.eu-west-1.amazonaws.com/{name}").status == 404
    assert start_upload(daemon, f"{name}.-x").status == 400
    assert put_manifest(daemon, name).status == 201
    assert put_manifest(daemon, name, content=manifest(other="1")).status == 400
    refused = {r["repository"]: r for r in status_of(daemon)["refused"]}
    assert refused[f"999999999999.dkr.ecr.eu-west-1.amazonaws.com/{name}"]["registry"] is None
    assert "lower-case letters" in refused[f"{name}.-x"]["remedy"]
    assert "already exists" in refused[name]["reason"]
    assert "Push under a tag that is not taken" in refused[name]["remedy"]


def test_an_upload_is_shown_while_it_goes_on(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    with daemon.client() as client:
        location = client.ask("POST", f"/v2/{name}/blobs/uploads/", b"").location
    with Wire(daemon.port) as wire:
        wire.send(f"PATCH {location} HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  "Content-Type: application/octet-stream\r\nContent-Length: 3000\r\n\r\n".encode())
        wire.send(b"x" * 1000)
        wait_for("a third of it",
                 lambda: [t["bytes"] for t in transfers_of(daemon, name)] == [1000])
        (shown,) = transfers_of(daemon, name)
        assert list(shown) == TRANSFER
        assert shown["operation"] == "upload"
        assert shown["total"] == 3000
        assert 0 <= shown["seconds"] < 60
        wire.send(b"x" * 2000)
        assert wire.read_answer().status == 201
    wait_for("its end", lambda: not transfers_of(daemon, name))


def test_chunks_have_no_total(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    halfway = threading.Event()
    seen: list[dict[str, Any]] = []

    def parts() -> Iterator[bytes]:
        yield b"y" * 500
        wait_for("the first chunk",
                 lambda: [t["bytes"] for t in transfers_of(daemon, name)] == [500])
        seen.extend(transfers_of(daemon, name))
        halfway.set()
        yield b"y" * 500

    location = start_upload(daemon, name).location
    assert daemon.ask("PATCH", location, parts(), OCTETS).status == 201
    assert halfway.is_set()
    assert [t["total"] for t in seen] == [None]


def test_a_download_is_shown_while_it_goes_on(sandbox: Sandbox, name: str) -> None:
    """The sandbox sends blobs from another address: here the registry does it itself."""
    rest = threading.Event()

    def parts() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"z" * 100000
        rest.wait(30)
        yield b"z" * 200000

    with RawUpstream(lambda request: Reply(parts())) as upstream, Daemon(
            ["--registry", sandbox.host, "--registry-endpoint", upstream.url],
            sandbox.env()) as daemon, Wire(daemon.port) as wire:
        wire.send(f"GET /v2/{name}/blobs/{digest_of(b'')} HTTP/1.1\r\n"
                  f"Host: localhost:{daemon.port}\r\n\r\n".encode())
        wire.read_until(b"\r\n\r\n")
        wait_for("a third of it", lambda: [t["bytes"] for t in transfers_of(daemon, name)]
                 == [100000])
        (shown,) = transfers_of(daemon, name)
        assert shown["operation"] == "blob"
        assert shown["total"] == 300000
        rest.set()
        wire.read_exactly(300000)
        wait_for("its end", lambda: not transfers_of(daemon, name))


def test_a_failure_is_the_last_error(start_daemon: Callable[..., Daemon], sandbox: Sandbox) -> None:
    sandbox.set_fault("api", "access_denied", operation="GetAuthorizationToken")
    daemon = start_daemon(ready=False)
    registry = wait_for("an error", lambda: [r for r in status_of(daemon)["registries"]
                                             if r["last_error"]])[0]
    assert registry["token_expires"] is None
    assert "GetAuthorizationToken" in registry["last_error"]
    assert status_of(daemon)["ready"] is False
    assert "GetAuthorizationToken" in status_of(daemon)["reason"]
    said = run("status", f"--admin={daemon.admin}", env={})
    assert said.returncode == 0
    assert said.stdout.startswith("NOT READY")
    assert registry["last_error"] in said.stdout


def test_the_gate_is_the_other_addresses_one(daemon: Daemon) -> None:
    with Client(daemon.admin_port) as client:
        assert client.ask("POST", "/status", b"").status == 405
    with Client(daemon.admin_port) as client:
        assert client.ask("GET", "/status", headers={"Host": "evil.example"}).status == 403
    with Client(daemon.admin_port) as client:
        assert client.ask("GET", "/status", headers={"Origin": "http://evil.example"}).status == 403
    with Client(daemon.admin_port) as client:
        head = client.ask("HEAD", "/status")
        assert head.status == 200 and not head.body


def test_no_secret_is_told(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    push_blob(daemon, name, b"something")
    env = sandbox.env()
    told = daemon.ask_admin("/status").body.decode()
    told += run("status", f"--admin={daemon.admin}", env={}).stdout
    assert env["AWS_SECRET_ACCESS_KEY"] not in told
    assert "Basic" not in told and "Authorization" not in told
    tokens = {request["token"] for request in sandbox.requests() if request.get("token")}
    for token in tokens:
        assert token not in told


def test_the_command_shows_the_same(daemon: Daemon, sandbox: Sandbox) -> None:
    done = run("status", "--json", f"--admin={daemon.admin}", env={})
    assert (done.returncode, done.stderr) == (0, "")
    assert list(json.loads(done.stdout)) == MEMBERS
    text = run("status", f"--admin={daemon.admin}", env={})
    assert text.returncode == 0
    assert text.stdout.startswith("ready: ecr-upsertd ")
    assert sandbox.host in text.stdout


def test_no_daemon_no_status() -> None:
    done = run("status", f"--admin=127.0.0.1:{free_port()}", env={})
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "is the daemon running?" in line


def test_something_else_that_answers_is_no_daemon(sandbox: Sandbox, daemon: Daemon) -> None:
    done = run("status", f"--admin=127.0.0.1:{daemon.port}", env={})
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_many_look_while_pushes_go_on(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    stop = threading.Event()

    def look() -> int:
        looks = 0
        while not stop.is_set():
            status_of(daemon)
            looks += 1
        return looks

    with ThreadPoolExecutor(3) as pool:
        watchers = [pool.submit(look) for _ in range(3)]
        try:
            for i in range(10):
                push_blob(daemon, f"{name}/{i}", f"content {i}".encode() * 1000)
        finally:
            stop.set()
        assert all(watcher.result() > 0 for watcher in watchers)
    wait_for("the last one's end", lambda: status_of(daemon)["transfers"] == [])
