"""The public directory finds by two characters, code and pinyin; hints and todos point at what needs a look."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from marketplace.kit.actor import Function, Role
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.suppliers import commands, queries
from marketplace.suppliers.queries import desk
from marketplace.suppliers.states import Nature, SupplierState, SupplierType
from tests.identity.town import a_person, an_actor, an_organization
from tests.suppliers.shelf import TODAY, a_draft, a_profile, a_qualified, a_submitted, centre, of


@pytest.fixture
def four(db: Session, tmp_path: Path, now: datetime) -> None:
    a_qualified(db, tmp_path, 1, now=now, name="晨光青少年服务中心", rating_grade=4, rating_until=date(2026, 12, 31))
    a_qualified(
        db, tmp_path, 2, now=now, name="阳光助残协会", nature=Nature.SOCIAL_GROUP, services=("A0406",),
        service_scope="残疾人康复、辅具适配。", rating_grade=5, rating_until=date(2026, 1, 31),
    )  # fmt: skip
    a_qualified(db, tmp_path, 3, now=now, name="安心教育基金会", nature=Nature.FOUNDATION, services=("A", "B0101"))
    a_draft(db, 4, now=now, name="尚未入库服务中心")


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["安心教育基金会", "晨光青少年服务中心", "阳光助残协会"]),
    ({"search": "残疾"}, ["阳光助残协会"]),
    ({"search": "青少"}, ["晨光青少年服务中心"]),
    ({"search": "服务 晨光"}, ["晨光青少年服务中心"]),
    ({"search": "yangguang"}, ["阳光助残协会"]),
    ({"search": "ygzc"}, ["阳光助残协会"]),
    ({"search": "尚未"}, []),
    ({"search": "％"}, []),
    ({"kind": SupplierType.SOCIAL_ORGANIZATION}, ["安心教育基金会", "晨光青少年服务中心", "阳光助残协会"]),
    ({"kind": SupplierType.ENTERPRISE}, []),
    ({"nature": Nature.FOUNDATION}, ["安心教育基金会"]),
    ({"service": "A04"}, ["安心教育基金会", "晨光青少年服务中心", "阳光助残协会"]),
    ({"service": "A0401"}, ["安心教育基金会", "晨光青少年服务中心"]),
    ({"service": "B01"}, ["安心教育基金会"]),
    ({"grade": 4}, ["晨光青少年服务中心"]),
    ({"valid_only": True}, ["安心教育基金会", "晨光青少年服务中心", "阳光助残协会"]),
]


def test_the_directory_finds_by_words_kind_service_and_qualification(db: Session, four: None) -> None:
    for filters, expected in FILTERS:
        found = queries.directory(db, on_day=TODAY, **filters)
        assert ([one.name for one in found.items], found.total) == (expected, len(expected)), filters


def test_a_code_finds_its_organization(db: Session, four: None) -> None:
    [first, *_] = queries.directory(db, on_day=TODAY, search="晨光").items
    uscc = queries.public_page(db, first.organization_id, on_day=TODAY).uscc
    assert [one.name for one in queries.directory(db, on_day=TODAY, search=uscc).items] == ["晨光青少年服务中心"]


def test_the_directory_is_read_page_by_page_without_gap_or_repeat(db: Session, four: None) -> None:
    first = queries.directory(db, on_day=TODAY, limit=2)
    second = queries.directory(db, on_day=TODAY, limit=2, after=first.after)
    assert [one.name for one in (*first.items, *second.items)] == [
        "安心教育基金会",
        "晨光青少年服务中心",
        "阳光助残协会",
    ]
    assert (first.after, second.after, first.total) == (first.items[-1].organization_id, None, 3)


def test_a_rating_is_shown_with_its_end_and_gives_nothing_once_over(db: Session, four: None) -> None:
    shown = {one.name: one for one in queries.directory(db, on_day=TODAY).items}
    assert shown["晨光青少年服务中心"].rating_holds
    assert (shown["阳光助残协会"].rating_grade, shown["阳光助残协会"].rating_holds) == (5, False)


def test_an_ended_qualification_is_listed_as_ended(db: Session, four: None) -> None:
    later = queries.directory(db, on_day=date(2026, 6, 1))
    assert [one.valid for one in later.items] == [False, False, False]
    assert queries.directory(db, on_day=date(2026, 6, 1), valid_only=True).total == 0


def test_who_is_not_qualified_has_no_public_page(db: Session, four: None, now: datetime) -> None:
    actor = a_draft(db, 9, now=now)
    with pytest.raises(NotFound):
        queries.public_page(db, of(actor), on_day=TODAY)


def test_the_centre_lists_every_state_and_others_do_not(db: Session, four: None, now: datetime) -> None:
    clerk = centre(db, now=now)
    assert queries.register(db, clerk, on_day=TODAY).total == 4
    [draft] = queries.register(db, clerk, on_day=TODAY, state=SupplierState.DRAFT, search="尚未").items
    assert draft.name == "尚未入库服务中心"
    with pytest.raises(Forbidden):
        queries.register(db, an_actor(db, Role.EXPERT, functions=(Function.PROCURING_ENTITY,), now=now), on_day=TODAY)


def test_a_qualifier_is_pointed_at_what_two_organizations_share(db: Session, tmp_path: Path, now: datetime) -> None:
    one = a_submitted(db, tmp_path, 1, now=now, name="示例区晨光青少年服务中心", address="示例路 1 号")
    a_draft(
        db, 2, now=now, name="晨光青少年社会工作服务中心", legal_representative="代表1", address="示例路 1 号",
        contact_phone="0826-2000001", contact_email="OFFICE1@example.com", login="second",
    )  # fmt: skip
    a_draft(db, 3, now=now, name="安心养老服务中心")
    union = an_organization(db, Function.BUYER, now=now, name="示例区总工会")
    a_person(db, union, Role.CLERK, now=now, name="代表1")
    found = {hint.text: hint.params["name"] for hint in queries.hints(db, centre(db, now=now), of(one))}
    other = "晨光青少年社会工作服务中心"
    assert found == {
        desk.SAME_HEAD: other, desk.SAME_PHONE: other, desk.SAME_MAIL: other, desk.SAME_ADDRESS: other,
        desk.ALIKE_NAME: other, desk.HEAD_IN_OFFICE: "示例区总工会",
    }  # fmt: skip
    with pytest.raises(Forbidden):
        queries.hints(db, one, of(one))


def titles(db: Session, actor: object, now: datetime) -> list[tuple[str, bool]]:
    return [
        (todo.title.format(**todo.params), todo.urgent)
        for todo in queries.todos(db, actor, now=now)  # type: ignore[arg-type] # an Actor
    ]


def test_what_waits_stands_on_the_right_desk(db: Session, tmp_path: Path, now: datetime) -> None:
    clerk = centre(db, now=now)
    newcomer = an_actor(db, Role.CLERK, functions=(Function.SUPPLIER,), now=now)
    assert titles(db, newcomer, now) == [("填写入库资料，才能参加申报", False)]
    draft = a_draft(db, 1, now=now)
    assert titles(db, draft, now) == [("入库申请还没有提交", False)]
    sent = a_submitted(db, tmp_path, 2, now=now)
    assert titles(db, sent, now) == []
    assert titles(db, clerk, now) == [("审核「示例社会工作服务中心2」的入库申请", False)]
    commands.send_back(db, clerk, of(sent), reason="章程不清楚", now=now)
    assert titles(db, sent, now) == [("入库申请被退回，请补正后重新提交", True)]
    listed = a_qualified(db, tmp_path, 3, now=now)
    change = commands.propose(db, listed, of(listed), a_profile(db, listed, address="示例路 3 号"), now=now)
    assert titles(db, clerk, now) == [("审核「示例社会工作服务中心3」的资料变更", False)]
    commands.return_change(db, clerk, change, reason="门牌不清", revision=None, now=now)
    assert titles(db, listed, now) == [("资料变更被退回，请补正或撤回", False)]


def test_an_ending_proof_warns_thirty_days_before(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    report = "最近一次年检（年报）合格"
    days = {
        date(2026, 5, 1): [],
        date(2026, 5, 2): [(f"「{report}」即将到期，请上传新的材料", False)],
        date(2026, 5, 31): [(f"「{report}」即将到期，请上传新的材料", True)],
        date(2026, 6, 1): [(f"「{report}」已到期，请上传新的材料", True)],
    }
    assert {day: titles(db, actor, now + (day - TODAY)) for day in days} == days
    [todo] = queries.todos(db, actor, now=now + timedelta(days=80))
    assert todo.url == "/org/profile#item-annual_report"
