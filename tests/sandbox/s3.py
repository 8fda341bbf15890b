"""The second listener: blobs by signed address, as ECR sends clients to S3.

It reads docker-registry's storage, as S3 lies under ECR."""

import calendar
import hashlib
import hmac
import secrets
import time
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

import wire
from faults import Fault
from names import Registry
from wire import CHUNK, Answer
from world import World

SECRET = secrets.token_bytes(32)


def presign(world: World, registry: Registry, digest: str) -> str:
    """An address that stands for itself: no header goes with it."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(world.now()))
    key = f"/{registry.account}-{registry.region}/{digest}"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"ASIASANDBOXBLOBS/{stamp[:8]}/{registry.region}/s3/aws4_request",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(world.settings.redirect_lifetime),
        "X-Amz-SignedHeaders": "host",
    }
    query["X-Amz-Signature"] = _sign(key, urlencode(query))
    return f"{world.s3_base}{key}?{urlencode(query)}"


def _sign(key: str, query: str) -> str:
    return hmac.new(SECRET, f"{key}?{query}".encode(), hashlib.sha256).hexdigest()


class S3Face:
    def __init__(self, world: World, blobs: Path) -> None:
        self.world = world
        self.blobs = blobs

    async def handle(self, request: web.Request) -> web.StreamResponse:
        key, _, query = request.raw_path.partition("?")
        entry = self.world.journal.open("s3", request.method, request.host, key,
                                        request.headers.items(), operation="blob")
        fault = self.world.faults.take("s3", "blob", "", request.method)
        if fault is not None:
            entry["fault"] = fault.kind
            done = await self._faulty(request, entry, fault)
            if done is not None:
                return done
            fault = fault if fault.kind in ("truncate", "stall", "reset") else None
        refused = self._refused(request, key, query)
        if refused is not None:
            return await wire.send(request, refused, entry)
        path = self._path(key)
        if fault is None:
            entry["status"] = 206 if "Range" in request.headers else 200
            return web.FileResponse(path, chunk_size=CHUNK,
                                    headers={"Content-Type": "application/octet-stream"})
        answer = Answer(200, {"Content-Type": "application/octet-stream"}, _read(path),
                        length=path.stat().st_size)
        return await wire.send(request, answer, entry, fault)

    def _path(self, key: str) -> Path:
        algorithm, _, hexadecimal = key.rpartition("/")[2].partition(":")
        return self.blobs / algorithm / hexadecimal[:2] / hexadecimal / "data"

    def _refused(self, request: web.Request, key: str, query: str) -> Answer | None:
        if request.method not in ("GET", "HEAD"):
            return _error(405, "MethodNotAllowed", "The specified method is not allowed.")
        if "Authorization" in request.headers:
            return _error(400, "InvalidArgument", "Only one auth mechanism allowed; only the"
                          " X-Amz-Algorithm query parameter, Signature query string parameter or"
                          " the Authorization header should be specified")
        signed, _, signature = query.rpartition("&X-Amz-Signature=")
        if not hmac.compare_digest(_sign(key, signed), signature):
            return _error(403, "SignatureDoesNotMatch", "The request signature we calculated does"
                          " not match the signature you provided.")
        issued = calendar.timegm(time.strptime(request.query["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
        if self.world.now() > issued + int(request.query["X-Amz-Expires"]):
            return _error(403, "AccessDenied", "Request has expired")
        if not self._path(key).is_file():
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return None

    async def _faulty(self, request: web.Request, entry: dict, fault: Fault
                      ) -> web.StreamResponse | None:
        if fault.kind == "close":
            return wire.close(request)
        if fault.kind == "reset" and fault["after"] is None:
            return wire.reset(request)
        if fault.kind == "raw":
            return await wire.raw(request, fault)
        if fault.kind == "delay":
            await fault.hold(fault["seconds"])
        if fault.kind == "status":
            answer = _error(fault["status"], fault["code"] or "InternalError", fault["message"])
            answer.headers.update(fault["headers"])
            return await wire.send(request, answer, entry)
        return None


async def _read(path: Path):
    with open(path, "rb") as file:
        while part := file.read(CHUNK):
            yield part


def _error(status: int, code: str, message: str) -> Answer:
    text = f'<?xml version="1.0"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, {"Content-Type": "application/xml"}, text.encode())
