"""A client with no mind of its own: what is asked goes out, what comes back is shown."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Body = bytes | Iterable[bytes] | None


@dataclass(frozen=True)
class Answer:
    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str | None:
        """A field's only value; None when there is none. Twice is a failure."""
        values = [value for field, value in self.fields if field.lower() == name.lower()]
        assert len(values) < 2, f"{name} comes {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def location(self) -> str:
        value = self.get("Location")
        assert value is not None, f"no Location in {self}"
        return value

    def error(self) -> tuple[str, str]:
        """Code and message of an OCI error answer."""
        (error,) = json.loads(self.body)["errors"]
        return error["code"], error["message"]


class Client:
    """One connection. A body that is an iterable goes out in chunks, one for each part."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 60) -> None:
        self._http = http.client.HTTPConnection(host, port, timeout=timeout)

    def ask(self, method: str, target: str, body: Body = None,
            headers: Mapping[str, str] | None = None) -> Answer:
        fields = dict(headers or {})
        names = {name.lower() for name in fields}
        self._http.putrequest(method, target, skip_accept_encoding=True, skip_host="host" in names)
        if isinstance(body, bytes):
            if "content-length" not in names:
                fields["Content-Length"] = str(len(body))
        elif body is not None:
            fields["Transfer-Encoding"] = "chunked"
        for name, value in fields.items():
            self._http.putheader(name, value)
        self._http.endheaders()
        try:
            self._send(body)
        except (BrokenPipeError, ConnectionResetError):
            pass    # answered early: the answer is there to read
        return self._answer()

    def _send(self, body: Body) -> None:
        if isinstance(body, bytes):
            self._http.send(body)
        elif body is not None:
            for part in body:
                self._http.send(b"%x\r\n%s\r\n" % (len(part), part))
            self._http.send(b"0\r\n\r\n")

    def _answer(self) -> Answer:
        answer = self._http.getresponse()
        return Answer(answer.status, tuple(answer.getheaders()), answer.read())

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Wire:
    """One connection and the very octets on it."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 30,
                 receive_buffer: int | None = None) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(timeout)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, port))
        self._kept = b""

    def send(self, data: bytes) -> "Wire":
        self.socket.sendall(data)
        return self

    def end(self) -> "Wire":
        """Nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def read(self) -> bytes:
        """All that comes until the other side closes; a reset ends it too."""
        data, self._kept = self._kept, b""
        while True:
            try:
                part = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return data
            if not part:
                return data
            data += part

    def read_until(self, mark: bytes) -> bytes:
        """Up to and with the mark; what came behind it is kept for the next call."""
        data, self._kept = self._kept, b""
        while mark not in data:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError(f"closed before {mark!r}: {data!r}")
            data += part
        end = data.index(mark) + len(mark)
        self._kept = data[end:]
        return data[:end]

    def read_exactly(self, length: int) -> bytes:
        data, self._kept = self._kept, b""
        while len(data) < length:
            part = self.socket.recv(min(1 << 20, length - len(data)))
            if not part:
                raise EOFError(f"closed after {len(data)} of {length} octets")
            data += part
        self._kept = data[length:]
        return data[:length]

    def read_answer(self, has_body: bool = True) -> Answer:
        """One answer with Content-Length, or chunked, or up to the end of the connection."""
        lines = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = tuple((name, value.strip()) for name, _, value in
                       (line.partition(":") for line in lines[1:] if line))
        answer = Answer(int(lines[0].split(" ")[1]), fields, b"")
        if not has_body or answer.status < 200 or answer.status in (204, 304):
            return answer
        return Answer(answer.status, fields, self._read_body(answer))

    def _read_body(self, answer: Answer) -> bytes:
        length = answer.get("Content-Length")
        if length is not None:
            return self.read_exactly(int(length))
        if answer.get("Transfer-Encoding") != "chunked":
            return self.read()
        body = b""
        while size := int(self.read_until(b"\r\n"), 16):
            body += self.read_exactly(size)
            self.read_exactly(2)
        self.read_exactly(2)
        return body

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Close with a TCP reset, as a client does that is killed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
