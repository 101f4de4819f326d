"""The stand-ins as one application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from marketplace.standin import doors, pages, scripting
from marketplace.standin.bank.acts import No
from marketplace.standin.gateway.refusals import Refusal
from marketplace.standin.identity import Identity
from marketplace.standin.store import Store
from marketplace.standin.webhooks import Postman

FILE_BYTES_MAX = 64 * 2**20


def create_app(store: Store, identity: Identity) -> Litestar:
    """Gateway, bank, script and pages over one store; announces events for as long as it runs."""
    postman = Postman(store, identity.secret)

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        postman.start()
        try:
            yield
        finally:
            postman.stop()
            store.close()

    return Litestar(
        route_handlers=[*doors.ROUTES, *scripting.ROUTES, *pages.ROUTES],
        dependencies={
            "store": Provide(lambda: store, sync_to_thread=False),
            "identity": Provide(lambda: identity, sync_to_thread=False),
        },
        exception_handlers={Refusal: scripting.refuse, No: scripting.refuse, ValueError: scripting.refuse},
        state=State({"identity": identity}),
        lifespan=[life],
        request_max_body_size=FILE_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
