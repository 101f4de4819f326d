"""The demo's evaluations: a panel that declares, checks, scores alone and signs, and a head who decides."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bids
from marketplace.evaluation import commands
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries.parts import demand_of, members_of, quality, valid_bids
from marketplace.evaluation.schemas import Award, Composition, Declaration, Finding, Given, NewCheck, Sheet, Signature
from marketplace.evaluation.states import MemberState
from marketplace.flows import awarding
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor
from marketplace.projects.model import Project as ProjectRow
from marketplace.projects.queries import conditions
from seed.market import CLERKS, HEADS, Stage, drafter
from seed.year import Project

SMALLEST_PANEL = 3
REASONS = ("安排具体，可以落地", "基本齐全，个别环节不够细", "材料与文件要求相符", "经验相近，人员稳定")
OPINION = "评审小组一致认为排名第一的单位方案完整、报价合理，推荐其为承接主体候选人。"


def _panel(db: Session, project_id: UUID) -> list[Actor]:
    live = [one for one in members_of(db, project_id) if one.state is not MemberState.RECUSED]
    return [actor_of(db, one.person_id, one.organization_id) for one in live]


def compose(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """Appoint a panel as large as the rules ask: the buyer's clerk, the others drawn from the experts; they declare."""
    clerk = stage.actors[CLERKS[project.buyer]].person_id
    demand = demand_of(db, db.get_one(ProjectRow, project_id))
    size = demand.members if demand else SMALLEST_PANEL
    chosen = Composition(representatives=(clerk,) if clerk else (), experts=size - 1)
    commands.appoint(db, stage.actors[drafter(project)], project_id, chosen, now=now)
    for member in _panel(db, project_id):
        commands.declare(db, member, project_id, Declaration(recuse=False), now=now)


def check(db: Session, project_id: UUID, *, now: datetime) -> None:
    """The first member records what was found of each bid, the second one confirms."""
    first, second, *_ = _panel(db, project_id)
    asked = conditions(db, project_id)
    for bid in opened_bids(db, project_id):
        found = tuple(Finding(condition_id=one.id, met=True) for one in asked)
        new = NewCheck(findings=found, conforms=True)
        commands.check_bid(db, first, project_id, bid.bid_id, new, now=now)
    awarding.confirm_checks(db, second, project_id, now=now)


def score(db: Session, project_id: UUID, *, now: datetime, without_last: bool = False) -> None:
    """Every member locks a sheet of their own; the last one may still be thinking."""
    members = _panel(db, project_id)
    for place, member in enumerate(members[: len(members) - without_last]):
        commands.submit_scores(db, member, project_id, _sheet(db, project_id, place), now=now)


def _sheet(db: Session, project_id: UUID, member: int) -> Sheet:
    """The bids differ, and so do the members, by a step here and there."""
    given = []
    for place, bid in enumerate(valid_bids(db, project_id)):
        for number, criterion in enumerate(quality(db, project_id)):
            step = min((place + (member + number) % 3 // 2) % 3, len(criterion.steps) - 1)
            reason = REASONS[(place + number + member) % len(REASONS)]
            given.append(
                Given(
                    bid_id=bid.bid_id,
                    criterion_id=criterion.id,
                    points_bp=criterion.steps[step].score_bp,
                    reason=reason,
                )
            )
    return Sheet(scores=tuple(given))


def report(db: Session, project_id: UUID, *, now: datetime) -> None:
    """The panel writes its report and signs it."""
    members: Sequence[Actor] = _panel(db, project_id)
    commands.write_report(db, members[0], project_id, OPINION, now=now)
    digest = db.get_one(Evaluation, project_id).report_digest
    for member in members:
        commands.sign_report(db, member, project_id, Signature(digest=digest), now=now)


def decide(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """The buyer's head confirms the bid ranked first."""
    awarding.decide(db, stage.actors[HEADS[project.buyer]], project_id, now=now)


def announce(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> Award:
    """Whoever runs the procedure publishes the result."""
    return awarding.publish_result(db, stage.actors[drafter(project)], project_id, now=now)
