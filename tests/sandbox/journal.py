"""The log of every request received, in the order of arrival."""

import time
from collections import deque
from typing import Any, Iterable

LIMIT = 100_000  # entries kept
SECRET = {"authorization", "x-amz-security-token"}


class Journal:
    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=LIMIT)

    def open(self, side: str, method: str, host: str, path: str,
             headers: Iterable[tuple[str, str]], **more: Any) -> dict[str, Any]:
        """A new entry; what becomes known later (status, bytes, fault) is set on it."""
        shown = [[name, "…" if name.lower() in SECRET else value] for name, value in headers]
        entry: dict[str, Any] = {
            "side": side, "time": time.time(), "method": method, "host": host, "path": path,
            "headers": shown, "authorization": any(n.lower() == "authorization" for n, _ in shown),
            "token": None, "operation": None, "registry": None, "repository": None,
            "status": None, "fault": None, **more}
        self._entries.append(entry)
        return entry

    def list(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Entries whose fields equal all of `wanted`."""
        return [entry for entry in self._entries
                if all(entry.get(key) == value for key, value in wanted.items())]

    def clear(self) -> None:
        self._entries.clear()
