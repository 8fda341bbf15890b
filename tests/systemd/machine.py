"""A machine to throw away: a root file system with systemd really booted in it (systemd-nspawn).

    with private_network(), Machine() as machine:
        machine.write("/etc/x", "text")
        machine.run("systemctl", "start", "x.service")
        print(machine.run("journalctl", "-u", "x").stdout)

What it changes goes into an overlay over `root`, the host's own or another one (of debootstrap), and
is gone at the end. It shares the network of who made it: in private_network() that is a loopback
that nothing else listens on, so that a test and its sandbox reach the machine at 127.0.0.1, and port
5100 is free. Needs root."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from integration.waiting import wait_for

BOOT_S = 60
CLONE_NEWNET = 0x40000000
ENVIRONMENT = ["env", "-i", "HOME=/root", "LANG=C.UTF-8", "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0",
               "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
# What a host has enabled has no business here, and some of it never ends.
WANTED = ["multi-user.target.wants", "default.target.wants", "timers.target.wants"]


class Failed(AssertionError):
    """A command in the machine did not do what it should."""


@contextlib.contextmanager
def private_network() -> Iterator[None]:
    """This thread, and whatever it starts, has a loopback of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            libc.setns(before, CLONE_NEWNET)
    finally:
        os.close(before)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class Machine:
    """Boots in a second or two; files may be put into `path` before (prepare) and while it runs."""

    def __init__(self, root: str | Path = "/") -> None:
        self._root = Path(root)
        self._folder = Path(tempfile.mkdtemp(prefix="ecr-upsertd-machine-"))
        self.path = self._folder / "root"
        self._console = self._folder / "console"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self.leader = 0    # its process 1, as we see it

    # life

    def mount(self) -> None:
        for name in ("up", "work", "root"):
            (self._folder / name).mkdir()
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir={self._root},upperdir={self._folder}/up,workdir={self._folder}/work",
            self.path)
        units = self.path / "etc/systemd/system"
        for name in WANTED:
            shutil.rmtree(units / name, ignore_errors=True)
        for link in units.glob("*.wants/*"):
            if link.name.startswith(("docker", "podman", "containerd", "ecr-upsertd")):
                link.unlink()

    def boot(self) -> None:
        with self._console.open("wb") as console:
            self._nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--link-journal=no",
                 "--resolv-conf=off", "--timezone=off", "--console=pipe", "--boot",
                 "-D", self.path],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        wait_for("process 1", self._find_leader, BOOT_S)
        wait_for("systemd", lambda: (self.path_inside("/run/systemd/private")).exists(), BOOT_S)
        # "degraded" will do: of a host's own units some cannot start in here.
        self.run("systemctl", "is-system-running", "--wait", check=False, timeout=BOOT_S)

    def _find_leader(self) -> bool:
        assert self._nspawn is not None
        if self._nspawn.poll() is not None:
            raise Failed(f"systemd-nspawn: {self._console.read_text(errors='replace')}")
        pid = self._nspawn.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    self.leader = int(child)
        return self.leader != 0

    def power_off(self) -> None:
        """At once: nothing in it is worth a clean end."""
        if self._nspawn is not None:
            with contextlib.suppress(ProcessLookupError):
                if self.leader:
                    os.kill(self.leader, 9)
                else:
                    self._nspawn.kill()
            self._nspawn.wait(30)
        subprocess.run(["umount", "-l", self.path], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "Machine":
        try:
            self.mount()
            self.prepare()
            self.boot()
        except BaseException:
            self.power_off()
            raise
        return self

    def prepare(self) -> None:
        """For those who have something to put into it before it boots."""

    def __exit__(self, *_: object) -> None:
        self.power_off()

    # what is done in it

    def run(self, *command: str, check: bool = True, timeout: float = 60, user: str | None = None,
            input: str | None = None) -> subprocess.CompletedProcess[str]:
        """As root, or as `user` with the environment of a login."""
        if user:
            uid = self.run("id", "-u", user).stdout.strip()
            command = ("runuser", "-u", user, "--", "env", f"HOME=/home/{user}",
                       f"XDG_RUNTIME_DIR=/run/user/{uid}", *command)
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-p", "--", *ENVIRONMENT,
             *command], input=input, capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
                         f"\n{self.journal(lines=40)}")
        return done

    def script(self, text: str, **more: bool | float | str | None) -> str:
        """What a shell script prints; it ends at the first command that fails."""
        return self.run("bash", "-euo", "pipefail", "-c", text, **more).stdout    # type: ignore

    def path_inside(self, path: str) -> Path:
        """Of a file in the machine, its own /run and /tmp included, as seen from here."""
        return Path(f"/proc/{self.leader}/root{path}") if self.leader else self.path / path[1:]

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self.path_inside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def read(self, path: str) -> str:
        return self.path_inside(path).read_text()

    def show(self, unit: str, name: str, user: str | None = None) -> str:
        """A property of a unit."""
        more = ["--user"] if user else []
        return self.run("systemctl", *more, "show", "-P", name, unit, user=user).stdout.strip()

    def cursor(self) -> str:
        """Where the journal is now."""
        shown = self._journalctl("-n", "1", "--show-cursor")
        return shown.rpartition("-- cursor: ")[2].strip()

    def journal(self, unit: str = "", lines: int | str = "all", since: str = "") -> str:
        """The messages; since: a cursor()."""
        return self._journalctl("-o", "cat", "-n", str(lines), *(["-u", unit] if unit else []),
                                *([f"--after-cursor={since}"] if since else []))

    def _journalctl(self, *arguments: str) -> str:
        # Not run(), which shows the journal of what failed.
        return subprocess.run(
            ["nsenter", "-t", str(self.leader), "-m", "-p", "--", *ENVIRONMENT, "journalctl",
             "--no-pager", *arguments],
            capture_output=True, text=True, timeout=60, check=False).stdout
