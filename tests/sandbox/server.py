"""Starts every part of the sandbox, says where it is, runs until it is told to stop."""

import asyncio
import functools
import json
import logging
import os
import shlex
import signal
import ssl
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

import names
import wire
from api import Api
from backend import Backend
from certs import Authority, listening_context
from control import Control
from listener import Handler, Listener
from names import Registry
from processes import DockerRegistry
from registry import RegistryFace
from s3 import S3Face
from sigv4 import Identity
from state import State
from templates import Templates
from world import World

MAX_BODY = 8 << 20      # bytes of a body that is held: a manifest, an API call
ACCESS_KEY = "AKIASANDBOXSANDBOX00"
SECRET_KEY = "sandbox/sandbox/sandbox/sandbox/sandbox0"  # no secret: only this sandbox takes it

class MalformedToJournal(logging.Handler):
    """Requests that aiohttp's parser refuses never reach a face: they are logged from here."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info and record.exc_info[1]
        if isinstance(error, HttpProcessingError):
            entry = self.world.journal.open("malformed", "", "", "", [], error=error.message)
            entry["status"] = error.code
        else:
            sys.stderr.write(logging.Formatter().format(record) + "\n")


class Server:
    def __init__(self, folder: Path, plain: bool, account: str, region: str,
                 aliases: list[str]) -> None:
        suffix = ".cn" if region.startswith("cn-") else ""
        self.host = f"{account}.dkr.ecr.{region}.amazonaws.com{suffix}"
        self.folder = folder
        self.plain = plain
        self.account = account
        self.region = region
        self.aliases = aliases
        self.registry_child = DockerRegistry(folder)
        self.listeners: dict[str, Listener] = {}

    async def start(self) -> None:
        self.registry_child.start()
        self.world = World(State(), "http" if self.plain else "https", self.host, self.aliases)
        self.world.forgetters.append(self._forget)
        logging.getLogger("aiohttp").addHandler(MalformedToJournal(self.world))
        identities = {ACCESS_KEY: Identity(
            ACCESS_KEY, SECRET_KEY, self.account, f"arn:aws:iam::{self.account}:user/sandbox",
            "AIDASANDBOX")}
        self.authority = Authority(self.folder)
        self.backend = Backend(str(self.registry_child.socket))
        self.registry_child.wait()
        await self.backend.start()
        v2 = {"Docker-Distribution-Api-Version": "registry/2.0"}
        tls = None if self.plain else listening_context(
            self.authority, self.host, lambda: self.world.settings.certificate)
        templates = Templates(self.world)
        face = RegistryFace(self.world, self.backend, templates)
        self._listen("registry", face.handle, v2, tls)
        self._listen("api", Api(self.world, identities, templates).handle, {})
        s3 = self._listen("s3", S3Face(self.world, self.registry_child.blobs).handle,
                          {"Server": "AmazonS3"})
        self._serve("control", Control(self.world, identities, self.listeners,
                                       self.about).application())
        for listener in self.listeners.values():
            await listener.start()
        # By name: crane follows no redirect from a name to a loopback address
        self.world.s3_base = s3.url.replace("127.0.0.1", "localhost")

    def _listen(self, name: str, handler: Handler, headers: Mapping[str, str],
                tls: ssl.SSLContext | None = None) -> Listener:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{rest:.*}", handler)

        async def dress(request: web.Request, response: web.StreamResponse) -> None:
            await wire.dress(request, response, self.world.http_date(), headers)
        app.on_response_prepare.append(dress)
        return self._serve(name, app, tls)

    def _serve(self, name: str, app: web.Application,
               tls: ssl.SSLContext | None = None) -> Listener:
        self.listeners[name] = Listener(app, tls)
        return self.listeners[name]

    def _forget(self, account: str, region: str, name: str | None) -> None:
        stored = name and names.stored_name(Registry("", account, region), name)
        self.registry_child.forget(stored)

    def environment(self) -> dict[str, str]:
        """What daemon, AWS tools and a person need to use this sandbox."""
        return {
            "ECR_HOST": self.host,
            "REGISTRY_ENDPOINT": self.listeners["registry"].url,
            "AWS_ENDPOINT_URL_ECR": self.listeners["api"].url,
            "AWS_ENDPOINT_URL_STS": self.listeners["api"].url,
            "AWS_CA_BUNDLE": str(self.authority.ca_file),
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SANDBOX_CONTROL": self.listeners["control"].url,
        }

    def about(self) -> dict[str, Any]:
        urls = {name: listener.url for name, listener in self.listeners.items()}
        return {"env": self.environment(), "urls": urls, "pid": os.getpid()}

    async def stop(self) -> None:
        if hasattr(self, "world"):
            self.world.faults.clear()
        for listener in self.listeners.values():
            await listener.stop()
        if hasattr(self, "backend"):
            await self.backend.stop()
        self.registry_child.stop()


def exports(environment: Mapping[str, str]) -> str:
    """For a shell to read; a session token of the user's own would not go with our keys."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return "\n".join(lines) + "\nunset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_PROFILE\n"


async def _until_told(stdin: bool) -> None:
    """SIGTERM, SIGINT, or (when asked to) the end of standard input."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    if stdin:
        loop.add_reader(0, lambda: told.set() if not os.read(0, 4096) else None)
    await told.wait()


async def _run(server: Server, announce: Callable[[dict[str, str]], None], stdin: bool) -> None:
    try:
        await server.start()
        announce(server.environment())
        await _until_told(stdin)
    finally:
        await server.stop()


def run(options: Any) -> int:
    """What sandbox.py's command line asks for; returns the exit code."""
    announce = functools.partial(_announce, options)
    try:
        if options.dir:
            Path(options.dir).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="ecr-sandbox-", dir=options.dir) as scratch:
            server = Server(Path(scratch).resolve(), options.plain, options.account, options.region,
                            options.alias)
            asyncio.run(_run(server, announce, options.stop_with_stdin))
        return 0
    except (OSError, RuntimeError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def _announce(options: Any, environment: dict[str, str]) -> None:
    if options.env_file:
        written = Path(options.env_file + ".new")
        written.write_text(exports(environment))
        written.rename(options.env_file)
    print(json.dumps(environment) + "\n" if options.json else exports(environment), end="",
          flush=True)
