"""How it looks and how it is used: by keyboard, at 360 px, in light and dark, with little motion."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from page.told import busy, idle, troubled

LOOKS = [(busy, 360, "light"), (busy, 360, "dark"), (busy, 1280, "light"), (busy, 1280, "dark"),
         (troubled, 360, "light"), (troubled, 1280, "dark"), (idle, 360, "dark"),
         (idle, 1280, "light")]


def open_details(page: Page) -> None:
    expect(page.locator("#shown")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()


@pytest.mark.parametrize("told,width,scheme", LOOKS)
def test_nothing_is_hard_to_read(admin: str, told: Callable[[], dict[str, Any]], width: int,
                                 scheme: str, open_page: Callable[..., Page],
                                 keep_screenshot: Callable[[Page, str], None]) -> None:
    page = open_page(admin, width=width, scheme=scheme, told=told(), reduced_motion="reduce")
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    keep_screenshot(page, f"{told.__name__}-{width}-{scheme}")
    assert found.violations_count == 0, found.generate_report()


def test_the_schemes_differ(admin: str, open_page: Callable[..., Page]) -> None:
    grounds = {open_page(admin, scheme=scheme, told=idle()).evaluate(
        "getComputedStyle(document.body).backgroundColor") for scheme in ("light", "dark")}
    assert len(grounds) == 2


def test_the_table_becomes_cards(admin: str, open_page: Callable[..., Page]) -> None:
    narrow, wide = (open_page(admin, width=width, told=busy()) for width in (360, 1280))
    for page, display in ((narrow, "grid"), (wide, "table-cell")):
        cell = page.locator("#created td").first
        expect(cell).to_have_css("display", display)
    assert narrow.locator("#created td").first.evaluate(
        "cell => getComputedStyle(cell, '::before').content") == '"When"'


def focused(page: Page) -> str:
    return page.evaluate("""() => {
        const at = document.activeElement;
        return at.getAttribute('href') || at.className || at.tagName;
    }""")


def test_by_keyboard(admin: str, open_page: Callable[..., Page]) -> None:
    """Every stop shows where it is; what is opened stays open and keeps the focus over updates."""
    page = open_page(admin, told=busy())
    expect(page.locator("#shown")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    stops = []
    for _ in range(8):
        page.keyboard.press("Tab")
        stops.append(focused(page))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", stops
    assert stops == ["#transfers", "#refused", "#created", "#pending", "#budget",
                     "SUMMARY", "SUMMARY", "status"]

    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details").first).to_have_attribute("open", "")
    for _ in range(2):
        with page.expect_response("**/status"):
            pass
    expect(summary).to_be_focused()
    expect(page.locator("details").first).to_have_attribute("open", "")
    expect(page.locator("#link")).to_contain_text("live")
    page.keyboard.press("Space")
    expect(page.locator("details").first).not_to_have_attribute("open", "")


def test_a_tile_leads_to_its_section(admin: str, open_page: Callable[..., Page]) -> None:
    page = open_page(admin, width=360, told=busy())
    page.locator(".tiles a", has_text="still owed").click()
    expect(page.locator("#pending")).to_be_in_viewport()
    expect(page.locator("#pending")).to_be_focused()


def test_a_long_list_is_cut_until_asked_for(admin: str, open_page: Callable[..., Page]) -> None:
    told = idle()
    one = busy()["refused"][0]
    told["refused"] = [{**one, "repository": f"prod/{i}"} for i in range(30)]
    page = open_page(admin, told=told)
    expect(page.locator("#refused li")).to_have_count(8)
    more = page.get_by_role("button", name="Show all 30")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(page.locator("#refused li")).to_have_count(30)
    page.get_by_role("button", name="Show only the newest").click()
    expect(page.locator("#refused li")).to_have_count(8)


def test_little_motion_where_that_is_wanted(admin: str, open_page: Callable[..., Page]) -> None:
    bars = [open_page(admin, told=busy(), reduced_motion=wanted).locator(
        "progress:indeterminate").first for wanted in ("reduce", "no-preference")]
    expect(bars[0]).to_have_css("animation-name", "none")
    expect(bars[1]).to_have_css("animation-name", "flow")


def test_charts_are_drawn_from_the_history(admin: str, open_page: Callable[..., Page]) -> None:
    page = open_page(admin, told=busy())
    svg = page.locator("#charts svg")
    expect(svg).to_have_count(3)
    expect(svg.first).to_have_attribute("aria-label", re.compile("^Requests: all "))
    latency = svg.last.locator("path.first").get_attribute("d")
    # Before the idle samples, one alone among them, which is a dot, and after them.
    assert latency is not None
    assert [piece.count("L") > 0 for piece in latency.split("M")[1:]] == [True, False, True]
    assert all("h0" in piece for piece in latency.split("M")[1:])
    expect(open_page(admin, told=idle()).locator("#charts")).to_be_hidden()


def test_what_was_created_after_a_refusal(admin: str, open_page: Callable[..., Page]) -> None:
    told = busy()
    told["refused"][0]["repository"] = told["created"][0]["repository"]
    page = open_page(admin, told=told)
    expect(page.locator("#refused li").first.get_by_text("created since")).to_be_visible()
    expect(page.locator("#refused li").last.get_by_text("created since")).to_be_hidden()


def test_a_newer_daemon_has_a_newer_page(admin: str, open_page: Callable[..., Page]) -> None:
    told = idle()
    page = open_page(admin, told=told)
    expect(page.locator("#about")).to_contain_text("0.1.0")
    page.evaluate("document.documentElement.sameDocument = true")
    told["version"] = "0.2.0"
    expect(page.locator("#about")).to_contain_text("0.2.0")
    assert not page.evaluate("document.documentElement.sameDocument === true")
