"""A real Chromium on a really served site; no browser is a failure, never a skip, as is a page that breaks rules."""

import os
import pathlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from litestar import Litestar
from playwright.sync_api import BrowserType, ConsoleMessage, Page, Route

WIDTHS = ((1366, 900), (390, 844))
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {"runOnly": AXE_RULES, "resultTypes": ["violations"]}
"""What passes is not told one by one: on a long page that would be megabytes."""
PICTURES = pathlib.Path(__file__).parent / "pictures"
"""Where pictures of the pages are kept when ``BROWSER_PICTURES`` is set; they take a fifth of a walk's time."""
NO_BROWSER = "no browser: run 'playwright install chromium' or 'apt install chromium', or set CHROMIUM_PATH"


@pytest.fixture(scope="session")
def base_url() -> str:
    """No address is the same for all tests: each serves its own site."""
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_type: BrowserType) -> dict[str, Any]:
    """``CHROMIUM_PATH``, else Playwright's own Chromium, else the system's; otherwise the tests fail."""
    arguments = dict(browser_type_launch_args)
    executable = os.environ.get("CHROMIUM_PATH", "")
    if not executable and not pathlib.Path(browser_type.executable_path).exists():
        executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
        if not executable:
            pytest.fail(NO_BROWSER, pytrace=False)
    if executable:
        arguments["executable_path"] = executable
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments["args"] = [*arguments.get("args", []), "--no-sandbox"]
    return arguments


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A visitor in China who reads Chinese."""
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session", autouse=True)
def chinese_font() -> None:
    """Without a Chinese font every picture would be a row of boxes."""
    listed = subprocess.run(
        [shutil.which("fc-list") or "fc-list", ":lang=zh"], check=False, capture_output=True, text=True
    )
    if not listed.stdout.strip():
        pytest.fail("no Chinese font: apt install fonts-noto-cjk", pytrace=False)


class Serve(Protocol):
    """Serves an application, on a socket of its own unless one is given; returns the address."""

    def __call__(self, app: Litestar, listening: socket.socket | None = None) -> str: ...


def a_socket() -> socket.socket:
    """A socket on a free port, for a site that must know its address before it is served."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves applications over real sockets for the length of a test; gives their address."""
    running: list[tuple[uvicorn.Server, threading.Thread, socket.socket]] = []

    def start(app: Litestar, listening: socket.socket | None = None) -> str:
        listening = listening or a_socket()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
        ready = threading.Event()
        begin = server.startup

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await begin(sockets)
            ready.set()

        server.startup = startup  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        assert ready.wait(30), "the server did not start"
        running.append((server, thread, listening))
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for server, thread, listening in running:
        server.should_exit = True
        thread.join(10)
        listening.close()


@dataclass
class Watch:
    """What a page did that it should not have done."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def begin(self, *bases: str) -> None:
        """Listen, and let no request leave ``bases``."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.route("**/*", lambda route: self._route(route, bases))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _route(self, route: Route, bases: tuple[str, ...]) -> None:
        if route.request.url.startswith((*bases, "data:", "blob:")):
            route.continue_()
        else:
            self.complaints.append(f"left the site: {route.request.url}")
            route.abort()

    def check(self, picture: str = "") -> None:
        """See that the page in sight is accessible, fits its width and made no complaint; maybe keep its picture."""
        if picture and os.environ.get("BROWSER_PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            width = (self.page.viewport_size or {"width": 0})["width"]
            self.page.screenshot(path=PICTURES / f"{picture}-{width}.png", full_page=True)
        found = Axe().run(self.page, options=AXE_OPTIONS).response["violations"]
        broken = [f"{one['id']} {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}" for one in found]
        assert broken == [], self.page.url
        over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{self.page.url} scrolls sideways by {over} px"
        assert self.complaints == [], self.page.url


@pytest.fixture
def watch(page: Page) -> Watch:
    """Watches the test's page: ``watch.begin(address)`` before the first one, ``watch.check()`` on each."""
    return Watch(page)


@pytest.fixture(params=WIDTHS, ids=lambda size: f"{size[0]}px")
def sized(page: Page, request: pytest.FixtureRequest) -> Page:
    """The test's page at the width of a desk and of a phone."""
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    return page
