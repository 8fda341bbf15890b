"""Registry tokens: handed out by GetAuthorizationToken, asked for by the registry."""

import base64
import binascii
import itertools
import json
import secrets
from dataclasses import dataclass
from typing import Callable

NATURAL_SIZE = 2600  # characters of a token as ECR hands out today


@dataclass
class Token:
    id: str
    region: str
    issued: float
    expires: float
    access_key: str


class Tokens:
    """Known tokens by password. A token is bound to its region, not to an account."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._by_password: dict[str, Token] = {}
        self._ids = itertools.count(1)

    def issue(self, region: str, access_key: str, lifetime: float,
              size: int = 0) -> tuple[str, Token]:
        """The authorizationToken (base64 of AWS:password), `size` characters long or a bit more."""
        issued = self._now()
        token = Token(f"t{next(self._ids)}", region, issued, issued + lifetime, access_key)
        password = self._password(token, (size or NATURAL_SIZE) * 3 // 4 - len("AWS:"))
        self._by_password[password] = token
        return base64.b64encode(f"AWS:{password}".encode()).decode(), token

    @staticmethod
    def _password(token: Token, length: int) -> str:
        payload = secrets.token_urlsafe(32)
        fields = {"payload": payload, "datakey": secrets.token_urlsafe(32),
                  "version": "2", "type": "DATA_KEY", "expiration": int(token.expires)}
        missing = length * 3 // 4 - len(json.dumps(fields))
        if missing > 0:
            fields["payload"] = payload + secrets.token_urlsafe(missing)[:missing]
        return base64.b64encode(json.dumps(fields).encode()).decode()

    def find(self, authorization: str | None) -> Token | None:
        """The token in an Authorization header, expired or not; None when it is none of ours."""
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self._by_password.get(password) if user == "AWS" else None

    def expired(self, token: Token) -> bool:
        return self._now() >= token.expires

    def expire_all(self) -> None:
        for token in self._by_password.values():
            token.expires = min(token.expires, self._now())

    def revoke_all(self) -> None:
        self._by_password.clear()
