"""Faults of the API face: answers of their own, and ways not to deliver one."""

from typing import Any

from aiohttp import web

import awsreplies
import wire
from faults import Fault
from sigv4 import Caller
from wire import Answer

BREAKING = {"close", "reset", "raw"}


def breaks(fault: Fault | None) -> bool:
    """True for a fault that keeps the call from being carried out at all."""
    return fault is not None and fault.kind in BREAKING


def instead(fault: Fault | None, operation: str, arguments: dict[str, Any],
            caller: Caller) -> Answer | None:
    """The answer that the fault gives in place of the real one."""
    if fault is None:
        return None
    name = arguments.get("repositoryName", "*")
    account = arguments.get("registryId") or caller.identity.account
    resource = f"arn:aws:ecr:{caller.region}:{account}:repository/{name}"
    if fault.kind == "error":
        return awsreplies.error(fault["code"], fault["message"], fault["status"])
    if fault.kind == "garbage":
        return Answer(fault["status"], {"Content-Type": "application/x-amz-json-1.1"},
                      fault["body"].encode())
    known = {
        "throttle": ("ThrottlingException", "Rate exceeded", 400),
        "server_error": ("ServerException", "Internal server error", 500),
        "access_denied": ("AccessDeniedException",
                          f"User: {caller.identity.arn} is not authorized to perform:"
                          f" ecr:{operation} on resource: {resource} because no identity-based"
                          f" policy allows the ecr:{operation} action", 400),
        "limit_exceeded": ("LimitExceededException",
                           "The registry with id "
                           f"'{account}' already has the maximum allowed number of repositories.",
                           400),
        "already_exists": ("RepositoryAlreadyExistsException",
                           f"The repository with name '{name}' already exists in the registry"
                           f" with id '{account}'", 400),
        "expired_credentials": ("ExpiredTokenException",
                                "The security token included in the request is expired", 400),
    }.get(fault.kind)
    if known is None:
        return None
    code, message, status = known
    return awsreplies.error(code, message, fault.params.get("status", status))


async def deliver(request: web.Request, answer: Answer | None, entry: dict[str, Any],
                  fault: Fault | None) -> web.StreamResponse:
    if fault is not None:
        if fault.kind in ("close", "done_then_close"):
            return wire.close(request)
        if fault.kind == "reset":
            return wire.reset(request)
        if fault.kind == "raw":
            return await wire.raw(request, fault)
        if fault.kind == "done_then_silent":
            await fault.hold(fault["seconds"])
            return wire.close(request)
    assert answer is not None
    return await wire.send(request, answer, entry)
