"""allow_any_registry: every form of an ECR host is served, and nothing that only looks like one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest

from integration.daemon import Daemon
from integration.registry import start_upload
from integration.test_names import LOOK_ALIKES, assert_never_leaves
from sandbox import Sandbox

# No such host can be resolved on a test machine: that a token was fetched for it and it was then
# looked up shows that it is served.
FORMS = [
    ("210987654321.dkr.ecr.us-east-1.amazonaws.com", "us-east-1"),
    ("210987654321.dkr.ecr.ap-southeast-2.amazonaws.com", "ap-southeast-2"),
    ("210987654321.dkr.ecr-fips.us-east-2.amazonaws.com", "us-east-2"),
    ("210987654321.dkr-ecr.us-west-2.on.aws", "us-west-2"),
    ("210987654321.dkr-ecr-fips.us-west-2.on.aws", "us-west-2"),
    ("210987654321.dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ("210987654321.dkr.ecr-fips.us-gov-east-1.amazonaws.com", "us-gov-east-1"),
    ("210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ("210987654321.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "cn-northwest-1"),
    ("210987654321.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    ("210987654321.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
    ("210987654321.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
    ("210987654321.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
    ("210987654321.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
]

# Whole and half true: a region of another partition, a suffix that is Amazon's but not ECR's.
NEARLY = [
    "210987654321.dkr.ecr.cn-north-1.amazonaws.com",
    "210987654321.dkr.ecr.us-east-1.amazonaws.com.cn",
    "210987654321.dkr.ecr.us-gov-west-1.amazonaws.com.cn",
    "210987654321.dkr.ecr.eusc-de-east-1.amazonaws.com",
    "210987654321.dkr.ecr.us-east-1.amazonaws.eu",
    "210987654321.dkr.ecr.us-iso-east-1.amazonaws.com",
    "210987654321.dkr.ecr.us-east-1.c2s.ic.gov",
    "210987654321.dkr.ecr.not-real.amazonaws.com",
    "210987654321.dkr.ecr.us-east-1.amazonaws.com.fake.example.com",
    "210987654321.dkr-ecr.cn-north-1.on.aws.com.cn",
    "21098765432.dkr.ecr.us-east-1.amazonaws.com",
    "2109876543210.dkr.ecr.us-east-1.amazonaws.com",
    "21098765432x.dkr.ecr.us-east-1.amazonaws.com",
    "dkr.ecr.us-east-1.amazonaws.com",
    "210987654321.dkr.ecr.amazonaws.com",
    "210987654321.dkr.ecr-fip.us-east-1.amazonaws.com",
    "210987654321.dkr.ecr.us-east-1.amazonaws.co",
    "210987654321.dkr.ecr.us-east-1.s3.amazonaws.com",
]


@pytest.fixture(scope="module")
def running_daemon(running_sandbox: Sandbox) -> Iterator[Daemon]:
    running_sandbox.reset()
    with Daemon([], running_sandbox.env(), config={
            "registries": [{"host": running_sandbox.host, "endpoint": running_sandbox.endpoint}],
            "allow_any_registry": True, "create": {"timeout_s": 2}}) as daemon:
        yield daemon


@pytest.mark.parametrize("host,region", FORMS, ids=[host for host, _ in FORMS])
def test_every_form_of_an_ecr_host(daemon: Daemon, sandbox: Sandbox, name: str, host: str,
                                   region: str) -> None:
    answer = start_upload(daemon, f"{host}/{name}")
    assert answer.status == 504 and host in answer.error()[1], answer
    assert {call["region"] for call in sandbox.calls("GetAuthorizationToken")} == {region}
    assert not sandbox.requests(side="registry")


# Other accounts, regions and forms: look-alikes where only one host is listed, served here.
SERVED = re.compile(r"\d{12}\.dkr[.-]ecr(-fips)?\.(eu-west-1|us-east-1)\.(amazonaws\.com|on\.aws)")


def none_of_ecrs(decode: Callable[[str], str]) -> list[str]:
    return [host for host in [*NEARLY, *LOOK_ALIKES] if not SERVED.fullmatch(decode(host))]


@pytest.mark.parametrize("host", none_of_ecrs(str))
def test_what_looks_like_one_in_the_path(daemon: Daemon, sandbox: Sandbox, host: str) -> None:
    assert_never_leaves(daemon, sandbox, f"/v2/{host}/app/blobs/uploads/")
    assert sandbox.calls() == []


@pytest.mark.parametrize("host", none_of_ecrs(unquote))
def test_what_looks_like_one_as_ns(daemon: Daemon, sandbox: Sandbox, host: str) -> None:
    assert_never_leaves(daemon, sandbox, f"/v2/app/blobs/uploads/?ns={host}")
    assert sandbox.calls() == []


def test_the_listed_one_is_the_default(daemon: Daemon, sandbox: Sandbox, name: str) -> None:
    assert start_upload(daemon, name).status == 202
    assert start_upload(daemon, f"{sandbox.host}/{name}").status == 202
