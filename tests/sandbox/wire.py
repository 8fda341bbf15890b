"""Answers on the wire, the broken ones too."""

import asyncio
import json
import socket
import struct
from typing import Any, AsyncIterator, Mapping

from aiohttp import web

from faults import Fault

CHUNK = 262144

ResponseBody = bytes | AsyncIterator[bytes]


class Struck(Exception):
    """A fault has cut the connection; there is nobody left to answer."""


class NoAnswer(web.Response):
    """What a handler returns when the connection has had its answer, or shall get none."""

    def __init__(self, keep_alive: bool = False) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: web.BaseRequest) -> None:
        pass

    async def write_eof(self, data: bytes = b"") -> None:
        pass


def close(request: web.Request) -> web.Response:
    """Close in order, with not one byte of an answer."""
    if request.transport is not None:
        request.transport.close()
    return NoAnswer()


def reset(request: web.Request) -> web.Response:
    """Close with a TCP reset."""
    if request.transport is not None:
        linger = struct.pack("ii", 1, 0)
        request.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request.transport.abort()
    return NoAnswer()


async def raw(request: web.Request, fault: Fault) -> web.Response:
    """The fault's own bytes, whatever HTTP says about them; then close, or serve on."""
    data = bytes.fromhex(fault["hex"]) if fault["hex"] else fault["data"].encode("latin-1")
    if request.transport is not None:
        request.transport.write(data)
        if fault["close"]:
            request.transport.close()
    return NoAnswer(keep_alive=not fault["close"])


async def strike(request: web.Request, fault: Fault) -> None:
    """A fault in the middle of a request's body: wait, or cut the connection."""
    if fault.kind == "stall":
        await fault.hold(fault["seconds"])
        return
    if fault.kind == "reset":
        reset(request)
    else:
        close(request)
    raise Struck


def oci_error(status: int, code: str, message: str,
              headers: Mapping[str, str] | None = None) -> "Answer":
    """ECR sends its error JSON as text/plain."""
    body = json.dumps({"errors": [{"code": code, "message": message}]}, separators=(",", ":"))
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8", **(headers or {})},
                  body.encode())


class Answer:
    """Status, headers and body, not yet sent."""

    def __init__(self, status: int, headers: Mapping[str, str], body: ResponseBody = b"",
                 length: int | None = None) -> None:
        self.status = status
        self.headers = dict(headers)
        self.body = body
        self.length = len(body) if length is None and isinstance(body, bytes) else length

    async def parts(self) -> AsyncIterator[bytes]:
        if isinstance(self.body, bytes):
            yield self.body
        else:
            async for part in self.body:
                yield part


async def dress(request: web.Request, response: web.StreamResponse, date: str,
                headers: Mapping[str, str]) -> None:
    """The last word on a head: the library's own additions go, the face's headers come."""
    response.headers.popall("Server", None)
    response.headers["Date"] = date
    response.headers.update(headers)


async def send(request: web.Request, answer: Answer, entry: dict[str, Any],
               fault: Fault | None = None) -> web.StreamResponse:
    """Send it; a fault of kind truncate, stall or reset strikes after `after` bytes of body."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    if answer.length is not None and answer.status not in (204, 304):
        response.content_length = answer.length
    await response.prepare(request)
    entry["status"] = answer.status
    entry["bytes_out"] = 0
    if request.method == "HEAD":
        return response
    async for part in answer.parts():
        if fault is not None and entry["bytes_out"] + len(part) >= fault["after"]:
            keep = fault["after"] - entry["bytes_out"]
            await _write(response, part[:keep], entry)
            if fault.kind != "stall":
                await asyncio.sleep(0)
                return reset(request) if fault.kind == "reset" else close(request)
            await fault.hold(fault["seconds"])
            part, fault = part[keep:], None
        await _write(response, part, entry)
    await response.write_eof()
    return response


async def _write(response: web.StreamResponse, part: bytes, entry: dict[str, Any]) -> None:
    if part:
        await response.write(part)
        entry["bytes_out"] += len(part)
