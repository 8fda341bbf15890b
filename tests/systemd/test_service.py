"""The system unit in a booted systemd: start, reload, stop, what it keeps and what it may see."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator

import pytest

from integration.client import Answer, Wire
from integration.daemon import ROOT
from integration.registry import OCTETS, assert_refused, digest_of, start_upload
from integration.waiting import wait_for
from sandbox import Sandbox
from systemd.machine import Failed
from systemd.service import SECRETS, SOCKET, UNIT, Service

BLOB = bytes(range(256)) * 4096
DENY = {"rules": [{"name": "closed", "match": "**", "action": "deny", "reason": "ask platform@"}]}


class Upload:
    """A blob that is under way until it is told to go on."""

    def __init__(self, service: Service, name: str) -> None:
        location = start_upload(service, name).location
        self._on = threading.Event()
        self._answers: list[Answer] = []
        self._thread = threading.Thread(target=self._send, args=(service, location))
        self._thread.start()
        wait_for("the transfer",
                 lambda: json.loads(service.ask_admin("/status").body)["transfers"])

    def _send(self, service: Service, location: str) -> None:
        self._answers.append(service.ask("PUT", f"{location}?digest={digest_of(BLOB)}",
                                         self._parts(), OCTETS))

    def _parts(self) -> Iterator[bytes]:
        yield BLOB[:1000]
        self._on.wait(30)
        yield BLOB[1000:]

    def finish(self) -> Answer:
        self._on.set()
        self._thread.join(60)
        (answer,) = self._answers
        return answer


# start

def test_a_push_through_it(service: Service, sandbox: Sandbox, name: str) -> None:
    service.start()
    assert service.state == "active (running)"
    assert start_upload(service, name).status == 202
    assert sandbox.describe(name)
    (created,) = [json.loads(line) for line in service.machine.read(
        "/var/lib/private/ecr-upsertd/created.jsonl").splitlines()]
    assert (created["repository"], created["user"]) == (name, "root")
    assert service.machine.run("ecr-upsertd", "status").stdout.startswith("ready")
    assert name in service.machine.run("ecr-upsertd", "repos").stdout


def test_doctor_asks_as_the_service_does(service: Service) -> None:
    """By the command of README.md; a shell has nothing of it."""
    service.start()
    (command,) = re.findall(r"^sudo (systemd-run .*?doctor)$", (ROOT / "README.md").read_text(),
                            re.M | re.S)
    said = service.machine.script(command)
    assert re.search(r"^ok +daemon +it runs and is ready", said, re.M)
    assert re.search(r"^ok +state-dir +/var/lib/ecr-upsertd$", said, re.M)
    assert re.search(r"^ok +credentials +\S+ from shared-credentials-file$", said, re.M)
    assert re.search(r"^ok +push ", said, re.M) and "FAIL" not in said
    alone = service.machine.run("ecr-upsertd", "doctor", "--offline", check=False)
    assert alone.returncode == 1 and "ask with its environment" in alone.stdout


def test_systemctl_status_says_how_it_is(service: Service, sandbox: Sandbox, name: str) -> None:
    service.start()
    upload = Upload(service, name)
    said = (rf"ready; 1 transfer; {re.escape(sandbox.host)}: "
            r"token until \d{4}-\d\d-\d\d \d\d:\d\d UTC")
    wait_for("the status", lambda: re.fullmatch(said, service.show("StatusText")), 15)
    assert upload.finish().status == 201


def test_enabled_it_comes_with_the_machine(service: Service) -> None:
    service.systemctl("enable", UNIT)
    service.systemctl("start", "multi-user.target")
    wait_for("the service", lambda: service.state == "active (running)")


def test_it_is_as_confined_as_the_unit_says(service: Service) -> None:
    service.start()
    status = service.machine.read(f"/proc/{service.pid}/status")
    uid = re.search(r"^Uid:\t(\d+)", status, re.M)
    assert uid and 61184 <= int(uid[1]) <= 65519    # systemd's range of dynamic users
    assert re.search(r"^CapBnd:\t0+$", status, re.M)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.M)
    assert re.search(r"^Seccomp:\t2$", status, re.M)
    limits = service.machine.read(f"/proc/{service.pid}/limits")
    assert re.search(r"^Max core file size +0 +0 ", limits, re.M)
    assert re.search(r"^Max open files +16384 +16384 ", limits, re.M)
    state = service.machine.script("stat -c '%a %U' /var/lib/private/ecr-upsertd").split()
    assert state == ["700", "ecr-upsertd"]


def test_what_its_children_get_to_see(service: Service) -> None:
    """credential_process: a home it can write, and nothing of what systemd told the daemon."""
    service.machine.script("cat >/usr/local/bin/keys <<'EOF'\n#!/bin/sh\n"
                           "env >~/env && cat /etc/ecr-upsertd/keys.json\nEOF\n"
                           "chmod +x /usr/local/bin/keys")
    service.machine.write("/etc/ecr-upsertd/keys.json", json.dumps({
        "Version": 1, "AccessKeyId": service.sandbox.env()[SECRETS[0]],
        "SecretAccessKey": service.sandbox.env()[SECRETS[1]]}))
    service.machine.write("/etc/ecr-upsertd/aws-config",
                          "[default]\ncredential_process = /usr/local/bin/keys\n")
    service.machine.run("rm", "/etc/ecr-upsertd/credentials")
    service.start()
    seen = service.machine.read("/run/ecr-upsertd/env")
    assert "HOME=/run/ecr-upsertd\n" in seen
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS"):
        assert name not in seen
    service.systemctl("stop", SOCKET, UNIT)
    assert not service.machine.path_inside("/run/ecr-upsertd").exists()


# keys

def test_keys_that_only_root_can_read(service: Service) -> None:
    service.start()
    (registry,) = json.loads(service.ask_admin("/status").body)["registries"]
    assert registry["identity"].startswith("shared-credentials-file ")
    assert service.machine.script("stat -c %a /etc/ecr-upsertd/credentials") == "600\n"


def test_without_a_file_of_keys_they_come_from_elsewhere(service: Service) -> None:
    service.machine.run("rm", "/etc/ecr-upsertd/credentials")
    env = service.sandbox.env()
    keys = "".join(f"{name}={env[name]}\n" for name in SECRETS if name in env)
    service.machine.write("/etc/ecr-upsertd/environment",
                          service.machine.read("/etc/ecr-upsertd/environment") + keys)
    service.start()
    (registry,) = json.loads(service.ask_admin("/status").body)["registries"]
    assert registry["identity"].startswith("env ")


def test_the_journal_holds_no_secret(service: Service, name: str) -> None:
    service.configure({"log": {"level": "debug"}})
    service.start()
    assert start_upload(service, name, headers={"Authorization": "Basic c2VjcmV0"}).status == 202
    service.machine.run("systemctl", "reload", UNIT)
    service.systemctl("stop", SOCKET, UNIT)
    journal = service.journal("")
    assert name in journal
    secrets = [service.sandbox.env()[key] for key in SECRETS[1:] if key in service.sandbox.env()]
    for secret in (*secrets, "c2VjcmV0", "Basic ", "Authorization", "AWS4-HMAC"):
        assert secret not in journal


def test_the_journal_knows_what_is_urgent(service: Service) -> None:
    service.start()
    service.machine.write("/etc/ecr-upsertd/ecr-upsertd.conf", "{")
    service.machine.run("kill", "-HUP", str(service.pid))
    service.wait_journal("stays in force")
    urgent = service.machine.script("journalctl -p 3 -o cat --no-pager -n 1 -u ecr-upsertd")
    assert urgent.endswith("the one before stays in force\n")
    assert "<3>" not in urgent


# who is it

ASK = r"""
exec 3<>"/dev/tcp/127.0.0.1/5100"
printf 'GET /v2/ HTTP/1.1\r\nHost: localhost:5100\r\nConnection: close\r\n\r\n' >&3
read -r line <&3
echo "$line"
"""


def ask_as(service: Service, user: str) -> str:
    return service.machine.run("setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups",
                               "bash", "-c", ASK).stdout


def test_users_are_those_of_the_machine(service: Service) -> None:
    """Through PrivateUsers=: by the socket unit's netlink."""
    service.configure({"allow_users": ["daemon"]})
    service.start()
    assert " 200 " in ask_as(service, "daemon")
    assert " 403 " in ask_as(service, "games")
    service.wait_journal(r"user=daemon .*status=200")
    service.wait_journal(r"user=games .*status=403")


# reload

def test_reload(service: Service, sandbox: Sandbox, name: str) -> None:
    service.start()
    pid = service.pid
    service.machine.run("systemctl", "log-level", "debug")
    service.configure(DENY)
    service.systemctl("reload", UNIT)
    service.machine.run("systemctl", "log-level", "info")
    service.wait_journal("ecr-upsertd.conf is in force")
    told = service.journal("")
    begun = told.index("(RELOADING=1, MONOTONIC_USEC=")
    assert told.index("(READY=1, STATUS=", begun) > begun
    assert service.state == "active (running)" and service.pid == pid
    assert_refused(start_upload(service, name), 403, "DENIED", "closed")


def test_a_broken_configuration_fails_the_reload(service: Service, name: str) -> None:
    service.configure(DENY)
    service.start()
    service.machine.write("/etc/ecr-upsertd/ecr-upsertd.conf", '{"rulez": []}')
    with pytest.raises(Failed):
        service.systemctl("reload", UNIT)
    service.wait_journal(r'ecr-upsertd\.conf:1:2: .*"rules"')
    assert service.state == "active (running)"
    assert_refused(start_upload(service, name), 403, "DENIED", "closed")


def test_it_comes_by_itself_once_its_configuration_is_mended(service: Service) -> None:
    service.drop_in(UNIT, "[Service]\nRestartSec=100ms\n")
    service.machine.write("/etc/ecr-upsertd/ecr-upsertd.conf", "{")
    with pytest.raises(Failed):
        service.systemctl("start", UNIT)
    wait_for("more attempts than a start limit allows", lambda: int(service.show("NRestarts")) > 5)
    assert service.show("ActiveState", SOCKET) == "active"
    service.configure({})
    service.wait_ready()


# stop

def test_stop_waits_for_a_transfer(service: Service, sandbox: Sandbox, name: str) -> None:
    service.start()
    upload = Upload(service, name)
    service.systemctl("stop", "--no-block", SOCKET, UNIT)
    wait_for("the end to be near", lambda: service.state == "deactivating (stop-sigterm)")
    assert "1 requests are under way" in service.show("StatusText")
    assert upload.finish().status == 201
    wait_for("the end", lambda: service.state == "inactive (dead)")
    assert service.show("Result") == "success"


def test_a_restart_loses_nothing(service: Service, sandbox: Sandbox, name: str) -> None:
    """One is in the middle, another comes while nobody is there to let it in."""
    service.start()
    pid = service.pid
    upload = Upload(service, name)
    service.systemctl("restart", "--no-block", UNIT)
    wait_for("the end to be near", lambda: service.state == "deactivating (stop-sigterm)")
    with Wire(service.port) as waiting:
        waiting.send(f"POST /v2/{name}-2/blobs/uploads/ HTTP/1.1\r\nHost: localhost:5100\r\n"
                     "Content-Length: 0\r\n\r\n".encode())
        assert service.pid == pid
        assert upload.finish().status == 201
        assert waiting.read_answer().status == 202
    assert service.pid != pid
    assert sandbox.describe(f"{name}-2")
