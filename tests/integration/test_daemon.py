"""Being a daemon: the command line, the start, the stop, the log."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.client import Client, Wire
from integration.daemon import BINARY, Daemon, run
from integration.raw_upstream import RawUpstream, Reply
from integration.registry import start_upload
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


# what keeps it from starting: a code and a line each, nothing half-started

def fails(code: int, *words: str, arguments: list[str], env: dict[str, str]) -> None:
    done = run("serve", *arguments, env=env, timeout=40)
    assert done.returncode == code, done.stderr
    line = one_line("\n".join(line for line in done.stderr.splitlines()
                              if line.startswith("ecr-upsertd: ")))
    for word in words:
        assert word in line, line
    assert "listens on" not in done.stderr


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


@pytest.mark.parametrize("env,words", [
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ["credentials"]),
    ({"AWS_SECRET_ACCESS_KEY": ""}, ["AWS_SECRET_ACCESS_KEY"]),
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "nobody"}, ["nobody"]),
], ids=["none", "half", "profile"])
def test_no_credentials(sandbox: Sandbox, tmp_path: Path, env: dict[str, str],
                        words: list[str]) -> None:
    env = {**sandbox.env(), "HOME": str(tmp_path), **env}
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
    assert 0.9 < time.monotonic() - start < 4
    assert "not ready after 1 s" in one_line(done.stderr)

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
        assert client.ask("GET", target, headers={"Origin": "https://evil.example.com"}).status == 403


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


# the end

@pytest.fixture
def transfer(sandbox: Sandbox) -> Iterator[tuple[Daemon, Wire, list[bytes]]]:
    """A download in the middle; what is put into the list is what still comes."""
    more: list[bytes] = []

    def parts() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000
        while not more and not upstream.stopping.is_set():
            time.sleep(0.01)
        yield from more

    upstream = RawUpstream(lambda request: Reply(parts()))
    with upstream:
        daemon = Daemon(["--registry", HOST, "--registry-endpoint", upstream.url], sandbox.env())
        daemon.start()
        wire = Wire(daemon.port)
        try:
            wire.send(f"GET /v2/app/blobs/sha256:1 HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n\r\n"
                      .encode())
            wire.read_until(b"\r\n\r\n")
            wire.read_exactly(50_000)
            yield daemon, wire, more
        finally:
            wire.close()
            daemon.kill()


def test_a_transfer_is_finished(transfer: tuple[Daemon, Wire, list[bytes]]) -> None:
    daemon, wire, more = transfer
    daemon.terminate()
    wait_for("no new clients", lambda: not accepts(daemon.port))
    assert daemon.is_alive()
    assert daemon.ask_admin("/healthz").status == 200
    more.append(b"b" * 100_000)
    assert wire.read_exactly(150_000).endswith(b"b" * 100_000)
    assert daemon.wait(10) == 0
    assert daemon.access_lines(operation="blob")[0]["reason"] == "ok"
    assert "stopped" in daemon.text()
    assert not accepts(daemon.port) and not accepts(daemon.admin_port)


def test_a_second_signal_cuts(transfer: tuple[Daemon, Wire, list[bytes]]) -> None:
    daemon, wire, _ = transfer
    daemon.terminate()
    wait_for("no new clients", lambda: not accepts(daemon.port))
    daemon.terminate()
    assert daemon.wait(10) == 0
    assert len(wire.read()) <= 50_000
    assert daemon.access_lines(operation="blob")[0]["reason"] == "stopped"


def test_idle_clients_do_not_hold_it(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    daemon = start_daemon()
    with daemon.client() as used, Wire(daemon.port), daemon.client() as other:
        assert used.ask("POST", f"/v2/{name}/blobs/uploads/", b"").status == 202
        assert other.ask("GET", "/v2/").status == 200
        start = time.monotonic()
        daemon.terminate()
        assert daemon.wait(10) == 0
        assert time.monotonic() - start < 3


def test_stop_while_creating(start_daemon: Start, sandbox: Sandbox, name: str) -> None:
    """A creation that is under way is finished too."""
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=1)
    daemon = start_daemon()
    with daemon.client() as client, Wire(daemon.port) as wire:
        del client
        wire.send(f"POST /v2/{name}/blobs/uploads/ HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  "Content-Length: 0\r\n\r\n".encode())
        wait_for("the creation", lambda: sandbox.calls("CreateRepository"))
        daemon.terminate()
        answer = wire.read_answer()
        assert answer.status == 202
        assert answer.get("Connection") == "close"
    assert daemon.wait(10) == 0


def test_stop_without_a_token(start_daemon: Start, sandbox: Sandbox) -> None:
    """Nothing that it waits for keeps it."""
    sandbox.set_fault("api", "slow", operation="GetAuthorizationToken", seconds=30)
    daemon = start_daemon(ready=False)
    wait_for("the call", lambda: sandbox.calls("GetAuthorizationToken"))
    start = time.monotonic()
    daemon.terminate()
    assert daemon.wait(10) == 0
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals(start_daemon: Start, number: int) -> None:
    daemon = start_daemon()
    daemon.child.send_signal(number)    # type: ignore[union-attr]
    assert daemon.wait(10) == 0


def test_hangup_goes_on(start_daemon: Start) -> None:
    daemon = start_daemon()
    daemon.child.send_signal(signal.SIGHUP)    # type: ignore[union-attr]
    wait_for("a word about it", lambda: "SIGHUP" in daemon.text())
    assert daemon.ask("GET", "/v2/").status == 200


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# the log

FIELDS = ["time", "client", "user", "method", "operation", "registry", "repository", "status",
          "upstream_status", "bytes_in", "bytes_out", "ms", "created", "retries", "reason"]


def test_json_log(start_daemon: Start, name: str) -> None:
    daemon = start_daemon()
    start_upload(daemon, name)
    daemon.ask("GET", f"/v2/{name}/manifests/1")
    daemon.ask("GET", "/v2/UPPER/manifests/1")
    daemon.access_line(repository=name, method="GET")
    for text in daemon.text().splitlines():
        line = json.loads(text)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        if "reason" in line:
            assert [field for field in line if field != "detail"] == FIELDS
        else:
            assert set(line) == {"time", "level", "message"}
    created = daemon.access_line(repository=name, method="POST")
    assert (created["created"], created["operation"]) == (True, "upload_start")


def test_text_log(start_daemon: Start, name: str) -> None:
    daemon = start_daemon(log_format="text")
    start_upload(daemon, name)
    line = wait_for("the line", lambda: re.search(rf"^.* access .*repository={name} .*$",
                                                  daemon.text(), re.M))[0]
    for part in ("method=POST", f"registry={HOST}", "status=202", "created=true", "retries=1",
                 "reason=ok"):
        assert f" {part}" in line


def test_forged_lines(daemon: Daemon) -> None:
    """What a client sends stays within its line."""
    with Wire(daemon.port) as wire:
        wire.send(f"GET /v2/a%0a%22%7d%0d/manifests/1 HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  "Connection: close\r\n\r\n".encode())
        wire.read()
    for text in daemon.text().splitlines():
        json.loads(text)


def test_quiet_level(start_daemon: Start, name: str) -> None:
    daemon = start_daemon("--log-level=info")
    start_upload(daemon, name)
    assert "debug" not in daemon.text()
