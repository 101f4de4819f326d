"""Lists: found by two characters, narrowed, page by page; and what waits for whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.projects import commands, queries
from marketplace.projects.rules import FundingPlan
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.states import NoticeKind, ProjectState
from tests.projects.village import Village, a_draft, a_submitted, an_approved, an_open, closing


def titles(db: Session, **wanted: Any) -> list[str]:
    return [one.title for one in queries.public_list(db, ProjectFilter(**wanted)).items]


@pytest.fixture
def market(db: Session, village: Village, now: datetime) -> None:
    """Three published projects and three that are not."""
    an_open(db, village, now, title="留守儿童暑期托管")
    big = {"budget_fen": 9_000_000, "ceiling_fen": 9_000_000}
    an_open(
        db, village, now + timedelta(minutes=1), title="残疾人康复训练", location="示例街道",
        funding=(FundingPlan(fund_id=village.buyer_id, amount_fen=9_000_000),), **big,
    )  # fmt: skip
    ended = an_open(db, village, now + timedelta(minutes=2), title="青年创业辅导")
    commands.cancel(db, village.centre_head, ended, reason="任务取消", now=now)
    for maker in (a_draft, a_submitted, an_approved):
        maker(db, village, now, title="还没有公开的托管项目")


@pytest.mark.usefixtures("market")
def test_only_published_projects_are_listed_newest_first(db: Session) -> None:
    assert titles(db) == ["青年创业辅导", "残疾人康复训练", "留守儿童暑期托管"]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"q": "托管"}, ["留守儿童暑期托管"]),
        ({"q": "康复 街道"}, ["残疾人康复训练"]),
        ({"q": "qncyfd"}, ["青年创业辅导"]),
        ({"q": "总工会"}, ["青年创业辅导", "残疾人康复训练", "留守儿童暑期托管"]),
        ({"q": "没有这个"}, []),
        ({"q": "%"}, []),
        ({"state": ProjectState.OPEN}, ["残疾人康复训练", "留守儿童暑期托管"]),
        ({"min_fen": 5_000_000, "max_fen": 9_000_000}, ["青年创业辅导", "留守儿童暑期托管"]),
        ({"min_fen": 9_000_000}, ["残疾人康复训练"]),
        ({"branch": "A04"}, ["青年创业辅导", "残疾人康复训练", "留守儿童暑期托管"]),
        ({"branch": "A0"}, ["青年创业辅导", "残疾人康复训练", "留守儿童暑期托管"]),
        ({"branch": "B"}, []),
        ({"branch": "%"}, []),
    ],
)
def test_a_list_is_narrowed(db: Session, wanted: dict[str, Any], found: list[str]) -> None:
    assert titles(db, **wanted) == found


@pytest.mark.usefixtures("market")
def test_a_list_is_ordered_by_deadline_and_narrowed_to_it(db: Session, village: Village, now: datetime) -> None:
    assert titles(db, closing=True, state=ProjectState.OPEN)[0] in {"留守儿童暑期托管", "残疾人康复训练"}
    assert titles(db, due_before=now) == []
    assert len(titles(db, due_after=now)) == 3
    assert titles(db, buyer_id=village.stranger.organization_id) == []


def test_pages_follow_each_other_without_gap_or_repetition(db: Session, village: Village, now: datetime) -> None:
    made = [an_open(db, village, now, title=f"第{number}个托管项目") for number in range(5)]
    for closing_first in (False, True):
        seen: list[Any] = []
        after: tuple[str, ...] = ()
        while True:
            part = queries.public_list(db, ProjectFilter(q="托管", closing=closing_first), after=after, limit=2)
            seen += [one.id for one in part.items]
            assert part.total == 5
            if part.last is None:
                break
            after = part.last
        assert sorted(seen) == sorted(made)
        assert len(seen) == 5


@pytest.mark.usefixtures("market")
def test_a_desk_sees_its_own_projects_in_every_state(db: Session, village: Village) -> None:
    for person in (village.buyer_clerk, village.centre_head):
        assert queries.desk_list(db, person, ProjectFilter()).total == 6
    assert queries.desk_list(db, village.centre_clerk, ProjectFilter(state=ProjectState.DRAFT)).total == 1
    assert queries.desk_list(db, village.stranger, ProjectFilter()).items == ()
    with pytest.raises(NotFound):
        queries.desk_list(db, Actor(person_id=village.buyer_id, organization_id=None), ProjectFilter())


@pytest.mark.usefixtures("market")
def test_buyers_and_notices_are_those_of_public_projects(db: Session, village: Village) -> None:
    assert [one for one, _ in queries.buyers(db)] == [village.buyer_id]
    kinds = [line.kind for line in queries.notice_lines(db)]
    assert sorted(kinds) == sorted([NoticeKind.TENDER] * 3 + [NoticeKind.CANCELLATION])
    assert len(queries.notice_lines(db, kind=NoticeKind.CANCELLATION)) == 1


def waiting(db: Session, person: Actor, now: datetime) -> list[str]:
    return [todo.title for todo in queries.todos(db, person, now=now)]


def test_each_finds_what_waits_for_them(db: Session, village: Village, now: datetime) -> None:
    submitted = a_submitted(db, village, now)
    assert waiting(db, village.buyer_head, now) == ["等待审批：{title}"]
    assert waiting(db, village.centre_head, now) == waiting(db, village.centre_clerk, now) == []
    commands.return_(db, village.buyer_head, submitted, reason="请补充", now=now)
    assert waiting(db, village.centre_clerk, now) == ["退回修改：{title}"]
    assert waiting(db, village.buyer_clerk, now) == []
    commands.submit(db, village.centre_clerk, submitted, now=now)
    commands.approve(db, village.buyer_head, submitted, now=now)
    assert waiting(db, village.centre_head, now) == waiting(db, village.buyer_head, now) == ["等待发布：{title}"]
    (todo,) = queries.todos(db, village.centre_head, now=now + timedelta(days=2))
    assert todo.urgent, "the day on which it was to be published has come"
    for person in (village.supplier, village.auditor, village.stranger):
        assert waiting(db, person, now) == []


def test_a_number_leads_only_to_a_published_project(db: Session, village: Village, now: datetime) -> None:
    a_submitted(db, village, now)
    row = queries.desk_list(db, village.centre_clerk, ProjectFilter()).items[0]
    with pytest.raises(NotFound):
        queries.by_number(db, row.number or "")


def test_the_legal_times_are_those_of_the_rules_it_keeps(db: Session, village: Village, now: datetime) -> None:
    opened, draft = an_open(db, village, now), a_draft(db, village, now)
    later = closing(db, opened) + timedelta(days=30)
    for project_id in (opened, draft):
        table = queries.legal_times(db, project_id, now=later)
        assert table
        assert table.bars
