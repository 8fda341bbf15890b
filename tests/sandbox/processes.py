"""docker-registry as a child process, gone when its parent is."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

CONFIG = """version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {root}, maxthreads: 200}}
  delete: {{enabled: true}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{net: unix, addr: {socket}, relativeurls: true}}
"""


class DockerRegistry:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "storage"
        self.socket = folder / "registry.sock"
        self._log = folder / "docker-registry.log"
        self._config = folder / "docker-registry.yml"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def blobs(self) -> Path:
        return self.root / "docker/registry/v2/blobs"

    def start(self) -> None:
        program = shutil.which("docker-registry") or "/usr/bin/docker-registry"
        self.root.mkdir()
        self._config.write_text(CONFIG.format(root=self.root, socket=self.socket))
        with open(self._log, "wb") as log:
            # setpriv: the kernel ends it if this process dies without a chance to
            self._child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", program, "serve", str(self._config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True)

    def wait(self, seconds: float = 10) -> None:
        """Until it accepts connections."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.socket))
                return
            except OSError:
                assert self._child is not None
                if self._child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("docker-registry did not start:\n"
                                       + self._log.read_text(errors="replace")) from None
                time.sleep(0.01)

    def forget(self, stored: str | None) -> None:
        """Drop one repository's links (all of them for None); blobs stay."""
        repositories = self.root / "docker/registry/v2/repositories"
        shutil.rmtree(repositories / stored if stored else repositories, ignore_errors=True)

    def stop(self) -> None:
        if self._child is None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
