"""The man pages say all that the program takes, and nothing that it does not."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from package import program
from package.program import ROOT

PROGRAM = ROOT / "daemon/ecr-upsertd.8.scd"
FILE = ROOT / "conf/ecr-upsertd.conf.5.scd"


def section(page: Path, name: str) -> str:
    return re.split(r"^# ", page.read_text().split(f"\n# {name}\n")[1], flags=re.M)[0]


def terms(text: str) -> list[str]:
    """The headings of a definition list: paragraphs that a deeper one follows."""
    return re.findall(r"^\t*([*_\\{?$].*)\n(?=\t)", text, re.M)


def bold(words: list[str]) -> list[str]:
    return [word for line in words for word in re.findall(r"\*([^*\\]+)\*", line)]


@pytest.mark.parametrize("page", (PROGRAM, FILE), ids=lambda page: page.name)
def test_is_well_formed(page: Path, tmp_path: Path) -> None:
    roff = tmp_path / page.stem
    roff.write_bytes(subprocess.run(["scdoc"], input=page.read_bytes(), check=True,
                                    stdout=subprocess.PIPE).stdout)
    # As lintian asks it; the paragraph macros that mandoc calls superfluous are scdoc's.
    for command in (["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", roff],
                    ["mandoc", "-Tlint", "-W", "error", roff]):
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        assert (done.returncode, done.stderr) == (0, b"")


def test_commands() -> None:
    described = {re.match(r"\*([a-z-]+)\*", term)[1] for term in terms(section(PROGRAM, "COMMANDS"))}
    assert described == program.commands()
    synopsis = section(PROGRAM, "SYNOPSIS")
    for command in program.commands():
        assert f"*{command}*" in synopsis
        for option in re.findall(r"--[a-z-]+", re.search(rf"\*{command}\*.*", synopsis)[0]):
            assert program.takes(command, option), (command, option)


def test_options() -> None:
    described = [word for word in bold(terms(section(PROGRAM, "OPTIONS"))) if word[0] == "-"]
    assert sorted(described) == sorted(program.options())


def test_clients() -> None:
    assert program.clients() <= set(bold([section(PROGRAM, "COMMANDS")]))


def test_exit_codes() -> None:
    codes = re.findall(r"EXIT_CODE_\w+ = (\d+)", (ROOT / "daemon/exit_codes.h").read_text())
    assert bold(terms(section(PROGRAM, "EXIT STATUS"))) == codes


def test_environment() -> None:
    read = set(re.findall(r'"(AWS_[A-Z0-9_]+)"', program.sources()))
    read |= set(re.findall(r'getenv\("([A-Z_]+)"\)', program.sources()))
    read |= {"ECR_UPSERTD_CONFIG"}
    by_libcurl = {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy"}
    described = bold(terms(section(PROGRAM, "ENVIRONMENT")))
    assert len(described) == len(set(described))
    assert set(described) == read | by_libcurl


def test_signals() -> None:
    handled = set(re.findall(r"sigaddset\(&\S+, (SIG[A-Z]+)\)",
                             (ROOT / "daemon/serve.c").read_text()))
    assert set(bold(terms(section(PROGRAM, "SIGNALS")))) == handled


def keys_of_the_reader() -> list[str]:
    found = []
    for source in sorted((ROOT / "src").glob("config_*.c")):
        text = source.read_text()
        names = dict(re.findall(r'^#define (\w+) +"(\w+)"$', text, re.M))
        for table in re.findall(r"struct config_key keys\[\] = \{(.*?)\n\t\};", text, re.S):
            found += [names.get(name, name.strip('"'))
                      for name in re.findall(r'\{("?\w+"?), \w+\}', table)]
    return sorted(found)


def described_keys() -> list[str]:
    names = ("WHERE IT LISTENS", "REGISTRIES", "CREATION", "SETTINGS", "LOG AND STATE")
    return sorted(bold(terms("".join(section(FILE, name) for name in names))))


def test_keys() -> None:
    assert len(keys_of_the_reader()) > 30
    assert described_keys() == keys_of_the_reader()


def paragraph(key: str) -> str:
    """What stands about a key, in one line."""
    said = re.search(rf"^(\t*)\*{key}\*\n((?:\1\t.*\n)+)", FILE.read_text(), re.M)
    assert said, key
    return " ".join(said[2].split())


@pytest.mark.parametrize("key", sorted(set(keys_of_the_reader())))
def test_each_key_has_a_default(key: str) -> None:
    said = paragraph(key)
    assert "Default: " in said or "Each " in said or "Needed" in said or said == "Object:", said


def leaves(value: Any, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [leaf for name in value for leaf in leaves(value[name], name)]
    return [(key, json.dumps(value))]


def test_defaults() -> None:
    """Those of the example, which has every key with its default."""
    text = re.sub(r"^ *//.*$|(?<=[ ,])//.*$", "", (ROOT / "conf/ecr-upsertd.conf").read_text(),
                  flags=re.M)
    example = json.loads(text)
    del example["rules"]
    assert len(leaves(example)) > 8
    for key, default in leaves(example):
        assert f"Default: {default}" in paragraph(key), key


def test_limits() -> None:
    sources = program.sources() + (ROOT / "include/config_policy.h").read_text()
    limits = dict(re.findall(r"(\w+) = (\d+)\b", sources))
    for key, limit in (("image_tag_mutability_exclusion_filters", "FILTERS_MAX"),
                       ("image_tag_mutability_exclusion_filters", "FILTER_LEN_MAX"),
                       ("kms_key", "KMS_KEY_MAX"), ("tags", "TAGS_MAX"),
                       ("lifecycle_policy", "LIFECYCLE_POLICY_MAX"),
                       ("repository_policy", "REPOSITORY_POLICY_MAX")):
        assert re.search(rf"\b{limits[limit]}\b", paragraph(key)), (key, limits[limit])


def test_variables() -> None:
    source = (ROOT / "src/variables.c").read_text()
    known = re.findall(r'"(\w+)"', re.search(r"names\[VARIABLES\] = \{(.*?)\}", source, re.S)[1])
    assert re.findall(r"\$\{(\w+)\}", section(FILE, "VARIABLES")) == known
