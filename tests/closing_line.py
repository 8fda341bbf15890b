#!/usr/bin/env python3
"""Adds up what meson and pytest ran: `N passed, N failed, N skipped`, after the names of what was
skipped or failed. Arguments: the folder of results, then the names of steps that failed."""

import json
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

MESON = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}


def meson_results(log: Path):
    for line in log.read_text().splitlines():
        test = json.loads(line)
        yield f"{log.stem}: {test['name']}", MESON.get(test["result"], "failed"), ""


def pytest_results(report: Path):
    for case in xml.parse(report).iter("testcase"):
        state, why = "passed", ""
        for child in case:
            if child.tag in ("failure", "error"):
                state = "failed"
            elif child.tag == "skipped":
                state, why = "skipped", child.get("message", "")
        yield f"{report.stem}: {case.get('classname')}.{case.get('name')}", state, why


def main() -> int:
    folder, failed_steps = Path(sys.argv[1]), sys.argv[2:]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(folder.iterdir()):
        read = meson_results if path.suffix == ".json" else pytest_results
        for name, state, why in read(path):
            counts[state] += 1
            if state != "passed":
                print(f"{state}: {name}" + (f" ({why})" if why else ""))
    for step in failed_steps:
        print(f"failed: {step}")
    # A step that failed before its first test would otherwise pass unseen.
    if failed_steps and not counts["failed"]:
        counts["failed"] = len(failed_steps)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
