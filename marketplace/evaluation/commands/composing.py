"""Verbs of the panel: appoint members and draw experts, declare conflicts, replace who never came."""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.evaluation.commands.gate import begun, convene_if_whole, held, panel, seat_of
from marketplace.evaluation.commands.ranking import rank_if_complete
from marketplace.evaluation.model import BidCheck, Evaluation, PanelMember
from marketplace.evaluation.queries.parts import demand_of
from marketplace.evaluation.queries.people import bidder_people, experts, representatives
from marketplace.evaluation.rules import drawn, wrong_with
from marketplace.evaluation.rules.refusals import (
    BidderOnPanel,
    ExpertsShort,
    NobodyNamed,
    NotARepresentative,
    RecusalReasonNeeded,
    SitsAlready,
)
from marketplace.evaluation.schemas import Composition, Declaration
from marketplace.evaluation.states import (
    EVALUATION,
    MEMBER,
    ON_PANEL,
    EvaluationAction,
    EvaluationState,
    MemberAction,
    SeatKind,
)
from marketplace.identity.queries import names
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, raise_all
from marketplace.outbox.commands import emit
from marketplace.projects.model import Project

Chosen = tuple[UUID, UUID, SeatKind]


def appoint(db: Session, actor: Actor, project_id: UUID, composition: Composition, *, now: datetime) -> list[UUID]:
    """Compose the panel, or fill its empty seats: representatives by name, experts by lot. Returns the new members.

    The panel with the new members must be what the rules ask for the method and the amount.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not compose panels.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: the sheets are locked.
        NobodyNamed: the composition is empty.
        NotARepresentative: somebody is of neither desk.
        BidderOnPanel: somebody is of an organization that bids.
        SitsAlready: somebody has or had a seat.
        ExpertsShort: there are fewer experts than are to be drawn.
        DomainError: the panel would not be composed as the rules ask, or Several reasons why.
        RuleMissing: a rule that is needed is not in force.

    Source:
        采购法第三十八条、第四十条; 采购法条例第三十九条; below the threshold the unit's own rules (practice).
    """
    project = held(db, actor, project_id, Right.COMPOSE_PANEL)
    row = lock(db, Evaluation, project_id)
    state = EVALUATION.after(row.state if row else EVALUATION.start, EvaluationAction.APPOINT)
    before = panel(db, project_id)
    seed = row.draw_seed if row else secrets.token_bytes(32)
    chosen = [*_named(db, project, composition, before), *_drawn(db, project, composition, before, seed)]
    if not chosen:
        raise NobodyNamed(field="representatives")
    sitting = [one.kind for one in before if one.state in ON_PANEL] + [kind for *_, kind in chosen]
    raise_all(wrong_with(demand_of(db, project), members=len(sitting), experts=sitting.count(SeatKind.EXPERT)))
    if row is None:
        row = Evaluation(
            project_id=project_id, draw_seed=seed, composed_by=actor.person_id, composed_at=now, state=state
        )
        db.add(row)
        db.flush()  # members refer to it; there is no relationship that would order them
    row.state = state
    new = _seat(db, project_id, chosen, first=len(before) + 1, now=now)
    record(
        db, actor, "panel.appointed", "project", project_id, now=now, draw_seed=seed.hex(),
        members=[(one.person_id, one.kind) for one in new],
    )  # fmt: skip
    emit(db, "panel.appointed", now=now, project_id=project_id, person_ids=[one.person_id for one in new])
    return [one.id for one in new]


def _named(db: Session, project: Project, composition: Composition, before: list[PanelMember]) -> list[Chosen]:
    eligible = {one.person_id: one for one in representatives(db, project)}
    barred, sat = bidder_people(db, project.id), {one.person_id for one in before}
    known = names(db, composition.representatives)
    for person_id in composition.representatives:
        if person_id in barred:
            raise BidderOnPanel(field="representatives", name=known.get(person_id, ""))
        if person_id in sat:
            raise SitsAlready(field="representatives", name=known.get(person_id, ""))
        if person_id not in eligible:
            raise NotARepresentative(field="representatives")
    wanted = dict.fromkeys(composition.representatives)
    return [(one, eligible[one].organization_id, eligible[one].kind) for one in wanted]


def _drawn(
    db: Session, project: Project, composition: Composition, before: list[PanelMember], seed: bytes
) -> list[Chosen]:
    without = {*(one.person_id for one in before), *composition.representatives}
    pool = experts(db, project, without=without)
    if len(pool) < composition.experts:
        raise ExpertsShort(field="experts", needed=composition.experts, found=len(pool))
    return [(one, pool[one], SeatKind.EXPERT) for one in drawn(pool, composition.experts, seed)]


def _seat(db: Session, project_id: UUID, chosen: list[Chosen], *, first: int, now: datetime) -> list[PanelMember]:
    new = [
        PanelMember(
            project_id=project_id,
            place=place,
            person_id=person_id,
            organization_id=organization_id,
            kind=kind,
            appointed_at=now,
        )
        for place, (person_id, organization_id, kind) in enumerate(chosen, first)
    ]
    db.add_all(new)
    db.flush()
    return new


def declare(db: Session, actor: Actor, project_id: UUID, declaration: Declaration, *, now: datetime) -> None:
    """Declare, after seeing who bids, that nothing keeps the actor from judging, or step back with a reason.

    When the last member has declared and the panel is whole, the evaluation begins. Stepping back is possible until
    one's own sheet is locked; what a member had recorded of bids or given as draft points then counts no more.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        RecusalReasonNeeded: a recusal says nothing.
        IllegalMove: declared already, or the sheets are locked.

    Source:
        采购法第十二条; 采购法条例第九条: three years of employment, control, kin, other interest.
    """
    project = held(db, actor, project_id, Right.SCORE)
    row = begun(db, project_id)
    seat = seat_of(db, actor, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.DECLARE)
    if declaration.recuse:
        checking = row.state is EvaluationState.CHECKING
        _step_back(db, actor, seat, declaration.reason.strip(), now, checking=checking)
        return
    seat.state = MEMBER.after(seat.state, MemberAction.TAKE_SEAT)
    seat.declared_at = now
    db.flush()
    record(db, actor, "panel.declared", "project", project_id, now=now, member_id=seat.id)
    convene_if_whole(db, actor, project, row, now)


def _step_back(db: Session, actor: Actor, seat: PanelMember, reason: str, now: datetime, *, checking: bool) -> None:
    """Leave the panel; whoever composed it must fill the seat, and what was recorded of bids is recorded anew."""
    if not reason:
        raise RecusalReasonNeeded(field="reason")
    seat.state = MEMBER.after(seat.state, MemberAction.RECUSE)
    seat.left_reason = reason
    seat.declared_at = now
    db.flush()
    if checking:
        mine = BidCheck.project_id == seat.project_id, BidCheck.person_id == seat.person_id
        db.execute(delete(BidCheck).where(*mine))
    digest = sha256(reason.encode()).hexdigest()
    record(db, actor, "panel.recused", "project", seat.project_id, now=now, member_id=seat.id, reason_sha256=digest)
    emit(db, "panel.recused", now=now, project_id=seat.project_id, member_id=seat.id)


def dismiss(db: Session, actor: Actor, project_id: UUID, member_id: UUID, *, reason: str, now: datetime) -> None:
    """Take a member off the panel who has not declared (did not come, cannot be reached), with a reason.

    Who has declared leaves only by their own word: nobody is removed for how they might judge.

    Raises:
        NotFound: there is no such project for the actor, or no such member.
        Forbidden: the actor may not compose panels.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: the member has declared, or the sheets are locked.
    """
    project = held(db, actor, project_id, Right.COMPOSE_PANEL)
    row = begun(db, project_id)
    found = [one for one in panel(db, project_id) if one.id == member_id]
    if not found:
        raise NotFound
    row.state = EVALUATION.after(row.state, EvaluationAction.DISMISS)
    member = found[0]
    member.state = MEMBER.after(member.state, MemberAction.DISMISS)
    member.left_reason = reason
    db.flush()
    record(db, actor, "panel.dismissed", "project", project_id, now=now, member_id=member_id, reason=reason)
    emit(db, "panel.dismissed", now=now, project_id=project_id, member_id=member_id)
    convene_if_whole(db, actor, project, row, now)
    rank_if_complete(db, actor, project, row, now)
