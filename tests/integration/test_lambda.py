"""The function in AWS Lambda: what it does with each kind of event, and what it answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integration.daemon import sanitizers
from integration.lambda_runtime import Function, RuntimeApi, batch, push_event
from integration.registry import creations
from sandbox import Sandbox

LIFECYCLE = {"rules": [{"rulePriority": 1, "action": {"type": "expire"},
                        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan",
                                      "countNumber": 3}}]}
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}
RULES = {"create": {"max_per_hour": 100_000}, "rules": [
    {"name": "closed", "match": "prod/**", "action": "deny", "reason": "ask platform@"},
    {"name": "cloud", "match": "cloud/**", "action": "wait",
     "settings": {"image_tag_mutability": "MUTABLE"}},
    {"name": "owing", "match": "owing/**", "settings": {
        "tags": {"owner": "${user}"}, "lifecycle_policy": LIFECYCLE,
        "repository_policy": POLICY}}]}
DONE = {"PutLifecyclePolicy", "SetRepositoryPolicy", "UntagResource"}


@pytest.fixture(scope="module")
def running_function(running_sandbox: Sandbox) -> Iterator[Function]:
    with Function(running_sandbox.env(), config=RULES) as function:
        yield function


@pytest.fixture
def function(running_function: Function, sandbox: Sandbox) -> Iterator[Function]:
    """The module's function; it lives through every event."""
    yield running_function
    assert running_function.is_alive(), running_function.log()


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Callable[..., Function]]:
    """Starts a function of the test's own."""
    started: list[Function] = []

    def begin(env: dict[str, str] | None = None, **more: Any) -> Function:
        function = Function({**sandbox.env(), **(env or {})}, **more)
        started.append(function.start())
        return function

    yield begin
    sandbox.clear_faults()
    for function in started:
        function.__exit__(None)


def tags(sandbox: Sandbox, name: str) -> dict[str, str]:
    found = sandbox.describe(name)
    assert found is not None
    answer = sandbox.call("ListTagsForResource", resourceArn=found["repositoryArn"])
    return {tag["Key"]: tag["Value"] for tag in answer["tags"]}


def done(sandbox: Sandbox, name: str) -> list[str]:
    """The calls that changed the repository."""
    return [call["operation"] for call in sandbox.calls(status=200)
            if call["operation"] in DONE and name in json.dumps(call["arguments"])]


# what is ours

@pytest.mark.parametrize("event_name", ["InitiateLayerUpload", "PutImage"])
def test_a_push_creates(function: Function, sandbox: Sandbox, name: str, event_name: str) -> None:
    event = push_event(name, event_name=event_name)
    before = function.metrics()["Created"]

    answer = function.invoke(event)

    assert answer.ok and answer.body == {"result": "created"}
    repository = sandbox.describe(name)
    assert repository and repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert function.metrics()["Created"] == before + 1
    line, = function.lines(repository=name)
    assert line["result"] == "created" and line["event_id"] == event["id"]
    assert line["registry"] == sandbox.host and line["user"] == "dev"
    assert line["request_id"] and name in line["message"]


def test_with_all_that_the_rule_says(function: Function, sandbox: Sandbox, name: str) -> None:
    name = f"owing/{name}"
    assert function.invoke(push_event(name, user="alice")).ok

    assert done(sandbox, name) == ["PutLifecyclePolicy", "SetRepositoryPolicy", "UntagResource"]
    assert tags(sandbox, name) == {"owner": "alice"}
    text = sandbox.call("GetLifecyclePolicy", repositoryName=name)["lifecyclePolicyText"]
    assert json.loads(text) == LIFECYCLE


def test_wait_is_for_others(function: Function, sandbox: Sandbox, name: str) -> None:
    """The rule leaves the name to the cloud side: that is the function."""
    assert function.invoke(push_event(f"cloud/{name}")).body == {"result": "created"}
    repository = sandbox.describe(f"cloud/{name}")
    assert repository and repository["imageTagMutability"] == "MUTABLE"


def test_the_event_says_where(function: Function, sandbox: Sandbox, name: str) -> None:
    assert function.invoke(push_event(name, region="us-east-1")).ok
    assert sandbox.describe(name) is None
    assert sandbox.describe(name, region="us-east-1")


def test_twice(function: Function, sandbox: Sandbox, name: str) -> None:
    event = push_event(name)
    answers = [function.invoke(event), function.invoke(event), function.invoke(push_event(name))]
    assert [one.body for one in answers] == [
        {"result": "created"}, {"result": "exists"}, {"result": "exists"}]


def test_two_functions_at_once(start: Callable[..., Function], sandbox: Sandbox,
                               name: str) -> None:
    name = f"owing/{name}"
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.3)
    functions = [start(config=RULES) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.invoke(push_event(name)), functions))
    assert sorted(one.body["result"] for one in answers) == ["created", "exists"]
    assert len(done(sandbox, name)) == 3
    assert tags(sandbox, name) == {"owner": "dev"}


# what is not

def test_denied(function: Function, sandbox: Sandbox, name: str) -> None:
    before = function.metrics()
    answer = function.invoke(push_event(f"prod/{name}"))
    assert answer.ok and answer.body == {"result": "denied"}
    assert sandbox.calls() == []
    after = function.metrics()
    assert after["Denied"] == after["Denied/Rule"] == before["Denied"] + 1
    line, = function.lines(repository=f"prod/{name}")
    assert line["rule"] == "closed" and "ask platform@" in line["message"]


def changed(path: str, value: Any, name: str = "it/changed") -> dict[str, Any]:
    """A push's event with another value, or with `...` without one, at this place."""
    event = push_event(name)
    *way, last = path.split(".")
    at = event
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return event


NEEDED = ["account", "detail", "detail.eventSource", "detail.eventName", "detail.errorCode",
          "detail.requestParameters", "detail.requestParameters.repositoryName"]
WRONG: list[Any] = [None, 7, -1.5e300, True, "x", "", [], {}, [{"a": None}], ...]
NOT_OURS = [*((path, value) for path in NEEDED for value in WRONG),
            *(("source", value) for value in (7, "aws.s3", [], {})),
            *(("detail-type", value) for value in (7, "ECR Image Action", [])),
            *(("detail.awsRegion", value) for value in (7, "x", "", "eu west-1", [], {})),
            *(("detail.requestParameters.registryId", value)
              for value in (7, "210987654321", "", [], {})),
            ("account", "12345678901"), ("account", "12345678901a"),
            ("detail.eventName", "BatchGetImage"), ("detail.eventName", "DescribeImages"),
            ("detail.eventName", "GetDownloadUrlForLayer"),
            ("detail.eventName", "BatchCheckLayerAvailability"),
            ("detail.eventName", "UploadLayerPart"), ("detail.errorCode", "AccessDenied"),
            ("detail.eventSource", "ecr-public.amazonaws.com")]


def test_what_is_not_ours(function: Function, sandbox: Sandbox) -> None:
    for path, value in NOT_OURS:
        answer = function.invoke(changed(path, value))
        assert answer.ok and answer.body == {"result": "ignored"}, (path, value)
    assert sandbox.calls() == []


@pytest.mark.parametrize("path,value", [
    ("id", ...), ("id", 7), ("time", ...), ("detail.userIdentity", ...),
    ("detail.userIdentity", [1]), ("detail.userIdentity.arn", {}), ("source", ...),
    ("detail-type", ...), ("detail.awsRegion", ...), ("region", 7), ("detail.eventTime", []),
    ("detail.requestParameters.registryId", ...), ("detail.requestParameters.registryId", None),
    ("detail.requestID", 7), ("resources", "x"), ("detail.responseElements", 1)])
def test_what_may_be_missing(function: Function, sandbox: Sandbox, name: str, path: str,
                             value: Any) -> None:
    assert function.invoke(changed(path, value, name)).body == {"result": "created"}
    assert sandbox.describe(name)


@pytest.mark.parametrize("bad", ["a", "A/b", "/a", "a/", "a..b", "a b", "x" * 257, "a\nb", "é",
                                 "a\x00b", "../../etc", "a/b:1"])
def test_names_that_cannot_be(function: Function, sandbox: Sandbox, bad: str) -> None:
    assert function.invoke(push_event(bad)).body == {"result": "ignored"}
    assert sandbox.calls() == []


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b"7", b'"x"', b"[{}]",
                                  b'{"Records": 7}', b'{"Records": {}}',
                                  b'{"detail": [[[]]]}'])
def test_other_json(function: Function, body: bytes) -> None:
    assert function.invoke(body).body == {"result": "ignored"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"not json", b"{}{}", b"[" * 100_000,
                                  b'{"detail": "\\ud800"}', b"\x00" * 64])
def test_no_json(function: Function, body: bytes) -> None:
    before = function.metrics()["Failed/NotJson"]
    answer = function.invoke(body)
    assert not answer.ok and answer.error_type == "EcrUpsertd.NotJson"
    assert answer.body["errorType"] == "EcrUpsertd.NotJson" and answer.body["errorMessage"]
    assert function.metrics()["Failed/NotJson"] == before + 1


def test_ten_megabytes(function: Function, name: str) -> None:
    event = push_event(name)
    event["pad"] = "x" * (10 * 1024 * 1024)
    answer = function.invoke(event)
    assert not answer.ok and "larger" in answer.body["errorMessage"]
    assert function.invoke(push_event(name)).ok
    assert sanitizers() or function.rss() < 40 * 1024 * 1024


# what may succeed later

FAULTS = [("throttle", {}, "Unavailable"), ("server_error", {}, "Unavailable"),
          ("access_denied", {}, "AccessDenied"), ("limit_exceeded", {}, "LimitExceeded"),
          ("expired_credentials", {}, "NoCredentials"), ("close", {}, "Unavailable"),
          ("garbage", {"body": "<html>", "status": 200}, "Unavailable"),
          ("error", {"code": "InvalidParameterException", "message": "no", "status": 400},
           "Invalid")]


@pytest.mark.parametrize("kind,options,reason", FAULTS)
def test_what_lambda_delivers_again(function: Function, sandbox: Sandbox, name: str, kind: str,
                                    options: dict[str, Any], reason: str) -> None:
    event = push_event(name)
    fault = sandbox.set_fault("api", kind, operation="CreateRepository", **options)
    before = function.metrics()
    start = time.monotonic()

    answer = function.invoke(event, deadline_s=2)

    assert not answer.ok and answer.error_type == f"EcrUpsertd.{reason}", answer
    assert time.monotonic() - start < 2
    assert function.metrics()[f"Failed/{reason}"] == before[f"Failed/{reason}"] + 1
    assert function.metrics()["Failed"] == before["Failed"] + 1
    line, = function.lines(repository=name, result="failed")
    assert line["reason"] == reason and line["level"] == "error"

    sandbox.clear_faults(fault)    # somebody has put it right
    assert function.invoke(event).body == {"result": "created"}


def test_throttled_for_a_while(function: Function, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "throttle", operation="CreateRepository", count=3)
    assert function.invoke(push_event(name)).body == {"result": "created"}
    assert len(creations(sandbox, name)) == 4


@pytest.mark.parametrize("deadline_s", [-5, 0, 0.2])
def test_no_time_is_left(function: Function, sandbox: Sandbox, name: str,
                         deadline_s: float) -> None:
    answer = function.invoke(push_event(name), deadline_s=deadline_s)
    assert answer.error_type == "EcrUpsertd.Timeout"
    assert sandbox.calls() == []


def test_the_budget(start: Callable[..., Function], sandbox: Sandbox, name: str) -> None:
    function = start(config={"create": {"max_per_hour": 2}})
    results = [function.invoke(push_event(f"{name}/{i}")) for i in range(3)]
    assert [one.ok for one in results] == [True, True, False]
    assert results[2].error_type == "EcrUpsertd.Budget"
    # what exists costs none of it
    assert not function.invoke(push_event(f"{name}/3")).ok
    assert len(creations(sandbox)) == 2


# what is owed

@pytest.mark.parametrize("step", sorted(DONE))
@pytest.mark.parametrize("kind,reason", [("throttle", "Unavailable"),
                                         ("access_denied", "AccessDenied")])
@pytest.mark.parametrize("same", [True, False], ids=["same-environment", "another"])
def test_delivered_again_it_is_completed(start: Callable[..., Function], sandbox: Sandbox,
                                         name: str, step: str, kind: str, reason: str,
                                         same: bool) -> None:
    name = f"owing/{name}"
    event = push_event(name)
    fault = sandbox.set_fault("api", kind, operation=step)
    function = start(config=RULES)
    answer = function.invoke(event, deadline_s=2)
    assert answer.error_type == f"EcrUpsertd.{reason}"
    assert tags(sandbox, name) == {"owner": "dev", "ecr-upsertd:owed": event["id"]}
    # another push's event meanwhile has nothing to do with it
    assert function.invoke(push_event(name)).body == {"result": "exists"}

    sandbox.clear_faults(fault)
    again = function if same else start(config=RULES)
    assert again.invoke(event).body == {"result": "created"}
    assert set(done(sandbox, name)) == DONE
    assert tags(sandbox, name) == {"owner": "dev"}
    # and once more: that changes nothing
    made = done(sandbox, name)
    assert again.invoke(event).body == {"result": "exists"}
    assert done(sandbox, name) == made


def test_killed_between(start: Callable[..., Function], sandbox: Sandbox, name: str) -> None:
    name = f"owing/{name}"
    event = push_event(name)
    sandbox.set_fault("api", "slow", operation="PutLifecyclePolicy", seconds=5, count=1)
    function = start(config=RULES)
    function.begin(event)
    while not sandbox.describe(name):
        time.sleep(0.02)
    function.kill()

    assert start(config=RULES).invoke(event).body == {"result": "created"}
    assert set(done(sandbox, name)) == DONE
    assert tags(sandbox, name) == {"owner": "dev"}


def test_the_answer_of_the_creation_was_lost(function: Function, sandbox: Sandbox,
                                             name: str) -> None:
    name = f"owing/{name}"
    sandbox.set_fault("api", "done_then_close", operation="CreateRepository", count=1)
    assert function.invoke(push_event(name)).body == {"result": "created"}
    assert set(done(sandbox, name)) == DONE


def test_somebody_elses_is_never_touched(function: Function, sandbox: Sandbox,
                                         name: str) -> None:
    """Though it was made after the push, with the rule's own settings."""
    name = f"owing/{name}"
    event = push_event(name)
    sandbox.create(name, imageTagMutability="IMMUTABLE",
                   imageScanningConfiguration={"scanOnPush": True},
                   tags=[{"Key": "owner", "Value": "dev"}])
    assert function.invoke(event).body == {"result": "exists"}
    assert done(sandbox, name) == []
    assert tags(sandbox, name) == {"owner": "dev"}


def test_whose_it_is_cannot_be_learnt(function: Function, sandbox: Sandbox, name: str) -> None:
    name = f"owing/{name}"
    sandbox.create(name)
    sandbox.set_fault("api", "access_denied", operation="ListTagsForResource")
    answer = function.invoke(push_event(name))
    assert answer.error_type == "EcrUpsertd.AccessDenied"
    assert "ecr:ListTagsForResource" in answer.body["errorMessage"]
    assert done(sandbox, name) == []


# batches of SQS

def test_a_batch(function: Function, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository",
                      repository=f"{name}/b")
    answer = function.invoke(batch(push_event(f"{name}/a"), push_event(f"{name}/b"), "junk",
                                   push_event(f"prod/{name}"), {"other": 1},
                                   push_event(f"{name}/a"), batch(push_event(f"{name}/x"))))
    assert answer.ok
    assert answer.body == {"batchItemFailures": [{"itemIdentifier": "m1"},
                                                 {"itemIdentifier": "m2"}]}
    assert sandbox.describe(f"{name}/a")
    assert sandbox.describe(f"{name}/x") is None


def test_an_empty_batch(function: Function) -> None:
    assert function.invoke({"Records": []}).body == {"batchItemFailures": []}


def test_a_throttled_record_leaves_time_to_the_others(function: Function, sandbox: Sandbox,
                                                      name: str) -> None:
    sandbox.set_fault("api", "throttle", operation="CreateRepository", repository=f"{name}/0")
    start = time.monotonic()
    answer = function.invoke(batch(*(push_event(f"{name}/{i}") for i in range(4))), deadline_s=6)
    assert time.monotonic() - start < 6
    assert answer.body == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert all(sandbox.describe(f"{name}/{i}") for i in (1, 2, 3))


@pytest.mark.parametrize("record", [7, None, [], {}, {"messageId": 7, "body": "{"},
                                    {"body": "not json"}, {"messageId": "", "body": ""}])
def test_a_record_that_cannot_be_named(function: Function, record: Any) -> None:
    answer = function.invoke({"Records": [record]})
    assert not answer.ok and answer.error_type == "EcrUpsertd.Batch"


@pytest.mark.parametrize("body", [7, None, ["x"], {}])
def test_a_record_without_a_body(function: Function, body: Any) -> None:
    answer = function.invoke({"Records": [{"messageId": "m", "body": body}]})
    assert answer.body == {"batchItemFailures": [{"itemIdentifier": "m"}]}


# its life

def test_a_broken_rules_file(start: Callable[..., Function]) -> None:
    function = start(config='{\n  "rules": [\n    {"match": "**", "action": "maybe"}\n  ]\n}\n')
    assert function.wait() != 0
    error, = function.api.init_errors
    assert error.error_type == "EcrUpsertd.Configuration"
    assert "ecr-upsertd.json:3:" in error.body["errorMessage"]
    assert "action must be" in error.body["errorMessage"]
    assert "ecr-upsertd.json:3:" in function.log()
    assert function.api.asked == 0


@pytest.mark.parametrize("env", [{"ECR_UPSERTD_CONFIG": "/nowhere.json"},
                                 {"ECR_UPSERTD_CONFIG": '{"rules": 7}'},
                                 {"AWS_USE_FIPS_ENDPOINT": "perhaps"},
                                 {"AWS_CA_BUNDLE": "/nowhere.pem"}])
def test_a_broken_start(start: Callable[..., Function], env: dict[str, str]) -> None:
    function = start(env)
    assert function.wait() != 0
    error, = function.api.init_errors
    assert error.body["errorMessage"]
    assert function.api.asked == 0


def test_where_the_rules_come_from(start: Callable[..., Function], sandbox: Sandbox, name: str,
                                   tmp_path: Any) -> None:
    def mutability(n: int, function: Function) -> str:
        assert function.invoke(push_event(f"{name}/{n}")).ok
        found = sandbox.describe(f"{name}/{n}")
        assert found
        return found["imageTagMutability"]

    mutable = {"defaults": {"image_tag_mutability": "MUTABLE"}}
    immutable = {"defaults": {"image_tag_mutability": "IMMUTABLE"}}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(mutable))
    assert mutability(1, start()) == "IMMUTABLE"
    assert mutability(2, start(config=mutable)) == "MUTABLE"
    named = {"ECR_UPSERTD_CONFIG": str(file)}
    assert mutability(3, start(named, config=immutable)) == "MUTABLE"
    said = {"ECR_UPSERTD_CONFIG": json.dumps(mutable)}
    assert mutability(4, start(said, config=immutable)) == "MUTABLE"
    assert mutability(5, start({"ECR_UPSERTD_CONFIG": json.dumps(immutable)},
                               arguments=["--config", str(file)])) == "MUTABLE"


def test_sigterm_while_it_waits(start: Callable[..., Function]) -> None:
    function = start()
    function.await_next()
    begun = time.monotonic()
    assert function.stop() == 0
    assert time.monotonic() - begun < 1


def test_sigterm_at_work(start: Callable[..., Function], sandbox: Sandbox, name: str) -> None:
    """What is under way is done and answered."""
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=1)
    function = start()
    invocation = function.begin(push_event(name))
    while not sandbox.calls("CreateRepository"):
        time.sleep(0.02)
    assert function.stop() == 0
    assert invocation.answer.get(timeout=1).ok


@pytest.mark.parametrize("faults", [["reset"], ["reset"] * 4, [500, "reset"], [404]])
def test_a_runtime_api_that_fails_for_a_while(start: Callable[..., Function], name: str,
                                              faults: list[str | int]) -> None:
    api = RuntimeApi()
    api.faults = faults
    try:
        assert start(api=api).invoke(push_event(name)).ok
    finally:
        api.close()


def test_a_runtime_api_that_is_gone(start: Callable[..., Function]) -> None:
    api = RuntimeApi()
    address = api.address
    api.close()
    function = start({"AWS_LAMBDA_RUNTIME_API": address})
    assert function.wait() == 1


@pytest.mark.parametrize("fault", ["reset", 400, 413])
def test_an_answer_that_fails(start: Callable[..., Function], sandbox: Sandbox, name: str,
                              fault: str | int) -> None:
    function = start()
    function.await_next()
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.5, count=1)
    invocation = function.begin(push_event(name))
    while not sandbox.calls("CreateRepository"):
        time.sleep(0.02)
    function.api.faults.append(fault)
    if fault == "reset":
        assert invocation.answer.get(timeout=10).ok
    assert function.invoke(push_event(name)).body == {"result": "exists"}


def test_a_runtime_api_with_a_fatal_error(start: Callable[..., Function], sandbox: Sandbox,
                                          name: str) -> None:
    """500 of an answer asks for an exit (Lambda's own documentation)."""
    function = start()
    function.await_next()
    sandbox.set_fault("api", "slow", operation="CreateRepository", seconds=0.5, count=1)
    function.begin(push_event(name))
    while not sandbox.calls("CreateRepository"):
        time.sleep(0.02)
    function.api.faults.append(500)
    assert function.wait() == 1


def test_nothing_secret_is_written(function: Function, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "access_denied", operation="CreateRepository")
    function.invoke(push_event(name), deadline_s=2)
    env = sandbox.env()
    for text in (function.log(), (function.root / "out").read_text()):
        assert env["AWS_SECRET_ACCESS_KEY"] not in text
        assert "Signature=" not in text


def test_log_lines_have_the_request(function: Function, sandbox: Sandbox, name: str) -> None:
    sandbox.set_fault("api", "throttle", operation="CreateRepository", count=1)
    invocation = function.begin(push_event(name))
    invocation.answer.get(timeout=20)
    lines = [line for line in function.lines() if name in line["message"]]
    assert lines and all(line["request_id"] == invocation.id for line in lines)
