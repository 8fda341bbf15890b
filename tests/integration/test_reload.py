"""SIGHUP: another configuration is in force without a transfer being dropped; a broken one is not."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integration.client import Client
from integration.daemon import BINARY, Daemon
from integration.registry import assert_refused, creations, digest_of, start_upload
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

DENY = {"name": "closed", "match": "**", "action": "deny", "reason": "ask platform@"}


def test_another_rule_is_in_force(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                  name: str) -> None:
    daemon = start_daemon(config={"rules": [DENY]})
    assert_refused(start_upload(daemon, name), 403, "DENIED", "closed", "ask platform@", name)
    assert not creations(sandbox)

    daemon.configure({"rules": [{"match": "**", "settings": {"image_tag_mutability": "MUTABLE"}}]})
    daemon.reload()
    assert start_upload(daemon, name).status == 202
    assert sandbox.describe(name)["imageTagMutability"] == "MUTABLE"


BROKEN = [
    ("", "empty"),
    ('{"rules": [', "complete"),
    ('{"rulez": []}', '"rules"'),
    ('{"create": {"max_per_hour": 0}}', "max_per_hour"),
    ('{"registries": [{"host": "registry.example"}]}', "registry.example"),
]


@pytest.mark.parametrize("text,word", BROKEN, ids=[word for _, word in BROKEN])
def test_a_broken_one_leaves_the_old_in_force(start_daemon: Callable[..., Daemon],
                                              sandbox: Sandbox, name: str, text: str,
                                              word: str) -> None:
    daemon = start_daemon(config={"rules": [DENY]})
    daemon.configure(text)
    daemon.reload()
    errors = [line["message"] for line in daemon.lines() if line.get("level") == "error"]
    assert any(f"{daemon.config}:" in error and word in error for error in errors), errors
    assert errors[-1].endswith("stays in force")
    assert_refused(start_upload(daemon, name), 403, "DENIED", "closed")


def test_a_missing_one_leaves_the_old_in_force(start_daemon: Callable[..., Daemon],
                                               name: str) -> None:
    daemon = start_daemon(config={"rules": [DENY]})
    daemon.config.unlink()
    daemon.reload()
    assert_refused(start_upload(daemon, name), 403, "DENIED", "closed")


def test_no_transfer_is_dropped(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                name: str) -> None:
    daemon = start_daemon(config={})
    blob = bytes(range(256)) * 4096
    location = start_upload(daemon, name).location
    reloads = 0

    def pieces() -> Any:
        nonlocal reloads
        for at in range(0, len(blob), 1 << 18):
            yield blob[at:at + (1 << 18)]
            daemon.configure({"rules": [DENY]} if reloads % 2 else {})
            daemon.reload()
            reloads += 1

    patched = daemon.ask("PATCH", location, pieces())
    assert patched.status in (201, 202) and reloads == 4
    done = daemon.ask("PUT", f"{patched.location}?digest={digest_of(blob)}", b"")
    assert done.status == 201
    assert daemon.ask("GET", f"/v2/{name}/blobs/{digest_of(blob)}").status in (200, 307)


def test_what_the_command_line_has_needs_no_restart(start_daemon: Callable[..., Daemon]) -> None:
    daemon = start_daemon(config={})
    # The command line has all three: what the file says of them does not count.
    daemon.configure({"admin": "off", "listen": ["127.0.0.1:1"], "state_dir": "/nowhere"})
    daemon.reload()
    assert not daemon._said("needs a restart")


class Plain:
    """The daemon without an option, its configuration where it is looked for."""

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self.file = home / ".config" / "ecr-upsertd" / "ecr-upsertd.conf"
        self.file.parent.mkdir(parents=True)
        self.config: dict[str, Any] = {
            "listen": [f"127.0.0.1:{free_port()}"], "admin": "off",
            "state_dir": str(home / "state"), "rules": [DENY],
            "registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint}]}
        self.log = home / "log"
        self.env = {**sandbox.env(), "HOME": str(home)}
        self.env.pop("ECR_UPSERTD_CONFIG", None)

    def __enter__(self) -> Plain:
        self.configure()
        with self.log.open("wb") as out:
            self.child = subprocess.Popen([BINARY], env=self.env, stdin=subprocess.DEVNULL,
                                          stdout=out, stderr=subprocess.STDOUT)
        wait_for("its first line", lambda: "listens on" in self.log.read_text(), 30)
        return self

    def __exit__(self, *_: object) -> None:
        self.child.terminate()
        assert self.child.wait(30) == 0, self.log.read_text()

    def configure(self, **changes: Any) -> None:
        self.file.write_text(json.dumps({**self.config, **changes}))

    def reload(self) -> str:
        """What it says of SIGHUP."""
        before = len(self.log.read_text())
        self.child.send_signal(signal.SIGHUP)
        wait_for("a word on SIGHUP", lambda: re.search(r"SIGHUP: .*(in force|there is no).*\n",
                                                       self.log.read_text()[before:]), 10)
        return self.log.read_text()[before:]


def test_what_needs_a_restart_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    with Plain(sandbox, tmp_path) as daemon:
        for change in ({"listen": ["127.0.0.1:1"]}, {"admin": "127.0.0.1:1"},
                       {"state_dir": "/nowhere"}):
            # The second time it is as much in need of it as the first.
            for _ in range(2):
                daemon.configure(**change)
                said = daemon.reload()
                assert re.findall(r'"(\w+)" has changed: that needs a restart', said) == [*change]
        daemon.configure()
        assert "needs a restart" not in daemon.reload()


def test_a_file_that_is_gone_takes_no_rule_with_it(sandbox: Sandbox, tmp_path: Path,
                                                   name: str) -> None:
    with Plain(sandbox, tmp_path) as daemon:
        daemon.file.unlink()
        said = daemon.reload()
        assert f"{daemon.file}: cannot be read" in said and "stays in force" in said
        with Client(int(daemon.config["listen"][0].rpartition(":")[2])) as client:
            assert_refused(client.ask("POST", f"/v2/{name}/blobs/uploads/", b""), 403, "DENIED",
                           "closed")


def test_registries_come_and_go(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                name: str) -> None:
    other = sandbox.host.replace("dkr.ecr.", "dkr.ecr.", 1).replace("eu-west-1", "us-east-1")
    daemon = Daemon([], sandbox.env(), config={
        "registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint}]})
    with daemon:
        assert start_upload(daemon, f"{other}/{name}").status == 404
        daemon.configure({"registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint},
                                         {"host": other, "endpoint": sandbox.endpoint}]})
        daemon.reload()
        assert start_upload(daemon, f"{other}/{name}").status == 202
        daemon.configure({"registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint}]})
        daemon.reload()
        assert start_upload(daemon, f"{other}/{name}").status == 404
        assert start_upload(daemon, name).status == 202


def test_refused_names_may_be_tried_again(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                                          name: str) -> None:
    daemon = start_daemon(config={})
    sandbox.set_fault("api", "access_denied", operation="CreateRepository", count=1)
    assert_refused(start_upload(daemon, name), 403, "DENIED", "ecr:CreateRepository")
    assert_refused(start_upload(daemon, name), 403, "DENIED", "ecr:CreateRepository")
    assert len(creations(sandbox, name)) == 1
    daemon.reload()
    assert start_upload(daemon, name).status == 202
    wait_for("the access line", lambda: daemon.access_lines(repository=name, created=True))


def test_a_registry_gets_another_identity(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    """The usual remedy of a refused follow-up, which is then asked for with the new one."""
    profiles = ""
    for who in ("ONE", "TWO"):
        sandbox.add_identity(f"AKIA{who}", f"secret-of-{who}", account=sandbox.host[:12])
        profiles += (f"[profile {who}]\naws_access_key_id = AKIA{who}\n"
                     f"aws_secret_access_key = secret-of-{who}\n")
    file = tmp_path / "config"
    file.write_text(profiles)

    def config(who: str) -> dict[str, Any]:
        return {"registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint,
                                "profile": who}],
                "rules": [{"match": "**", "settings": {"lifecycle_policy": {"rules": []}}}]}

    fault = sandbox.set_fault("api", "access_denied", operation="PutLifecyclePolicy")
    with Daemon([], {**sandbox.env(), "AWS_CONFIG_FILE": str(file)}, config=config("ONE")) as daemon:
        assert start_upload(daemon, name).status == 202
        sandbox.clear_faults(fault)
        daemon.configure(config("TWO"))
        daemon.reload()
        calls = wait_for("another try", lambda: sandbox.calls("PutLifecyclePolicy")[1:])
        assert [call["access_key"] for call in calls] == ["AKIATWO"]
        # The one before is of no interest any more.
        registry, = json.loads(daemon.ask_admin("/status").body)["registries"]
        assert "AKIATWO" in registry["identity"]
