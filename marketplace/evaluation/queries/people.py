"""Who may sit on a panel: representatives of buyer and procuring entity, experts to be drawn, and who may not."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.model import OpenedBid
from marketplace.evaluation.model import PanelMember
from marketplace.evaluation.schemas import Eligible
from marketplace.evaluation.states import SeatKind
from marketplace.identity.model import Account, Membership, Organization, Person, RoleHolding
from marketplace.identity.queries import contacts_of
from marketplace.identity.queries.visitors import live_membership
from marketplace.identity.states import AccountState, OrganizationState
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import legal_day
from marketplace.projects.model import Project
from marketplace.suppliers.queries import binding

DESK = frozenset({Role.CLERK, Role.HEAD})


def bidder_people(db: Session, project_id: UUID) -> frozenset[UUID]:
    """Everybody who is of an organization whose bid was opened, or tied to one by the register of interests.

    Ties are looked at on the last legal day of the bidding, the day the organizations took part.

    Source:
        政府采购法实施条例第九条.
    """
    query = (
        select(Membership.person_id)
        .join(OpenedBid, OpenedBid.organization_id == Membership.organization_id)
        .where(OpenedBid.project_id == project_id, Membership.ended_at.is_(None))
    )
    return frozenset(db.scalars(query)) | _tied(db, project_id)


def _tied(db: Session, project_id: UUID) -> frozenset[UUID]:
    query = (
        select(OpenedBid.organization_id, Project.bids_due_at)
        .join(Project, Project.id == OpenedBid.project_id)
        .where(OpenedBid.project_id == project_id, Project.bids_due_at.is_not(None))
    )
    bidders = {row.organization_id: row.bids_due_at for row in db.execute(query)}
    if not bidders:
        return frozenset()
    on_day = legal_day(next(iter(bidders.values())))
    return frozenset(tie.person_id for tie in binding(db, bidders, on_day=on_day))


def seated_ever(db: Session, project_id: UUID) -> frozenset[UUID]:
    """Everybody who has or had a seat on the panel."""
    return frozenset(db.scalars(select(PanelMember.person_id).where(PanelMember.project_id == project_id)))


def representatives(db: Session, project: Project) -> list[Eligible]:
    """Clerks and heads of the buyer and of the procuring entity who are no bidders."""
    barred = bidder_people(db, project.id)
    found: dict[UUID, Eligible] = {}
    sides = ((project.buyer_id, SeatKind.BUYER), (project.procuring_entity_id, SeatKind.CENTRE))
    for organization_id, kind in sides:
        name = db.get_one(Organization, organization_id).short_name
        for one in contacts_of(db, organization_id, DESK):
            if one.person_id not in barred:
                seat = Eligible(
                    person_id=one.person_id,
                    name=one.name,
                    organization_id=organization_id,
                    organization_name=name,
                    kind=kind,
                )
                found.setdefault(one.person_id, seat)
    return list(found.values())


def experts(db: Session, project: Project, *, without: Iterable[UUID] = ()) -> dict[UUID, UUID]:
    """Experts who may be drawn, each with the organization that lists them.

    Nobody of the buyer, nobody of the procuring entity's desk, nobody who wrote in the project, no bidder.

    Source:
        采购法条例第三十九条；成都单位制度（单位做法）; 需求管理办法第三十二条: who drafted does not review.
    """
    live = select(RoleHolding.membership_id).where(RoleHolding.ended_at.is_(None))
    inside = select(Membership.person_id).where(live_membership(), Membership.organization_id == project.buyer_id)
    desk = select(Membership.person_id).where(
        live_membership(),
        Membership.organization_id == project.procuring_entity_id,
        Membership.id.in_(live.where(RoleHolding.role.in_(DESK))),
    )
    query = (
        select(Membership.person_id, Membership.organization_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .join(Account, Account.person_id == Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            live_membership(),
            Membership.id.in_(live.where(RoleHolding.role == Role.EXPERT)),
            Organization.functions.contains([Function.PROCURING_ENTITY.value]),
            Organization.state == OrganizationState.ACTIVE,
            Account.state.in_((AccountState.ACTIVE, AccountState.LOCKED)),
            Membership.person_id.not_in(inside),
            Membership.person_id.not_in(desk),
        )
        .order_by(Membership.person_id, Membership.organization_id)
    )
    barred = {*bidder_people(db, project.id), *project.drafter_ids, *without}
    found: dict[UUID, UUID] = {}
    for person_id, organization_id in db.execute(query):
        if person_id not in barred:
            found.setdefault(person_id, organization_id)
    return found
