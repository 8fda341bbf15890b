"""The API face: signatures, errors, tokens, and what moto is helped with."""

import base64
import http.client
import json
import time
import urllib.parse
from email.utils import parsedate_to_datetime

import pytest
from botocore.exceptions import ClientError
from rawclient import TARGET, Client, aws, password_of, signed, token_of


def code_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def post(sandbox, headers, body=b"{}", path="/"):
    where = urllib.parse.urlsplit(sandbox.env()["AWS_ENDPOINT_URL_ECR"])
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    value = answer.read()
    connection.close()
    return answer, json.loads(value)


def test_signature(sandbox):
    answer, value = post(sandbox, signed(sandbox))
    assert (answer.status, value) == (200, {"repositories": []})
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"


@pytest.mark.parametrize("change, code", [
    ({"secret": "wrong"}, "InvalidSignatureException"),
    ({"key": "AKIANOBODY"}, "UnrecognizedClientException"),
    ({"token": "not-ours"}, "UnrecognizedClientException"),
    ({"service": "s3"}, "InvalidSignatureException"),
    ({"at": time.time() - 400}, "InvalidSignatureException"),
    ({"at": time.time() + 400}, "InvalidSignatureException"),
])
def test_wrong_signature(sandbox, change, code):
    answer, value = post(sandbox, signed(sandbox, **change))
    assert (answer.status, value["__type"]) == (400, code)


def test_signature_covers_what_was_sent(sandbox):
    headers = signed(sandbox)
    assert post(sandbox, headers, b'{"x": 1}')[1]["__type"] == "InvalidSignatureException"
    assert post(sandbox, headers, path="/x")[1]["__type"] == "InvalidSignatureException"
    changed = {**headers, "X-Amz-Target": TARGET + "DeleteRepository"}
    assert post(sandbox, changed)[1]["__type"] == "InvalidSignatureException"
    assert post(sandbox, {**headers, "X-Amz-New": "1"})[1]["message"].startswith("'x-amz-new'")
    del headers["Authorization"]
    assert post(sandbox, headers)[1]["__type"] == "MissingAuthenticationTokenException"
    headers["Authorization"] = "AWS4-HMAC-SHA256 nonsense"
    assert post(sandbox, headers)[1]["__type"] == "IncompleteSignatureException"


@pytest.mark.parametrize("skew, start", [(900, "Signature expired: "),
                                         (-900, "Signature not yet current: ")])
def test_clock_skew(sandbox, skew, start):
    sandbox.settings(clock_skew=skew)
    answer, value = post(sandbox, signed(sandbox))
    assert value["__type"] == "InvalidSignatureException"
    assert value["message"].startswith(start)
    there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert abs(there - time.time() - skew) < 3
    answer, _ = post(sandbox, signed(sandbox, at=there))
    assert answer.status == 200


def test_token(sandbox):
    [data] = aws(sandbox, "ecr").get_authorization_token()["authorizationData"]
    assert abs(data["expiresAt"].timestamp() - time.time() - 43200) < 5
    assert data["proxyEndpoint"] == f"https://{sandbox.host}"
    inside = json.loads(base64.b64decode(password_of(data["authorizationToken"])))
    assert (inside["version"], inside["type"]) == ("2", "DATA_KEY")
    assert 2000 < len(data["authorizationToken"]) < 4096


def test_token_size_and_lifetime(sandbox):
    sandbox.settings(token_size=16384, token_lifetime=1)
    client = Client(sandbox)
    token = token_of(sandbox)
    assert 16384 <= len(token) < 16500
    client.authorization = f"Basic {token}"
    assert client.request("GET", "/v2/").status == 200
    sandbox.settings(clock_skew=2)
    assert client.request("GET", "/v2/").status == 403


def test_repository(sandbox):
    ecr = aws(sandbox, "ecr")
    made = ecr.create_repository(
        repositoryName="a__b/c--d", imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True}, tags=[{"Key": "k", "Value": "v"}],
        encryptionConfiguration={"encryptionType": "KMS"})["repository"]
    assert made["repositoryUri"] == f"{sandbox.host}/a__b/c--d"
    assert sandbox.describe("a__b/c--d")["imageScanningConfiguration"] == {"scanOnPush": True}
    assert code_of(ecr.create_repository,
                   repositoryName="a__b/c--d") == "RepositoryAlreadyExistsException"
    ecr.put_lifecycle_policy(repositoryName="a__b/c--d", lifecyclePolicyText=json.dumps({
        "rules": [{"rulePriority": 1, "selection": {
            "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
            "action": {"type": "expire"}}]}))
    assert ecr.get_lifecycle_policy(repositoryName="a__b/c--d")["registryId"] == "123456789012"
    assert code_of(ecr.describe_repositories,
                   repositoryNames=["none"]) == "RepositoryNotFoundException"


@pytest.mark.parametrize("name", ["A", "a..b", "a___b", "a.-b", "aB", "a/", "/a", "a" * 257])
def test_name_that_ecr_refuses(sandbox, name):
    body = json.dumps({"repositoryName": name}).encode()
    _, value = post(sandbox, signed(sandbox, "CreateRepository", body), body)
    assert value["__type"] == "InvalidParameterException"


def test_another_account_and_region(sandbox):
    made = aws(sandbox, "ecr", "us-east-1").create_repository(
        registryId="210987654321", repositoryName="app")["repository"]
    assert made["repositoryUri"] == "210987654321.dkr.ecr.us-east-1.amazonaws.com/app"
    assert sandbox.describe("app", account="210987654321", region="us-east-1")
    assert sandbox.describe("app") is None


def test_operation_that_is_not_there(sandbox):
    answer, value = post(sandbox, signed(sandbox, "Nonsense"))
    assert (answer.status, value["__type"]) == (501, "UnknownOperationException")


def test_identity(sandbox):
    who = aws(sandbox, "sts").get_caller_identity()
    assert who["Arn"] == "arn:aws:iam::123456789012:user/sandbox"
    wrong = aws(sandbox, "sts", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x")
    assert code_of(wrong.get_caller_identity) == "InvalidClientTokenId"


def test_assumed_role(sandbox):
    made = aws(sandbox, "sts").assume_role(RoleArn="arn:aws:iam::210987654321:role/push",
                                           RoleSessionName="me")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_session_token": made["SessionToken"],
            "aws_secret_access_key": made["SecretAccessKey"]}
    who = aws(sandbox, "sts", **keys).get_caller_identity()
    assert who["Arn"] == "arn:aws:sts::210987654321:assumed-role/push/me"
    made = aws(sandbox, "ecr", **keys).create_repository(repositoryName="app")["repository"]
    assert made["registryId"] == "210987654321"
    keys["aws_session_token"] = "another"
    assert code_of(aws(sandbox, "ecr", **keys).describe_repositories) \
        == "UnrecognizedClientException"


def test_further_keys_and_their_end(sandbox):
    sandbox.add_identity("AKIAOTHER", "secret", session_token="session",
                         expires=time.time() + 600)
    keys = {"aws_access_key_id": "AKIAOTHER", "aws_secret_access_key": "secret",
            "aws_session_token": "session"}
    aws(sandbox, "ecr", **keys).describe_repositories()
    sandbox.add_identity("AKIAOTHER", "secret", session_token="session", expires=time.time() - 1)
    assert code_of(aws(sandbox, "ecr", **keys).describe_repositories) == "ExpiredTokenException"
    assert [call["access_key"] for call in sandbox.calls(access_key="AKIAOTHER")] == ["AKIAOTHER"]


def test_calls(sandbox):
    ecr = aws(sandbox, "ecr", "us-east-1")
    ecr.create_repository(repositoryName="app")
    code_of(ecr.create_repository, repositoryName="app")
    first, second = sandbox.calls("CreateRepository")
    assert (first["status"], second["status"]) == (200, 400)
    assert first["arguments"] == {"repositoryName": "app"} and first["region"] == "us-east-1"
    sandbox.create("quiet")
    assert len(sandbox.calls()) == 2, "the handle's own calls are not logged"


def test_creation_on_push_by_a_template(sandbox):
    client = Client(sandbox)
    client.sign_in()
    aws(sandbox, "ecr").create_repository_creation_template(
        prefix="prod", appliedFor=["CREATE_ON_PUSH"], imageTagMutability="IMMUTABLE",
        resourceTags=[{"Key": "k", "Value": "v"}])
    assert client.push_image("prod/app", "1").status == 201
    assert sandbox.describe("prod/app")["imageTagMutability"] == "IMMUTABLE"
    for name in ("prod", "production/app"):
        assert client.request("POST", f"/v2/{name}/blobs/uploads/", b"").status == 404


def test_account_setting(sandbox):
    ecr = aws(sandbox, "ecr")
    assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "ENABLED"
    assert sandbox.settings()["blob_mounting"] is True


def test_creation_templates(sandbox):
    ecr = aws(sandbox, "ecr")
    ecr.create_repository_creation_template(prefix="prod", appliedFor=["CREATE_ON_PUSH"],
                                            imageTagMutability="IMMUTABLE")
    assert code_of(ecr.create_repository_creation_template, prefix="prod",
                   appliedFor=["CREATE_ON_PUSH"]) == "TemplateAlreadyExistsException"
    ecr.update_repository_creation_template(prefix="prod", description="changed")
    [found] = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
    assert (found["imageTagMutability"], found["description"]) == ("IMMUTABLE", "changed")
    ecr.create_repository_creation_template(prefix="ROOT", appliedFor=["PULL_THROUGH_CACHE"])
    pages = ecr.get_paginator("describe_repository_creation_templates").paginate(
        PaginationConfig={"PageSize": 1})
    assert [t["prefix"] for page in pages for t in page["repositoryCreationTemplates"]] == [
        "ROOT", "prod"]
    ecr.delete_repository_creation_template(prefix="prod")
    assert code_of(ecr.delete_repository_creation_template,
                   prefix="prod") == "TemplateNotFoundException"


def test_kms_without_a_key_is_always_the_same_one(sandbox):
    keys = [sandbox.create(f"kms/{name}", encryptionConfiguration={"encryptionType": kind})[
        "encryptionConfiguration"]["kmsKey"] for name, kind in (
            ("a1", "KMS"), ("a2", "KMS"), ("a3", "KMS_DSSE"))]
    assert keys[0].startswith("arn:aws:kms:eu-west-1:123456789012:key/")
    assert keys == [keys[0]] * 3
    own = {"encryptionType": "KMS", "kmsKey": "alias/mine"}
    assert sandbox.create("kms/b1", encryptionConfiguration=own)["encryptionConfiguration"] == own
    assert "kmsKey" not in sandbox.create("kms/b2")["encryptionConfiguration"]
