"""The processes of a benchmark: the origin, the two proxies in front of it, the load."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable, TextIO

HERE = Path(__file__).resolve().parent
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class RigError(Exception):
    """A process did not do what the benchmark needs; the text says which and why."""


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RigError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Origin:
    """The upstream, which ends with its standard input."""

    def __init__(self, program: str, directory: Path) -> None:
        self.ca = directory / "ca.pem"
        self.process = subprocess.Popen(
            [program, str(self.ca)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RigError("the origin did not start")
        self.ports = json.loads(line)

    def stop(self) -> None:
        self.process.communicate()


class Proxy:
    """One of the two under test: a process, and its children where it has some."""

    def __init__(self, name: str, port: int, command: list[str], log: Path,
                 env: dict[str, str] | None = None) -> None:
        self.name = name
        self.port = port
        self.log = log
        with log.open("w") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)
        try:
            wait_for(f"{name} answering on port {port}", self.answers)
        except RigError:
            self.stop()
            raise

    def answers(self) -> bool:
        if self.process.poll() is not None:
            text = self.log.read_text(errors="replace").strip()
            raise RigError(f"{self.name} ended with {self.process.returncode}: {text[-2000:]}")
        try:
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/v2/size-1/manifests/x", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def pids(self) -> list[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu_seconds(self) -> float:
        """User and system time of all threads, ended ones too."""
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def rss_bytes(self) -> int:
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
                   for pid in self.pids())

    def settle(self) -> None:
        """Waits until the last run's cut connections are digested: no CPU time for 60 ms."""
        before = -1.0

        def idle() -> bool:
            nonlocal before
            time.sleep(0.06)
            previous, before = before, self.cpu_seconds()
            return before == previous

        wait_for(f"{self.name} at rest", idle, 20)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_nginx() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def start_nginx(name: str, origin: Origin, directory: Path, scheme: str) -> Proxy:
    directory.mkdir()
    port = free_port()
    text = (HERE / "nginx.conf.in").read_text()
    for key, value in {"DIR": directory, "PORT": port, "SCHEME": scheme, "REGISTRY": REGISTRY,
                       "ORIGIN_PORT": origin.ports[scheme]}.items():
        text = text.replace(f"@{key}@", str(value))
    text = text.replace(f"{directory}/ca.pem", str(origin.ca))
    conf = directory / "nginx.conf"
    conf.write_text(text)
    return Proxy(name, port, [find_nginx() or "nginx", "-p", str(directory), "-c", str(conf), "-e", "stderr",
                              "-g", "daemon off;"], directory / "nginx.log")


def start_daemon(program: str, origin: Origin, directory: Path, scheme: str) -> Proxy:
    directory.mkdir()
    port = free_port()
    api = f"https://127.0.0.1:{origin.ports['https']}"
    env = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(directory),
        "XDG_STATE_HOME": str(directory / "state"),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_REGION": "eu-west-1",
        "AWS_CA_BUNDLE": str(origin.ca),
        "AWS_ENDPOINT_URL_ECR": api,
        "AWS_ENDPOINT_URL_STS": api,
    }
    configuration = directory / "ecr-upsertd.conf"
    configuration.write_text('{"create": {"max_per_hour": 100000}}')
    command = [program, "serve", "--config", str(configuration), "--listen", f"127.0.0.1:{port}",
               "--admin", f"127.0.0.1:{free_port()}", "--registry", REGISTRY,
               "--registry-endpoint", f"{scheme}://127.0.0.1:{origin.ports[scheme]}"]
    return Proxy("daemon", port, command, directory / "daemon.log", env)


def run_load(program: str, proxy: Proxy, mode: str, options: dict[str, object]) -> dict:
    """Runs the load to its end; adds the CPU time that the proxy spent on it."""
    command = [program, str(proxy.port), mode]
    for key, value in options.items():
        command += [f"--{key}", str(value)]
    proxy.settle()
    before = proxy.cpu_seconds()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RigError(f"{mode} through {proxy.name}: {done.stderr.strip()}")
    return json.loads(done.stdout) | {"cpu_seconds": proxy.cpu_seconds() - before}


def stalled_rss(program: str, proxy: Proxy, streams: int) -> int:
    """Bytes by which each stalled download makes the proxy grow."""
    proxy.settle()
    before = proxy.rss_bytes()
    load = subprocess.Popen([program, str(proxy.port), "stall", "--streams", str(streams)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert load.stdout
    try:
        if not load.stdout.readline():
            raise RigError(f"stalled downloads through {proxy.name} did not start")
        proxy.settle()
        return (proxy.rss_bytes() - before) // streams
    finally:
        load.communicate()
