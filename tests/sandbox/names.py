"""What the registry and the API call things: hosts, repository names, paths."""

import hashlib
import re
from dataclasses import dataclass

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "eu-west-1"

# amazon-ecr-credential-helper, ecr-login/api/client.go
ECR_HOST = re.compile(
    r"(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-zA-Z0-9][a-zA-Z0-9-_]*)\."
    r"(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)"
    r"|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)")

# The API model's pattern (moto's own is an older one: it refuses a__b and a--b).
COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME_PATTERN = rf"{COMPONENT}(?:/{COMPONENT})*"
REPOSITORY_NAME = re.compile(NAME_PATTERN)

ROUTES = [(re.compile(pattern), kind) for pattern, kind in (
    (r"/v2/?", "ping"),
    (r"/v2/_catalog", "catalog"),
    (r"/v2/(?P<name>.+)/blobs/uploads/?", "uploads"),
    (r"/v2/(?P<name>.+)/blobs/uploads/(?P<ref>[^/]+)", "upload"),
    (r"/v2/(?P<name>.+)/blobs/(?P<ref>[^/]+)", "blob"),
    (r"/v2/(?P<name>.+)/manifests/(?P<ref>[^/]+)", "manifest"),
    (r"/v2/(?P<name>.+)/tags/list", "tags"),
    (r"/v2/(?P<name>.+)/referrers/(?P<ref>[^/]+)", "referrers"),
)]

OPERATIONS = {
    ("ping", "GET"): "ping", ("ping", "HEAD"): "ping",
    ("catalog", "GET"): "catalog",
    ("uploads", "POST"): "upload_start",
    ("upload", "PATCH"): "upload_chunk",
    ("upload", "PUT"): "upload_finish",
    ("upload", "GET"): "upload_status",
    ("upload", "DELETE"): "upload_cancel",
    ("blob", "HEAD"): "blob_head", ("blob", "GET"): "blob_get",
    ("blob", "DELETE"): "blob_delete",
    ("manifest", "HEAD"): "manifest_head", ("manifest", "GET"): "manifest_get",
    ("manifest", "PUT"): "manifest_put", ("manifest", "DELETE"): "manifest_delete",
    ("tags", "GET"): "tags",
    ("referrers", "GET"): "referrers",
}


@dataclass(frozen=True)
class Registry:
    """One private registry: what the Host header chooses."""
    host: str
    account: str
    region: str


@dataclass(frozen=True)
class Target:
    """A request's path, read. `operation` is None for what ECR does not have."""
    operation: str | None
    name: str
    ref: str


def registry_of(host: str) -> Registry | None:
    bare = host.removesuffix(":443")
    found = ECR_HOST.fullmatch(bare)
    return Registry(bare, found[1], found[2]) if found else None


def target_of(method: str, path: str) -> Target:
    for pattern, kind in ROUTES:
        found = pattern.fullmatch(path)
        if found:
            parts = found.groupdict()
            return Target(OPERATIONS.get((kind, method)), parts.get("name") or "",
                          parts.get("ref") or "")
    return Target(None, "", "")


def valid_repository(name: str) -> bool:
    return 2 <= len(name) <= 256 and REPOSITORY_NAME.fullmatch(name) is not None


def stored_name(registry: Registry, name: str) -> str:
    """docker-registry's name for a repository: one storage serves every registry.

    Its limit is 255 characters with our prefix, ECR's 256 without one."""
    if len(name) > 200:
        name = "long/" + hashlib.sha256(name.encode()).hexdigest()
    return f"{registry.account}/{registry.region}/{name}"
