"""Evaluations as those see them who compose, judge, decide or supervise, with what each may do now."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marketplace.bids.model import OpenedBid
from marketplace.bids.queries import opened_bids
from marketplace.evaluation.model import Evaluation, PanelMember
from marketplace.evaluation.queries.award import award_of
from marketplace.evaluation.queries.parts import checks, demand_of, locked_sheets, members_of, ranking
from marketplace.evaluation.queries.people import bidder_people
from marketplace.evaluation.rules import HOUSE_SIZE, wrong_with
from marketplace.evaluation.rules.dates import CONFIRM_RULE
from marketplace.evaluation.schemas import (
    BidLine,
    Demand,
    EvaluationCard,
    EvaluationView,
    MemberView,
    RankLine,
)
from marketplace.evaluation.states import (
    AFTER_SHEETS,
    DECLARED,
    EVALUATION,
    ON_PANEL,
    EvaluationAction,
    EvaluationState,
    MemberState,
    SeatKind,
)
from marketplace.identity.queries import names, organizations
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.procedures.rules import METHODS, PanelDemand
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules, parties
from marketplace.projects.states import ProjectState

LIST_MAX = 200
_A = EvaluationAction
_STAGES = (ProjectState.EVALUATION, ProjectState.AWARDED)


def may_read_bids(db: Session, project_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody reads a project's opened bids as a member of its panel who has declared."""
    query = select(PanelMember.id).where(
        PanelMember.project_id == project_id, PanelMember.person_id == person_id, PanelMember.state.in_(DECLARED)
    )
    return person_id is not None and db.scalar(query) is not None


def _open_seats(demand: PanelDemand | None, members: Iterable[PanelMember]) -> bool:
    live = [one for one in members if one.state in ON_PANEL]
    experts = sum(one.kind is SeatKind.EXPERT for one in live)
    return bool(wrong_with(demand, members=len(live), experts=experts))


def acts(db: Session, actor: Actor, project: Project, row: Evaluation | None) -> frozenset[EvaluationAction]:
    """What the actor may do in an evaluation now: the table of moves, held against rights, seats and duties.

    Raises:
        RuleMissing: a rule that is needed is not in force.
    """
    if project.state not in _STAGES:
        return frozenset()
    members = members_of(db, project.id)
    mine = next((one for one in members if one.person_id == actor.person_id), None)
    found = set[EvaluationAction]()
    if may(actor, Right.COMPOSE_PANEL, parties(project)):
        if _open_seats(demand_of(db, project), members):
            found.add(_A.APPOINT)
        if any(one.state is MemberState.APPOINTED for one in members):
            found.add(_A.DISMISS)
    if mine is not None and row is not None and may(actor, Right.SCORE, parties(project)):
        found |= _of_member(db, row, mine)
    if may(actor, Right.DECIDE_AWARD, parties(project)) and not _judged(mine):
        found.add(_A.DECIDE)
    if may(actor, Right.PUBLISH_RESULT, parties(project)):
        found.add(_A.PUBLISH)
    found &= EVALUATION.actions(row.state if row else EVALUATION.start)
    barred = found and actor.person_id in bidder_people(db, project.id)
    return frozenset() if barred else frozenset(found)


def _judged(mine: PanelMember | None) -> bool:
    return mine is not None and mine.state not in {MemberState.APPOINTED, MemberState.DISMISSED}


def _of_member(db: Session, row: Evaluation, mine: PanelMember) -> set[EvaluationAction]:
    if mine.state is MemberState.APPOINTED:
        return {_A.DECLARE}
    if mine.state is MemberState.SEATED:
        found = {_A.DECLARE, _A.SCORE, _A.SUBMIT, _A.CHECK}
        if row.state is EvaluationState.CHECKING:
            done = checks(db, row.project_id)
            complete = all(bid.bid_id in done for bid in opened_bids(db, row.project_id))
            if complete and mine.person_id not in {one.person_id for one in done.values()}:
                found.add(_A.CONFIRM_CHECKS)
        return found
    if mine.state is MemberState.LOCKED:
        unsigned = all(one.state is not MemberState.SIGNED for one in members_of(db, row.project_id))
        return {_A.SIGN, _A.REPORT} if unsigned else {_A.SIGN}
    return set()


def desk_list(db: Session, actor: Actor) -> list[EvaluationCard]:
    """The evaluations that concern the actor: of their organization, or with their own seat; the latest first.

    Raises:
        RuleMissing: a rule that is needed is not in force.
    """
    own = or_(Project.buyer_id == actor.organization_id, Project.procuring_entity_id == actor.organization_id)
    seat = select(PanelMember.project_id).where(PanelMember.person_id == actor.person_id)
    anywhere = may(actor, Right.READ_EVALUATION, {})
    theirs = own if actor.organization_id and _reads_own(actor) else Project.id.in_(seat)
    query = (
        select(Project, Evaluation)
        .outerjoin(Evaluation, Evaluation.project_id == Project.id)
        .where(or_(Project.state.in_(_STAGES), Evaluation.project_id.is_not(None)))
        .order_by(Project.closed_at.desc(), Project.id)
        .limit(LIST_MAX)
    )
    if not anywhere:
        query = query.where(or_(theirs, Project.id.in_(seat)))
    rows = list(db.execute(query))
    named = organizations(db, (project.buyer_id for project, _ in rows))
    return [_card(db, actor, project, row, named[project.buyer_id].short_name) for project, row in rows]


def _reads_own(actor: Actor) -> bool:
    own = actor.organization_id
    return may(actor, Right.READ_EVALUATION, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})


def _card(db: Session, actor: Actor, project: Project, row: Evaluation | None, buyer: str) -> EvaluationCard:
    mine = next((one.state for one in members_of(db, project.id) if one.person_id == actor.person_id), None)
    return EvaluationCard(
        project_id=project.id,
        number=project.number or "",
        title=project.title,
        buyer_name=buyer,
        state=row.state if row else EVALUATION.start,
        opened_at=project.closed_at,
        decide_by=row.decide_by if row else None,
        mine=mine,
        acts=acts(db, actor, project, row),
    )


def visible(db: Session, actor: Actor, project_id: UUID) -> tuple[Project, Evaluation | None]:
    """A project in or after its evaluation, for somebody who composes, judges, decides or supervises.

    Raises:
        NotFound: no such project has been opened, or it does not concern the actor.
        Forbidden: it concerns the actor's organization, but not the actor's role.
    """
    project, row = db.get(Project, project_id), db.get(Evaluation, project_id)
    if project is None or (project.state not in _STAGES and row is None):
        raise NotFound
    if actor.person_id not in {one.person_id for one in members_of(db, project_id)}:
        require(actor, Right.READ_EVALUATION, parties(project))
    return project, row


def evaluation(db: Session, actor: Actor, project_id: UUID) -> EvaluationView:
    """One evaluation; the ranking and the members' points only once every sheet is locked.

    Raises:
        NotFound: no such project has been opened, or it does not concern the actor.
        Forbidden: it concerns the actor's organization, but not the actor's role.
        RuleMissing: a rule that is needed is not in force.
    """
    project, row = visible(db, actor, project_id)
    members, bids = _members(db, project_id), _bids(db, project_id)
    award, rules = award_of(db, project_id), kept_rules(db, project)
    winner = next((bid.organization_name for bid in bids if award and bid.bid_id == award.bid_id), "")
    named = organizations(db, (project.buyer_id, project.procuring_entity_id))
    assert project.method is not None  # noqa: S101 - a CHECK: what was handed in has a method
    return EvaluationView(
        project_id=project.id,
        number=project.number or "",
        title=project.title,
        buyer_name=named[project.buyer_id].name,
        procuring_name=named[project.procuring_entity_id].name,
        method=project.method,
        budget_fen=project.budget_fen or 0,
        ceiling_fen=project.ceiling_fen or 0,
        state=row.state if row else EVALUATION.start,
        demand=_demand(db, project),
        members=members,
        bids=bids,
        mine=next((one for one in members if one.person_id == actor.person_id), None),
        acts=acts(db, actor, project, row),
        checked_at=row.checked_at if row else None,
        ranking=_ranking(db, row, bids),
        opinion=row.opinion if row else "",
        report_digest=row.report_digest if row else "",
        reported_at=row.reported_at if row else None,
        decide_by=row.decide_by if row else None,
        decide_rule=rules.find(CONFIRM_RULE),
        award=award,
        winner_name=winner,
        fail_reason=row.fail_reason if row else "",
    )


def _demand(db: Session, project: Project) -> Demand:
    demand = demand_of(db, project)
    return Demand(
        members=demand.members if demand else HOUSE_SIZE,
        exactly=demand.exactly if demand else False,
        experts=demand.experts(demand.members) if demand else 0,
        rules=demand.rules if demand else (),
        model=project.method is not None and METHODS[project.method].model,
        open=_open_seats(demand, members_of(db, project.id)),
    )


def _members(db: Session, project_id: UUID) -> tuple[MemberView, ...]:
    rows = members_of(db, project_id)
    people = names(db, (one.person_id for one in rows))
    named = organizations(db, (one.organization_id for one in rows))
    return tuple(
        MemberView(
            id=one.id,
            person_id=one.person_id,
            name=people[one.person_id],
            organization_name=named[one.organization_id].short_name,
            kind=one.kind,
            state=one.state,
            declared_at=one.declared_at,
            left_reason=one.left_reason,
            locked_at=one.locked_at,
            signed_at=one.signed_at,
            dissent=one.dissent,
        )
        for one in rows
    )


def _bids(db: Session, project_id: UUID) -> tuple[BidLine, ...]:
    rows, found = opened_bids(db, project_id), checks(db, project_id)
    named = organizations(db, (bid.organization_id for bid in rows))
    return tuple(
        BidLine(
            bid_id=bid.bid_id,
            organization_id=bid.organization_id,
            organization_name=named[bid.organization_id].name,
            price_fen=bid.price_fen,
            received_at=bid.received_at,
            state=bid.state,
            damaged=len(bid.damaged_files),
            check=found.get(bid.bid_id),
        )
        for bid in rows
    )


def _ranking(db: Session, row: Evaluation | None, bids: Iterable[BidLine]) -> tuple[RankLine, ...]:
    ended = {*AFTER_SHEETS, EvaluationState.FAILED}
    if row is None or row.state not in ended:
        return ()
    lines, sheets = {bid.bid_id: bid for bid in bids}, locked_sheets(db, row.project_id)
    return tuple(
        RankLine(
            place=one.place,
            bid_id=one.bid_id,
            organization_name=lines[one.bid_id].organization_name,
            price_fen=lines[one.bid_id].price_fen,
            price_bp=one.price_bp,
            quality_bp=one.quality_bp,
            total_bp=one.total_bp,
            by_member={member: sum(given.values()) for member, given in sheets[one.bid_id].items()},
        )
        for one in ranking(db, row.project_id)
    )


def waiting(db: Session, actor: Actor, now: datetime) -> list[tuple[Project, Evaluation | None]]:
    """The projects whose evaluation could wait for the actor: of their organization, or with their own seat."""
    seat = select(PanelMember.project_id).where(PanelMember.person_id == actor.person_id)
    query = (
        select(Project, Evaluation)
        .outerjoin(Evaluation, Evaluation.project_id == Project.id)
        .where(
            Project.state.in_(_STAGES),
            or_(Evaluation.state.is_(None), Evaluation.state.not_in(EVALUATION.final())),
            or_(
                Project.buyer_id == actor.organization_id,
                Project.procuring_entity_id == actor.organization_id,
                Project.id.in_(seat),
            ),
            Project.closed_at <= now,
            Project.id.in_(select(OpenedBid.project_id)),
        )
        .order_by(Project.closed_at, Project.id)
    )
    return [(project, row) for project, row in db.execute(query)]
