"""What the accounts of the ledger stand for, in names that anybody may read: project, contract, milestone, payee.

People who are helped are never named; a roster of fewer than five is not even named as one.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.aid.model import Roster
from marketplace.contracts.model import Contract, Milestone
from marketplace.funds.model import Payment, PaymentApplication
from marketplace.identity.model import Organization
from marketplace.kit.i18n import N_
from marketplace.projects.model import Project
from marketplace.web.i18n import gettext, say

GROUP_MIN = 5
"""A group of fewer people is never shown."""
PEOPLE = N_("受助人（不公开姓名）")
SMALL_ROSTER = N_("帮扶发放")


class Thing(Struct, frozen=True, kw_only=True):
    """What some fen are for. ``kind`` is ``project``, ``roster`` or empty; empty texts are unknown or not public."""

    kind: str = ""
    key: str = ""
    project_id: UUID | None = None
    project: str = ""
    contract: str = ""
    milestone_id: UUID | None = None
    milestone: str = ""
    payee_key: str = ""
    payee: str = ""


NOTHING = Thing()
Ref = tuple[str, UUID]
"""An account's role and the id it is for."""


def name_refs(db: Session, refs: Iterable[Ref], *, public: bool) -> dict[Ref, Thing]:
    """Names for the accounts given; to the public, unpublished projects and small groups have none."""
    wanted = set(refs)
    ids = {ref for _, ref in wanted}
    if not ids:
        return {}
    paid_for = _obligations(db, {ref for role, ref in wanted if role in {"in_transit", "paid"}})
    targets = {one: paid_for.get(one[1], one[1]) for one in wanted}
    known = _Names(db, set(targets.values()), public=public)
    return {one: known.of(target) for one, target in targets.items()}


def _obligations(db: Session, payment_ids: set[UUID]) -> dict[UUID, UUID]:
    """The milestone or roster that each payment pays."""
    query = (
        select(Payment.id, PaymentApplication.obligation_id)
        .join(PaymentApplication, PaymentApplication.id == Payment.application_id)
        .where(Payment.id.in_(payment_ids))
    )
    return {row[0]: row[1] for row in db.execute(query)} if payment_ids else {}


class _Names:
    """Looks up once what many ids stand for: milestones, contracts, rosters, projects."""

    def __init__(self, db: Session, ids: set[UUID], *, public: bool) -> None:
        self._public = public
        milestones = select(Milestone.id, Milestone.title, Milestone.contract_id).where(Milestone.id.in_(ids))
        self._milestones = {row[0]: (row[1], row[2]) for row in db.execute(milestones)}
        wanted = ids | {contract_id for _, contract_id in self._milestones.values()}
        contracts = (
            select(Contract.id, Contract.number, Contract.project_id, Organization.id, Organization.name)
            .join(Organization, Organization.id == Contract.supplier_id)
            .where(Contract.id.in_(wanted))
        )
        self._contracts = {row[0]: (row[1] or "", row[2], row[3], row[4]) for row in db.execute(contracts)}
        wanted = ids | {row[1] for row in self._contracts.values()}
        projects = select(Project.id, Project.title).where(Project.id.in_(wanted))
        if public:
            projects = projects.where(Project.published_at.is_not(None))
        self._projects: Mapping[UUID, str] = {row[0]: row[1] for row in db.execute(projects)}
        rosters = select(Roster.id, Roster.title, Roster.heads).where(Roster.id.in_(ids))
        self._rosters = {row[0]: (row[1], row[2]) for row in db.execute(rosters)}

    def of(self, thing_id: UUID) -> Thing:
        """What one id stands for."""
        if thing_id in self._rosters:
            return self._roster(thing_id)
        if thing_id in self._milestones:
            title, contract_id = self._milestones[thing_id]
            return self._contract(contract_id, thing_id, title)
        if thing_id in self._contracts:
            return self._contract(thing_id, None, "")
        if thing_id in self._projects:
            return Thing(kind="project", key=str(thing_id), project_id=thing_id, project=self._projects[thing_id])
        return NOTHING

    def _roster(self, roster_id: UUID) -> Thing:
        title, heads = self._rosters[roster_id]
        small = self._public and heads < GROUP_MIN
        people = gettext(PEOPLE) if small else say(N_("受助人 {count} 名（不公开姓名）"), count=heads)
        return Thing(
            kind="roster",
            key="small-rosters" if small else str(roster_id),
            project=gettext(SMALL_ROSTER) if small else title,
            payee_key="small-people" if small else f"people-{roster_id}",
            payee=people,
        )

    def _contract(self, contract_id: UUID, milestone_id: UUID | None, milestone: str) -> Thing:
        number, project_id, payee_id, payee = self._contracts[contract_id]
        shown = project_id in self._projects
        return Thing(
            kind="project",
            key=str(project_id),
            project_id=project_id if shown else None,
            project=self._projects.get(project_id, ""),
            contract=number,
            milestone_id=milestone_id,
            milestone=milestone if shown else "",
            payee_key=str(payee_id),
            payee=payee,
        )
