"""One browser that many people sit down at in turn: signs in, types, and looks at pages at both widths."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Locator, Page, Request, expect

from tests.browser.conftest import WIDTHS, Watch
from tests.identity.town import PASSWORD

LETTERS_MIN = 60
"""A page whose main part says less is taken for empty."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def a_pdf(name: str) -> FilePayload:
    """A file to choose in a file field."""
    return {"name": name, "mimeType": "application/pdf", "buffer": PDF + name.encode()}


def a_photo(name: str) -> FilePayload:
    """A picture of one point to choose in a file field."""
    return {"name": name, "mimeType": "image/png", "buffer": base64.b64decode(PNG)}


@dataclass
class Effort:
    """What a task cost its person: the pages on which something was done, and the fields typed or chosen."""

    pages: set[str] = field(default_factory=set)
    opened: int = 0
    typed: int = 0


@dataclass
class Walker:
    """The one at the keyboard."""

    page: Page
    watch: Watch
    base: str
    outside: str = "data:"
    """Where the browser may go besides: the pages of the payment gateway."""
    efforts: defaultdict[str, Effort] = field(default_factory=lambda: defaultdict(Effort))
    task: str = ""
    tried: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.watch.begin(self.base, self.outside)
        self.page.on("request", self._count)

    def _count(self, request: Request) -> None:
        if self.task and request.is_navigation_request() and request.redirected_from is None:
            self.efforts[self.task].opened += 1

    @property
    def path(self) -> str:
        """Where the browser is."""
        return urlsplit(self.page.url).path

    @contextmanager
    def doing(self, task: str) -> Iterator[Effort]:
        """Count pages and typed fields as those of ``task``."""
        self.task = task
        yield self.efforts[task]
        self.task = ""

    def _touched(self, typed: int) -> None:
        if self.task:
            self.efforts[self.task].pages.add(self.path)
            self.efforts[self.task].typed += typed

    def go(self, path: str) -> None:
        """Open a page by its address; it must be there."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """Somebody else sits down; they end at their desk or account."""
        self.leave()
        self.go("/sign-in")
        self.page.locator("#login").fill(login)
        self.page.locator("#password").fill(password)
        self.page.locator("main").get_by_role("button", name="登录", exact=True).first.click()
        expect(self.page.locator(".top .who")).to_be_visible()
        self._doors_open(login)

    def _doors_open(self, login: str) -> None:
        """No entry of the navigation that somebody is shown leads to a refusal; each is tried once."""
        for door in self.page.locator("nav.nav a").all():
            url = self.base + str(door.get_attribute("href"))
            if (login, url) not in self.tried:
                assert self.page.request.get(url).ok, f"{url} is shown and refused"
                self.tried.add((login, url))

    def leave(self) -> None:
        """Nobody is signed in any more; whatever the last page still asks for is given up first, cookies and all."""
        self.page.goto("about:blank")
        self.page.context.clear_cookies()

    def write(self, **values: str) -> None:
        """Fill fields by name; two underscores stand for the dash of a row: ``lines__0__what``."""
        for name, text in values.items():
            self.page.locator(f"[id='{name.replace('__', '-')}']").fill(text)
        self._touched(len(values))

    def choose(self, name: str, label: str = "", *, place: int = 0) -> None:
        """Choose in a list: what carries ``label``, or the entry at ``place``."""
        spot = self.page.locator(f"[id='{name.replace('__', '-')}']")
        if label:
            value = spot.locator("option", has_text=label).first.get_attribute("value")
            spot.select_option(value=value)
        else:
            spot.select_option(index=place)
        self._touched(1)

    def tick(self, name: str, value: str) -> None:
        """Tick one box, or one of several answers."""
        self.page.locator(f"input[name='{name}'][value='{value}']").check()
        self._touched(1)

    def attach(self, spot: Locator, name: str) -> None:
        """Choose a file."""
        spot.set_input_files(files=[a_pdf(name)])
        self._touched(1)

    def press(self, word: str, *, within: str = "main", exact: bool = True) -> None:
        """Press a button that says ``word``."""
        self._touched(0)
        self.page.locator(within).get_by_role("button", name=word, exact=exact).first.click()

    def follow(self, word: str, *, within: str = "main") -> None:
        """Follow a link that says ``word``."""
        self.page.locator(within).get_by_role("link", name=word).first.click()

    def done(self, words: str) -> None:
        """The page says that it was done."""
        expect(self.page.locator(".done").first).to_contain_text(words)

    def refused(self, words: str) -> None:
        """The page says above its form that it was not done, and why."""
        expect(self.page.locator(".govuk-error-summary")).to_contain_text(words)

    def sees(self, words: str) -> None:
        """The main part of the page says so."""
        expect(self.page.locator("main")).to_contain_text(words)

    def look(self, picture: str) -> None:
        """See at both widths that the page is not empty, is accessible, fits, and did not complain."""
        expect(self.page.locator("main h1")).to_have_count(1)
        said = self.page.locator("main").inner_text()
        assert len(said) > LETTERS_MIN, f"{self.page.url} is empty: {said}"
        for width, height in reversed(WIDTHS):
            self.page.set_viewport_size({"width": width, "height": height})
            self.watch.check(f"walk-{picture}")
