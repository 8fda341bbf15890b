"""Every fault of the API, seen from the caller's side."""

import http.client
import time

import pytest
from botocore.exceptions import ClientError
from rawclient import aws, signed


@pytest.mark.parametrize("kind, code", [
    ("throttle", "ThrottlingException"), ("server_error", "ServerException"),
    ("access_denied", "AccessDeniedException"), ("limit_exceeded", "LimitExceededException"),
    ("already_exists", "RepositoryAlreadyExistsException"),
    ("expired_credentials", "ExpiredTokenException")])
def test_api_errors(sandbox, kind, code):
    sandbox.set_fault("api", kind, operation="CreateRepository", count=2)
    ecr = aws(sandbox, "ecr")
    ecr.describe_repositories()
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            ecr.create_repository(repositoryName="app")
        assert refused.value.response["Error"]["Code"] == code
    assert sandbox.describe("app") is None
    ecr.create_repository(repositoryName="app")
    assert [call["fault"] for call in sandbox.calls("CreateRepository")] == [kind, kind, None]


@pytest.mark.parametrize("kind", ["close", "reset", "done_then_close"])
def test_api_answers_that_never_come(sandbox, kind):
    sandbox.set_fault("api", kind, operation="CreateRepository", count=1)
    with pytest.raises(Exception) as lost:
        aws(sandbox, "ecr").create_repository(repositoryName="app")
    assert not isinstance(lost.value, ClientError)
    assert (sandbox.describe("app") is not None) == (kind == "done_then_close")


def test_api_garbage_and_raw(sandbox):
    where = sandbox.env()["AWS_ENDPOINT_URL_ECR"].removeprefix("http://")
    headers = signed(sandbox)
    for kind, options, body in (("garbage", {"body": "{\"half"}, b'{"half'),
                                ("raw", {"data": "HTTP/1.1 200 OK\r\n\r\nraw"}, b"raw")):
        sandbox.set_fault("api", kind, count=1, **options)
        connection = http.client.HTTPConnection(where)
        connection.request("POST", "/", b"{}", headers)
        assert connection.getresponse().read() == body
        connection.close()


def test_api_done_but_silent_and_slow(sandbox):
    sandbox.set_fault("api", "done_then_silent", seconds=0.3, count=1)
    started = time.monotonic()
    with pytest.raises(Exception):
        aws(sandbox, "ecr").create_repository(repositoryName="app")
    assert time.monotonic() - started >= 0.3 and sandbox.describe("app")
    sandbox.set_fault("api", "slow", seconds=0.3, count=1)
    started = time.monotonic()
    aws(sandbox, "ecr").describe_repositories()
    assert time.monotonic() - started >= 0.3


def test_sts_fault_is_xml(sandbox):
    sandbox.set_fault("api", "throttle", operation="GetCallerIdentity", count=1)
    with pytest.raises(ClientError) as refused:
        aws(sandbox, "sts").get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "Throttling"
