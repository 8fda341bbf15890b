"""The OCI distribution conformance program, direct and through the daemon: case by case the same.

docker-registry fails some cases; through the daemon they have to fail in the same way."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as xml
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.client import Wire
from integration.daemon import Daemon
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

Tree = Counter[tuple[str, str]]    # of names and outcomes

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


def results(conformance: Path, port: int, folder: Path) -> Tree:
    """Each case and what came of it. Their order is another in every run."""
    folder.mkdir()
    env = {**os.environ, "OCI_REGISTRY": f"localhost:{port}", "OCI_TLS": "disabled",
           "OCI_RESULTS_DIR": str(folder), "OCI_VERSION": "1.1"}
    done = subprocess.run([conformance], env=env, cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)
    report = folder / "junit.xml"
    assert report.exists(), done.stdout + done.stderr
    tree: Tree = Counter()
    for case in xml.parse(report).getroot().iter("testcase"):
        outcome = next((part.tag for part in case if part.tag in ("failure", "error", "skipped")),
                       "passed")
        tree[f"{case.get('classname')}/{case.get('name')}", outcome] += 1
    return tree


@pytest.fixture(scope="module")
def trees(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
          ) -> Iterator[tuple[Tree, Tree]]:
    conformance = program()
    if conformance is None:
        pytest.skip("conformance (not here: tests/clients/tools.sh conformance)")
    running_sandbox.reset()
    scratch = tmp_path_factory.mktemp("conformance")
    with Registry(scratch / "direct") as registry:
        direct = results(conformance, registry.port, scratch / "direct-results")
    with Registry(scratch / "behind") as registry, Daemon(
            ["--registry", running_sandbox.host, "--registry-endpoint",
             f"http://127.0.0.1:{registry.port}"], running_sandbox.env()) as daemon:
        through = results(conformance, daemon.port, scratch / "through-results")
    yield direct, through


def test_same_outcome_of_every_case(trees: tuple[Tree, Tree]) -> None:
    direct, through = trees
    assert (direct - through, through - direct) == (Counter(), Counter())


def test_it_finds_something(trees: tuple[Tree, Tree]) -> None:
    """Most of it passes: the two are not the same because nothing works."""
    direct, _ = trees
    passed = sum(number for (_, outcome), number in direct.items() if outcome == "passed")
    assert direct.total() > 500
    assert passed > 0.7 * direct.total()
