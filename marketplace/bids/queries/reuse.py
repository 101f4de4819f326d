"""What an organization has said before and need not type again: its register, its declaration, its last opened bid."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from marketplace.bids.model import OpenedBid, Opening
from marketplace.bids.queries.own import asked_of, my_bid
from marketplace.bids.schemas import Answer, Asked, Contact, Content, DraftChange, DraftView, Plan, StaffMember
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.states import OpeningState
from marketplace.kit.clock import legal_day
from marketplace.projects.model import Project
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.queries import declaration_of

LASTING = ("approach", "quality", "risks")
"""The sections of a plan that outlive their project; a schedule has its days in it and is written anew."""


class Filling(Struct, frozen=True, kw_only=True):
    """What the empty parts of a draft get from an earlier bid; ``change`` names only parts that get something.

    ``sections``, ``people``, ``answers`` and ``proofs`` count what is new.
    """

    change: DraftChange
    sections: int
    people: int
    answers: int
    proofs: int

    @property
    def found(self) -> bool:
        """Whether there is anything to fill in."""
        return self.sections + self.people + self.answers + self.proofs > 0


class LastBid(Struct, frozen=True, kw_only=True):
    """An organization's own bid that has been opened, with what its project asked."""

    asked: Asked
    opened_at: datetime
    same_service: bool
    content: Content


class Earlier(Struct, frozen=True, kw_only=True):
    """The earlier bid that is offered, and how much of it the empty parts of the draft would take over.

    ``sections`` of the plan, ``people`` of the staff, ``answers`` to criteria, ``proofs`` beside conditions.
    """

    project_id: UUID
    number: str
    title: str
    opened_on: date
    same_service: bool
    sections: int
    people: int
    answers: int
    proofs: int


class Standing(Struct, frozen=True, kw_only=True):
    """The newest declaration on the six general conditions, and whether it stands on the day of the deadline."""

    signed_by_name: str
    signed_on: date
    valid_to: date
    holds: bool


class Saved(Struct, frozen=True, kw_only=True):
    """What an organization's saved data bring to a bid; ``earlier`` is None when there is nothing to take over."""

    contact: Contact
    declaration: Standing | None
    earlier: Earlier | None

    @property
    def declared(self) -> bool:
        """Whether a declaration is in force for this bid."""
        return self.declaration is not None and self.declaration.holds


def saved_data(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> Saved:
    """What the organization's own register, declaration and last opened bid bring to its bid in a project.

    Nothing sealed is read but the organization's own draft.

    Raises:
        NotFound: no such project is public.
        CorruptEnvelope: the draft was tampered with.
    """
    asked = asked_of(db, project_id)
    signed = declaration_of(db, organization_id)
    standing = None
    if signed is not None:
        standing = Standing(
            signed_by_name=signed.signed_by_name,
            signed_on=signed.signed_on,
            valid_to=signed.valid_to,
            holds=signed.holds(legal_day(asked.due)),
        )
    return Saved(
        contact=_registered_contact(db, organization_id),
        declaration=standing,
        earlier=_offered(db, keys, asked, organization_id),
    )


def _registered_contact(db: Session, organization_id: UUID) -> Contact:
    query = select(Supplier.contact_name, Supplier.contact_phone).where(Supplier.organization_id == organization_id)
    row = db.execute(query).one_or_none()
    return Contact(name=row.contact_name, phone=row.contact_phone) if row else Contact()


def _offered(db: Session, keys: ApplicationKeys, asked: Asked, organization_id: UUID) -> Earlier | None:
    mine = my_bid(db, keys, asked.project_id, organization_id)
    if mine is not None and mine.locked_draft:
        return None
    last = last_bid(db, asked, organization_id)
    if last is None:
        return None
    draft = mine.draft if mine and mine.draft else Content(organization_id=organization_id)
    filling = filled(draft, asked, last)
    if not filling.found:
        return None
    return Earlier(
        project_id=last.asked.project_id,
        number=last.asked.number,
        title=last.asked.title,
        opened_on=legal_day(last.opened_at),
        same_service=last.same_service,
        sections=filling.sections,
        people=filling.people,
        answers=filling.answers,
        proofs=filling.proofs,
    )


def last_bid(db: Session, asked: Asked, organization_id: UUID) -> LastBid | None:
    """The organization's own bid that was opened last for the same catalogue entry, or else the last one at all."""
    same = Project.catalogue_code == asked.demands.service
    query = (
        select(OpenedBid.project_id, OpenedBid.content, Opening.opened_at, same.label("same"))
        .join(Opening, Opening.project_id == OpenedBid.project_id)
        .join(Project, Project.id == OpenedBid.project_id)
        .where(
            OpenedBid.organization_id == organization_id,
            OpenedBid.project_id != asked.project_id,
            Opening.state == OpeningState.OPEN,
        )
        .order_by(case((same, 0), else_=1), Opening.opened_at.desc(), OpenedBid.bid_id)
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    return LastBid(
        asked=asked_of(db, row.project_id),
        opened_at=row.opened_at,
        same_service=row.same,
        content=msgspec.convert(row.content, Content),
    )


def filled(draft: Content | DraftView, asked: Asked, last: LastBid) -> Filling:
    """What the empty parts of a draft get from an earlier bid; what is written stays as it is.

    Answers are taken over where a criterion or condition has the same words. Prices, schedule, files and the ticks
    that confirm conditions are of one project alone.
    """
    plan, sections = _plan(draft.plan, last.content.plan)
    staff: tuple[StaffMember, ...] = draft.staff or last.content.staff
    said = {one.name.strip(): last.content.criteria.get(one.id) for one in last.asked.criteria}
    criteria = dict(draft.criteria)
    for criterion in asked.criteria:
        told = said.get(criterion.name.strip())
        if told and told.text.strip() and not _text(criteria.get(criterion.id)):
            criteria[criterion.id] = Answer(text=told.text)
    proved = {one.content.strip(): last.content.conditions.get(one.id) for one in last.asked.conditions}
    conditions = dict(draft.conditions)
    for condition in asked.conditions:
        told, here = proved.get(condition.content.strip()), conditions.get(condition.id)
        if told and told.text.strip() and not _text(here):
            conditions[condition.id] = Answer(text=told.text, met=here is not None and here.met)
    return Filling(
        change=DraftChange(
            plan=plan if sections else UNSET,
            staff=staff if staff != draft.staff else UNSET,
            criteria=criteria if criteria != draft.criteria else UNSET,
            conditions=conditions if conditions != draft.conditions else UNSET,
        ),
        sections=sections,
        people=len(staff) if staff != draft.staff else 0,
        answers=_changed(draft.criteria, criteria),
        proofs=_changed(draft.conditions, conditions),
    )


def _plan(here: Plan, there: Plan) -> tuple[Plan, int]:
    """The plan with its empty lasting sections filled, and how many were."""
    new = {name: text for name in LASTING if (text := getattr(there, name)).strip() and not getattr(here, name).strip()}
    return msgspec.structs.replace(here, **new), len(new)


def _text(answer: Answer | None) -> str:
    return answer.text.strip() if answer else ""


def _changed(before: dict[UUID, Answer], after: dict[UUID, Answer]) -> int:
    return sum(before.get(key) != answer for key, answer in after.items())
