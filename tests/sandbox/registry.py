"""The registry face: /v2/ as ECR answers it."""

import asyncio
from typing import Any

import aiohttp
from aiohttp import web

import names
import wire
from backend import Backend
from faults import Fault
from manifests import Manifests, invalid
from names import Registry, Target
from s3 import presign
from templates import Templates
from uploads import Uploads
from wire import Answer, Struck, oci_error
from world import World

STREAM_FAULTS = {"truncate", "stall", "reset"}
CHALLENGE = 'Basic realm="https://{host}/",service="ecr.amazonaws.com"'


class RegistryFace:
    def __init__(self, world: World, backend: Backend, templates: Templates) -> None:
        self.world = world
        self.backend = backend
        self.uploads = Uploads(world, backend)
        self.manifests = Manifests(world, backend)
        self.templates = templates

    async def handle(self, request: web.Request) -> web.StreamResponse:
        target = names.target_of(request.method, request.raw_path.partition("?")[0])
        registry = self._registry(request.host)
        entry = self.world.journal.open(
            "registry", request.method, request.host, request.raw_path, request.headers.items(),
            operation=target.operation, repository=target.name or None,
            registry=registry and registry.host, connection=_peer(request),
            sni=_sni(request))
        try:
            return await self._exchange(request, registry, target, entry)
        except asyncio.CancelledError:
            entry["aborted"] = True  # the client left
            raise
        except (Struck, aiohttp.ClientError):
            # a fault or the client cut the request's body: nobody is left to answer
            if request.transport is not None and not request.transport.is_closing():
                raise
            entry["aborted"] = True
            return wire.NoAnswer()

    def _registry(self, host: str) -> Registry | None:
        if self.world.is_alias(host):
            host = self.world.default_host
        registry = names.registry_of(host)
        if registry:
            self.world.hosts.add(registry.host)
        return registry

    def _base(self, request: web.Request) -> str:
        """What Location and Link start with: ECR's own name, or the alias that was used."""
        if self.world.is_alias(request.host):
            return f"{self.world.scheme}://{request.host}"
        return f"https://{request.host.removesuffix(':443')}"

    async def _exchange(self, request: web.Request, registry: Registry | None, target: Target,
                        entry: dict[str, Any]) -> web.StreamResponse:
        if registry is None:
            text = f"sandbox: no registry here is called '{request.host}'\n"
            return await wire.send(request, Answer(421, {"Content-Type": "text/plain"},
                                                   text.encode()), entry)
        refused = self._authorize(request, registry, entry)
        repository = self._repository(registry, target, refused is None)
        entry["exists"] = repository is not None
        fault = None
        if refused is None:
            fault = self.world.faults.take("registry", target.operation, target.name,
                                           request.method, repository is not None)
        if fault is None:
            answer = refused or await self._answer(request, registry, target, repository, entry)
            return await wire.send(request, answer, entry)
        entry["fault"] = fault.kind
        return await self._faulty(request, registry, target, repository, entry, fault)

    def _repository(self, registry: Registry, target: Target, may_push: bool) -> Any | None:
        where = (registry.account, registry.region, target.name)
        found = self.world.state.repository(*where)
        pushing = target.operation in ("upload_start", "manifest_put")
        if found is None and pushing and may_push and names.valid_repository(target.name):
            if self.templates.create_on_push(registry, target.name):
                return self.world.state.repository(*where)
        return found

    def _authorize(self, request: web.Request, registry: Registry,
                   entry: dict[str, Any]) -> Answer | None:
        token = self.world.tokens.find(request.headers.get("Authorization"))
        entry["token"] = token and token.id
        entry["access_key"] = token and token.access_key
        if token is None or token.region != registry.region:
            return self._unauthorized(request)
        if self.world.tokens.expired(token):
            return _expired()
        return None

    def _unauthorized(self, request: web.Request) -> Answer:
        host = request.host.removesuffix(":443")
        return Answer(401, {"Www-Authenticate": CHALLENGE.format(host=host), "Sizes": "",
                            "Content-Type": "text/plain; charset=utf-8"}, b"Not Authorized\n")

    async def _answer(self, request: web.Request, registry: Registry, target: Target,
                      repository: Any, entry: dict[str, Any],
                      fault: Fault | None = None) -> Answer:
        operation = target.operation
        base = self._base(request)
        if operation is None:
            return oci_error(405, "UNSUPPORTED", "The operation is unsupported.")
        if operation == "ping":
            return Answer(200, {"Content-Type": "text/plain; charset=utf-8"})
        if operation == "catalog":
            return self.manifests.catalog(request, registry, base)
        if not names.valid_repository(target.name):
            return invalid("repositoryName",
                           f"must satisfy regular expression '{names.NAME_PATTERN}'")
        if repository is None:
            return unknown_repository(registry, target.name)
        if operation == "upload_start":
            return await self.uploads.start(request, registry, target, base)
        if operation.startswith("upload_"):
            return await self.uploads.handle(request, registry, target, base, entry, fault)
        if operation.startswith("blob_"):
            return await self._blob(request, registry, target)
        if operation == "manifest_put":
            return await self.manifests.put(request, registry, target, repository, base)
        if operation == "manifest_delete":
            return await self.manifests.delete(request, registry, target)
        if operation.startswith("manifest_"):
            return await self.manifests.read(request, registry, target)
        if operation == "referrers":
            return self.manifests.referrers.list(request, registry, target)
        return await self.manifests.tags(request, registry, target, base)

    async def _blob(self, request: web.Request, registry: Registry, target: Target) -> Answer:
        stored = names.stored_name(registry, target.name)
        path = f"/v2/{stored}/blobs/{target.ref}"
        if request.method == "DELETE":
            if not self.world.settings.conforming:
                return oci_error(405, "UNSUPPORTED", "The operation is unsupported.")
            return Answer((await self.backend.ask("DELETE", path)).status, {})
        reply = await self.backend.ask("HEAD", path)
        if reply.status != 200:
            return oci_error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        if request.method == "GET":
            # docker-registry keeps a sha512 blob under its sha256, and says so here
            kept = reply.headers.get("Docker-Content-Digest", target.ref)
            return Answer(307, {"Location": presign(self.world, registry, kept)})
        return Answer(200, {"Content-Type": "application/vnd.docker.container.image.v1+json",
                            "Docker-Content-Digest": target.ref},
                      length=int(reply.headers["Content-Length"]))

    async def _faulty(self, request: web.Request, registry: Registry, target: Target,
                      repository: Any, entry: dict[str, Any],
                      fault: Fault) -> web.StreamResponse:
        kind = fault.kind
        if kind in ("eof", "close"):
            return wire.close(request)
        if kind == "reset" and fault["after"] is None:
            return wire.reset(request)
        if kind == "raw":
            return await wire.raw(request, fault)
        if kind == "delay":
            await fault.hold(fault["seconds"])
        instead = self._instead(request, registry, target, fault)
        if instead is not None:
            return await wire.send(request, instead, entry)
        uploading = target.operation in ("upload_chunk", "upload_finish")
        where = fault.params.get("where") or ("request" if uploading else "response")
        streaming = kind in STREAM_FAULTS
        answer = await self._answer(request, registry, target, repository, entry,
                                    fault if streaming and where == "request" else None)
        return await wire.send(request, answer, entry,
                               fault if streaming and where == "response" else None)

    def _instead(self, request: web.Request, registry: Registry, target: Target,
                 fault: Fault) -> Answer | None:
        if fault.kind == "lag":
            return unknown_repository(registry, target.name)
        if fault.kind == "not_found":
            name = fault["name"] or target.name
            message = fault["message"] or unknown_message(registry, name)
            return oci_error(fault["status"], fault["code"], message)
        if fault.kind == "throttle":
            after = fault["retry_after"]
            return oci_error(429, "TOOMANYREQUESTS", "Rate exceeded",
                             {} if after is None else {"Retry-After": str(after)})
        if fault.kind == "denied":
            arn = f"arn:aws:ecr:{registry.region}:{registry.account}:repository/{target.name}"
            return oci_error(403, "DENIED", fault["message"] or (
                f"User: arn:aws:iam::{registry.account}:user/sandbox is not authorized to perform:"
                f" ecr:InitiateLayerUpload on resource: {arn} because no identity-based policy"
                " allows the ecr:InitiateLayerUpload action"))
        if fault.kind == "status":
            if fault["code"]:
                return oci_error(fault["status"], fault["code"], fault["message"],
                                 fault["headers"])
            return Answer(fault["status"], {"Content-Type": "text/plain", **fault["headers"]},
                          fault["message"].encode())
        return {"unauthorized": lambda: self._unauthorized(request),
                "expired": _expired}.get(fault.kind, lambda: None)()


def unknown_message(registry: Registry, name: str) -> str:
    return (f"The repository with name '{name}' does not exist in the registry with id"
            f" '{registry.account}'")


def unknown_repository(registry: Registry, name: str) -> Answer:
    return oci_error(404, "NAME_UNKNOWN", unknown_message(registry, name))


def _expired() -> Answer:
    return oci_error(403, "DENIED",
                     "Your authorization token has expired. Reauthenticate and try again.")


def _peer(request: web.Request) -> int | None:
    """The peer's port: the same one on two requests means the same connection."""
    peer = request.transport and request.transport.get_extra_info("peername")
    return peer[1] if peer else None


def _sni(request: web.Request) -> str | None:
    tls = request.transport and request.transport.get_extra_info("ssl_object")
    return getattr(tls, "asked_for", None) if tls else None
