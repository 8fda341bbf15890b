"""The control endpoint: faults, settings and the log, for tests and for a person with curl.

    GET  /                        what this sandbox is, as JSON
    GET  /requests?key=value      the log; every key must equal the entry's field
    GET|POST|DELETE /faults       list; add {side, kind, ...}; clear all, or one by ?id=
    GET|POST /settings            read; change
    POST /call                    {operation, arguments, account, region}: moto, unsigned, unlogged
    POST /identities              {access_key, secret_key, ...}: further keys that are accepted
    POST /tokens/expire|revoke    every token handed out so far
    POST /listeners               {side, up}: refuse connections (up: false), or listen again
    POST /connections/drop        {side}: close every connection of that side
    POST /reset                   everything as at the start (addresses and tokens stay)
"""

import json
from dataclasses import asdict
from typing import Any, Awaitable, Callable

from aiohttp import web

import faults
import names
from listener import Listener
from sigv4 import Identity
from world import World


class Control:
    def __init__(self, world: World, identities: dict[str, Identity],
                 listeners: dict[str, Listener],
                 about: Callable[[], dict[str, Any]]) -> None:
        self.world = world
        self.identities = identities
        self.listeners = listeners
        self.about = about

    def application(self) -> web.Application:
        app = web.Application(middlewares=[_json_errors])
        app.add_routes([
            web.get("/", self._about),
            web.get("/requests", self._requests),
            web.get("/faults", self._faults),
            web.post("/faults", self._add_fault),
            web.delete("/faults", self._clear_faults),
            web.get("/settings", self._settings),
            web.post("/settings", self._settings),
            web.post("/call", self._call),
            web.post("/identities", self._identity),
            web.post("/tokens/{what:expire|revoke}", self._tokens),
            web.post("/listeners", self._listener),
            web.post("/connections/drop", self._drop),
            web.post("/reset", self._reset),
        ])
        return app

    async def _about(self, request: web.Request) -> web.Response:
        return web.json_response({**self.about(), "hosts": sorted(self.world.hosts)})

    async def _requests(self, request: web.Request) -> web.Response:
        wanted = {key: _value(value) for key, value in request.query.items()}
        return web.json_response(self.world.journal.list(wanted))

    async def _faults(self, request: web.Request) -> web.Response:
        return web.json_response(self.world.faults.list())

    async def _add_fault(self, request: web.Request) -> web.Response:
        return web.json_response(self.world.faults.add(**await request.json()).as_dict())

    async def _clear_faults(self, request: web.Request) -> web.Response:
        id = request.query.get("id")
        self.world.faults.clear(int(id) if id else None)
        return web.json_response({})

    async def _settings(self, request: web.Request) -> web.Response:
        values = await request.json() if request.method == "POST" else {}
        return web.json_response(self.world.change(values))

    async def _call(self, request: web.Request) -> web.Response:
        asked = await request.json()
        account = asked.get("account") or names.DEFAULT_ACCOUNT
        region = asked.get("region") or names.DEFAULT_REGION
        status, answer = self.world.state.ecr(asked["operation"], asked["arguments"],
                                              account, region)
        return web.json_response({"status": status, "answer": answer})

    async def _identity(self, request: web.Request) -> web.Response:
        asked = await request.json()
        account = asked.setdefault("account", names.DEFAULT_ACCOUNT)
        asked.setdefault("arn", f"arn:aws:iam::{account}:user/{asked['access_key']}")
        asked.setdefault("user_id", asked["access_key"])
        identity = Identity(**asked)
        self.identities[identity.access_key] = identity
        return web.json_response(asdict(identity))

    async def _tokens(self, request: web.Request) -> web.Response:
        if request.match_info["what"] == "expire":
            self.world.tokens.expire_all()
        else:
            self.world.tokens.revoke_all()
        return web.json_response({})

    async def _listener(self, request: web.Request) -> web.Response:
        asked = await request.json()
        listener = self.listeners[asked["side"]]
        await (listener.up() if asked["up"] else listener.down())
        return web.json_response({})

    async def _drop(self, request: web.Request) -> web.Response:
        self.listeners[(await request.json())["side"]].drop()
        return web.json_response({})

    async def _reset(self, request: web.Request) -> web.Response:
        self.world.reset()
        for listener in self.listeners.values():
            await listener.up()
        return web.json_response({})


@web.middleware
async def _json_errors(request: web.Request,
                       handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
                       ) -> web.StreamResponse:
    try:
        return await handler(request)
    except (faults.BadFault, ValueError, TypeError, KeyError) as error:
        return web.json_response({"error": str(error)}, status=400)


def _value(text: str) -> Any:
    """A query's value as JSON where it is JSON (200, null, true), else as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text
