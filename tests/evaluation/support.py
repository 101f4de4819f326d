"""Evaluations brought by their own verbs to any step: opened, composed, declared, checked, scored, signed, awarded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.queries import opened_bids
from marketplace.bids.sealing.keys import Seat
from marketplace.documents.storage import FolderStorage
from marketplace.evaluation import commands
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries.parts import members_of, quality, valid_bids
from marketplace.evaluation.schemas import (
    Award,
    Composition,
    Declaration,
    Finding,
    Given,
    NewCheck,
    Sheet,
    Signature,
)
from marketplace.flows import awarding
from marketplace.flows.opening import open_bids
from marketplace.flows.publishing import publish
from marketplace.identity.model import Membership
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Role
from marketplace.procedures.states import CountOutcome
from marketplace.projects.model import Project
from marketplace.projects.queries import conditions
from marketplace.projects.rules import CostPlan, FundingPlan
from tests.bids.support import KEYS, PASSPHRASES, World, a_bid
from tests.flows.test_publishing import a_purse
from tests.projects.village import Village, a_village, an_approved, closing, somebody
from tests.suppliers.shelf import a_qualified

PRICES = (3_000_000, 3_600_000, 4_200_000)
CHEAPER = (3_000_000, 3_600_000, 3_900_000)
"""Below the ceiling of the smaller, funded project."""
OPINION = "推荐综合得分第一的单位为成交候选人。"
NO_CONFLICT = Declaration(recuse=False)
PANEL = 7
"""The village's project lies in the tier whose group has at least seven."""


@dataclass
class Jury:
    """Who evaluates: the clerk who composes, the head who decides, and the members by their seats."""

    composer: Actor
    head: Actor
    members: list[Actor] = field(default_factory=list)


def open_all(db: Session, world: World, now: datetime, prices: Sequence[int] = PRICES) -> None:
    """Every bidder hands in at ``now``, and the bids are opened as soon as they may be."""
    for bidder, price in zip(world.bidders, prices, strict=False):
        a_bid(db, world, bidder, now, price)
    unseal(db, world)


def unseal(db: Session, world: World) -> None:
    """Both steps of the opening, by centre and supervisor, in the flow that moves the project."""
    first, second, now = Seat.CENTRE, Seat.SUPERVISOR, world.opens
    bids.contribute(db, world.openers[first], world.project_id, PASSPHRASES[first], now=now)
    open_bids(db, KEYS, world.openers[second], world.project_id, PASSPHRASES[second], storage=world.storage, now=now)


def colleagues(db: Session, world: World, count: int, now: datetime) -> list[Actor]:
    """More clerks of the procuring entity."""
    centre = world.openers[Seat.CENTRE].organization_id
    assert centre
    return [somebody(db, centre, Role.CLERK, now) for _ in range(count)]


def a_jury(db: Session, world: World, now: datetime, size: int = PANEL) -> Jury:
    """People for a panel: the clerks of buyer and centre, and colleagues; nobody is appointed yet."""
    clerks = [world.openers[Seat.CENTRE], world.openers[Seat.BUYER]]
    members = [*clerks, *colleagues(db, world, size - len(clerks), now)]
    return Jury(composer=clerks[0], head=world.head, members=members)


def ids_of(actors: Sequence[Actor]) -> tuple[UUID, ...]:
    return tuple(one.person_id for one in actors if one.person_id)


def appoint(db: Session, world: World, jury: Jury, **given: Any) -> None:
    """Appoint the jury's members, or what ``given`` says instead."""
    composition = Composition(**({"representatives": ids_of(jury.members)} | given))
    commands.appoint(db, jury.composer, world.project_id, composition, now=world.opens)


def composed(db: Session, world: World, now: datetime, size: int = PANEL) -> Jury:
    """A panel appointed, nobody has declared."""
    jury = a_jury(db, world, now, size)
    appoint(db, world, jury)
    return jury


def convened(db: Session, world: World, now: datetime, size: int = PANEL) -> Jury:
    """Everybody declared that nothing keeps them from judging."""
    jury = composed(db, world, now, size)
    for member in jury.members:
        commands.declare(db, member, world.project_id, NO_CONFLICT, now=world.opens)
    return jury


def a_check(db: Session, project_id: UUID, *, fails: str = "", conforms: bool = True) -> NewCheck:
    """Findings for one bid: all met, or the first condition not, for the reason given."""
    asked = conditions(db, project_id)
    return NewCheck(
        findings=tuple(
            Finding(condition_id=one.id, met=not (fails and place == 0), reason=fails if place == 0 else "")
            for place, one in enumerate(asked)
        ),
        conforms=conforms,
        reason="" if conforms else "方案没有响应采购文件的实质性要求",
    )


def check_all(db: Session, world: World, jury: Jury, *, failing: int = 0) -> None:
    """The first member records every bid, the last ``failing`` of them as not qualified; nothing is confirmed."""
    found = opened_bids(db, world.project_id)
    for place, bid in enumerate(found):
        fails = "没有提交登记证书" if place >= len(found) - failing else ""
        new = a_check(db, world.project_id, fails=fails)
        commands.check_bid(db, jury.members[0], world.project_id, bid.bid_id, new, now=world.opens)


def confirm(db: Session, world: World, jury: Jury) -> CountOutcome:
    """The second member confirms."""
    return awarding.confirm_checks(db, jury.members[1], world.project_id, now=world.opens)


def checked(db: Session, world: World, now: datetime, size: int = PANEL) -> Jury:
    """All bids checked and found valid; members may score."""
    jury = convened(db, world, now, size)
    check_all(db, world, jury)
    confirm(db, world, jury)
    return jury


def a_sheet(db: Session, project_id: UUID, *, best: int = 0) -> Sheet:
    """A complete sheet: of the bids by price, the one at place ``best`` gets the highest steps, others the second."""
    bids_by_price = sorted(valid_bids(db, project_id), key=lambda bid: bid.price_fen)
    return Sheet(
        scores=tuple(
            Given(
                bid_id=bid.bid_id,
                criterion_id=criterion.id,
                points_bp=criterion.steps[0 if place == best else 1].score_bp,
                reason="方案与材料如所述",
            )
            for place, bid in enumerate(bids_by_price)
            for criterion in quality(db, project_id)
        )
    )


def submit(db: Session, world: World, member: Actor, *, best: int = 0) -> None:
    """One member's complete sheet, locked."""
    sheet = a_sheet(db, world.project_id, best=best)
    commands.submit_scores(db, member, world.project_id, sheet, now=world.opens)


def scored(db: Session, world: World, now: datetime) -> Jury:
    """All sheets locked, the bids ranked."""
    jury = checked(db, world, now)
    for member in jury.members:
        submit(db, world, member)
    return jury


def written(db: Session, world: World, now: datetime) -> Jury:
    """The report written, nobody has signed."""
    jury = scored(db, world, now)
    commands.write_report(db, jury.members[0], world.project_id, OPINION, now=world.opens)
    return jury


def sign(db: Session, world: World, member: Actor, *, dissent: str = "") -> None:
    """One signature under the report as it stands."""
    digest = db.get_one(Evaluation, world.project_id).report_digest
    commands.sign_report(db, member, world.project_id, Signature(digest=digest, dissent=dissent), now=world.opens)


def reported(db: Session, world: World, now: datetime) -> Jury:
    """The report signed by all and delivered."""
    jury = written(db, world, now)
    for member in jury.members:
        sign(db, world, member)
    return jury


def decided(db: Session, world: World, now: datetime) -> Jury:
    """The award decided, not published."""
    jury = reported(db, world, now)
    awarding.decide(db, jury.head, world.project_id, now=world.opens)
    return jury


def an_award(db: Session, world: World, now: datetime, prices: Sequence[int] = PRICES) -> Award:
    """From an open project to a published award: all bidders bid at ``now``, the first of them wins."""
    open_all(db, world, now, prices)
    jury = decided(db, world, now)
    return awarding.publish_result(db, jury.composer, world.project_id, now=world.opens)


def seats(db: Session, world: World) -> list[tuple[Actor, UUID]]:
    """Everybody on the panel as an actor, with the id of their seat."""
    return [(actor_of(db, one.person_id, one.organization_id), one.id) for one in members_of(db, world.project_id)]


def state_of(db: Session, world: World) -> tuple[str, str]:
    """The states of project and evaluation."""
    row = db.get(Evaluation, world.project_id)
    return db.get_one(Project, world.project_id).state.value, row.state.value if row else "composing"


def a_funded_world(
    db: Session, folder: Path, now: datetime, budget_fen: int = 4_000_000
) -> tuple[World, Village, UUID]:
    """A published project with its money set aside, three bidders, and its fund; small enough for a group of three."""
    village = a_village(db, now)
    openers = {Seat.CENTRE: village.centre_clerk, Seat.BUYER: village.buyer_clerk, Seat.SUPERVISOR: village.auditor}
    for seat, opener in openers.items():
        bids.enrol_opener_key(db, KEYS, opener, PASSPHRASES[seat], now=now)
    fund_id = a_purse(db, village, budget_fen, now)
    project_id = an_approved(
        db,
        village,
        now,
        budget_fen=budget_fen,
        ceiling_fen=budget_fen,
        cost_lines=(CostPlan(item="托管陪伴", unit="项", quantity=Decimal(1), unit_cost_fen=budget_fen),),
        funding=(FundingPlan(fund_id=fund_id, amount_fen=budget_fen),),
    )
    publish(db, KEYS, village.buyer_head, project_id, now=now)
    world = World(
        project_id=project_id,
        due=closing(db, project_id),
        openers=openers,
        head=village.centre_head,
        bidders=[a_qualified(db, folder, number, now=now, serves_minors=True) for number in range(11, 14)],
        storage=FolderStorage(folder / "files"),
    )
    return world, village, fund_id


def join(db: Session, actor: Actor, organization_id: UUID, now: datetime) -> None:
    """Let somebody belong to one more organization, whose invitation they accepted."""
    assert actor.person_id
    place = Membership(person_id=actor.person_id, organization_id=organization_id, invited_at=now, joined_at=now)
    db.add(place)
    db.flush()
