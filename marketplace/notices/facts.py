"""What happened, as far as notices tell it: one small function per kind of message reads it from the lower floors."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypedDict
from uuid import UUID

from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.queries import takers_to_notify
from marketplace.funds.model import Fund, Receipt
from marketplace.identity.model import Account, Membership, OneTimeLink, Organization, Person
from marketplace.identity.queries import memberships_of
from marketplace.identity.rules import ROLE_LABELS
from marketplace.identity.states import OrganizationState
from marketplace.kit.actor import Function
from marketplace.notices import (
    facts_aid,
    facts_catalogue,
    facts_contracts,
    facts_delivery,
    facts_evaluation,
    facts_following,
    facts_gifts,
    facts_needs,
    facts_preparing,
    facts_reconciling,
    facts_settlement,
)
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Project
from marketplace.suppliers.model import (
    Debarment,
    ReadinessKind,
    Supplier,
    SupplierChange,
    SupplierCheck,
    SupplierDecision,
)
from marketplace.suppliers.states import SUBJECT_LABELS

Teller = Callable[[Session, Envelope], Facts]

ACCOUNT_URL = "/account"


def _everybody_who_is(db: Session, function: Function) -> tuple[UUID, ...]:
    """The active organizations that have a function in this market."""
    query = select(Organization.id).where(
        Organization.functions.contains([function.value]), Organization.state == OrganizationState.ACTIVE
    )
    return tuple(db.scalars(query.order_by(Organization.id)))


def _organization_name(db: Session, organization_id: UUID | None) -> str:
    found = db.get(Organization, organization_id) if organization_id else None
    return found.name if found else ""


def account(db: Session, message: Envelope) -> Facts:
    """An account and its person; with a one-time link, where the message carries one."""
    row = db.get_one(Account, message.id("account_id"))
    link = db.get(OneTimeLink, message.id("link_id")) if "link_id" in message.payload else None
    return Facts(
        params={
            "login": row.login,
            "organization": _organization_name(db, link.organization_id) if link else "",
            "expires_at": link.expires_at if link else None,
        },
        url=ACCOUNT_URL,
        urls={Party.OPERATORS: "/admin/accounts?state=locked"},
        people={Party.PERSON: (row.person_id,)},
        organizations={Party.OPERATORS: _everybody_who_is(db, Function.OPERATOR)},
        link_id=link.id if link else None,
    )


def membership(db: Session, message: Envelope) -> Facts:
    """A person's place in an organization, with the roles held there now."""
    row = db.get_one(Membership, message.id("membership_id"))
    held = next((one.roles for one in memberships_of(db, row.person_id) if one.id == row.id), frozenset())
    return Facts(
        params={
            "person": db.get_one(Person, row.person_id).name,
            "organization": _organization_name(db, row.organization_id),
            "roles": sorted(ROLE_LABELS[role] for role in held),
        },
        url=ACCOUNT_URL,
        urls={Party.ORGANIZATION: "/organization/people"},
        people={Party.PERSON: (row.person_id,)},
        organizations={Party.ORGANIZATION: (row.organization_id,)},
    )


def organization(db: Session, message: Envelope) -> Facts:
    """An organization."""
    concerned = message.id("organization_id")
    return Facts(
        params={"organization": _organization_name(db, concerned)},
        url=ACCOUNT_URL,
        organizations={Party.ORGANIZATION: (concerned,)},
    )


def rules(db: Session, message: Envelope) -> Facts:
    """A version of the purchasing rules, or a year of the calendar."""
    return Facts(
        params={"version": str(message.payload.get("version", "")), "year": str(message.payload.get("year", ""))},
        url="/rules",
        organizations={
            Party.BUYERS: _everybody_who_is(db, Function.BUYER),
            Party.CENTRES: _everybody_who_is(db, Function.PROCURING_ENTITY),
        },
    )


def receipt(db: Session, message: Envelope) -> Facts:
    """An income of a fund, and the receipt it replaces if it corrects one."""
    row = db.get_one(Receipt, message.id("receipt_id"))
    fund = db.get_one(Fund, row.fund_id)
    replaced = db.get(Receipt, row.replaces_id) if row.replaces_id else None
    return Facts(
        params={
            "fund": fund.name,
            "number": row.number,
            "replaced": replaced.number if replaced else "",
            "amount_fen": row.amount_fen,
            "value_on": row.value_date,
        },
        url=f"/finance/receipts/{row.id}",
        organizations={Party.FINANCE: (fund.holder_id,), Party.BUYER: (fund.buyer_id,)},
    )


def supplier(db: Session, message: Envelope) -> Facts:
    """A supplier in the register, with the reason of the last decision about it."""
    concerned = message.id("organization_id")
    row = db.get_one(Supplier, concerned)
    last = (
        select(SupplierDecision.reason)
        .where(SupplierDecision.organization_id == concerned)
        .order_by(SupplierDecision.n.desc())
        .limit(1)
    )
    return Facts(
        params={
            "organization": _organization_name(db, concerned),
            "reason": db.scalar(last) or "",
            "valid_on": row.valid_to,
        },
        **_of_supplier(db, concerned),
    )


class _Whom(TypedDict):
    url: str
    urls: Mapping[Party, str]
    organizations: Mapping[Party, tuple[UUID, ...]]


def _of_supplier(db: Session, concerned: UUID, at: str = "") -> _Whom:
    """The supplier itself and all centres, with where each of them looks."""
    return {
        "url": "/org/profile",
        "urls": {Party.CENTRES: f"/centre/suppliers/{concerned}{at}"},
        "organizations": {
            Party.ORGANIZATION: (concerned,),
            Party.CENTRES: _everybody_who_is(db, Function.PROCURING_ENTITY),
        },
    }


def change(db: Session, message: Envelope) -> Facts:
    """A change that a supplier proposed, with its reason or that of the decision."""
    concerned = message.id("organization_id")
    row = db.get_one(SupplierChange, message.id("change_id"))
    return Facts(
        params={
            "organization": _organization_name(db, concerned),
            "subject": SUBJECT_LABELS[row.subject],
            "reason": row.decision_reason or row.reason,
        },
        **_of_supplier(db, concerned, f"/changes/{row.id}"),
    )


def debarment(db: Session, message: Envelope) -> Facts:
    """A time in which an organization may not take part."""
    concerned = message.id("organization_id")
    row = db.get_one(Debarment, message.id("debarment_id"))
    return Facts(
        params={
            "organization": _organization_name(db, concerned),
            "reason": row.lift_reason or row.reason,
            "from_on": row.from_on,
            "to_on": row.to_on,
        },
        **_of_supplier(db, concerned),
    )


def proof(db: Session, message: Envelope) -> Facts:
    """A proof of an organization that ends, by the check that stands on it."""
    concerned, row = message.id("organization_id"), db.get_one(SupplierCheck, message.id("check_id"))
    return Facts(
        params={
            "organization": _organization_name(db, concerned),
            "item": db.get_one(ReadinessKind, row.kind).name,
            "valid_on": row.valid_to,
        },
        **_of_supplier(db, concerned),
    )


def project(db: Session, message: Envelope) -> Facts:
    """A project, its parties, and whoever took its document; nothing of who has bid is read here."""
    row = db.get_one(Project, message.id("project_id"))
    desk, public = f"/centre/projects/{row.id}", f"/projects/{row.id}"
    seats = (row.opener_centre_id, row.opener_buyer_id, row.opener_supervisor_id)
    return Facts(
        params={
            "project": row.title,
            "number": row.number or "",
            "reason": row.end_reason or row.return_reason,
            "publish_on": row.publish_on,
            "questions_due_at": row.questions_due_at,
            "answers_due_at": row.answers_due_at,
            "bids_due_at": row.bids_due_at,
        },
        url=public,
        urls={
            **dict.fromkeys((Party.BUYER, Party.PROCURING_ENTITY, Party.DRAFTERS), desk),
            Party.OPENERS: f"/openings/{row.id}",
        },
        people={
            Party.DRAFTERS: tuple(row.drafter_ids),
            Party.OPENERS: tuple(person_id for person_id in seats if person_id),
        },
        organizations={
            Party.BUYER: (row.buyer_id,),
            Party.PROCURING_ENTITY: (row.procuring_entity_id,),
            Party.TAKERS: tuple(one.organization_id for one in takers_to_notify(db, row.id)),
            Party.SUPPLIERS: _everybody_who_is(db, Function.SUPPLIER),
        },
    )


def question(db: Session, message: Envelope) -> Facts:
    """A question about a project; who asked is known to nobody here."""
    facts = project(db, message)
    asked = message.payload.get("question_id")
    desk = f"/centre/questions/{asked}" if asked else "/centre/questions"
    staff = (Party.BUYER, Party.PROCURING_ENTITY, Party.DRAFTERS)
    return structs.replace(facts, urls=dict.fromkeys(staff, desk))


def opened(db: Session, message: Envelope) -> Facts:
    """A project whose bids are open: everybody looks at the opening list."""
    facts = project(db, message)
    return structs.replace(facts, url=f"{facts.url}/opening", urls={})


def taking(db: Session, message: Envelope) -> Facts:
    """An organization that took a project's document."""
    facts = project(db, message)
    return Facts(
        params=facts.params, url=facts.url, organizations={Party.ORGANIZATION: (message.id("organization_id"),)}
    )


class Telling(NamedTuple):
    """The function that reads the facts, and the names of the params it gives."""

    teller: Teller
    names: frozenset[str]


_PROJECT = frozenset({"project", "number", "reason", "publish_on", "questions_due_at", "answers_due_at", "bids_due_at"})
_ACCOUNT = Telling(account, frozenset({"login", "organization", "expires_at"}))
_MEMBERSHIP = Telling(membership, frozenset({"person", "organization", "roles"}))
_ORGANIZATION = Telling(organization, frozenset({"organization"}))
_CHANGE = Telling(change, frozenset({"organization", "subject", "reason"}))
_DEBARMENT = Telling(debarment, frozenset({"organization", "reason", "from_on", "to_on"}))
_PROOF = Telling(proof, frozenset({"organization", "item", "valid_on"}))
_RULES = Telling(rules, frozenset({"version", "year"}))
_GIFT = Telling(
    facts_gifts.gift, frozenset({"holder", "fund", "number", "amount_fen", "fee_fen", "net_fen", "value_on"})
)
_BASIS = Telling(facts_gifts.basis, frozenset({"holder", "document_no", "reason"}))
_EVALUATION = Telling(facts_evaluation.evaluation, facts_evaluation.NAMES)
TELLINGS: Mapping[str, Telling] = {
    "identity.joined": _MEMBERSHIP,
    "identity.roles_changed": _MEMBERSHIP,
    "identity.membership_ended": _MEMBERSHIP,
    "identity.organization_closed": _ORGANIZATION,
    "identity.organization_renamed": _ORGANIZATION,
    "identity": _ACCOUNT,
    "catalogue": Telling(facts_catalogue.edition, facts_catalogue.NAMES),
    "rules": _RULES,
    "calendar": _RULES,
    "suppliers": Telling(supplier, frozenset({"organization", "reason", "valid_on"})),
    "suppliers.change_proposed": _CHANGE,
    "suppliers.change_accepted": _CHANGE,
    "suppliers.change_returned": _CHANGE,
    "suppliers.debarred": _DEBARMENT,
    "suppliers.debarment_lifted": _DEBARMENT,
    "suppliers.debarment_ended": _DEBARMENT,
    "suppliers.proof_ending": _PROOF,
    "suppliers.proof_nears": _PROOF,
    "suppliers.proof_ended": _PROOF,
    "fund": Telling(receipt, frozenset({"fund", "number", "replaced", "amount_fen", "value_on"})),
    "gift": Telling(facts_gifts.invitation, frozenset({"holder", "fund", "expires_on"})),
    "gift.received": _GIFT,
    "gift.thanked": _GIFT,
    "gift.basis_recorded": _BASIS,
    "gift.basis_withdrawn": _BASIS,
    "milestone": Telling(facts_delivery.milestone, facts_delivery.MILESTONE_NAMES),
    "contract": Telling(facts_contracts.contract, facts_contracts.NAMES),
    "contract.completed": Telling(facts_delivery.completed, facts_delivery.CONTRACT_NAMES),
    "panel": _EVALUATION,
    "evaluation": _EVALUATION,
    "bid": _EVALUATION,
    "bids.checked": _EVALUATION,
    "report": _EVALUATION,
    "award": _EVALUATION,
    "need": Telling(facts_needs.need, facts_needs.NEED_NAMES),
    "share": Telling(facts_needs.share, facts_needs.SHARE_NAMES),
    "following": Telling(facts_following.following, facts_following.FOLLOWING_NAMES),
    "aid": Telling(facts_aid.roster, facts_aid.NAMES),
    "project": Telling(project, _PROJECT),
    "project.review_asked": Telling(facts_preparing.review_asked, facts_preparing.REVIEW_NAMES),
    "project.intention_published": Telling(facts_preparing.intention, facts_preparing.INTENTION_NAMES),
    "project.invited": Telling(facts_preparing.invited, facts_preparing.INVITED_NAMES),
    "application": Telling(facts_settlement.application, facts_settlement.APPLICATION_NAMES),
    "instruction": Telling(facts_settlement.instruction, facts_settlement.INSTRUCTION_NAMES),
    "payment": Telling(facts_settlement.application, facts_settlement.APPLICATION_NAMES),
    "reconciliation": Telling(facts_reconciling.note, facts_reconciling.NOTE_NAMES),
    "question": Telling(question, _PROJECT),
    "document": Telling(taking, _PROJECT),
    "opening": Telling(project, _PROJECT),
    "amendment": Telling(project, _PROJECT),
    "bids": Telling(opened, _PROJECT),
}
"""Who reads the facts of a topic, by the topic itself or else by its first word."""


def telling_of(topic: str) -> Telling:
    """Who reads the facts of a topic.

    Raises:
        KeyError: nobody does.
    """
    return TELLINGS.get(topic) or TELLINGS[topic.partition(".")[0]]


def facts_of(db: Session, message: Envelope) -> Facts:
    """The facts of a message, as the database has them now.

    Raises:
        KeyError: no function tells of such topics.
        sqlalchemy.exc.NoResultFound: the thing the message names is not there.
    """
    return telling_of(message.topic).teller(db, message)
