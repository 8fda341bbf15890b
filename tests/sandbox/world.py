"""What all faces of the sandbox share: settings, clock, faults, tokens, log, state."""

import time
from dataclasses import asdict, dataclass, fields
from typing import Any, Callable

from faults import Faults
from journal import Journal
from tokens import Tokens


@dataclass
class Settings:
    """Changeable while running; the defaults are ECR's own behaviour."""
    token_lifetime: float = 43200      # seconds
    token_size: int = 0                # characters of authorizationToken, 0: as ECR today
    clock_skew: float = 0              # seconds that this side's clock is ahead
    blob_mounting: bool = False        # ECR's account setting BLOB_MOUNTING
    stale_range: bool = True           # PATCH answers the first chunk's Range for ever
    refuse_empty_blobs: bool = True
    certificate: str = "good"          # good, expired, wrong_name, self_signed
    redirect_lifetime: int = 3600      # seconds that a download address is valid
    conforming: bool = False           # as the OCI specification says, not as ECR does


class World:
    def __init__(self, state: Any, scheme: str, default_host: str, aliases: list[str]) -> None:
        self.state = state             # moto
        self.scheme = scheme
        self.default_host = default_host
        self.aliases = aliases         # further names of the default registry, of any port
        self.settings = Settings()
        self.faults = Faults()
        self.journal = Journal()
        self.tokens = Tokens(self.now)
        self.s3_base = ""
        self.hosts: set[str] = set()   # registry hosts that were asked for
        self.forgetters: list[Callable[[str, str, str | None], None]] = []

    def now(self) -> float:
        return time.time() + self.settings.clock_skew

    def is_alias(self, host: str) -> bool:
        return host in self.aliases or host.rpartition(":")[0] in self.aliases

    def http_date(self) -> str:
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self.now()))

    def change(self, values: dict[str, Any]) -> dict[str, Any]:
        known = {field.name for field in fields(Settings)}
        wrong = set(values) - known
        if wrong:
            raise ValueError(f"unknown setting {', '.join(sorted(wrong))}:"
                             f" one of {', '.join(sorted(known))}")
        for name, value in values.items():
            setattr(self.settings, name, value)
        return asdict(self.settings)

    def reset(self) -> None:
        """As just started, but for the addresses; tokens handed out stay valid."""
        self.faults.clear()
        self.settings = Settings()
        self.state.reset()
        self.forget("", "", None)

    def forget(self, account: str, region: str, name: str | None) -> None:
        """A repository is gone (all of them for None): what else knows it shall let go."""
        for forget in self.forgetters:
            forget(account, region, name)
        self.journal.clear()
