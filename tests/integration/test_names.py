"""How a client may name a repository, and the names that no token may leave for."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from integration.client import Wire
from integration.daemon import Daemon
from integration.registry import (INDEX, OCTETS, creations, digest_of, manifest, put_manifest,
                                  start_upload)
from sandbox import Sandbox

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
SHA = "sha256:" + "0" * 64
BLOB = b"a layer"

# Each form: path and query that a client adds to it.
FORMS: dict[str, tuple[str, str]] = {
    "short": ("", ""),
    "prefix": (f"{HOST}/", ""),
    "ns": ("", f"ns={HOST}"),
    "ns-encoded": ("", "ns=" + HOST.replace(".", "%2E")),
    "ns-twice": ("", f"ns={HOST}&ns={HOST}"),
    "both": (f"{HOST}/", f"ns={HOST}"),
}


def target(form: str, name: str, rest: str, query: str = "") -> str:
    prefix, ns = FORMS[form]
    joined = "&".join(part for part in (query, ns) if part)
    return f"/v2/{prefix}{name}/{rest}" + (f"?{joined}" if joined else "")


@pytest.mark.parametrize("form", FORMS)
def test_push_by_every_name(daemon: Daemon, sandbox: Sandbox, name: str, form: str) -> None:
    prefix, ns = FORMS[form]
    place = re.escape(f"/v2/{prefix}{name}/blobs/")

    begun = daemon.ask("POST", target(form, name, "blobs/uploads/"), b"")
    assert begun.status == 202, begun
    parts = urlsplit(begun.location)
    assert re.fullmatch(rf"{place}uploads/[\w-]+", parts.path), begun
    # containerd adds no ns to the PUT by itself
    assert parse_qs(parts.query).get("ns") == ([HOST] if ns else None)
    joint = "&" if parts.query else "?"
    done = daemon.ask("PUT", f"{begun.location}{joint}digest={digest_of(BLOB)}", BLOB, OCTETS)
    assert done.status == 201, done
    assert daemon.ask("HEAD", done.location).status == 200
    put = daemon.ask("PUT", target(form, name, "manifests/1"), manifest(), {"Content-Type": INDEX})
    assert put.status == 201
    got = daemon.ask("GET", target(form, name, "manifests/1"), headers={"Accept": INDEX})
    assert got.body == manifest()
    tags = daemon.ask("GET", target(form, name, "tags/list", "n=1"))
    assert tags.status == 200

    assert [call["repository"] for call in creations(sandbox)] == [name]
    seen = sandbox.requests(side="registry")
    assert {entry["host"] for entry in seen} == {HOST}
    assert {entry["sni"] for entry in seen} == {HOST}
    for entry in seen:
        assert "ns=" not in entry["path"] and "dkr" not in entry["path"], entry["path"]


@pytest.mark.parametrize("form", ["prefix", "both"])
def test_link_keeps_the_form(daemon: Daemon, sandbox: Sandbox, name: str, form: str) -> None:
    for tag in "ab":
        put_manifest(daemon, name, tag)
    link = daemon.ask("GET", target(form, name, "tags/list", "n=1")).get("Link")
    assert link and link.startswith(f"</v2/{HOST}/{name}/tags/list?")
    assert b'"b"' in daemon.ask("GET", link[1:link.index(">")]).body


@pytest.mark.parametrize("form", ["short", "prefix"])
def test_refusal_names_it_as_the_client_does(daemon: Daemon, sandbox: Sandbox, name: str,
                                             form: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository")
    answer = daemon.ask("POST", target(form, name, "blobs/uploads/"), b"")
    assert answer.error()[1].startswith(f"{FORMS[form][0]}{name} ")


@pytest.mark.parametrize("name", ["docker.io/library/alpine", "localhost/app", "a/manifests/b",
                                  "blobs/uploads", "v2/v2", "tags/list", "dkr/ecr", "ecr.dkr/x",
                                  "ghcr.io/a/b", "1a/2b"])
def test_names_of_the_default_registry(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    answer = start_upload(daemon, name)
    assert answer.status == 202
    assert answer.location.startswith(f"/v2/{name}/blobs/uploads/")
    assert [call["repository"] for call in creations(sandbox)] == [name]


@pytest.mark.parametrize("query,expected", [
    (f"mount={SHA}&from={HOST}/other/app", f"mount={SHA}&from=other/app"),
    (f"from={HOST}/other/app&mount={SHA}&x=1", f"from=other/app&mount={SHA}&x=1"),
    (f"mount={SHA}&from=210987654321.dkr.ecr.eu-west-1.amazonaws.com/other/app", ""),
    (f"mount={SHA}&from=210987654321.dkr.ecr.eu-west-1.amazonaws.com/other/app&x=1", "x=1"),
])
def test_mount_from_a_named_registry(daemon: Daemon, sandbox: Sandbox, name: str, query: str,
                                     expected: str) -> None:
    """Of the same registry the host goes; another registry's blob cannot be mounted."""
    sandbox.create(name)
    answer = daemon.ask("POST", f"/v2/{HOST}/{name}/blobs/uploads/?{query}", b"")
    assert answer.status == 202
    (entry,) = sandbox.requests(operation="upload_start")
    sent = parse_qs(urlsplit(entry["path"]).query)
    assert sent == parse_qs(expected)


@pytest.mark.parametrize("query", [f"ns={HOST}&ns=docker.io", f"ns=docker.io&ns={HOST}",
                                   f"ns={HOST}&ns="])
def test_ns_must_agree(daemon: Daemon, sandbox: Sandbox, name: str, query: str) -> None:
    answer = start_upload(daemon, name, f"?{query}")
    assert 400 <= answer.status < 500, answer
    assert sandbox.requests() == []


# As they stand in the path. Each has something of an ECR host and is none of ours.
LOOK_ALIKES = [
    HOST.upper(),
    HOST.replace("amazonaws", "Amazonaws"),
    HOST.replace("dkr.ecr", "DKR.ECR"),
    HOST.replace("dkr.ecr", "dkr.Ecr"),
    HOST.replace("eu-west", "EU-west"),
    HOST + ".",
    HOST + "..",
    HOST.replace(".dkr", "..dkr"),
    "." + HOST,
    HOST + ":443",
    HOST + ":80",
    HOST + ":0",
    HOST + ":",
    HOST + "%3A443",
    "user@" + HOST,
    "user:password@" + HOST,
    HOST + "@evil.example.com",
    HOST + "%40evil.example.com",
    "evil.example.com%40" + HOST,
    HOST + ".evil.example.com",
    HOST + "%2eevil.example.com",
    HOST.replace(".", "%2e"),
    HOST.replace(".", "%2E"),
    HOST.replace("dkr.ecr", "dkr%2Eecr"),
    HOST.replace("dkr", "%64kr"),
    HOST.replace("1", "%31", 1),
    HOST.replace(".", "%252e"),
    HOST.replace("123456789012", "210987654321"),
    HOST.replace("eu-west-1", "us-east-1"),
    HOST.replace("eu-west-1", "not-real"),
    HOST.replace("eu-west-1", "eu_west-1"),
    HOST.replace("dkr.ecr", "dkr-ecr"),
    HOST.replace("dkr.ecr", "dkr-ecr").replace("amazonaws.com", "on.aws"),
    HOST.replace("dkr.ecr", "dkr.ecr-fips"),
    HOST + ".cn",
    HOST.removesuffix("m"),
    HOST + "m",
    HOST + "-x",
    HOST.replace("amazonaws", "amaz0naws"),
    "evil-" + HOST,
    "evil." + HOST,
    "x" + HOST,
    HOST[1:],
    "0" + HOST,
    "%20" + HOST,
    HOST + "%20",
    HOST + "%09",
    HOST + "%00",
    HOST + "%00.evil.example.com",
    HOST + "%0d%0aX:y",
    HOST + "%2f..",
    HOST + "%2Fevil",
    HOST + "%5c",
    HOST + "\\evil.example.com",
    HOST + "%23",
    HOST + ";x",
    HOST + ",evil.example.com",
    HOST + "%3fns=",
    "[" + HOST + "]",
    "[::1]",
    "https://" + HOST,
    "https:%2f%2f" + HOST,
    HOST.replace("dkr", "%EF%BD%84kr"),    # a full-width d
    HOST.replace(".dkr", "%E3%80%82dkr"),    # an ideographic full stop
    HOST + "%E2%80%8B",    # a zero-width space
    HOST + "%ff",
    "a.dkr.ecr",
    "dkr.ecr",
    "x-dkr-ecr",
    "DKR-ECR.example.com",
    "localhost:5000",
    "127.0.0.1:80",
    "169.254.169.254:80",
    "Example.com",
    "+" + HOST,
    "~" + HOST,
    "*." + HOST,
    HOST + "/..%2f",
]

# Only as ns=: in a path these are names of the default registry.
FOREIGN = ["docker.io", "evil.example.com", "localhost", "127.0.0.1", "", "https%3A%2F%2F" + HOST,
           HOST + "%2F", HOST + "/app", "%2F" + HOST]


def ask_raw(daemon: Daemon, method: str, request_target: str) -> int:
    """The status, whatever the target holds."""
    with Wire(daemon.port) as wire:
        wire.send(f"{method} {request_target} HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  "Content-Length: 0\r\nConnection: close\r\n\r\n".encode("latin-1"))
        return int(wire.read().split(b" ", 2)[1])


def assert_never_leaves(daemon: Daemon, sandbox: Sandbox, request_target: str) -> None:
    for method in ("POST", "GET"):
        status = ask_raw(daemon, method, request_target)
        assert 400 <= status < 500, f"{method} {request_target}: {status}"
        assert sandbox.requests() == [], request_target


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_look_alike_in_the_path(daemon: Daemon, sandbox: Sandbox, host: str) -> None:
    assert_never_leaves(daemon, sandbox, f"/v2/{host}/app/blobs/uploads/")


@pytest.mark.parametrize("host", [host for host in LOOK_ALIKES
                                  if host.replace("%2e", ".").replace("%2E", ".")
                                  .replace("%64", "d").replace("%31", "1") != HOST] + FOREIGN)
def test_look_alike_as_ns(daemon: Daemon, sandbox: Sandbox, host: str) -> None:
    assert_never_leaves(daemon, sandbox,
                        f"/v2/app/blobs/uploads/?ns={quote(host, safe='%:@[];,~*+/')}")


@pytest.mark.parametrize("host", ["evil.example.com", "localhost.evil.example.com", HOST,
                                  "127.0.0.1.evil.example.com:{port}", "localhost:1", "", "[::2]"])
def test_host_of_another(daemon: Daemon, sandbox: Sandbox, host: str) -> None:
    """DNS rebinding: a page's own name that resolves to us."""
    with daemon.client() as client:
        answer = client.ask("POST", "/v2/app/blobs/uploads/", b"",
                            {"Host": host.format(port=daemon.port)})
    assert 400 <= answer.status < 500, answer
    assert sandbox.requests() == []


@pytest.mark.parametrize("fields", [{"Origin": "https://evil.example.com"}, {"Origin": "null"},
                                    {"Sec-Fetch-Site": "cross-site"}], ids=str)
def test_browser_of_a_foreign_page(daemon: Daemon, sandbox: Sandbox,
                                   fields: dict[str, str]) -> None:
    answer = daemon.ask("POST", "/v2/app/blobs/uploads/", b"", fields)
    assert answer.status == 403
    assert sandbox.requests() == []


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}",
                                  "127.0.0.2:{port}"])
def test_hosts_that_are_ours(daemon: Daemon, host: str) -> None:
    with daemon.client() as client:
        assert client.ask("GET", "/v2/", headers={
            "Host": host.format(port=daemon.port)}).status == 200
