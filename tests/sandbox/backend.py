"""docker-registry behind the front: requests to it over its unix socket, streamed."""

import json
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Mapping

import aiohttp

CHUNK = 262144
KEPT = ("Content-Type", "Content-Length", "Docker-Content-Digest", "Etag", "Range", "Location",
        "Link", "Accept-Ranges", "Content-Range")


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes = b""

    def codes(self) -> list[str]:
        """Error codes of an OCI error body."""
        try:
            return [error["code"] for error in json.loads(self.body)["errors"]]
        except (ValueError, KeyError, TypeError):
            return []


@dataclass
class Backend:
    socket: str
    _session: aiohttp.ClientSession | None = field(default=None)

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(self.socket, limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            auto_decompress=False, skip_auto_headers=("Content-Type", "User-Agent", "Accept"))

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None,
                  body: bytes | AsyncIterator[bytes] | None = None) -> Reply:
        """One request and its whole (small) reply. A streamed body carries its own length in
        `headers`, or goes out in chunks."""
        assert self._session is not None
        async with self._session.request(method, "http://registry" + path, data=body,
                                         headers=headers, allow_redirects=False) as answer:
            kept: dict[str, Any] = {n: answer.headers[n] for n in KEPT if n in answer.headers}
            return Reply(answer.status, kept, await answer.read())
