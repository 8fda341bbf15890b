"""The OCI distribution conformance program, direct and through the daemon: case by case the same.

docker-registry fails some cases; through the daemon they have to fail in the same way."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.client import Wire
from integration.daemon import Daemon
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: "{folder}"}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def program() -> Path | None:
    """What tests/clients/tools.sh has built."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(os.environ.get("ECR_UPSERTD_TOOLS") or Path(home) / "ecr-upsertd" / "tools")
    found = sorted(cache.glob("conformance-*/conformance"))
    return found[-1] if found else None


class Registry:
    """docker-registry with an empty store."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        config = folder / "registry.yml"
        config.write_text(CONFIG.format(folder=folder / "store", port=self.port))
        found = shutil.which("docker-registry") or "/usr/bin/docker-registry"
        with (folder / "log").open("wb") as log:
            self._child = subprocess.Popen([found, "serve", config], stdout=log, stderr=log,
                                           stdin=subprocess.DEVNULL)

    def __enter__(self) -> "Registry":
        def listens() -> bool:
            try:
                Wire(self.port).close()
                return True
            except ConnectionRefusedError:
                return False
        wait_for("docker-registry", listens)
        return self

    def __exit__(self, *_: object) -> None:
        self._child.terminate()
        self._child.wait(10)


def results(conformance: Path, port: int, folder: Path) -> dict[str, str]:
    """Each case and what came of it."""
    folder.mkdir()
    env = {**os.environ, "OCI_REGISTRY": f"localhost:{port}", "OCI_TLS": "disabled",
           "OCI_RESULTS_DIR": str(folder), "OCI_VERSION": "1.1"}
    done = subprocess.run([conformance], env=env, cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)
    report = folder / "junit.xml"
    assert report.exists(), done.stdout + done.stderr
    cases: dict[str, str] = {}
    for case in xml.parse(report).getroot().iter("testcase"):
        name = "/".join(filter(None, (case.get("classname"), case.get("name"))))
        outcome = next((part.tag for part in case if part.tag in ("failure", "error", "skipped")),
                       "passed")
        # digests and sessions differ from run to run, names do not
        assert name not in cases, f"{name} comes twice"
        cases[name] = outcome
    return cases


@pytest.fixture(scope="module")
def trees(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
          ) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    conformance = program()
    if conformance is None:
        pytest.skip("conformance is not built: tests/clients/tools.sh conformance")
    running_sandbox.reset()
    scratch = tmp_path_factory.mktemp("conformance")
    with Registry(scratch / "direct") as registry:
        direct = results(conformance, registry.port, scratch / "direct-results")
    with Registry(scratch / "behind") as registry, Daemon(
            ["--registry", running_sandbox.host, "--registry-endpoint",
             f"http://127.0.0.1:{registry.port}"], running_sandbox.env()) as daemon:
        through = results(conformance, daemon.port, scratch / "through-results")
    yield direct, through


def test_same_cases(trees: tuple[dict[str, str], dict[str, str]]) -> None:
    direct, through = trees
    assert list(through) == list(direct)
    assert len(direct) > 500


def test_same_outcomes(trees: tuple[dict[str, str], dict[str, str]]) -> None:
    direct, through = trees
    differ = {name: (direct[name], through.get(name)) for name in direct
              if direct[name] != through.get(name)}
    assert differ == {}


def test_it_finds_something(trees: tuple[dict[str, str], dict[str, str]]) -> None:
    """Most of it passes: the two trees are not the same because nothing works."""
    direct, _ = trees
    outcomes = list(direct.values())
    assert outcomes.count("passed") > 0.7 * len(outcomes)
