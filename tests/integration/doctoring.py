"""`doctor`, asked by a test: its JSON, checked for its form, with nothing of this machine in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from integration.daemon import run
from integration.waiting import free_port

# Whatever hangs, it ends: 18 s, and the time to start.
ENDS_S = 20.0
MACHINE = ["configuration", "aws-settings", "proxy", "state-dir", "daemon", "listen"]
IDENTITY = ["registry", "region", "credentials"]
ONLINE = ["dns", "tls", "identity", "clock", "token", "templates", "push", "create", "policies"]


class Home:
    """A home directory: no docker, no client, and ports that nobody has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.port, self.admin = free_port(), free_port()
        self.config: dict[str, Any] = {
            "listen": [f"127.0.0.1:{self.port}"], "admin": f"127.0.0.1:{self.admin}",
            "state_dir": str(folder / "state")}
        self.docker("unix:///nonexistent")

    def docker(self, host: str) -> None:
        """Docker's daemon, as a context of its command names it."""
        meta = self.folder / ".docker/contexts/meta" / hashlib.sha256(b"test").hexdigest()
        meta.mkdir(parents=True, exist_ok=True)
        (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": host}}}))
        (self.folder / ".docker/config.json").write_text(json.dumps({"currentContext": "test"}))

    def install(self, program: str) -> None:
        """In the PATH, as far as anybody looks."""
        (self.bin / program).write_text("#!/bin/false\n")
        (self.bin / program).chmod(0o755)

    def env(self, env: Mapping[str, str]) -> dict[str, str]:
        return {**env, "HOME": str(self.folder), "PATH": str(self.bin)}


class Found:
    """What it said."""

    def __init__(self, text: str) -> None:
        self.json: dict[str, Any] = json.loads(text)
        self.identities: list[dict[str, Any]] = self.json["identities"]
        self.checks: list[dict[str, Any]] = self.json["checks"]
        assert list(self.json) == ["checks", "identities"]
        for check in self.checks:
            assert list(check) == ["name", "state", "message", "remedy"]
            assert check["state"] in ("ok", "WARN", "FAIL") and check["message"]
            assert (check["remedy"] is None) == (check["state"] == "ok"), check
        for identity in self.identities:
            assert list(identity) == ["registry", "source", "access_key_id", "account", "arn",
                                      "expires"]

    @property
    def states(self) -> dict[str, str]:
        return {check["name"]: check["state"] for check in self.checks}

    def named(self, state: str) -> list[str]:
        return [check["name"] for check in self.checks if check["state"] == state]

    def __getitem__(self, name: str) -> dict[str, Any]:
        (check,) = [check for check in self.checks if check["name"] == name]
        return check

    def says(self, name: str, state: str, message: str, remedy: str | None = None) -> None:
        """Its line is as it should be: the words of both are among others."""
        check = self[name]
        assert check["state"] == state, check
        assert message in check["message"], check
        assert remedy is None or remedy in (check["remedy"] or ""), check


def doctor(home: Home, env: Mapping[str, str], *arguments: str, failed: bool = False,
           before: list[str] | None = None, **config: Any) -> Found:
    """before: the command that starts it, in a namespace say."""
    path = home.folder / "ecr-upsertd.conf"
    path.write_text(json.dumps({**home.config, **config}))
    done = run("doctor", "--json", f"--config={path}", *arguments, env=home.env(env),
               timeout=ENDS_S, before=before or [])
    assert (done.returncode, done.stderr) == (int(failed), ""), done
    for secret in ("secret-of", "token-of", "password"):
        assert secret not in done.stdout, done.stdout
    return Found(done.stdout)


def mounted(*mounts: str) -> list[str]:
    """Before a command: a mount namespace of its own, in which these commands have run."""
    script = " && ".join([*mounts, 'exec "$@"'])
    return ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script,
            "sh"]
