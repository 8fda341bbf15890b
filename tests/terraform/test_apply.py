"""The module with its one required variable: what it makes, that it settles, that it goes again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from terraform.double import ACCOUNT, Double
from terraform.work import Work


def test_applies_settles_and_goes(work: Callable[..., Work], double: Double, package: Path) -> None:
    values = {"package": str(package)}
    here = work()
    assert here.plan(values)
    here.apply(values)
    assert not here.plan(values), "the second plan is not empty"
    [function] = double.client("lambda", "eu-west-1").list_functions()["Functions"]
    assert function["Runtime"] == "provided.al2023"
    here.destroy(values)
