#!/usr/bin/env python3
"""A stand-in for Amazon ECR on this machine: run it, or use it from Python.

    tests/sandbox/sandbox.py --env-file /tmp/ecr.env &        then: . /tmp/ecr.env
    with Sandbox() as s: ...                                  in a test
"""

import argparse
import json
import os
import select
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any


START_SECONDS = 30


class SandboxError(Exception):
    pass


class Sandbox:
    """A running sandbox, in a process of its own. Needs nothing but the standard library here."""

    def __init__(self, plain: bool = False, dir: str | os.PathLike[str] | None = None,
                 account: str = "123456789012", region: str = "eu-west-1",
                 aliases: list[str] | None = None, python: str = sys.executable) -> None:
        self._command = [python, str(Path(__file__).resolve()), "--json", "--stop-with-stdin",
                         "--account", account, "--region", region]
        self._command += ["--plain"] if plain else []
        self._command += ["--dir", str(dir)] if dir else []
        for alias in aliases or []:
            self._command += ["--alias", alias]
        self._child: subprocess.Popen[str] | None = None
        self._env: dict[str, str] = {}

    # life

    def start(self) -> "Sandbox":
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        ready, _, _ = select.select([self._child.stdout], [], [], START_SECONDS)
        line = self._child.stdout.readline() if ready else ""
        if not line:
            self.stop()
            raise SandboxError("the sandbox did not start (see its standard error)")
        self._env = json.loads(line)
        return self

    def stop(self) -> None:
        if self._child is None:
            return
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()
        self._child = None
        if self._env:  # only one that was killed has left its files
            shutil.rmtree(Path(self.ca_file).parent, ignore_errors=True)

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # where it is

    @property
    def host(self) -> str:
        return self._env["ECR_HOST"]

    @property
    def endpoint(self) -> str:
        """Where the registry's TCP connections go: scheme://127.0.0.1:port."""
        return self._env["REGISTRY_ENDPOINT"]

    @property
    def ca_file(self) -> str:
        return self._env["AWS_CA_BUNDLE"]

    def env(self) -> dict[str, str]:
        """A child's whole environment: ours without its AWS settings, plus the sandbox's."""
        mine = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return {**mine, **self._env}

    def daemon_args(self, host: str | None = None) -> list[str]:
        return ["--registry", host or self.host, "--registry-endpoint", self.endpoint]

    # the API's state, without a signature and without a trace in the log

    def call(self, operation: str, account: str | None = None, region: str | None = None,
             **arguments: Any) -> dict[str, Any]:
        """An ECR call by its API name and arguments; SandboxError for an error answer."""
        reply = self._post("/call", {"operation": operation, "arguments": arguments,
                                     "account": account, "region": region})
        if reply["status"] != 200:
            raise SandboxError(f"{operation}: {reply['answer']}")
        return reply["answer"]

    def create(self, name: str, account: str | None = None, region: str | None = None,
               **settings: Any) -> dict[str, Any]:
        """Create a repository; settings as CreateRepository names them (imageTagMutability=…)."""
        return self.call("CreateRepository", account, region, repositoryName=name,
                         **settings)["repository"]

    def describe(self, name: str, account: str | None = None,
                 region: str | None = None) -> dict[str, Any] | None:
        """The repository as DescribeRepositories shows it; None when there is none."""
        found = self.call("DescribeRepositories", account, region)["repositories"]
        return next((one for one in found if one["repositoryName"] == name), None)

    def delete(self, name: str, account: str | None = None, region: str | None = None) -> None:
        self.call("DeleteRepository", account, region, repositoryName=name, force=True)

    # the log

    def requests(self, **wanted: Any) -> list[dict[str, Any]]:
        """Every request received, whose fields equal `wanted` (side=, operation=, method=,
        repository=, status=, …), in the order of arrival."""
        query = {key: value if isinstance(value, str) else json.dumps(value)
                 for key, value in wanted.items()}
        return self._ask("GET", "/requests?" + urllib.parse.urlencode(query))

    def calls(self, operation: str | None = None, **wanted: Any) -> list[dict[str, Any]]:
        """API calls received."""
        if operation:
            wanted["operation"] = operation
        return self.requests(side="api", **wanted)

    # faults and settings

    def set_fault(self, side: str, kind: str, **options: Any) -> int:
        """side registry, s3 or api; kind and options as README.md lists them. Returns its id."""
        return self._post("/faults", {"side": side, "kind": kind, **options})["id"]

    def faults(self) -> list[dict[str, Any]]:
        return self._ask("GET", "/faults")

    def clear_faults(self, id: int | None = None) -> None:
        self._ask("DELETE", "/faults" + (f"?id={id}" if id else ""))

    def down(self, side: str) -> None:
        """registry, s3 or api: refuse connections and drop those that there are."""
        self._post("/listeners", {"side": side, "up": False})

    def up(self, side: str) -> None:
        """Listen again, at the same address."""
        self._post("/listeners", {"side": side, "up": True})

    def drop_connections(self, side: str) -> None:
        """Close every connection there is, the idle ones too."""
        self._post("/connections/drop", {"side": side})

    def settings(self, **values: Any) -> dict[str, Any]:
        """Change settings (token_lifetime=, token_size=, clock_skew=, …); returns all of them."""
        return self._post("/settings", values)

    def add_identity(self, access_key: str, secret_key: str, **more: Any) -> None:
        """Further keys to accept: session_token=, expires= (epoch seconds), account=, arn=."""
        self._post("/identities", {"access_key": access_key, "secret_key": secret_key, **more})

    def expire_tokens(self) -> None:
        """Every token handed out so far is answered 403 "has expired" from now on."""
        self._post("/tokens/expire", {})

    def revoke_tokens(self) -> None:
        """Every token handed out so far is answered 401 from now on."""
        self._post("/tokens/revoke", {})

    def reset(self) -> None:
        """No repositories, faults, log entries; default settings. Addresses and tokens stay."""
        self._post("/reset", {})

    # the control endpoint

    def _post(self, path: str, value: Any) -> Any:
        return self._ask("POST", path, json.dumps(value).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(self._env["SANDBOX_CONTROL"] + path, body, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(error.read().decode()) from None


def main() -> int:
    parser = argparse.ArgumentParser(description="A stand-in for Amazon ECR on this machine.")
    parser.add_argument("--dir", help="keep the run's files below DIR (default: the system's)")
    parser.add_argument("--plain", action="store_true", help="registry over http (default: TLS)")
    parser.add_argument("--env-file", metavar="FILE", help="write the export lines there too")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument("--region", default="eu-west-1")
    parser.add_argument("--alias", action="append", default=[], metavar="NAME",
                        help="a further host name that means the default registry")
    parser.add_argument("--json", action="store_true", help="print JSON, not export lines")
    parser.add_argument("--stop-with-stdin", action="store_true",
                        help="stop at the end of standard input too")
    options = parser.parse_args()
    from server import run  # the libraries are slow to load, --help is not
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
