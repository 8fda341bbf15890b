"""What the page's own origin may do, and what another one may not, even on the same machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.client import Client
from page.told import idle

PAGES = {
    "/": "<!DOCTYPE html><title>foreign</title><p>foreign",
    "/frame": "<!DOCTYPE html><title>foreign</title><iframe src='http://{admin}/'></iframe>",
    "/link": "<!DOCTYPE html><title>foreign</title><a href='http://{admin}/'>look</a>",
}
READ = """async url => {
    try {
        const answer = await fetch(url, {mode: 'MODE'});
        return `${answer.type} ${await answer.text()}`;
    } catch (error) {
        return `refused: ${error}`;
    }
}"""
LOAD = """([tag, attribute, url]) => new Promise(resolve => {
    const node = document.createElement(tag);
    node.onload = () => resolve('loaded');
    node.onerror = () => resolve('refused');
    if (tag === 'link')
        node.rel = 'stylesheet';
    node[attribute] = url;
    document.head.append(node);
})"""


@pytest.fixture(scope="module")
def foreign(admin: str) -> Iterator[str]:
    """Pages of another port of this machine: another origin, but the same site."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PAGES.get(self.path, "").replace("{admin}", admin).encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_nothing_is_read(admin: str, foreign: str, page: Page, mode: str) -> None:
    page.goto(foreign)
    for path in ("/", "/status", "/metrics", "/readyz"):
        told = page.evaluate(READ.replace("MODE", mode), f"http://{admin}{path}")
        assert told.startswith("refused:"), told


@pytest.mark.parametrize("tag,attribute,path", [
    ("script", "src", "/page.js"), ("script", "src", "/status"), ("img", "src", "/icon.svg"),
    ("link", "href", "/page.css")])
def test_nothing_is_embedded(admin: str, foreign: str, page: Page, tag: str, attribute: str,
                             path: str) -> None:
    page.goto(foreign)
    assert page.evaluate(LOAD, [tag, attribute, f"http://{admin}{path}"]) == "refused"


def test_no_frame(admin: str, foreign: str, page: Page) -> None:
    page.goto(f"{foreign}/frame")
    (frame,) = page.main_frame.child_frames
    assert not frame.url.startswith(f"http://{admin}")
    assert "Ready" not in frame.content()


def test_a_link_of_another_page_says_what_to_do(admin: str, foreign: str, page: Page) -> None:
    page.goto(f"{foreign}/link")
    page.get_by_text("look").click()
    expect(page.locator("body")).to_contain_text("comes from a web page")
    expect(page.locator("body")).to_contain_text("type its address")


def test_another_name_of_this_machine(admin: str, chromium: Browser) -> None:
    """DNS rebinding: the browser believes that it talks to evil.example."""
    port = admin.rpartition(":")[2]
    with chromium.new_context() as context:
        page = context.new_page()
        answer = page.goto(f"http://evil.localhost:{port}/")
        assert answer is not None and answer.status == 403


def test_its_own_may(admin: str, open_page: Callable[..., Page]) -> None:
    page = open_page(admin)
    for path in ("status", "metrics", "readyz", "page.css"):
        told = page.evaluate(READ.replace("MODE", "cors"), f"http://{admin}/{path}")
        assert told.startswith("basic "), told


@pytest.mark.parametrize("script", [
    "const s = document.createElement('script'); s.textContent = 'document.title = \"owned\"';"
    "document.body.append(s)",
    "document.body.insertAdjacentHTML('beforeend', '<p onclick=\"1\" style=\"color:red\">x</p>')",
    "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:1/x.png'}))",
])
def test_the_policy_stops_what_is_not_the_pages_own(admin: str, chromium: Browser,
                                                    script: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.route("**/status", lambda route: route.fulfill(json=idle()))
        page.goto(f"http://{admin}/")
        expect(page.locator("#shown")).to_be_visible()
        said = page.evaluate("""script => new Promise(resolve => {
            document.addEventListener('securitypolicyviolation',
                violation => resolve(violation.effectiveDirective), {once: true});
            setTimeout(() => resolve('nothing is stopped'), 3000);
            (0, eval)(script);
        })""".replace("(0, eval)(script)", script), script)
        assert said in ("script-src-elem", "style-src-attr", "script-src-attr", "img-src")
        assert "owned" not in page.title()


def test_what_a_browser_is_told(admin: str) -> None:
    with Client(int(admin.rpartition(":")[2])) as client:
        for path in ("/", "/page.js", "/page.css", "/icon.svg", "/status", "/metrics", "/healthz"):
            answer = client.ask("GET", path)
            assert answer.status == 200
            policy = answer.get("Content-Security-Policy") or ""
            for word in ("default-src 'none'", "script-src 'self'", "style-src 'self'",
                         "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
                         "frame-ancestors 'none'"):
                assert word in policy
            assert "unsafe" not in policy and "http" not in policy
            assert answer.get("X-Content-Type-Options") == "nosniff"
            assert answer.get("Referrer-Policy") == "no-referrer"
            assert answer.get("Cache-Control") == "no-store"
