"""What a person sees while the daemon works, and without ever reloading."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from integration.client import Wire
from integration.daemon import Daemon
from integration.registry import manifest, put_manifest, start_upload
from page.told import busy
from sandbox import Sandbox

MARKUP = "<img src=x onerror=document.title='owned'><b>bold</b>"
LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": {
    "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"}}]}
LAYER = 4_000_000


def note_document(page: Page) -> Callable[[], bool]:
    """Whether it is still the one that was loaded."""
    page.evaluate("document.documentElement.sameDocument = true")
    return lambda: page.evaluate("document.documentElement.sameDocument === true")


def test_a_push_is_seen_while_it_goes_on(
        start_daemon: Callable[..., Daemon], sandbox: Sandbox, name: str,
        open_page: Callable[..., Page], keep_screenshot: Callable[[Page, str], None]) -> None:
    daemon = start_daemon(config={"rules": [{"name": "kept", "match": "it/**", "settings": {
        "tags": {"owner": "${user}"}, "lifecycle_policy": LIFECYCLE}}]})
    page = open_page(daemon.admin)
    is_same = note_document(page)
    expect(page.locator("#state")).to_contain_text("Ready")
    expect(page.locator("#transfers .none")).to_be_visible()
    expect(page.locator("#registries")).to_contain_text(sandbox.host)
    expect(page.locator("#registries")).to_contain_text(sandbox.env()["AWS_ACCESS_KEY_ID"])
    expect(page.locator("#registries")).to_contain_text("valid for 11 h 59 min")

    location = start_upload(daemon, name).location
    with Wire(daemon.port) as wire:
        wire.send(f"PATCH {location} HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n"
                  f"Content-Length: {LAYER}\r\n\r\n".encode())
        wire.send(b"x" * (LAYER // 4))
        row = page.locator("#transfers li")
        expect(row).to_contain_text(name)
        expect(row).to_contain_text("1.0 MB of 4.0 MB · 25 %")
        expect(row.locator("progress")).to_have_js_property("value", LAYER // 4)
        wire.send(b"x" * (LAYER // 4))
        expect(row).to_contain_text("2.0 MB of 4.0 MB · 50 %")
        expect(row).to_contain_text("B/s")
        expect(row).to_contain_text("left")
        keep_screenshot(page, "push-under-way")
        wire.send(b"x" * (LAYER // 2))
        assert wire.read_answer().status == 201
    expect(row).to_have_count(0)

    created = page.locator("#created tbody tr")
    expect(created).to_contain_text(name)
    expect(created).to_contain_text(pwd.getpwuid(os.geteuid()).pw_name)
    expect(created).to_contain_text("kept")
    created.locator("summary").click()
    expect(created).to_contain_text("IMMUTABLE")
    expect(created).to_contain_text("Tag owner")
    expect(created).to_contain_text("imageCountMoreThan")
    assert is_same()


def test_why_a_push_was_refused(
        start_daemon: Callable[..., Daemon], sandbox: Sandbox, name: str,
        open_page: Callable[..., Page], keep_screenshot: Callable[[Page, str], None]) -> None:
    daemon = start_daemon(config={"create": {"max_per_hour": 1}, "rules": [
        {"name": "no-prod", "match": "prod/**", "action": "deny", "reason": "ask platform@"}]})
    page = open_page(daemon.admin)
    expect(page.locator("#refused .none")).to_be_visible()
    foreign = sandbox.host.replace("123456789012", "999999999999")

    assert start_upload(daemon, "prod/app").status == 403
    assert put_manifest(daemon, name).status == 201
    assert put_manifest(daemon, name, content=manifest(other="1")).status == 400
    assert start_upload(daemon, f"{name}-2").status == 403
    assert start_upload(daemon, f"{foreign}/{name}").status == 404

    def expect_refusal(repository: str, reason: str, remedy: str) -> None:
        entry = page.locator("#refused li").filter(has=page.get_by_text(repository, exact=True))
        expect(entry).to_contain_text(reason)
        expect(entry.locator(".remedy")).to_contain_text(f"What to do: {remedy}")

    expect_refusal("prod/app", "rule no-prod denies it: ask platform@",
                   "Push to a name that another rule allows, or have rule no-prod changed")
    expect_refusal(name, "already exists", "Push under a tag that is not taken")
    expect_refusal(f"{name}-2", "the budget of this hour is used up", "Push again when")
    expect_refusal(f"{foreign}/{name}", "neither a repository's name nor a registry of this daemon",
                   "Push to a registry that the daemon serves")
    expect(page.locator("#state")).to_contain_text("budget of creations is used up")
    expect(page.locator("#budget")).to_contain_text("All 1 of this hour")
    expect(page.locator("#n-refused")).to_have_text("4")
    keep_screenshot(page, "refused")


def test_markup_stays_text(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                           open_page: Callable[..., Page]) -> None:
    daemon = start_daemon(config={"rules": [
        {"name": MARKUP, "match": "**", "action": "deny", "reason": MARKUP}]})
    page = open_page(daemon.admin)
    assert start_upload(daemon, "team/app").status == 403
    expect(page.locator("#refused li")).to_contain_text(f"denies it: {MARKUP}")
    expect(page.locator("#refused li .chip").first).to_have_text(f"rule {MARKUP}")
    expect(page.locator("main img, main b:not(.remedy b, .tiles b, .chart b)")).to_have_count(0)
    assert "owned" not in page.title()


def everything_is(value: Any, text: str) -> Any:
    """The same, with every text in it replaced, but times."""
    if isinstance(value, dict):
        return {key: inner if key in ("time", "token_expires", "credentials_expire") else
                everything_is(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [everything_is(inner, text) for inner in value]
    return text if isinstance(value, str) else value


def test_no_text_of_status_is_markup(admin: str, open_page: Callable[..., Page]) -> None:
    page = open_page(admin, told=everything_is(busy(), MARKUP))
    expect(page.locator("#created tbody tr")).to_have_count(3)
    for summary in page.locator("summary").all():
        summary.click()
    expect(page.locator("#created")).to_contain_text(MARKUP)
    expect(page.locator("main img")).to_have_count(0)
    assert "owned" not in page.title()


def test_what_is_owed(start_daemon: Callable[..., Daemon], sandbox: Sandbox, name: str,
                      open_page: Callable[..., Page]) -> None:
    sandbox.set_fault("api", "access_denied", operation="PutLifecyclePolicy")
    daemon = start_daemon(config={"rules": [
        {"match": "**", "settings": {"lifecycle_policy": LIFECYCLE}}]})
    page = open_page(daemon.admin)
    assert start_upload(daemon, name).status == 202
    owed = page.locator("#pending li")
    expect(owed).to_contain_text(name)
    expect(owed).to_contain_text("lifecycle policy")
    expect(owed).to_contain_text("ecr:PutLifecyclePolicy")
    expect(page.locator("#state")).to_contain_text("Ready, with something to look at")


def test_not_ready_says_why(start_daemon: Callable[..., Daemon], sandbox: Sandbox,
                            open_page: Callable[..., Page],
                            keep_screenshot: Callable[[Page, str], None]) -> None:
    sandbox.set_fault("api", "access_denied", operation="GetAuthorizationToken")
    page = open_page(start_daemon(ready=False).admin)
    expect(page.locator("#state .verdict")).to_have_text("Not ready")
    expect(page.locator("#state")).to_contain_text("lacks ecr:GetAuthorizationToken")
    expect(page.locator("#state")).to_contain_text("ecr-upsertd doctor")
    keep_screenshot(page, "not-ready")
    sandbox.clear_faults()
    expect(page.locator("#state .verdict")).to_have_text("Ready", timeout=60_000)


def test_a_daemon_that_is_gone(start_daemon: Callable[..., Daemon], chromium: Browser,
                               keep_screenshot: Callable[[Page, str], None]) -> None:
    """The browser itself complains on the console of a connection that is refused."""
    daemon = start_daemon()
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"http://{daemon.admin}/")
        expect(page.locator("#link")).to_contain_text("live")
        daemon.stop()
        expect(page.locator("#link")).to_contain_text("not connected since", timeout=15_000)
        expect(page.locator("#state")).to_contain_text("Not connected since")
        expect(page.locator("#state")).to_contain_text("systemctl status ecr-upsertd")
        expect(page.locator("#registries li")).to_have_count(1)
        keep_screenshot(page, "not-connected")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_it_goes_on_when_the_daemon_answers_again(admin: str, chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"http://{admin}/")
        is_same = note_document(page)
        page.route("**/status", lambda route: route.fulfill(status=503, body="out of memory"))
        expect(page.locator("#state")).to_contain_text("/status answers 503: out of memory")
        page.unroute("**/status")
        expect(page.locator("#link")).to_contain_text("live")
        expect(page.locator("#state .verdict")).to_have_text("Ready")
        assert is_same()


def test_nobody_looks_nothing_is_asked(admin: str, open_page: Callable[..., Page]) -> None:
    page = open_page(admin)
    asked: list[str] = []
    expect(page.locator("#link")).to_contain_text("live")
    page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', {value: true, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    expect(page.locator("#link")).to_have_text("paused")
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3000)
    assert not asked
    page.evaluate("""() => {
        delete document.hidden;
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    expect(page.locator("#link")).to_contain_text("live")
    assert asked


def test_without_script(admin: str, open_page: Callable[..., Page]) -> None:
    page = open_page(admin, java_script_enabled=False)
    expect(page.locator("noscript p")).to_contain_text("ecr-upsertd status")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.locator("#shown")).to_be_hidden()


def test_no_secret_is_shown(start_daemon: Callable[..., Daemon], sandbox: Sandbox, name: str,
                            open_page: Callable[..., Page]) -> None:
    daemon = start_daemon()
    page = open_page(daemon.admin)
    assert start_upload(daemon, name).status == 202
    expect(page.locator("#created tbody tr")).to_contain_text(name)
    told = page.content() + "".join(
        daemon.ask_admin(path).body.decode() for path in ("/", "/page.js", "/status", "/metrics"))
    tokens = {request["token"] for request in sandbox.requests() if request.get("token")}
    assert tokens
    for secret in {sandbox.env()["AWS_SECRET_ACCESS_KEY"], *tokens}:
        assert secret not in told
