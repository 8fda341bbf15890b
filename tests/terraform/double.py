"""AWS on this machine: moto behind a socket of its own, with every call noted as it came in, and
with the few operations that moto does not have."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, unquote

import boto3
import botocore.session
from moto.core.base_backend import BackendDict
from moto.logs.models import logs_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs.models import Queue
from werkzeug.serving import WSGIRequestHandler, make_server

ACCOUNT = "123456789012"
# The services that tell the operation by method and path only.
REST = ("lambda", "s3")
SIGNED_AS = {"monitoring": "cloudwatch"}
Answer = tuple[int, dict[str, Any]]


_set_attributes = Queue._set_attributes


def _keeping_policy(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    """moto 5.2.1 forgets a queue's policy whenever another attribute is set."""
    _set_attributes(queue, {"Policy": getattr(queue, "policy", None), **attributes}, now)


Queue._set_attributes = _keeping_policy


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    region: str
    parameters: dict[str, Any]
    status: int


class _Paths:
    """Finds a REST service's operation as botocore's model describes it."""

    def __init__(self, service: str) -> None:
        model = botocore.session.get_session().get_service_model(service)
        self.known = []
        for name in model.operation_names:
            if model.operation_model(name).deprecated:
                continue
            http = model.operation_model(name).http
            path, _, query = http["requestUri"].partition("?")
            label = re.sub(
                r"\\{(\w+)(\\\+)?\\}",
                lambda one: f"(?P<{one[1]}>{'.+' if one[2] else '[^/]+'})",
                re.escape(path.rstrip("/")))
            keys = {one.partition("=")[0] for one in query.split("&")} - {""}
            self.known.append((http["method"], re.compile(label), keys, name))
        # The most telling first: with more of the query, with fewer labels.
        self.known.sort(key=lambda one: (-len(one[2]), one[1].groups))

    def find(self, method: str, path: str, query: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        for known_method, pattern, keys, name in self.known:
            found = pattern.fullmatch(path.rstrip("/"))
            if found and known_method == method and keys <= set(query):
                labels = {key: unquote(value) for key, value in found.groupdict().items()}
                return name, {**labels, **{key: value[0] for key, value in query.items()}}
        return f"{method} {path}", {}


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        pass


class Double:
    """Use as a context; `reset` forgets everything."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._paths = {service: _Paths(service) for service in REST}
        self._lock = threading.Lock()
        self._own: dict[str, Callable[[str, str, dict[str, Any]], Answer]] = {
            "AssociateKmsKey": self._log_key, "DisassociateKmsKey": self._log_key,
            "DescribeRepositoryCreationTemplates": self._templates_found,
            **{f"{verb}RepositoryCreationTemplate": self._template
               for verb in ("Create", "Update", "Delete")}}
        self.calls: list[Call] = []
        self.templates: dict[tuple[str, str], dict[str, Any]] = {}
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True,
                                   request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reset(self) -> None:
        with self._lock:
            self.calls.clear()
            self.templates.clear()
            for backends in list(BackendDict._instances):
                backends.reset()

    def env(self, region: str) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": region, "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}

    def client(self, service: str, region: str, account: str = ACCOUNT) -> Any:
        """The keys of another account than the double's own are those of a role in it."""
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        if account != ACCOUNT:
            given = self.client("sts", region).assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/test", RoleSessionName="test")["Credentials"]
            keys = {"aws_access_key_id": given["AccessKeyId"],
                    "aws_secret_access_key": given["SecretAccessKey"],
                    "aws_session_token": given["SessionToken"]}
        return boto3.client(service, region_name=region, endpoint_url=self.url, **keys)

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/",
                          environ.get("HTTP_AUTHORIZATION", ""))
        region, service = scope.groups() if scope else ("", "")
        service = SIGNED_AS.get(service, service)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        operation, parameters = self._read(service, environ, body)
        if operation in self._own:
            status, answer = self._own[operation](region, operation, parameters)
            self._note(service, operation, region, parameters, status)
            body = json.dumps(answer).encode()
            start(f"{status} {operation}", [("Content-Type", "application/x-amz-json-1.1"),
                                            ("Content-Length", str(len(body)))])
            return [body]

        def noting_start(line: str, headers: Any, info: Any = None) -> Any:
            self._note(service, operation, region, parameters, int(line.split()[0]))
            return start(line, headers, info)

        environ["wsgi.input"] = io.BytesIO(body)
        with self._lock:    # moto is not made for two at a time
            return list(self._moto(environ, noting_start))

    def _note(self, service: str, operation: str, region: str, parameters: dict[str, Any],
              status: int) -> None:
        self.calls.append(Call(service, operation, region, parameters, status))

    def _read(self, service: str, environ: dict[str, Any],
              body: bytes) -> tuple[str, dict[str, Any]]:
        target = environ.get("HTTP_X_AMZ_TARGET")
        if target:
            return target.rpartition(".")[2], json.loads(body or b"{}")
        path = environ["PATH_INFO"]
        if service in self._paths:
            query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            operation, found = self._paths[service].find(environ["REQUEST_METHOD"], path, query)
            if service == "lambda" and body.startswith(b"{"):
                found = {**json.loads(body), **found}
            if operation == "PutBucketPolicy":
                found["Policy"] = body.decode()
            return operation, found
        found = re.fullmatch(r"/service/\w+/operation/(\w+)", path)    # CBOR
        if found:
            return found[1], {}
        form = {key: value[0] for key, value in parse_qs(body.decode("latin-1")).items()}
        return form.pop("Action", "?"), form

    def _log_key(self, region: str, operation: str, given: dict[str, Any]) -> Answer:
        group = logs_backends[ACCOUNT][region].groups[given["logGroupName"]]
        group.kms_key_id = given.get("kmsKeyId")
        return 200, {}

    def _templates_found(self, region: str, operation: str, given: dict[str, Any]) -> Answer:
        found = [one for (where, prefix), one in sorted(self.templates.items())
                 if where == region and prefix in given.get("prefixes", [prefix])]
        return 200, {"registryId": ACCOUNT, "repositoryCreationTemplates": found}

    def _template(self, region: str, operation: str, given: dict[str, Any]) -> Answer:
        key = (region, given["prefix"])
        if (key in self.templates) == operation.startswith("Create"):
            kind = "AlreadyExists" if key in self.templates else "NotFound"
            return 400, {"__type": f"Template{kind}Exception"}
        made = self.templates.pop(key, {})
        if not operation.startswith("Delete"):
            self.templates[key] = made = dict(given)
        return 200, {"registryId": ACCOUNT, "repositoryCreationTemplate": made}
