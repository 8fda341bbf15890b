#!/usr/bin/env python3
"""Writes sigv4_vectors.txt from a clone of https://github.com/awslabs/aws-c-auth.

usage: convert_sigv4_vectors.py CLONE [COMMIT] > sigv4_vectors.txt
"""

import calendar
import json
import subprocess
import sys
import time

SUITE = "tests/aws-signing-test-suite/v4"
HEAD = """\
# Signature Version 4 test vectors: requests, their canonical requests, strings to sign, signatures.
# Origin: github.com/awslabs/aws-c-auth, {suite}, commit {commit}.
# Copyright Amazon.com, Inc. or its affiliates. Apache-2.0. Converted by convert_sigv4_vectors.py.
# One "name value" a line, read by sigv4_case.h; octets outside of printable ASCII, and the
# backslash, are \\xNN. An empty line ends a case.
"""


def escape(octets: bytes) -> str:
    return "".join(
        chr(c) if 0x20 <= c <= 0x7E and c != 0x5C else f"\\x{c:02x}" for c in octets
    )


def split_request(request: bytes) -> tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes]:
    """Method, target, fields (folded lines kept in their value) and body."""
    head, _, body = request.partition(b"\n\n")
    first, *lines = head.rstrip(b"\n").split(b"\n")
    method, rest = first.split(b" ", 1)
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] == b" ":
            name, value = fields.pop()
            fields.append((name, value + b"\n" + line))
        else:
            name, _, value = line.partition(b":")
            fields.append((name, value))
    return method, rest.rsplit(b" ", 1)[0], fields, body


def convert(name: str, read) -> list[tuple[str, bytes]]:
    context = json.loads(read(name, "context.json"))
    credentials = context["credentials"]
    method, target, fields, body = split_request(read(name, "request.txt"))
    path, _, query = target.partition(b"?")
    when = calendar.timegm(time.strptime(context["timestamp"], "%Y-%m-%dT%H:%M:%SZ"))
    lines = [
        ("case", name.encode()),
        ("access_key_id", credentials["access_key_id"].encode()),
        ("secret_access_key", credentials["secret_access_key"].encode()),
        ("region", context["region"].encode()),
        ("service", context["service"].encode()),
        ("time", str(when).encode()),
        ("method", method),
        ("path", path),
    ]
    # A token that is left out of the signature is sent beside it: nothing of this concerns signing.
    if "token" in credentials and not context.get("omit_session_token"):
        lines.append(("session_token", credentials["token"].encode()))
    if query:
        lines.append(("query", query))
    lines += [("header", field + b":" + value) for field, value in fields]
    if body:
        lines.append(("body", body))
    if not context["normalize"]:
        lines.append(("keep_path", b"1"))
    if context["sign_body"]:
        lines.append(("sign_body", b"1"))
    for what in ("canonical-request", "string-to-sign", "signature"):
        lines.append((what.replace("-", "_"), read(name, f"header-{what}.txt")))
    return lines


def main() -> None:
    clone = sys.argv[1]
    git = ["git", "-C", clone]
    commit = sys.argv[2] if len(sys.argv) > 2 else "HEAD"
    commit = subprocess.check_output([*git, "rev-parse", commit], text=True).strip()

    def read(case: str, file: str) -> bytes:
        return subprocess.check_output([*git, "show", f"{commit}:{SUITE}/{case}/{file}"])

    names = subprocess.check_output(
        [*git, "ls-tree", "--name-only", f"{commit}:{SUITE}"], text=True
    ).split()
    print(HEAD.format(suite=SUITE, commit=commit))
    for name in names:
        for key, value in convert(name, read):
            print(key, escape(value))
        print()


main()
