"""The command line, the start and the readiness of the daemon."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.client import Client
from integration.daemon import BINARY, SANITIZERS, STARTED, Daemon, run
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

Start = Callable[..., Daemon]
HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


def free_args() -> list[str]:
    port = free_port()
    return [f"--listen=127.0.0.1:{port}", f"--listen=[::1]:{port}", "--admin=127.0.0.1:0"]


def one_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


# the command line

@pytest.mark.parametrize("arguments,words", [
    (["--nonsense"], ["--nonsense", "--help"]),
    (["serve", "--nonsense"], ["--nonsense"]),
    (["nonsense"], ["nonsense", "--help"]),
    (["serve", "extra"], ["extra"]),
    (["--listen"], ["--listen", "value"]),
    (["--log-level=loud"], ["--log-level", "loud"]),
    (["--log-format=xml"], ["--log-format", "xml"]),
    (["wait", "--timeout=x"], ["--timeout"]),
    (["wait", "--timeout=0"], ["--timeout"]),
    (["wait", "--timeout=-1"], ["--timeout"]),
    (["wait", "--listen=127.0.0.1:1"], ["--listen"]),
    (["wait", "--admin=off"], ["admin"]),
    (["--registry-endpoint=http://127.0.0.1:1"], ["--registry"]),
    (["--registry", HOST, "--registry", HOST.replace("1234", "4321"),
      "--registry-endpoint=http://127.0.0.1:1"], ["--registry-endpoint"]),
    ([""], []),
    (["-x"], ["-x"]),
], ids=" ".join)
def test_wrong_command_line(sandbox: Sandbox, arguments: list[str], words: list[str]) -> None:
    done = run(*arguments, env=sandbox.env(), timeout=5)
    assert (done.returncode, done.stdout) == (2, "")
    line = one_line(done.stderr)
    assert line.startswith("ecr-upsertd: ")
    for word in words:
        assert word in line


def test_help_and_version(sandbox: Sandbox) -> None:
    for arguments in (["--help"], ["serve", "--help"]):
        done = run(*arguments, env={})
        assert (done.returncode, done.stderr) == (0, "")
        for option in ("--listen", "--admin", "--registry", "--log-format", "wait", "Exit codes"):
            assert option in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80
    done = run("--version", env={})
    assert done.returncode == 0
    assert re.fullmatch(r"ecr-upsertd \d+\.\d+\S*\n", done.stdout)


# an end in the middle of it

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_start(sandbox: Sandbox, tmp_path: Path,
                                 number: signal.Signals) -> None:
    """Whoever is to hand out credentials may take a minute: it is not waited for."""
    (tmp_path / "config").write_text(
        "[default]\ncredential_process = "
        f"sh -c 'echo $$ >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 300'\n")
    env = {**sandbox.env(), "AWS_CONFIG_FILE": str(tmp_path / "config")}
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        env.pop(variable, None)
    child = subprocess.Popen(
        [BINARY, "serve", *free_args(), f"--state-dir={tmp_path}/state", f"--registry={HOST}"],
        env={**SANITIZERS, **env}, stderr=subprocess.PIPE, text=True)
    try:
        wait_for("the process that hangs", (tmp_path / "pid").exists)
        child.send_signal(number)
        _, said = child.communicate(timeout=10)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0, said
    assert "stopped" in one_line(said)
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


# what keeps it from starting: a code and a line each, nothing half-started

def fails(code: int, *words: str, arguments: list[str], env: dict[str, str]) -> None:
    done = run("serve", *arguments, env=env, timeout=40)
    assert done.returncode == code, done.stderr
    line = one_line("\n".join(line for line in done.stderr.splitlines()
                              if line.startswith("ecr-upsertd: ")))
    for word in words:
        assert word in line, line
    assert not STARTED.search(done.stderr)


@pytest.mark.parametrize("address", ["127.0.0.1:{taken}", "203.0.113.1:5100", "127.0.0.1",
                                     "127.0.0.1:99999", "127.0.0.1:x", "localhost.invalid:1",
                                     "0.0.0.0:0", "[::]:0", "::1:0", ":0"])
@pytest.mark.parametrize("option", ["--listen", "--admin"])
def test_unusable_address(sandbox: Sandbox, address: str, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = address.format(taken=taken.getsockname()[1])
        good = [f"--listen=127.0.0.1:{free_port()}"] if option == "--admin" else ["--admin=off"]
        fails(3, address, arguments=[*sandbox.daemon_args(), *good, f"{option}={address}"],
              env=sandbox.env())


def test_beyond_loopback_only_when_told(sandbox: Sandbox) -> None:
    port = free_port()
    fails(3, "--unsafe-listen", env=sandbox.env(),
          arguments=[*sandbox.daemon_args(), f"--listen=0.0.0.0:{port}", "--admin=off"])
    with Daemon([*sandbox.daemon_args(), "--unsafe-listen", f"--listen=0.0.0.0:{port}"],
                sandbox.env()):
        with Client(port) as client:
            assert client.ask("GET", "/v2/", headers={"Host": f"127.0.0.1:{port}"}).status == 200


def test_beyond_loopback_by_the_file_only_when_told(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "ecr-upsertd.conf"
    port = free_port()
    file.write_text(json.dumps({"listen": [f"0.0.0.0:{port}"], "admin": "off",
                                "state_dir": str(tmp_path / "state")}))
    serve = [f"--config={file}", *sandbox.daemon_args()]
    done = run("serve", *serve, env=sandbox.env())
    assert done.returncode == 7 and done.stderr.startswith(f"{file}:1:") and \
        "--unsafe-listen" in done.stderr
    # Commands that only look at it take it as it is.
    assert run("repos", f"--config={file}", env=sandbox.env()).returncode == 0
    child = subprocess.Popen([BINARY, *serve, "--unsafe-listen"], env=sandbox.env(),
                             stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr and f"listens on 0.0.0.0:{port}" in child.stderr.readline()
    finally:
        child.terminate()
        child.communicate(timeout=30)
    assert child.returncode == 0


@pytest.mark.parametrize("env,words", [
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ["credentials"]),
    ({"AWS_SECRET_ACCESS_KEY": ""}, ["AWS_SECRET_ACCESS_KEY"]),
], ids=["none", "half"])
def test_no_credentials(sandbox: Sandbox, tmp_path: Path, env: dict[str, str],
                        words: list[str]) -> None:
    env = {**sandbox.env(), "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", **env}
    fails(4, *words, arguments=[*sandbox.daemon_args(), *free_args()], env=env)


@pytest.mark.parametrize("arguments,env,words", [
    (["--registry=ghcr.io"], {}, ["ghcr.io"]),
    (["--registry=123456789012.dkr.ecr.not-real.amazonaws.com"], {}, ["not-real"]),
    (["--registry=" + HOST + ".evil.example.com"], {}, ["evil"]),
    (["--registry=" + HOST.upper()], {}, []),
    ([], {"AWS_REGION": "not-real", "AWS_DEFAULT_REGION": "not-real"}, ["not-real"]),
    ([], {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, ["AWS_REGION"]),
    (["--registry", HOST, "--registry-endpoint=ftp://127.0.0.1:1"], {}, ["ftp"]),
    (["--registry", HOST, "--registry-endpoint=127.0.0.1:1"], {}, ["127.0.0.1:1"]),
    (["--registry", HOST], {"AWS_PROFILE": "nobody"}, ["nobody"]),
    (["--registry", HOST], {"AWS_CA_BUNDLE": "/nonexistent"}, ["/nonexistent"]),
    (["--registry", HOST], {"AWS_CA_BUNDLE": "/dev/null"}, ["/dev/null"]),
], ids=str)
def test_no_such_registry(sandbox: Sandbox, tmp_path: Path, arguments: list[str],
                          env: dict[str, str], words: list[str]) -> None:
    env = {**sandbox.env(), "HOME": str(tmp_path), **env}
    fails(5, *words, arguments=[*arguments, *free_args()], env=env)


@pytest.mark.parametrize("fault", ["access_denied", "close"])
def test_sts_does_not_tell(sandbox: Sandbox, fault: str) -> None:
    sandbox.set_fault("api", fault, operation="GetCallerIdentity")
    fails(6, arguments=free_args(), env=sandbox.env())


def test_sts_is_silent(sandbox: Sandbox) -> None:
    sandbox.set_fault("api", "slow", operation="GetCallerIdentity", seconds=60)
    start = time.monotonic()
    fails(6, arguments=free_args(), env=sandbox.env())
    assert time.monotonic() - start < 20


def test_own_registry_is_found(sandbox: Sandbox) -> None:
    with Daemon([], sandbox.env(), ready=False) as daemon:
        assert f"for {HOST}, admin" in daemon.text()
    assert len(sandbox.calls("GetCallerIdentity")) == 1


def test_start_line(start_daemon: Start) -> None:
    daemon = start_daemon(log_format="text")
    assert re.search(rf"^\S+Z info ecr-upsertd \S+ listens on 127\.0\.0\.1:{daemon.port},"
                     rf" \[::1\]:{daemon.port} for {re.escape(HOST)}, admin {daemon.admin}$",
                     daemon.text(), re.M), daemon.text()


def test_two_on_one_port(start_daemon: Start, sandbox: Sandbox) -> None:
    daemon = start_daemon()
    fails(3, str(daemon.port), env=sandbox.env(), arguments=[
        *sandbox.daemon_args(), f"--listen=127.0.0.1:{daemon.port}", "--admin=off"])
    assert daemon.ask("GET", "/v2/").status == 200


# readiness

def test_wait_and_readyz(start_daemon: Start, sandbox: Sandbox) -> None:
    sandbox.set_fault("api", "throttle", operation="GetAuthorizationToken")
    daemon = start_daemon(ready=False)
    assert daemon.ask_admin("/healthz").status == 200
    unready = daemon.ask_admin("/readyz")
    assert unready.status == 503
    assert sandbox.host.encode() in unready.body

    start = time.monotonic()
    done = run("wait", f"--admin={daemon.admin}", "--timeout=1", env={})
    assert done.returncode == 1
    assert 0.8 < time.monotonic() - start < 4
    assert f"not ready after 1 s: no token for {sandbox.host}" in one_line(done.stderr)

    waiting = subprocess.Popen([BINARY, "wait", f"--admin={daemon.admin}", "--timeout=30"])
    sandbox.clear_faults()
    assert waiting.wait(30) == 0
    assert daemon.ask_admin("/readyz").status == 200


def test_wait_for_nobody() -> None:
    done = run("wait", f"--admin=127.0.0.1:{free_port()}", "--timeout=1", env={})
    assert done.returncode == 1
    one_line(done.stderr)


def test_wait_begins_before_the_daemon(sandbox: Sandbox) -> None:
    admin = f"127.0.0.1:{free_port()}"
    waiting = subprocess.Popen([BINARY, "wait", f"--admin={admin}", "--timeout=30"])
    with Daemon([*sandbox.daemon_args(), f"--admin={admin}"], sandbox.env(), ready=False):
        assert waiting.wait(30) == 0


@pytest.mark.parametrize("target,status", [("/healthz", 200), ("/readyz", 200), ("/x", 404)])
def test_admin(daemon: Daemon, target: str, status: int) -> None:
    assert daemon.ask_admin(target).status == status
    with Client(daemon.admin_port) as client:
        assert client.ask("HEAD", target).status == status
        refused = client.ask("GET", target, headers={"Host": "evil.example.com"})
        assert 400 <= refused.status < 500
    with Client(daemon.admin_port) as client:
        refused = client.ask("GET", target, headers={"Origin": "https://evil.example.com"})
        assert refused.status == 403


def test_without_admin(sandbox: Sandbox) -> None:
    port = free_port()
    with subprocess.Popen([BINARY, *sandbox.daemon_args(), f"--listen=127.0.0.1:{port}",
                           "--admin=off"], env=sandbox.env(), stderr=subprocess.PIPE,
                          text=True) as child:
        assert child.stderr is not None
        assert ", admin off" in child.stderr.readline()
        with Client(port) as client:
            assert client.ask("GET", "/v2/").status == 200
        child.terminate()
        assert child.wait(20) == 0
