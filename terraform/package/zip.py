#!/usr/bin/env python3
"""Packs a static ecr-upsertd as a Lambda deployment package: the same content, the same bytes.

    zip.py OUT.zip ECR_UPSERTD [CONFIG]

CONFIG is the configuration, packed as ecr-upsertd.json where the function looks for it, or a folder that holds an
ecr-upsertd.json and whatever files that names; checked where this machine can run the program. It needs no build: any
released static file will do.
"""
import subprocess
import sys
import zipfile
from pathlib import Path

CONFIG_NAME = "ecr-upsertd.json"
# The oldest that a zip can say: a time would change with every build, and with it Terraform's plan.
MODIFIED = (1980, 1, 1, 0, 0, 0)


def members(program: Path, config: Path | None) -> list[tuple[str, Path, int]]:
    """Name, file and mode of each, in the order of their names."""
    found = [("bootstrap", program, 0o755)]
    if config is None:
        return found
    if config.is_file():
        return found + [(CONFIG_NAME, config, 0o644)]
    files = [path for path in config.rglob("*") if path.is_file()]
    if config / CONFIG_NAME not in files:
        sys.exit(f"zip.py: {config} holds no {CONFIG_NAME}")
    if config / "bootstrap" in files:
        sys.exit(f"zip.py: {config}/bootstrap would take the program's place")
    found += [(path.relative_to(config).as_posix(), path, 0o644) for path in files]
    return sorted(found)


def check(program: Path, config: Path) -> None:
    """A broken configuration is not deployed."""
    file = config if config.is_file() else config / CONFIG_NAME
    try:
        if subprocess.run([program.resolve(), "check-config", "--config", file]).returncode:
            sys.exit(1)
    except OSError as error:  # another architecture's
        print(f"zip.py: {file} is not checked: {error.strerror}", file=sys.stderr)


def pack(out: Path, program: Path, config: Path | None = None) -> None:
    content = members(program, config)
    if config is not None:
        check(program, config)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, path, mode in content:
            info = zipfile.ZipInfo(name, MODIFIED)
            info.create_system = 3  # Unix: without it Lambda does not see the mode
            info.external_attr = (0o100000 | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, path.read_bytes(), compresslevel=9)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    pack(*map(Path, sys.argv[1:]))
