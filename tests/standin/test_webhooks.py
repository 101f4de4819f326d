"""The stand-in gateway announces what happened: signed, and as badly as the script wants."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from marketplace.kit.clock import SystemClock
from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import GatewayEvent
from marketplace.standin.control import Control

LONGEST_S = 20


class Listener:
    """Somebody who listens for announcements; answers 500 to the first ``deaf`` of them."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.deaf = 0
        self.changed = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with outer.changed:
                    is_deaf, outer.deaf = outer.deaf > 0, max(0, outer.deaf - 1)
                    if not is_deaf:
                        outer.heard.append((body, self.headers["stripe-signature"]))
                        outer.changed.notify_all()
                self.send_response(500 if is_deaf else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/gateway"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def events(self, gateway: Gateway, count: int) -> list[GatewayEvent]:
        """The first ``count`` announcements, each verified."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.heard) >= count, LONGEST_S), self.heard
            heard = list(self.heard)
        return [gateway.event(body, signed, now=SystemClock().now()) for body, signed in heard]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener(standin: Control) -> Iterator[Listener]:
    found = Listener()
    standin.webhook(found.url)
    standin.top_up(10_000)
    yield found
    standin.webhook("")
    found.close()


def pay(gateway: Gateway, *keys: str) -> None:
    account = gateway.create_account(name="安和", key="payee", metadata={}).id
    for key in keys:
        gateway.create_transfer(amount_fen=100, account=account, key=key, metadata={})


def kinds(events: list[GatewayEvent]) -> list[str]:
    return [event.kind for event in events]


def settled(standin: Control) -> list[tuple[str, str, int]]:
    """What became of each announcement, when none waits any more."""
    waiting = threading.Event()
    for _ in range(LONGEST_S * 50):
        found = [(one["kind"], one["state"], one["tries"]) for one in standin.postings()]
        if all(state != "waiting" for _, state, _ in found):
            return found
        waiting.wait(0.02)
    raise AssertionError(found)


def test_each_event_is_announced_with_its_signature(standin: Control, gateway: Gateway, listener: Listener) -> None:
    pay(gateway, "pay-1")
    events = listener.events(gateway, 3)
    assert kinds(events) == ["charge.succeeded", "account.updated", "transfer.created"]
    made = gateway.find_transfer("pay-1")
    assert made is not None
    assert events[2].object_id == made.id
    assert [event.id for event in gateway.events(since=SystemClock().now().replace(year=2000))] == [
        event.id for event in reversed(events)
    ]
    assert [state for _, state, _ in settled(standin)] == ["sent"] * 3


def test_a_lost_announcement_is_found_in_the_list(standin: Control, gateway: Gateway, listener: Listener) -> None:
    standin.next("webhook", "lose", match="transfer.created")
    pay(gateway, "pay-1", "pay-2")
    events = listener.events(gateway, 3)
    assert kinds(events) == ["charge.succeeded", "account.updated", "transfer.created"]
    listed = list(gateway.events(since=SystemClock().now().replace(year=2000)))
    assert len([event for event in listed if event.kind == "transfer.created"]) == 2
    assert ("transfer.created", "lost", 0) in settled(standin)


def test_a_duplicate_has_the_same_id(standin: Control, gateway: Gateway, listener: Listener) -> None:
    standin.next("webhook", "duplicate", match="transfer.created")
    pay(gateway, "pay-1")
    events = listener.events(gateway, 4)
    assert events[2] == events[3]


def test_what_is_held_back_comes_after_what_happened_later(
    standin: Control, gateway: Gateway, listener: Listener
) -> None:
    standin.next("webhook", "reorder", match="transfer.created")
    pay(gateway, "pay-1", "pay-2")
    events = listener.events(gateway, 4)
    first, second = gateway.find_transfer("pay-1"), gateway.find_transfer("pay-2")
    assert first is not None
    assert second is not None
    assert [event.object_id for event in events[2:]] == [second.id, first.id]


def test_a_delay_delays(standin: Control, gateway: Gateway, listener: Listener) -> None:
    standin.next("webhook", "delay", match="account.updated", seconds=0.5)
    pay(gateway, "pay-1")
    assert kinds(listener.events(gateway, 3)) == ["charge.succeeded", "transfer.created", "account.updated"]


def test_who_does_not_answer_is_told_again(standin: Control, gateway: Gateway, listener: Listener) -> None:
    listener.events(gateway, 1)
    listener.deaf = 1
    pay(gateway)
    assert kinds(listener.events(gateway, 2)) == ["charge.succeeded", "account.updated"]
    assert ("account.updated", "sent", 2) in settled(standin)


def test_events_of_another_time_are_listed_and_not_announced(
    standin: Control, gateway: Gateway, listener: Listener
) -> None:
    listener.events(gateway, 1)
    then = SystemClock().now().replace(year=2016)
    standin.top_up(500, now=then)
    standin.top_up(700)
    assert len(listener.events(gateway, 2)) == 2
    assert [state for _, state, _ in settled(standin)] == ["sent", "sent"]
    assert then.replace(microsecond=0) in {event.made_at for event in gateway.events(since=then.replace(year=2015))}
