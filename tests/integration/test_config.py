"""The configuration file: check-config says every error with its place, and where the file is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.daemon import ROOT, run

EXAMPLE = ROOT / "conf" / "ecr-upsertd.conf"
HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
MIB = 1024 * 1024


def check(path: Path | str, **env: str) -> tuple[int, list[str]]:
    done = run("check-config", "--config", str(path), env=env, timeout=20)
    assert (done.returncode == 0) == (done.stdout == f"{path}: valid\n")
    return done.returncode, done.stderr.splitlines()


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    return tmp_path / "c.conf"


def says(conf: Path, text: str | bytes, *wanted: str) -> None:
    """Exit 1 and a line for each of `wanted`, "line:column word…", in this order; 0 for none."""
    conf.write_bytes(text if isinstance(text, bytes) else text.encode())
    code, lines = check(conf)
    assert code == (1 if wanted else 0), lines
    assert len(lines) == len(wanted), lines
    for line, want in zip(lines, wanted):
        place, *words = want.split()
        assert line.startswith(f"{conf}:{place}: "), line
        for word in words:
            assert word in line, line


# what is no JSON: one line

@pytest.mark.parametrize("text,want", [
    (b"", "1:1 empty"),
    (b"\n", "2:1 ends"),
    (b" // nothing\n", "2:1 ends"),
    (b"{", "1:2 ends"),
    (b'{"listen": [', "1:13 ends"),
    (b'{"admin": "off', "1:15 ends"),
    (b'{"admin": "off",}', "1:17 comma"),
    (b'{"listen": ["127.0.0.1:1",\n]}', "2:1 comma"),
    (b"{'admin': 'off'}", "1:2 double quotes"),
    (b"{\"admin\": 'off'}", "1:11 double quotes"),
    (b'{admin: "off"}', "1:2 double quotes"),
    (b'{"create": {"timeout_s": NaN}}', "1:26 double quotes"),
    (b'{"create": {"timeout_s": Infinity}}', "1:26 double quotes"),
    (b'{"create": {"timeout_s": -Infinity}}', "1:26"),
    (b'{"create": {"timeout_s": 010}}', "1:27"),
    (b'{"create": {"timeout_s": 0x10}}', "1:27"),
    (b'{"create": {"timeout_s": +1}}', "1:26"),
    (b'{"create": {"timeout_s": .5}}', "1:26"),
    (b'{"create": {"timeout_s": 1e999}}', "1:26 range"),
    (b'{"admin": None}', "1:11 double quotes"),
    (b'{"admin": True}', "1:11 double quotes"),
    (b'{"admin" "off"}', "1:10"),
    (b'{"admin": "off" "log": {}}', "1:17"),
    (b'{"admin": "off"} {}', "1:18"),
    (b'{"admin": "off"}}', "1:17"),
    (b'{"admin": "a\nb"}', "1:13 closed"),
    (b'{"admin": "\\x"}', "1:12"),
    (b'{"admin": "\\ud800"}', "1:12 surrogate"),
    (b'# a comment\n{}', "1:1 comment"),
    (b"{} /* open", "1:4 closed"),
    (b"{ /* a /* b */ */ }", "1:16 comment"),
    (b'{"admin": "\xff"}', "1:12 UTF-8"),
    (b'{"admin": "\xc3"}', "1:12 UTF-8"),
    (b'{"admin": "\xed\xa0\x80"}', "1:12 UTF-8"),
    (b"// \xc3\xa9\xff\n{}", "1:5 UTF-8"),
    ('{"état": 1, "é" 2}'.encode(), "1:17"),
    (b"\xef\xbb\xbf{}", "1:1 byte order mark"),
    ("{}".encode("utf-16"), "1:1 UTF-8"),
    ("{}".encode("utf-16-le"), "1:2 control"),
    (b"\0" * 100, "1:1 control"),
    (b"{}\0", "1:3 control"),
    (b"\x7fELF\x02\x01", "1:5 control"),
    (b"\x1f\x8b\x08", "1:1 control"),
    (b"[" * 100000, "1:65 deep"),
    (b'{"a":' * 100000, "1:321 deep"),
    (b" " * (MIB + 1), "1:1 1 MiB"),
], ids=lambda value: repr(value)[:40])
def test_no_json(conf: Path, text: bytes, want: str) -> None:
    says(conf, text, want)


# what is JSON and wrong: a line each

def root(members: str) -> str:
    return "{" + members + "}"


def settings(members: str) -> str:
    return '{"defaults":{\n' + members + "}}"


def rule(members: str) -> str:
    return '{"rules":[{\n"match":"x",' + members + "}]}"


def registry(members: str) -> str:
    return f'{{"registries":[{{"host":"{HOST}",\n{members}}}]}}'


@pytest.mark.parametrize("text,wants", [
    ("[]", ["1:1 object"]),
    ("null", ["1:1 object"]),
    ('"x"', ["1:1 object"]),
    (root('"lissen": []'), ["1:2 lissen listen"]),
    (root('"registry": []'), ["1:2 registry registries"]),
    (root('"Admin": "off"'), ["1:2 Admin admin"]),
    (root('"": 1'), ["1:2 unknown"]),
    (root('"admin": "off", "admin": "off"'), ["1:18 admin twice"]),
    (root('"admin": "off",\r\n"admin": "off"'), ["2:1 admin twice"]),
    (root('"adm\\u0069n": "off", "admin": "off"'), ["1:23 admin twice"]),
    (root('"listen": "127.0.0.1:1"'), ["1:12 listen list"]),
    (root('"listen": []'), ["1:12 listen"]),
    (root('"listen": [5100]'), ["1:13 string"]),
    (root('"listen": ["localhost:5100"]'), ["1:13 localhost:5100"]),
    (root('"listen": ["127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1"]'),
     ["1:13 port", "1:28 65536", "1:47 127.0.0.1"]),
    (root('"listen": ["127.0.0.1:1", "127.0.0.1:1"]'), ["1:28 twice"]),
    (root('"listen": ["0.0.0.0:5100", "[::]:5100"]'),
     ["1:13 unsafe_listen", "1:29 unsafe_listen"]),
    (root('"listen": ["0.0.0.0:5100"], "unsafe_listen": true'), []),
    (root('"unsafe_listen": "true", "listen": ["0.0.0.0:1"]'),
     ["1:19 true false", "1:38 unsafe_listen"]),
    (root('"admin": "0.0.0.0:5101"'), ["1:11 unsafe_listen"]),
    (root('"admin": false'), ["1:11 off"]),
    (root('"admin": "off"'), []),
    (root('"registries": {}'), ["1:16 list"]),
    (root('"registries": [{}]'), ["1:17 host"]),
    (root('"registries": [{"host": "ghcr.io"}]'), ["1:26 ghcr.io"]),
    (root(f'"registries": [{{"host": "{HOST}.evil.example.com"}}]'), ["1:26 evil"]),
    (root(f'"registries": [{{"host": "{HOST}"}},\n{{"host": "{HOST}"}}]'), ["2:10 twice"]),
    (registry('"role_arn":"arn:aws:iam::1:role/x"'), ["2:12 role_arn arn:aws:iam::"]),
    (registry('"role_arn":"arn:aws:sts::123456789012:assumed-role/x/y"'), ["2:12 role_arn"]),
    (registry('"role_arn":"arn:aws-cn:iam::123456789012:role/a/b"'), []),
    (registry('"endpoint":"ftp://x","profile":1'), ["2:12 endpoint", "2:32 profile string"]),
    (registry('"endpoint":"https://127.0.0.1:1/v2"'), ["2:12 endpoint"]),
    (root('"allow_users": ["alice", 1000]'), []),
    (root('"allow_users": "alice"'), ["1:17 list"]),
    (root('"allow_users": [-1, 1.5, true, ""]'), ["1:18", "1:22", "1:27", "1:33"]),
    (root('"hosts": ["registry.local:5100", "http://x", "a b"]'), ["1:35 Host", "1:47 Host"]),
    (root('"create": {"max_per_hour": 0}'), ["1:29 max_per_hour"]),
    (root('"create": {"max_per_hour": 1.0}'), ["1:29 integer"]),
    (root('"create": {"max_per_hour": "100"}'), ["1:29 integer"]),
    (root('"create": {"timeout_s": 26}'), ["1:26 25"]),
    (root('"create": {"timeout_s": 1}'), []),
    (root('"create": {"on_access_denied": "waits"}'), ["1:33 fail wait"]),
    (root('"create": {"max_per_our": 1}'), ["1:13 max_per_our max_per_hour"]),
    (root('"log": {"level": "loud", "format": "xml"}'), ["1:19 debug", "1:37 json"]),
    (root('"state_dir": ""'), ["1:15 empty"]),
    (root('"allow_any_registry": 1'), ["1:24 true"]),
    (settings('"image_tag_mutability": "immutable"'), ["2:25 IMMUTABLE"]),
    (settings('"image_tag_mutability": "MUTABLE_WITH_EXCLUSION"'), ["2:25 filters"]),
    (settings('"image_tag_mutability_exclusion_filters": ["v*"]'), ["2:1 _WITH_EXCLUSION"]),
    (settings('"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",\n'
              '"image_tag_mutability_exclusion_filters": ["v*", "a b", "1", "2", "3", "4"]'),
     ["3:43 5", "3:50 letters"]),
    (settings('"scan_on_push": "yes"'), ["2:17 true"]),
    (settings('"encryption": {"type": "AES256", "kms_key": "alias/x"}'), ["2:34 kms_key"]),
    (settings('"encryption": {"type": "KMS", "kms_key": "arn:aws:kms:eu:1:key/x"}'), ["2:42 ARN"]),
    (settings('"encryption": {"type": "KMS", "kms_key": "alias/x"}'), []),
    (settings('"encryption": {"kms_key": "alias/x"}'), ["2:15 type"]),
    (settings('"tags": {"a": "${usr}", "b": "${user", "c": 1}'),
     ["2:15 usr user", "2:30 ${", "2:45 string"]),
    (settings('"tags": {"aws:x": "y", "": "z"}'), ["2:10 aws:", "2:24 key"]),
    (settings('"tags": {"a": "1", "a": "2"}'), ["2:20 twice"]),
    (settings('"lifecycle_policy": "{}"'), ["2:21 object"]),
    (settings('"lifecycle_policy": {"a": 1, "a": 2}'), ["2:30 twice"]),
    (settings('"lifecycle_policy": {}, "lifecycle_policy_file": "missing.json"'),
     ["2:25 only", "2:25 missing.json"]),
    (settings('"repository_policy": {"x": "' + 10240 * "x" + '"}'), ["2:1 10240"]),
    (settings('"lifecycle_policy": {"x": "' + 30720 * "x" + '"}'), ["2:1 30720"]),
    (settings('"from": "template"'), ["2:9 ecr-template"]),
    (settings('"form": "ecr-template"'), ["2:1 form from"]),
    (root('"rules": {}'), ["1:11 list"]),
    (root('"rules": [{}, {"match": ""}]'), ["1:12 match", "1:26 match"]),
    (root('"rules": [{"match": "a{b"}, {"match": "a}"}, {"match": "a[b]"}]'),
     ["1:22 {", "1:40 }", "1:57 ["]),
    (rule('"registry": "{"'), ["2:25 registry"]),
    (rule('"name": "a"},\n{"match": "y", "name": "a"'), ["3:24 a twice"]),
    (rule('"action": "allow"'), ["2:23 create deny wait"]),
    (rule('"action": "deny", "settings": {"scan_on_push": false}'), []),
    (rule('"action": "create", "reason": "why not"'), []),
    (rule('"scan_on_push": true'), ["2:13 scan_on_push"]),
    (rule('"settings": {"tags": {"owner": "${nme}"}}'), ["2:44 ${name}"]),
    ("{}", []),
    ("// c\r\n{ /* c */ } // c", []),
    ('{"admin"/**/:/**/"off"/**/,//\n"log":{}}', []),
    ('{"log": {"level": 1},\n"create": 1,\n"rules": [1],\n"x": 1}',
     ["1:19 level", "2:11 object", "3:11 object", "4:1 x"]),
], ids=lambda value: repr(value)[:60])
def test_wrong(conf: Path, text: str, wants: list[str]) -> None:
    says(conf, text, *wants)


def test_every_member_of_any_other_type(conf: Path) -> None:
    """No value of a wrong type passes, wherever it stands."""
    for key in ("listen", "admin", "registries", "allow_any_registry", "allow_users", "hosts",
                "create", "defaults", "rules", "log", "state_dir", "unsafe_listen"):
        for value in ("null", "0.5", "[[]]", "[null]", '{"": {}}'):
            conf.write_text(root(f'"{key}": {value}'))
            code, lines = check(conf)
            assert code == 1 and lines, (key, value)
            assert all(line.startswith(f"{conf}:1:") for line in lines), lines


def test_one_line_for_each_of_many(conf: Path) -> None:
    says(conf, root(",\n".join(f'"k{i}": 1' for i in range(1000))),
         *(f"{i + 1}:{1 if i else 2} k{i}" for i in range(1000)))


def test_lines_stay_lines(conf: Path) -> None:
    says(conf, root('"a\\n\\u001b[31m": 1'), "1:2 \\n \\x1b")
    says(conf, root(f'"{"é" * 5000}": 1'), "1:2 did you mean")


def test_quick_with_many_keys(conf: Path) -> None:
    """1 MiB of errors is told within the time of a test."""
    conf.write_text(root(",".join(f'"k{i % 50000}": 1' for i in range(80000))))
    code, lines = check(conf)
    assert code == 1
    assert len(lines) == 80000 + 30000


# files

def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "missing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("missing", ".", "dangling", "loop", "missing/c.conf", "n" * 300):
        code, (line,) = check(tmp_path / name)
        assert code == 2
        assert line.startswith(f"{tmp_path / name}: cannot be read: "), line
    code, (line,) = check("/dev/null")
    assert (code, line) == (1, "/dev/null:1:1: this is no regular file")


def test_huge(conf: Path) -> None:
    with conf.open("wb") as file:
        for _ in range(100):
            file.write(b" " * MIB)
    code, (line,) = check(conf)
    assert (code, line.split(": ", 1)[0]) == (1, f"{conf}:1:1")
    conf.write_bytes(b" " * (MIB - 2) + b"{}")
    assert check(conf)[0] == 0


def test_policy_files(conf: Path) -> None:
    policy = conf.parent / "p.json"

    def policy_says(content: bytes | None, *words: str) -> None:
        if content is not None:
            policy.write_bytes(content)
        for key in ("lifecycle_policy_file", "repository_policy_file"):
            want = " ".join(("2:1", key, *words))
            says(conf, settings(f'"{key}": "p.json"'), *([want] if words else []))

    policy_says(None, str(policy), "No such file")
    policy.symlink_to(conf.parent / "missing")
    policy_says(None, "No such file")
    policy.unlink()
    policy.mkdir()
    policy_says(None, "regular file")
    policy.rmdir()
    policy_says(b'{\n "a": 1\n}\r\n')
    policy_says(b"", f"{policy}:1:1:", "ends")
    policy_says(b"[]", f"{policy}:1:1:", "object")
    policy_says(b"{\n// c\n}", f"{policy}:2:1:", "comment")
    policy_says(b'{\n "a": 1,\n}', f"{policy}:3:1:", "comma")
    policy_says(b'{"a": 1,\n "a": 1}', f"{policy}:2:2:", "twice")
    policy_says(b'{"\xff": 1}', f"{policy}:1:3:", "UTF-8")
    policy_says(b"\x7fELF\x01", f"{policy}:1:5:")
    policy_says(b'{"a": "' + b"x" * 40000 + b'"}', "40008", "ECR")
    policy_says(b" " * 300000 + b"{}", "longer")


def test_policy_files_are_beside_the_configuration(conf: Path) -> None:
    text = settings('"lifecycle_policy_file": "p/p.json", "repository_policy_file": "{}"')
    (conf.parent / "p").mkdir()
    (conf.parent / "p" / "p.json").write_text("{}")
    absolute = conf.parent / "absolute.json"
    absolute.write_text("{}")
    says(conf, text.replace("{}", str(absolute)).replace("\n" + str(absolute), "\n"))
    done = run("check-config", "--config", conf.name, env={}, timeout=5)
    assert done.returncode == 2     # another folder is the current one


# the example

def blocks() -> Iterator[tuple[int, int]]:
    """First and last line but one of each example: lines behind // without a space."""
    lines = EXAMPLE.read_text().splitlines()
    start = None
    for i, line in enumerate([*lines, ""]):
        is_example = re.match(r" *//[^ ]", line) or (start is not None and re.match(r" *//", line))
        if is_example and start is None:
            start = i
        elif not is_example and start is not None:
            yield start, i
            start = None


def uncomment(first: int, end: int) -> str:
    lines = EXAMPLE.read_text().splitlines()
    lines[first:end] = [re.sub(r"//", "", line, count=1) for line in lines[first:end]]
    return "\n".join(lines)


def test_example_is_valid_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path, Path("/"), ROOT):
        monkeypatch.chdir(folder)
        assert check(EXAMPLE) == (0, [])
    monkeypatch.chdir(EXAMPLE.parent)
    assert check(EXAMPLE.name) == (0, [])


def test_example_shows_every_key() -> None:
    code = "".join(file.read_text() for file in ROOT.glob("src/config_*.c"))
    keys = set(re.findall(r'\{"(\w+)", (?:config_)?read_\w+\}', code))
    for name, word in re.findall(r'#define (\w+) +"(\w+)"', code):
        if re.search(rf"\{{{name}, read_\w+\}}", code):
            keys.add(word)
    assert len(keys) == 40, sorted(keys)
    text = EXAMPLE.read_text()
    assert not [key for key in keys if f'"{key}":' not in text]


@pytest.mark.parametrize("block", list(blocks()), ids=str)
def test_example_blocks(conf: Path, block: tuple[int, int]) -> None:
    for name in ("lifecycle.json", "policy.json"):
        (conf.parent / name).write_text("{}")
    text = uncomment(*block)
    assert text != EXAMPLE.read_text()
    says(conf, text)


def test_example_has_blocks() -> None:
    assert len(list(blocks())) == 14


def test_example_truncated(conf: Path) -> None:
    """Cut anywhere before its end it is one clear line, or the whole of it is there."""
    whole = EXAMPLE.read_bytes()
    for size in range(0, len(whole.rstrip()), 50):
        conf.write_bytes(whole[:size])
        code, lines = check(conf)
        assert (code, len(lines)) == (1, 1), (size, lines)
        assert re.match(rf"{re.escape(str(conf))}:\d+:\d+: \S", lines[0]), lines


# which file

def test_which_file(tmp_path: Path) -> None:
    def found(*arguments: str, **env: str) -> tuple[int, str]:
        done = run("check-config", *arguments, env=env, timeout=5)
        return done.returncode, (done.stdout + done.stderr).split(":")[0]

    home = tmp_path / "home"
    of_home = home / ".config" / "ecr-upsertd" / "ecr-upsertd.conf"
    of_home.parent.mkdir(parents=True)
    files = [tmp_path / name for name in ("flag.conf", "env.conf")] + [of_home]
    for file in files:
        file.write_text("{}")
    env = {"HOME": str(home), "ECR_UPSERTD_CONFIG": str(files[1])}
    assert found("--config", str(files[0]), **env) == (0, str(files[0]))
    assert found(**env) == (0, str(files[1]))
    assert found(HOME=str(home), ECR_UPSERTD_CONFIG="") == (0, str(of_home))
    files[1].unlink()
    assert found(**env) == (2, str(files[1]))
    of_home.unlink()
    of_home.symlink_to("nowhere")
    assert found(HOME=str(home)) == (2, str(of_home))
    of_home.unlink()
    if not Path("/etc/ecr-upsertd/ecr-upsertd.conf").exists():
        for env in ({"HOME": str(home)}, {"HOME": ""}, {}):
            done = run("check-config", env=env, timeout=5)
            assert done.returncode == 2
            (line,) = done.stderr.splitlines()
            assert "--config" in line
