"""What is where, what was done, and which way fen went: every answer adds up to the fen."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from beancount.loader import load_string
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.ledger import commands as ledger
from marketplace.ledger.export import beancount_lines, csv_lines, export_beancount, export_csv
from marketplace.ledger.queries import (
    NoTrace,
    balance,
    balances,
    balances_of,
    entries,
    entries_of,
    journal,
    receipts,
    statement,
    totals,
    trace_receipt,
    trace_ref,
    trial_balance,
    verify,
)
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Item, Piece, PlaceLike
from marketplace.ledger.states import ROLE_LABELS, AccountRole
from tests.ledger.books import AVAILABLE, FACTS, NOW, a_fund, a_receipt, held, move

MARCH: dict[str, Any] = {"start": date(2026, 3, 1), "end": date(2026, 3, 31)}


class Story:
    """Two gifts; a project, its contract, one milestone paid; some money moved on to another fund."""

    def __init__(self, db: Session) -> None:
        self.fund, self.other = a_fund(db), a_fund(db)
        self.first = a_receipt(db, self.fund, 1_000, value_date=date(2026, 2, 20))
        self.second = a_receipt(db, self.fund, 500, value_date=date(2026, 3, 1))
        self.project, self.contract, self.milestone, self.payment, self.arrived = (uuid4() for _ in range(5))
        move(db, self.fund, AVAILABLE, ("reserved", self.project), 1_200, cause="占用")
        move(db, self.fund, ("reserved", self.project), ("committed", self.contract), 1_100)
        move(db, self.fund, ("reserved", self.project), AVAILABLE, 100)
        move(db, self.fund, ("committed", self.contract), ("payable", self.milestone), 400)
        move(db, self.fund, ("payable", self.milestone), ("in_transit", self.payment), 400)
        order: dict[str, Any] = {"attempt_id": self.payment, "amount_fen": 400, "actor_id": None, "now": NOW}
        ledger.order_attempt(db, fund_id=self.fund, source=("in_transit", self.payment), outcome="paid", **order)
        move(
            db, self.fund, ("in_transit", self.payment), ("paid", self.payment), 400, attempt_id=self.payment,
            value_date=date(2026, 4, 2),
        )  # fmt: skip
        facts = FACTS | {"key": "t", "receipt_id": self.arrived, "value_date": date(2026, 4, 3)}
        ledger.transfer(db, fund_id=self.fund, target_fund_id=self.other, amount_fen=150, **facts)
        self.elsewhere = uuid4()
        move(db, self.other, AVAILABLE, ("reserved", self.elsewhere), 60)


@pytest.fixture
def story(db: Session) -> Story:
    return Story(db)


def where(pieces: tuple[Piece, ...]) -> list[tuple[Span, str, UUID]]:
    return [(piece.came_from, piece.place.role, piece.fund_id) for piece in pieces]


def test_a_receipt_is_traced_to_where_each_fen_is_now(db: Session, story: Story) -> None:
    trace = trace_receipt(db, story.first)
    assert where(trace.pieces) == [
        (Span(0, 400), "paid", story.fund),
        (Span(400, 1000), "committed", story.fund),
    ]
    assert sum(piece.amount_fen for piece in trace.pieces) == trace.amount_fen == 1_000
    assert [step.place.role for step in trace.pieces[0].path] == [
        "available", "reserved", "committed", "payable", "in_transit", "paid",
    ]  # fmt: skip
    assert trace.pieces[0].path[1].cause == "占用"


def test_a_trace_goes_on_in_the_fund_that_money_was_moved_to(db: Session, story: Story) -> None:
    trace = trace_receipt(db, story.second)
    assert where(trace.pieces) == [
        (Span(1000, 1100), "committed", story.fund),
        (Span(1100, 1160), "reserved", story.other),
        (Span(1160, 1200), "available", story.other),  # these were reserved once, those never
        (Span(1200, 1250), "available", story.other),
        (Span(1250, 1500), "available", story.fund),
    ]
    moved = trace.pieces[1]
    assert moved.span == Span(0, 60)
    assert moved.place.ref == story.elsewhere
    assert [step.place.role for step in moved.path][-3:] == ["transferred", "available", "reserved"]
    assert sum(piece.amount_fen for piece in trace.pieces) == 500
    onward = trace_receipt(db, story.arrived)
    assert sum(piece.amount_fen for piece in onward.pieces) == 150


def test_a_payment_is_traced_back_to_its_receipts(db: Session, story: Story) -> None:
    trace = trace_ref(db, story.payment)
    assert trace.amount_fen == 400
    (part,) = trace.held
    assert (part.place.role, part.span) == ("paid", Span(0, 400))
    assert [(source.receipt_id, source.span) for source in part.sources] == [(story.first, Span(0, 400))]
    assert trace.passed == ()


def test_a_thing_is_traced_back_through_a_transfer_to_the_first_receipts(db: Session, story: Story) -> None:
    (part,) = trace_ref(db, story.elsewhere).held
    assert [(source.receipt_id, source.fund_id, source.span) for source in part.sources] == [
        (story.second, story.fund, Span(1100, 1160))
    ]
    project = trace_ref(db, story.project)
    assert project.held == ()
    assert sum(part.amount_fen for part in project.passed) == 1_200
    assert {part.place.role for part in project.passed} == {"paid", "committed", "transferred"}
    for part in project.passed:
        assert sum(source.amount_fen for source in part.sources) == part.amount_fen


def test_what_is_unknown_has_no_trace(db: Session) -> None:
    for trace in (trace_receipt, trace_ref):
        with pytest.raises(NoTrace):
            trace(db, uuid4())


def test_scattered_fen_that_moved_on_to_another_fund_are_traced_in_order(db: Session) -> None:
    fund, other = a_fund(db, 40, 40), a_fund(db, 7)
    second = receipts(db, fund)[1].receipt_id
    odd = [Span(at, at + 2) for at in range(1, 80, 4)]
    move(db, fund, AVAILABLE, ("reserved", uuid4()), 40, spans=odd)
    ledger.transfer(db, key="t", receipt_id=uuid4(), fund_id=fund, target_fund_id=other, amount_fen=35, **FACTS)
    move(db, other, AVAILABLE, ("reserved", uuid4()), 12)
    trace = trace_receipt(db, second)
    assert sum(piece.amount_fen for piece in trace.pieces) == 40
    assert [piece.came_from.lo for piece in trace.pieces] == sorted(piece.came_from.lo for piece in trace.pieces)
    crossed = [piece for piece in trace.pieces if piece.fund_id == other]
    assert sum(piece.amount_fen for piece in crossed) == 15
    back = trace_ref(db, next(iter(held_refs(db, other))))
    assert sum(source.amount_fen for part in back.held for source in part.sources) == 12


def held_refs(db: Session, fund: UUID) -> set[UUID]:
    return {piece.debit.ref for piece in entries(db, fund) if piece.debit.ref}


def test_balances_are_what_is_held(db: Session, story: Story) -> None:
    assert totals(db, [story.fund, story.other]) == {
        story.fund: {"available": 250, "committed": 700, "paid": 400, "transferred": 150},
        story.other: {"available": 90, "reserved": 60},
    }
    assert balance(db, story.fund, AVAILABLE) == 250
    assert balance(db, story.fund, ("committed", story.contract)) == 700
    assert balance(db, story.fund, ("committed", uuid4())) == 0
    assert balances_of(db, [story.contract, story.payment, story.project]) == {
        story.contract: {(story.fund, "committed"): 700},
        story.payment: {(story.fund, "paid"): 400},
        story.project: {},
    }
    everywhere = [(fund, place.role, fen) for fund, place, fen in balances.held(db, [story.fund])]
    assert everywhere == [
        (story.fund, "available", 250), (story.fund, "committed", 700), (story.fund, "paid", 400),
        (story.fund, "transferred", 150),
    ]  # fmt: skip
    assert [(one.receipt_id, one.span, one.place.role) for one in receipts(db, story.fund)] == [
        (story.first, Span(0, 1000), "available"), (story.second, Span(1000, 1500), "available"),
    ]  # fmt: skip
    assert [one.receipt_id for one in receipts(db, story.fund, after=0)] == [story.second]


def test_a_statement_counts_back_from_the_balance_page_by_page(db: Session, story: Story) -> None:
    whole = statement(db, story.fund, AVAILABLE)
    assert [(line.in_fen, line.out_fen, line.balance_fen) for line in whole] == [
        (0, 150, 250), (100, 0, 400), (0, 1200, 300), (500, 0, 1500), (1000, 0, 1000),
    ]  # fmt: skip
    top = statement(db, story.fund, AVAILABLE, limit=2)
    assert top + statement(db, story.fund, AVAILABLE, below=top[-1]) == whole
    assert statement(db, story.fund, ("committed", uuid4())) == []


def test_the_journal_has_two_sides_and_pages(db: Session, story: Story) -> None:
    everything = entries(db, story.fund)
    newest = entries(db, story.fund, limit=3)
    assert newest + entries(db, story.fund, before=newest[-1].movement_id) == everything
    assert everything[-1].credit is None
    assert everything[-1].debit.role == "available"
    assert [entry.debit.role for entry in entries_of(db, story.payment)] == ["in_transit", "paid"]
    assert list(journal(db, fund_id=story.fund)) == everything[::-1]
    assert {entry.value_date for entry in journal(db, start=date(2026, 4, 1), end=date(2026, 4, 2))} == {
        date(2026, 4, 2)
    }


def test_a_trial_balance_balances_over_any_period(db: Session, story: Story) -> None:
    lines = {line.role: line for line in trial_balance(db, story.fund, **MARCH)}
    assert (lines["available"].opening_fen, lines["available"].debit_fen, lines["available"].credit_fen) == (
        1000,
        600,
        1200,
    )
    assert lines["available"].closing_fen == 400
    assert lines["in_transit"].closing_fen == 400
    assert (lines["outside"].credit_fen, lines["outside"].closing_fen) == (500, -1500)
    assert sum(line.debit_fen for line in lines.values()) == sum(line.credit_fen for line in lines.values())
    assert sum(line.closing_fen for line in lines.values()) == 0
    assert sum(line.opening_fen for line in lines.values()) == 0


def test_beancount_accepts_the_export_and_agrees_with_every_balance(db: Session, story: Story) -> None:
    move(db, story.fund, AVAILABLE, ("fee", None), 3, cause='手续费 "网关"\n\\ 含税')
    text = "".join(beancount_lines(db, names={story.fund: "助学金\n专户"}))
    found, errors, _ = load_string(text)
    assert errors == []
    kinds = [type(one).__name__ for one in found]
    assert (kinds.count("Transaction"), kinds.count("Balance")) == (12, 10)
    wrong = text.replace(" 2.47 ~", " 2.48 ~")
    assert wrong != text
    assert load_string(wrong)[1], "a balance that does not agree is refused"


def test_a_period_is_exported_with_what_was_there_before(db: Session, story: Story) -> None:
    periods: list[dict[str, Any]] = [MARCH, {"start": date(2026, 4, 3)}, {"end": date(2026, 2, 28)}]
    for period in periods:
        found, errors, _ = load_string("".join(beancount_lines(db, **period)))
        assert errors == []
        assert any(type(one).__name__ == "Transaction" for one in found)
    assert len(list(csv_lines(db, **MARCH))) == 8, "a heading and the movements of March"


def test_an_empty_ledger_is_exported_too(db: Session) -> None:
    books, table = io.StringIO(), io.StringIO()
    export_beancount(db, books)
    export_csv(db, table)
    assert load_string(books.getvalue())[1] == []
    assert len(table.getvalue().splitlines()) == 1


def test_the_csv_has_whole_fen_and_yuan_as_text(db: Session, story: Story) -> None:
    move(db, story.fund, AVAILABLE, ("reserved", uuid4()), 5, cause="=1+1")
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(db, fund_id=story.fund)))))
    assert len(rows) == 10
    assert all(Decimal(row["amount_yuan"]) * 100 == int(row["amount_fen"]) for row in rows)
    assert rows[0]["credit_role"] == "outside"
    assert rows[-1]["cause"] == "'=1+1"


def test_every_place_has_a_word_in_chinese_and_english() -> None:
    assert set(ROLE_LABELS) == {"outside", *AccountRole}
    words = "".join(file.read_text("utf-8") for file in Path("marketplace/web/locale/en").glob("*.po"))
    texts = [*ROLE_LABELS.values(), *(kind.text for kind in ledger.REFUSALS.values()), NoTrace.text]
    assert [one for one in texts if f'msgid "{one}"' not in words] == []


def test_a_batch_of_many_sources_gives_each_its_own_fen(database: Database) -> None:
    places: list[PlaceLike] = [("reserved", uuid4()) for _ in range(20)]
    with database.write() as db:
        fund = a_fund(db, 2_000)
        for at, place in enumerate(places):
            move(db, fund, AVAILABLE, place, 50 + at)
        targets: list[PlaceLike] = [("committed", uuid4()) for _ in places]
        items = [
            Item(key=f"{half}/{at}", source=place, target=targets[(at * 7 + half) % 20], amount_fen=20 + at // 3)
            for half in (0, 1)
            for at, place in enumerate(places)
        ]
        ledger.move_many(db, fund_id=fund, items=items, **FACTS)
        assert sum(hi - lo for place in targets for lo, hi in held(db, fund, place)) == sum(i.amount_fen for i in items)
        assert [balance(db, fund, place) for place in places] == [50 + at - 2 * (20 + at // 3) for at in range(20)]
        assert verify(db).ok
