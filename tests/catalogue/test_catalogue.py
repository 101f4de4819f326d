"""The service catalogue: a tree of codes, one edition in force, found by two characters."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.catalogue import commands, queries
from marketplace.catalogue.rules import (
    CodeTwice,
    MatchWithoutCode,
    NoParent,
    UnknownProcurementCode,
    WrongPlace,
    check_entries,
)
from marketplace.catalogue.schemas import NewCode, NewEdition, NewItem
from marketplace.catalogue.states import MATCH_NAMES, EditionState, Match
from marketplace.db.base import Database
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound, Several
from marketplace.outbox.model import Message
from marketplace.procedures.queries import all_rules, calendar_years
from seed import reference

CENTRE = frozenset({Function.PROCURING_ENTITY})
CLERK = Actor(uuid4(), uuid4(), CENTRE, frozenset({Role.CLERK}))
HEAD = Actor(uuid4(), uuid4(), CENTRE, frozenset({Role.HEAD}))


def item(code: str, **changes: Any) -> NewItem:
    level = (len(code) + 1) // 2
    known: dict[str, Any] = {"code": code, "level": level, "parent": code[:-2], "name": f"条目{code}"}
    return NewItem(**{**known, **changes})


SMALL = NewEdition(
    label="试行目录",
    items=(
        item("A", parent="", name="公共服务"),
        item("A04", parent="A", name="社会保障服务"),
        item("A0401", name="儿童福利服务", procurement_codes=("C05010200",), match=Match.EXACT),
        item("A0406", name="残疾人服务（100%_覆盖）"),
    ),
)


@pytest.fixture
def loaded(database: Database, clock: ManualClock) -> Database:
    reference.load(database, clock)
    return database


@pytest.fixture
def codes(db: Session, now: datetime) -> None:
    commands.enter_codes(db, SYSTEM, [NewCode(code="C05010200", name="儿童福利服务")], now=now)


def draft(db: Session, now: datetime, edition: NewEdition = SMALL, actor: Actor = CLERK) -> UUID:
    return commands.draft_edition(db, actor, edition, now=now)


def test_the_reference_is_loaded_once_however_often_it_is_asked(database: Database, clock: ManualClock) -> None:
    assert reference.load(database, clock) == ["参考目录（示例）：146 条", "采购规则：147 条", "2026 年日历"]
    assert reference.load(database, clock) == []
    with database.read() as db:
        [version] = queries.versions(db)
        assert (version.counts, version.label, version.state) == (
            (2, 30, 114),
            "参考目录（示例）",
            EditionState.PUBLISHED,
        )
        assert len(all_rules(db)) == 147
        assert calendar_years(db) == (2026,)
        assert len(queries.procurement_codes(db)) == 112


def test_every_entry_says_how_sure_its_procurement_code_is(loaded: Database) -> None:
    with loaded.read() as db:
        entries = queries.choices(db)
    counts = {match: sum(entry.match is match for entry in entries) for match in Match}
    assert counts == {Match.EXACT: 66, Match.NEAR: 34, Match.UNVERIFIED: 14}
    assert all(bool(entry.procurement_codes) is (entry.match is not Match.UNVERIFIED) for entry in entries)
    assert all(entry.name_en for entry in entries)
    assert set(MATCH_NAMES) == set(Match)


def test_the_tree_has_two_branches_with_thirty_headings(loaded: Database) -> None:
    with loaded.read() as db:
        tree = queries.tree(db)
    assert [branch.item.code for branch in tree] == ["A", "B"]
    assert [len(branch.children) for branch in tree] == [18, 12]
    assert sum(len(twig.children) for branch in tree for twig in branch.children) == 114


def test_an_entry_knows_its_place_and_its_codes(loaded: Database) -> None:
    with loaded.read() as db:
        page = queries.item(db, "A1702")
        assert [parent.code for parent in page.parents] == ["A", "A17"]
        assert [code.code for code in page.item.procurement_codes] == ["C20010000", "C19010000"]
        assert len(queries.item(db, "A04").children) == 7
        assert queries.item_by_id(db, page.item.id) == page.item
        for missing in ("A0499", "C05", ""):
            with pytest.raises(NotFound):
                queries.item(db, missing)
        with pytest.raises(NotFound):
            queries.item_by_id(db, uuid4())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("儿童", {"A0401"}),
        ("残疾", {"A0406"}),
        ("法律 援助", {"A0407"}),
        ("Ａ０４０１", {"A0401"}),
        ("c05010200", {"A0401"}),
        ("etfl", {"A0401"}),
        ("ertong", {"A0401"}),
        ("child WELFARE", {"A0401"}),
        ("档", {"B1202"}),
        ("没有这样的服务", set()),
        ("儿 残", set()),
        ("%", set()),
        ("  ", set()),
    ],
)
def test_two_characters_a_code_or_pinyin_find_an_entry(loaded: Database, query: str, expected: set[str]) -> None:
    with loaded.read() as db:
        assert {entry.code for entry in queries.search(db, query).items} == expected


def test_a_search_that_finds_much_says_that_there_is_more(loaded: Database) -> None:
    with loaded.read() as db:
        found = queries.search(db, "服务", limit=10)
    assert (len(found.items), found.more) == (10, True)


def test_a_new_edition_replaces_the_one_in_force_and_keeps_it(db: Session, codes: None, now: datetime) -> None:
    first, second = draft(db, now), draft(db, now)
    commands.publish_edition(db, SYSTEM, first, now=now)
    commands.publish_edition(db, SYSTEM, second, now=now)
    assert [(version.number, version.state) for version in queries.versions(db)] == [
        (2, EditionState.PUBLISHED),
        (1, EditionState.REPLACED),
    ]
    assert queries.item(db, "A0401").version.number == 2
    assert queries.item(db, "A0401", 1).item.name == "儿童福利服务"
    assert [branch.item.code for branch in queries.tree(db, 1)] == ["A"]
    assert [message.payload for message in db.query(Message).where(Message.topic == "catalogue.published")][-1] == {
        "version_id": str(second)
    }


def test_an_edition_is_published_once(db: Session, codes: None, now: datetime) -> None:
    version = draft(db, now)
    commands.publish_edition(db, SYSTEM, version, now=now)
    with pytest.raises(IllegalMove, match="现行"):
        commands.publish_edition(db, SYSTEM, version, now=now)
    with pytest.raises(NotFound):
        commands.publish_edition(db, HEAD, uuid4(), now=now)


def test_editing_and_publishing_are_rights(db: Session, codes: None, now: datetime) -> None:
    with pytest.raises(Forbidden):
        draft(db, now, actor=HEAD)
    with pytest.raises(Forbidden):
        commands.enter_codes(db, HEAD, [], now=now)
    with pytest.raises(Forbidden):
        commands.publish_edition(db, CLERK, draft(db, now), now=now)


def test_a_draft_is_not_in_force(db: Session, codes: None, now: datetime) -> None:
    draft(db, now)
    with pytest.raises(NotFound):
        queries.current(db)
    assert queries.item(db, "A04", 1).item.name == "社会保障服务"


def test_wildcards_in_a_query_are_ordinary_characters(db: Session, codes: None, now: datetime) -> None:
    commands.publish_edition(db, SYSTEM, draft(db, now), now=now)
    assert [entry.code for entry in queries.search(db, "100%_覆盖").items] == ["A0406"]
    assert queries.search(db, "1_0").items == ()


def test_codes_are_entered_and_corrected(db: Session, codes: None, now: datetime) -> None:
    assert commands.enter_codes(db, CLERK, [NewCode(code="C05010200", name="儿童福利服务")], now=now) == 0
    assert commands.enter_codes(db, CLERK, [NewCode(code="C05010200", name="儿童福利")], now=now) == 1
    assert commands.enter_codes(db, CLERK, [], now=now) == 0
    assert [code.name for code in queries.procurement_codes(db)] == ["儿童福利"]


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ([item("A", parent=""), item("A", parent="")], CodeTwice),
        ([item("A", parent="", level=2)], WrongPlace),
        ([item("A", parent=""), item("A04", parent="B")], WrongPlace),
        ([item("A04", parent="A")], NoParent),
        ([item("A", parent="", procurement_codes=("C99999999",), match=Match.NEAR)], UnknownProcurementCode),
        ([item("A", parent="", match=Match.EXACT)], MatchWithoutCode),
        ([item("A", parent="", procurement_codes=("C05010200",))], MatchWithoutCode),
    ],
)
def test_what_is_no_tree_of_known_codes_is_refused(
    db: Session, codes: None, now: datetime, items: list[NewItem], error: type[Exception]
) -> None:
    with pytest.raises(error) as refusal:
        draft(db, now, NewEdition(label="试行目录", items=tuple(items)))
    assert items[-1].code in str(refusal.value)


def test_all_that_is_wrong_is_said_at_once(db: Session, codes: None, now: datetime) -> None:
    wrong = (item("A", parent="", match=Match.EXACT), item("B04", parent="B"))
    with pytest.raises(Several) as refusal:
        draft(db, now, NewEdition(label="试行目录", items=wrong))
    assert len(refusal.value.errors) == 2
    assert check_entries([entry.entry() for entry in SMALL.items], {"C05010200"}) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalogue_item SET code = 'X' WHERE code = 'A'",
        "UPDATE catalogue_item SET level = 2 WHERE code = 'A'",
        "UPDATE catalogue_item SET parent_code = NULL WHERE code = 'A04'",
        "UPDATE catalogue_item SET parent_code = 'B' WHERE code = 'A04'",
        "UPDATE catalogue_item SET name = '' WHERE code = 'A04'",
        "UPDATE catalogue_version SET state = 'published'",
        "UPDATE catalogue_version SET published_at = drafted_at",
        "UPDATE procurement_code SET code = 'C1' WHERE code <> 'C05010200'",
    ],
)
def test_the_database_refuses_a_broken_catalogue(db: Session, codes: None, now: datetime, change: str) -> None:
    commands.enter_codes(db, SYSTEM, [NewCode(code="C02060000", name="培训服务")], now=now)
    draft(db, now)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(change))


def test_only_one_edition_can_be_in_force(db: Session, codes: None, now: datetime) -> None:
    draft(db, now)
    draft(db, now)
    with pytest.raises(IntegrityError, match="one_published"), db.begin_nested():
        db.execute(text("UPDATE catalogue_version SET state = 'published', published_at = drafted_at"))


def test_limits_hold_before_anything_is_kept() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"label": "空", "items": []}, NewEdition)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"code": "A1", "level": 1, "name": "甲"}, NewItem)
