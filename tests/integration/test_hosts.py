"""`hosts` of the configuration: further names by which a client may call the daemon."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from integration.client import Answer
from integration.daemon import Daemon
from integration.registry import assert_refused


def call_by(daemon: Daemon, host: str) -> Answer:
    return daemon.ask("GET", "/v2/", headers={"Host": host})


@pytest.mark.parametrize("host", ["registry.local:5100", "REGISTRY.local:5100", "cache.example"])
def test_a_configured_name_is_ours(start_daemon: Callable[..., Daemon], host: str) -> None:
    daemon = start_daemon(config={"hosts": ["registry.local:5100", "cache.example"]})
    assert call_by(daemon, host).status == 200


@pytest.mark.parametrize("host", ["evil.example", "registry.local:5101", "registry.local",
                                  "x.registry.local:5100", "registry.local:5100.evil.example"])
def test_any_other_is_refused_and_told_where_to_add_it(start_daemon: Callable[..., Daemon],
                                                       host: str) -> None:
    daemon = start_daemon(config={"hosts": ["registry.local:5100"]})
    assert_refused(call_by(daemon, host), 403, "DENIED", "hosts", "configuration")
    (refused,) = json.loads(daemon.ask_admin("/status").body)["refused"]
    assert refused["repository"] == "/v2/" and "hosts" in refused["reason"]


def test_the_loopback_names_stay_ours(start_daemon: Callable[..., Daemon]) -> None:
    daemon = start_daemon(config={"hosts": ["registry.local:5100"]})
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert call_by(daemon, f"{name}:{daemon.port}").status == 200


def test_without_any_a_foreign_one_is_told_the_same(start_daemon: Callable[..., Daemon]) -> None:
    assert_refused(call_by(start_daemon(), "registry.local:5100"), 403, "DENIED", "hosts",
                   "configuration")


def test_a_reload_takes_them(start_daemon: Callable[..., Daemon]) -> None:
    daemon = start_daemon(config={"hosts": ["old.example"]})
    daemon.configure({"hosts": ["new.example"]})
    daemon.reload()
    assert call_by(daemon, "new.example").status == 200
    assert call_by(daemon, "old.example").status == 403
