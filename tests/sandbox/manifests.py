"""Manifests, tags, referrers: what ECR's PutImage, BatchGetImage and ListImages answer."""

import base64
import binascii
import fnmatch
import json
import re
from typing import Any
from urllib.parse import quote

from aiohttp import web

from backend import Backend
from names import Registry, Target, stored_name
from referrers import Referrers
from wire import Answer, oci_error
from world import World

LIMIT = 4_194_304  # bytes of a manifest
PAGE = 100         # tags in an answer, unless n says otherwise
PAGE_LIMIT = 1000
REFERENCE = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"
                       r"|sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})")
# docker-registry 404s or converts what a client does not name; ECR gives what it was given
ACCEPT = {"Accept": ", ".join((
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws", "*/*"))}
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def invalid(where: str, constraint: str) -> Answer:
    """ECR's InvalidParameterException comes out of its registry as 405 UNSUPPORTED."""
    return oci_error(405, "UNSUPPORTED", f"Invalid parameter at '{where}' failed to satisfy"
                                         f" constraint: '{constraint}'")


class Manifests:
    def __init__(self, world: World, backend: Backend) -> None:
        self.world = world
        self.backend = backend
        self.referrers = Referrers()
        world.forgetters.append(self.referrers.forget)

    async def read(self, request: web.Request, registry: Registry, target: Target) -> Answer:
        reply = await self.backend.ask(request.method, self._path(registry, target), ACCEPT)
        if reply.status != 200:
            return oci_error(404, "MANIFEST_UNKNOWN", "Requested image not found")
        answer = Answer(200, {"Content-Type": reply.headers["Content-Type"]}, reply.body)
        if request.method == "HEAD":
            answer.length = int(reply.headers["Content-Length"])
        if request.method == "HEAD" or self.world.settings.conforming:
            answer.headers["Docker-Content-Digest"] = reply.headers["Docker-Content-Digest"]
        return answer

    async def put(self, request: web.Request, registry: Registry, target: Target,
                  repository: Any, base: str) -> Answer:
        if not REFERENCE.fullmatch(target.ref):
            return invalid("imageTag", "must satisfy regular expression '[a-zA-Z0-9_.-]{1,128}'")
        body = await request.read()
        if len(body) > LIMIT:
            return invalid("ImageManifest",
                           f"Member must have length less than or equal to {LIMIT}")
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
        media_type = manifest.get("mediaType") or headers.get("Content-Type", "")
        self._remember(registry, target, media_type, body)
        digest = reply.headers["Docker-Content-Digest"]
        answer = Answer(201, {"Docker-Content-Digest": digest})
        subject = self.referrers.learn(registry, target.name, digest, manifest, media_type,
                                       len(body))
        if subject:
            answer.headers["OCI-Subject"] = subject
        if self.world.settings.conforming:
            answer.headers["Location"] = f"{base}/v2/{target.name}/manifests/{digest}"
        return answer

    @staticmethod
    def _refused(reply: Any, registry: Registry, target: Target) -> Answer:
        if "MANIFEST_BLOB_UNKNOWN" not in reply.codes():
            return Answer(reply.status, PLAIN, reply.body)
        missing = re.findall(r"sha256:[0-9a-f]{64}", reply.body.decode())
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
        reply = await self.backend.ask("HEAD", self._path(registry, target), ACCEPT)
        return reply.status == 200

    def _remember(self, registry: Registry, target: Target, media_type: str,
                  body: bytes) -> None:
        """DescribeImages and ListImages shall show what was pushed."""
        arguments = {"repositoryName": target.name, "imageManifest": body.decode(),
                     "imageManifestMediaType": media_type}
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
            self.referrers.drop(registry, target.name, target.ref)
            return Answer(202, {})
        if reply.status == 404:
            return oci_error(404, "MANIFEST_UNKNOWN", "Requested image not found")
        return Answer(reply.status, PLAIN, reply.body)

    async def tags(self, request: web.Request, registry: Registry, target: Target,
                   base: str) -> Answer:
        reply = await self.backend.ask("GET", f"/v2/{stored_name(registry, target.name)}/tags/list")
        tags = sorted(json.loads(reply.body).get("tags") or []) if reply.status == 200 else []
        return paged(request, base, f"/v2/{target.name}/tags/list",
                     {"name": target.name, "tags": tags}, "tags",
                     self.world.settings.conforming)

    def catalog(self, request: web.Request, registry: Registry, base: str) -> Answer:
        names = self.world.state.repositories(registry.account, registry.region)
        return paged(request, base, "/v2/_catalog", {"repositories": names}, "repositories")

    @staticmethod
    def _path(registry: Registry, target: Target) -> str:
        return f"/v2/{stored_name(registry, target.name)}/manifests/{quote(target.ref, safe=':')}"


def paged(request: web.Request, base: str, path: str, whole: dict[str, Any],
          key: str, conforming: bool = False) -> Answer:
    """One page of a list. `last` is a token of ours: a bare tag there is refused, as by ECR."""
    try:
        size = int(request.query.get("n", PAGE))
        if not 0 < size <= PAGE_LIMIT:
            raise ValueError
    except ValueError:
        return invalid("maxResults", f"Member must have value less than or equal to {PAGE_LIMIT}")
    items = whole[key]
    if "last" in request.query and conforming:
        items = [item for item in items if item > request.query["last"]]
    elif "last" in request.query:
        try:
            last = base64.urlsafe_b64decode(request.query["last"]).decode()
            if not last.startswith("after "):
                raise ValueError
        except (binascii.Error, ValueError):
            return invalid("NextToken", "Invalid token")
        items = [item for item in items if item > last.removeprefix("after ")]
    headers = dict(PLAIN)
    if len(items) > size:
        token = items[size - 1]
        if not conforming:
            token = base64.urlsafe_b64encode(f"after {token}".encode()).decode()
        more = f"&n={size}" if "n" in request.query else ""
        headers["Link"] = f'<{base}{path}?last={quote(token)}{more}>; rel="next"'
    return Answer(200, headers, json.dumps({**whole, key: items[:size]}).encode())


