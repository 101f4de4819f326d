"""Wishes of villages and units: handed in, answered with a reason, and adopted into projects."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules.needs import (
    BroughtByMissing,
    MergeTarget,
    NeedBound,
    NeedTakenMeanwhile,
    NoNeeds,
)
from marketplace.projects.schemas.needs import Adoption
from marketplace.projects.states import NEED, NeedChannel, NeedState
from tests.identity.town import a_person, an_organization
from tests.projects.village import Village, a_draft, a_submitted, in_evaluation
from tests.projects.wishes import a_need, a_new, adoption, an_own, row_of

MOVES = """
collected  edit      collected
collected  show      collected
collected  adopt     adopted
collected  merge     merged
collected  decline   declined
collected  withdraw  withdrawn
adopted    show      adopted
adopted    free      collected
merged     reopen    collected
declined   reopen    collected
"""
PEOPLE = ("centre_clerk", "centre_head", "buyer_clerk", "buyer_head", "auditor", "supplier", "stranger")
WHO = """
collected edit     yes yes 404 404 404 404 404
collected show     yes yes 403 403 403 403 403
collected adopt    yes yes yes yes 403 403 yes
collected merge    yes yes 403 403 403 403 403
collected decline  yes yes 403 403 403 403 403
collected withdraw yes yes 404 404 404 404 404
collected reopen   409 409 403 403 403 403 403
collected free     409 409 409 409 409 403 409
adopted   edit     409 409 404 404 404 404 404
adopted   show     yes yes 403 403 403 403 403
adopted   adopt    taken taken taken taken 403 403 taken
adopted   merge    409 409 403 403 403 403 403
adopted   decline  409 409 403 403 403 403 403
adopted   withdraw 409 409 404 404 404 404 404
adopted   reopen   409 409 403 403 403 403 403
adopted   free     yes yes yes yes 404 403 404
merged    edit     409 409 404 404 404 404 404
merged    show     409 409 403 403 403 403 403
merged    adopt    taken taken taken taken 403 403 taken
merged    merge    409 409 403 403 403 403 403
merged    decline  409 409 403 403 403 403 403
merged    withdraw 409 409 404 404 404 404 404
merged    reopen   yes yes 403 403 403 403 403
merged    free     409 409 409 409 409 403 409
declined  edit     409 409 404 404 404 404 404
declined  show     409 409 403 403 403 403 403
declined  adopt    taken taken taken taken 403 403 taken
declined  merge    409 409 403 403 403 403 403
declined  decline  409 409 403 403 403 403 403
declined  withdraw 409 409 404 404 404 404 404
declined  reopen   yes yes 403 403 403 403 403
declined  free     409 409 409 409 409 403 409
withdrawn edit     409 409 404 404 404 404 404
withdrawn show     409 409 403 403 403 403 403
withdrawn adopt    taken taken taken taken 403 403 taken
withdrawn merge    409 409 403 403 403 403 403
withdrawn decline  409 409 403 403 403 403 403
withdrawn withdraw 409 409 404 404 404 404 404
withdrawn reopen   409 409 403 403 403 403 403
withdrawn free     409 409 409 409 409 403 409
"""
"""A wish that the centre wrote down for a village: for each state and action what each of the seven gets."""


def in_state(db: Session, village: Village, state: str, now: datetime) -> UUID:
    need, clerk = a_need(db, village, now), village.centre_clerk
    if state == "adopted":
        commands.join(db, clerk, need, project_id=a_draft(db, village, now), now=now)
    elif state == "merged":
        commands.merge(db, clerk, need, into_id=a_need(db, village, now, title="另一条"), now=now)
    elif state == "declined":
        commands.decline(db, clerk, need, reason="已有同类服务", now=now)
    elif state == "withdrawn":
        commands.withdraw(db, clerk, need, now=now)
    return need


def attempt(db: Session, actor: Actor, village: Village, action: str, need: UUID, now: datetime) -> str:
    buyer = None if actor is village.stranger else village.buyer_id
    acts: dict[str, Callable[[], Any]] = {
        "edit": lambda: commands.edit_need(db, actor, need, a_new(title="改过"), now=now),
        "show": lambda: commands.show(db, actor, need, is_shown=True, now=now),
        "adopt": lambda: commands.adopt(db, actor, adoption(village, need, buyer_id=buyer), now=now),
        "merge": lambda: commands.merge(db, actor, need, into_id=a_need(db, village, now, title="合并到这里"), now=now),
        "decline": lambda: commands.decline(db, actor, need, reason="不在职责范围", now=now),
        "withdraw": lambda: commands.withdraw(db, actor, need, now=now),
        "reopen": lambda: commands.reopen(db, actor, need, now=now),
        "free": lambda: commands.free(db, actor, need, now=now),
    }
    try:
        with db.begin_nested() as savepoint:
            acts[action]()
            savepoint.rollback()
    except NotFound:
        return "404"
    except IllegalMove:
        return "409"
    except NeedTakenMeanwhile:
        return "taken"
    except Forbidden:
        return "403"
    return "yes"


def test_the_table_of_moves_is_the_handbooks() -> None:
    written = {
        (source, action): target for source, action, target in (line.split() for line in MOVES.split("\n") if line)
    }
    assert {(str(s), str(a)): str(t) for (s, a), t in NEED.moves.items()} == written
    assert NEED.final() == {NeedState.WITHDRAWN}


@pytest.mark.parametrize("state", [state.value for state in NeedState])
def test_who_may_do_what_in_which_state(db: Session, village: Village, now: datetime, state: str) -> None:
    need = in_state(db, village, state, now)
    lines = [line.split() for line in WHO.split("\n") if line.startswith(f"{state} ")]
    assert len(lines) == len(set(NEED.labels) - set(NeedState))
    for _, action, *expected in lines:
        found = [attempt(db, getattr(village, person), village, action, need, now) for person in PEOPLE]
        assert found == expected, action


def test_every_kind_of_organization_hands_in_its_own_wish(db: Session, village: Village, now: datetime) -> None:
    for function in Function:
        own = an_organization(db, function, now=now, name=f"示例{function.value[:8]}")
        actor = actor_of(db, a_person(db, own, Role.CLERK, now=now), own)
        need = an_own(db, actor, now)
        found = queries.need(db, actor, need)
        assert (found.channel, found.card.place) == (NeedChannel.ONLINE, f"示例{function.value[:8]}")
        assert [one.card.id for one in queries.own_needs(db, actor, now=now).items] == [need]


def test_only_a_centre_writes_down_for_others_and_says_who_and_how(
    db: Session, village: Village, now: datetime
) -> None:
    with pytest.raises(Forbidden):
        commands.collect(db, village.supplier, a_new(), now=now)
    with pytest.raises(BroughtByMissing) as refusal:
        commands.collect(db, village.centre_clerk, a_new(channel=None), now=now)
    assert refusal.value.field == "channel"
    with pytest.raises(BroughtByMissing) as refusal:
        commands.collect(db, village.centre_clerk, a_new(brought_by=" "), now=now)
    assert refusal.value.field == "brought_by"
    adrift = Actor(uuid4(), None, frozenset(Function), frozenset(Role))
    with pytest.raises(NotFound):
        commands.collect(db, adrift, a_new(), now=now)


def test_a_wish_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="不能早于"):
        a_new(wished_from=date(2026, 8, 1), wished_until=date(2026, 7, 1))


def test_whoever_brought_it_reads_why_it_was_declined(db: Session, village: Village, now: datetime) -> None:
    need = an_own(db, village.supplier, now)
    commands.decline(db, village.centre_head, need, reason="已有同类服务，请联系街道", now=now)
    found = queries.need(db, village.supplier, need)
    assert (found.card.state, found.reason) == (NeedState.DECLINED, "已有同类服务，请联系街道")
    commands.reopen(db, village.centre_clerk, need, now=now)
    assert queries.need(db, village.supplier, need).reason == ""


def test_a_stranger_to_a_wish_does_not_find_it(db: Session, village: Village, now: datetime) -> None:
    need = an_own(db, village.stranger, now)
    with pytest.raises(NotFound):
        queries.need(db, village.supplier, need)
    with pytest.raises(NotFound):
        queries.need(db, village.supplier, uuid4())
    assert queries.need(db, village.auditor, need).actions == set()
    assert {str(one) for one in queries.need(db, village.stranger, need).actions} == {
        "edit", "withdraw", "adopt",
    }  # fmt: skip


def test_merged_wishes_follow_the_one_that_took_them_in(db: Session, village: Village, now: datetime) -> None:
    one, two, three = (a_need(db, village, now, title=f"需求{place}") for place in "一二三")
    clerk = village.centre_clerk
    commands.merge(db, clerk, one, into_id=two, now=now)
    commands.merge(db, clerk, two, into_id=three, now=now)
    assert row_of(db, one).merged_into_id == three, "what was merged goes along"
    view = queries.need(db, clerk, three)
    assert {card.title for card in view.merged} == {"需求一", "需求二"}
    commands.decline(db, clerk, three, reason="不在目录内", now=now)
    assert queries.need(db, clerk, one).reason == "不在目录内"
    commands.reopen(db, clerk, three, now=now)
    commands.withdraw(db, clerk, three, now=now)
    assert {row_of(db, need).state for need in (one, two)} == {NeedState.COLLECTED}, "they wait again"


def test_a_wish_merges_only_into_another_that_is_open(db: Session, village: Village, now: datetime) -> None:
    one, gone = a_need(db, village, now), in_state(db, village, "declined", now)
    for target in (one, gone):
        with pytest.raises(MergeTarget):
            commands.merge(db, village.centre_clerk, one, into_id=target, now=now)
    with pytest.raises(NotFound):
        commands.merge(db, village.centre_clerk, one, into_id=uuid4(), now=now)
    assert gone not in [card.id for card in queries.merge_choices(db, village.centre_clerk, one)]


def test_several_wishes_become_one_draft_that_says_what_they_say(db: Session, village: Village, now: datetime) -> None:
    one = a_need(db, village, now, wished_from=date(2026, 7, 6), wished_until=date(2026, 8, 28), location="甲村小学")
    two = a_need(db, village, now + timedelta(hours=1), brought_by="示例镇乙村", people_count=12, title="托管")
    project = commands.adopt(db, village.centre_clerk, adoption(village, one, two), now=now)
    plan = queries.plan_of(db, db.get_one(Project, project))
    assert plan.need.startswith("示例镇甲村提出：暑期看护。村里留守儿童暑期缺少看护。\n示例镇乙村提出：托管。")
    assert (plan.people_count, plan.people_kind, plan.location) == (42, "留守儿童", "甲村小学、示例镇乙村")
    assert (plan.service_from, plan.service_until) == (date(2026, 7, 6), date(2026, 8, 28))
    days = [row.due_on for row in plan.milestones]
    assert days[0] == date(2026, 7, 6)
    assert days[-1] == date(2026, 8, 28)
    assert plan.budget_fen is None
    assert [card.place for card in queries.needs_of(db, project)] == ["示例镇甲村", "示例镇乙村"]
    found = queries.need(db, village.centre_clerk, one)
    assert found.card.project is not None
    assert found.card.project.id == project


def test_a_buyers_own_clerk_adopts_for_the_own_organization(db: Session, village: Village, now: datetime) -> None:
    need = a_need(db, village, now)
    project = commands.adopt(db, village.buyer_clerk, adoption(village, need, buyer_id=None), now=now)
    assert db.get_one(Project, project).buyer_id == village.buyer_id


def test_what_was_taken_meanwhile_is_not_adopted_twice(db: Session, village: Village, now: datetime) -> None:
    need, other = in_state(db, village, "adopted", now), a_need(db, village, now)
    with pytest.raises(NeedTakenMeanwhile, match="暑期看护"):
        commands.adopt(db, village.centre_clerk, adoption(village, need, other), now=now)
    with pytest.raises(NoNeeds):
        commands.adopt(db, village.centre_clerk, Adoption(need_ids=(), catalogue_code="A0401", title="无"), now=now)
    with pytest.raises(NotFound):
        commands.adopt(db, village.centre_clerk, adoption(village, uuid4()), now=now)
    assert row_of(db, other).state is NeedState.COLLECTED


def test_only_a_draft_takes_a_wish_in(db: Session, village: Village, now: datetime) -> None:
    need, project = a_need(db, village, now), a_submitted(db, village, now)
    with pytest.raises(IllegalMove):
        commands.join(db, village.centre_clerk, need, project_id=project, now=now)


def test_cancelling_a_project_sets_its_wishes_free(db: Session, village: Village, now: datetime) -> None:
    need, project = a_need(db, village, now), a_draft(db, village, now)
    commands.join(db, village.centre_clerk, need, project_id=project, now=now)
    commands.cancel(db, village.buyer_head, project, reason="预算调整", now=now)
    assert row_of(db, need).state is NeedState.COLLECTED
    assert queries.needs_of(db, project) == ()


def test_a_wish_leaves_no_project_under_way_but_one_that_failed(db: Session, village: Village, now: datetime) -> None:
    need, project = a_need(db, village, now), in_evaluation(db, village, now)
    row = row_of(db, need)
    row.state, row.project_id, row.adopted_at = NeedState.ADOPTED, project, now
    db.flush()
    with pytest.raises(NeedBound):
        commands.free(db, village.centre_clerk, need, now=now)
    commands.fail(db, village.centre_head, project, reason="响应单位不足三家", now=now + timedelta(days=30))
    commands.free(db, village.centre_clerk, need, now=now)
    assert row_of(db, need).state is NeedState.COLLECTED
    with pytest.raises(NotFound):
        commands.free(db, village.centre_clerk, uuid4(), now=now)
