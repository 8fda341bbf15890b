"""Who signed an API call: AWS Signature Version 4, verified by botocore's own signer."""

import calendar
import hashlib
import hmac
import re
import time
from dataclasses import dataclass

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

WINDOW = 300  # seconds that a signature's date may be off, either way
TIME_FORMAT = "%Y%m%dT%H%M%SZ"

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[^/,\s]+)"
    r"/(?P<service>[^/,\s]+)/aws4_request,\s*SignedHeaders=(?P<signed>[^,\s]+)"
    r",\s*Signature=(?P<signature>[0-9a-f]{64})")


@dataclass(frozen=True)
class Identity:
    """A pair of keys that the sandbox knows. `expires`: epoch seconds, None for never."""
    access_key: str
    secret_key: str
    account: str
    arn: str
    user_id: str
    session_token: str | None = None
    expires: float | None = None


@dataclass(frozen=True)
class Caller:
    identity: Identity
    region: str
    service: str


class Refused(Exception):
    """An error as the AWS front door words it; `code` is the JSON protocol's name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Call:
    """What was received. Header names in lower case, as often as they came."""
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None


def verify(call: Call, service: str, identities: dict[str, Identity], now: float) -> Caller:
    found = _authorization(call)
    identity = _identity(call, identities.get(found["key"]), now)
    if found["service"] != service:
        raise Refused("InvalidSignatureException",
                      f"Credential should be scoped to correct service: '{service}'.")
    stamp = _date(call, found["day"], now)
    signed = found["signed"].split(";")
    _required(call, signed)
    if not hmac.compare_digest(_signature(call, identity, found, stamp, signed),
                               found["signature"]):
        raise Refused("InvalidSignatureException",
                      "The request signature we calculated does not match the signature you"
                      " provided. Check your AWS Secret Access Key and signing method. Consult"
                      " the service documentation for details.")
    return Caller(identity, found["region"], service)


def _authorization(call: Call) -> dict[str, str]:
    header = call.header("authorization")
    if not header:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    found = AUTHORIZATION.fullmatch(header.strip())
    if not found:
        raise Refused("IncompleteSignatureException",
                      "Authorization header requires 'Credential', 'SignedHeaders' and"
                      " 'Signature' parameters of AWS4-HMAC-SHA256.")
    return found.groupdict()


def _identity(call: Call, identity: Identity | None, now: float) -> Identity:
    token = call.header("x-amz-security-token")
    if identity is None or token != identity.session_token:
        raise Refused("UnrecognizedClientException",
                      "The security token included in the request is invalid.")
    if identity.expires is not None and now >= identity.expires:
        raise Refused("ExpiredTokenException",
                      "The security token included in the request is expired")
    return identity


def _date(call: Call, day: str, now: float) -> str:
    stamp = call.header("x-amz-date") or ""
    try:
        signed_at = calendar.timegm(time.strptime(stamp, TIME_FORMAT))
    except ValueError:
        raise Refused("IncompleteSignatureException",
                      f"Date must be in ISO-8601 'basic format'. Got '{stamp}'.") from None
    if stamp[:8] != day:
        raise Refused("InvalidSignatureException",
                      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of"
                      f" date from HTTP: '{day}' != '{stamp[:8]}', from '{stamp}'.")
    here = _stamp(now)
    if signed_at < now - WINDOW:
        raise Refused("InvalidSignatureException",
                      f"Signature expired: {stamp} is now earlier than {_stamp(now - WINDOW)}"
                      f" ({here} - 5 min.)")
    if signed_at > now + WINDOW:
        raise Refused("InvalidSignatureException",
                      f"Signature not yet current: {stamp} is still later than"
                      f" {_stamp(now + WINDOW)} ({here} + 5 min.)")
    return stamp


def _stamp(when: float) -> str:
    return time.strftime(TIME_FORMAT, time.gmtime(when))


def _required(call: Call, signed: list[str]) -> None:
    """AWS wants host and every x-amz-* header that was sent to be covered by the signature."""
    present = {name for name, _ in call.headers if name.startswith("x-amz-")} | {"host"}
    missing = sorted(present - set(signed))
    if missing:
        raise Refused("InvalidSignatureException",
                      f"'{missing[0]}' must be a 'SignedHeader' in the AWS Authorization.")
    if signed != sorted(signed):
        raise Refused("InvalidSignatureException", "SignedHeaders must be in order.")
    claimed = call.header("x-amz-content-sha256")
    if claimed and claimed != hashlib.sha256(call.body).hexdigest():
        raise Refused("InvalidSignatureException",
                      "The value of x-amz-content-sha256 does not match the body.")


def _signature(call: Call, identity: Identity, found: dict[str, str], stamp: str,
               signed: list[str]) -> str:
    host = call.header("host") or ""
    request = AWSRequest(method=call.method, url=f"http://{host}{call.target}", data=call.body)
    for name, value in call.headers:
        if name in signed:
            request.headers.add_header(name, value)
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(identity.access_key, identity.secret_key),
                       found["service"], found["region"])
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)),
                            request)
