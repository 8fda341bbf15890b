"""`client-config`: what it prints, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clients.process import isolated, succeeds
from integration.daemon import BINARY, SANITIZERS, run

ONE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
TWO = "210987654321.dkr.ecr.us-east-2.amazonaws.com"
BOTH = ["--registry", ONE, "--registry", TWO]
CLIENTS = ["docker", "podman", "containerd", "nerdctl", "finch", "buildkit", "helm"]
NOBODY = 65534
FILES = {
    "docker": [f"docker/certs.d/{host}/hosts.toml" for host in (ONE, TWO)],
    "podman": ["containers/registries.conf.d/ecr-upsertd.conf"],
    "containerd": [f"containerd/certs.d/{host}/hosts.toml" for host in (ONE, TWO)],
    "nerdctl": [f"containerd/certs.d/{host}/hosts.toml" for host in (ONE, TWO)],
    "finch": [f"containerd/certs.d/{host}/hosts.toml" for host in (ONE, TWO)],
    "buildkit": ["buildkit/buildkitd.toml"],
    "helm": [],
}

Done = subprocess.CompletedProcess[str]
Configure = Callable[..., Done]

root_only = pytest.mark.skipif(
    os.geteuid() != 0 or not succeeds(["unshare", "--mount", "true"]),
    reason="needs a mount namespace for its own /etc, and another user")


def printed_files(text: str) -> dict[str, str]:
    """Path to content, as they stand in what client-config prints."""
    parts = re.split(r"^==> (.+) <==\n", text, flags=re.M)[1:]
    files = {path: content.removesuffix("\n\n") + "\n"
             for path, content in zip(parts[::2], parts[1::2], strict=True)}
    files.pop("push")
    return files


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def one_line(done: Done) -> str:
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may enter, with a copy of the program in it."""
    with tempfile.TemporaryDirectory(prefix="client-config-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copy2(BINARY, folder / "ecr-upsertd")
        yield folder


@pytest.fixture
def etc(folder: Path) -> Path:
    """An /etc of the test's own."""
    (folder / "etc").mkdir()
    return folder / "etc"


@pytest.fixture
def as_root(folder: Path, etc: Path) -> Configure:
    def configure(*arguments: str) -> Done:
        argv = isolated([folder / "ecr-upsertd", "client-config", *arguments],
                        bound={"/etc": etc})
        return subprocess.run(argv, env={**os.environ, **SANITIZERS}, capture_output=True,
                              text=True, timeout=30, check=False)
    return configure


@pytest.fixture
def home(folder: Path) -> Path:
    home = folder / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    return home


@pytest.fixture
def as_user(folder: Path, home: Path) -> Configure:
    def configure(*arguments: str, **env: str) -> Done:
        return subprocess.run([folder / "ecr-upsertd", "client-config", *arguments],
                              env={**SANITIZERS, "HOME": str(home), **env}, user=NOBODY,
                              group=NOBODY, extra_groups=[], capture_output=True, text=True,
                              timeout=30, check=False, umask=0o022)
    return configure


# printing

@root_only
@pytest.mark.parametrize("client", CLIENTS)
def test_prints_and_writes_nothing(as_root: Configure, etc: Path, client: str) -> None:
    done = as_root(client, *BOTH)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(printed_files(done.stdout)) == [f"/etc/{path}" for path in FILES[client]]
    push = done.stdout.partition("==> push <==\n")[2]
    for start in ("localhost:5100/", f"localhost:5100/{ONE}/", f"localhost:5100/{TWO}/"):
        assert start in push
    assert tree(etc) == {}


@pytest.mark.parametrize("client", CLIENTS)
def test_prints_without_a_registry(client: str) -> None:
    done = run("client-config", client, env={"HOME": "/nonexistent"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "amazonaws" not in done.stdout
    assert "localhost:5100/" in done.stdout
    may = client in ("docker", "containerd", "nerdctl", "finch")
    assert ("--registry HOST" in done.stdout) == may


@pytest.mark.parametrize("listen,local,url", [
    ("127.0.0.1:7777", "localhost:7777", "http://127.0.0.1:7777/v2/"),
    ("[::1]:7777", "localhost:7777", "http://[::1]:7777/v2/"),
    ("0.0.0.0:7777", "localhost:7777", "http://127.0.0.1:7777/v2/"),
    ("192.168.5.2:7777", "192.168.5.2:7777", "http://192.168.5.2:7777/v2/"),
])
def test_address(listen: str, local: str, url: str) -> None:
    done = run("client-config", "docker", "--listen", listen, "--registry", ONE,
               env={"HOME": "/nonexistent"})
    assert f"docker push {local}/team/app:1\n" in done.stdout
    assert url + ONE in done.stdout


@pytest.mark.parametrize("arguments,words", [
    ([], ["client"]),
    (["rkt"], ["rkt", "docker, podman, containerd, nerdctl, finch, buildkit, helm"]),
    (["docker", "podman"], ["podman"]),
    (["docker", "--listen", "localhost:5100"], ["localhost:5100"]),
    (["docker", "--listen", "127.0.0.1:0"], ["127.0.0.1:0"]),
    (["docker", "--registry", "../../../etc/passwd"], ["../../../etc/passwd"]),
    (["docker", "--registry", "docker.io"], ["docker.io"]),
    (["docker", "--offline"], ["--offline"]),
], ids=" ".join)
def test_wrong_command_line(arguments: list[str], words: list[str]) -> None:
    done = run("client-config", *arguments, "--write", env={"HOME": "/nonexistent"})
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in one_line(done)


# writing

@root_only
@pytest.mark.parametrize("client", CLIENTS)
def test_writes_what_it_prints_once(as_root: Configure, etc: Path, client: str) -> None:
    printed = printed_files(as_root(client, *BOTH).stdout)

    done = as_root(client, "--write", *BOTH)

    assert (done.returncode, done.stderr) == (0, "")
    assert {f"/etc/{path}": text for path, text in tree(etc).items()} == printed
    said = [f"wrote /etc/{path}" for path in FILES[client]] or ["no file has to be written"]
    assert done.stdout.splitlines()[:len(said)] == said
    assert "==> push <==" in done.stdout
    for path in FILES[client]:
        assert stat.S_IMODE((etc / path).stat().st_mode) == 0o644

    before = {path: (etc / path).stat() for path in FILES[client]}
    done = as_root(client, "--write", *BOTH)
    assert done.returncode == 0
    said = [f"unchanged /etc/{path}" for path in FILES[client]] or ["no file has to be written"]
    assert done.stdout.splitlines()[:len(said)] == said
    assert {path: (etc / path).stat() for path in FILES[client]} == before
    assert {f"/etc/{path}": text for path, text in tree(etc).items()} == printed


@root_only
@pytest.mark.parametrize("client", [client for client in CLIENTS if FILES[client]])
def test_another_address_replaces_our_own_without_a_copy(as_root: Configure, etc: Path,
                                                         client: str) -> None:
    as_root(client, "--write", *BOTH)
    done = as_root(client, "--write", "--listen=127.0.0.1:7777", *BOTH)
    assert [line.split()[0] for line in done.stdout.splitlines() if "/etc/" in line][
        :len(FILES[client])] == ["wrote"] * len(FILES[client])
    assert sorted(tree(etc)) == sorted(FILES[client])
    for text in tree(etc).values():
        assert "7777" in text and "5100" not in text


@root_only
@pytest.mark.parametrize("client", ["docker", "containerd", "podman"])
def test_foreign_file_is_kept_as_a_copy(as_root: Configure, etc: Path, client: str) -> None:
    path = FILES[client][0]
    file = etc / path
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n")
    file.chmod(0o640)

    done = as_root(client, "--write", *BOTH)
    assert f"replaced /etc/{path}; what was there is now /etc/{path}.bak\n" in done.stdout
    assert tree(etc)[f"{path}.bak"] == "# mine\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640

    # Ours, with a line that somebody added: theirs again.
    ours = file.read_text()
    file.write_text(ours + "# added\n")
    done = as_root(client, "--write", *BOTH)
    assert f"what was there is now /etc/{path}.ecr-upsertd.bak\n" in done.stdout
    assert tree(etc)[f"{path}.bak"] == "# mine\n"
    assert tree(etc)[f"{path}.ecr-upsertd.bak"] == ours + "# added\n"
    assert file.read_text() == ours

    # No third name: it stays as it is.
    file.write_text("# third\n")
    done = as_root(client, "--write", *BOTH)
    assert done.returncode == 1
    assert "move one of them away" in one_line(done)
    assert file.read_text() == "# third\n"
    assert "push" not in done.stdout


@root_only
def test_neighbours_are_not_touched(as_root: Configure, etc: Path) -> None:
    others = {"containers/registries.conf": "unqualified-search-registries = ['docker.io']\n",
              "containers/registries.conf.d/shortnames.conf": "[aliases]\n",
              "docker/daemon.json": '{"debug": true}\n',
              f"docker/certs.d/{ONE}/ca.crt": "a certificate\n",
              "docker/certs.d/_default/hosts.toml": "# mine\n"}
    for path, text in others.items():
        (etc / path).parent.mkdir(parents=True, exist_ok=True)
        (etc / path).write_text(text)
    for client in CLIENTS:
        assert as_root(client, "--write", *BOTH).returncode == 0
    now = tree(etc)
    assert {path: now[path] for path in others} == others
    assert not [path for path in now if path.endswith(".bak")]


@root_only
def test_buildkitd_toml_keeps_the_lines_of_others(as_root: Configure, etc: Path) -> None:
    theirs = 'debug = true\n[registry."docker.io"]\n  mirrors = ["mirror.local"]'
    file = etc / "buildkit" / "buildkitd.toml"
    file.parent.mkdir()
    file.write_text(theirs)

    assert as_root("buildkit", "--write").returncode == 0
    assert file.read_text().startswith(theirs + "\n")
    assert '[registry."localhost:5100"]\nhttp = true\n' in file.read_text()
    assert tree(etc)["buildkit/buildkitd.toml.bak"] == theirs

    # Another address takes the place of the first; nothing of theirs was lost, so no copy.
    file.write_text(file.read_text() + "[gc]\n")
    done = as_root("buildkit", "--write", "--listen=127.0.0.1:7777")
    assert "wrote /etc/buildkit/buildkitd.toml\n" in done.stdout
    text = file.read_text()
    assert text.startswith(theirs + "\n") and text.endswith("[gc]\n")
    assert "5100" not in text and text.count("localhost:7777") == 1
    assert len(tree(etc)) == 2


@root_only
@pytest.mark.parametrize("theirs,words", [
    ('[registry."localhost:5100"]\nhttp = false\n', ['registry."localhost:5100"']),
    ("# ecr-upsertd client-config: begin (what is in here will be replaced)\n", ["remove it"]),
    ("a\0b", ["no text"]),
], ids=["table", "half", "binary"])
def test_buildkitd_toml_that_cannot_be_extended(as_root: Configure, etc: Path, theirs: str,
                                                words: list[str]) -> None:
    file = etc / "buildkit" / "buildkitd.toml"
    file.parent.mkdir()
    file.write_text(theirs)
    done = as_root("buildkit", "--write")
    assert (done.returncode, done.stdout) == (1, "")
    for word in ["/etc/buildkit/buildkitd.toml", *words]:
        assert word in one_line(done)
    assert tree(etc) == {"buildkit/buildkitd.toml": theirs}


@root_only
def test_link_is_kept_as_it_is(as_root: Configure, etc: Path, folder: Path) -> None:
    """The copy is the link itself; what it leads to is another's and stays."""
    target = folder / "dotfiles.toml"
    target.write_text("# mine\n")
    file = etc / FILES["docker"][0]
    file.parent.mkdir(parents=True)
    file.symlink_to(target)
    assert as_root("docker", "--write", *BOTH).returncode == 0
    assert target.read_text() == "# mine\n"
    assert not file.is_symlink() and ONE in file.read_text()
    assert file.with_name("hosts.toml.bak").readlink() == target


# what goes wrong

@root_only
def test_second_file_that_fails(as_root: Configure, etc: Path) -> None:
    """The first is written and said to be; of the second nothing is left."""
    (etc / "docker" / "certs.d").mkdir(parents=True)
    (etc / "docker" / "certs.d" / TWO).write_text("no folder\n")
    done = as_root("docker", "--write", *BOTH)
    assert done.returncode == 1
    assert done.stdout == f"wrote /etc/docker/certs.d/{ONE}/hosts.toml\n"
    assert f"/etc/docker/certs.d/{TWO}" in one_line(done)
    assert "Not a directory" in one_line(done)
    assert sorted(tree(etc)) == sorted([FILES["docker"][0], f"docker/certs.d/{TWO}"])


FULL = """mount -t tmpfs -o size=4k tmpfs /etc && mkdir -p "$(dirname "$2")" && echo mine >"$2"
"$1" client-config podman --write
echo "exit $?"; cat "$2"; ls "$(dirname "$2")"
"""


@root_only
def test_full_disk(folder: Path) -> None:
    """What is there stays, and no copy of it."""
    file = f"/etc/{FILES['podman'][0]}"
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", FULL, "sh",
                           folder / "ecr-upsertd", file], env={**os.environ, **SANITIZERS},
                          capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["exit 1", "mine", "ecr-upsertd.conf"]
    assert f"{file} cannot be written: No space left" in one_line(done)


@root_only
@pytest.mark.parametrize("client", [client for client in CLIENTS if FILES[client]])
def test_unwritable_folder(as_user: Configure, home: Path, client: str) -> None:
    config = home / ".config"
    config.mkdir(0o555)
    done = as_user(client, "--write", *BOTH)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{config}/" in one_line(done) and "Permission denied" in one_line(done)
    assert list(config.iterdir()) == []


@root_only
def test_unwritable_folder_keeps_what_is_there(as_user: Configure, home: Path) -> None:
    file = home / ".config" / "containers" / "registries.conf.d" / "ecr-upsertd.conf"
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n")
    file.chmod(0o644)
    file.parent.chmod(0o555)
    done = as_user("podman", "--write")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(file) in one_line(done)
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {
        "ecr-upsertd.conf": "# mine\n"}


# users without root

@root_only
@pytest.mark.parametrize("client", CLIENTS)
def test_files_of_a_user(as_user: Configure, home: Path, client: str) -> None:
    done = as_user(client, "--write", *BOTH)
    assert (done.returncode, done.stderr) == (0, "")
    config = home / ".config"
    assert (sorted(tree(config)) if config.exists() else []) == sorted(FILES[client])
    engine = client not in ("podman", "helm")
    assert ("rootless" in done.stdout) == engine


@root_only
@pytest.mark.parametrize("client,xdg", [("docker", True), ("containerd", True),
                                        ("buildkit", True), ("podman", False)])
def test_xdg_config_home(as_user: Configure, home: Path, client: str, xdg: bool) -> None:
    """podman 4 does not look at it."""
    done = as_user(client, "--write", *BOTH, XDG_CONFIG_HOME=str(home / "xdg"))
    assert done.returncode == 0
    assert sorted(tree(home / ("xdg" if xdg else ".config"))) == sorted(FILES[client])
    assert (home / "xdg").exists() == xdg


@root_only
def test_without_a_home(folder: Path) -> None:
    done = subprocess.run([folder / "ecr-upsertd", "client-config", "docker"], env=SANITIZERS,
                          user=NOBODY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "HOME" in one_line(done)

# what the configuration says

@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "ecr-upsertd.conf"
    file.write_text(json.dumps({"listen": ["127.0.0.1:6100", "[::1]:6100"],
                                "registries": [{"host": ONE}, {"host": TWO}]}))
    return file


def test_from_the_configuration(config: Path) -> None:
    env = {"HOME": "/nonexistent"}
    done = run("client-config", "docker", "--config", str(config), env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(printed_files(done.stdout)) == 2
    assert f'server = "http://127.0.0.1:6100/v2/{TWO}"' in done.stdout
    again = run("client-config", "docker", env={**env, "ECR_UPSERTD_CONFIG": str(config)})
    assert again.stdout == done.stdout


def test_options_win_over_the_configuration(config: Path) -> None:
    done = run("client-config", "docker", "--config", str(config), "--listen=127.0.0.1:7100",
               f"--registry={ONE}", env={"HOME": "/nonexistent"})
    assert len(printed_files(done.stdout)) == 1
    assert "localhost:7100" in done.stdout and "6100" not in done.stdout
    assert TWO not in done.stdout


def test_broken_configuration(config: Path) -> None:
    config.write_text('{\n"listn": []}')
    done = run("client-config", "docker", "--config", str(config), "--write",
               env={"HOME": "/nonexistent"})
    assert (done.returncode, done.stdout) == (7, "")
    assert f"{config}:2:" in one_line(done)
