"""Our SigV4 against botocore's, every intermediate, over generated requests.

The signing program lies in the build folder of the daemon that ECR_UPSERTD names; SIGV4_SEED
repeats a run.
"""

import datetime
import hashlib
import os
import random
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 2500
TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
# All that str.split() takes for blank, beyond what a header may hold, is left out of the values.
TEXT = "".join(map(chr, range(0x21, 0x7F))) + "äß€ሴ😀ñ中"
PATH = TEXT.replace("?", "").replace("#", "").replace("/", "") + " \x01\x7f"
RESERVED = re.compile("(date|host|authorization|x-amz.*)$", re.IGNORECASE)


class KeptPath(auth.SigV4Auth):
    """For keep_path: encoded, but not normalised."""

    def _normalize_url_path(self, path: str) -> str:
        return quote(path or "/", safe="/~")


class Request:
    """One random request, in the terms of both sides."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.method = rng.choice(["GET", "POST", "PUT", "HEAD", "DELETE", "x-odd"]).upper()
        self.path = self._path()
        self.params = [(self._text(0, 4), self._text(0, 6)) for _ in range(rng.choice([0, 0, 1, 2, 6]))]
        self.host = rng.choice(["example.com", "a.b.c:8080", "[::1]:9", "127.0.0.1"])
        self.fields = self._fields()
        self.body = rng.choice([b"", b"{}", rng.randbytes(rng.randrange(200))])
        self.sign_body = rng.random() < 0.3
        self.keep_path = rng.random() < 0.3
        self.access_key = self._text(1, 20)
        self.secret_key = self._text(1, 40)
        self.token = rng.choice([None, self._text(1, 400)])
        self.region = rng.choice(["us-east-1", "eu-isoe-west-1", self._text(1, 8)])
        self.service = rng.choice(["ecr", "sts", self._text(1, 8)])
        self.time = rng.randrange(0, 4102444800)

    def _text(self, low: int, high: int, letters: str = TEXT) -> str:
        return "".join(self.rng.choices(letters, k=self.rng.randint(low, high)))

    def _path(self) -> str:
        odd = [".", "..", "", "...", "%20", "%2f"]
        parts = [
            self.rng.choice([*odd, self._text(1, 5, PATH)])
            for _ in range(self.rng.randrange(6))
        ]
        return "/" + "/".join(parts) if self.rng.random() < 0.9 else ""

    def _value(self) -> str:
        blanks = ["", " ", "  ", "\t", " \t ", "\n ", "\r\n  "]
        words = [self._text(1, 8) for _ in range(self.rng.randrange(4))]
        return self.rng.choice(blanks) + "".join(w + self.rng.choice(blanks) for w in words)

    def _fields(self) -> list[tuple[str, str]]:
        names = [self._text(1, 6, TOKEN) for _ in range(self.rng.randrange(6))]
        names += [n.swapcase() for n in names if self.rng.random() < 0.4]
        return [
            (n, self._value())
            for n in names
            if not RESERVED.match(n) and n.lower() not in auth.SIGNED_HEADERS_BLACKLIST
        ]

    def encoded_query(self) -> str | None:
        """The same parameters in one of the ways in which they could be sent."""
        pieces = []
        for name, value in self.params:
            bare = name and not value and self.rng.random() < 0.5
            pieces.append(
                self._octets(name, "=") + ("" if bare else "=" + self._octets(value, ""))
            )
        return "&".join(pieces) if self.params else self.rng.choice([None, ""])

    def _octets(self, text: str, never: str) -> str:
        out = ""
        for octet in text.encode():
            letter = chr(octet)
            raw = octet < 0x80 and letter not in "&%" + never and self.rng.random() < 0.5
            hexed = f"%{octet:02X}" if self.rng.random() < 0.5 else f"%{octet:02x}"
            out += letter if raw else hexed
        return out

    def case(self) -> str:
        """In the form that sigv4_case.h reads."""
        lines = {
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
            "session_token": self.token,
            "region": self.region,
            "service": self.service,
            "time": str(self.time),
            "method": self.method,
            "path": self.path,
            "query": self.encoded_query(),
            "keep_path": "1" if self.keep_path else None,
            "sign_body": "1" if self.sign_body else None,
        }
        text = [f"{k} {escape(v.encode())}" for k, v in lines.items() if v is not None]
        text += [f"header {escape(f'{n}:{v}'.encode())}" for n, v in self.fields]
        text += [f"header Host:{self.host}", f"body {escape(self.body)}"]
        return "\n".join(text) + "\n\n"

    def botocore(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        now = datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc)
        monkeypatch.setattr(auth, "get_current_datetime", lambda: now)
        request = AWSRequest(
            method=self.method,
            url=f"http://{self.host}{self.path}",
            data=self.body,
            params=self.params,
        )
        for name, value in self.fields:
            request.headers.add_header(name, value)
        if self.sign_body:
            request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(self.body).hexdigest()
        signer = (KeptPath if self.keep_path else auth.SigV4Auth)(
            Credentials(self.access_key, self.secret_key, self.token), self.service, self.region
        )
        signer.add_auth(request)
        authorization = request.headers["Authorization"]
        del request.headers["Authorization"]
        canonical = signer.canonical_request(request)
        string_to_sign = signer.string_to_sign(request, canonical)
        return {
            "canonical_request": canonical,
            "string_to_sign": string_to_sign,
            "signature": signer.signature(string_to_sign, request),
            "authorization": authorization,
        }


def escape(octets: bytes) -> str:
    return "".join(
        chr(c) if 0x20 <= c <= 0x7E and c != 0x5C else f"\\x{c:02x}" for c in octets
    )


def read_results(output: str) -> list[dict[str, str]]:
    return [
        dict(line.split(" ", 1) for line in block.split("\n"))
        for block in output.strip().split("\n\n")
    ]


def test_every_intermediate_is_botocores(monkeypatch: pytest.MonkeyPatch) -> None:
    seed = int(os.environ.get("SIGV4_SEED") or random.randrange(2**32))
    rng = random.Random(seed)
    requests = [Request(rng) for _ in range(COUNT)]
    process = subprocess.run(
        [Path(os.environ["ECR_UPSERTD"]).parents[1] / "tests/unit/sigv4_cli"],
        input="".join(r.case() for r in requests),
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    results = read_results(process.stdout)
    assert len(results) == COUNT
    for number, (request, ours) in enumerate(zip(requests, results)):
        theirs = request.botocore(monkeypatch)
        expected = {name: escape(text.encode()) for name, text in theirs.items()}
        assert ours == expected, f"SIGV4_SEED={seed}, request {number}: {request.case()}"
