"""The stand-in gateway refuses what a real one refuses, judged through the official SDK."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.kit.clock import SystemClock
from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import Checkout, CheckoutState, KeyMismatch, OutcomeUnknown, Refused, Unreachable
from marketplace.standin.control import Control, Unwilling
from tests.standin.conftest import HELD_S

NOW = SystemClock().now()


def checkout(gateway: Gateway, fen: int = 100_000, key: str = "gift-1", **more: Any) -> Checkout:
    facts: dict[str, Any] = {
        "title": "定向捐赠",
        "success_url": "https://us.invalid/thanks?id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://us.invalid/back",
        "expires_at": SystemClock().now() + timedelta(hours=1),
        "metadata": {"gift": "g-1"},
    }
    return gateway.create_checkout(amount_fen=fen, key=key, **{**facts, **more})


def payee(gateway: Gateway, key: str = "payee-1") -> str:
    return gateway.create_account(name="安和社会工作服务中心", key=key, metadata={"organization": "o-1"}).id


def pay_out(gateway: Gateway, account: str, fen: int, key: str) -> Any:
    return gateway.create_transfer(amount_fen=fen, account=account, key=key, metadata={"payment": key})


def test_a_gift_is_paid_once_on_its_page_and_its_fee_is_taken_off(standin: Control, gateway: Gateway) -> None:
    opened = checkout(gateway, 100_083)
    assert (opened.state, opened.is_paid, opened.metadata) == (CheckoutState.OPEN, False, {"gift": "g-1"})
    standin.pay(opened.id)
    paid = gateway.checkout(opened.id)
    assert (paid.state, paid.is_paid) == (CheckoutState.COMPLETE, True)
    payment = gateway.payment(paid.payment_id)
    assert (payment.is_paid, payment.amount_fen, payment.fee_fen, payment.net_fen) == (True, 100_083, 600, 99_483)
    assert payment.metadata == {"gift": "g-1"}
    assert gateway.available_fen() == 99_483
    with pytest.raises(Unwilling, match="已经完成"):
        standin.pay(opened.id)
    assert gateway.available_fen() == 99_483


@pytest.mark.parametrize(("fen", "fee"), [(1, 0), (83, 0), (84, 1), (100, 1), (250, 2), (10_000, 60)])
def test_the_fee_is_six_in_a_thousand_rounded_half_up(standin: Control, gateway: Gateway, fen: int, fee: int) -> None:
    standin.pay(checkout(gateway, fen).id)
    (entry,) = gateway.balance_transactions(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))
    assert (entry.kind, entry.amount_fen, entry.fee_fen, entry.net_fen) == ("charge", fen, fee, fen - fee)


@pytest.mark.parametrize("by", [timedelta(minutes=29), timedelta(hours=25)])
def test_a_page_is_open_for_half_an_hour_to_a_day(gateway: Gateway, by: timedelta) -> None:
    with pytest.raises(Refused):
        checkout(gateway, expires_at=SystemClock().now() + by)


def test_a_page_whose_time_is_over_takes_no_money(standin: Control, gateway: Gateway) -> None:
    opened = checkout(gateway)
    with pytest.raises(Unwilling, match="过期"):
        standin.pay(opened.id, now=opened.expires_at)
    standin.clock(opened.expires_at)
    assert gateway.checkout(opened.id).state is CheckoutState.EXPIRED
    assert gateway.available_fen() == 0


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def browse(url: str, **form: str) -> tuple[int, str, str]:
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.build_opener(_Stay).open(url, data, timeout=5) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("location", ""), error.read().decode()


def test_the_page_shows_the_amount_and_leads_back(gateway: Gateway) -> None:
    opened = checkout(gateway, 123_456)
    status, _, page = browse(opened.url)
    assert status == 200
    assert "1,234.56" in page
    assert "定向捐赠" in page
    assert "演示网关" in page
    assert browse(opened.url, act="cancel")[:2] == (303, "https://us.invalid/back")
    assert gateway.checkout(opened.id).state is CheckoutState.OPEN
    assert browse(opened.url, act="pay")[:2] == (303, f"https://us.invalid/thanks?id={opened.id}")
    assert "已经付过" in browse(opened.url)[2]
    assert browse(opened.url, act="pay")[0] == 409
    assert gateway.checkout(opened.id).is_paid


def test_the_overview_shows_what_the_stand_ins_hold(standin: Control, gateway: Gateway) -> None:
    standin.top_up(500_000)
    standin.open_account("5100000000000000001", "群团服务中心", fen=7)
    pay_out(gateway, payee(gateway), 12_345, "pay-1")
    page = browse(standin.identity.site + "/")[2]
    for text in ("4,876.55", "123.45", "群团服务中心", "0.07", "安和社会工作服务中心"):
        assert text in page


def test_a_transfer_moves_what_is_there_and_no_fen_more(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000)
    account = payee(gateway)
    made = pay_out(gateway, account, 600, "pay-1")
    assert gateway.transfer(made.id) == made
    with pytest.raises(Refused) as refused:
        pay_out(gateway, account, 401, "pay-2")
    assert (refused.value.code, refused.value.reason) == ("balance_insufficient", "网关可用余额不足")
    assert gateway.find_transfer("pay-2") is None
    assert gateway.available_fen() == 400


def test_ten_threads_move_exactly_what_fits(standin: Control, gateway: Gateway) -> None:
    standin.top_up(700)
    account, lock = payee(gateway), threading.Lock()
    done: list[int] = []

    def pay(n: int) -> None:
        try:
            pay_out(gateway, account, 100, f"pay-{n}")
        except Refused:
            return
        with lock:
            done.append(n)

    threads = [threading.Thread(target=pay, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(standin.ledger()["gateway"]["transfers"]) == 7
    assert gateway.available_fen() == 0


def test_the_same_key_and_words_do_it_once(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000)
    account = payee(gateway)
    first = pay_out(gateway, account, 600, "pay-1")
    assert pay_out(gateway, account, 600, "pay-1") == first
    assert payee(gateway) == account
    expires_at = SystemClock().now() + timedelta(hours=1)
    opened = {checkout(gateway, expires_at=expires_at).id for _ in range(2)}
    assert len(opened) == 1
    assert len(standin.ledger()["gateway"]["transfers"]) == 1


def test_a_refusal_is_given_again_to_its_key(standin: Control, gateway: Gateway) -> None:
    account = payee(gateway)
    for _ in range(2):
        with pytest.raises(Refused):
            pay_out(gateway, account, 600, "pay-1")
        standin.top_up(1_000)
    assert pay_out(gateway, account, 600, "pay-2").amount_fen == 600


def test_the_same_key_with_other_words_is_a_mismatch(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000)
    account = payee(gateway)
    pay_out(gateway, account, 600, "pay-1")
    with pytest.raises(KeyMismatch):
        pay_out(gateway, account, 300, "pay-1")
    found = gateway.find_transfer("pay-1")
    assert found is not None
    assert found.amount_fen == 600


def test_an_account_that_may_not_receive_gets_nothing(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000)
    account = payee(gateway)
    standin.set_receiving(account, may_receive=False)
    assert not gateway.account(account).may_receive
    with pytest.raises(Refused) as refused:
        pay_out(gateway, account, 600, "pay-1")
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_what_does_not_exist_is_refused(gateway: Gateway) -> None:
    asks = (gateway.checkout, gateway.payment, gateway.transfer, gateway.account)
    for ask in asks:
        with pytest.raises(Refused) as refused:
            ask("nothing_here")
        assert refused.value.code == "resource_missing"


def test_refunds_end_at_what_was_paid(standin: Control, gateway: Gateway) -> None:
    opened = checkout(gateway, 1_000)
    standin.pay(opened.id)
    standin.top_up(10_000)
    payment = gateway.checkout(opened.id).payment_id
    assert gateway.refund(payment_id=payment, amount_fen=400, key="r-1", metadata={}).amount_fen == 400
    with pytest.raises(Refused) as refused:
        gateway.refund(payment_id=payment, amount_fen=601, key="r-2", metadata={})
    assert refused.value.code == "amount_too_large"
    gateway.refund(payment_id=payment, amount_fen=600, key="r-3", metadata={})
    with pytest.raises(Refused) as refused:
        gateway.refund(payment_id=payment, amount_fen=1, key="r-4", metadata={})
    assert refused.value.code == "charge_already_refunded"
    assert gateway.payment(payment).refunded_fen == 1_000
    assert gateway.available_fen() == 10_000 - 6


def test_a_refund_needs_money_in_the_balance(standin: Control, gateway: Gateway) -> None:
    opened = checkout(gateway, 1_000)
    standin.pay(opened.id)
    pay_out(gateway, payee(gateway), 900, "pay-1")
    with pytest.raises(Refused) as refused:
        gateway.refund(payment_id=gateway.checkout(opened.id).payment_id, amount_fen=500, key="r-1", metadata={})
    assert refused.value.code == "balance_insufficient"


def test_the_entries_add_up_to_the_balance_over_many_pages(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000_000)
    account = payee(gateway)
    for n in range(130):
        pay_out(gateway, account, n + 1, f"pay-{n}")
    entries = list(gateway.balance_transactions(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1)))
    assert len({entry.id for entry in entries}) == 131
    assert sum(entry.net_fen for entry in entries) == gateway.available_fen()
    assert [entry.amount_fen for entry in entries[:2]] == [-130, -129]
    assert list(gateway.balance_transactions(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2))) == []


def test_a_wrong_key_opens_nothing(standin: Control) -> None:
    stranger = Gateway(standin.gateway_url, "sk_of_a_stranger", "")
    with pytest.raises(Refused) as refused:
        stranger.available_fen()
    assert refused.value.code == "http_401"
    stranger.close()
    with pytest.raises(Unwilling, match="401"):
        Control(type(standin.identity)(standin.identity.port, "sk_of_a_stranger", "")).reset()


def test_a_story_tells_its_own_time(standin: Control) -> None:
    then = datetime(2016, 5, 3, 2, 0, tzinfo=UTC)
    teller = Gateway(standin.gateway_url, standin.identity.key, "", told=lambda: then)
    standin.top_up(1_000, now=then)
    assert pay_out(teller, payee(teller), 100, "pay-1").made_at == then
    entries = teller.balance_transactions(since=then, until=then + timedelta(days=1))
    assert {entry.made_at for entry in entries} == {then}
    teller.close()


def test_a_scripted_refusal_says_its_reason_and_changes_nothing(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000)
    account = payee(gateway)
    standin.next("transfer", "refuse", code="account_frozen", reason="收款账户被冻结", match="pay-2")
    assert pay_out(gateway, account, 100, "pay-1").amount_fen == 100
    with pytest.raises(Refused) as refused:
        pay_out(gateway, account, 100, "pay-2")
    assert (refused.value.code, refused.value.reason) == ("account_frozen", "收款账户被冻结")
    assert gateway.available_fen() == 900


def test_a_time_out_may_hide_a_transfer_or_none(standin: Control, gateway: Gateway) -> None:
    standin.top_up(1_000)
    account = payee(gateway)
    standin.next("transfer", "time_out_but_accept", seconds=HELD_S)
    with pytest.raises(OutcomeUnknown):
        pay_out(gateway, account, 100, "pay-1")
    found = gateway.find_transfer("pay-1")
    assert found is not None
    assert pay_out(gateway, account, 100, "pay-1") == found
    standin.next("transfer", "time_out_and_drop", seconds=HELD_S)
    with pytest.raises(OutcomeUnknown):
        pay_out(gateway, account, 100, "pay-2")
    assert gateway.find_transfer("pay-2") is None
    assert [one["group"] for one in standin.ledger()["gateway"]["transfers"]] == ["pay-1"]


def test_a_failing_gateway_is_unknown_or_unreachable(standin: Control, gateway: Gateway) -> None:
    standin.next("transfer", "fail")
    standin.next("transfer.read", "fail")
    with pytest.raises(OutcomeUnknown):
        pay_out(gateway, "acct_x", 100, "pay-1")
    with pytest.raises(Unreachable):
        gateway.find_transfer("pay-1")
    assert gateway.find_transfer("pay-1") is None


def test_the_script_knows_which_calls_there_are(standin: Control) -> None:
    with pytest.raises(ValueError, match="no such call"):
        standin.next("transfre", "accept")


REQUIRED = {
    "checkout/sessions": "automatic_tax created custom_fields custom_text expires_at id livemode mode object"
    " payment_method_types payment_status shipping_options",
    "payment_intents": "created id livemode object status",
    "charges": "amount amount_captured amount_refunded billing_details captured created currency disputed id livemode"
    " metadata object paid refunded status",
    "balance_transactions": "amount available_on balance_type created currency fee fee_details id net object"
    " reporting_category status type",
    "refunds": "amount created currency id object",
    "accounts": "id object",
    "transfers": "amount amount_reversed created currency id livemode metadata object reversals reversed",
    "events": "created data id livemode object pending_webhooks type",
}
"""What the published description of the API says that each object always has."""


def test_every_object_has_what_the_published_description_requires(standin: Control, gateway: Gateway) -> None:
    opened = checkout(gateway, 1_000)
    standin.pay(opened.id)
    pay_out(gateway, payee(gateway), 100, "pay-1")
    gateway.refund(payment_id=gateway.checkout(opened.id).payment_id, amount_fen=1, key="r-1", metadata={})
    for path, names in REQUIRED.items():
        request = urllib.request.Request(  # noqa: S310 - an address of our own
            f"{standin.gateway_url}/v1/{path}", headers={"authorization": f"Bearer {standin.identity.key}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - an address of our own
            found = json.load(answer)
        assert found["object"] == "list"
        assert found["data"], path
        for one in found["data"]:
            assert set(names.split()) <= set(one), path
            assert not [name for name in one if name.startswith("_")]
