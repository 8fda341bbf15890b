"""The page in Debian's Chromium, in front of a real daemon or of a told /status. Screenshots are
kept in $PAGE_SCREENSHOTS, else in build/page-screenshots."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from integration.conftest import name, running_sandbox, sandbox, start_daemon  # noqa: F401
from integration.daemon import ROOT, Daemon
from sandbox import Sandbox

SCREENSHOTS = Path(os.environ.get("PAGE_SCREENSHOTS") or ROOT / "build" / "page-screenshots")
PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "chromium is not installed"
    with sync_playwright() as playwright:
        # Its own sandbox wants another user than root.
        browser = playwright.chromium.launch(executable_path=program,
                                             args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def admin(running_sandbox: Sandbox) -> Iterator[str]:
    """Where the page of an ordinary daemon is."""
    with Daemon(running_sandbox.daemon_args(), running_sandbox.env()) as daemon:
        yield daemon.admin


def listen_for_complaints(page: Page, complaints: list[str]) -> None:
    """What its console says, violations of the policy among it, and what a script throws."""
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """open_page(admin, width=…, scheme=…, told={…}): fails in the end if the browser complained.
    With `told`, /status is that instead of the daemon's."""
    complaints: list[str] = []
    opened = []

    def open_at(admin: str, *, width: int = 1280, scheme: str = "light",
                told: dict[str, Any] | None = None, **more: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900},
                                       color_scheme=scheme, **more)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if told is not None:
            page.route("**/status", lambda route: route.fulfill(json=told))
        listen_for_complaints(page, complaints)
        page.goto(f"http://{admin}/")
        return page

    yield open_at
    for context in opened:
        context.close()
    assert not complaints


@pytest.fixture
def keep_screenshot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    def keep(page: Page, what: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{what}.png", full_page=True)
    return keep
