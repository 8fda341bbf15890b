"""conf/alerts.yml and conf/grafana-dashboard.json, by Prometheus' own tools and against a real one
that scrapes the real daemon."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.daemon import ROOT, Daemon, sanitizers
from integration.registry import push_blob
from integration.test_metrics import FAMILIES
from integration.waiting import free_port, wait_for
from sandbox import Sandbox

pytestmark = [
    pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is missing"),
    pytest.mark.skipif(bool(sanitizers()), reason="what Prometheus reads is the same"),
]

ALERTS = ROOT / "conf" / "alerts.yml"
DASHBOARD = json.loads((ROOT / "conf" / "grafana-dashboard.json").read_text())
METRIC = re.compile(r"\becr_upsert_\w+")
# What Grafana puts in before it asks.
VARIABLES = {"$__rate_interval": "1m", "$instance": ".*", "$registry": ".*"}
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""],
            "info": ["_info"]}
SAMPLES = {name + suffix for name, (kind, _, _) in FAMILIES.items() for suffix in SUFFIXES[kind]}


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=ROOT / "conf", capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


class Prometheus:
    """One of its own ports and folder that scrapes one daemon every second."""

    def __init__(self, folder: Path, target: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._log = folder / "log"
        config = folder / "prometheus.yml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(ALERTS)],
            "scrape_configs": [{"job_name": "ecr-upsertd",
                                "static_configs": [{"targets": [target]}]}]}))
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address={self.url.removeprefix('http://')}"],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def ask(self, path: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/api/v1/{path}?{query}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        try:
            return self.ask("query", query=expression)["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from None

    def scraped(self) -> dict[str, Any] | None:
        """Its target, as soon as it was asked for the first time."""
        try:
            (target,) = self.ask("targets")["activeTargets"]
        except (OSError, ValueError):    # it does not listen yet, says 503, or knows no target
            assert self._child.poll() is None, self._log.read_text()
            return None
        return target if target["health"] != "unknown" else None

    def stop(self) -> str:
        """Its log."""
        self._child.terminate()
        self._child.wait(30)
        return self._log.read_text()


@pytest.fixture(scope="module")
def prometheus(running_daemon: Daemon, running_sandbox: Sandbox,
               tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    push_blob(running_daemon, "it/monitored", b"x" * 1000)
    server = Prometheus(tmp_path_factory.mktemp("prometheus"), running_daemon.admin)
    try:
        target = wait_for("a scrape", server.scraped, 60)
        assert (target["health"], target["lastError"]) == ("up", "")
        yield server
    finally:
        log = server.stop()
    # Such as "Error on ingesting samples with different value but same timestamp".
    assert not re.search(r"level=(warn|error) .*(?:scrape|ingest|rule)", log), log


def test_rules_are_rules() -> None:
    promtool("check", "rules", "alerts.yml")


def test_each_rule_rings_when_it_should() -> None:
    promtool("test", "rules", "alerts_test.yml")


def test_each_rule_is_tested() -> None:
    rules = set(re.findall(r"- alert: (\w+)", ALERTS.read_text()))
    tested = (ROOT / "conf" / "alerts_test.yml").read_text()
    rings = set(re.findall(r"alertname: (\w+),? *(?:\n *)?exp_alerts", tested))
    silent = set(re.findall(r"alertname: (\w+)\}", tested))
    assert rules and rules == rings and rules == silent


def test_the_scrape_has_every_metric(prometheus: Prometheus) -> None:
    there = set(prometheus.ask("label/__name__/values"))
    # Keys from the environment do not end.
    assert SAMPLES - there == {"ecr_upsert_credentials_expiry_timestamp_seconds"}
    kinds = prometheus.ask("metadata")
    for name, (kind, unit, _) in FAMILIES.items():
        if name == "ecr_upsert_build":    # 2.42 knows no info by its family's name
            continue
        (known,) = kinds.get(name) or kinds[f"{name}_total"]
        assert (known["type"], known["unit"]) == (kind, unit), name
        assert known["help"].endswith(".")


def test_counters_arrive(prometheus: Prometheus, sandbox: Sandbox) -> None:
    (created,) = prometheus.query('ecr_upsert_creations_total{result="created"}')
    assert created["value"][1] == "1"
    assert created["metric"]["job"] == "ecr-upsertd"
    (octets,) = prometheus.query('ecr_upsert_transferred_bytes_total{direction="in"}')
    assert octets["value"][1] == "1000"


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("expression", expressions())
def test_expressions_of_the_dashboard(prometheus: Prometheus, expression: str) -> None:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression
    assert METRIC.findall(expression)
    assert set(METRIC.findall(expression)) <= SAMPLES
    prometheus.query(expression)    # fails where it cannot be parsed


def test_rules_use_what_is_there(prometheus: Prometheus) -> None:
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert set(METRIC.findall(rule["query"])) <= SAMPLES, rule["name"]
        prometheus.query(rule["query"])
    wait_for("every rule to be looked at", lambda: all(
        rule["health"] == "ok" for group in prometheus.ask("rules")["groups"]
        for rule in group["rules"]), 30)
    assert prometheus.query('ALERTS{alertstate="firing"}') == []


def test_the_dashboard_is_whole() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["title"] and panel["description"] and panel["fieldConfig"]["defaults"]["unit"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "instance", "registry"]
    assert variables["datasource"]["type"] == "datasource"
    used = set(METRIC.findall(" ".join(expressions())))
    # Every family has its place.
    assert {name for name in FAMILIES if not any(u.startswith(name) for u in used)} == set()
