"""What an organization's own people and the centre see: a registration, the queue, hints, what waits, and the payee."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from marketplace.identity.credentials import Safe
from marketplace.identity.model import Membership, Organization, Person
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.suppliers.model import (
    ReadinessKind,
    Supplier,
    SupplierChange,
    SupplierCheck,
    SupplierDecision,
    SupplierDocument,
)
from marketplace.suppliers.queries.readiness import debarments, readiness
from marketplace.suppliers.rules.hints import alike, core
from marketplace.suppliers.rules.readiness import EXPIRING
from marketplace.suppliers.schemas import ChangeView, DecisionView, Hint, Payee, Profile, SupplierView, Waiting
from marketplace.suppliers.states import (
    LISTED,
    SUPPLIER,
    TYPE_OF,
    ChangeState,
    ChangeSubject,
    SupplierState,
)

OPEN_CHANGES = (ChangeState.SUBMITTED, ChangeState.RETURNED)
CANDIDATES_MAX = 500
SAME_HEAD = N_("法定代表人与「{name}」相同。同一负责人的两家组织不得参加同一合同项下的采购活动。")
SAME_PHONE = N_("联系电话与「{name}」相同。请核对是否为同一班人。")
SAME_ADDRESS = N_("地址与「{name}」相同。请核对是否合署办公。")
SAME_MAIL = N_("联系邮箱与「{name}」相同。请核对是否为同一班人。")
ALIKE_NAME = N_("名称与「{name}」相近。请核对是否混淆。")
HEAD_IN_OFFICE = N_("法定代表人与购买方或中心「{name}」的一名工作人员同名。请核对是否存在利益冲突。")


def bank_place(organization_id: UUID) -> str:
    """Where an organization's account number is kept, as the seal knows it."""
    return f"supplier.bank_sealed:{organization_id}"


def change_place(change_id: UUID) -> str:
    """Where a proposed account number is kept, as the seal knows it."""
    return f"supplier_change.bank_sealed:{change_id}"


def profile_of(supplier: Supplier, name: str) -> Profile:
    """An organization's data as they are reviewed."""
    fields = (field.name for field in msgspec.structs.fields(Profile) if field.name not in ("name", "services"))
    known: dict[str, Any] = {field: getattr(supplier, field) for field in fields}
    return Profile(name=name, services=tuple(supplier.services), **known)


def change_view(row: SupplierChange) -> ChangeView:
    """A proposed change, with the fields that differ."""
    differing = [field for field in row.proposed if row.proposed[field] != row.before.get(field)]
    return ChangeView(
        id=row.id,
        organization_id=row.organization_id,
        subject=row.subject,
        state=row.state,
        revision=row.revision,
        reason=row.reason,
        fields=tuple((field, _text(row.before.get(field)), _text(row.proposed[field])) for field in differing),
        proposed=row.proposed,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def supplier(db: Session, actor: Actor, organization_id: UUID, *, on_day: date) -> SupplierView:
    """A registration with its readiness list, decisions, open and past changes and debarments.

    Raises:
        NotFound: no such registration, or another organization's.
        Forbidden: the actor's role may not read it.
    """
    require(actor, Right.READ_SUPPLIER, {Relation.SUPPLIER: organization_id})
    row, organization = db.get(Supplier, organization_id), db.get(Organization, organization_id)
    if row is None or organization is None:
        raise NotFound
    decisions = _decisions(db, organization_id)
    changes = db.scalars(
        select(SupplierChange)
        .where(SupplierChange.organization_id == organization_id)
        .order_by(SupplierChange.proposed_at.desc(), SupplierChange.id)
    )
    last = decisions[-1] if decisions else None
    sees_money = not _is_own(actor, organization_id) or may(
        actor, Right.READ_BID_PRICE, {Relation.SUPPLIER: organization_id}
    )
    items = readiness(db, row, on_day=on_day)
    if row.state is SupplierState.DRAFT and not _is_own(actor, organization_id):
        items = tuple(msgspec.structs.replace(item, proofs=()) for item in items)
    return SupplierView(
        organization_id=organization_id,
        uscc=organization.uscc or "",
        type=TYPE_OF[row.nature],
        state=row.state,
        revision=row.revision,
        profile=profile_of(row, organization.name),
        bank_name=row.bank_name if sees_money else "",
        bank_last4=row.bank_last4 if sees_money else "",
        sees_money=sees_money,
        valid_to=row.valid_to,
        registered_at=row.registered_at,
        submitted_at=row.submitted_at,
        qualified_at=row.qualified_at,
        actions=SUPPLIER.actions(row.state),
        items=items,
        decisions=decisions,
        changes=tuple(
            change_view(change) for change in changes if sees_money or change.subject is not ChangeSubject.BANK
        ),
        debarments=debarments(db, organization_id, on_day=on_day),
        returned_for=last.reason if last and row.state is SupplierState.RETURNED else "",
    )


def _decisions(db: Session, organization_id: UUID) -> tuple[DecisionView, ...]:
    query = select(SupplierDecision).where(SupplierDecision.organization_id == organization_id)
    return tuple(
        DecisionView(action=row.action, state=row.state, reason=row.reason, person_id=row.person_id, at=row.at)
        for row in db.scalars(query.order_by(SupplierDecision.n))
    )


def proof_document(db: Session, actor: Actor, organization_id: UUID, proof_id: UUID) -> UUID:
    """The document of a proof, for whoever may read it.

    While the registration is a draft, proofs are its organization's own; a removed one is nobody's. Both stay readable
    where a check stands on them.

    Raises:
        NotFound: no such proof, or another organization's.
        Forbidden: the actor's role may not read it.
    """
    require(actor, Right.READ_SUPPLIER, {Relation.SUPPLIER: organization_id})
    row = db.get(SupplierDocument, proof_id)
    if row is None or row.organization_id != organization_id:
        raise NotFound
    drafted = db.get_one(Supplier, organization_id).state is SupplierState.DRAFT and not _is_own(actor, organization_id)
    if (row.removed_at is not None or drafted) and not _is_checked(db, row.id):
        raise NotFound
    return row.document_id


def _is_own(actor: Actor, organization_id: UUID) -> bool:
    return actor.is_system or actor.organization_id == organization_id


def _is_checked(db: Session, proof_id: UUID) -> bool:
    return db.scalar(select(SupplierCheck.id).where(SupplierCheck.proof_id == proof_id).limit(1)) is not None


def queue(db: Session, actor: Actor) -> list[Waiting]:
    """The applications and changes that wait for the centre, the oldest first.

    Raises:
        NotFound, Forbidden: the actor does not qualify suppliers.
    """
    require(actor, Right.QUALIFY_SUPPLIER, {})
    applications = (
        select(Supplier, Organization.name)
        .join(Organization, Organization.id == Supplier.organization_id)
        .where(Supplier.state == SupplierState.SUBMITTED)
    )
    changes = (
        select(SupplierChange, Supplier, Organization.name)
        .join(Supplier, Supplier.organization_id == SupplierChange.organization_id)
        .join(Organization, Organization.id == Supplier.organization_id)
        .where(SupplierChange.state == ChangeState.SUBMITTED)
    )
    waiting = [_waiting(row, name, row.submitted_at, None) for row, name in db.execute(applications)]
    waiting += [_waiting(row, name, change.proposed_at, change) for change, row, name in db.execute(changes)]
    waiting += new_proofs(db)
    return sorted(waiting, key=lambda line: (line.since, line.organization_id))


def _waiting(row: Supplier, name: str, since: datetime | None, change: SupplierChange | None) -> Waiting:
    return Waiting(
        organization_id=row.organization_id,
        name=name,
        nature=row.nature,
        state=row.state,
        change_id=change.id if change else None,
        subject=change.subject if change else None,
        since=since or row.registered_at,
    )


def new_proofs(db: Session) -> list[Waiting]:
    """Organizations in the directory that handed in proofs nobody has looked at since; for this package alone."""
    looked_at = select(SupplierCheck.id).where(
        SupplierCheck.organization_id == SupplierDocument.organization_id,
        SupplierCheck.kind == SupplierDocument.kind,
        SupplierCheck.checked_at >= SupplierDocument.added_at,
    )
    query = (
        select(Supplier, Organization.name, func.array_agg(ReadinessKind.name), func.min(SupplierDocument.added_at))
        .join(Organization, Organization.id == Supplier.organization_id)
        .join(SupplierDocument, SupplierDocument.organization_id == Supplier.organization_id)
        .join(ReadinessKind, ReadinessKind.code == SupplierDocument.kind)
        .where(
            Supplier.state.in_(LISTED),
            SupplierDocument.by_organization,
            SupplierDocument.removed_at.is_(None),
            ~looked_at.exists(),
        )
        .group_by(Supplier.organization_id, Organization.name)
    )
    return [
        msgspec.structs.replace(_waiting(row, name, since, None), items=tuple(sorted(set(items))))
        for row, name, items, since in db.execute(query)
    ]


def hints(db: Session, actor: Actor, organization_id: UUID) -> list[Hint]:
    """What a qualifier should look at twice: the same head, phone, mail or address, or a similar name, elsewhere.

    Raises:
        NotFound: no such registration.
        Forbidden: the actor does not qualify suppliers.

    Source:
        政府采购法实施条例第十八条 (one head, two bidders); 慈善法第十四条 (interests).
    """
    require(actor, Right.QUALIFY_SUPPLIER, {Relation.SUPPLIER: organization_id})
    row, organization = db.get(Supplier, organization_id), db.get(Organization, organization_id)
    if row is None or organization is None:
        raise NotFound
    same = {
        SAME_HEAD: Supplier.legal_representative == row.legal_representative,
        SAME_PHONE: Supplier.contact_phone == row.contact_phone,
        SAME_MAIL: func.lower(Supplier.contact_email) == row.contact_email.lower(),
        SAME_ADDRESS: (Supplier.address == row.address) & (Supplier.address != ""),
    }
    others = (
        select(Organization.name, Supplier.organization_id)
        .join(Organization, Organization.id == Supplier.organization_id)
        .where(Supplier.organization_id != organization_id, Supplier.state != SupplierState.WITHDRAWN)
        .order_by(Supplier.pinyin, Supplier.organization_id)
        .limit(CANDIDATES_MAX)
    )
    found = [
        Hint(text=text, params={"name": name}, organization_id=other)
        for text, condition in same.items()
        for name, other in db.execute(others.where(condition))
    ]
    pairs = func.bigrams(core(organization.name), type_=ARRAY(BigInteger))
    near = others.where(Supplier.search_grams.overlap(pairs))
    found += [
        Hint(text=ALIKE_NAME, params={"name": name}, organization_id=other)
        for name, other in db.execute(near)
        if alike(name, organization.name)
    ]
    return [*found, *_in_office(db, row)]


def _in_office(db: Session, row: Supplier) -> list[Hint]:
    offices = [Function.BUYER.value, Function.PROCURING_ENTITY.value]
    query = (
        select(Organization.name)
        .distinct()
        .join(Membership, Membership.organization_id == Organization.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Person.name == row.legal_representative,
            Membership.ended_at.is_(None),
            Organization.functions.overlap(offices),
            Organization.id != row.organization_id,
        )
        .order_by(Organization.name)
    )
    return [Hint(text=HEAD_IN_OFFICE, params={"name": name}) for name in db.scalars(query)]


def payee(db: Session, safe: Safe, organization_id: UUID) -> Payee:
    """Where an organization is paid, its account number opened; the caller's verb has asked for the right.

    Raises:
        NotFound: no such registration, or no account on it.
    """
    row, organization = db.get(Supplier, organization_id), db.get(Organization, organization_id)
    if row is None or organization is None or row.bank_sealed is None:
        raise NotFound
    number = safe.vault.open(row.bank_sealed, bank_place(organization_id))
    return Payee(name=organization.name, bank_name=row.bank_name, account_number=number)


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits in the register: for the centre, applications and changes; for an organization, its own."""
    found: list[Todo] = []
    if actor.is_system:
        return found
    if may(actor, Right.QUALIFY_SUPPLIER, {}):
        found += [_to_review(line) for line in queue(db, actor)]
    if actor.organization_id and may(actor, Right.EDIT_SUPPLIER, {Relation.SUPPLIER: actor.organization_id}):
        found += _own(db, actor.organization_id, now)
    return found


def _to_review(line: Waiting) -> Todo:
    if line.change_id is None:
        url = f"/centre/suppliers/{line.organization_id}"
        title = N_("核对「{name}」的新材料") if line.items else N_("审核「{name}」的入库申请")
    else:
        url = f"/centre/suppliers/{line.organization_id}/changes/{line.change_id}"
        title = N_("审核「{name}」的资料变更")
    return Todo(title=title, params={"name": line.name}, url=url, action=N_("审核"))


def _own(db: Session, organization_id: UUID, now: datetime) -> list[Todo]:
    row, found = db.get(Supplier, organization_id), []
    url, today = "/org/profile", legal_day(now)
    if row is None:
        return [Todo(title=N_("填写入库资料，才能参加申报"), params={}, url=url, action=N_("填写"))]
    if row.state is SupplierState.DRAFT:
        found.append(Todo(title=N_("入库申请还没有提交"), params={}, url=url, action=N_("继续填写")))
    if row.state is SupplierState.RETURNED:
        title = N_("入库申请被退回，请补正后重新提交")
        found.append(Todo(title=title, params={}, url=url, action=N_("补正"), urgent=True))
    returned = select(func.count()).where(
        SupplierChange.organization_id == organization_id, SupplierChange.state == ChangeState.RETURNED
    )
    if db.scalar(returned):
        found.append(Todo(title=N_("资料变更被退回，请补正或撤回"), params={}, url=url, action=N_("补正")))
    if row.state not in LISTED:
        return found
    for item in readiness(db, row, on_day=today):
        ends = item.check.valid_to if item.check and item.required else None
        renewed = any(proof.added_at > item.check.checked_at for proof in item.proofs) if item.check else False
        if ends is not None and ends - today < EXPIRING and not renewed:
            text = N_("「{item}」已到期，请上传新的材料") if ends < today else N_("「{item}」即将到期，请上传新的材料")
            due = at_legal(ends + timedelta(days=1))
            found.append(
                Todo(
                    title=text, params={"item": item.name}, url=f"{url}#item-{item.code}", action=N_("上传"),
                    due_at=due, urgent=ends <= today,
                )
            )  # fmt: skip
    return found
