"""An upstream over plain TCP that answers in exactly the octets it is told to.

    def answer(request: Request) -> Reply: ...
    with RawUpstream(answer) as upstream:
        … Daemon([…, "--registry-endpoint", upstream.url], …)

One thread for each connection; `requests` is the log, `connections` the number there have been.
What answers may change while it runs: `upstream.answer = other`. A body is read before answer() is
called, unless takes_body() says that it is not to be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

HEAD_MAX = 1 << 20


@dataclass
class Request:
    connection: int    # counted from 1
    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    whole: bool = True    # False: the client's side broke off within the body

    def get(self, name: str) -> str | None:
        return next((value for field, value in self.fields if field.lower() == name), None)


@dataclass
class Reply:
    """Parts are sent one after the other; the iterable may wait in between."""
    parts: Iterable[bytes]
    close: bool = False    # then close
    reset: bool = False    # then reset


Answering = Callable[[Request], "Reply | bytes"]


def plain(body: bytes, status: str = "200 OK", *fields: str) -> bytes:
    """An answer with nothing wrong about it."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Ended(Exception):
    pass


@dataclass
class _Connection:
    number: int
    socket: socket.socket
    kept: bytes = b""

    def more(self) -> None:
        try:
            part = self.socket.recv(1 << 18)
        except OSError:
            part = b""
        if not part:
            raise Ended
        self.kept += part

    def line(self, mark: bytes) -> bytes:
        while mark not in self.kept:
            if len(self.kept) > HEAD_MAX:
                raise Ended
            self.more()
        line, _, self.kept = self.kept.partition(mark)
        return line

    def exactly(self, length: int) -> bytes:
        while len(self.kept) < length:
            self.more()
        data, self.kept = self.kept[:length], self.kept[length:]
        return data


class RawUpstream:
    def __init__(self, answer: Answering,
                 takes_body: Callable[[Request], bool] = lambda request: True,
                 port: int = 0) -> None:
        self.answer = answer
        self.takes_body = takes_body
        self.requests: list[Request] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(1024)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.stopping = threading.Event()    # for answers that wait

    def __enter__(self) -> "RawUpstream":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End every connection that is open."""
        with self._lock:
            for one in self._open:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def open_connections(self) -> int:
        with self._lock:
            return len(self._open)

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            # What was sent has arrived: nobody waits for an acknowledgement of the part before.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connected)
                connection = _Connection(self.connections, connected)
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: _Connection) -> None:
        try:
            while self._exchange(connection):
                pass
        except (Ended, OSError):
            pass
        finally:
            with self._lock:
                self._open.discard(connection.socket)
            connection.socket.close()

    def _exchange(self, connection: _Connection) -> bool:
        """Reads one request and answers it; True when another one may follow."""
        request = self._read_head(connection)
        self.requests.append(request)
        taken = self.takes_body(request)
        if taken:
            self._read_body(connection, request)
        answer = self.answer(request)
        reply = answer if isinstance(answer, Reply) else Reply([answer])
        for part in reply.parts:
            connection.socket.sendall(part)
        if reply.reset:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         b"\1\0\0\0\0\0\0\0")
        return taken and not (reply.close or reply.reset)

    @staticmethod
    def _read_head(connection: _Connection) -> Request:
        lines = connection.line(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        fields = [(name, value.strip()) for name, _, value in
                  (line.partition(":") for line in lines[1:])]
        return Request(connection.number, method, target, fields)

    @staticmethod
    def _read_body(connection: _Connection, request: Request) -> None:
        request.whole = False
        if request.get("transfer-encoding") == "chunked":
            while size := int(connection.line(b"\r\n"), 16):
                request.body += connection.exactly(size)
                connection.exactly(2)
            connection.exactly(2)
        else:
            request.body = connection.exactly(int(request.get("content-length") or 0))
        request.whole = True
