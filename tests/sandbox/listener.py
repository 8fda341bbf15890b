"""One listening address on loopback, which can go away and come back."""

import ssl
from typing import Awaitable, Callable

from aiohttp import web

MAX_HEAD = 65536  # a token of 16 KiB is an Authorization line of 22
KEEP_ALIVE = 350  # seconds that an idle connection is kept

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Listener:
    def __init__(self, app: web.Application, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True,
                                     keepalive_timeout=KEEP_ALIVE, max_line_size=MAX_HEAD,
                                     max_field_size=MAX_HEAD, shutdown_timeout=1)
        self._site: web.TCPSite | None = None
        self._port = 0
        self.url = ""

    async def start(self) -> None:
        await self._runner.setup()
        await self.up()
        self._port = self._runner.addresses[0][1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    async def up(self) -> None:
        if self._site is None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port,
                                     ssl_context=self._tls, backlog=1024)
            await self._site.start()

    async def down(self) -> None:
        """Refuse connections, and drop those that there are."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        self.drop()

    def drop(self) -> None:
        """Close every connection, whatever it is in the middle of."""
        server = self._runner.server
        for connection in server.connections if server else ():
            connection.force_close()

    async def stop(self) -> None:
        await self._runner.cleanup()
