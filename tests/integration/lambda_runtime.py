"""The runtime API of AWS Lambda, and a function that runs against it.

    with Function(sandbox.env(), config={…}) as function:
        answer = function.invoke(push_event("team/app"))
        assert answer.ok and answer.body == {"result": "created"}
        assert function.metrics()["Created"] == 1

`next` blocks until there is an invocation; each is answered once (202, then 400), and the answers
are kept. What Lambda does with a failed one, deliver it again, is the caller's to do."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from integration.daemon import BINARY, REPORT, SANITIZERS
from integration.waiting import wait_for

API = "/2018-06-01/runtime"
ACCOUNT, REGION = "123456789012", "eu-west-1"


@dataclass
class Answer:
    """What the function said: `ok` for a response; else the error and its type."""
    ok: bool
    body: Any
    error_type: str | None = None


@dataclass
class Invocation:
    body: bytes
    deadline_s: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: "queue.Queue[Answer]" = field(default_factory=queue.Queue)


class RuntimeApi(ThreadingHTTPServer):
    """`faults`: what the next calls get instead, in order: "reset", or a status."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.waiting: queue.Queue[Invocation] = queue.Queue()
        self.open: dict[str, Invocation] = {}
        self.init_errors: list[Answer] = []
        self.faults: list[str | int] = []
        self.answered: Counter[str] = Counter()
        self.asked = 0
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """A function that was killed hangs up."""


class Handler(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != f"{API}/invocation/next":
            return self._send(404)
        self.server.asked += 1
        if self._fault():
            return None
        while not self.server.over.is_set():
            try:
                invocation = self.server.waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            self.server.open[invocation.id] = invocation
            return self._send(200, invocation.body, {
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.deadline_s) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn":
                    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ecr-upsertd",
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"})
        return None

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._fault():
            return
        error_type = self.headers.get("Lambda-Runtime-Function-Error-Type")
        if self.path == f"{API}/init/error":
            self.server.init_errors.append(Answer(False, json.loads(text), error_type))
            return self._send(202)
        _, _, rest = self.path.partition("/invocation/")
        id, _, what = rest.partition("/")
        invocation = self.server.open.pop(id, None)
        if what not in ("response", "error") or invocation is None:
            return self._send(400)
        self.server.answered[what] += 1
        self._send(202)
        invocation.answer.put(Answer(what == "response", json.loads(text), error_type))

    def _fault(self) -> bool:
        if not self.server.faults:
            return False
        fault = self.server.faults.pop(0)
        if fault == "reset":
            self.close_connection = True
            self.connection.close()
        else:
            self._send(int(fault))
        return True

    def _send(self, status: int, body: bytes = b"", headers: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Function:
    """One execution environment. `config` is what stands in its package's ecr-upsertd.json; a
    text is written as it is, None leaves none there. `command` runs it in another way."""

    def __init__(self, env: Mapping[str, str], *, config: dict[str, Any] | str | None = None,
                 arguments: Sequence[str] = (), api: RuntimeApi | None = None,
                 command: Sequence[str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ecr-upsertd-lambda-")
        self.root = Path(self._folder.name)
        if config is not None:
            text = config if isinstance(config, str) else json.dumps(config)
            (self.root / "ecr-upsertd.json").write_text(text)
        self.api = api or RuntimeApi()
        self._own_api = api is None
        self._env = {**SANITIZERS, "LAMBDA_TASK_ROOT": str(self.root),
                     "AWS_LAMBDA_RUNTIME_API": self.api.address,
                     "AWS_LAMBDA_FUNCTION_NAME": "ecr-upsertd", **env}
        self._arguments = list(arguments)
        self._command = command
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> "Function":
        name, program = ["bootstrap"], str(BINARY)
        if self._arguments:
            name = [program, "lambda", *self._arguments]
        if self._command:
            name, program = list(self._command), self._command[0]
        with (self.root / "log").open("wb") as log, (self.root / "out").open("wb") as out:
            self.child = subprocess.Popen(name, executable=program, env=self._env, stdout=out,
                                          stderr=log, stdin=subprocess.DEVNULL)
        return self

    def __enter__(self) -> "Function":
        return self.start()

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None and self.is_alive():
                assert self.stop() == 0, self.log()
            assert failure or not REPORT.search(self.log()), self.log()
        finally:
            self.kill()
            if self._own_api:
                self.api.close()
            self._folder.cleanup()

    # life

    def is_alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def stop(self) -> int:
        assert self.child is not None
        self.child.terminate()
        return self.child.wait(30)

    def wait(self, timeout: float = 30) -> int:
        assert self.child is not None
        return self.child.wait(timeout)

    def kill(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    # invocations

    def begin(self, event: Any, deadline_s: float = 20) -> Invocation:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        invocation = Invocation(body, deadline_s)
        self.api.waiting.put(invocation)
        return invocation

    def invoke(self, event: Any, deadline_s: float = 20) -> Answer:
        """The answer; an error of Lambda's own, here a failure, when none comes in time."""
        invocation = self.begin(event, deadline_s)
        try:
            return invocation.answer.get(timeout=max(deadline_s, 0) + 15)
        except queue.Empty:
            raise AssertionError(f"no answer in time\n{self.log()}") from None

    # what it wrote

    def log(self) -> str:
        return (self.root / "log").read_text(errors="replace")

    def lines(self, **wanted: Any) -> list[dict[str, Any]]:
        """Log lines whose fields equal all of `wanted`."""
        found = [json.loads(line) for line in self.log().splitlines()]
        return [one for one in found if all(one.get(key) == value for key, value in wanted.items())]

    def metrics(self) -> Counter[str]:
        """Sums by metric, and by metric and reason: Failed, Failed/AccessDenied."""
        sums: Counter[str] = Counter()
        for line in (self.root / "out").read_text().splitlines():
            one = json.loads(line)
            directive = one["_aws"]["CloudWatchMetrics"][0]
            assert directive["Namespace"] == "ecr-upsertd"
            for dimensions in directive["Dimensions"]:
                values = [one[name] for name in dimensions]
                assert values[0] == "ecr-upsertd"
                for metric in directive["Metrics"]:
                    sums["/".join([metric["Name"], *values[1:]])] += one[metric["Name"]]
        return sums

    def rss(self) -> int:
        assert self.child is not None
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s*(\d+)", status, re.M)
        assert found
        return int(found[1]) * 1024

    def cpu_s(self) -> float:
        assert self.child is not None
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def await_next(self) -> None:
        """Until it has asked for an invocation."""
        wait_for("the function's first next", lambda: self.api.asked or not self.is_alive(), 30)


def push_event(repository: Any, *, account: str = ACCOUNT, region: str = REGION,
               event_name: str = "InitiateLayerUpload", user: str = "dev",
               registry_id: Any = ...) -> dict[str, Any]:
    """What EventBridge hands over when a push of `repository` found none."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "version": "0", "id": str(uuid.uuid4()), "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ecr", "account": account, "time": now, "region": region, "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole", "principalId": f"AROAEXAMPLE:{user}",
                "arn": f"arn:aws:sts::{account}:assumed-role/Dev/{user}", "accountId": account,
                "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "Dev"}},
                "invokedBy": "ecr.amazonaws.com"},
            "eventTime": now, "eventSource": "ecr.amazonaws.com", "eventName": event_name,
            "awsRegion": region, "sourceIPAddress": "ecr.amazonaws.com",
            "userAgent": "ecr.amazonaws.com", "errorCode": "RepositoryNotFoundException",
            "errorMessage": f"The repository with name '{repository}' does not exist in the"
                            f" registry with id '{account}'",
            "requestParameters": {
                "registryId": account if registry_id is ... else registry_id,
                "repositoryName": repository},
            "responseElements": None, "requestID": str(uuid.uuid4()),
            "eventID": str(uuid.uuid4()), "readOnly": False, "eventType": "AwsApiCall",
            "managementEvent": True, "recipientAccountId": account,
            "eventCategory": "Management"}}


def batch(*events: Any, ids: Sequence[Any] | None = None) -> dict[str, Any]:
    """The events as an SQS batch, whose messages are m0, m1, …"""
    return {"Records": [
        {"messageId": ids[number] if ids else f"m{number}", "receiptHandle": "x",
         "body": event if isinstance(event, str) else json.dumps(event),
         "attributes": {"ApproximateReceiveCount": "1"}, "eventSource": "aws:sqs",
         "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:ecr-upsertd", "awsRegion": REGION}
        for number, event in enumerate(events)]}
