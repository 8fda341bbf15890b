"""Faults: what shall go wrong, for which requests, how often.

A fault belongs to a side (registry, s3, api), has a kind and parameters, matches requests by
operation, repository and method, and hits `count` times (for ever when None) after letting
`skip` matching requests pass. The first fault that matches wins."""

import asyncio
import fnmatch
import itertools
from dataclasses import dataclass, field
from typing import Any

# side -> kind -> parameters with their defaults
KINDS: dict[str, dict[str, dict[str, Any]]] = {
    "registry": {
        "eof": {"missing_only": True},
        "close": {},
        "reset": {"after": None, "where": None},
        "truncate": {"after": 0, "where": None},
        "stall": {"after": 0, "where": None, "seconds": 3600},
        "delay": {"seconds": 1},
        "not_found": {"code": "NAME_UNKNOWN", "name": None, "message": None, "status": 404,
                      "missing_only": False},
        "lag": {"times": 1},
        "throttle": {"retry_after": None},
        "denied": {"message": None},
        "status": {"status": 500, "code": None, "message": "", "headers": {}},
        "raw": {"data": "", "hex": None, "close": True},
        "unauthorized": {},
        "expired": {},
    },
    "s3": {
        "close": {},
        "reset": {"after": None, "where": None},
        "truncate": {"after": 0, "where": None},
        "stall": {"after": 0, "where": None, "seconds": 3600},
        "delay": {"seconds": 1},
        "status": {"status": 503, "code": None, "message": "", "headers": {}},
        "raw": {"data": "", "hex": None, "close": True},
    },
    "api": {
        "throttle": {},
        "server_error": {"status": 500},
        "access_denied": {},
        "limit_exceeded": {},
        "already_exists": {},
        "expired_credentials": {},
        "error": {"code": "ServerException", "status": 400, "message": ""},
        "slow": {"seconds": 1},
        "close": {},
        "reset": {},
        "done_then_silent": {"seconds": 3600},
        "done_then_close": {},
        "garbage": {"body": "<html>not json</html>", "status": 200},
        "raw": {"data": "", "hex": None, "close": True},
    },
}


class BadFault(ValueError):
    pass


@dataclass
class Fault:
    id: int
    side: str
    kind: str
    operation: str | None
    repository: str | None
    method: str | None
    count: int | None
    skip: int
    params: dict[str, Any]
    hits: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    per_repository: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    async def hold(self, seconds: float) -> None:
        """Wait, but not beyond the fault's own end: clearing it lets everyone go."""
        try:
            await asyncio.wait_for(self.released.wait(), seconds)
        except TimeoutError:
            pass

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, "side": self.side, "kind": self.kind,
                "operation": self.operation, "repository": self.repository,
                "method": self.method, "count": self.count, "skip": self.skip,
                "hits": self.hits, **self.params}

    def matches(self, operation: str | None, repository: str, method: str,
                exists: bool | None) -> bool:
        if self.operation and operation != self.operation:
            return False
        if self.repository and not fnmatch.fnmatchcase(repository, self.repository):
            return False
        if self.method and method != self.method:
            return False
        return self._fits(operation, repository, exists)

    def _fits(self, operation: str | None, repository: str, exists: bool | None) -> bool:
        if self.kind == "eof":
            return operation == "upload_start" and not (exists and self["missing_only"])
        if self.kind == "lag":
            return bool(exists) and operation in ("upload_start", "manifest_put") \
                and self.per_repository.get(repository, 0) < self["times"]
        if self.params.get("missing_only") and exists:
            return False
        return True

    def use(self, repository: str) -> bool:
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        self.per_repository[repository] = self.per_repository.get(repository, 0) + 1
        return True


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, side: str, kind: str, operation: str | None = None,
            repository: str | None = None, method: str | None = None,
            count: int | None = None, skip: int = 0, **params: Any) -> Fault:
        known = KINDS.get(side)
        if known is None:
            raise BadFault(f"unknown side {side!r}: one of {', '.join(KINDS)}")
        if kind not in known:
            raise BadFault(f"unknown {side} fault {kind!r}: one of {', '.join(known)}")
        wrong = set(params) - set(known[kind])
        if wrong:
            raise BadFault(f"{side} fault {kind!r} has no parameter {', '.join(sorted(wrong))}")
        fault = Fault(next(self._ids), side, kind, operation, repository, method, count, skip,
                      {**known[kind], **params})
        self._faults.append(fault)
        return fault

    def take(self, side: str, operation: str | None, repository: str, method: str,
             exists: bool | None = None) -> Fault | None:
        """The fault that shall hit this request, counted as a hit; None for none."""
        for fault in self._faults:
            if fault.side != side or (fault.count is not None and fault.hits >= fault.count):
                continue
            if fault.matches(operation, repository, method, exists) and fault.use(repository):
                return fault
        return None

    def clear(self, id: int | None = None) -> None:
        for fault in self._faults:
            if id in (None, fault.id):
                fault.released.set()
        self._faults = [f for f in self._faults if id not in (None, f.id)]

    def list(self) -> list[dict[str, Any]]:
        return [fault.as_dict() for fault in self._faults]
