"""STS on a free port of 127.0.0.1, with the little of ECR that `doctor` asks. Signatures are
verified; the keys handed out tell which role was assumed, by whom and how."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from urllib.parse import parse_qsl

from integration.fake_identity import Answer, Asked, Fake, iso
from sigv4 import Call, Identity, Refused, verify

ROLE = re.compile(r"arn:aws:iam::(?P<account>\d{12}):role/(?:[\w+=,.@-]+/)*(?P<name>[\w+=,.@-]+)")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
# What each chooses itself where the profile names no session.
OWN_SESSION_NAMES = ("botocore-session-", "ecr-upsertd")
XML = {"Content-Type": "text/xml"}
# The query protocol's names of what the JSON protocol calls …Exception.
CODES = {"InvalidSignatureException": "SignatureDoesNotMatch", "ExpiredTokenException":
         "ExpiredToken", "UnrecognizedClientException": "InvalidClientTokenId",
         "MissingAuthenticationTokenException": "MissingAuthenticationToken",
         "IncompleteSignatureException": "IncompleteSignature"}


class Invalid(Exception):
    """A ValidationError, or another code."""

    def __init__(self, message: str, code: str = "ValidationError", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def identity_of(access_key: str) -> Identity:
    """Everyone is known: secret and session token follow from the key's id, as in fake_identity."""
    name = access_key[4:]
    token = f"token-of-{name}" if access_key.startswith("ASIA") else None
    return Identity(access_key, f"secret-of-{name}", "111122223333",
                    f"arn:aws:iam::111122223333:user/{name}", f"AIDA{name}", token)


class Everyone(dict[str, Identity]):
    def get(self, key: str, default: object = None) -> Identity:    # type: ignore[override]
        return super().get(key) or identity_of(key)


def assumed(caller: str, role_arn: str, action: str = "AssumeRole", session: str = "",
            duration: str = "3600", external_id: str = "") -> str:
    """Name of the keys that this caller gets for a role: ASIA…, secret-of-…, token-of-…"""
    told_apart = "|".join([action, caller, role_arn, session, duration, external_id])
    return hashlib.sha256(told_apart.encode()).hexdigest()[:16].upper()


class FakeSts(Fake):
    """AWS_ENDPOINT_URL_STS=url, AWS_ENDPOINT_URL_ECR=url. The role named `denied` is for nobody,
    keys of the one named `expired` are so."""

    def __init__(self) -> None:
        super().__init__()
        self.known = Everyone()

    def answer(self, asked: Asked) -> Answer:
        try:
            operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
            if operation:
                return self._ecr(asked, operation)
            form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
            return {"GetCallerIdentity": self._caller, "AssumeRole": self._assume,
                    "AssumeRoleWithWebIdentity": self._assume_with_token,
                    }[form["Action"]](asked, form)
        except Refused as refused:
            return error(403, CODES[refused.code], refused.message)
        except Invalid as invalid:
            return error(invalid.status, invalid.code, str(invalid))

    def _signer(self, asked: Asked, service: str) -> Identity:
        call = Call(asked.method, asked.target, list(asked.headers.items()), asked.body)
        return verify(call, service, self.known, time.time()).identity

    def _ecr(self, asked: Asked, operation: str) -> Answer:
        """One repository, `old`, and no template."""
        signer = self._signer(asked, "ecr")
        if operation == "GetAuthorizationToken":
            return self._registry_token(signer)
        if operation == "DescribeRepositoryCreationTemplates":
            return Answer(200, {"repositoryCreationTemplates": []})
        if operation == "DescribeRepositories":
            return Answer(200, {"repositories": [{"repositoryName": "old"}]})
        kind = "AlreadyExists" if operation == "CreateRepository" else "NotFound"
        return Answer(400, {"__type": f"Repository{kind}Exception", "message": operation})

    @staticmethod
    def _registry_token(signer: Identity) -> Answer:
        token = base64.b64encode(f"AWS:{signer.access_key}".encode()).decode()
        return Answer(200, {"authorizationData": [
            {"authorizationToken": token, "expiresAt": time.time() + 43200}]})

    def _caller(self, asked: Asked, _: dict[str, str]) -> Answer:
        signer = self._signer(asked, "sts")
        return result("GetCallerIdentity", f"<Arn>{signer.arn}</Arn><UserId>{signer.user_id}"
                                           f"</UserId><Account>{signer.account}</Account>")

    def _assume(self, asked: Asked, form: dict[str, str]) -> Answer:
        if "SerialNumber" in form and form.get("TokenCode") is None:
            raise Invalid("MultiFactorAuthentication failed", "AccessDenied", 403)
        return self._hand_out("AssumeRole", form, self._signer(asked, "sts").access_key)

    def _assume_with_token(self, asked: Asked, form: dict[str, str]) -> Answer:
        if "authorization" in asked.headers:
            raise Invalid("this call is not signed")
        token = form.get("WebIdentityToken", "").strip()
        if not token.startswith("web-identity-"):
            raise Invalid("The ID Token provided is not a valid JWT.", "InvalidIdentityToken")
        return self._hand_out("AssumeRoleWithWebIdentity", form, token)

    def _hand_out(self, action: str, form: dict[str, str], caller: str) -> Answer:
        role = ROLE.fullmatch(form.get("RoleArn", ""))
        session = form.get("RoleSessionName", "")
        duration = form.get("DurationSeconds", "3600")
        if not role:
            raise Invalid(f"{form.get('RoleArn')} is invalid")
        if not SESSION_NAME.fullmatch(session):
            raise Invalid("Value at 'roleSessionName' failed to satisfy constraint")
        if not EXTERNAL_ID.fullmatch(form.get("ExternalId", "none")):
            raise Invalid("Value at 'externalId' failed to satisfy constraint")
        if not duration.isdigit() or not 900 <= int(duration) <= 43200:
            raise Invalid("Value at 'durationSeconds' failed to satisfy constraint")
        if role["name"] == "denied":
            raise Invalid("not authorized to perform: sts:AssumeRole", "AccessDenied", 403)
        chosen = "" if session.startswith(OWN_SESSION_NAMES) else session
        name = assumed(caller, form["RoleArn"], action, chosen, duration,
                       form.get("ExternalId", ""))
        arn = f"arn:aws:sts::{role['account']}:assumed-role/{role['name']}/{session}"
        self.known[f"ASIA{name}"] = Identity(
            f"ASIA{name}", f"secret-of-{name}", role["account"], arn, f"AROA{name}:{session}",
            f"token-of-{name}")
        lives_s = -60 if role["name"] == "expired" else int(duration)
        return result(action, f"""
            <AssumedRoleUser><AssumedRoleId>AROA{name}:{session}</AssumedRoleId><Arn>{arn}</Arn>
            </AssumedRoleUser><Credentials><AccessKeyId>ASIA{name}</AccessKeyId>
            <SecretAccessKey>secret-of-{name}</SecretAccessKey>
            <SessionToken>token-of-{name}</SessionToken>
            <Expiration>{iso(lives_s)}</Expiration></Credentials>""")


def result(action: str, inner: str) -> Answer:
    return Answer(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                       f"<{action}Result>{inner}</{action}Result></{action}Response>", XML)


def error(status: int, code: str, message: str) -> Answer:
    return Answer(status, '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
                          f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
                          "</Error></ErrorResponse>", XML)
