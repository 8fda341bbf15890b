"""Other partitions, a region by variable, another name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terraform.double import ACCOUNT, Double
from terraform.work import Work

Start = Callable[..., Work]


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [str(value)]


@pytest.mark.parametrize("region, partition", [("cn-north-1", "aws-cn"),
                                               ("us-gov-west-1", "aws-us-gov")])
def test_partition(work: Start, double: Double, package: Path, region: str, partition: str) -> None:
    here = work(region)
    values = {"package": str(package), "create_trail": True, "create_kms_key": True,
              "central_bus": {}}
    here.apply(values)
    assert not here.plan(values)
    found = [text for call in double.calls for text in strings(call.parameters)]
    arns = {text for text in found if text.startswith("arn:")}
    assert arns and all(arn.startswith(f"arn:{partition}:") for arn in arns), arns
    assert not any("arn:aws:" in text for text in found)    # in policies and patterns neither
    here.destroy(values)


def test_region_by_variable_and_another_name(work: Start, double: Double, package: Path) -> None:
    here = work("eu-west-1")
    values = {"package": str(package), "region": "us-east-1", "name": "upsert-2"}
    here.apply(values)
    assert not here.plan(values)
    assert here.outputs()["function_arn"] == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:upsert-2"
    regional = {call.region for call in double.calls if call.service not in ("iam", "sts")}
    assert regional == {"us-east-1"}
    assert not double.client("lambda", "eu-west-1").list_functions()["Functions"]
    moved = {**values, "region": "eu-west-1"}
    here.apply(moved)
    assert not here.plan(moved)
    assert not double.client("lambda", "us-east-1").list_functions()["Functions"]
    here.destroy(moved)
