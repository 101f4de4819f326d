"""The verbs: which fen they take, what they refuse, and that a repeated call changes nothing."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from marketplace.db.base import Database
from marketplace.ledger import commands as ledger
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Item
from tests.ledger.books import AVAILABLE, FACTS, NOW, a_fund, a_receipt, held, move


def test_the_lowest_serials_go_first_and_neighbours_merge(database: Database) -> None:
    project = ("reserved", uuid4())
    with database.write() as db:
        fund = a_fund(db, 1000)
        move(db, fund, AVAILABLE, project, 300)
        move(db, fund, AVAILABLE, project, 200)
        assert held(db, fund, AVAILABLE) == [(500, 1000)]
        assert held(db, fund, project) == [(0, 500)]
        move(db, fund, project, AVAILABLE, 500)
        assert held(db, fund, AVAILABLE) == [(0, 1000)]


def test_m(database: Database) -> None:
    ps = [("reserved", uuid4()) for _ in range(3)]
    with database.write() as db:
        fund = a_fund(db, 1000)
        n = ledger.move_many(db, fund_id=fund, items=[Item(key=str(uuid4()), source=AVAILABLE, target=p, amount_fen=10) for p in ps], **FACTS)
        assert n == 3
        assert held(db, fund, ps[1]) == [(10, 20)]
