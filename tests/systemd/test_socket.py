"""The socket unit: the first push starts the daemon."""

from __future__ import annotations

import pytest

from integration.registry import start_upload
from integration.waiting import wait_for
from systemd.service import SOCKET, UNIT, Service


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_first_push_starts_it(service: Service, name: str, host: str) -> None:
    service.systemctl("enable", "--now", SOCKET)
    assert service.state == "inactive (dead)"
    with service.client(host) as client:
        assert client.ask("POST", f"/v2/{name}/blobs/uploads/", b"").status == 202
    assert service.state == "active (running)"
    service.wait_journal(r"listens on 127\.0\.0\.1:5100, \[::1\]:5100 for ")


def test_stopped_the_next_push_starts_it_again(service: Service, name: str) -> None:
    service.start()
    service.systemctl("stop", UNIT)
    assert service.state == "inactive (dead)"
    assert start_upload(service, name).status == 202


def test_stopped_with_its_socket_it_stays_away(service: Service) -> None:
    service.start()
    service.systemctl("stop", SOCKET)
    wait_for("the end", lambda: service.state == "inactive (dead)")
    with pytest.raises(ConnectionRefusedError):
        service.ask("GET", "/v2/")


def test_what_the_configuration_names_besides(service: Service, name: str) -> None:
    service.configure({"listen": ["127.0.0.1:5100", "127.0.0.1:5200"]})
    service.start()
    for port in (5100, 5200):
        service.port = port
        assert service.ask("GET", "/v2/").status == 200
    service.wait_journal(r"listens on 127\.0\.0\.1:5100, \[::1\]:5100, 127\.0\.0\.1:5200 for ")


def test_other_addresses(service: Service) -> None:
    service.drop_in(SOCKET, "[Socket]\nListenStream=\nListenStream=127.0.0.1:5300\n")
    service.start()
    service.port = 5300
    assert service.ask("GET", "/v2/").status == 200


def test_beyond_loopback_is_refused(service: Service) -> None:
    service.drop_in(UNIT, "[Service]\nRestartSec=100ms\n")
    service.drop_in(SOCKET, "[Socket]\nListenStream=\nListenStream=0.0.0.0:5100\n")
    service.systemctl("start", UNIT, check=False)
    service.wait_journal("0.0.0.0:5100 is beyond loopback: .*unsafe_listen")
    service.configure({"unsafe_listen": True})
    service.wait_ready()
    assert service.ask("GET", "/v2/").status == 200


def test_an_admin_socket(service: Service) -> None:
    service.machine.write("/run/systemd/system/ecr-upsertd.admin.socket",
                          "[Socket]\nListenStream=127.0.0.1:5101\nFileDescriptorName=admin\n"
                          f"Service={UNIT}\n")
    service.configure({"admin": "off"})
    service.systemctl("daemon-reload")
    service.systemctl("start", "ecr-upsertd.admin.socket")
    assert service.ask_admin("/healthz").status == 200
    service.systemctl("stop", "ecr-upsertd.admin.socket")
