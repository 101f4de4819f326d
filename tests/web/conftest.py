"""A browser without a screen: the real application over the test's database, asked as whoever the test names."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import structlog
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import ControllerRouterHandler, HTTPScope

from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.site import ROUTES, Services, create_site

SECRET = "5a" * 32


@dataclass
class Browser:
    """A test client with the form token at hand; ``become`` signs somebody in without a password."""

    client: TestClient[Any]
    visitors: dict[str, Visitor]
    logged: list[dict[str, Any]] = field(default_factory=list)

    def become(
        self, actor: Actor | None, person: str = "测试员", organization: str = "测试单位", todo: int = 0
    ) -> None:
        """Ask as ``actor`` from now on; ``None`` signs out."""
        if actor is None:
            self.client.cookies.delete(SESSION_COOKIE)
            return
        key = uuid4().hex
        self.visitors[key] = Visitor(actor=actor, person_name=person, organization_name=organization, todo_count=todo)
        self.client.cookies.set(SESSION_COOKIE, key)

    def get(self, path: str, **more: Any) -> Any:
        """Ask for a page; redirects are not followed."""
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a form with its token; a list sends a name several times."""
        if "csrf" not in self.client.cookies:
            self.client.get("/healthz")
        form = {"_csrf_token": self.client.cookies["csrf"], **(data or {})}
        return self.client.post(path, data=form, follow_redirects=False, **more)

    def api(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """Call the JSON API in this session, with the token in its header."""
        if "csrf" not in self.client.cookies:
            self.client.get("/healthz")
        headers = {"x-csrftoken": self.client.cookies["csrf"], **more.pop("headers", {})}
        return self.client.request(method, path, json=json, headers=headers, follow_redirects=False, **more)


def actor_of(*functions: Function, roles: Sequence[Role] = (Role.CLERK,)) -> Actor:
    """Somebody in an organization with these functions."""
    return Actor(person_id=uuid4(), organization_id=uuid4(), functions=frozenset(functions), roles=frozenset(roles))


OpenBrowser = Callable[..., Browser]


@dataclass
class Standing:
    """A site built once in this process, over the services of whichever test uses it; building takes a second."""

    routes: Sequence[ControllerRouterHandler]
    app: Litestar
    services: Services
    in_use: bool = True


_STANDING: dict[tuple[tuple[int, ...], Settings], Standing] = {}


def site_over(services: Services, routes: Sequence[ControllerRouterHandler], *, fresh: bool) -> Standing:
    """The site of these routes and settings over ``services``; a new one where a test uses the standing one already."""
    key = tuple(map(id, routes)), msgspec.structs.replace(services.settings, home=Path())
    standing = _STANDING.get(key)
    if fresh or standing is None or standing.in_use:
        made = Standing(routes, create_site(services, routes), services)
        if standing is None and not fresh:
            _STANDING[key] = made
        return made
    for part in fields(Services):
        object.__setattr__(standing.services, part.name, getattr(services, part.name))
    standing.in_use = True
    return standing


@pytest.fixture
def open_browser(database: Database, clock: ManualClock, tmp_path: Path) -> Iterator[OpenBrowser]:
    """Makes browsers: ``open_browser(routes=…, settings=…, **services)``; ``fresh`` where a site must begin anew."""
    opened: list[tuple[TestClient[Any], Standing]] = []
    logged: list[dict[str, Any]] = []

    def make(
        routes: Sequence[ControllerRouterHandler] = ROUTES,
        settings: Settings | None = None,
        *,
        fresh: bool = False,
        **more: Any,
    ) -> Browser:
        visitors: dict[str, Visitor] = {}

        def load(scope: HTTPScope) -> Visitor:
            cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
            return next((one for key, one in visitors.items() if key in cookies), ANONYMOUS)

        services = Services(
            database=database,
            storage=FolderStorage(tmp_path / "documents"),
            clock=clock,
            settings=settings or Settings(home=tmp_path, secret_key=SECRET),
            **{"load_visitor": load, **more},
        )
        standing = site_over(services, routes, fresh=fresh)
        client = TestClient(standing.app, base_url="http://testserver.local")
        client.__enter__()
        opened.append((client, standing))
        structlog.configure(
            processors=[structlog.contextvars.merge_contextvars, lambda _, __, event: _keep(logged, event)],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )
        return Browser(client, visitors, logged)

    yield make
    for client, standing in opened:
        client.__exit__(None, None, None)
        standing.in_use = False
    structlog.reset_defaults()


def _keep(logged: list[dict[str, Any]], event: Any) -> Any:
    logged.append(dict(event))
    raise structlog.DropEvent


@pytest.fixture
def browser_of_site(open_browser: OpenBrowser) -> Browser:
    """A browser on the whole site."""
    return open_browser()
