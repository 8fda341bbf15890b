"""What hands out AWS credentials over HTTP, on a free port of 127.0.0.1: an instance's metadata
service, a container's credentials endpoint, and the portal and OIDC of IAM Identity Center.

    with FakeImds() as imds:
        env = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.url}
        imds.say("PUT", "/latest/api/token", Answer(403))    # the next ones; the last one stays
        … imds.requests …

Each answers as the real one does until it is told otherwise, and keeps what it was asked."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    method: str
    target: str    # path and query as they were sent
    headers: dict[str, str]    # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in
                parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()}


@dataclass
class Answer:
    status: int = 200
    body: bytes | str | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False    # says nothing, until the fake ends
    close: bool = False    # closes without a word

    def octets(self) -> bytes:
        if isinstance(self.body, dict):
            return json.dumps(self.body).encode()
        return self.body.encode() if isinstance(self.body, str) else self.body


def iso(seconds_from_now: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def keys(name: str, lives_s: float = 3600) -> dict[str, Any]:
    """Credentials as IMDS and a container's endpoint hand them out; whose they are is seen by the
    key's id."""
    return {"AccessKeyId": f"ASIA{name}", "SecretAccessKey": f"secret-of-{name}",
            "Token": f"token-of-{name}", "Expiration": iso(lives_s)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path,
                      {name.lower(): value for name, value in self.headers.items()}, body)
        answer = self.server.fake.take(asked)
        if answer.hang:
            self.server.fake.ended.wait()
        if answer.hang or answer.close:
            self.close_connection = True
            return
        octets = answer.octets()
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(octets)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(octets)
        except OSError:
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = handle_any

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: "Fake"

    def handle_error(self, *_: Any) -> None:
        pass    # a client that gave up


class Fake:
    """One server; answer() is what a kind of it says of itself."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.ended = threading.Event()
        self._told: dict[tuple[str, str], list[Answer]] = {}
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def say(self, method: str, path: str, *answers: Answer) -> None:
        """The next answers to this, in turn; the last one stays. None: as before."""
        with self._lock:
            self._told[method, path] = list(answers)

    def take(self, asked: Asked) -> Answer:
        with self._lock:
            self.requests.append(asked)
            told = self._told.get((asked.method, asked.path))
            if told:
                return told.pop(0) if len(told) > 1 else told[0]
            return self.answer(asked)

    def asked(self, method: str, path: str) -> list[Asked]:
        with self._lock:
            return [one for one in self.requests if (one.method, one.path) == (method, path)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Any:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class FakeImds(Fake):
    """AWS_EC2_METADATA_SERVICE_ENDPOINT=url. Token first (version 2); v1: also without one."""

    TOKEN = "/latest/api/token"
    ROLES = "/latest/meta-data/iam/security-credentials/"

    def __init__(self, role: str = "instance-role", *, v1: bool = False) -> None:
        super().__init__()
        self.role = role
        self.v1 = v1
        self.token = "imds-token"
        self.reply: dict[str, Any] = {"Code": "Success", "Type": "AWS-HMAC", **keys("IMDS")}

    def answer(self, asked: Asked) -> Answer:
        if (asked.method, asked.path) == ("PUT", self.TOKEN):
            if "x-aws-ec2-metadata-token-ttl-seconds" not in asked.headers:
                return Answer(400)
            # The real one refuses what came through a proxy.
            return Answer(403) if "x-forwarded-for" in asked.headers else Answer(200, self.token)
        given = asked.headers.get("x-aws-ec2-metadata-token")
        if given != self.token and not (given is None and self.v1):
            return Answer(401)
        if asked.path == self.ROLES:
            return Answer(200, self.role) if self.role else Answer(404)
        if asked.path == self.ROLES + self.role:
            return Answer(200, self.reply)
        return Answer(404)


class FakeContainer(Fake):
    """AWS_CONTAINER_CREDENTIALS_FULL_URI=uri; token: what Authorization must hold (None: any)."""

    PATH = "/v2/credentials"

    def __init__(self, token: str | None = None) -> None:
        super().__init__()
        self.token = token
        self.reply = keys("CONTAINER")

    @property
    def uri(self) -> str:
        return self.url + self.PATH

    def answer(self, asked: Asked) -> Answer:
        if asked.path != self.PATH:
            return Answer(404)
        if self.token is not None and asked.headers.get("authorization") != self.token:
            return Answer(401, {"code": "Unauthorized", "message": "wrong token"})
        return Answer(200, self.reply)


class FakeSso(Fake):
    """AWS_ENDPOINT_URL_SSO=url and AWS_ENDPOINT_URL_SSO_OIDC=url: both in one.

    tokens: access tokens that count; refresh: what each refresh token is exchanged for."""

    CREDENTIALS = "/federation/credentials"
    CREATE_TOKEN = "/token"

    def __init__(self, *tokens: str) -> None:
        super().__init__()
        self.tokens = set(tokens or ("sso-token",))
        self.refresh = {"sso-refresh": {"accessToken": "sso-token-2", "tokenType": "Bearer",
                                        "expiresIn": 28800, "refreshToken": "sso-refresh-2"}}
        self.lives_s = 3600.0
        self.roles: dict[tuple[str, str], str] = {}    # (account, role) → name; absent: all

    def answer(self, asked: Asked) -> Answer:
        if (asked.method, asked.path) == ("GET", self.CREDENTIALS):
            return self._credentials(asked)
        if (asked.method, asked.path) == ("POST", self.CREATE_TOKEN):
            return self._create_token(asked)
        return Answer(404)

    def _credentials(self, asked: Asked) -> Answer:
        if asked.headers.get("x-amz-sso_bearer_token") not in self.tokens:
            return Answer(401, {"message": "Session token not found or invalid"},
                          {"x-amzn-ErrorType": "UnauthorizedException"})
        account, role = asked.query.get("account_id", ""), asked.query.get("role_name", "")
        name = self.roles.get((account, role)) if self.roles else "SSO"
        if name is None:
            return Answer(403, {"message": "No access"}, {"x-amzn-ErrorType": "ForbiddenException"})
        return Answer(200, {"roleCredentials": {
            "accessKeyId": f"ASIA{name}", "secretAccessKey": f"secret-of-{name}",
            "sessionToken": f"token-of-{name}",
            "expiration": int((time.time() + self.lives_s) * 1000)}})

    def _create_token(self, asked: Asked) -> Answer:
        body = json.loads(asked.body)
        given = self.refresh.get(body.get("refreshToken", ""))
        if body.get("grantType") != "refresh_token" or given is None:
            return Answer(400, {"error": "invalid_grant", "error_description": "no such token"},
                          {"x-amzn-ErrorType": "InvalidGrantException"})
        self.tokens.add(given["accessToken"])
        return Answer(200, given)


def write_sso_token(home: Path, session: str, lives_s: float = 3600, **members: Any) -> Path:
    """The cache file of `aws sso login`; session: the session's name, or the start URL of the
    older form. A member that is None is left out."""
    token = {"startUrl": "https://example.awsapps.com/start", "region": "eu-west-1",
             "accessToken": "sso-token", "expiresAt": iso(lives_s), "clientId": "sso-client",
             "clientSecret": "sso-secret", "registrationExpiresAt": iso(86400),
             "refreshToken": "sso-refresh", **members}
    folder = home / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha1(session.encode()).hexdigest()}.json"
    path.write_text(json.dumps({k: v for k, v in token.items() if v is not None}))
    os.chmod(path, 0o600)
    return path
