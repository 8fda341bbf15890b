"""One file that needs nothing of the machine that it runs on, and Lambda's package of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from integration.lambda_runtime import Function, push_event
from static.conftest import ROOT, Package, unpack

ZIP_MAX = 2_500_000
FIRST_NEXT_MAX_MS = 10.0
ZIP_PY = ROOT / "terraform/package/zip.py"
CLOSED = {"rules": [{"name": "closed", "match": "**", "action": "deny", "reason": "ask platform@"}]}
PT_DYNAMIC, PT_INTERP, PT_GNU_STACK = 2, 3, 0x6474E551


def pack(out: Path, program: Path, *config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ZIP_PY, out, program, *config], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def write_rules(folder: Path, rules: object = CLOSED) -> Path:
    folder.mkdir()
    (folder / "ecr-upsertd.json").write_text(json.dumps(rules))
    return folder / "ecr-upsertd.json"


def test_needs_no_library(package: Package) -> None:
    content = package.program.read_bytes()
    machine, = struct.unpack_from("<H", content, 18)
    table, = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", content, table + i * size) for i in range(count)]
    dynamic = next(one for one in headers if one[0] == PT_DYNAMIC)
    tags = [struct.unpack_from("<q", content, at)[0]
            for at in range(dynamic[2], dynamic[2] + dynamic[5], 16)]

    assert machine == {"x86_64": 62, "arm64": 183}[package.arch]
    assert PT_INTERP not in [one[0] for one in headers]
    assert 1 not in tags[:tags.index(0)], "DT_NEEDED"
    # musl's threads have 128 KiB otherwise.
    assert [one[6] for one in headers if one[0] == PT_GNU_STACK] == [1024 * 1024]
    assert b".debug_info" not in content and b".symtab" not in content


def test_the_package(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as content:
        member, = content.infolist()
        assert content.read(member) == package.program.read_bytes()
    assert member.filename == "bootstrap"
    assert member.external_attr >> 16 == 0o100755
    assert member.date_time == (1980, 1, 1, 0, 0, 0)
    assert package.zip.stat().st_size <= ZIP_MAX


def test_brings_its_rules(package: Package, tmp_path: Path) -> None:
    file = write_rules(tmp_path / "rules")
    (file.parent / "policies").mkdir()
    (file.parent / "policies/cache.json").write_text('{"rules": []}')
    assert pack(tmp_path / "one.zip", package.program, file).returncode == 0
    assert pack(tmp_path / "all.zip", package.program, file.parent).returncode == 0
    os.utime(file, (0, 0))
    assert pack(tmp_path / "again.zip", package.program, file.parent).returncode == 0

    names = ["bootstrap", "ecr-upsertd.json", "policies/cache.json"]
    assert zipfile.ZipFile(tmp_path / "one.zip").namelist() == names[:2]
    assert zipfile.ZipFile(tmp_path / "all.zip").namelist() == names
    assert (tmp_path / "all.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()


def test_does_not_pack_broken_rules(package: Package, tmp_path: Path) -> None:
    if package.emulator:
        pytest.skip("what this machine does not run by itself is packed unchecked")
    file = write_rules(tmp_path / "rules", {"rulez": []})
    for config in (file, file.parent):
        result = pack(tmp_path / "out.zip", package.program, config)
        assert result.returncode == 1 and "rulez" in result.stdout
    file.unlink()
    result = pack(tmp_path / "out.zip", package.program, file.parent)
    assert "holds no ecr-upsertd.json" in result.stdout
    assert not (tmp_path / "out.zip").exists()


def test_answers_alone(package: Package, tmp_path: Path) -> None:
    """An event in a root that holds nothing but the package's content."""
    rules = write_rules(tmp_path / "rules")
    assert pack(tmp_path / "out.zip", package.program, rules).returncode == 0
    alone = tmp_path / "alone"
    unpack(tmp_path / "out.zip", alone)
    env = {"LAMBDA_TASK_ROOT": "/", "AWS_REGION": "eu-west-1",
           "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
    with Function(env, command=package.run_alone(alone)) as function:
        answer = function.invoke(push_event("team/app"))
        assert answer.ok and answer.body["result"] == "denied", answer
        assert function.lines(repository="team/app")


def first_next_ms(server: socket.socket, package: Package) -> float:
    command, program = ["bootstrap"], str(package.program)
    if package.emulator:
        command, program = ["qemu", "-0", "bootstrap", program], package.emulator
    env = {"LAMBDA_TASK_ROOT": "/nonexistent", "AWS_REGION": "eu-west-1",
           "AWS_LAMBDA_RUNTIME_API": "%s:%d" % server.getsockname()}
    started = time.perf_counter()
    child = subprocess.Popen(command, executable=program, env=env, stderr=subprocess.PIPE)
    try:
        connection, _ = server.accept()
        with connection:
            head = connection.recv(4096)
            ms = (time.perf_counter() - started) * 1000
            assert head.startswith(b"GET /2018-06-01/runtime/invocation/next "), head
            return ms
    finally:
        child.kill()
        child.communicate()


def test_asks_for_its_first_event_at_once(package: Package) -> None:
    """From exec, where the system has its CA bundle, too: some 140 certificates."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        times = [first_next_ms(server, package) for _ in range(20)]
    median = statistics.median(times)
    print(f"{package.arch}: first next after {median:.1f} ms (20 times, {min(times):.1f} to "
          f"{max(times):.1f})")
    if not package.emulator:    # whose own start is measured too
        assert median <= FIRST_NEXT_MAX_MS, times


@pytest.mark.slow
def test_the_same_bytes_from_another_folder(package: Package, tmp_path: Path) -> None:
    copy, build = tmp_path / "a copy", tmp_path / "elsewhere"
    fresh = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(tmp_path / "cache")}
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build*", ".git", "__pycache__"))
    cross = subprocess.run([ROOT / "terraform/package/sysroot.sh", package.arch], text=True,
                           check=True, stdout=subprocess.PIPE).stdout.strip()
    subprocess.run(["meson", "setup", "--cross-file", cross, build, copy], check=True,
                   env=fresh, stdout=subprocess.DEVNULL)
    subprocess.run(["meson", "compile", "-C", build, "lambda-zip"], check=True,
                   env=fresh, stdout=subprocess.DEVNULL)
    again = Package(package.arch, build)
    assert again.program.read_bytes() == package.program.read_bytes()
    assert again.zip.read_bytes() == package.zip.read_bytes()
