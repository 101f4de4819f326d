"""Verbs of the bank's side: the accounts one pays out of, and statements, whose bookings are matched with payments."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.funds.commands.settling import Finding, Settled, Verdict, settle
from marketplace.funds.model import (
    BankStatement,
    BankStatementLine,
    CustodyAccount,
    Payment,
    PaymentAttempt,
    PaymentInstruction,
)
from marketplace.funds.rules import (
    CUSTODY_LABELS,
    AccountTaken,
    Custody,
    CustodyUnlawful,
    ForeignStatement,
)
from marketplace.funds.schemas import Imported, NewCustodyAccount
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.text import mask_name
from marketplace.ledger import commands as ledger
from marketplace.outbox.commands import emit
from marketplace.payments.bank import read_statement
from marketplace.payments.schemas import Statement, StatementLine

CHUNK = 5_000


def record_custody_account(db: Session, actor: Actor, new: NewCustodyAccount, *, now: datetime) -> UUID:
    """Say out of which account the actor's office pays its funds of one custody; return its id.

    Raises:
        Forbidden: the actor may not open funds.
        NotFound: the actor is of no organization.
        CustodyUnlawful: money at the gateway leaves by transfers, not out of a bank account.
        AccountTaken: one is recorded already, or the number is another office's.
    """
    require(actor, Right.OPEN_FUND, {Relation.FINANCE: actor.organization_id})
    if actor.organization_id is None:
        raise NotFound
    if new.custody is Custody.GATEWAY:
        label = CUSTODY_LABELS[new.custody]
        raise CustodyUnlawful(field="custody", source=label, custody=label)
    row_id = uuid4()
    made = insert(CustodyAccount).values(
        id=row_id,
        holder_id=actor.organization_id,
        custody=new.custody,
        number=new.number,
        name=new.name,
        bank_name=new.bank_name,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    if db.scalar(made.on_conflict_do_nothing().returning(CustodyAccount.id)) is None:
        raise AccountTaken(field="number", custody=CUSTODY_LABELS[new.custody])
    record(db, actor, "custody.recorded", "custody", row_id, now=now, custody=new.custody, bank_name=new.bank_name)
    return row_id


def want_statement(db: Session, actor: Actor, account_id: UUID, *, now: datetime) -> None:
    """Have a worker fetch the statements of an account now, instead of at the next hour.

    Raises:
        NotFound: no such account of the actor's office.
        Forbidden: the actor may not reconcile.
    """
    row = db.get(CustodyAccount, account_id)
    if row is None:
        raise NotFound
    require(actor, Right.RECONCILE, {Relation.FINANCE: row.holder_id})
    emit(db, "statement.wanted", now=now, account_id=row.id)


def import_statement(db: Session, actor: Actor, content: bytes, *, now: datetime) -> Imported:
    """Take in a bank statement: its bookings by the bank's references, each matched with the payment it names.

    A debit with the number and amount of an attempt of ours says that it was paid, on the bank's day; a credit with
    one, that it came back; a second one of its kind matches nothing, and people look at it. The same statement again,
    or one that repeats bookings, changes nothing.

    Raises:
        ForeignStatement: it is of no account on file.
        NotFound: the account is another office's.
        Forbidden: the actor may not reconcile.
        BadStatementLine, StatementTooFine, RepeatedReference, StatementDoesNotAdd: it cannot be read.
    """
    statement = read_statement(content)
    account = db.scalars(select(CustodyAccount).where(CustodyAccount.number == statement.account)).one_or_none()
    if account is None:
        raise ForeignStatement(field="file", account=statement.account)
    require(actor, Right.RECONCILE, {Relation.FINANCE: account.holder_id})
    digest = sha256(content).hexdigest()
    known = db.scalar(select(BankStatement.id).where(BankStatement.digest == digest))
    if known is not None:
        return Imported(statement_id=known, is_again=True, fresh=0, paid=0, returned=0, loose=0)
    named = _match(db, account.id, statement.lines)
    _lock_funds(db, named.values())
    matched = _first_of_each(db, account.id, statement.lines, named)
    row_id = _keep(db, actor, account.id, statement, digest, now)
    if row_id is None:
        known = db.scalars(select(BankStatement.id).where(BankStatement.digest == digest)).one()
        return Imported(statement_id=known, is_again=True, fresh=0, paid=0, returned=0, loose=0)
    fresh = _keep_lines(db, account.id, row_id, statement.lines, named, matched)
    done = settle(db, list(_findings(fresh, matched)), now=now, actor=actor)
    _loosen(db, row_id, done)
    loose = sum(line.amount_fen < 0 and line.reference not in matched for line in fresh) + len(done.odd)
    db.execute(update(BankStatement).where(BankStatement.id == row_id).values(fresh=len(fresh)))
    record(
        db, actor, "statement.imported", "statement", row_id, now=now, account_id=account.id, day=statement.day,
        digest=digest, lines=len(statement.lines), fresh=len(fresh), paid=len(done.paid),
    )  # fmt: skip
    return Imported(
        statement_id=row_id,
        is_again=False,
        fresh=len(fresh),
        paid=len(done.paid),
        returned=len(done.returned),
        loose=loose,
    )


def _match(db: Session, account_id: UUID, lines: Iterable[StatementLine]) -> dict[str, UUID]:
    """Which attempt each booking is about, by the bank's reference: number, amount and account must all be right."""
    named = {line.instruction for line in lines if line.instruction}
    ours: dict[str, tuple[UUID, int]] = {}
    wanted = sorted(named)
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(PaymentAttempt.reference, PaymentAttempt.id, PaymentAttempt.amount_fen)
            .join(PaymentInstruction, PaymentInstruction.id == PaymentAttempt.instruction_id)
            .where(
                PaymentAttempt.reference.in_(wanted[start : start + CHUNK]),
                PaymentInstruction.account_id == account_id,
            )
        )
        ours |= {reference: (attempt_id, amount_fen) for reference, attempt_id, amount_fen in db.execute(query)}
    found = {}
    for line in lines:
        attempt_id, amount_fen = ours.get(line.instruction, (None, 0))
        if attempt_id is not None and abs(line.amount_fen) == amount_fen:
            found[line.reference] = attempt_id
    return found


def _first_of_each(
    db: Session, account_id: UUID, lines: Iterable[StatementLine], named: dict[str, UUID]
) -> dict[str, UUID]:
    """Of the bookings about one attempt, the first debit and the first credit: money leaves and comes back once."""
    seen: dict[tuple[UUID | None, bool], str] = {}
    wanted = sorted(set(named.values()))
    for start in range(0, len(wanted), CHUNK):
        query = select(BankStatementLine.attempt_id, BankStatementLine.amount_fen, BankStatementLine.reference).where(
            BankStatementLine.attempt_id.in_(wanted[start : start + CHUNK]),
            BankStatementLine.account_id == account_id,
        )
        seen |= {(one, fen < 0): reference for one, fen, reference in db.execute(query) if one is not None}
    found = {}
    for line in lines:
        attempt_id = named.get(line.reference)
        if attempt_id is None:
            continue
        first = seen.setdefault((attempt_id, line.amount_fen < 0), line.reference)
        if first == line.reference:
            found[line.reference] = attempt_id
    return found


def _lock_funds(db: Session, attempt_ids: Iterable[UUID]) -> None:
    query = select(Payment.fund_id).join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id).distinct()
    wanted = sorted(set(attempt_ids))
    funds: set[UUID] = set()
    for start in range(0, len(wanted), CHUNK):
        funds |= set(db.scalars(query.where(PaymentAttempt.id.in_(wanted[start : start + CHUNK]))))
    ledger.lock_funds(db, funds)


def _keep(db: Session, actor: Actor, account_id: UUID, statement: Statement, digest: str, now: datetime) -> UUID | None:
    """Write the statement's head; None when another import of the same bytes was first."""
    made = insert(BankStatement).values(
        id=uuid4(),
        account_id=account_id,
        day=statement.day,
        digest=digest,
        opening_fen=statement.opening_fen,
        closing_fen=statement.closing_fen,
        lines=len(statement.lines),
        fresh=0,
        imported_by=actor.person_id,
        imported_at=now,
    )
    return db.scalar(made.on_conflict_do_nothing(index_elements=["digest"]).returning(BankStatement.id))


def _keep_lines(
    db: Session,
    account_id: UUID,
    statement_id: UUID,
    lines: Iterable[StatementLine],
    named: dict[str, UUID],
    matched: dict[str, UUID],
) -> list[StatementLine]:
    """Write the bookings that are not on file yet, and return them."""
    people = _to_people(db, named.values())
    values: list[dict[str, Any]] = [
        {
            "id": uuid4(),
            "statement_id": statement_id,
            "account_id": account_id,
            "reference": line.reference,
            "booked_on": line.booked_on,
            "amount_fen": line.amount_fen,
            "balance_fen": line.balance_fen,
            "counter_name": mask_name(line.counter_name) if named.get(line.reference) in people else line.counter_name,
            "counter_account_last4": line.counter_account[-4:],
            "instruction": line.instruction,
            "purpose": line.purpose,
            "attempt_id": matched.get(line.reference),
        }
        for line in lines
    ]
    if not values:
        return []
    made = insert(BankStatementLine).on_conflict_do_nothing(index_elements=["account_id", "reference"])
    fresh = set(db.scalars(made.returning(BankStatementLine.reference), values))
    return [line for line in lines if line.reference in fresh]


def _to_people(db: Session, attempt_ids: Iterable[UUID]) -> set[UUID]:
    """Which attempts pay a person: the name stands sealed in the payment, and is not kept again with the booking."""
    query = select(PaymentAttempt.id).join(Payment, Payment.id == PaymentAttempt.payment_id)
    wanted = sorted(set(attempt_ids))
    found: set[UUID] = set()
    for start in range(0, len(wanted), CHUNK):
        chosen = PaymentAttempt.id.in_(wanted[start : start + CHUNK])
        found |= set(db.scalars(query.where(Payment.payee_id.is_(None), chosen)))
    return found


def _findings(lines: Iterable[StatementLine], matched: dict[str, UUID]) -> Iterable[Finding]:
    for line in lines:
        attempt_id = matched.get(line.reference)
        if attempt_id is None:
            continue
        if line.amount_fen < 0:
            yield Finding(attempt_id, Verdict.PAID, value_date=line.booked_on)
        else:
            yield Finding(attempt_id, Verdict.RETURNED, line.purpose, line.booked_on)


def _loosen(db: Session, statement_id: UUID, done: Settled) -> None:
    """Bookings that contradict what is on file match nothing: they stay open for people."""
    if done.odd:
        db.execute(
            update(BankStatementLine)
            .where(
                BankStatementLine.statement_id == statement_id,
                or_(*[BankStatementLine.attempt_id == attempt_id for attempt_id in done.odd]),
            )
            .values(attempt_id=None)
        )
