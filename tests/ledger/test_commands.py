"""The verbs: which fen they take, what they refuse, and that a repeated call changes nothing."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.errors import DomainError
from marketplace.ledger import commands as ledger
from marketplace.ledger.queries import balance, raised, receipt_spans, receipts, totals, verify
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Item, PlaceLike
from tests.ledger.books import AVAILABLE, FACTS, NOW, a_fund, a_receipt, held, move


def refusal(database: Database, story: Callable[[Session], Any], kind: type[DomainError]) -> DomainError:
    with pytest.raises(kind) as caught, database.write() as db:
        story(db)
    assert str(caught.value).endswith("。")
    return caught.value


@pytest.fixture
def fund(database: Database) -> UUID:
    with database.write() as db:
        return a_fund(db, 600, 400)


@pytest.fixture
def project() -> PlaceLike:
    return ("reserved", uuid4())


def test_the_lowest_serials_go_first_and_neighbours_merge(database: Database, fund: UUID, project: PlaceLike) -> None:
    with database.write() as db:
        move(db, fund, AVAILABLE, project, 300)
        move(db, fund, AVAILABLE, project, 200)
        assert held(db, fund, AVAILABLE) == [(500, 1000)]
        assert held(db, fund, project) == [(0, 500)]
        move(db, fund, project, AVAILABLE, 500)
        assert held(db, fund, AVAILABLE) == [(0, 1000)]
        assert held(db, fund, project) == []


def test_a_receipt_may_be_named_and_only_its_fen_are_taken(database: Database, fund: UUID, project: PlaceLike) -> None:
    with database.write() as db:
        gift = a_receipt(db, fund, 100)
        a_receipt(db, fund, 100)
        move(db, fund, AVAILABLE, project, 60, receipt_id=gift)
        assert held(db, fund, project) == [(1000, 1060)]
        assert receipt_spans(db, [gift]) == {gift: (1000, 1100)}
    error = refusal(database, lambda db: move(db, fund, AVAILABLE, project, 41, receipt_id=gift), ledger.NotEnough)
    assert error.params["short_fen"] == 1
    refusal(database, lambda db: move(db, fund, AVAILABLE, project, 1, receipt_id=uuid4()), ledger.NoSuchReceipt)


def test_spans_may_be_named_exactly(database: Database, fund: UUID, project: PlaceLike) -> None:
    spans = [Span(10, 20), Span(700, 705)]
    with database.write() as db:
        move(db, fund, AVAILABLE, project, 15, spans=spans)
        assert held(db, fund, project) == [(10, 20), (700, 705)]
        assert held(db, fund, AVAILABLE) == [(0, 10), (20, 700), (705, 1000)]
        move(db, fund, project, AVAILABLE, 4, spans=[Span(12, 16)])
        assert held(db, fund, project) == [(10, 12), (16, 20), (700, 705)]
    refusal(database, lambda db: move(db, fund, AVAILABLE, project, 9, spans=[Span(0, 8)]), ledger.BadSpans)
    refusal(database, lambda db: move(db, fund, AVAILABLE, project, 10, spans=[Span(5, 15)]), ledger.NotEnough)
    scattered = [Span(0, 5), Span(8, 13)]
    error = refusal(database, lambda db: move(db, fund, AVAILABLE, project, 10, spans=scattered), ledger.NotEnough)
    assert "元" in str(error)


def test_a_repeated_call_changes_nothing_even_under_another_datestyle(database: Database, fund: UUID) -> None:
    project, facts = ("reserved", uuid4()), {"key": "once", "value_date": date(2026, 3, 9)}
    with database.write() as db:
        first = move(db, fund, AVAILABLE, project, 300, **facts)
        db.execute(text("SET LOCAL datestyle = 'German, DMY'"))
        assert move(db, fund, AVAILABLE, project, 300, **facts) == first
        move(db, fund, AVAILABLE, ("reserved", uuid4()), 700)
        assert move(db, fund, AVAILABLE, project, 300, **facts) == first, "also when nothing is left to move"
        assert held(db, fund, project) == [(0, 300)]


@pytest.mark.parametrize(
    "other",
    [
        {"amount_fen": 301},
        {"target": ("reserved", UUID(int=7))},
        {"cause": "另一事由"},
        {"value_date": date(2026, 9, 3)},
    ],
    ids=["amount", "target", "cause", "value date"],
)
def test_a_key_belongs_to_one_call(database: Database, fund: UUID, other: dict[str, Any]) -> None:
    call: dict[str, Any] = FACTS | {
        "key": "mine", "fund_id": fund, "source": AVAILABLE, "target": ("reserved", UUID(int=5)), "amount_fen": 300,
        "value_date": date(2026, 3, 9),
    }  # fmt: skip
    with database.write() as db:
        ledger.move(db, **call)
    refusal(database, lambda db: ledger.move(db, **(call | other)), ledger.KeyReused)


def test_more_than_there_is_is_refused_with_what_is_missing(database: Database, fund: UUID, project: PlaceLike) -> None:
    error = refusal(database, lambda db: move(db, fund, AVAILABLE, project, 1234), ledger.NotEnough)
    assert error.params["short_fen"] == 234
    assert "还差 2.34 元" in str(error)
    refusal(database, lambda db: move(db, fund, project, AVAILABLE, 1), ledger.NotEnough)


@pytest.mark.parametrize("amount_fen", [0, -5])
def test_an_amount_is_above_zero(database: Database, fund: UUID, project: PlaceLike, amount_fen: int) -> None:
    refusal(database, lambda db: move(db, fund, AVAILABLE, project, amount_fen), ledger.NotPositive)
    refusal(database, lambda db: a_receipt(db, fund, amount_fen), ledger.NotPositive)
    item = Item(key="none", source=AVAILABLE, target=project, amount_fen=amount_fen)
    refusal(database, lambda db: ledger.move_many(db, fund_id=fund, items=[item], **FACTS), ledger.NotPositive)
    refusal(
        database,
        lambda db: ledger.exchange(
            db, key="e", fund_id=fund, source=AVAILABLE, target=project, amount_fen=amount_fen, **FACTS
        ),
        ledger.NotPositive,
    )


def test_an_unknown_fund_is_not_found(database: Database, project: PlaceLike) -> None:
    refusal(database, lambda db: move(db, uuid4(), AVAILABLE, project, 1), ledger.NoSuchFund)
    refusal(database, lambda db: a_receipt(db, uuid4(), 1), ledger.NoSuchFund)
    refusal(database, lambda db: ledger.account_of(db, uuid4(), project), ledger.NoSuchFund)


@pytest.mark.parametrize(
    ("source", "target"),
    [("available", "committed"), ("available", "payable"), ("reserved", "payable"), ("committed", "in_transit"),
     ("available", "voided"), ("available", "transferred"), ("returned", "available")],
)  # fmt: skip
def test_a_way_that_the_table_does_not_know_is_refused(
    database: Database, fund: UUID, source: str, target: str
) -> None:
    places = [(role, None if role == "available" else uuid4()) for role in (source, target)]
    error = refusal(database, lambda db: move(db, fund, places[0], places[1], 1), ledger.UnlawfulMove)
    assert {error.params["from"], error.params["to"]} == {source, target}


def test_a_fund_is_opened_once_in_one_custody(database: Database, fund: UUID) -> None:
    with database.write() as db:
        ledger.open_fund(db, fund, "bank", now=NOW)
    refusal(database, lambda db: ledger.open_fund(db, fund, "gateway", now=NOW), ledger.KeyReused)


def pay(db: Session, fund: UUID, amount_fen: int) -> tuple[UUID, PlaceLike]:
    """Fen of a fund on their way to a payee, and the order for them."""
    project, contract, milestone, payment = (uuid4() for _ in range(4))
    way: list[PlaceLike] = [
        AVAILABLE, ("reserved", project), ("committed", contract), ("payable", milestone), ("in_transit", payment),
    ]  # fmt: skip
    for source, target in pairwise(way):
        move(db, fund, source, target, amount_fen)
    ledger.order_attempt(
        db,
        attempt_id=payment,
        fund_id=fund,
        source=way[-1],
        outcome="paid",
        amount_fen=amount_fen,
        actor_id=None,
        now=NOW,
    )
    return payment, way[-1]


def test_nothing_is_paid_but_by_its_order_once_and_exactly(database: Database, fund: UUID) -> None:
    with database.write() as db:
        payment, transit = pay(db, fund, 250)
    paid: PlaceLike = ("paid", payment)
    refusal(database, lambda db: move(db, fund, transit, paid, 250), ledger.NoAttempt)
    refusal(database, lambda db: move(db, fund, transit, paid, 250, attempt_id=uuid4()), ledger.NoAttempt)
    refusal(database, lambda db: move(db, fund, transit, paid, 249, attempt_id=payment), ledger.NoAttempt)
    refusal(database, lambda db: move(db, fund, AVAILABLE, paid, 250, attempt_id=payment), ledger.NoAttempt)
    with database.write() as db:
        done = move(db, fund, transit, paid, 250, attempt_id=payment, key="pay")
        assert move(db, fund, transit, paid, 250, attempt_id=payment, key="pay") == done
        move(db, fund, paid, AVAILABLE, 250)
        assert held(db, fund, AVAILABLE) == [(0, 1000)]
    with database.write() as db:
        _, again = pay(db, fund, 250)
    refusal(database, lambda db: move(db, fund, again, paid, 250, attempt_id=payment), ledger.NoAttempt)
    many = [Item(key="x", source=transit, target=paid, amount_fen=250, attempt_id=payment)]
    refusal(database, lambda db: ledger.move_many(db, fund_id=fund, items=many, **FACTS), ledger.NoAttempt)


def test_an_order_is_given_once(database: Database, fund: UUID) -> None:
    with database.write() as db:
        payment, transit = pay(db, fund, 10)

    def order(**other: Any) -> Callable[[Session], None]:
        given: dict[str, Any] = {
            "attempt_id": payment, "fund_id": fund, "source": transit, "outcome": "paid", "amount_fen": 10,
            "actor_id": None, "now": NOW,
        }  # fmt: skip
        return lambda db: ledger.order_attempt(db, **(given | other))

    with database.write() as db:
        order()(db)
    refusal(database, order(amount_fen=11), ledger.KeyReused)
    refusal(database, order(source=("in_transit", uuid4())), ledger.KeyReused)
    refusal(database, order(attempt_id=uuid4(), source=AVAILABLE), ledger.UnlawfulMove)
    refusal(database, order(attempt_id=uuid4(), outcome="refunded"), ledger.UnlawfulMove)


def test_a_donor_is_refunded_with_the_fen_of_the_gift(database: Database, fund: UUID, project: PlaceLike) -> None:
    refund = uuid4()
    aside, back = ("clearing", refund), ("refunded", refund)
    with database.write() as db:
        gift = a_receipt(db, fund, 100)
        a_receipt(db, fund, 500)
        move(db, fund, AVAILABLE, project, 1050)  # FIFO reserved half of the gift while others lie free
        ledger.exchange(
            db, key="swap", fund_id=fund, source=project, target=AVAILABLE, amount_fen=50, receipt_id=gift, **FACTS
        )
        assert held(db, fund, AVAILABLE) == [(1000, 1100), (1150, 1600)]
        move(db, fund, AVAILABLE, aside, 100, receipt_id=gift)
        ledger.order_attempt(
            db,
            attempt_id=refund,
            fund_id=fund,
            source=aside,
            outcome="refunded",
            amount_fen=100,
            actor_id=None,
            now=NOW,
        )
        move(db, fund, aside, back, 100, attempt_id=refund)
        assert held(db, fund, back) == [receipt_spans(db, [gift])[gift]]
        assert balance(db, fund, project) == 1050
        assert verify(db).ok


def test_an_exchange_moves_no_balance_and_is_recorded_twice(database: Database, fund: UUID, project: PlaceLike) -> None:
    call: dict[str, Any] = FACTS | {"key": "swap", "fund_id": fund, "source": project, "target": AVAILABLE}
    with database.write() as db:
        move(db, fund, AVAILABLE, project, 100)
        first = ledger.exchange(db, amount_fen=40, spans=[Span(60, 100)], **call)
        assert held(db, fund, project) == [(0, 60), (100, 140)]
        assert held(db, fund, AVAILABLE) == [(60, 100), (140, 1000)]
        assert ledger.exchange(db, amount_fen=40, spans=[Span(60, 100)], **call) == first
        assert totals(db, [fund])[fund] == {"available": 900, "reserved": 100}
        assert verify(db).ok
    far = call | {"key": "far", "target": ("paid", uuid4())}
    refusal(database, lambda db: ledger.exchange(db, amount_fen=10, **far), ledger.UnlawfulMove)
    much = call | {"key": "much"}
    refusal(database, lambda db: ledger.exchange(db, amount_fen=101, **much), ledger.NotEnough)
    refusal(database, lambda db: ledger.exchange(db, amount_fen=7, spans=[Span(0, 8)], **much), ledger.BadSpans)


def test_a_change_of_purpose_has_two_halves_and_keeps_the_order(database: Database, fund: UUID) -> None:
    receipt = uuid4()
    with database.write() as db:
        other = a_fund(db, 50)
        move(db, fund, AVAILABLE, ("reserved", uuid4()), 100, spans=[Span(20, 120)])
        call: dict[str, Any] = FACTS | {"key": "t", "receipt_id": receipt, "fund_id": fund, "target_fund_id": other}
        arrived = ledger.transfer(db, amount_fen=300, **call)
        assert ledger.transfer(db, amount_fen=300, **call) == arrived
        assert held(db, fund, ("transferred", other)) == [(0, 20), (120, 400)]
        assert held(db, other, AVAILABLE) == [(0, 350)]
        assert receipt_spans(db, [receipt]) == {receipt: (50, 350)}
        assert (raised(db, fund), raised(db, other)) == (1000, 50), "sums raised never count a transfer twice"
        assert verify(db).ok
    to_itself = call | {"key": "self", "target_fund_id": fund}
    refusal(database, lambda db: ledger.transfer(db, amount_fen=1, **to_itself), ledger.SameFund)
    nowhere = call | {"key": "n", "receipt_id": uuid4(), "target_fund_id": uuid4()}
    refusal(database, lambda db: ledger.transfer(db, amount_fen=1, **nowhere), ledger.NoSuchFund)
    much = call | {"key": "m", "receipt_id": uuid4()}
    refusal(database, lambda db: ledger.transfer(db, amount_fen=601, **much), ledger.NotEnough)


def test_a_mistyped_receipt_is_taken_back_while_untouched(database: Database, fund: UUID, project: PlaceLike) -> None:
    with database.write() as db:
        mistyped = a_receipt(db, fund, 77)
        a_receipt(db, fund, 70)

    def take_back(db: Session, key: str = "v") -> int:
        return ledger.void(db, key=key, fund_id=fund, receipt_id=mistyped, **FACTS)

    with database.write() as db:
        move(db, fund, AVAILABLE, project, 1001)
    refusal(database, take_back, ledger.AlreadyTouched)
    with database.write() as db:
        move(db, fund, project, AVAILABLE, 1001)
        number = take_back(db)
        assert take_back(db) == number
        assert held(db, fund, ("voided", mistyped)) == [(1000, 1077)]
        assert raised(db, fund) == 1070
        assert verify(db).ok
    refusal(database, lambda db: take_back(db, "again"), ledger.AlreadyTouched)
    refusal(
        database, lambda db: ledger.void(db, key="u", fund_id=fund, receipt_id=uuid4(), **FACTS), ledger.NoSuchReceipt
    )


def test_a_receipt_that_was_once_paid_out_is_never_mistyped(database: Database, fund: UUID) -> None:
    with database.write() as db:
        first = receipts(db, fund)[0].receipt_id
        payment, transit = pay(db, fund, 10)
        move(db, fund, transit, ("paid", payment), 10, attempt_id=payment)
        move(db, fund, ("paid", payment), AVAILABLE, 10)
        assert held(db, fund, AVAILABLE) == [(0, 1000)]
    refusal(
        database, lambda db: ledger.void(db, key="v", fund_id=fund, receipt_id=first, **FACTS), ledger.AlreadyTouched
    )


def test_a_batch_gives_contiguous_spans_in_the_order_of_its_items(database: Database, fund: UUID) -> None:
    projects: list[PlaceLike] = [("reserved", uuid4()) for _ in range(4)]
    items = [Item(key=f"b{n}", source=AVAILABLE, target=place, amount_fen=10 + n) for n, place in enumerate(projects)]
    with database.write() as db:
        move(db, fund, AVAILABLE, projects[0], 5, spans=[Span(15, 20)])
        assert ledger.move_many(db, fund_id=fund, items=items[:3], **FACTS) == 3
        assert ledger.move_many(db, fund_id=fund, items=items, **FACTS) == 1, "a batch may be repeated whole"
        assert held(db, fund, projects[0]) == [(0, 10), (15, 20)]
        assert held(db, fund, projects[1]) == [(10, 15), (20, 26)]
        assert held(db, fund, projects[3]) == [(38, 51)]
        back = [Item(key=f"c{n}", source=place, target=AVAILABLE, amount_fen=10) for n, place in enumerate(projects)]
        assert ledger.move_many(db, fund_id=fund, items=back, **FACTS) == 4
        assert held(db, fund, projects[0]) == [(15, 20)]
        assert totals(db, [fund])[fund] == {"available": 989, "reserved": 11}
        assert verify(db).ok


def test_a_batch_is_whole_or_not_at_all(database: Database, fund: UUID, project: PlaceLike) -> None:
    def batch(*items: tuple[str, PlaceLike, PlaceLike, int]) -> Callable[[Session], int]:
        made = [Item(key=key, source=source, target=target, amount_fen=fen) for key, source, target, fen in items]
        return lambda db: ledger.move_many(db, fund_id=fund, items=made, **FACTS)

    error = refusal(database, batch(("a", AVAILABLE, project, 999), ("b", AVAILABLE, project, 3)), ledger.NotEnough)
    assert error.params["short_fen"] == 2
    refusal(database, batch(("a", AVAILABLE, project, 1), ("a", AVAILABLE, project, 1)), ledger.BadBatch)
    refusal(database, batch(("a", AVAILABLE, project, 1), ("b", project, AVAILABLE, 1)), ledger.BadBatch)
    refusal(database, batch(("a", AVAILABLE, ("committed", uuid4()), 1)), ledger.UnlawfulMove)
    refusal(database, batch(("a", ("in_transit", uuid4()), ("paid", uuid4()), 1)), ledger.NoAttempt)
    with database.write() as db:
        batch(("a", AVAILABLE, project, 1))(db)
    refusal(database, batch(("a", AVAILABLE, project, 2)), ledger.KeyReused)
    with database.read() as db:
        assert balance(db, fund, project) == 1


def test_an_account_has_one_number_however_often_it_is_asked_for(db: Session) -> None:
    fund, project = a_fund(db, 100), uuid4()
    number = ledger.account_of(db, fund, ("reserved", project))
    assert ledger.account_of(db, fund, ("reserved", project)) == number
    assert ledger.account_of(db, fund, AVAILABLE) != number
    with pytest.raises(ledger.NoSuchFund), db.begin_nested():
        ledger.account_of(db, uuid4(), AVAILABLE)


def test_nothing_to_lock_and_nothing_to_order_is_nothing(db: Session) -> None:
    fund = a_fund(db, 100)
    ledger.lock_funds(db, [])
    ledger.order_attempts(db, fund_id=fund, orders=[], outcome="paid", actor_id=None, now=NOW)
    with pytest.raises(ledger.NoAttempt), db.begin_nested():
        move(db, fund, ("in_transit", fund), ("paid", fund), 1)


def test_an_error_that_is_no_refusal_is_raised_as_the_session_raises_it(db: Session) -> None:
    with pytest.raises(DBAPIError), db.begin_nested():
        ledger.open_fund(db, uuid4(), "under the mattress", now=NOW)
