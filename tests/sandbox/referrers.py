"""Referrers, which Debian's docker-registry does not have: an index of the subjects that pushed
manifests name."""

import json
from typing import Any

from aiohttp import web

from names import Registry, Target
from wire import Answer

INDEX = "application/vnd.oci.image.index.v1+json"


class Referrers:
    def __init__(self) -> None:
        # (account, region, repository) -> digest of the referrer -> (its subject, its descriptor)
        self._known: dict[tuple[str, str, str], dict[str, tuple[str, dict[str, Any]]]] = {}

    def learn(self, registry: Registry, name: str, digest: str, manifest: dict[str, Any],
              media_type: str, size: int) -> str | None:
        """Take note of a pushed manifest; its subject's digest if it has one."""
        subject = manifest.get("subject")
        if not isinstance(subject, dict) or "digest" not in subject:
            return None
        described: dict[str, Any] = {"mediaType": media_type, "digest": digest, "size": size}
        config = manifest.get("config") or {}
        kind = manifest.get("artifactType") or config.get("mediaType")
        if kind:
            described["artifactType"] = kind
        if manifest.get("annotations"):
            described["annotations"] = manifest["annotations"]
        repository = self._known.setdefault((registry.account, registry.region, name), {})
        repository[digest] = (subject["digest"], described)
        return str(subject["digest"])

    def drop(self, registry: Registry, name: str, digest: str) -> None:
        self._known.get((registry.account, registry.region, name), {}).pop(digest, None)

    def forget(self, account: str, region: str, name: str | None) -> None:
        """Everything of one repository, of all for None."""
        if name is None:
            self._known.clear()
        self._known.pop((account, region, name or ""), None)

    def list(self, request: web.Request, registry: Registry, target: Target) -> Answer:
        repository = self._known.get((registry.account, registry.region, target.name), {})
        found = [described for subject, described in repository.values() if subject == target.ref]
        headers = {"Content-Type": INDEX}
        wanted = request.query.get("artifactType")
        if wanted:
            found = [one for one in found if one.get("artifactType") == wanted]
            headers["OCI-Filters-Applied"] = "artifactType"
        return Answer(200, headers, json.dumps(
            {"schemaVersion": 2, "mediaType": INDEX, "manifests": found}).encode())
