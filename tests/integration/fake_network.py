"""What lies between a machine and AWS and goes wrong there: a name server, a proxy that opens TLS,
a port that says nothing."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import Any

from certs import Authority

NXDOMAIN, SERVFAIL = 3, 2
PROXY_HEAD_MAX = 8192


class Service:
    """A socket and a thread, from `with` to its end."""

    def __init__(self, kind: int, address: tuple[str, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(address)
        self.port: int = self.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.serve()
        except OSError:
            pass    # closed

    def serve(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass    # a datagram socket: closing it does
        self.socket.close()


class NameServer(Service):
    """On port 53 of an address of its own. names: what it knows, as 127.0.0.1; of all others it
    says `otherwise`, or nothing where that is None."""

    ADDRESS = "127.53.0.1"

    def __init__(self, names: list[str], otherwise: int | None = NXDOMAIN) -> None:
        super().__init__(socket.SOCK_DGRAM, (self.ADDRESS, 53))
        self.socket.settimeout(0.1)
        self.names = names
        self.otherwise = otherwise
        self.asked: set[str] = set()
        self._ended = threading.Event()

    def serve(self) -> None:
        while not self._ended.is_set():
            try:
                question, client = self.socket.recvfrom(512)
            except TimeoutError:
                continue
            answer = self._answer(question)
            if answer:
                self.socket.sendto(answer, client)

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        super().__exit__()

    def _answer(self, question: bytes) -> bytes | None:
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        kind = question[at + 1:at + 3]
        name = ".".join(labels)
        self.asked.add(name)
        asked = question[12:at + 5]
        if name not in self.names:
            if self.otherwise is None:
                return None
            return question[:2] + struct.pack(">HHHHH", 0x8180 | self.otherwise, 1, 0, 0, 0) + asked
        found = b"" if kind != b"\0\1" else (
            b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1"))
        return question[:2] + struct.pack(">HHHHH", 0x8180, 1, bool(found), 0, 0) + asked + found


class OpeningProxy(Service):
    """A company's proxy: takes CONNECT for any host, and shows a certificate of its own CA."""

    def __init__(self, folder: Path) -> None:
        super().__init__(socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.socket.listen(16)
        folder.mkdir()
        self.authority = Authority(folder)
        self.connected: list[str] = []

    def serve(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self._open, args=(connection,), daemon=True).start()

    def _open(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < PROXY_HEAD_MAX:
                head += connection.recv(4096)
            target = head.split()[1].decode()
            self.connected.append(target)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            try:
                context = self.authority.context(target.rpartition(":")[0])
                with context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(4096)
            except (ssl.SSLError, OSError):
                pass    # whoever does not trust it leaves


class Silence(Service):
    """Takes connections and says nothing."""

    def __init__(self) -> None:
        super().__init__(socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.socket.listen(64)
        self._held: list[socket.socket] = []

    def serve(self) -> None:
        while True:
            self._held.append(self.socket.accept()[0])

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        for connection in self._held:
            connection.close()
