"""The API face: ECR and STS as AWS SDKs call them."""

import json
import re
import uuid
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from aiohttp import web

import apifaults
import names
from awsreplies import error, json_answer, name_message, sts_error, xml_answer
from sigv4 import Call, Caller, Identity, Refused, verify
from state import TARGET
from templates import Templates
from wire import Answer
from world import World

# The calls behind a push, which moto does not have but for PutImage; and those of them that a
# creation template answers with a new repository.
UPLOADING = {"BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart",
             "CompleteLayerUpload"}
CREATING = {"InitiateLayerUpload", "PutImage"}
UNSIGNED = {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}


class Api:
    def __init__(self, world: World, identities: dict[str, Identity],
                 templates: Templates) -> None:
        self.world = world
        self.identities = identities
        self.templates = templates

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        call = Call(request.method, request.raw_path,
                    [(name.lower(), value) for name, value in request.headers.items()], body)
        target = call.header("x-amz-target")
        service = "ecr" if target else "sts"
        operation, arguments = _read(call, service)
        repository = _repository(arguments)
        entry = self.world.journal.open(
            "api", request.method, request.host, request.raw_path, request.headers.items(),
            service=service, operation=operation, repository=repository, arguments=arguments)
        fault = self.world.faults.take("api", operation, repository, request.method)
        if fault is not None:
            entry["fault"] = fault.kind
        answer: Answer | None = None
        try:
            caller = self._caller(call, service, operation)
            entry["access_key"] = caller.identity.access_key
            entry["region"] = caller.region
            answer = apifaults.instead(fault, operation, arguments, caller)
            if answer is None and not apifaults.breaks(fault):
                answer = await self._answer(service, operation, arguments, caller, body, fault)
        except Refused as refused:
            answer = error(refused.code, refused.message)
        if service == "sts" and answer is not None and answer.status >= 400:
            answer = sts_error(answer)
        if answer is not None:
            answer.headers.setdefault("x-amzn-RequestId", str(uuid.uuid4()))
        return await apifaults.deliver(request, answer, entry, fault)

    def _caller(self, call: Call, service: str, operation: str) -> Caller:
        if service == "sts" and operation in UNSIGNED and not call.header("authorization"):
            anyone = Identity("anonymous", "", names.DEFAULT_ACCOUNT, "", "")
            return Caller(anyone, names.DEFAULT_REGION, "sts")
        return verify(call, service, self.identities, self.world.now())

    async def _answer(self, service: str, operation: str, arguments: dict[str, Any],
                      caller: Caller, body: bytes, fault: Any) -> Answer:
        if fault is not None and fault.kind == "slow":
            await fault.hold(fault["seconds"])
        if service == "sts":
            return self._sts(operation, caller, body)
        return self._ecr(operation, arguments, caller)

    # ECR

    def _ecr(self, operation: str, arguments: dict[str, Any], caller: Caller) -> Answer:
        if operation == "GetAuthorizationToken":
            return self._token(arguments, caller)
        for name in _names(arguments):
            if not names.valid_repository(name):
                raise Refused("InvalidParameterException", name_message(name))
        account = arguments.get("registryId") or caller.identity.account
        if operation in self.templates.operations:
            return json_answer(self.templates.call(operation, arguments, account, caller.region))
        if operation in UPLOADING | CREATING:
            self._need_repository(operation, arguments, account, caller.region)
        if operation in UPLOADING:
            raise Refused("UploadNotFoundException", "An upload by the API alone is not known here")
        status, answer = self.world.state.ecr(operation, arguments, account, caller.region)
        if status >= 400:
            return error(answer.get("__type", "ServerException").rpartition("#")[2],
                         answer.get("message") or answer.get("Message") or "", status)
        if operation == "DeleteRepository":
            self.world.forget(account, caller.region, arguments["repositoryName"])
        self._tell_time(answer)
        return json_answer(answer)

    def _need_repository(self, operation: str, arguments: dict[str, Any], account: str,
                         region: str) -> None:
        name = str(arguments.get("repositoryName"))
        if self.world.state.repository(account, region, name):
            return
        registry = names.Registry("", account, region)
        if operation in CREATING and self.templates.create_on_push(registry, name):
            return
        raise Refused("RepositoryNotFoundException",
                      f"The repository with name '{name}' does not exist in the registry with id"
                      f" '{account}'")

    def _tell_time(self, answer: dict[str, Any]) -> None:
        """moto knows the machine's clock only."""
        one = answer.get("repository")
        for repository in ([one] if one else []) + answer.get("repositories", []):
            if "createdAt" in repository:
                repository["createdAt"] += self.world.settings.clock_skew

    def _token(self, arguments: dict[str, Any], caller: Caller) -> Answer:
        settings = self.world.settings
        accounts = arguments.get("registryIds") or [caller.identity.account]
        data = []
        for account in accounts:
            value, token = self.world.tokens.issue(
                caller.region, caller.identity.access_key, settings.token_lifetime,
                settings.token_size)
            suffix = ".cn" if caller.region.startswith("cn-") else ""
            data.append({"authorizationToken": value, "expiresAt": round(token.expires, 3),
                         "proxyEndpoint": f"https://{account}.dkr.ecr.{caller.region}"
                                          f".amazonaws.com{suffix}"})
        return json_answer({"authorizationData": data})

    # STS

    def _sts(self, operation: str, caller: Caller, body: bytes) -> Answer:
        if operation == "GetCallerIdentity":
            who = caller.identity
            return xml_answer(operation, f"<Arn>{escape(who.arn)}</Arn>"
                              f"<UserId>{escape(who.user_id)}</UserId>"
                              f"<Account>{who.account}</Account>")
        status, content_type, answer = self.world.state.sts(
            body, caller.identity.account, caller.region)
        if status == 200:
            self._learn(answer.decode())
        return Answer(status, {"Content-Type": content_type}, answer)

    def _learn(self, answer: str) -> None:
        """Keys that moto has just made up are keys that we know from now on."""
        found = {name: re.search(f"<{name}>(.*?)</{name}>", answer, re.S) for name in (
            "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "Arn")}
        if not all(found[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")):
            return
        value = {name: match[1].strip() for name, match in found.items() if match}
        arn = value.get("Arn", "")
        account = arn.split(":")[4] if arn.count(":") >= 5 else names.DEFAULT_ACCOUNT
        self.identities[value["AccessKeyId"]] = Identity(
            value["AccessKeyId"], value["SecretAccessKey"], account, arn,
            "AROASANDBOX:" + arn.rpartition("/")[2], value["SessionToken"])


def _read(call: Call, service: str) -> tuple[str, dict[str, Any]]:
    """Operation and arguments; an unreadable body has none."""
    if service == "ecr":
        operation = (call.header("x-amz-target") or "").removeprefix(TARGET)
        try:
            arguments = json.loads(call.body or b"{}")
        except ValueError:
            return operation, {}
        return operation, arguments if isinstance(arguments, dict) else {}
    text = call.body.decode("utf-8", "replace") or call.target.partition("?")[2]
    arguments = {name: values[0] for name, values in parse_qs(text).items()}
    return arguments.pop("Action", ""), arguments


def _names(arguments: dict[str, Any]) -> list[str]:
    one = arguments.get("repositoryName")
    return ([one] if isinstance(one, str) else []) + list(arguments.get("repositoryNames") or [])


def _repository(arguments: dict[str, Any]) -> str:
    found = _names(arguments)
    return found[0] if found else ""
