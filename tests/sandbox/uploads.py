"""Upload sessions, with ECR's ways: absolute Location without a query, PATCH answered 201, a
Range that stays at the first chunk's end, 416 for a chunk that does not follow."""

import re
from dataclasses import dataclass
from typing import Any, AsyncIterator
from urllib.parse import parse_qs, quote, urlsplit

from aiohttp import web

from backend import Backend, Reply
from names import Registry, Target, stored_name
from wire import CHUNK, Answer, oci_error, strike
from world import World


@dataclass
class Upload:
    registry: Registry
    name: str
    path: str            # docker-registry's own address, its state in the query
    received: int = 0
    first_end: int | None = None


class Uploads:
    def __init__(self, world: World, backend: Backend) -> None:
        self.world = world
        self.backend = backend
        self._open: dict[str, Upload] = {}

    async def start(self, request: web.Request, registry: Registry, target: Target,
                    base: str) -> Answer:
        stored = stored_name(registry, target.name)
        query = {key: values[0] for key, values in parse_qs(request.query_string).items()}
        async for _ in request.content.iter_any():
            pass  # a whole blob may come with the POST; ECR is not known to take it
        path = f"/v2/{stored}/blobs/uploads/"
        if self.world.settings.blob_mounting and {"mount", "from"} <= set(query):
            source = stored_name(registry, query["from"])
            path += f"?mount={quote(query['mount'])}&from={quote(source)}"
        reply = await self.backend.ask("POST", path)
        if reply.status == 201:
            digest = query["mount"]
            return Answer(201, {"Location": f"{base}/v2/{target.name}/blobs/{digest}",
                                "Docker-Content-Digest": digest})
        id = urlsplit(reply.headers["Location"]).path.rpartition("/")[2]
        upload = Upload(registry, target.name, _local(reply))
        self._open[id] = upload
        return Answer(202, {"Location": _location(base, target.name, id), "Range": "0-0"})

    async def handle(self, request: web.Request, registry: Registry, target: Target,
                     base: str, entry: dict[str, Any], fault: Any) -> Answer:
        upload = self._open.get(target.ref)
        if upload is None or (upload.registry, upload.name) != (registry, target.name):
            return oci_error(404, "BLOB_UPLOAD_UNKNOWN",
                             f"The upload with id '{target.ref}' does not exist in the repository"
                             f" with name '{target.name}' in the registry with id"
                             f" '{registry.account}'")
        doing = {"PATCH": self._chunk, "PUT": self._finish, "GET": self._status,
                 "DELETE": self._cancel}[request.method]
        return await doing(request, target, upload, base, entry, fault)

    async def _chunk(self, request: web.Request, target: Target, upload: Upload, base: str,
                     entry: dict[str, Any], fault: Any) -> Answer:
        wrong = _out_of_order(request, upload)
        if wrong:
            return wrong
        reply, sent = await self._relay(request, target.ref, upload.path, entry, fault)
        if reply.status != 202:
            return _passed(reply)
        upload.path = _local(reply)
        upload.received += sent
        if upload.first_end is None:
            upload.first_end = upload.received - 1
        settings = self.world.settings
        stale = settings.stale_range and not settings.conforming
        end = upload.first_end if stale else upload.received - 1
        return Answer(202 if settings.conforming else 201,
                      {"Location": _location(base, target.name, target.ref),
                       "Range": f"0-{max(end, 0)}"})

    async def _finish(self, request: web.Request, target: Target, upload: Upload, base: str,
                      entry: dict[str, Any], fault: Any) -> Answer:
        digest = request.query.get("digest", "")
        wrong = _out_of_order(request, upload)
        if wrong:
            return wrong
        first = await request.content.readany()
        settings = self.world.settings
        refusing = settings.refuse_empty_blobs and not settings.conforming
        if refusing and not first and not upload.received:
            return oci_error(400, "BLOB_UPLOAD_INVALID",
                             f"The upload with id '{target.ref}' in the repository with name"
                             f" '{target.name}' in registry with id '{upload.registry.account}'"
                             " cannot be completed because it does not have any parts.")
        joint = "&" if "?" in upload.path else "?"
        path = f"{upload.path}{joint}digest={quote(digest)}"
        reply, _ = await self._relay(request, target.ref, path, entry, fault, first)
        if reply.status != 201:
            if "DIGEST_INVALID" in reply.codes():
                return oci_error(400, "BLOB_UPLOAD_INVALID",
                                 "None of the provided layer digests match the calculated layer"
                                 " digest")
            return _passed(reply)
        del self._open[target.ref]
        return Answer(201, {"Location": f"{base}/v2/{target.name}/blobs/{digest}",
                            "Docker-Content-Digest": digest})

    async def _status(self, request: web.Request, target: Target, upload: Upload, base: str,
                      entry: dict[str, Any], fault: Any) -> Answer:
        return Answer(204, {"Location": _location(base, target.name, target.ref),
                            "Range": f"0-{max(upload.received - 1, 0)}"})

    async def _cancel(self, request: web.Request, target: Target, upload: Upload, base: str,
                      entry: dict[str, Any], fault: Any) -> Answer:
        await self.backend.ask("DELETE", upload.path)
        del self._open[target.ref]
        return Answer(204, {})

    async def _relay(self, request: web.Request, id: str, path: str,
                     entry: dict[str, Any], fault: Any,
                     first: bytes = b"") -> tuple[Reply, int]:
        """The body, as it comes, to docker-registry; with the number of its bytes."""
        entry["bytes_in"] = 0
        headers = {"Content-Type": "application/octet-stream"}
        if request.content_length is not None:
            headers["Content-Length"] = str(request.content_length)
        try:
            reply = await self.backend.ask(request.method, path, headers,
                                           _counted(request, first, entry, fault))
        except BaseException:
            # A body that breaks off ends the session: docker-registry resumes at no other
            # offset than the one it last told
            self._open.pop(id, None)
            raise
        return reply, entry["bytes_in"]


async def _counted(request: web.Request, first: bytes, entry: dict[str, Any],
                   fault: Any) -> AsyncIterator[bytes]:
    part = first or await request.content.read(CHUNK)
    while part:
        entry["bytes_in"] += len(part)
        if fault is not None and entry["bytes_in"] >= fault["after"]:
            await strike(request, fault)
            fault = None
        yield part
        part = await request.content.read(CHUNK)


def _out_of_order(request: web.Request, upload: Upload) -> Answer | None:
    found = re.match(r"(?:bytes[ =])?(\d+)-", request.headers.get("Content-Range", ""))
    if not found or int(found[1]) == upload.received:
        return None
    return oci_error(416, "BLOB_UPLOAD_INVALID",
                     f"First byte of the layer part is {found[1]} instead of {upload.received}")


def _location(base: str, name: str, id: str) -> str:
    return f"{base}/v2/{name}/blobs/uploads/{id}"


def _local(reply: Reply) -> str:
    parts = urlsplit(reply.headers["Location"])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _passed(reply: Reply) -> Answer:
    """docker-registry's own words where ECR's are not known."""
    return Answer(reply.status, {"Content-Type": "text/plain; charset=utf-8"}, reply.body)
