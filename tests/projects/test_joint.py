"""Joint projects: a co-organizer's head binds its money and task, and nothing is handed in before."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound, Stale
from marketplace.projects import commands, queries
from marketplace.projects.model import Project, Share
from marketplace.projects.rules import FundingPlan
from marketplace.projects.rules.joint import (
    PARTNERS_MAX,
    DrafterConfirms,
    NotAPartner,
    ShareMoneyDiffers,
    ShareOpen,
    TooManyPartners,
)
from marketplace.projects.schemas.joint import NewShare
from marketplace.projects.states import SHARE, ProjectState, ShareAction, ShareState
from tests.identity.town import a_person, an_organization
from tests.projects.village import BUDGET, Village, a_draft, somebody

MOVES = """
proposed change proposed
proposed remove proposed
proposed agree  agreed
proposed refuse refused
agreed   change proposed
agreed   remove agreed
agreed   refuse refused
refused  change proposed
refused  remove refused
"""
PEOPLE = ("centre_clerk", "buyer_head", "auditor", "supplier", "stranger")
WHO = """
proposed change yes yes 404 404 404
proposed remove yes yes 404 404 404
proposed agree  404 404 404 404 yes
proposed refuse 404 404 404 404 yes
agreed   change yes yes 404 404 404
agreed   remove yes yes 404 404 404
agreed   agree  404 404 404 404 409
agreed   refuse 404 404 404 404 yes
refused  change yes yes 404 404 404
refused  remove yes yes 404 404 404
refused  agree  404 404 404 404 409
refused  refuse 404 404 404 404 409
"""
"""The drafter, the buyer's head, a supervisor, a supplier, and the co-organizer's head (the village's stranger)."""
FUND, BROUGHT = UUID(int=77), 1_000_000


def partner_of(village: Village) -> UUID:
    assert village.stranger.organization_id
    return village.stranger.organization_id


def a_share(db: Session, village: Village, now: datetime) -> tuple[UUID, UUID]:
    """A draft that lacks nothing but the co-organizer's word, and the share."""
    own = (FundingPlan(fund_id=UUID(int=1), amount_fen=BUDGET - BROUGHT),)
    project = a_draft(db, village, now, funding=own)
    new = NewShare(organization_id=partner_of(village), task="组织志愿者接送", amount_fen=BROUGHT)
    return project, commands.propose_share(db, village.centre_clerk, project, new, now=now)


def agree(db: Session, village: Village, share: UUID, now: datetime) -> None:
    commands.agree_share(db, village.stranger, share, fund_id=FUND, now=now)


def in_state(db: Session, village: Village, state: str, now: datetime) -> UUID:
    _, share = a_share(db, village, now)
    if state == "agreed":
        agree(db, village, share, now)
    elif state == "refused":
        commands.refuse_share(db, village.stranger, share, reason="今年没有预算", now=now)
    return share


def attempt(db: Session, actor: Actor, action: str, share: UUID, now: datetime) -> str:
    acts: dict[str, Callable[[], Any]] = {
        "change": lambda: commands.change_share(db, actor, share, task="改任务", amount_fen=BROUGHT, now=now),
        "remove": lambda: commands.remove_share(db, actor, share, now=now),
        "agree": lambda: commands.agree_share(db, actor, share, fund_id=FUND, now=now),
        "refuse": lambda: commands.refuse_share(db, actor, share, reason="没有预算", now=now),
    }
    try:
        with db.begin_nested() as savepoint:
            acts[action]()
            savepoint.rollback()
    except NotFound:
        return "404"
    except IllegalMove:
        return "409"
    except Forbidden:
        return "403"
    return "yes"


def gaps(db: Session, village: Village, project: UUID, now: datetime) -> list[type[DomainError]]:
    return [type(one) for one in queries.missing(db, village.centre_clerk, project, now=now)]


def test_the_table_of_moves_is_the_handbooks() -> None:
    written = {
        (source, action): target for source, action, target in (line.split() for line in MOVES.split("\n") if line)
    }
    assert {(str(s), str(a)): str(t) for (s, a), t in SHARE.moves.items()} == written


@pytest.mark.parametrize("state", [state.value for state in ShareState])
def test_who_may_do_what_in_which_state(db: Session, village: Village, now: datetime, state: str) -> None:
    share = in_state(db, village, state, now)
    lines = [line.split() for line in WHO.split("\n") if line.startswith(f"{state} ")]
    assert len(lines) == len(ShareAction)
    for _, action, *expected in lines:
        found = [attempt(db, getattr(village, person), action, share, now) for person in PEOPLE]
        assert found == expected, action


def test_nothing_is_handed_in_before_every_head_agreed(db: Session, village: Village, now: datetime) -> None:
    project, share = a_share(db, village, now)
    assert ShareOpen in gaps(db, village, project, now)
    agree(db, village, share, now)
    lines = queries.plan_of(db, db.get_one(Project, project)).funding
    assert [(line.fund_id, line.amount_fen) for line in lines] == [(UUID(int=1), BUDGET - BROUGHT), (FUND, BROUGHT)]
    commands.submit(db, village.centre_clerk, project, now=now)
    assert queries.public_shares(db, project) == (), "not public yet"
    with pytest.raises(IllegalMove):
        commands.refuse_share(db, village.stranger, share, reason="反悔", now=now)
    assert queries.shares(db, village.stranger, project)[0].actions == set()


def test_a_changed_amount_asks_for_consent_anew(db: Session, village: Village, now: datetime) -> None:
    project, share = a_share(db, village, now)
    agree(db, village, share, now)
    commands.change_share(db, village.centre_clerk, share, task="接送", amount_fen=BROUGHT + 1, now=now)
    row = db.get_one(Share, share)
    assert (row.state, row.fund_id, row.decided_by) == (ShareState.PROPOSED, None, None)
    assert len(queries.plan_of(db, db.get_one(Project, project)).funding) == 1, "its line is gone with its consent"
    assert ShareOpen in gaps(db, village, project, now)


def test_the_agreed_money_stands_to_the_fen(db: Session, village: Village, now: datetime) -> None:
    project, share = a_share(db, village, now)
    agree(db, village, share, now)
    row = db.get_one(Project, project)
    plan = queries.plan_of(db, row)
    less = (
        FundingPlan(fund_id=UUID(int=1), amount_fen=BUDGET - BROUGHT + 1),
        FundingPlan(fund_id=FUND, amount_fen=BROUGHT - 1),
    )
    with pytest.raises(Stale):  # agreeing counts as a writing: who had the page open before is told
        commands.edit(db, village.centre_clerk, project, plan, version=row.version - 1, now=now)
    changed = msgspec.structs.replace(plan, funding=less)
    commands.edit(db, village.centre_clerk, project, changed, version=row.version, now=now)
    assert gaps(db, village, project, now) == [ShareMoneyDiffers]


def test_the_database_hands_in_no_draft_without_consent(db: Session, village: Village, now: datetime) -> None:
    project, _ = a_share(db, village, now)
    db.get_one(Project, project).state = ProjectState.SUBMITTED
    with pytest.raises(IntegrityError, match=r"project_"):
        db.flush()


def test_a_refusal_says_why_and_a_removed_partner_no_longer_stands_in_the_way(
    db: Session, village: Village, now: datetime
) -> None:
    project, share = a_share(db, village, now)
    agree(db, village, share, now)
    commands.refuse_share(db, village.stranger, share, reason="预算调减", now=now)
    (view,) = queries.own_shares(db, village.stranger)
    assert (view.state, view.reason, view.fund_id) == (ShareState.REFUSED, "预算调减", None)
    assert ShareOpen in gaps(db, village, project, now)
    commands.remove_share(db, village.centre_clerk, share, now=now)
    assert ShareOpen not in gaps(db, village, project, now)
    with pytest.raises(NotFound):
        commands.remove_share(db, village.centre_clerk, share, now=now)


def test_a_co_organizer_reads_the_draft_and_no_other_stranger_does(
    db: Session, village: Village, now: datetime
) -> None:
    project, share = a_share(db, village, now)
    assert queries.dossier(db, village.stranger, project, now=now).actions == set()
    (todo,) = queries.share_todos(db, village.stranger, now=now)
    assert todo.url == "/centre/joint"
    assert queries.share_todos(db, village.buyer_head, now=now) == []
    assert queries.share_todos(db, village.centre_clerk, now=now) == []
    commands.remove_share(db, village.centre_clerk, share, now=now)
    with pytest.raises(NotFound):
        queries.dossier(db, village.stranger, project, now=now)


def test_only_the_co_organizers_head_confirms(db: Session, village: Village, now: datetime) -> None:
    _, share = a_share(db, village, now)
    clerk = somebody(db, partner_of(village), Role.CLERK, now)
    with pytest.raises(Forbidden):
        commands.agree_share(db, clerk, share, fund_id=FUND, now=now)


def test_whoever_drafts_does_not_confirm(db: Session, village: Village, now: datetime) -> None:
    project, share = a_share(db, village, now)
    row = db.get_one(Project, project)
    assert village.stranger.person_id
    row.drafter_ids = [*row.drafter_ids, village.stranger.person_id]
    with pytest.raises(DrafterConfirms):
        agree(db, village, share, now)
    (view,) = queries.own_shares(db, village.stranger)
    assert view.actions == set()


def test_a_partner_is_another_buyer_named_once(db: Session, village: Village, now: datetime) -> None:
    project, _ = a_share(db, village, now)
    assert village.supplier.organization_id
    for wrong in (village.buyer_id, village.supplier.organization_id, partner_of(village)):
        with pytest.raises(NotAPartner):
            commands.propose_share(
                db, village.centre_clerk, project, NewShare(organization_id=wrong, task="接送", amount_fen=1), now=now
            )
    new = NewShare(organization_id=uuid4(), task="接送", amount_fen=1)
    with pytest.raises(NotFound):
        commands.propose_share(db, village.centre_clerk, project, new, now=now)
    for place in range(PARTNERS_MAX):
        one = an_organization(db, Function.BUYER, now=now, name=f"示例购买单位{place}")
        actor_of(db, a_person(db, one, Role.HEAD, now=now), one)
        new = NewShare(organization_id=one, task="接送", amount_fen=1)
        if place < PARTNERS_MAX - 1:
            commands.propose_share(db, village.centre_clerk, project, new, now=now)
    with pytest.raises(TooManyPartners):
        commands.propose_share(db, village.centre_clerk, project, new, now=now)
