"""Faults that strike in the middle of a request's body."""

from aiohttp import web

import wire
from faults import Fault


class Struck(Exception):
    """The connection was cut by a fault; there is nobody left to answer."""


async def strike(request: web.Request, fault: Fault) -> None:
    if fault.kind == "stall":
        await fault.hold(fault["seconds"])
        return
    if fault.kind == "reset":
        wire.reset(request)
    else:
        wire.close(request)
    raise Struck
