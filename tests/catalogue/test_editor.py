"""A catalogue's edition on its way: drafted, heard, discussed, approved by others, in force on its day."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.catalogue import commands, queries
from marketplace.catalogue.model import CatalogueVersion
from marketplace.catalogue.rules import CostWithoutUnit, NoParent
from marketplace.catalogue.rules.refusals import (
    CodeTaken,
    ConsultClosed,
    ConsultOpen,
    ConsultPast,
    ConsultShort,
    ExpertDay,
    ExpertsAgainst,
    ExpertTwice,
    HasChildren,
    InForceTooEarly,
    LevelKept,
    MinutesMissing,
    NobodyInPerson,
    NoEntries,
    NoNeighbour,
    NotEditable,
    OpinionsOpen,
    OtherAnnounced,
    TooFewExperts,
    TooManyOpinions,
)
from marketplace.catalogue.schemas import Answer, Consultation, NewDraft
from marketplace.catalogue.states import (
    EDITION,
    OPINION,
    Conclusion,
    EditionAction,
    EditionState,
    OpinionAction,
    OpinionState,
)
from marketplace.documents.storage import FolderStorage
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound, Several, Stale
from marketplace.outbox.model import Message
from tests.catalogue import office
from tests.catalogue.office import (
    ADOPTED,
    AFTER,
    AUDITOR,
    BOTH,
    BUYER_HEAD,
    CLERK,
    DAY,
    HEAD,
    SUPPLIER,
    a_draft,
    a_period,
    an_opinion,
    at,
    entry,
    expert,
    in_force,
)
from tests.projects import village

HANDBOOK = {
    ("draft", "install"): "published",
    ("draft", "consult"): "consulting",
    ("consulting", "review"): "reviewing",
    ("reviewing", "submit"): "submitted",
    ("submitted", "return"): "reviewing",
    ("submitted", "approve"): "approved",
    ("approved", "publish"): "announced",
    ("announced", "enter_into_force"): "published",
    ("published", "replace"): "replaced",
    ("draft", "withdraw"): "withdrawn",
    ("consulting", "withdraw"): "withdrawn",
    ("reviewing", "withdraw"): "withdrawn",
}
ACTS: dict[str, Callable[[Session, Actor, UUID, datetime], object]] = {
    "consult": lambda db, actor, edition, now: commands.consult(db, actor, edition, a_period(now), now=now),
    "review": lambda db, actor, edition, now: commands.review(db, actor, edition, now=now),
    "submit": lambda db, actor, edition, now: commands.submit(db, actor, edition, now=now),
    "return": lambda db, actor, edition, now: commands.return_edition(db, actor, edition, reason="请补充", now=now),
    "approve": lambda db, actor, edition, now: commands.approve(db, actor, edition, now=now),
    "publish": lambda db, actor, edition, now: commands.publish_edition(
        db, actor, edition, in_force_on=legal_day(now) + 2 * DAY, now=now
    ),
    "withdraw": lambda db, actor, edition, now: commands.withdraw_edition(db, actor, edition, reason="暂缓", now=now),
}
MAY = {
    "consult": "clerk", "review": "clerk", "submit": "clerk", "withdraw": "clerk",
    "return": "head", "approve": "head", "publish": "head",
}  # fmt: skip
PEOPLE = {"clerk": CLERK, "head": HEAD, "auditor": AUDITOR, "supplier": SUPPLIER, "buyer_head": BUYER_HEAD}


@pytest.mark.parametrize("state", EditionState)
@pytest.mark.parametrize("action", EditionAction)
def test_an_edition_moves_as_the_handbook_says(state: EditionState, action: EditionAction) -> None:
    if (state.value, action.value) in HANDBOOK:
        assert EDITION.after(state, action).value == HANDBOOK[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            EDITION.after(state, action)


def test_an_opinion_is_answered_once() -> None:
    assert {(state.value, action.value): to.value for (state, action), to in OPINION.moves.items()} == {
        ("received", "adopt"): "adopted",
        ("received", "decline"): "declined",
        ("received", "dismiss"): "set_aside",
    }
    assert EDITION.final() == {EditionState.REPLACED, EditionState.WITHDRAWN}


@pytest.mark.parametrize("state", EditionState)
def test_every_act_of_every_role_in_every_state_moves_or_is_refused(
    db: Session, now: datetime, tmp_path: Path, state: EditionState
) -> None:
    in_force(db, now)
    edition, later = at(db, state, tmp_path, now)
    for act, verb in ACTS.items():
        for name, actor in PEOPLE.items():
            with db.begin_nested() as nested:
                if name != MAY[act]:
                    with pytest.raises(Forbidden if name in ("clerk", "head") else (NotFound, Forbidden)):
                        verb(db, actor, edition, later)
                elif (state.value, act) in HANDBOOK:
                    verb(db, actor, edition, later)
                    found = db.get_one(CatalogueVersion, edition, populate_existing=True)
                    assert found.state.value == HANDBOOK[state.value, act]
                else:
                    with pytest.raises(IllegalMove):
                        verb(db, actor, edition, later)
                nested.rollback()
            db.expire_all()


def test_a_draft_begins_as_a_copy_and_the_one_in_force_stays(db: Session, now: datetime) -> None:
    in_force(db, now)
    edition = a_draft(db, now)
    assert queries.compared(db, 1, 2).is_empty
    commands.add_entry(db, CLERK, edition, entry("A0501", "志愿服务", unit="场", unit_cost_fen=80_000), now=now)
    assert queries.current(db).number == 1
    assert [one.code for one in queries.search(db, "志愿").items] == []
    view = queries.dossier(db, CLERK, edition, now=now)
    assert (view.based_on, view.revision, view.is_drafter) == (1, 2, True)


def _id(db: Session, edition: UUID, code: str) -> UUID:
    return next(one.id for one in queries.entries_of(db, edition) if one.code == code)


def test_entries_are_added_changed_retired_and_moved(db: Session, now: datetime) -> None:
    in_force(db, now)
    edition = a_draft(db, now)
    item = _id(db, edition, "A0402")
    commands.change_entry(
        db, CLERK, edition, item,
        entry("A0402", "居家养老服务", unit="人次", unit_cost_fen=5_000, standard="每周两次"), revision=1, now=now,
    )  # fmt: skip
    commands.move_entry(db, CLERK, edition, _id(db, edition, "A04"), up=False, now=now)
    commands.retire_entry(db, CLERK, edition, _id(db, edition, "A0503"), reason="无人使用", now=now)
    found = queries.compared(db, 1, 2)
    assert [one.name for one in found.retired] == ["基本养老服务", "残疾人服务"]
    assert {(one.old.code, one.new.code): one.fields for one in found.changed} == {
        ("A04", "A05"): ("code",),
        ("A05", "A04"): ("code",),
        ("A0401", "A0501"): ("code",),
    }
    assert [one.name for one in found.added] == ["居家养老服务"]
    assert queries.item(db, "A0502", 2).item.unit_cost_fen == 5_000
    assert queries.item(db, "A0402", 1).item.name == "基本养老服务"
    assert [one.code for one in queries.item(db, "A0501", 2).item.procurement_codes] == ["C05010200"]


def test_what_does_not_fit_into_the_tree_is_refused(db: Session, now: datetime) -> None:
    in_force(db, now)
    edition = a_draft(db, now)
    branch, leaf = _id(db, edition, "A04"), _id(db, edition, "A0401")
    refused: list[tuple[type[DomainError], Callable[[], Any]]] = [
        (CodeTaken, lambda: commands.add_entry(db, CLERK, edition, entry("A0401", "又一条"), now=now)),
        (NoParent, lambda: commands.add_entry(db, CLERK, edition, entry("B0101", "无上级"), now=now)),
        (CostWithoutUnit, lambda: commands.add_entry(
            db, CLERK, edition, entry("A0404", "没有单位", unit_cost_fen=1), now=now)),
        (HasChildren, lambda: commands.retire_entry(db, CLERK, edition, branch, reason="不要", now=now)),
        (LevelKept, lambda: commands.change_entry(
            db, CLERK, edition, branch, entry("A0409", "换级"), revision=1, now=now)),
        (NoNeighbour, lambda: commands.move_entry(db, CLERK, edition, leaf, up=True, now=now)),
        (Stale, lambda: commands.change_entry(db, CLERK, edition, leaf, entry("A0401", "新"), revision=9, now=now)),
        (NotFound, lambda: commands.move_entry(db, CLERK, edition, uuid4(), up=True, now=now)),
        (Forbidden, lambda: commands.add_entry(db, HEAD, edition, entry("A0404", "甲"), now=now)),
        (NobodyInPerson, lambda: commands.add_entry(db, SYSTEM, edition, entry("A0404", "甲"), now=now)),
        (NobodyInPerson, lambda: commands.copy_edition(db, SYSTEM, NewDraft(label="甲"), now=now)),
    ]  # fmt: skip
    for kind, act in refused:
        with pytest.raises(kind):
            act()
    assert queries.compared(db, 1, 2).is_empty


@pytest.mark.parametrize(
    "state", [one for one in EditionState if one not in {EditionState.DRAFT, EditionState.REVIEWING}]
)
def test_entries_stand_still_but_in_a_draft_and_before_experts(
    db: Session, now: datetime, tmp_path: Path, state: EditionState
) -> None:
    in_force(db, now)
    edition, later = at(db, state, tmp_path, now)
    with pytest.raises(NotEditable):
        commands.add_entry(db, CLERK, edition, entry("A0404", "甲"), now=later)
    db.flush()
    for statement in (
        "UPDATE catalogue_item SET name = '改' WHERE version_id = :id",
        "DELETE FROM catalogue_item_code USING catalogue_item WHERE id = item_id AND version_id = :id",
    ):
        with pytest.raises(IntegrityError, match="as they were shown"), db.begin_nested():
            db.execute(text(statement), {"id": edition})


def test_opinions_come_from_anybody_and_are_public_only_with_their_answers(db: Session, now: datetime) -> None:
    in_force(db, now)
    edition = a_draft(db, now)
    with pytest.raises(NotFound):
        an_opinion(db, 2, now)
    commands.consult(db, CLERK, edition, a_period(now), now=now)
    first, second = an_opinion(db, 2, now), an_opinion(db, 2, now, SUPPLIER, code="")
    assert queries.answered(db, edition) == ()
    with pytest.raises(NotFound):
        an_opinion(db, 2, now, code="A0499")
    with pytest.raises(OpinionsOpen):
        commands.review(db, CLERK, edition, now=now + AFTER)
    commands.answer_opinion(db, CLERK, first, ADOPTED, now=now)
    commands.answer_opinion(
        db, CLERK, second, Answer(action=OpinionAction.DISMISS, answer="与目录无关"), now=now
    )  # fmt: skip
    with pytest.raises(IllegalMove):
        commands.answer_opinion(db, CLERK, first, ADOPTED, now=now)
    with pytest.raises(NotFound):
        commands.answer_opinion(db, CLERK, uuid4(), ADOPTED, now=now)
    [shown] = queries.answered(db, edition)
    assert (shown.state, shown.giver, shown.entry_name) == (OpinionState.ADOPTED, "", "儿童福利服务")
    assert "某村村民" in {one.giver for one in queries.dossier(db, CLERK, edition, now=now).opinions}
    told = db.scalars(select(Message.topic).where(Message.topic.like("catalogue.opinion%"))).all()
    assert sorted(told) == ["catalogue.opinion_answered", "catalogue.opinion_given"]


def test_the_time_for_opinions_has_its_borders(
    db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    in_force(db, now)
    edition, today = a_draft(db, now), legal_day(now)
    with pytest.raises(ConsultPast):
        commands.consult(db, CLERK, edition, Consultation(first=today - DAY, last=today + 9 * DAY), now=now)
    with pytest.raises(ConsultShort):
        commands.consult(db, CLERK, edition, Consultation(first=today, last=today + 5 * DAY), now=now)
    commands.consult(db, CLERK, edition, Consultation(first=today, last=today + 6 * DAY), now=now)
    an_opinion(db, 2, now + 6 * DAY)
    with pytest.raises(ConsultClosed):
        an_opinion(db, 2, now + 7 * DAY)
    with pytest.raises(ConsultOpen):
        commands.review(db, CLERK, edition, now=now + 6 * DAY)
    monkeypatch.setattr("marketplace.catalogue.commands.consulting.OPINIONS_PER_HOUR", 1)
    with pytest.raises(TooManyOpinions):
        an_opinion(db, 2, now + 6 * DAY)
    an_opinion(db, 2, now + 6 * DAY, SUPPLIER)


def test_an_edition_without_entries_is_not_shown(db: Session, now: datetime) -> None:
    edition = a_draft(db, now)
    with pytest.raises(NoEntries):
        commands.consult(db, CLERK, edition, a_period(now), now=now)


def test_experts_and_minutes_come_before_approval(db: Session, now: datetime, tmp_path: Path) -> None:
    in_force(db, now)
    edition, later = at(db, EditionState.CONSULTING, tmp_path, now)
    with pytest.raises(NotEditable):
        commands.record_expert(db, CLERK, edition, expert(1, later), now=later)
    commands.review(db, CLERK, edition, now=later)
    with pytest.raises(Several) as lacking:
        commands.submit(db, CLERK, edition, now=later)
    assert [type(one) for one in lacking.value.errors] == [TooFewExperts, MinutesMissing]
    with pytest.raises(ExpertDay):
        commands.record_expert(db, CLERK, edition, expert(1, later - DAY), now=later)
    first = commands.record_expert(db, CLERK, edition, expert(1, later, Conclusion.DISAGREE), now=later)
    with pytest.raises(ExpertTwice):
        commands.record_expert(db, CLERK, edition, expert(1, later), now=later)
    for number, conclusion in ((2, Conclusion.DISAGREE), (3, Conclusion.AGREE), (4, Conclusion.AGREE_CHANGED)):
        commands.record_expert(db, CLERK, edition, expert(number, later, conclusion), now=later)
    with pytest.raises(Several) as against:
        commands.submit(db, CLERK, edition, now=later)
    assert isinstance(against.value.errors[0], ExpertsAgainst)
    commands.remove_expert(db, CLERK, edition, first, now=later)
    with pytest.raises(NotFound):
        commands.remove_expert(db, CLERK, edition, first, now=later)
    commands.keep_minutes(
        db, FolderStorage(tmp_path), CLERK, edition, office.pdf(), name="纪要.pdf", limit_bytes=999, now=later
    )
    commands.add_entry(db, CLERK, edition, entry("A0404", "采纳的意见"), now=later)
    assert queries.dossier(db, CLERK, edition, now=later).experts[0].changed_since == 1
    assert queries.minutes(db, HEAD, edition).name == "纪要.pdf"
    with pytest.raises((NotFound, Forbidden)):
        queries.minutes(db, SUPPLIER, edition)
    commands.submit(db, CLERK, edition, now=later)


def test_whoever_drafted_neither_approves_nor_publishes(db: Session, now: datetime, tmp_path: Path) -> None:
    in_force(db, now)
    edition, later = at(db, EditionState.REVIEWING, tmp_path, now)
    commands.add_entry(db, BOTH, edition, entry("A0404", "经手的条目"), now=later)
    commands.submit(db, CLERK, edition, now=later)
    for act in ("approve", "return"):
        with pytest.raises(DutiesClash):
            ACTS[act](db, BOTH, edition, later)
    commands.approve(db, HEAD, edition, now=later)
    with pytest.raises(DutiesClash):
        ACTS["publish"](db, BOTH, edition, later)
    for column in ("approved_by", "published_by"):
        with pytest.raises(IntegrityError, match="drafter_does_not"), db.begin_nested():
            db.execute(text(f"UPDATE catalogue_version SET {column} = :who WHERE id = :id"),
                       {"who": BOTH.person_id, "id": edition})  # fmt: skip


def test_an_announced_edition_comes_in_force_on_its_day_and_the_old_one_stays_readable(
    db: Session, now: datetime, tmp_path: Path
) -> None:
    in_force(db, now)
    edition, later = at(db, EditionState.APPROVED, tmp_path, now)
    with pytest.raises(InForceTooEarly):
        commands.publish_edition(db, HEAD, edition, in_force_on=legal_day(later) - DAY, now=later)
    ACTS["publish"](db, HEAD, edition, later)
    assert commands.come_into_force(db, now=later + DAY) == 0
    assert queries.current(db).number == 1
    second, much_later = at(db, EditionState.APPROVED, tmp_path, later)
    with pytest.raises(OtherAnnounced):
        ACTS["publish"](db, HEAD, second, much_later)
    assert commands.come_into_force(db, now=later + 2 * DAY) == 1
    assert commands.come_into_force(db, now=later + 2 * DAY) == 0
    assert queries.current(db).number == 2
    assert queries.shown(db, 1).state is EditionState.REPLACED
    assert queries.item(db, "A0401", 1).item.name == "儿童福利服务"


def test_a_project_keeps_the_edition_it_was_drafted_from(db: Session, now: datetime, tmp_path: Path) -> None:
    town = village.a_village(db, now)
    project_id = village.a_draft(db, town, now)
    label = queries.current(db).label
    before = db.execute(
        text("SELECT catalogue_item_id FROM project WHERE id = :id"), {"id": project_id}
    ).scalar_one()  # fmt: skip
    at(db, EditionState.PUBLISHED, tmp_path, now)
    assert queries.current(db).label == "新目录"
    after = db.execute(text("SELECT catalogue_item_id FROM project WHERE id = :id"), {"id": project_id}).scalar_one()
    assert after == before
    assert queries.item_by_id(db, after).code == village.ENTRY
    assert label != "新目录"


def test_only_the_one_who_may_act_finds_it_on_the_days_list(db: Session, now: datetime, tmp_path: Path) -> None:
    in_force(db, now)
    edition, later = at(db, EditionState.CONSULTING, tmp_path, now)
    assert [one.action for one in queries.todos(db, CLERK, now=later)] == ["办理"]
    commands.review(db, CLERK, edition, now=later)
    second, _ = at(db, EditionState.SUBMITTED, tmp_path, later)
    for actor, expected in ((HEAD, ["审批"]), (CLERK, ["办理"]), (SUPPLIER, []), (SYSTEM, [])):
        assert [one.action for one in queries.todos(db, actor, now=later)] == expected
    commands.approve(db, HEAD, second, now=later + AFTER)
    assert [one.action for one in queries.todos(db, HEAD, now=later + AFTER)] == ["发布"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalogue_version SET state = 'consulting', consult_from = NULL, consult_to = NULL WHERE number = 2",
        "UPDATE catalogue_version SET state = 'submitted', minutes_id = NULL WHERE number = 2",
        "UPDATE catalogue_version SET state = 'approved', approved_by = NULL WHERE number = 2",
        "UPDATE catalogue_version SET state = 'announced', in_force_on = NULL WHERE number = 2",
        "UPDATE catalogue_version SET state = 'withdrawn' WHERE number = 2",
        "UPDATE catalogue_version SET consult_to = consult_from - 1 WHERE number = 2",
    ],
)
def test_the_database_refuses_a_step_that_was_left_out(
    db: Session, now: datetime, tmp_path: Path, change: str
) -> None:  # fmt: skip
    in_force(db, now)
    at(db, EditionState.REVIEWING, tmp_path, now)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(change))
