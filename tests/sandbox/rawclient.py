"""A registry client for the tests that hides nothing: one request, one answer."""

import base64
import hashlib
import http.client
import json
import socket
import ssl
import time
from typing import Any, Iterable
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

TARGET = "AmazonEC2ContainerRegistry_V20150921."


def aws(sandbox: Any, service: str, region: str = "eu-west-1", **keys: str) -> Any:
    """A boto3 client of the sandbox that never retries."""
    env = sandbox.env()
    keys = keys or {"aws_access_key_id": env["AWS_ACCESS_KEY_ID"],
                    "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"]}
    return boto3.client(service, region_name=region,
                        config=Config(retries={"total_max_attempts": 1}),
                        endpoint_url=env[f"AWS_ENDPOINT_URL_{service.upper()}"], **keys)


def token_of(sandbox: Any, region: str = "eu-west-1") -> str:
    data = aws(sandbox, "ecr", region).get_authorization_token()["authorizationData"][0]
    return data["authorizationToken"]


def signed(sandbox, operation="DescribeRepositories", body=b"{}", at=None, **keys):
    """Headers of a call of the ECR API, signed as botocore signs, with knobs to do it wrong."""
    env = sandbox.env()
    request = AWSRequest("POST", env["AWS_ENDPOINT_URL_ECR"] + "/", {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation}, body)
    signer = SigV4Auth(Credentials(
        keys.get("key", env["AWS_ACCESS_KEY_ID"]), keys.get("secret", env["AWS_SECRET_ACCESS_KEY"]),
        keys.get("token")), keys.get("service", "ecr"), "eu-west-1")
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at or time.time()))
    request.context["timestamp"] = stamp
    request.headers["X-Amz-Date"] = stamp
    if keys.get("token"):
        request.headers["X-Amz-Security-Token"] = keys["token"]
    text = signer.canonical_request(request)
    signer._inject_signature_to_request(
        request, signer.signature(signer.string_to_sign(request, text), request))
    return dict(request.headers.items())


class Answer:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    def error(self) -> dict[str, str]:
        """The one error of an OCI error body."""
        [error] = json.loads(self.body)["errors"]
        return error


class Client:
    """One connection at a time to the registry, as `host`."""

    def __init__(self, sandbox: Any, host: str | None = None) -> None:
        self.host = host or sandbox.host
        self.authorization: str | None = None
        self._sandbox = sandbox
        self._connection: http.client.HTTPConnection | None = None

    def sign_in(self, region: str = "eu-west-1") -> None:
        self.authorization = "Basic " + token_of(self._sandbox, region)

    def socket(self) -> socket.socket:
        """A connected one, TLS done: for bytes that http.client would not send."""
        where = urlsplit(self._sandbox.endpoint)
        plain = socket.create_connection((where.hostname, where.port), 20)
        if where.scheme == "http":
            return plain
        context = ssl.create_default_context(cafile=self._sandbox.ca_file)
        return context.wrap_socket(plain, server_hostname=self.host)

    def request(self, method: str, path: str, body: bytes | Iterable[bytes] | None = None,
                headers: dict[str, str] | None = None, chunked: bool = False) -> Answer:
        if self._connection is None:
            connected = self.socket()
            self._connection = http.client.HTTPConnection(self.host)
            self._connection.sock = connected
        sent = {"Host": self.host, **(headers or {})}
        if self.authorization and "Authorization" not in sent:
            sent["Authorization"] = self.authorization
        try:
            self._connection.request(method, path, body, sent, encode_chunked=chunked)
            answer = self._connection.getresponse()
            whole = Answer(answer)
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.will_close:
            self.close()
        return whole

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # a push, step by step

    def local(self, location: str) -> str:
        """A Location's path; it must be absolute and name this very registry."""
        parts = urlsplit(location)
        assert (parts.scheme, parts.netloc) == ("https", self.host), location
        return location.removeprefix(f"https://{self.host}")

    def start(self, name: str, query: str = "") -> str:
        answer = self.request("POST", f"/v2/{name}/blobs/uploads/{query}", b"")
        assert answer.status == 202, answer.body
        return self.local(answer.headers["Location"])

    def push_blob(self, name: str, data: bytes) -> str:
        digest = digest_of(data)
        answer = self.request("PUT", f"{self.start(name)}?digest={digest}", data)
        assert answer.status == 201, answer.body
        return digest

    def push_image(self, name: str, tag: str, layer: bytes = b"layer") -> Answer:
        """A whole image of one layer; the answer to its manifest."""
        config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
        body = manifest(config, layer)
        self.push_blob(name, layer)
        self.push_blob(name, config)
        return self.put_manifest(name, tag, body)

    def put_manifest(self, name: str, reference: str, body: bytes) -> Answer:
        return self.request("PUT", f"/v2/{name}/manifests/{reference}", body,
                            {"Content-Type": "application/vnd.oci.image.manifest.v1+json"})


def manifest(config: bytes, layer: bytes, **more: Any) -> bytes:
    prefix = "application/vnd.oci.image."
    return json.dumps({
        "schemaVersion": 2, "mediaType": prefix + "manifest.v1+json",
        "config": descriptor(prefix + "config.v1+json", config),
        "layers": [descriptor(prefix + "layer.v1.tar", layer)], **more}).encode()


def descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def password_of(token: str) -> str:
    return base64.b64decode(token).decode().removeprefix("AWS:")
