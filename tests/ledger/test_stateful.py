"""Whatever is done to the books in whatever order, they agree with a plain Python model, fen by fen."""

from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.errors import DomainError
from marketplace.ledger import commands as ledger
from marketplace.ledger.queries import balance, totals, trace_receipt, trial_balance, verify
from marketplace.ledger.rules import Span, united
from marketplace.ledger.schemas import Item, PlaceLike
from tests.ledger.books import AVAILABLE, FACTS, NOW, held

ACCOUNTED = ("clearing", "reserved", "committed", "payable", "in_transit")
PLACES: list[PlaceLike] = [
    AVAILABLE, ("clearing", None), ("fee", None), ("returned", None),
    *((role, UUID(int=ref)) for role in ACCOUNTED for ref in (1, 2)),
    ("retention", UUID(int=1)),
]  # fmt: skip
LAWFUL = {
    "clearing": {"available", "returned", "fee"},
    "available": {"reserved", "clearing", "fee", "returned"},
    "reserved": {"committed", "available"},
    "committed": {"payable", "retention", "available", "reserved"},
    "retention": {"payable", "available"},
    "payable": {"in_transit", "retention", "committed"},
    "in_transit": {"payable"},
    "paid": {"available", "payable"},
    "fee": {"available"},
    "returned": set(),
}
"""Written out by hand from the life of project money, not taken from the database."""
CHANGEABLE = {"available", "clearing", "reserved", "committed", "retention", "payable"}
OUT = {"paid", "refunded", "fee", "returned", "transferred", "voided", "payable", "in_transit", "retention"}

amounts = st.integers(1, 40)
funds = st.integers(0, 1)
places = st.sampled_from(PLACES)


class Books(RuleBasedStateMachine):
    """The model: for each fund a list that says of every fen which account it is in, and which it has ever been in."""

    database: Database

    @initialize()
    def open(self) -> None:
        self.line: list[list[PlaceLike]] = [[], []]
        self.been: list[list[set[str]]] = [[], []]
        self.receipts: list[tuple[int, UUID, int, int, PlaceLike]] = []
        self.told: list[tuple[dict[str, Any], int]] = []
        self.ids = [uuid4(), uuid4()]
        with self.database.write() as db:
            for fund_id in self.ids:
                ledger.open_fund(db, fund_id, "bank", now=NOW)

    def here(self, fund: int, place: PlaceLike, lo: int = 0, hi: int | None = None) -> list[int]:
        return [at for at, one in enumerate(self.line[fund]) if one == place and at >= lo and (hi is None or at < hi)]

    def put(self, fund: int, serials: list[int], place: PlaceLike) -> None:
        for at in serials:
            self.line[fund][at] = place
            self.been[fund][at].add(place[0])

    def tell(self, verb: Any, expected: str | None, /, **call: Any) -> bool:
        """Call a verb; it must be refused with ``expected``, or be done if that is None."""
        given: dict[str, Any] = FACTS | {"key": str(uuid4())} | call
        refused: str | None = None
        try:
            with self.database.write() as db:
                result = verb(db, **given)
        except DomainError as error:
            refused = error.code
        assert refused == expected, call
        if refused:
            return False
        if verb is ledger.move:
            self.told.append((given, result))
        return True

    @rule(fund=funds, amount_fen=amounts, place=st.sampled_from([AVAILABLE, AVAILABLE, ("clearing", None)]))
    def receive(self, fund: int, amount_fen: int, place: PlaceLike) -> None:
        receipt_id, lo = uuid4(), len(self.line[fund])
        self.tell(
            ledger.receive, None, fund_id=self.ids[fund], receipt_id=receipt_id, amount_fen=amount_fen, target=place
        )
        self.line[fund] += [place] * amount_fen
        self.been[fund] += [{place[0]} for _ in range(amount_fen)]
        self.receipts.append((fund, receipt_id, lo, lo + amount_fen, place))

    @rule(fund=funds, source=places, there=places, amount_fen=amounts)
    def move(self, fund: int, source: PlaceLike, there: PlaceLike, amount_fen: int) -> None:
        self.attempt_move(fund, source, there, amount_fen, self.here(fund, source))

    @rule(fund=funds, data=st.data(), there=places)
    def move_lawfully(self, fund: int, data: st.DataObject, there: PlaceLike) -> None:
        sources = [one for one in PLACES if there[0] in LAWFUL[one[0]] and self.here(fund, one)]
        if sources:
            source = data.draw(st.sampled_from(sources))
            serials = self.here(fund, source)
            self.attempt_move(fund, source, there, data.draw(st.integers(1, len(serials))), serials)

    @precondition(lambda self: self.receipts)
    @rule(data=st.data(), source=places, there=places, amount_fen=amounts)
    def move_of_a_receipt(self, data: st.DataObject, source: PlaceLike, there: PlaceLike, amount_fen: int) -> None:
        fund, receipt_id, lo, hi, _ = data.draw(st.sampled_from(self.receipts))
        serials = self.here(fund, source, lo, hi)
        self.attempt_move(fund, source, there, amount_fen, serials, receipt_id=receipt_id)

    @rule(fund=funds, data=st.data(), there=places)
    def move_exactly_these(self, fund: int, data: st.DataObject, there: PlaceLike) -> None:
        if not self.line[fund]:
            return
        source = data.draw(st.sampled_from(sorted({*self.line[fund]} & {*PLACES}, key=str) or [AVAILABLE]))
        wanted = data.draw(st.sets(st.sampled_from(range(len(self.line[fund]))), min_size=1, max_size=12))
        mine = set(self.here(fund, source))
        if data.draw(st.booleans()) and wanted & mine:
            wanted &= mine
        spans = united(Span(at, at + 1) for at in wanted)
        serials = sorted(wanted) if wanted <= mine else []
        self.attempt_move(fund, source, there, len(wanted), serials, spans=spans)

    def attempt_move(
        self, fund: int, source: PlaceLike, target: PlaceLike, amount_fen: int, serials: list[int], **chosen: Any
    ) -> None:
        lawful = target[0] in LAWFUL[source[0]]
        expected = "unlawful_move" if not lawful else "not_enough_fen" if len(serials) < amount_fen else None
        call = {"fund_id": self.ids[fund], "source": source, "target": target, "amount_fen": amount_fen, **chosen}
        if self.tell(ledger.move, expected, **call):
            self.put(fund, serials[:amount_fen], target)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        call, number = data.draw(st.sampled_from(self.told))
        with self.database.write() as db:
            assert ledger.move(db, **call) == number
        self.tell(ledger.move, "ledger_key_reused", **(call | {"amount_fen": call["amount_fen"] + 1, "spans": None}))

    @rule(fund=funds, data=st.data(), count=st.integers(1, 6))
    def batch(self, fund: int, data: st.DataObject, count: int) -> None:
        sources = data.draw(st.sets(st.sampled_from([("reserved", UUID(int=1)), ("reserved", UUID(int=2)), AVAILABLE])))
        targets = {AVAILABLE: ("reserved", UUID(int=7)), ("reserved", UUID(int=1)): ("committed", UUID(int=1)),
                   ("reserved", UUID(int=2)): ("committed", UUID(int=1))}  # fmt: skip
        if not sources:
            return
        items = []
        for _ in range(count):
            source = data.draw(st.sampled_from(sorted(sources, key=str)))
            items.append(
                Item(key=str(uuid4()), source=source, target=targets[source], amount_fen=data.draw(st.integers(1, 15)))
            )
        wanted = {one: sum(item.amount_fen for item in items if item.source == one) for one in sources}
        enough = all(len(self.here(fund, one)) >= fen for one, fen in wanted.items())
        try:
            with self.database.write() as db:
                assert ledger.move_many(db, fund_id=self.ids[fund], items=items, **FACTS) == len(items)
        except ledger.NotEnough:
            done = False
        else:
            done = True
        assert done == enough
        if not done:
            return
        for item in items:
            self.put(fund, self.here(fund, item.source)[: item.amount_fen], item.target)

    @rule(fund=funds, source=places, there=places, amount_fen=amounts)
    def exchange(self, fund: int, source: PlaceLike, there: PlaceLike, amount_fen: int) -> None:
        if source == there:
            return
        lawful = {source[0], there[0]} <= CHANGEABLE and {source[0], there[0]} != {"clearing"}
        gone, came = self.here(fund, source)[:amount_fen], self.here(fund, there)[:amount_fen]
        enough = len(gone) == len(came) == amount_fen
        call: dict[str, Any] = FACTS | {"key": str(uuid4()), "fund_id": self.ids[fund], "amount_fen": amount_fen}
        try:
            with self.database.write() as db:
                ledger.exchange(db, source=source, target=there, **call)
        except (ledger.NotEnough, ledger.UnlawfulMove):
            done = False
        else:
            done = True
        assert done == (lawful and enough), call
        if done:
            self.put(fund, gone, there)
            self.put(fund, came, source)

    @rule(fund=funds, amount_fen=amounts)
    def transfer(self, fund: int, amount_fen: int) -> None:
        other, receipt_id = 1 - fund, uuid4()
        gone = self.here(fund, AVAILABLE)[:amount_fen]
        done = self.tell(
            ledger.transfer, None if len(gone) == amount_fen else "not_enough_fen", receipt_id=receipt_id,
            fund_id=self.ids[fund], target_fund_id=self.ids[other], amount_fen=amount_fen,
        )  # fmt: skip
        if done:
            self.put(fund, gone, ("transferred", self.ids[other]))
            self.line[other] += [AVAILABLE] * amount_fen
            self.been[other] += [{"available", "transferred"} for _ in range(amount_fen)]

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        fund, receipt_id, lo, hi, place = data.draw(st.sampled_from(self.receipts))
        whole = self.here(fund, place, lo, hi) == list(range(lo, hi))
        untouched = whole and not any(self.been[fund][at] & OUT for at in range(lo, hi))
        call = {"fund_id": self.ids[fund], "receipt_id": receipt_id}
        if self.tell(ledger.void, None if untouched else "receipt_touched", **call):
            self.put(fund, list(range(lo, hi)), ("voided", receipt_id))

    @rule(fund=funds, number=st.sampled_from([1, 2]), short=st.booleans())
    def pay(self, fund: int, number: int, short: bool) -> None:
        payment, transit = uuid4(), ("in_transit", UUID(int=number))
        serials = self.here(fund, transit)
        if not serials:
            return
        with self.database.write() as db:
            ledger.order_attempt(
                db, attempt_id=payment, fund_id=self.ids[fund], source=transit, outcome="paid", actor_id=None, now=NOW,
                amount_fen=len(serials),
            )  # fmt: skip
        call = {
            "fund_id": self.ids[fund], "source": transit, "target": ("paid", payment), "attempt_id": payment,
            "amount_fen": len(serials) - short or 99,
        }  # fmt: skip
        if self.tell(ledger.move, "no_attempt" if short else None, **call):
            self.put(fund, serials, ("paid", payment))
            self.tell(ledger.move, "no_attempt", **call)

    @invariant()
    def every_account_holds_what_the_model_says(self) -> None:
        if not hasattr(self, "line"):
            return
        with self.database.write() as db:
            for fund, line in enumerate(self.line):
                for place in {*line, AVAILABLE}:
                    expected = united(Span(at, at + 1) for at in self.here(fund, place))
                    assert held(db, self.ids[fund], place) == list(expected), place

    def teardown(self) -> None:
        if not hasattr(self, "line"):
            return
        with self.database.write() as db:
            self.everything_agrees(db)

    def everything_agrees(self, db: Session) -> None:
        found = verify(db)
        assert found.ok, found
        for fund, line in enumerate(self.line):
            sums: dict[str, int] = {}
            for place in line:
                sums[place[0]] = sums.get(place[0], 0) + 1
            assert totals(db, [self.ids[fund]])[self.ids[fund]] == sums
            for place in set(line):
                assert balance(db, self.ids[fund], place) == line.count(place)
            march = trial_balance(db, self.ids[fund], start=FACTS["value_date"], end=FACTS["value_date"])
            assert {one.role: one.closing_fen for one in march if one.role != "outside" and one.closing_fen} == sums
        for _, receipt_id, lo, hi, _ in self.receipts:
            trace = trace_receipt(db, receipt_id)
            assert [at for piece in trace.pieces for at in range(*piece.came_from)] == list(range(lo, hi))
            for piece in trace.pieces:
                there = self.line[self.ids.index(piece.fund_id)]
                assert all(there[at] == tuple(piece.place) for at in range(*piece.span))
                assert piece.path[-1].place == piece.place


def test_the_books_agree_with_a_plain_model(database: Database) -> None:
    Books.database = database
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
