"""Several registries at work at once behind one daemon, each with a role of its own."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.client import Client
from integration.daemon import Daemon
from integration.fake_sts import FakeSts, assumed
from integration.registry import INDEX, OCTETS, digest_of, manifest
from sandbox import Sandbox

PUSHES = 200
AT_ONCE = 8
ACCOUNTS = ("111111111111", "222222222222", "333333333333")
REGIONS = ("eu-west-1", "us-east-1")
BASE = "AKIABASE"    # whose keys assume all roles


@dataclass(frozen=True)
class Place:
    account: str
    region: str

    @property
    def host(self) -> str:
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"

    @property
    def role(self) -> str:
        return f"arn:aws:iam::{self.account}:role/push-{self.region}"

    @property
    def external_id(self) -> str:
        return f"for-{self.account}"

    @property
    def by_profile(self) -> bool:
        """Named by a profile, the others by role_arn."""
        return self.region == REGIONS[0]

    @property
    def keys(self) -> str:
        """Name of the role's keys, as FakeSts hands them out."""
        return assumed(BASE, self.role, external_id=self.external_id)


PLACES = [Place(account, region) for account in ACCOUNTS for region in REGIONS]


@pytest.fixture
def sts() -> Iterator[FakeSts]:
    with FakeSts() as fake:
        yield fake


def write_files(home: Path, endpoint: str) -> Path:
    """The daemon's configuration and the AWS profiles that it names."""
    registries = []
    profiles = ""
    for place in PLACES:
        if place.by_profile:
            who = {"profile": f"push-{place.account}"}
            profiles += (f"[profile push-{place.account}]\nrole_arn = {place.role}\n"
                         f"external_id = {place.external_id}\nsource_profile = base\n")
        else:
            who = {"role_arn": place.role, "external_id": place.external_id}
        registries.append({"host": place.host, "endpoint": endpoint, **who})
    base = f"aws_access_key_id = {BASE}\naws_secret_access_key = secret-of-BASE\n"
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(profiles)
    (home / ".aws/credentials").write_text(f"[default]\n{base}[base]\n{base}")
    config = home / "config.json"
    config.write_text(json.dumps({
        "registries": registries, "create": {"max_per_hour": 10 * PUSHES},
        "state_dir": str(home / "state")}))
    return config


@pytest.fixture
def daemon(sandbox: Sandbox, sts: FakeSts, tmp_path: Path) -> Iterator[Daemon]:
    config = write_files(tmp_path, sandbox.endpoint)
    for place in PLACES:
        sandbox.add_identity(f"ASIA{place.keys}", f"secret-of-{place.keys}", account=place.account,
                             session_token=f"token-of-{place.keys}", arn=place.role)
    env = {name: value for name, value in sandbox.env().items()
           if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
    env |= {"HOME": str(tmp_path), "AWS_ENDPOINT_URL_STS": sts.url,
            "AWS_EC2_METADATA_DISABLED": "true"}
    with Daemon([f"--config={config}"], env) as running:
        yield running


def push(daemon: Daemon, place: Place, name: str) -> None:
    """A layer and a manifest, the registry as the name's first part."""
    layer = f"{place.host}/{name}".encode() * 100
    digest = digest_of(layer)
    with Client(daemon.port) as client:
        base = f"/v2/{place.host}/{name}"
        begun = client.ask("POST", f"{base}/blobs/uploads/", b"")
        assert begun.status == 202, begun
        assert begun.location.startswith(base), begun.location
        sent = client.ask("PATCH", begun.location, layer, OCTETS)
        assert sent.status == 201, sent
        done = client.ask("PUT", f"{sent.location}?digest={digest}", b"")
        assert done.status == 201, done
        put = client.ask("PUT", f"{base}/manifests/1", manifest(of=place.host),
                         {"Content-Type": INDEX})
        assert put.status == 201, put
        assert client.ask("GET", f"{base}/blobs/{digest}").status in (200, 307)


@pytest.mark.concurrency
def test_every_push_ends_up_where_it_belongs(daemon: Daemon, sandbox: Sandbox) -> None:
    """Half of the names exist in several registries: a name alone does not say whose it is."""
    work = [(PLACES[number % len(PLACES)], f"team/app-{number // 2}") for number in range(PUSHES)]
    wanted = {place: sorted({name for where, name in work if where == place}) for place in PLACES}
    random.Random(4).shuffle(work)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: push(daemon, *one), work))

    for place in PLACES:
        found = sandbox.call("DescribeRepositories", place.account, place.region)["repositories"]
        assert sorted(one["repositoryName"] for one in found) == wanted[place], place
    owner = {place.host: f"ASIA{place.keys}" for place in PLACES}
    seen = sandbox.requests(side="registry")
    assert len(seen) >= 5 * PUSHES
    for entry in seen:
        assert entry["access_key"] == owner[entry["registry"]], entry
        assert entry["status"] not in (401, 403), entry
    for call in sandbox.calls():
        assert call["access_key"] in owner.values(), call
    created = {(call["access_key"], call["region"], call["repository"])
               for call in sandbox.calls("CreateRepository")}
    assert created == {(owner[place.host], place.region, name) for place in PLACES
                       for name in wanted[place]}


def test_a_role_that_is_refused_harms_no_other(daemon: Daemon, sandbox: Sandbox,
                                               sts: FakeSts) -> None:
    """Keys of one identity are withdrawn: pushes to the other registries go on."""
    gone, *others = PLACES
    sandbox.add_identity(f"ASIA{gone.keys}", f"secret-of-{gone.keys}", account=gone.account,
                         session_token=f"token-of-{gone.keys}", arn=gone.role, expires=1)
    sandbox.revoke_tokens()
    with Client(daemon.port) as client:
        refused = client.ask("POST", f"/v2/{gone.host}/team/refused/blobs/uploads/", b"")
        assert refused.status >= 400, refused
    for place in others:
        push(daemon, place, "team/goes-on")
