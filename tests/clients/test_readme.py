"""README.md's snippets: the pipelines' YAML is valid, and their commands push."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from clients.client import system
from clients.docker import Dockerd
from clients.process import environment
from integration.client import Client
from integration.daemon import BINARY, ROOT, run
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

DOCKER, DOCKERD = system("docker"), system("dockerd")
IMAGE_USER = 65532    # systemd/package/image.py


def snippet(section: str, language: str) -> str:
    """The one block of that language in a folded section."""
    text = (ROOT / "README.md").read_text()
    (body,) = re.findall(rf"<summary>{re.escape(section)}</summary>\n(.*?)</details>", text, re.S)
    (block,) = re.findall(rf"```{language}\n(.*?)```", body, re.S)
    return block


def validate(tmp_path: Path, section: str, *words: str) -> None:
    file = tmp_path / "snippet.yml"
    file.write_text(snippet(section, "yaml"))
    done = subprocess.run([sys.executable, "-m", *words, str(file)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_github_workflow_is_valid(tmp_path: Path) -> None:
    validate(tmp_path, "GitHub Actions", "check_jsonschema",
             "--builtin-schema=vendor.github-workflows")


def test_gitlab_job_is_valid(tmp_path: Path) -> None:
    validate(tmp_path, "GitLab runners", "check_jsonschema", "--builtin-schema=vendor.gitlab-ci")


def test_daemon_set_is_valid() -> None:
    import kubernetes_validate

    daemon_set = yaml.safe_load(snippet("Kubernetes", "yaml"))
    kubernetes_validate.validate(daemon_set, "1.33", strict=True)


def test_daemon_set_starts_the_daemon_as_it_is(tmp_path: Path) -> None:
    (container,) = yaml.safe_load(snippet("Kubernetes", "yaml")
                                  )["spec"]["template"]["spec"]["containers"]
    done = run(*container["args"], "--no-such-option", env={"HOME": str(tmp_path)})
    assert "--no-such-option" in done.stderr, "an argument before it is not known"


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is root's to be")
def test_daemon_set_may_write_its_state(tmp_path: Path) -> None:
    """In a folder that kubelet makes: root's, 0755."""
    pod = yaml.safe_load(snippet("Kubernetes", "yaml"))["spec"]["template"]["spec"]
    security = pod["containers"][0]["securityContext"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    user = security.get("runAsUser", IMAGE_USER)
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    program = shutil.copy(BINARY, folder)    # in a folder that everybody may enter
    (folder / "state").mkdir()
    child = subprocess.Popen(
        ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all",
         "--bounding-set=-all", program, "serve", f"--state-dir={folder}/state", "--admin=off",
         "--listen=127.0.0.1:0", "--registry=123456789012.dkr.ecr.eu-west-1.amazonaws.com",
         "--registry-endpoint=http://127.0.0.1:1"],
        env={"HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B",
             "AWS_ENDPOINT_URL_ECR": "http://127.0.0.1:1"},
        stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr
        assert "listens on" in (said := child.stderr.readline()), said
    finally:
        child.terminate()
        child.communicate()
        shutil.rmtree(folder)


@dataclass
class Runner:
    """A machine of a pipeline: an engine, ecr-upsertd on PATH, a checkout to build in."""

    port: int
    admin: int
    work: Path
    env: dict[str, str]

    def call(self, script: str) -> str:
        """As the pipelines do: bash, stopped by the first command that fails."""
        done = subprocess.run(["bash", "-eo", "pipefail", "-c",
                               script.replace("localhost:5100", f"localhost:{self.port}")],
                              env=self.env, cwd=self.work, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, check=False)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def stop(self) -> None:
        """The daemon outlives the step that started it, as it does on a runner."""
        pid = self.work / "daemon.pid"
        if pid.exists():
            number = int(pid.read_text())
            os.kill(number, signal.SIGTERM)
            wait_for("the daemon's end", lambda: not Path(f"/proc/{number}").exists())


@pytest.fixture
def runner(tmp_path: Path, scratch: Path) -> Iterator[tuple[Runner, Sandbox]]:
    if not DOCKER or not DOCKERD or os.geteuid() != 0:
        pytest.skip("dockerd (not here, or not root)")
    with Sandbox() as sandbox:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        engine = Dockerd(folder / "engine", DOCKERD, ["--storage-driver=vfs"], [])
        try:
            engine.wait(DOCKER)
            yield make_runner(tmp_path, sandbox, engine), sandbox
        finally:
            engine.service.stop()


def make_runner(work: Path, sandbox: Sandbox, engine: Dockerd) -> Runner:
    port, admin = free_port(), free_port()
    config = work / "ecr-upsertd.conf"
    config.write_text(json.dumps({
        "listen": [f"127.0.0.1:{port}", f"[::1]:{port}"], "admin": f"127.0.0.1:{admin}",
        "registries": [{"host": sandbox.host, "endpoint": sandbox.endpoint}]}))
    programs = work / "bin"
    programs.mkdir()
    # Notes its pid, since nothing but the machine's end stops it in a workflow.
    (programs / "ecr-upsertd").write_text(
        f'#!/bin/sh\n[ $# -gt 0 ] || echo $$ >{work}/daemon.pid\nexec {BINARY} "$@"\n')
    (programs / "ecr-upsertd").chmod(0o755)
    (work / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    return Runner(port, admin, work, environment(work) | sandbox.env() | engine.env | {
        "HOME": str(work), "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin",
        "ECR_UPSERTD_CONFIG": str(config), "RUNNER_TEMP": str(work), "GITHUB_SHA": "4dcd7",
        "CI_PROJECT_DIR": str(work / "checkout"), "CI_COMMIT_SHORT_SHA": "4dcd7",
        "AWS_TOKEN": "token"})


def pushed(runner: Runner, sandbox: Sandbox) -> bool:
    assert len(sandbox.calls("CreateRepository", repository="team/app")) == 1
    with Client(runner.port) as client:
        return json.loads(client.ask("GET", "/v2/team/app/tags/list").body)["tags"] == ["4dcd7"]


def test_github_steps_push(runner: tuple[Runner, Sandbox]) -> None:
    machine, sandbox = runner
    (job,) = yaml.safe_load(snippet("GitHub Actions", "yaml"))["jobs"].values()
    try:
        said = [machine.call(step["run"]) for step in job["steps"] if "run" in step]
        assert pushed(machine, sandbox)
        assert "created=true" in said[-1]
    finally:
        machine.stop()


def expand(value: str, env: dict[str, str]) -> str:
    """GitLab's own variables in variables."""
    return re.sub(r"\$(CI_\w+)", lambda found: env[found[1]], value)


def test_gitlab_script_pushes(runner: tuple[Runner, Sandbox]) -> None:
    machine, sandbox = runner
    (job,) = yaml.safe_load(snippet("GitLab runners", "yaml")).values()
    token = expand(job["variables"]["AWS_WEB_IDENTITY_TOKEN_FILE"], machine.env)
    machine.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = token
    machine.call("\n".join(job["script"]))
    assert Path(token).read_text() == "token"
    assert Path(token).stat().st_mode & 0o077 == 0
    assert pushed(machine, sandbox)
    machine.call("\n".join(job["after_script"]))
    assert not Path(token).exists()
    wait_for("the daemon's end",
             lambda: run("status", f"--admin=127.0.0.1:{machine.admin}",
                         env=machine.env).returncode != 0)
