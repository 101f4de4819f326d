"""The gateway's adapter tells apart what was refused, what surely happened, and what nobody knows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx
import stripe

from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import (
    CheckoutState,
    KeyMismatch,
    NotGenuine,
    OutcomeUnknown,
    Refused,
    Unreachable,
)

URL = "https://gateway.invalid/gateway"
SECRET = "whsec_of_nobody"
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

MOVED = {
    "id": "tr_1",
    "object": "transfer",
    "amount": 1234,
    "amount_reversed": 0,
    "currency": "cny",
    "destination": "acct_1",
    "created": int(AT.timestamp()),
    "transfer_group": "key-1",
    "metadata": {"payment": "p"},
}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    found = Gateway(URL, "sk_of_nobody", SECRET, timeout_s=1)
    yield found
    found.close()


def transfer(gateway: Gateway) -> Any:
    return gateway.create_transfer(amount_fen=1234, account="acct_1", key="key-1", metadata={"payment": "p"})


def says(status: int, **error: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": "因故不行", **error}})


@respx.mock
def test_a_transfer_is_ordered_with_its_key_and_found_by_it(gateway: Gateway) -> None:
    route = respx.post(f"{URL}/v1/transfers").mock(httpx.Response(200, json=MOVED))
    made = transfer(gateway)
    sent = route.calls.last.request
    assert sent.headers["idempotency-key"] == "key-1"
    assert b"transfer_group=key-1" in sent.content
    assert b"currency=cny" in sent.content
    assert (made.amount_fen, made.group, made.made_at) == (1234, "key-1", AT)
    respx.get(f"{URL}/v1/transfers").mock(
        httpx.Response(200, json={"object": "list", "url": "/v1/transfers", "has_more": False, "data": [MOVED]})
    )
    assert gateway.find_transfer("key-1") == made
    assert gateway.find_transfer("key-2") is None


@respx.mock
@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, {"type": "invalid_request_error", "code": "balance_insufficient"}, "balance_insufficient"),
        (402, {"type": "card_error", "code": "card_declined"}, "card_declined"),
        (404, {"type": "invalid_request_error", "code": "resource_missing"}, "resource_missing"),
        (401, {"type": "invalid_request_error"}, "http_401"),
        (403, {"type": "invalid_request_error"}, "http_403"),
    ],
)
def test_a_no_is_a_refusal_with_code_and_reason(gateway: Gateway, status: int, error: Any, code: str) -> None:
    respx.post(f"{URL}/v1/transfers").mock(says(status, **error))
    with pytest.raises(Refused) as refused:
        transfer(gateway)
    assert (refused.value.code, refused.value.reason) == (code, "因故不行")


@respx.mock
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_write_that_may_have_happened_is_unknown_and_is_not_sent_again_by_the_sdk(
    gateway: Gateway, status: int
) -> None:
    route = respx.post(f"{URL}/v1/transfers").mock(says(status, type="api_error"))
    with pytest.raises(OutcomeUnknown):
        transfer(gateway)
    assert route.call_count == 1


@respx.mock
@pytest.mark.parametrize(
    "broken", [httpx.ReadTimeout("late"), httpx.ConnectError("away"), httpx.RemoteProtocolError("")]
)
def test_a_write_without_an_answer_is_unknown(gateway: Gateway, broken: Exception) -> None:
    respx.post(f"{URL}/v1/transfers").mock(side_effect=broken)
    with pytest.raises(OutcomeUnknown):
        transfer(gateway)


@respx.mock
@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"id": "tr_1"}'])
def test_a_write_with_an_answer_nobody_understands_is_unknown(gateway: Gateway, body: bytes) -> None:
    respx.post(f"{URL}/v1/transfers").mock(httpx.Response(200, content=body))
    with pytest.raises(OutcomeUnknown):
        transfer(gateway)


@respx.mock
@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_a_no_that_is_not_the_gateways_own_is_unknown(gateway: Gateway, status: int) -> None:
    respx.post(f"{URL}/v1/transfers").mock(httpx.Response(status, content=b"<html>no</html>"))
    with pytest.raises(OutcomeUnknown):
        transfer(gateway)


@respx.mock
def test_a_key_used_for_something_else_is_unknown_never_refused(gateway: Gateway) -> None:
    respx.post(f"{URL}/v1/transfers").mock(says(400, type="idempotency_error"))
    with pytest.raises(KeyMismatch):
        transfer(gateway)
    assert issubclass(KeyMismatch, OutcomeUnknown)


@respx.mock
def test_a_question_without_an_answer_may_be_asked_again(gateway: Gateway) -> None:
    respx.get(f"{URL}/v1/transfers/tr_1").mock(side_effect=httpx.ReadTimeout("late"))
    with pytest.raises(Unreachable) as unreachable:
        gateway.transfer("tr_1")
    assert not isinstance(unreachable.value, OutcomeUnknown)


@respx.mock
def test_a_list_is_read_to_its_last_page(gateway: Gateway) -> None:
    entries = [
        {"id": f"txn_{n}", "type": "charge", "amount": 100, "fee": 1, "net": 99, "created": 1, "source": None}
        for n in range(3)
    ]
    route = respx.get(f"{URL}/v1/balance_transactions")
    route.side_effect = [
        httpx.Response(200, json={"object": "list", "url": "/x", "has_more": True, "data": entries[:2]}),
        httpx.Response(200, json={"object": "list", "url": "/x", "has_more": False, "data": entries[2:]}),
    ]
    found = list(gateway.balance_transactions(since=AT, until=AT + timedelta(days=1)))
    assert [entry.id for entry in found] == ["txn_0", "txn_1", "txn_2"]
    assert route.calls.last.request.url.params["starting_after"] == "txn_1"


@respx.mock
def test_a_checkout_takes_one_amount_in_cny(gateway: Gateway) -> None:
    answer = {
        "id": "cs_1", "object": "checkout.session", "status": "open", "payment_status": "unpaid",
        "amount_total": 500, "expires_at": 1, "url": "https://gateway.invalid/pay/cs_1", "metadata": {"gift": "g"},
    }  # fmt: skip
    route = respx.post(f"{URL}/v1/checkout/sessions").mock(httpx.Response(200, json=answer))
    opened = gateway.create_checkout(
        amount_fen=500, title="捐赠", success_url="https://us.invalid/ok", cancel_url="https://us.invalid/no",
        expires_at=AT, key="k", metadata={"gift": "g"},
    )  # fmt: skip
    assert (opened.state, opened.is_paid, opened.payment_id) == (CheckoutState.OPEN, False, "")
    body = route.calls.last.request.content.decode()
    assert "line_items[0][price_data][unit_amount]=500" in body
    assert "payment_intent_data[metadata][gift]=g" in body


@respx.mock
def test_a_payment_whose_fee_is_not_booked_yet_has_none(gateway: Gateway) -> None:
    charge = {"id": "ch_1", "created": 1, "amount_refunded": 0, "paid": True, "balance_transaction": None}
    answer = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 500, "latest_charge": charge}
    respx.get(f"{URL}/v1/payment_intents/pi_1").mock(httpx.Response(200, json=answer))
    payment = gateway.payment("pi_1")
    assert (payment.is_paid, payment.charge_id, payment.fee_fen, payment.net_fen) == (True, "ch_1", None, None)


def signed(at: datetime, secret: str = SECRET, payload: str = "") -> tuple[bytes, str]:
    body = payload or json.dumps(
        {
            "id": "evt_1",
            "type": "transfer.created",
            "created": 1,
            "data": {"object": {"id": "tr_1", "object": "transfer"}},
        }
    )
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))


def test_a_webhook_signed_now_is_believed(gateway: Gateway) -> None:
    body, signature = signed(AT)
    event = gateway.event(body, signature, now=AT + timedelta(seconds=300))
    assert (event.id, event.kind, event.object_kind, event.object_id) == (
        "evt_1", "transfer.created", "transfer", "tr_1",
    )  # fmt: skip


@pytest.mark.parametrize("by", [timedelta(seconds=301), timedelta(seconds=-301)], ids=["old", "future"])
def test_a_webhook_signed_at_another_time_is_not_believed(gateway: Gateway, by: timedelta) -> None:
    body, signature = signed(AT)
    with pytest.raises(NotGenuine):
        gateway.event(body, signature, now=AT + by)


def test_a_webhook_signed_by_another_or_changed_or_unsigned_is_not_believed(gateway: Gateway) -> None:
    body, signature = signed(AT)
    _, other = signed(AT, secret="whsec_of_another")
    for payload, header in [
        (body, other),
        (body + b" ", signature),
        (body, ""),
        (body, "t=x,v1=y"),
        (b"\xff", signature),
    ]:
        with pytest.raises(NotGenuine):
            gateway.event(payload, header, now=AT)


def test_a_signed_body_that_is_no_event_is_not_believed(gateway: Gateway) -> None:
    body, signature = signed(AT, payload='{"id": "evt_1"}')
    with pytest.raises(NotGenuine):
        gateway.event(body, signature, now=AT)


@respx.mock
def test_a_stand_in_is_told_the_time_of_the_story() -> None:
    route = respx.get(f"{URL}/v1/balance").mock(
        httpx.Response(200, json={"object": "balance", "available": [{"amount": 7, "currency": "cny"}]})
    )
    gateway = Gateway(URL, "sk", SECRET, told=lambda: AT)
    assert gateway.available_fen() == 7
    assert route.calls.last.request.headers["x-standin-now"] == "2026-03-02T01:00:00+00:00"
    gateway.close()
