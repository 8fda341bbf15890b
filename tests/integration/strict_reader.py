"""What a strict reader of RFC 9112 makes of the octets that a client sends.

Where the daemon is more lenient than the RFC and says so, this reader is too: lines that all end
in LF, several blanks before the target, chunk lines in either ending, folded trailers, and a line
that begins with a NUL, which counts as an empty one before a request and behind a body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integration.probes import Meaning

REQUEST_LINE = re.compile(rb"([^ ]+) +([^ ]+) HTTP/1\.[01]")
TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Malformed(Exception):
    pass


class Unfinished(Exception):
    """More would have to come."""


@dataclass
class Reader:
    rest: bytes

    def read_all(self) -> tuple[list[Meaning], bool]:
        """The requests up to where something is wrong; False when the last one is unfinished."""
        seen: list[Meaning] = []
        try:
            while True:
                self.skip_empty_lines()
                if not self.rest:
                    return seen, True
                seen.append(self.request())
        except Unfinished:
            return seen, False
        except Malformed:
            return seen, True

    def take(self, size: int) -> bytes:
        if len(self.rest) < size:
            raise Unfinished
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def line(self) -> tuple[bytes, bytes]:
        """A line and what ended it."""
        text, end, self.rest = self.rest.partition(b"\n")
        if not end:
            raise Unfinished
        return (text[:-1], b"\r\n") if text.endswith(b"\r") else (text, b"\n")

    def skip_empty_lines(self) -> None:
        while re.match(rb"\r?\n|\x00", self.rest):
            self.line()

    def request(self) -> Meaning:
        text, ending = self.line()
        line = REQUEST_LINE.fullmatch(text)
        if not line or not TOKEN.fullmatch(line[1]) or re.search(rb"[^\x21-\x7e]", line[2]):
            raise Malformed
        fields = self.head(ending)
        target = re.sub(rb"(?i)^http://localhost:\d+(?=/)", b"", line[2])
        return Meaning(line[1].decode(), target.decode(), self.body(fields))

    def head(self, ending: bytes) -> list[tuple[bytes, bytes]]:
        fields = []
        while True:
            text, its_ending = self.line()
            if its_ending != ending:
                raise Malformed
            if not text:
                return fields
            name, colon, value = text.partition(b":")
            if not colon or not TOKEN.fullmatch(name) or CONTROL.search(value):
                raise Malformed
            fields.append((name.lower(), value.strip(b" \t")))

    def body(self, fields: list[tuple[bytes, bytes]]) -> bytes:
        framing = [(name, value) for name, value in fields
                   if name in (b"content-length", b"transfer-encoding")]
        if not framing:
            return b""
        if len(framing) > 1:
            raise Malformed
        name, value = framing[0]
        if name == b"content-length" and re.fullmatch(rb"[0-9]+", value):
            return self.take(int(value))
        if name == b"transfer-encoding" and value.lower() == b"chunked":
            return b"".join(self.chunks())
        raise Malformed

    def chunks(self) -> list[bytes]:
        parts = []
        while True:
            size = self.line()[0].split(b";")[0]
            if not re.fullmatch(rb"[0-9a-fA-F]+", size):
                raise Malformed
            if int(size, 16) == 0:
                self.trailers()
                return parts
            parts.append(self.take(int(size, 16)))
            if self.rest[:2] != b"\r\n" and self.rest[:1] != b"\n":
                raise Unfinished if len(self.rest) < 2 else Malformed
            self.line()

    def trailers(self) -> None:
        while (text := self.line()[0]) and not text.startswith(b"\x00"):
            if b":" not in text and text[:1] not in b" \t":
                raise Malformed
