"""A /status that has something of everything, as a busy daemon tells it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
OTHER = "210987654321.dkr.ecr.us-east-1.amazonaws.com"


def at(seconds: float) -> str:
    """So many seconds from now."""
    time = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def history(samples: int = 60, step_s: int = 10) -> dict[str, Any]:
    """Ten minutes with their ups and downs, and one in which next to nothing was asked."""
    def sample(i: int) -> dict[str, Any]:
        wave = 1 + math.sin(i / 6) + math.sin(i / 2.3) / 2
        idle = 20 <= i < 26 and i != 23
        requests = 0 if idle else max(1, int(40 * wave))
        return {"time": at((i - samples) * step_s), "requests": requests,
                "errors": 3 if i % 17 == 5 else 0,
                "bytes_in": int(requests * 2.4e6), "bytes_out": int(requests * 0.5e6),
                "p50_ms": None if idle else 18 + 6 * wave,
                "p95_ms": None if idle else 90 + 60 * wave}
    return {"step_s": step_s, "samples": [sample(i) for i in range(samples)]}


def busy() -> dict[str, Any]:
    lifecycle = {"rules": [{"rulePriority": 1, "selection": {
        "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
        "action": {"type": "expire"}}]}
    plain = {"imageTagMutability": "IMMUTABLE",
             "imageScanningConfiguration": {"scanOnPush": True}}
    rich = {"tags": [{"Key": "owner", "Value": "alice"}, {"Key": "team", "Value": "a"}],
            "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [
                {"filterType": "WILDCARD", "filter": "release-*"}],
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/images"},
            "lifecycle_policy": lifecycle}
    return {
        "ready": True, "reason": None, "version": "0.1.0", "uptime_s": 93_784,
        "registries": [
            {"host": HOST, "identity": "arn:aws:sts::123456789012:assumed-role/build/alice",
             "token_expires": at(40_300), "credentials_expire": at(3_100), "last_error": None},
            {"host": OTHER, "identity": "env AKIAIOSFODNN7EXAMPLE", "token_expires": at(20_000),
             "credentials_expire": None, "last_error": None}],
        "transfers": [
            {"id": 41, "repository": "team-a/api", "operation": "upload", "bytes": 314_572_800,
             "total": 734_003_200, "seconds": 6.4},
            {"id": 42, "repository": "team-a/api", "operation": "upload", "bytes": 41_943_040,
             "total": None, "seconds": 2.1},
            {"id": 43, "repository": "team-b/worker", "operation": "blob", "bytes": 9_000_000,
             "total": 12_000_000, "seconds": 0.4}],
        "created": [
            {"registry": HOST, "repository": "team-a/api", "rule": "team-a", "user": "alice",
             "time": at(-8), "settings": rich},
            {"registry": HOST, "repository": "scratch/try", "rule": None, "user": "bob",
             "time": at(-840), "settings": plain},
            {"registry": OTHER, "repository": "team-b/worker", "rule": "team-b", "user": None,
             "time": at(-7_300)}],
        "refused": [
            {"registry": HOST, "repository": "prod/payments", "time": at(-31), "rule": "no-prod",
             "reason": f"does not exist in {HOST} and is not created: rule no-prod denies it: "
                       "ask platform@example.com",
             "remedy": "Push to a name that another rule allows, or have rule no-prod changed in "
                       "the configuration of ecr-upsertd"},
            {"registry": HOST, "repository": "team-c/app", "time": at(-1_900), "rule": None,
             "reason": f"does not exist in {HOST} and cannot be created: this AWS identity lacks "
                       "ecr:CreateRepository on arn:aws:ecr:eu-west-1:123456789012:repository/"
                       "team-c/app: ask an administrator of account 123456789012 for it "
                       "(AccessDeniedException: User is not authorized)",
             "remedy": "Give the identity the right, or set create.on_access_denied to \"wait\" "
                       "where the cloud side creates"}],
        "pending": [
            {"registry": HOST, "repository": "team-a/api", "what": "lifecycle policy",
             "attempts": 3, "last_error": "ThrottlingException: Rate exceeded"}],
        "budget": {"max_per_hour": 100, "used": 2},
        "history": history()}


def idle() -> dict[str, Any]:
    """Just started, and nothing happened."""
    return {**busy(), "uptime_s": 3, "transfers": [], "created": [], "refused": [], "pending": [],
            "budget": {"max_per_hour": 100, "used": 0}, "history": {"step_s": 10, "samples": []}}


def troubled() -> dict[str, Any]:
    """Without a token, over budget, with names as long as they can be."""
    told = busy()
    long = "team-" + "a" * 120 + "/" + "b" * 130
    error = f"no token for {HOST}: the credentials of profile build have expired: run aws sso login"
    told["registries"][0].update(identity=None, token_expires=None, credentials_expire=at(-60),
                                 last_error=error)
    for entry in told["transfers"] + told["created"] + told["refused"] + told["pending"]:
        entry["repository"] = long
    return {**told, "ready": False, "reason": error, "budget": {"max_per_hour": 5, "used": 5}}
