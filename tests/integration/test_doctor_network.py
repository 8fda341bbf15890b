"""`doctor` on the way to AWS: names, certificates, proxies, and what never answers."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from clients.process import succeeds
from integration.doctoring import Home, doctor, mounted
from integration.fake_network import SERVFAIL, NameServer, OpeningProxy, Silence
from integration.fake_sts import FakeSts
from sandbox import Sandbox

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
API, STS = "api.ecr.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"
ENV = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAME",
       "AWS_SECRET_ACCESS_KEY": "secret-of-ME"}

root_only = pytest.mark.skipif(
    os.geteuid() != 0 or not succeeds(["unshare", "--mount", "true"]),
    reason="needs port 53 and a mount namespace for its own /etc/resolv.conf")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def asking(home: Home) -> list[str]:
    """Before a command: names are looked up at the NameServer, and nowhere else."""
    files = {"resolv.conf": f"nameserver {NameServer.ADDRESS}\n",
             "nsswitch.conf": "hosts: files dns\n", "hosts": "127.0.0.1 localhost\n"}
    for name, text in files.items():
        (home.folder / name).write_text(text)
    return mounted(*(f"/bin/mount --bind {home.folder / name} /etc/{name}" for name in files))


# names

@root_only
@pytest.mark.parametrize("missing,what", [(HOST, "the registry"), (API, "ECR's API"),
                                          (STS, "STS")], ids=str)
def test_no_such_name(home: Home, missing: str, what: str) -> None:
    with NameServer([name for name in (HOST, API, STS) if name != missing]) as server:
        found = doctor(home, ENV, f"--registry={HOST}", failed=True, before=asking(home))
    found.says("dns", "FAIL", f"{missing} ({what}): there is no such name (NXDOMAIN)",
               f"getent hosts {missing}")
    assert {HOST, API, STS} <= server.asked
    assert found["dns"]["message"].count("NXDOMAIN") == 1
    # What builds on the name is passed over, the rest is not: here all of it is refused.
    found.says("tls", "FAIL", API if missing == HOST else HOST)


@root_only
def test_no_such_host_of_the_own_registry(home: Home) -> None:
    """Where none is named, STS tells its name."""
    with FakeSts() as sts, NameServer([API]):
        found = doctor(home, {**ENV, "AWS_ENDPOINT_URL_STS": sts.url}, failed=True,
                       before=asking(home))
    found.says("host", "FAIL", "111122223333.dkr.ecr.eu-west-1.amazonaws.com (the registry): "
                               "there is no such name", "getent hosts 111122223333.")


@root_only
def test_slip_in_a_region(home: Home) -> None:
    with NameServer([]):
        found = doctor(home, {**ENV, "AWS_REGION": "eu-wst-1"}, failed=True, before=asking(home))
    found.says("dns", "FAIL", "sts.eu-wst-1.amazonaws.com (STS)", "the name's region")


@root_only
@pytest.mark.parametrize("otherwise,words", [
    (None, "the name server does not answer (timeout)"),
    (SERVFAIL, "the name server cannot be asked or fails")], ids=["silent", "failing"])
def test_name_server(home: Home, otherwise: int | None, words: str) -> None:
    with NameServer([], otherwise):
        found = doctor(home, ENV, f"--registry={HOST}", failed=True, before=asking(home))
    assert found["dns"]["message"].count(words) == 3
    assert "NXDOMAIN" not in found["dns"]["message"]


# certificates

def of_sandbox(sandbox: Sandbox, **env: str) -> dict[str, str]:
    return {**sandbox.env(), **env}


def registry(sandbox: Sandbox) -> list[dict[str, str]]:
    return [{"host": sandbox.host, "endpoint": sandbox.endpoint}]


def test_trusted(home: Home, sandbox: Sandbox) -> None:
    found = doctor(home, sandbox.env(), registries=registry(sandbox))
    found.says("tls", "ok", sandbox.ca_file)


def test_ca_that_is_not_trusted(home: Home, sandbox: Sandbox) -> None:
    env = of_sandbox(sandbox)
    del env["AWS_CA_BUNDLE"]
    found = doctor(home, env, failed=True, registries=registry(sandbox))
    found.says("tls", "FAIL", 'issued by "CN = ecr sandbox CA"', "export AWS_CA_BUNDLE=")


def test_wrong_bundle(home: Home, sandbox: Sandbox) -> None:
    other = "/etc/ssl/certs/ca-certificates.crt"
    found = doctor(home, of_sandbox(sandbox, AWS_CA_BUNDLE=other), failed=True,
                   registries=registry(sandbox))
    found.says("tls", "FAIL", "ecr sandbox CA", f"add that CA's certificate (PEM) to {other}")


def test_expired_certificate(home: Home, sandbox: Sandbox) -> None:
    sandbox.settings(certificate="expired")
    found = doctor(home, sandbox.env(), failed=True, registries=registry(sandbox))
    found.says("tls", "FAIL", "which is not now by this machine's clock", "timedatectl")
    assert "GMT" in found["tls"]["message"]


def test_wrong_name(home: Home, sandbox: Sandbox) -> None:
    sandbox.settings(certificate="wrong_name")
    found = doctor(home, sandbox.env(), failed=True, registries=registry(sandbox))
    found.says("tls", "FAIL", 'a certificate for "CN = wrong.example.com"',
               f"getent hosts {sandbox.host}")


# proxies

def test_proxy_that_opens_tls(home: Home, tmp_path: Path) -> None:
    """All names are the proxy's to look up; its CA is named, and it learns nothing."""
    with OpeningProxy(tmp_path / "proxy") as proxy:
        url = f"http://me:password@localhost:{proxy.port}"
        found = doctor(home, {**ENV, "HTTPS_PROXY": url}, f"--registry={HOST}", failed=True)
        found.says("proxy", "ok", f"through http://localhost:{proxy.port}")
        found.says("dns", "ok", "1 name found")
        found.says("tls", "FAIL", 'issued by "CN = ecr sandbox CA"', "AWS_CA_BUNDLE")
        assert {f"{host}:443" for host in (HOST, API, STS)} <= set(proxy.connected)
        trusted = doctor(home, {**ENV, "HTTPS_PROXY": url,
                                "AWS_CA_BUNDLE": str(proxy.authority.ca_file)},
                         f"--registry={HOST}", failed=True)
        assert trusted["tls"]["state"] == "ok"


@root_only
def test_proxy_that_is_not_there(home: Home) -> None:
    with NameServer([]):
        found = doctor(home, {**ENV, "HTTPS_PROXY": "http://proxy.corp:3128"}, failed=True,
                       before=asking(home))
    found.says("dns", "FAIL", "proxy.corp (the proxy to ECR's API)", "HTTPS_PROXY")
    refusing = doctor(home, {**ENV, "HTTPS_PROXY": "http://127.0.0.1:1"}, failed=True)
    found = refusing
    found.says("tls", "FAIL", "port 1", "HTTPS_PROXY")


def test_proxy_variables(home: Home, sandbox: Sandbox) -> None:
    found = doctor(home, of_sandbox(sandbox, HTTP_PROXY="http://proxy:1"))
    found.says("proxy", "WARN", "HTTPS_PROXY is not", 'export HTTPS_PROXY="$HTTP_PROXY"')
    found = doctor(home, of_sandbox(sandbox, HTTPS_PROXY="http://proxy:1",
                                    NO_PROXY=".amazonaws.com"))
    found.says("proxy", "ok", "NO_PROXY keeps it from the proxy http://proxy:1")
    found = doctor(home, {**ENV, "AWS_REGION": "eu-north-1", "HTTPS_PROXY": "http://proxy:1",
                          "NO_PROXY": "api.ecr.eu-north-1.amazonaws.com"}, "--offline")
    found.says("proxy", "ok", "NO_PROXY keeps it")


# what hangs

@pytest.mark.slow
def test_nobody_answers(home: Home) -> None:
    """Everything that it asks takes its calls and says nothing: it ends all the same."""
    with Silence() as silence:
        url = f"http://127.0.0.1:{silence.port}"
        env = {**ENV, "AWS_ENDPOINT_URL_ECR": url, "AWS_ENDPOINT_URL_STS": url}
        began = time.monotonic()
        found = doctor(home, env, failed=True, admin=f"127.0.0.1:{silence.port}", registries=[
            {"host": HOST.replace("1", str(n)), "endpoint": f"https://127.0.0.1:{silence.port}"}
            for n in range(1, 9)])
        assert time.monotonic() - began < 20
    assert found.named("FAIL").count("identity") == 8
    assert "no answer in time" in next(
        check["message"] for check in found.checks if check["name"] == "identity")


