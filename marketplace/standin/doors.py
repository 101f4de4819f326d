"""The HTTP doors of gateway and bank: bytes in, bytes out."""

import asyncio
from datetime import date
from typing import Any

from litestar import Request, Response, get, put, route
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.standin.bank import service as bank
from marketplace.standin.gateway import service as gateway
from marketplace.standin.identity import Identity
from marketplace.standin.store import Store
from marketplace.standin.times import TIME_HEADER

Asked = Request[Any, Any, State]


async def _hold(request: Asked, seconds: float) -> None:
    """Keep the caller waiting until it gives up."""
    try:
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


@route("/gateway/v1/{rest:path}", http_method=["GET", "POST"])
async def gateway_call(
    request: Asked, store: NamedDependency[Store], identity: NamedDependency[Identity], rest: FromPath[str]
) -> Response[str]:
    """Any call of the gateway's API."""
    body = (await request.body()).decode("utf-8", "replace")
    headers = request.headers
    asked = gateway.Request(
        method=request.method,
        path=rest,
        query=request.scope["query_string"].decode("ascii", "replace"),
        body=body,
        authorization=headers.get("authorization", ""),
        key=headers.get("idempotency-key", ""),
        told=headers.get(TIME_HEADER, ""),
    )
    made = gateway.answer(store, identity, asked)
    if made.hold_s:
        await _hold(request, made.hold_s)
    more = {"idempotent-replayed": "true"} if made.replayed else {}
    return Response(made.body, status_code=made.status, media_type="application/json", headers=more)


async def _bank(request: Asked, made: bank.Answer) -> Response[bytes]:
    if made.hold_s:
        await _hold(request, made.hold_s)
    return Response(made.body, status_code=made.status, media_type=made.kind)


def _told(request: Asked) -> str:
    return request.headers.get(TIME_HEADER, "")


@put("/bank/files/{number:str}")
async def take_file(request: Asked, store: NamedDependency[Store], number: FromPath[str]) -> Response[bytes]:
    """An instruction file comes in."""
    return await _bank(request, bank.submit(store, number, await request.body(), _told(request)))


@get("/bank/files/{number:str}")
async def file_results(request: Asked, store: NamedDependency[Store], number: FromPath[str]) -> Response[bytes]:
    """What became of a file?"""
    return await _bank(request, bank.results(store, number, _told(request)))


@get("/bank/instructions/{number:str}")
async def line_status(request: Asked, store: NamedDependency[Store], number: FromPath[str]) -> Response[bytes]:
    """What became of a line?"""
    return await _bank(request, bank.status(store, number, _told(request)))


@get("/bank/statements/{account:str}/{day:date}")
async def day_statement(
    request: Asked, store: NamedDependency[Store], account: FromPath[str], day: FromPath[date]
) -> Response[bytes]:
    """A statement is fetched."""
    return await _bank(request, bank.statement(store, account, day, _told(request)))


ROUTES = [gateway_call, take_file, file_results, line_status, day_statement]
