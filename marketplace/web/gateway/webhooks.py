"""The gateway's webhook: verified, stored once, answered; a worker looks into it later."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import RawBody

from marketplace.outbox.commands import take_in
from marketplace.payments.schemas import NotGenuine
from marketplace.web.services import Services

SOURCE = "gateway"
BODY_BYTES_MAX = 2**20
_BAD_REQUEST, _MISSING = 400, 404


@post(
    "/webhooks/gateway",
    status_code=200,
    sync_to_thread=True,
    opt={"exclude_from_csrf": True},
    request_max_body_size=BODY_BYTES_MAX,
    include_in_schema=False,
)
def take_event(
    request: Request[Any, Any, Any], services: NamedDependency[Services], body: RawBody
) -> Response[dict[str, str]]:
    """Store an event once. Only which object it is about is kept: what is true of it is asked of the gateway.

    Answered with 200 also when it came before, so that the gateway stops; with 400 when it is not the gateway's.
    """
    if services.gateway is None:
        return Response({"status": "off"}, status_code=_MISSING)
    now = services.clock.now()
    try:
        event = services.gateway.event(body, request.headers.get("stripe-signature", ""), now=now)
    except NotGenuine:
        return Response({"status": "not_genuine"}, status_code=_BAD_REQUEST)
    payload = {"object_kind": event.object_kind, "object_id": event.object_id, "made_at": event.made_at}
    with services.database.write() as db:
        row_id = take_in(db, SOURCE, event.id, event.kind, payload, now=now)
    return Response({"status": "stored" if row_id else "known"})
