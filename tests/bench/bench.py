#!/usr/bin/env python3
"""The daemon and a tuned nginx side by side, interleaved in one run; prints a table of ratios."""

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rig import (
    Origin, Proxy, RigError, find_nginx, run_load, stalled_rss, start_daemon, start_nginx)

MIB = 1024 * 1024
WANTED_RATIO = 0.85
STALLED_STREAMS = 256
STALLED_LIMIT = 512 * 1024
SKIPPED = 77  # what meson takes as "skipped"


@dataclass(frozen=True)
class Case:
    name: str
    mode: str
    streams: int

    @property
    def small(self) -> bool:
        return self.mode == "small"


CASES = [
    Case("download, 1 stream", "download", 1),
    Case("download, 64 streams", "download", 64),
    Case("upload sized, 1 stream", "upload", 1),
    Case("upload sized, 64 streams", "upload", 64),
    Case("upload chunked, 1 stream", "upload-chunked", 1),
    Case("upload chunked, 64 streams", "upload-chunked", 64),
    Case("small requests, 1 client", "small", 1),
    Case("small requests, 16 clients", "small", 16),
]


@dataclass
class Pace:
    """How long and how much; see the options of the same names."""
    rounds: int
    seconds: float
    warmup: float
    size: int
    stalled: int


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origin", required=True, help="the program built from origin.c")
    parser.add_argument("--load", required=True, help="the program built from load.c")
    parser.add_argument("--daemon", help="ecr-upsertd; without it nginx runs against itself, "
                                         "which shows how much of a ratio is noise")
    parser.add_argument("--rounds", type=int, help="runs of each case on each side (5)")
    parser.add_argument("--seconds", type=float, help="of each run (2)")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--plain", action="store_true", help="an upstream without TLS")
    parser.add_argument("--quick", action="store_true", help="under a minute, less exact")
    parser.add_argument("--smoke", action="store_true", help="only see that every case runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every run, for a machine")
    return parser.parse_args()


def pace_of(args: argparse.Namespace) -> Pace:
    pace = Pace(rounds=5, seconds=2, warmup=0.3, size=256 * MIB, stalled=STALLED_STREAMS)
    if args.quick:
        pace = Pace(rounds=2, seconds=1, warmup=0.2, size=256 * MIB, stalled=STALLED_STREAMS)
    if args.smoke:
        pace = Pace(rounds=1, seconds=0.1, warmup=0, size=MIB, stalled=8)
    pace.rounds = args.rounds or pace.rounds
    pace.seconds = args.seconds or pace.seconds
    return pace


def measure(case: Case, proxy: Proxy, load: str, pace: Pace) -> dict:
    """One run; rate is bytes or requests a second, cost CPU seconds for one of these."""
    run = run_load(load, proxy, case.mode, {
        "streams": case.streams, "size": pace.size,
        "seconds": pace.seconds, "warmup": pace.warmup})
    unit, total = ("requests", "total_requests") if case.small else ("bytes", "total_bytes")
    if not run[total]:
        raise RigError(f"{case.name} through {proxy.name}: nothing moved")
    return run | {"rate": run[unit] / run["seconds"], "cost": run["cpu_seconds"] / run[total]}


def interleave(cases: list[Case], proxies: list[Proxy], load: str, pace: Pace) -> dict:
    """runs[case name][proxy name]; each round turns the order round, so that drift cancels out."""
    runs: dict = {case.name: {proxy.name: [] for proxy in proxies} for case in cases}
    for number in range(pace.rounds):
        for case in cases:
            for proxy in proxies if number % 2 == 0 else reversed(proxies):
                runs[case.name][proxy.name].append(measure(case, proxy, load, pace))
        print(f"round {number + 1} of {pace.rounds} done", file=sys.stderr)
    return runs


def median(runs: list[dict], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def ratio_of(first: list[dict], second: list[dict]) -> float:
    """Median over the rounds of second to first: neighbours in time are compared."""
    return statistics.median(b["rate"] / a["rate"] for a, b in zip(first, second))


def row(case: Case, first: list[dict], second: list[dict]) -> list[str]:
    def rate(runs: list[dict]) -> str:
        value = median(runs, "rate")
        if case.small:
            return f"{value:.0f}/s, p50 {median(runs, 'p50_us'):.0f} µs"
        return f"{value / 1e9:.2f} GB/s"

    def cost(runs: list[dict]) -> str:
        value = median(runs, "cost")
        return f"{value * 1e6:.0f} µs each" if case.small else f"{value * 1e9:.2f}"

    ratio = ratio_of(first, second)
    mark = "" if ratio >= WANTED_RATIO or case.small else f" < {WANTED_RATIO}"
    return [case.name, rate(first), rate(second), f"{ratio:.2f}{mark}", cost(first), cost(second)]


def memory_row(streams: int, first: int, second: int) -> list[str]:
    mark = "" if second <= STALLED_LIMIT else f" > {STALLED_LIMIT // 1024} KiB"
    return [f"memory, each of {streams} stalled", f"{first // 1024} KiB",
            f"{second // 1024} KiB{mark}", f"{second / first:.2f}" if first > 0 else "-", "", ""]


def print_table(names: list[str], rows: list[list[str]]) -> None:
    first, second = names
    table = [["test", first, second, "ratio", f"cpu-s/GB {first}", f"cpu-s/GB {second}"], *rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        print(" | ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def start_proxies(args: argparse.Namespace, origin: Origin, scratch: Path,
                  started: list[Proxy]) -> None:
    scheme = "http" if args.plain else "https"
    started.append(start_nginx("nginx", origin, scratch / "nginx", scheme))
    if args.daemon:
        started.append(start_daemon(args.daemon, origin, scratch / "daemon", scheme))
    else:
        started.append(start_nginx("nginx again", origin, scratch / "again", scheme))


def warn_if_busy() -> None:
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"bench: the machine is busy (load average {load:.1f}): trust the CPU times, "
              "not the rates", file=sys.stderr)


def bench(args: argparse.Namespace, scratch: Path) -> None:
    pace = pace_of(args)
    warn_if_busy()
    cases = [case for case in CASES if args.only in case.name]
    origin = Origin(args.origin, scratch)
    proxies: list[Proxy] = []
    try:
        start_proxies(args, origin, scratch, proxies)
        memory = [stalled_rss(args.load, proxy, pace.stalled) for proxy in proxies]
        runs = interleave(cases, proxies, args.load, pace)
    finally:
        for proxy in proxies:
            proxy.stop()
        origin.stop()
    names = [proxy.name for proxy in proxies]
    rows = [row(case, *(runs[case.name][name] for name in names)) for case in cases]
    print_table(names, [*rows, memory_row(pace.stalled, *memory)])
    if args.json:
        args.json.write_text(json.dumps({
            "upstream": "plain" if args.plain else "TLS", "pace": vars(pace),
            "cpus": os.cpu_count(), "load_average": os.getloadavg(),
            "stalled_rss_bytes": dict(zip(names, memory)),
            "ratios": {name: ratio_of(*runs[name].values()) for name in runs},
            "runs": runs}, indent=1) + "\n")


def main() -> int:
    args = options()
    if not find_nginx():
        print("bench: nginx is not installed", file=sys.stderr)
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="ecr-upsertd-bench-") as scratch:
        try:
            bench(args, Path(scratch))
        except (RigError, OSError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
