"""The web application: every domain's routes under one roof, with what all of them stand on."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from litestar import Litestar, Request, Router
from litestar.concurrency import set_asyncio_executor
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Contact
from litestar.plugins.htmx import HTMXPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import ControllerRouterHandler

from marketplace.web import (
    access,
    accounts,
    admin,
    aid,
    assets,
    bids,
    catalogue,
    contracts,
    desk,
    errors,
    evaluation,
    funds,
    gateway,
    gifts,
    logs,
    milestones,
    nav,
    notices,
    pages,
    payments,
    procedures,
    projects,
    queue,
    suppliers,
)
from marketplace.web.engine import compile_all, environment
from marketplace.web.forms import provide_typed
from marketplace.web.health import health_routes
from marketplace.web.metrics import Metrics
from marketplace.web.outer import Outer
from marketplace.web.portal.pages import Portal
from marketplace.web.security import FormToken, csrf_config
from marketplace.web.services import Services
from marketplace.web.static_files import StaticFiles

__all__ = ["ROUTES", "Services", "create_site"]

ROUTES: list[ControllerRouterHandler] = [
    Portal,
    *accounts.ROUTES,
    *admin.ROUTES,
    *aid.ROUTES,
    *bids.ROUTES,
    *catalogue.ROUTES,
    *contracts.ROUTES,
    *desk.ROUTES,
    *evaluation.ROUTES,
    *milestones.ROUTES,
    *notices.ROUTES,
    *payments.ROUTES,
    *procedures.ROUTES,
    *projects.ROUTES,
    *queue.ROUTES,
    *funds.ROUTES,
    *gifts.ROUTES,
    *gateway.ROUTES,
    *suppliers.ROUTES,
]
"""Every page and every JSON controller; what lies under ``/api/v1`` is described in the OpenAPI document."""
BODY_BYTES_MAX = 4 * 2**20
"""The largest body of a request, in bytes; a route that takes files says otherwise (``request_max_body_size``)."""
SPARE_THREADS = 4


def create_site(services: Services, routes: Sequence[ControllerRouterHandler] = ROUTES) -> Litestar:
    """The application over ``services``.

    Raises:
        AssetsMissing: the page assets were not built; the text says which command builds them.
    """
    assets.require()
    logs.configure(services.settings.log_level)
    metrics, static = Metrics(), StaticFiles()
    csrf = csrf_config(services.settings)
    jinja = environment(
        asset=static.url,
        notice=pages.notice,
        seeding=lambda: services.seeding(),  # noqa: PLW0108 - asked when a page is made, as all of the services are
        is_demo=services.settings.demo,
        now=lambda: services.clock.now(),  # noqa: PLW0108 - as above
    )
    set_asyncio_executor(ThreadPoolExecutor(services.settings.pool_size + SPARE_THREADS, "handler"))
    app = Litestar(
        route_handlers=[*_split(routes), *health_routes(services, metrics), static.handler()],
        dependencies=_dependencies(services),
        middleware=[DefineMiddleware(FormToken, config=csrf)],
        exception_handlers=errors.HANDLERS,
        template_config=TemplateConfig(engine=JinjaTemplateEngine.from_environment(jinja)),
        plugins=[HTMXPlugin()],
        openapi_config=_openapi(),
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,
        debug=False,
    )
    site_map = nav.site({route.path for route in app.routes})
    jinja.globals.update(site=site_map, home_of=lambda request: site_map.house(request.scope["path"]))
    compile_all(jinja)
    app.asgi_handler = Outer(app.asgi_handler, services, metrics)
    return app


def _split(routes: Iterable[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    """Pages go under a router that keeps them out of the OpenAPI document; the API stands as it is."""
    programs: list[ControllerRouterHandler] = []
    people: list[ControllerRouterHandler] = []
    for route in routes:
        path = getattr(route, "path", "") or next(iter(getattr(route, "paths", ())), "")
        (programs if str(path).startswith(errors.API.rstrip("/")) else people).append(route)
    return [*programs, Router("/", route_handlers=people, include_in_schema=False)]


def _dependencies(services: Services) -> dict[str, Provide]:
    """What every handler may ask for by name."""

    def part(name: str) -> Provide:
        return Provide(lambda: getattr(services, name), sync_to_thread=False)

    return {
        "services": Provide(lambda: services, sync_to_thread=False),
        **{name: part(name) for name in ("database", "storage", "clock", "settings", "gateway")},
        "visitor": Provide(access.provide_visitor, sync_to_thread=False),
        "actor": Provide(access.provide_actor, sync_to_thread=False),
        "typed": Provide(provide_typed),
    }


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="群团服务采购平台 / Service procurement marketplace",
        version="1",
        description="Amounts are whole fen, instants RFC 3339 with offset, legal days dates in Asia/Shanghai.",
        contact=Contact(name="operator"),
        path="/schema",
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
    )


Visit = Request[access.Visitor, None, Any]
"""The request as pages see it: ``request.user`` is the visitor."""
