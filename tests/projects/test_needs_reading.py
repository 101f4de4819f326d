"""Who reads which wish, what is public of it, how long one may wait, and what a draft takes over."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.kit.clock import at_legal
from marketplace.kit.errors import Forbidden
from marketplace.procedures import queries as law
from marketplace.projects import commands, queries
from marketplace.projects.rules.needs import (
    Wish,
    prefilled,
    waits_until,
)
from marketplace.projects.rules.plan import MilestonePlan, Plan
from marketplace.projects.schemas.needs import NeedFilter
from marketplace.projects.states import NeedState
from tests.projects.village import Village, an_open
from tests.projects.wishes import a_need, a_new, row_of


def test_only_what_staff_released_is_public_and_names_no_person(db: Session, village: Village, now: datetime) -> None:
    need, hidden = a_need(db, village, now), a_need(db, village, now, title="不公开的")
    commands.show(db, village.centre_clerk, need, is_shown=True, now=now)
    page = queries.public_needs(db, NeedFilter(), now=now)
    assert [row.card.id for row in page.items if row.card.id in {need, hidden}] == [need]
    assert "王示例" not in repr(page)
    assert "0826" not in repr(page)
    commands.show(db, village.centre_clerk, need, is_shown=False, now=now)
    assert need not in [row.card.id for row in queries.public_needs(db, NeedFilter(), now=now).items]


def test_a_published_project_names_the_villages_and_only_released_words(
    db: Session, village: Village, now: datetime
) -> None:
    shown, hidden = a_need(db, village, now), a_need(db, village, now, title="家里的事", brought_by="示例镇丙村")
    commands.show(db, village.centre_clerk, shown, is_shown=True, now=now)
    project = an_open(db, village, now)
    for need in (shown, hidden):
        row = row_of(db, need)
        row.state, row.project_id, row.adopted_at = NeedState.ADOPTED, project, now
    db.flush()
    assert sorted((card.place, card.title) for card in queries.public_needs_of(db, project)) == [
        ("示例镇丙村", ""), ("示例镇甲村", "暑期看护"),
    ]  # fmt: skip


def test_a_wish_turns_amber_after_ten_working_days(db: Session, village: Village, now: datetime) -> None:
    need = a_need(db, village, now)  # Monday the 2nd of March; ten working days later is Monday the 16th
    assert waits_until(date(2026, 3, 2), law.calendar(db)) == date(2026, 3, 16)
    for day, late in ((16, False), (17, True)):
        at = at_legal(date(2026, 3, day), 9)
        page = queries.desk_needs(db, village.centre_clerk, NeedFilter(waiting=True), now=at)
        assert (need in [row.card.id for row in page.items]) is late
        row = next(
            row
            for row in queries.desk_needs(db, village.centre_clerk, NeedFilter(), now=at).items
            if row.card.id == need
        )
        assert row.is_late is late
    (todo,) = queries.need_todos(db, village.centre_clerk, now=at_legal(date(2026, 3, 16), 18))
    assert (todo.urgent, todo.url) == (True, "/centre/needs?state=collected")
    assert queries.need_todos(db, village.buyer_head, now=now) == []


def test_nothing_waits_where_there_is_no_wish(db: Session, village: Village, now: datetime) -> None:
    for row in queries.desk_needs(db, village.centre_clerk, NeedFilter(), now=now, limit=200).items:
        commands.decline(db, village.centre_clerk, row.card.id, reason="清理", now=now)
    assert queries.need_todos(db, village.centre_clerk, now=now) == []


def test_the_list_goes_on_where_it_stopped_and_is_narrowed(db: Session, village: Village, now: datetime) -> None:
    made = [
        a_need(db, village, now + timedelta(seconds=place), title=f"卫生服务{place}", catalogue_code="A0406")
        for place in range(3)
    ]
    wanted = NeedFilter(q="卫生服务", branch="A04", state=NeedState.COLLECTED)
    first = queries.desk_needs(db, village.centre_clerk, wanted, now=now, limit=2)
    assert first.last is not None
    rest = queries.desk_needs(db, village.centre_clerk, wanted, now=now, after=first.last, limit=2)
    assert [row.card.id for row in (*first.items, *rest.items)] == made[::-1]
    assert (first.total, rest.last) == (3, None)
    with pytest.raises(Forbidden):
        queries.desk_needs(db, village.supplier, wanted, now=now)


def test_editing_keeps_who_brought_it_and_finds_it_by_its_new_words(
    db: Session, village: Village, now: datetime
) -> None:
    need = a_need(db, village, now)
    commands.edit_need(db, village.centre_head, need, a_new(title="冬季取暖互助"), now=now)
    found = queries.desk_needs(db, village.centre_clerk, NeedFilter(q="取暖"), now=now)
    assert [row.card.id for row in found.items] == [need]


PLAN = Plan(
    title="托管",
    need="模板的话。",
    people_kind="儿童",
    service_from=date(2026, 5, 1),
    service_until=date(2026, 7, 31),
    milestones=(MilestonePlan(title="首付款", due_on=date(2026, 5, 1)), MilestonePlan(title="未定")),
)


def test_a_draft_begins_on_its_first_lawful_day_or_later_and_counts_only_whole() -> None:
    early = Wish(title="看护", content="要。", place="甲村", people_count=5, wished_from=date(2026, 3, 1))
    uncounted = Wish(title="看护", content="要。", place="乙村")
    plan = prefilled(PLAN, [early, uncounted])
    assert (plan.service_from, plan.service_until, plan.people_count) == (date(2026, 5, 1), date(2026, 7, 31), None)
    assert (plan.people_kind, plan.location) == ("儿童", "甲村、乙村")
    assert plan.need == "甲村提出：看护。要。\n乙村提出：看护。要。\n模板的话。"


def test_milestones_move_with_the_service_and_stay_within_it() -> None:
    wish = Wish(
        title="看护", content="要。", place="甲村", wished_from=date(2026, 6, 1), wished_until=date(2026, 5, 20)
    )
    plan = prefilled(PLAN, [wish])
    assert (plan.service_from, plan.service_until) == (date(2026, 6, 1), date(2026, 8, 31))
    assert [row.due_on for row in plan.milestones] == [date(2026, 6, 1), None]
    undated = prefilled(Plan(title="无期"), [wish])
    assert undated.service_from is None


@pytest.mark.parametrize(
    "broken",
    [
        {"title": ""}, {"brought_by": ""}, {"people_count": 0}, {"cost_fen": -1}, {"state": NeedState.ADOPTED},
        {"state": NeedState.MERGED}, {"state": NeedState.DECLINED},
        {"wished_from": date(2026, 5, 2), "wished_until": date(2026, 5, 1)},
    ],
)  # fmt: skip
def test_the_database_refuses_what_the_rules_refuse(
    db: Session, village: Village, now: datetime, broken: dict[str, Any]
) -> None:
    row = row_of(db, a_need(db, village, now))
    for name, value in broken.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError):
        db.flush()
