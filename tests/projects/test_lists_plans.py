"""A lost index fails here: no filter of the public list may read the table of projects from end to end."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from marketplace.db.base import Database, connect
from marketplace.db.search import words
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.projects import queries
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.states import ProjectState
from tests.conftest import Urls
from tests.projects.many import ABSENT, COMMON, RARE, RARE_ROWS, very_many

NOW = datetime(2026, 3, 2, 9, tzinfo=LEGAL_ZONE)
COUNT = 5_000


@pytest.fixture(scope="module")
def market(module_urls: Urls) -> Iterator[Database]:
    """Five thousand varied projects."""
    found = connect(module_urls.app)
    very_many(found, module_urls.owner, COUNT, NOW)
    yield found
    found.dispose()


def plans(database: Database, wanted: ProjectFilter) -> list[str]:
    """The plans of all that the list asks, the first part."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _u: object, statement: str, parameters: object, _x: object, _m: object) -> None:
        asked.append((statement, parameters))

    with database.read() as db:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            queries.public_list(db, wanted)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        cursor = db.connection().connection.cursor()
        found = []
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                cursor.execute("EXPLAIN " + statement, parameters)
                found.append("\n".join(row[0] for row in cursor.fetchall()))
    return found


def first_buyer(db: Session) -> UUID:
    return UUID(str(db.execute(text("SELECT buyer_id FROM project WHERE published_at IS NOT NULL LIMIT 1")).scalar()))


FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "all": ({}, "ix_project_public"),
    "state": ({"state": ProjectState.EVALUATION}, "ix_project_public_state"),
    "branch": ({"branch": "A04"}, "ix_project_public_branch"),
    "deadline": (
        {"closing": True, "due_after": NOW, "due_before": NOW + timedelta(days=7)}, "ix_project_public_due",
    ),
    "words": ({"q": RARE}, "ix_project_search_grams"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_of_the_list_has_its_index(market: Database, name: str) -> None:
    wanted, index = FILTERS[name]
    found = plans(market, ProjectFilter(**wanted))
    assert found
    assert any(re.search(rf"\b{index}\b", plan) for plan in found), "\n\n".join(found)


def test_a_buyers_projects_have_their_index(market: Database) -> None:
    with market.read() as db:
        buyer = first_buyer(db)
    assert any("ix_project_public_buyer" in plan for plan in plans(market, ProjectFilter(buyer_id=buyer)))


def test_no_filter_alone_reads_the_whole_table(market: Database) -> None:
    for name in ("state", "branch", "deadline"):
        for plan in plans(market, ProjectFilter(**FILTERS[name][0])):
            assert "Seq Scan on project" not in plan, plan


def everything(database: Database, wanted: ProjectFilter, *, limit: int = 100) -> list[UUID]:
    seen: list[UUID] = []
    after: tuple[str, ...] = ()
    while True:
        with database.read() as db:
            part = queries.public_list(db, wanted, after=after, limit=limit)
        seen += [one.id for one in part.items]
        if part.last is None:
            return seen
        after = part.last


@pytest.mark.parametrize("q", [COMMON, RARE, ABSENT, "留守儿童 托管", "关", "shili", "%", "_", "ＱＴ-2025", "😀"])
def test_a_search_is_read_on_to_its_end(market: Database, q: str) -> None:
    found = everything(market, ProjectFilter(q=q))
    with market.read() as db:
        needles = words(q)
        where = " AND ".join(f"position(:w{n} in search_text) > 0" for n in range(len(needles)))
        told = db.execute(
            text(
                f"SELECT id FROM project WHERE published_at IS NOT NULL AND {where} ORDER BY published_at DESC, id DESC"
            ),
            {f"w{n}": word for n, word in enumerate(needles)},
        ).scalars()
        assert found == list(told)


def test_a_common_word_is_counted_to_a_thousand_and_a_rare_one_exactly(market: Database) -> None:
    with market.read() as db:
        assert queries.public_list(db, ProjectFilter(q=COMMON)).total == 1_001
        assert RARE_ROWS - 5 <= queries.public_list(db, ProjectFilter(q=RARE)).total <= RARE_ROWS
        assert queries.public_list(db, ProjectFilter(q=ABSENT)).total == 0


def test_a_whole_number_names_its_project(market: Database) -> None:
    with market.read() as db:
        part = queries.public_list(db, ProjectFilter(q="qt-2025-0100001"))
        number = db.execute(text("SELECT number FROM project WHERE number = 'QT-2025-0100001'")).scalar()
        assert [one.number for one in part.items] == [number]
        assert part.total == 1
