"""Answers as AWS words them: JSON 1.1 for ECR, XML for STS."""

import json
import uuid
from typing import Any
from xml.sax.saxutils import escape

import names
from wire import Answer

XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"

# The JSON protocol's names in STS's XML
STS_CODES = {"UnrecognizedClientException": ("InvalidClientTokenId", 403),
             "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
             "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
             "IncompleteSignatureException": ("IncompleteSignature", 400),
             "ExpiredTokenException": ("ExpiredToken", 403),
             "AccessDeniedException": ("AccessDenied", 403),
             "ThrottlingException": ("Throttling", 400)}


def name_message(name: str) -> str:
    if len(name) < 2 or len(name) > 256:
        bound = ("greater than or equal to 2" if len(name) < 2 else "less than or equal to 256")
        return ("Invalid parameter at 'repositoryName' failed to satisfy constraint:"
                f" 'Member must have length {bound}'")
    return ("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy"
            f" regular expression '{names.NAME_PATTERN}''")


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/x-amz-json-1.1"},
                  json.dumps(value).encode())


def error(code: str, message: str, status: int = 400) -> Answer:
    answer = json_answer({"__type": code, "message": message}, status)
    answer.headers["x-amzn-ErrorType"] = code
    return answer


def xml_answer(operation: str, result: str) -> Answer:
    text = (f'<{operation}Response xmlns="{XMLNS}"><{operation}Result>{result}'
            f"</{operation}Result><ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId>"
            f"</ResponseMetadata></{operation}Response>")
    return Answer(200, {"Content-Type": "text/xml"}, text.encode())


def sts_error(answer: Answer) -> Answer:
    """A JSON error in STS's XML; what is XML already stays."""
    if not answer.headers.get("x-amzn-ErrorType") or not isinstance(answer.body, bytes):
        return answer
    body = json.loads(answer.body)
    code, status = STS_CODES.get(body["__type"], (body["__type"], answer.status))
    text = (f'<ErrorResponse xmlns="{XMLNS}"><Error><Type>Sender</Type><Code>{code}</Code>'
            f"<Message>{escape(body['message'])}</Message></Error>"
            f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>")
    return Answer(status, {"Content-Type": "text/xml"}, text.encode())
