"""The database guards the books: against the application, against spans that are none; verify finds the rest."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.db.base import Database, plain_url, sqlstate
from marketplace.ledger import commands as ledger
from marketplace.ledger.commands import NoAttempt, UnlawfulMove
from marketplace.ledger.queries import trace_receipt, verify
from tests.ledger.books import AVAILABLE, FACTS, a_fund, move

TABLES = (
    "fund", "account", "total", "lawful_move", "attempt", "movement", "movement_span", "receipt", "holding",
)  # fmt: skip
INTERNAL = (
    "ledger.lay(gen_random_uuid(), 1, '{[0,5)}')",
    "ledger.take(gen_random_uuid(), 1, '{[0,5)}', 'available', gen_random_uuid())",
    "ledger.settle(gen_random_uuid(), 1)",
    "ledger.apportion(gen_random_uuid(), 1)",
    "ledger.hold_fund(gen_random_uuid())",
)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "act", ["INSERT INTO ledger.{} DEFAULT VALUES", "DELETE FROM ledger.{}", "TRUNCATE ledger.{} CASCADE"]
)
def test_the_application_cannot_write_a_table_of_the_books(database: Database, table: str, act: str) -> None:
    with pytest.raises(DBAPIError) as caught, database.write() as db:
        db.execute(text(act.format(table)))
    assert sqlstate(caught.value) == "42501"


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE ledger.fund SET tail = 0",
        "UPDATE ledger.holding SET span = '[0,1)'",
        "UPDATE ledger.movement SET amount_fen = 1",
        "UPDATE ledger.total SET amount_fen = 1",
        "SELECT 1 FROM ledger.fund FOR UPDATE",
        "ALTER TABLE ledger.holding DISABLE TRIGGER ALL",
        "CREATE TABLE ledger.mine (a int)",
        "ALTER FUNCTION ledger.lock_funds(uuid[]) RESET ALL",
    ],
)
def test_the_application_cannot_change_or_lock_a_row_or_the_guard(database: Database, act: str) -> None:
    with pytest.raises(DBAPIError) as caught, database.write() as db:
        db.execute(text(act))
    assert sqlstate(caught.value) == "42501"


@pytest.mark.parametrize("call", INTERNAL)
def test_the_application_cannot_call_what_the_verbs_are_made_of(database: Database, call: str) -> None:
    with pytest.raises(DBAPIError) as caught, database.write() as db:
        db.execute(text(f"SELECT {call}"))
    assert sqlstate(caught.value) == "42501"


def test_nobody_else_may_call_a_verb(committing: Database, owner_url: str) -> None:
    with psycopg.connect(plain_url(owner_url)) as owner:
        open_to_all = owner.execute(
            "SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g"
            " WHERE p.pronamespace = 'ledger'::regnamespace AND g.grantee = 0"
        ).fetchall()
        unsafe = owner.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND prosecdef"
            " AND NOT 'search_path=ledger, pg_temp' = ANY (proconfig)"
        ).fetchall()
        login = owner.execute(
            "SELECT rolcanlogin FROM pg_roles r JOIN pg_namespace n ON n.nspowner = r.oid WHERE n.nspname = 'ledger'"
        ).fetchone()
    assert (open_to_all, unsafe, login) == ([], [], (False,))


def test_a_table_of_the_callers_own_does_not_stand_in_for_ours(database: Database) -> None:
    with database.write() as db:
        fund = a_fund(db, 100)
        mine = "SELECT 'move'::text AS verb, 'available'::text AS from_role, 'payable'::text AS to_role"
        db.execute(text(f"CREATE TEMP TABLE lawful_move AS {mine}"))
        db.execute(text("SET LOCAL search_path = pg_temp, ledger"))
    with pytest.raises(NoAttempt), database.write() as db:
        move(db, fund, AVAILABLE, ("paid", uuid4()), 100)
    with pytest.raises(UnlawfulMove), database.write() as db:
        move(db, fund, AVAILABLE, ("payable", uuid4()), 100)


@pytest.mark.parametrize("span", ["empty", "[5,5)", "[5,)", "(,5)", "(,)", "[-3,2)"])
@pytest.mark.parametrize("table", ["holding (fund_id, account_id, span)", "movement_span (fund_id, movement_id, span)"])
def test_an_empty_unbounded_or_negative_span_is_refused_to_anyone(
    committing: Database, owner_url: str, table: str, span: str
) -> None:
    with committing.write() as db:
        fund = a_fund(db, 10)
    with psycopg.connect(plain_url(owner_url)) as owner, pytest.raises(psycopg.errors.CheckViolation):
        owner.execute(f"INSERT INTO ledger.{table} VALUES (%s, 1, %s)".encode(), (fund, span))


def test_no_fen_is_in_two_places_even_for_the_owner(committing: Database, owner_url: str) -> None:
    with committing.write() as db:
        fund = a_fund(db, 10)
    with psycopg.connect(plain_url(owner_url)) as owner, pytest.raises(psycopg.errors.ExclusionViolation):
        owner.execute(
            "INSERT INTO ledger.holding SELECT fund_id, account_id, '[9,11)' FROM ledger.holding WHERE fund_id = %s",
            (fund,),
        )


def no_attempt_no_payment(owner: psycopg.Connection, fund: UUID) -> None:
    owner.execute(
        "INSERT INTO ledger.movement (fund_id, verb, key, args_hash, from_account, to_account, amount_fen, attempt_id,"
        " cause, actor, value_date, at) SELECT fund_id, 'attempt', 'forged', '', to_account, from_account, 1, %s, '',"
        " actor,"
        " value_date, at FROM ledger.movement WHERE verb = 'move' AND fund_id = %s",
        (uuid4(), fund),
    )


def test_a_payment_without_its_order_is_refused_to_anyone(committing: Database, owner_url: str) -> None:
    with committing.write() as db:
        fund = a_fund(db, 10)
        move(db, fund, AVAILABLE, ("reserved", uuid4()), 5)
    with psycopg.connect(plain_url(owner_url)) as owner, pytest.raises(psycopg.errors.ForeignKeyViolation):
        no_attempt_no_payment(owner, fund)


TAMPERED = {
    "UPDATE ledger.holding SET span = int8range(lower(span), upper(span) - 1) WHERE lower(span) = 0": {
        "every_fen_is_held_once", "totals_are_the_sum_of_holdings", "holdings_follow_from_movements",
    },
    "DELETE FROM ledger.holding WHERE lower(span) = 0": {
        "every_fen_is_held_once", "totals_are_the_sum_of_holdings", "holdings_follow_from_movements",
    },
    "UPDATE ledger.holding SET account_id = (SELECT id FROM ledger.account WHERE role = 'reserved')"
    " WHERE span = '[70,150)'": {
        "totals_are_the_sum_of_holdings", "holdings_follow_from_movements",
    },
    "UPDATE ledger.total SET amount_fen = amount_fen + 1 WHERE role = 'available'": {"totals_are_the_sum_of_holdings"},
    "UPDATE ledger.movement_span s SET span = int8range(lower(span), upper(span) - 1) FROM ledger.movement m"
    " WHERE m.id = s.movement_id AND m.verb = 'move'": {
        "movements_are_as_long_as_their_amount", "holdings_follow_from_movements",
    },
    "UPDATE ledger.receipt SET span = int8range(lower(span), upper(span) - 1) WHERE lower(span) = 100": {
        "receipts_cover_the_line", "receipts_are_what_came_in",
    },
    "UPDATE ledger.fund SET tail = tail + 1": {"every_fen_is_held_once", "receipts_cover_the_line"},
    "DELETE FROM ledger.lawful_move WHERE from_role = 'available' AND to_role = 'reserved' AND verb = 'move'": {
        "movements_are_lawful",
    },
    "DELETE FROM ledger.receipt WHERE origin_id IS NOT NULL": {
        "receipts_cover_the_line", "receipts_are_what_came_in", "transfers_have_two_halves",
    },
    "UPDATE ledger.movement SET key = 'other' WHERE key = 'swap/back'": {"exchanges_have_two_halves"},
    "DELETE FROM ledger.movement_span s USING ledger.movement m WHERE m.id = s.movement_id AND m.verb = 'move'": {
        "movements_are_as_long_as_their_amount", "holdings_follow_from_movements",
    },
    "UPDATE ledger.movement_span s SET span = int8range(lower(span) + 900, upper(span) + 900) FROM ledger.movement m"
    " WHERE m.id = s.movement_id AND m.verb = 'move'": {"holdings_follow_from_movements"},
}  # fmt: skip


@pytest.fixture
def books(committing: Database, owner_url: str) -> Iterator[psycopg.Connection]:
    """A small year: reserved, exchanged, transferred; and the owner's own connection to it."""
    with committing.write() as db:
        fund, other = a_fund(db, 100, 50), a_fund(db)
        project = ("reserved", uuid4())
        move(db, fund, AVAILABLE, project, 30)
        ledger.exchange(db, key="swap", fund_id=fund, source=project, target=AVAILABLE, amount_fen=10, **FACTS)
        ledger.transfer(db, key="t", receipt_id=uuid4(), fund_id=fund, target_fund_id=other, amount_fen=40, **FACTS)
    with psycopg.connect(plain_url(owner_url), autocommit=True) as owner:
        yield owner


@pytest.mark.parametrize(("act", "names"), TAMPERED.items(), ids=range(len(TAMPERED)))
def test_what_the_owner_tampers_with_is_found(
    committing: Database, books: psycopg.Connection, act: str, names: set[str]
) -> None:
    with committing.read() as db:
        before = verify(db)
    assert before.ok, before
    assert (before.funds, before.amount_fen) == (2, 190)
    books.execute(act.encode())
    with committing.read() as db:
        after = verify(db)
    assert not after.ok
    assert {check.name for check in after.checks if not check.ok} == names
    assert all(check.found and check.examples for check in after.checks if not check.ok)


def test_a_trace_tells_nothing_of_fen_that_the_owner_made_vanish(
    committing: Database, books: psycopg.Connection
) -> None:
    books.execute(b"DELETE FROM ledger.holding WHERE lower(span) = 0")
    row = books.execute("SELECT id FROM ledger.receipt WHERE lower(span) = 0 AND origin_id IS NULL").fetchone()
    assert row is not None
    with committing.read() as db:
        trace = trace_receipt(db, row[0])
    assert 0 < sum(piece.amount_fen for piece in trace.pieces) < trace.amount_fen
