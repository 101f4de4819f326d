"""The gateway's webhook is believed only when it is the gateway's, and stored once."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.outbox.model import InboxEvent, Message
from marketplace.payments.gateway import Gateway
from marketplace.settings import Settings
from tests.web.conftest import SECRET, Browser, OpenBrowser

WEBHOOK = "whsec_of_nobody"


@pytest.fixture
def post(open_browser: OpenBrowser, tmp_path: Path) -> Browser:
    gateway = Gateway("http://127.0.0.1:9/gateway", "sk_of_nobody", WEBHOOK)
    return open_browser(settings=Settings(home=tmp_path, secret_key=SECRET), gateway=gateway)


def event(event_id: str = "evt_1") -> str:
    about = {"id": "tr_1", "object": "transfer", "metadata": {"name": "不应保存的姓名"}}
    return json.dumps({"id": event_id, "type": "transfer.created", "created": 1772413200, "data": {"object": about}})


def send(browser: Browser, body: str, clock: ManualClock, *, secret: str = WEBHOOK, ago_s: int = 0) -> Any:
    stamp = int(clock.now().timestamp()) - ago_s
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, stamp)
    return browser.client.post("/webhooks/gateway", content=body, headers={"stripe-signature": signature})


def stored(database: Database) -> list[InboxEvent]:
    with database.read() as db:
        return list(db.scalars(select(InboxEvent).order_by(InboxEvent.event_id)))


def test_an_event_is_stored_once_without_what_it_says(post: Browser, database: Database, clock: ManualClock) -> None:
    assert send(post, event(), clock).json() == {"status": "stored"}
    for ago_s in (0, 200):
        answer = send(post, event(), clock, ago_s=ago_s)
        assert (answer.status_code, answer.json()) == (200, {"status": "known"})
    (row,) = stored(database)
    assert (row.source, row.event_id, row.kind, row.received_at) == (
        "gateway", "evt_1", "transfer.created", clock.now(),
    )  # fmt: skip
    assert row.payload == {"object_kind": "transfer", "object_id": "tr_1", "made_at": "2026-03-02T01:00:00Z"}
    with database.read() as db:
        (message,) = db.scalars(select(Message).where(Message.topic == "inbox.received"))
    assert message.payload == {"event_id": str(row.id)}


def test_events_in_any_order_are_stored(post: Browser, database: Database, clock: ManualClock) -> None:
    for event_id in ("evt_2", "evt_1", "evt_3"):
        assert send(post, event(event_id), clock).json() == {"status": "stored"}
    assert [row.event_id for row in stored(database)] == ["evt_1", "evt_2", "evt_3"]


def test_what_is_not_the_gateways_is_not_stored(post: Browser, database: Database, clock: ManualClock) -> None:
    far = int(timedelta(minutes=6).total_seconds())
    answers = [
        send(post, event(), clock, secret="whsec_of_another"),
        send(post, event(), clock, ago_s=far),
        send(post, event(), clock, ago_s=-far),
        send(post, "{}", clock),
        post.client.post("/webhooks/gateway", content=event()),
    ]
    assert [answer.status_code for answer in answers] == [400] * 5
    assert stored(database) == []


def test_the_webhook_asks_for_no_session_and_no_form_token(post: Browser, clock: ManualClock) -> None:
    post.client.cookies.clear()
    answer = send(post, event(), clock)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers or "csrf" not in answer.headers["set-cookie"]


def test_a_body_beyond_its_size_is_not_read(post: Browser, clock: ManualClock) -> None:
    assert send(post, " " * (2**20 + 1), clock).status_code == 413


def test_without_a_gateway_there_is_no_webhook(browser_of_site: Browser, clock: ManualClock) -> None:
    assert send(browser_of_site, event(), clock).status_code == 404
