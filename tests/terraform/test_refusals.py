"""What is refused before anything is made, in words; and the shape of the HCL."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terraform.double import Double
from terraform.life import FIRST_KEY, Stage
from terraform.work import MODULE, ROOT, Failed, Work

ROLE = "arn:aws:iam::123456789012:role/r"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"package": "/no/such.zip"}, "No such file"),
    ({"IMAGE_TAG_MUTABILITY": "immutable"}, "MUTABLE or IMMUTABLE"),
    ({"REPO_TAGS": {"aws:x": "y"}}, "does not begin with"),
    ({"REPO_TAGS": {f"k{i}": "v" for i in range(51)}}, "50 tags at most"),
    ({"SCAN_TYPE": "FULL"}, "BASIC or ENHANCED"), ({"SCAN_FREQUENCY": "DAILY"}, "CONTINUOUS_SCAN"),
    ({"scan_filters": []}, "At least one"), ({"region": "Ireland"}, "A region's name"),
    ({"name": "a" * 41}, "1 to 40"), ({"architecture": "riscv"}, "x86_64 or arm64"),
    ({"memory_size": 64}, "128 to 10240"), ({"timeout": 901}, "5 to 900"),
    ({"reserved_concurrency": 0}, "at least 1"), ({"layers": ["l"] * 6}, "5 layers"),
    ({"config_path": "ecr-upsertd.json"}, "absolute path"),
    ({"environment": {"ECR_UPSERTD_CONFIG": "{}"}}, "comes from config"),
    ({"config": "{}"}, "An object"),
    ({"repository_prefixes": ["team-*"]}, "without wildcards"),
    ({"repository_kms_key_arns": ["alias/x"]}, "ARNs of keys"),
    ({"assume_role_arns": [ROLE.replace("r", "*")]}, "ARNs of roles"),
    ({"event_age_seconds": 30}, "60 to 21600"), ({"delivery_attempts": 186}, "0 to 185"),
    ({"function_attempts": 3}, "0, 1 or 2"), ({"failed_retention_days": 15}, "1 to 14"),
    ({"buffer": {"max_concurrent": 1}}, "max_concurrent 2"),
    ({"central_bus": {"account_ids": ["1"]}}, "12 digits"),
    ({"central_bus": {"organization_id": "org"}}, "begins with"),
    ({"log_retention_days": 2}, "CloudWatch takes"), ({"kms_key_arn": "alias/x"}, "ARN of a key"),
    ({"creation_templates": {"a/*": {}}}, "without wildcards"),
    ({"creation_templates": {"a": {"tags": {"k": "v"}}}}, "custom_role_arn"),
    ({"creation_templates": {"a": {"image_tag_mutability": "MUTABLE_WITH_EXCLUSION"}}},
     "Exclusion filters"),
]
TOGETHER: list[tuple[dict[str, Any], str]] = [
    ({"REPO_SCAN_ON_PUSH": "yes"}, "a bool is required"),    # asked before all others
    ({"manage_registry_scanning": True, "SCAN_FREQUENCY": "CONTINUOUS_SCAN"}, "needs SCAN_TYPE"),
    ({"config": {"rules": []}, "config_path": "/opt/c"}, "not both"),
    ({"config": {"rules": [{"match": "x" * 4000}]}}, "too long"),
    ({"create_kms_key": True, "kms_key_arn": FIRST_KEY}, "not both"),
]


@pytest.fixture(scope="module")
def here(running_double: Double, provider: dict[str, str],
         tmp_path_factory: pytest.TempPathFactory) -> Work:
    return Work(tmp_path_factory.mktemp("refused"), {**provider, **running_double.env("eu-west-1")})


def test_formatted(here: Work) -> None:
    here.run("fmt", "-check", "-recursive", "-diff", str(MODULE))


def test_valid(here: Work) -> None:
    here.run("validate", "-no-color")


def _waves() -> list[list[tuple[str, Any, str]]]:
    """As few plans as do: Terraform names all bad variables at once, each of them once."""
    waves: list[list[tuple[str, Any, str]]] = []
    for values, words in REFUSED:
        [(name, value)] = values.items()
        wave = next((one for one in waves if name not in {other for other, _, _ in one}), None)
        if wave is None:
            waves.append(wave := [])
        wave.append((name, value, words))
    return waves


def refusal(here: Work, values: dict[str, Any]) -> str:
    with pytest.raises(Failed) as refused:
        here.plan(values)
    return re.sub(r"\W*\n\W*", " ", str(refused.value))    # as if it were never wrapped


def test_refuses_bad_values(here: Work, package: Path) -> None:
    for wave in _waves():
        text = refusal(here, {"package": str(package), **{name: value for name, value, _ in wave}})
        for name, value, words in wave:
            assert words in text and f"var.{name}" in text, (name, value)


@pytest.mark.parametrize("values, words", TOGETHER)
def test_refuses_what_does_not_go_together(here: Work, package: Path, values: dict[str, Any],
                                           words: str) -> None:
    assert words in refusal(here, {"package": str(package), **values})


def _rows(folder: Path, kind: str) -> list[str]:
    """The table of a module's variables or outputs, as README.md is to have it."""
    def said(name: str, body: str, what: str) -> str:
        found = re.search(rf"^  {what} += (.*)$", body, re.M)
        assert found, f"{folder.name}: {name} has no {what}"
        return found[1]

    rows = []
    text = (folder / f"{kind}s.tf").read_text()
    for name, body in re.findall(rf'^{kind} "(\w+)" \{{\n(.*?)^\}}', text, re.M | re.S):
        columns = [f"`{name}`", json.loads(said(name, body, "description"))]
        if kind == "variable":
            columns.append(said(name, body, "type").replace("object({", "object").removesuffix("("))
            optional = re.search(r"^  default += ", body, re.M)
            columns.append(f"`{said(name, body, 'default')}`" if optional else "**required**")
        rows.append(f"| {' | '.join(columns)} |")
    return rows


def test_documented() -> None:
    """Every variable and output of every module is typed, described, and in README.md so."""
    text = (MODULE / "README.md").read_text()
    _, *parts = re.split(r"^##+ (?=Inputs|modules/)", text, flags=re.M)
    readme = {part.partition("\n")[0].removeprefix("modules/"): part for part in parts}
    for folder in (MODULE, *sorted((MODULE / "modules").iterdir())):
        part = readme["Inputs and outputs" if folder == MODULE else folder.name]
        wanted = _rows(folder, "variable") + _rows(folder, "output")
        assert [line for line in part.splitlines() if line.startswith("| `")] == wanted


def program() -> str:
    return os.environ.get("ECR_UPSERTD", str(ROOT / "build" / "daemon" / "ecr-upsertd"))


def test_the_program_takes_its_configuration(life: dict[str, Stage], tmp_path: Path) -> None:
    for stage in ("fresh", "changed"):
        function = life[stage].seen["function"]["Configuration"]
        config = tmp_path / stage
        config.write_text(function["Environment"]["Variables"]["ECR_UPSERTD_CONFIG"])
        done = subprocess.run([program(), "check-config", "--config", config], check=False,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_a_broken_configuration_stops_the_apply(work: Callable[..., Work], double: Double,
                                                package: Path) -> None:
    values = {"package": str(package), "check_config_command": f"{program()} check-config"}
    here = work()
    with pytest.raises(Failed, match="image_tag_mutabilty"):
        here.apply({**values, "config": {"defaults": {"image_tag_mutabilty": "MUTABLE"}}})
    assert not double.client("lambda", "eu-west-1").list_functions()["Functions"]
    good = {**values, "config": {"defaults": {"image_tag_mutability": "MUTABLE"}}}
    here.apply(good)
    assert not here.plan(good)
