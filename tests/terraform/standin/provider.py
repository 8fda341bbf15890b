#!/usr/bin/env python3
"""A stand-in for hashicorp/aws where the real provider cannot be had.

Real: every attribute and block with its type, and whether it is required, optional or computed,
from the published schema (schema.py). Its own: create, read, update and delete, by boto3 against a
local double of AWS, with the calls that the real provider makes, and the limits of the API models.
Not there: the real one's validators, defaults and read-backs.

Speaks plugin protocol 5 on a unix socket without TLS: Terraform is to run with
TF_DISABLE_PLUGIN_TLS=1."""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import grpc  # noqa: E402
import msgpack  # noqa: E402
import plugin_pb2 as pb  # noqa: E402

import ecr  # noqa: E402, F401
import events  # noqa: E402, F401
import function  # noqa: E402, F401
import iam  # noqa: E402, F401
import queues  # noqa: E402, F401
import storage  # noqa: E402, F401
import watching  # noqa: E402, F401
from base import TYPES, Resource, Values  # noqa: E402
from cloud import Cloud  # noqa: E402

SCHEMA = json.loads(Path(os.environ["STANDIN_SCHEMA"]).read_text())
NESTING = {"single": 1, "list": 2, "set": 3}
# Computed, but the real provider knows them when it plans.
KNOWN = {("aws_lambda_function", "package_type"): "Zip", ("aws_lambda_function", "publish"): False}
# What services say of something that is gone.
GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "NonExistentQueue")


class Unknown:
    """What is known only after the apply."""

    def __deepcopy__(self, memo: object) -> Unknown:
        return self


UNKNOWN = Unknown()


def unpack(value: Any) -> Any:
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, raw=False, strict_map_key=False,
                               ext_hook=lambda code, data: UNKNOWN)
    return json.loads(value.json) if value.json else None


def _pack_unknown(value: object) -> Any:
    assert value is UNKNOWN, type(value)
    return msgpack.ExtType(0, b"\0")


def pack(value: Any) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(value, default=_pack_unknown, use_bin_type=True))


def known(value: Any) -> Any:
    """The value with None for each unknown in it."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return {name: known(member) for name, member in value.items()}
    return [known(member) for member in value] if isinstance(value, list) else value


def has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    return any(map(has_unknown, value)) if isinstance(value, list) else value is UNKNOWN


def as_message(block: Mapping[str, Any]) -> Any:
    message = pb.Schema.Block()
    for name, one in sorted(block["attributes"].items()):
        message.attributes.add(name=name, type=json.dumps(one["type"]).encode(),
                               required=one.get("required", False),
                               optional=one.get("optional", False),
                               computed=one.get("computed", False))
    for name, one in sorted(block["block_types"].items()):
        message.block_types.add(type_name=name, block=as_message(one["block"]),
                                nesting=NESTING[one["nesting"]],
                                min_items=one.get("min_items", 0),
                                max_items=one.get("max_items", 0))
    return message


def whole(block: Mapping[str, Any], value: Any) -> Any:
    """With every attribute and block of the schema, as the wire format wants it."""
    if value is None or value is UNKNOWN:
        return value
    filled = {name: value.get(name) for name in block["attributes"]}
    for name, one in block["block_types"].items():
        found = value.get(name)
        if one["nesting"] == "single":
            filled[name] = whole(one["block"], found)
        else:
            filled[name] = found if found is UNKNOWN else [whole(one["block"], member)
                                                           for member in found or []]
    return filled


def is_computed(block: Mapping[str, Any], name: str) -> bool:
    return bool(block["attributes"].get(name, {}).get("computed"))


def error(summary: str, detail: object) -> Any:
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary, detail=str(detail))


def failure(what: str, problem: Exception) -> Any:
    return error(f"{what} failed", f"{type(problem).__name__}: {problem}")


def is_gone(problem: Exception) -> bool:
    code = getattr(problem, "response", {}).get("Error", {}).get("Code", "")
    return code == "404" or any(word in code for word in GONE)


class Provider:
    """The methods are those of the protocol."""

    cloud: Cloud

    def GetSchema(self, request: Any) -> Any:
        answer = pb.GetSchemaResponse()
        answer.provider.block.CopyFrom(as_message(SCHEMA["provider"]))
        for name, block in SCHEMA["resources"].items():
            answer.resource_schemas[name].block.CopyFrom(as_message(block))
        for name, block in SCHEMA["data"].items():
            answer.data_source_schemas[name].block.CopyFrom(as_message(block))
        return answer

    def PrepareProviderConfig(self, request: Any) -> Any:
        return pb.PreparedResponse(prepared_config=request.config)

    def Configure(self, request: Any) -> Any:
        try:
            self.cloud = Cloud(known(unpack(request.config)) or {})
        except Exception as problem:
            return pb.DiagnosticsResponse(diagnostics=[failure("configuring", problem)])
        return pb.DiagnosticsResponse()

    def ValidateResourceTypeConfig(self, request: Any) -> Any:
        found = []
        if request.type_name in TYPES:
            # Unknown is not missing: only what is absent may be complained of.
            config = unpack(request.config)
            found = list(TYPES[request.type_name](None, None).problems(config))  # type: ignore
        return pb.DiagnosticsResponse(diagnostics=[
            error(f"{request.type_name}: invalid configuration", one) for one in found])

    def ValidateDataSourceConfig(self, request: Any) -> Any:
        return pb.DiagnosticsResponse()

    def UpgradeResourceState(self, request: Any) -> Any:
        block = SCHEMA["resources"][request.type_name]
        return pb.UpgradeResponse(
            upgraded_state=pack(whole(block, json.loads(request.raw_state.json))))

    def _resource(self, kind: str, values: Values) -> Resource:
        if kind not in TYPES:
            raise NotImplementedError(f"the stand-in knows the schema of {kind}, not its calls")
        return TYPES[kind](self.cloud, values.get("region"))

    def ReadResource(self, request: Any) -> Any:
        kind, now = request.type_name, unpack(request.current_state)
        block = SCHEMA["resources"][kind]
        try:
            found = self._resource(kind, now).read(now)
        except Exception as problem:
            if not is_gone(problem):
                return pb.ReadResponse(new_state=request.current_state,
                                       diagnostics=[failure(f"reading {kind}", problem)])
            found = None
        if found is None:
            return pb.ReadResponse(new_state=pack(None))
        # What the state leaves out is the service's own affair, unless it is computed.
        seen = {name: value for name, value in found.items()
                if now.get(name) is not None or is_computed(block, name)}
        return pb.ReadResponse(new_state=pack(whole(block, {**now, **seen})),
                               private=request.private)

    def PlanResourceChange(self, request: Any) -> Any:
        kind = request.type_name
        block = SCHEMA["resources"][kind]
        prior, proposed, config = map(unpack, (request.prior_state, request.proposed_new_state,
                                               request.config))
        answer = pb.PlanResponse(legacy_type_system=True)
        if proposed is None:
            answer.planned_state.CopyFrom(request.proposed_new_state)
            return answer
        plan = copy.deepcopy(proposed)
        for name in block["attributes"]:
            if is_computed(block, name) and config.get(name) is None and prior is None:
                plan[name] = KNOWN.get((kind, name), UNKNOWN)
        if {"tags", "tags_all"} <= set(block["attributes"]):
            tags = plan.get("tags")
            plan["tags_all"] = UNKNOWN if has_unknown(tags) else {
                **self.cloud.default_tags, **(tags or {})} or None
        if prior is not None:
            replacing = TYPES[kind].replacing if kind in TYPES else ()
            for name in (*replacing, "region"):
                if (plan.get(name) or None) != (prior.get(name) or None):
                    answer.requires_replace.add().steps.add(attribute_name=name)
        answer.planned_state.CopyFrom(pack(whole(block, plan)))
        return answer

    def ApplyResourceChange(self, request: Any) -> Any:
        kind = request.type_name
        block = SCHEMA["resources"][kind]
        prior, plan = unpack(request.prior_state), unpack(request.planned_state)
        answer = pb.ApplyResponse(legacy_type_system=True)
        try:
            if plan is None:
                self._delete(kind, prior)
                answer.new_state.CopyFrom(request.planned_state)
                return answer
            new = known(plan)
            resource = self._resource(kind, new)
            made = resource.create(new) if prior is None else resource.update(prior, new)
            if "region" in block["attributes"] and new.get("region") is None:
                made["region"] = self.cloud.region
            made = {name: value for name, value in made.items() if is_computed(block, name)}
            answer.new_state.CopyFrom(pack(whole(block, {**new, **made})))
        except Exception as problem:
            answer.new_state.CopyFrom(request.prior_state)
            answer.diagnostics.append(failure(f"applying {kind}", problem))
        return answer

    def _delete(self, kind: str, prior: Values) -> None:
        try:
            self._resource(kind, prior).delete(prior)
        except Exception as problem:
            if not is_gone(problem):
                raise

    def ReadDataSource(self, request: Any) -> Any:
        kind, config = request.type_name, unpack(request.config)
        try:
            found = {**config, **self.cloud.data(kind, config)}
            return pb.ReadDataResponse(state=pack(whole(SCHEMA["data"][kind], found)))
        except Exception as problem:
            return pb.ReadDataResponse(diagnostics=[failure(f"reading data {kind}", problem)])

    def Stop(self, request: Any) -> Any:
        return pb.StopResponse()

    def Nothing(self, request: Any) -> Any:
        return pb.Empty()


REQUESTS = {
    "GetSchema": pb.Empty, "PrepareProviderConfig": pb.ConfigRequest,
    "ValidateResourceTypeConfig": pb.ValidateRequest,
    "ValidateDataSourceConfig": pb.ValidateRequest, "UpgradeResourceState": pb.UpgradeRequest,
    "Configure": pb.ConfigureRequest, "ReadResource": pb.ReadRequest,
    "PlanResourceChange": pb.PlanRequest, "ApplyResourceChange": pb.ApplyRequest,
    "ReadDataSource": pb.ReadDataRequest, "Stop": pb.Empty, "GetFunctions": pb.Empty,
    "GetResourceIdentitySchemas": pb.Empty,
}


def handlers(provider: Provider) -> dict[str, Any]:
    lock = threading.Lock()

    def handler(name: str, kind: Any) -> Any:
        method: Callable[[Any], Any] = getattr(provider, name, provider.Nothing)

        def call(request: Any, context: object) -> Any:
            with lock:
                return method(request)

        return grpc.unary_unary_rpc_method_handler(call, kind.FromString,
                                                   lambda answer: answer.SerializeToString())

    return {name: handler(name, kind) for name, kind in REQUESTS.items()}


def serve(socket: Path) -> None:
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[
        ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)])
    done = threading.Event()

    def shut_down(request: bytes, context: object) -> bytes:
        threading.Timer(0.05, done.set).start()    # after the answer
        return b""

    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler("tfplugin5.Provider", handlers(Provider())),
        grpc.method_handlers_generic_handler("plugin.GRPCController", {
            "Shutdown": grpc.unary_unary_rpc_method_handler(shut_down)})))
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    print(f"1|5|unix|{socket}|grpc|", flush=True)
    done.wait()
    server.stop(0)


def main() -> None:
    if "TF_PLUGIN_MAGIC_COOKIE" not in os.environ:
        sys.exit("this is a plugin of Terraform's, which starts it")
    if "PLUGIN_CLIENT_CERT" in os.environ:
        sys.exit("the stand-in knows no TLS: run Terraform with TF_DISABLE_PLUGIN_TLS=1")
    with tempfile.TemporaryDirectory(prefix="plugin") as folder:
        serve(Path(folder) / "socket")
    os._exit(0)    # gRPC's threads would go on


if __name__ == "__main__":
    main()
