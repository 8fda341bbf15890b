"""/metrics: what is counted, in a form that scrapers read; and no secret in it or in /status."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain

from integration.client import Answer, Client, Wire
from integration.daemon import Daemon, run
from integration.raw_upstream import RawUpstream, Reply, plain
from integration.registry import OCTETS, push_blob, put_manifest, start_upload
from integration.waiting import wait_for
from sandbox import Sandbox

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
# The contract: each family with its type, unit and labels.
FAMILIES = {
    "ecr_upsert_requests": ("counter", "", {"operation", "status"}),
    "ecr_upsert_request_seconds": ("histogram", "seconds", {"le"}),
    "ecr_upsert_transferred_bytes": ("counter", "bytes", {"direction"}),
    "ecr_upsert_transfers": ("gauge", "", set()),
    "ecr_upsert_creations": ("counter", "", {"registry", "result"}),
    "ecr_upsert_creation_seconds": ("histogram", "seconds", {"le"}),
    "ecr_upsert_upstream_errors": ("counter", "", {"registry", "reason"}),
    "ecr_upsert_token_expiry_timestamp_seconds": ("gauge", "seconds", {"registry"}),
    "ecr_upsert_credentials_expiry_timestamp_seconds": ("gauge", "seconds", {"registry"}),
    "ecr_upsert_pending_follow_ups": ("gauge", "", set()),
    "ecr_upsert_build": ("info", "", {"version"}),
}
LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": {
    "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"}}]}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(daemon: Daemon, accept: str | None = None) -> Answer:
    with Client(daemon.admin_port) as client:
        answer = client.ask("GET", "/metrics", headers={"Accept": accept} if accept else None)
    assert answer.status == 200, answer
    return answer


def samples(daemon: Daemon) -> Samples:
    """Of one scrape, as OpenMetrics: its parser is the strict one."""
    return {(sample.name, frozenset(sample.labels.items())): sample.value
            for family in read_open(scrape(daemon, "application/openmetrics-text").body.decode())
            for sample in family.samples}


def value(of: Samples, metric: str, **labels: str) -> float:
    """0 where there is no such sample."""
    return of.get((metric, frozenset(labels.items())), 0)


def hosts_of(of: Samples) -> set[str]:
    return {text for _, labels in of for label, text in labels if label == "registry"}


# its form

def test_both_forms(daemon: Daemon, name: str) -> None:
    push_blob(daemon, name, b"layer")
    put_manifest(daemon, name)
    open_form = scrape(daemon, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert open_form.get("Content-Type") == OPEN
    assert open_form.get("Cache-Control") == "no-store"
    assert open_form.body.endswith(b"\n# EOF\n")
    families = list(read_open(open_form.body.decode()))
    assert [(f.name, (f.type, f.unit)) for f in families] == [
        (name, (kind, unit)) for name, (kind, unit, _) in FAMILIES.items()]
    for family in families:
        assert family.documentation.endswith(".")
        for sample in family.samples:
            # Beside "le" a histogram has no label; _sum and _count have none at all.
            assert set(sample.labels) in (FAMILIES[family.name][2], set()), sample

    text = scrape(daemon)
    assert text.get("Content-Type") == PLAIN
    assert b"# EOF" not in text.body and b"# UNIT" not in text.body
    assert {f.name for f in read_plain(text.body.decode())} == {
        "ecr_upsert_build_info" if name == "ecr_upsert_build" else name for name in FAMILIES}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing (prometheus)")
def test_promtool_has_nothing_to_say(daemon: Daemon, name: str) -> None:
    start_upload(daemon, name)
    checked = subprocess.run(["promtool", "check", "metrics"], input=scrape(daemon).body,
                             capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_head_has_no_body(daemon: Daemon) -> None:
    with Client(daemon.admin_port) as client:
        answer = client.ask("HEAD", "/metrics")
        assert (answer.status, answer.body) == (200, b"")
        assert client.ask("GET", "/metrics?name=x").status == 200
        assert client.ask("POST", "/metrics").status == 405


# what is counted

def test_a_push_adds_up(start_daemon: Callable[..., Daemon], sandbox: Sandbox, name: str) -> None:
    daemon = start_daemon()
    push_blob(daemon, name, b"x" * 100_000)
    put_manifest(daemon, name, content=b"{}")
    assert daemon.ask("GET", "/v2/").status == 200
    daemon.access_line(operation="ping")
    seen = samples(daemon)
    requests = "ecr_upsert_requests_total"
    assert value(seen, requests, operation="upload-start", status="202") == 1
    assert value(seen, requests, operation="upload", status="201") == 2
    assert value(seen, requests, operation="ping", status="200") == 1
    assert sum(v for (metric, _), v in seen.items() if metric == requests) == 5
    assert value(seen, "ecr_upsert_request_seconds_count") == 5
    assert value(seen, "ecr_upsert_request_seconds_bucket", le="+Inf") == 5
    lines = daemon.access_lines()
    assert value(seen, "ecr_upsert_request_seconds_sum") == pytest.approx(
        sum(line["ms"] for line in lines) / 1000)
    assert value(seen, "ecr_upsert_transferred_bytes_total", direction="in") == sum(
        line["bytes_in"] for line in lines) == 100_002
    assert value(seen, "ecr_upsert_transferred_bytes_total", direction="out") == sum(
        line["bytes_out"] for line in lines)
    assert value(seen, "ecr_upsert_creation_seconds_count") == 1
    assert value(seen, "ecr_upsert_transfers") == 0
    version = run("--version", env={}).stdout.split()[1]
    assert value(seen, "ecr_upsert_build_info", version=version) == 1
    # The same as status says, in seconds.
    (registry,) = json.loads(daemon.ask_admin("/status").body)["registries"]
    assert value(seen, "ecr_upsert_token_expiry_timestamp_seconds", registry=sandbox.host) > 0
    assert registry["credentials_expire"] is None
    assert not [m for m, _ in seen if m == "ecr_upsert_credentials_expiry_timestamp_seconds"]


def test_creations_by_what_became_of_them(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                          name: str) -> None:
    daemon = start_daemon(config={"create": {"max_per_hour": 1, "timeout_s": 2}, "rules": [
        {"name": "no", "match": "it/no/**", "action": "deny"},
        {"name": "wait", "match": "it/wait/**", "action": "wait"},
        {"name": "kept", "match": "**", "settings": {"lifecycle_policy": LIFECYCLE}}]})

    def results() -> dict[str, float]:
        seen = samples(daemon)
        found = {dict(labels)["result"]: v for (metric, labels), v in seen.items()
                 if metric == "ecr_upsert_creations_total"}
        assert hosts_of(seen) == {sandbox.host}
        return {result: v for result, v in found.items() if v}

    assert results() == {}
    sandbox.set_fault("api", "access_denied", operation="CreateRepository", count=1)
    assert start_upload(daemon, f"{name}-right").status == 403
    assert results() == {"refused": 1}
    assert start_upload(daemon, f"{name}-right").status == 403
    assert results() == {"refused": 1, "remembered": 1}
    assert start_upload(daemon, "it/no/app").status == 403
    assert start_upload(daemon, "it/wait/app").status == 504
    sandbox.set_fault("api", "access_denied", operation="PutLifecyclePolicy")
    assert start_upload(daemon, name).status == 202
    assert start_upload(daemon, f"{name}-too-many").status == 403
    assert results() == {"refused": 1, "remembered": 1, "denied": 1, "failed": 1, "created": 1,
                         "over-budget": 1}
    wait_for("the follow-up that is owed",
             lambda: value(samples(daemon), "ecr_upsert_pending_follow_ups") == 1)


def test_errors_by_reason(start_daemon: Callable[..., Daemon]) -> None:
    answers = {"/v2/it/busy/tags/list": plain(b"", "503 Busy"),
               "/v2/it/cut/tags/list": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx",
               "/v2/it/junk/tags/list": b"SMTP ready\r\n\r\n"}
    with RawUpstream(lambda request: Reply([answers.get(request.target, plain(b"{}"))],
                                           close=True)) as upstream:
        daemon = start_daemon(endpoint=upstream.url)
        assert errors_of(daemon) == {}
        for which in ("busy", "cut", "junk", "fine"):
            daemon.ask("GET", f"/v2/it/{which}/tags/list")
        assert errors_of(daemon) == {"server-error": 1, "cut": 1, "malformed": 1}
    assert daemon.ask("GET", "/v2/it/fine/tags/list").status == 504
    assert errors_of(daemon)["connect"] == 1


def errors_of(daemon: Daemon) -> dict[str, float]:
    return {dict(labels)["reason"]: v for (metric, labels), v in samples(daemon).items()
            if metric == "ecr_upsert_upstream_errors_total" and v}


def test_a_long_upload_is_seen_moving(daemon: Daemon, name: str) -> None:
    def moved() -> float:
        return value(samples(daemon), "ecr_upsert_transferred_bytes_total", direction="in")

    location = start_upload(daemon, name).location
    before = moved()
    with Wire(daemon.port) as wire:
        wire.send(f"PATCH {location} HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  f"Content-Type: {OCTETS['Content-Type']}\r\n"
                  "Content-Length: 600000\r\n\r\n".encode())
        for sent in (200_000, 400_000):
            wire.send(b"x" * 200_000)
            wait_for(f"{sent} octets", lambda: moved() == before + sent)
            assert value(samples(daemon), "ecr_upsert_transfers") == 1
        wire.send(b"x" * 200_000)
        assert wire.read_answer().status == 201
    wait_for("its end", lambda: value(samples(daemon), "ecr_upsert_transfers") == 0)
    assert moved() == before + 600_000


# its bounds

def test_registries_are_bounded(sandbox: Sandbox) -> None:
    daemon = Daemon([], sandbox.env(), config={
        "registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint}],
        "allow_any_registry": True, "create": {"timeout_s": 1}})
    hosts = [f"{210987654000 + n}.dkr.ecr.us-east-1.amazonaws.com" for n in range(40)]
    with daemon, ThreadPoolExecutor(8) as pool:
        # None of them can be reached from here: an error each.
        answers = list(pool.map(lambda host: start_upload(daemon, f"{host}/it/app"), hosts))
        assert {answer.status for answer in answers} == {504}
        seen = samples(daemon)
        told = hosts_of(seen)
        assert len(told) == 1 + 32 + 1 and told - {sandbox.host, "other"} < set(hosts)
        assert sum(v for (metric, labels), v in seen.items()
                   if metric == "ecr_upsert_upstream_errors_total"
                   and ("registry", "other") in labels) >= 8
        # A first component that is no registry is a repository's name, and no label.
        start_upload(daemon, "some.registry.example/app")
        assert hosts_of(samples(daemon)) == told


# no secret

@pytest.fixture
def distinctive(sandbox: Sandbox) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "ASIADISTINCTIVE00KEY",
            "AWS_SECRET_ACCESS_KEY": "distinctive/secret+key/that/nobody/else/has",
            "AWS_SESSION_TOKEN": "DistinctiveSessionToken//////////=="}
    sandbox.add_identity(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"],
                         session_token=keys["AWS_SESSION_TOKEN"])
    return keys


def test_no_secret_and_no_name(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                               distinctive: dict[str, str], name: str) -> None:
    with RawUpstream(lambda request: plain(b"", "202 Accepted")) as upstream:
        daemon = start_daemon(env=distinctive, endpoint=upstream.url)
        for repository in (name, "A-bad-NAME"):
            start_upload(daemon, repository,
                         headers={"Authorization": "Basic ZGlzdGluY3RpdmU6eA=="})
        tokens = {request.get("authorization") for request in upstream.requests}
        hidden = [distinctive["AWS_SECRET_ACCESS_KEY"], distinctive["AWS_SESSION_TOKEN"],
                  "ZGlzdGluY3RpdmU6eA", *(str(token).removeprefix("Basic ") for token in tokens)]
        assert len(hidden) == 4 and len(hidden[3]) > 100
        for target in ("/metrics", "/status", "/", "/readyz", "/healthz", "/nothing"):
            for accept in ("application/openmetrics-text", "*/*"):
                with Client(daemon.admin_port) as client:
                    answer = client.ask("GET", target, headers={"Accept": accept})
                text = f"{answer.fields} {answer.body.decode()}"
                assert not [secret for secret in hidden if secret in text], target
                assert "Basic " not in text, target
        shown = scrape(daemon).body.decode()
        assert name not in shown and "bad-NAME" not in shown
        assert distinctive["AWS_ACCESS_KEY_ID"] not in shown


# many at once, and over time

@pytest.mark.concurrency
def test_scrapes_among_pushes(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    def ended() -> float:
        return value(samples(daemon), "ecr_upsert_request_seconds_count")

    before, stop = ended(), threading.Event()

    def look() -> None:
        last = 0.0
        while not stop.is_set():
            seen = samples(daemon)
            now = value(seen, "ecr_upsert_request_seconds_count")
            assert now == value(seen, "ecr_upsert_request_seconds_bucket", le="+Inf") >= last
            last = now

    with ThreadPoolExecutor(8) as pool:
        looking = [pool.submit(look) for _ in range(2)]
        pushes = [pool.submit(push_blob, daemon, f"{name}-{n % 6}", bytes([n]) * 50_000)
                  for n in range(24)]
        try:
            for push in pushes:
                push.result()
        finally:
            stop.set()
        for each in looking:
            each.result()
    wait_for("all to be counted", lambda: ended() == before + 3 * 24)


def history_of(daemon: Daemon) -> dict[str, Any]:
    return json.loads(daemon.ask_admin("/status").body)["history"]


def test_the_last_minutes_are_in_status(daemon: Daemon, name: str) -> None:
    push_blob(daemon, name, b"h" * 12_345)
    daemon.access_line(repository=name, method="PUT")

    def sample() -> dict[str, Any] | None:
        return next((s for s in reversed(history_of(daemon)["samples"]) if s["bytes_in"] >= 12_345),
                    None)

    seen = wait_for("a sample", sample, 15)
    assert list(seen) == ["time", "requests", "errors", "bytes_in", "bytes_out", "p50_ms",
                          "p95_ms"]
    assert seen["requests"] >= 3 and 0 < seen["p50_ms"] <= seen["p95_ms"] < 60_000
    times = [s["time"] for s in history_of(daemon)["samples"]]
    assert times == sorted(times) and len(times) <= 60
