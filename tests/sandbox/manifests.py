"""Manifests, tags, referrers: what ECR's PutImage, BatchGetImage and ListImages answer."""

import base64
import binascii
import fnmatch
import json
from typing import Any
from urllib.parse import quote

from aiohttp import web

from backend import Backend
from names import Registry, Target, stored_name
from wire import Answer, oci_error
from world import World

LIMIT = 4_194_304  # bytes of a manifest
PAGE = 100         # tags in an answer, unless n says otherwise
PAGE_LIMIT = 1000
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def invalid(where: str, constraint: str) -> Answer:
    """ECR's InvalidParameterException comes out of its registry as 405 UNSUPPORTED."""
    return oci_error(405, "UNSUPPORTED", f"Invalid parameter at '{where}' failed to satisfy"
                                         f" constraint: '{constraint}'")


class Manifests:
    def __init__(self, world: World, backend: Backend) -> None:
        self.world = world
        self.backend = backend

    async def read(self, request: web.Request, registry: Registry, target: Target) -> Answer:
        headers = {"Accept": ", ".join(request.headers.getall("Accept", ["*/*"]))}
        reply = await self.backend.ask(request.method, self._path(registry, target), headers)
        if reply.status != 200:
            return oci_error(404, "MANIFEST_UNKNOWN", "Requested image not found")
        answer = Answer(200, {"Content-Type": reply.headers["Content-Type"]}, reply.body)
        if request.method == "HEAD":
            answer.length = int(reply.headers["Content-Length"])
            answer.headers["Docker-Content-Digest"] = reply.headers["Docker-Content-Digest"]
        return answer

    async def put(self, request: web.Request, registry: Registry, target: Target,
                  repository: Any) -> Answer:
        body = await request.read()
        if len(body) > LIMIT:
            return invalid("ImageManifest", f"Member must have length less than or equal to {LIMIT}")
        try:
            manifest = json.loads(body)
        except ValueError:
            manifest = None
        if not isinstance(manifest, dict):
            return invalid("ImageManifest", "Invalid JSON syntax")
        if await self._fixed(registry, target, repository):
            return oci_error(400, "TAG_INVALID",
                             f"The image tag '{target.ref}' already exists in the '{target.name}'"
                             " repository and cannot be overwritten because the repository is"
                             " immutable.")
        headers = {}
        if "Content-Type" in request.headers:
            headers["Content-Type"] = request.headers["Content-Type"]
        reply = await self.backend.ask("PUT", self._path(registry, target), headers, body)
        if reply.status != 201:
            return self._refused(reply, registry, target)
        self._remember(registry, target, manifest, body, headers)
        answer = Answer(201, {"Docker-Content-Digest": reply.headers["Docker-Content-Digest"]})
        if isinstance(manifest.get("subject"), dict):
            answer.headers["OCI-Subject"] = str(manifest["subject"].get("digest"))
        return answer

    @staticmethod
    def _refused(reply: Any, registry: Registry, target: Target) -> Answer:
        if "MANIFEST_BLOB_UNKNOWN" not in reply.codes():
            return Answer(reply.status, PLAIN, reply.body)
        missing = [str((error.get("detail") or {}).get("digest"))
                   for error in json.loads(reply.body)["errors"] if isinstance(error, dict)]
        return oci_error(400, "BLOB_UPLOAD_UNKNOWN",
                         f"Layers with digests '[{', '.join(missing)}]' required for pushing image"
                         f" into repository with name '{target.name}' in the registry with id"
                         f" '{registry.account}' do not exist")

    async def _fixed(self, registry: Registry, target: Target, repository: Any) -> bool:
        """An existing tag of an immutable repository (the same image again is refused too)."""
        if ":" in target.ref:
            return False
        filters = [f["filter"] for f in repository.image_tag_mutability_exclusion_filters or []]
        excluded = any(fnmatch.fnmatchcase(target.ref, pattern) for pattern in filters)
        fixed = repository.image_tag_mutability.startswith("IMMUTABLE") != excluded
        if not fixed:
            return False
        reply = await self.backend.ask("HEAD", self._path(registry, target), {"Accept": "*/*"})
        return reply.status == 200

    def _remember(self, registry: Registry, target: Target, manifest: dict[str, Any],
                  body: bytes, headers: dict[str, str]) -> None:
        """DescribeImages and ListImages shall show what was pushed."""
        arguments = {"repositoryName": target.name, "imageManifest": body.decode(),
                     "imageManifestMediaType": manifest.get("mediaType")
                     or headers.get("Content-Type", "")}
        if ":" in target.ref:
            arguments["imageDigest"] = target.ref
        else:
            arguments["imageTag"] = target.ref
        self.world.state.ecr("PutImage", arguments, registry.account, registry.region)

    async def delete(self, request: web.Request, registry: Registry, target: Target) -> Answer:
        reply = await self.backend.ask("DELETE", self._path(registry, target))
        if reply.status == 202:
            id = {"imageDigest" if ":" in target.ref else "imageTag": target.ref}
            self.world.state.ecr("BatchDeleteImage",
                                 {"repositoryName": target.name, "imageIds": [id]},
                                 registry.account, registry.region)
            return Answer(202, {})
        if reply.status == 404:
            return oci_error(404, "MANIFEST_UNKNOWN", "Requested image not found")
        return Answer(reply.status, PLAIN, reply.body)

    async def tags(self, request: web.Request, registry: Registry, target: Target,
                   base: str) -> Answer:
        reply = await self.backend.ask("GET", f"/v2/{stored_name(registry, target.name)}/tags/list")
        tags = sorted(json.loads(reply.body).get("tags") or []) if reply.status == 200 else []
        return paged(request, base, f"/v2/{target.name}/tags/list",
                     {"name": target.name, "tags": tags}, "tags")

    def catalog(self, request: web.Request, registry: Registry, base: str) -> Answer:
        names = self.world.state.repositories(registry.account, registry.region)
        return paged(request, base, "/v2/_catalog", {"repositories": names}, "repositories")

    @staticmethod
    def _path(registry: Registry, target: Target) -> str:
        return f"/v2/{stored_name(registry, target.name)}/manifests/{quote(target.ref, safe=':')}"


def paged(request: web.Request, base: str, path: str, whole: dict[str, Any],
          key: str) -> Answer:
    """One page of a list. `last` is a token of ours: a bare tag there is refused, as by ECR."""
    try:
        size = int(request.query.get("n", PAGE))
        if not 0 < size <= PAGE_LIMIT:
            raise ValueError
    except ValueError:
        return invalid("maxResults", f"Member must have value less than or equal to {PAGE_LIMIT}")
    items = whole[key]
    if "last" in request.query:
        try:
            last = base64.urlsafe_b64decode(request.query["last"]).decode()
            if not last.startswith("after "):
                raise ValueError
        except (binascii.Error, ValueError):
            return invalid("NextToken", "Invalid token")
        items = [item for item in items if item > last.removeprefix("after ")]
    headers = dict(PLAIN)
    if len(items) > size:
        token = base64.urlsafe_b64encode(f"after {items[size - 1]}".encode()).decode()
        more = f"&n={size}" if "n" in request.query else ""
        headers["Link"] = f'<{base}{path}?last={quote(token)}{more}>; rel="next"'
    return Answer(200, headers, json.dumps({**whole, key: items[:size]}).encode())


