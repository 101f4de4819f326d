"""Verbs around a call to bank or gateway: what is intended is saved before it, what was answered is written after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.funds.commands.settling import Finding, Settled, Verdict, settle
from marketplace.funds.model import CustodyAccount, PayeeAccount, Payment, PaymentAttempt, PaymentInstruction
from marketplace.funds.states import INSTRUCTION, InstructionAction, InstructionState, PaymentState
from marketplace.identity.credentials import Safe
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, Kind, NotFound
from marketplace.kit.i18n import N_
from marketplace.ledger import commands as ledger
from marketplace.outbox.commands import emit
from marketplace.payments.bank import write_instructions
from marketplace.payments.schemas import Batch, Instruction, InstructionStatus, Transfer
from marketplace.payments.schemas import InstructionState as LineState


class FileChanged(DomainError):
    """An instruction file would not be the one that was handed in first."""

    kind, code = Kind.CONFLICT, "instruction_changed"
    text = N_("指令文件 {number} 的内容与首次提交的不一致，系统已停止发送。请联系技术人员核查。")


class FileToSend(NamedTuple):
    """An instruction file as it goes to its bank.

    Unless ``is_first``, the bank is asked before anything is sent; with ``has_answer`` it took the file already, and
    only what became of the lines is asked.
    """

    instruction_id: UUID
    number: str
    content: bytes
    is_first: bool
    has_answer: bool


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What a bank answered: ``taken`` (with what it says of each line, if anything), ``refused`` or ``no_answer``.

    ``is_resent`` says that the bank never had the file and got it now, under the same number.
    """

    verdict: Verdict
    reason: str = ""
    is_resent: bool = False
    lines: tuple[InstructionStatus, ...] = ()


class TransferToMake(NamedTuple):
    """A transfer as it goes to the gateway; unless ``is_first``, the gateway is asked before anything is sent."""

    attempt_id: UUID
    key: str
    number: str
    amount_fen: int
    payee_id: UUID
    payee_name: str
    account: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class TransferAnswer:
    """What the gateway answered: ``taken`` with the transfer, ``refused`` or ``no_answer``; and the payee's account."""

    verdict: Verdict
    reason: str = ""
    is_resent: bool = False
    transfer: Transfer | None = None
    account: str = ""


def intend_file(db: Session, safe: Safe, instruction_id: UUID) -> FileToSend | None:
    """Count one more call about an instruction file and return what it is about; None when nothing is open of it.

    The file is written anew from the same rows, byte for byte: what was first handed in is known by its digest.

    Raises:
        NotFound: no such instruction file.
        FileChanged: the file would be another one.
    """
    row = lock(db, PaymentInstruction, instruction_id)
    if row is None:
        raise NotFound
    if row.state in (InstructionState.REFUSED, InstructionState.FINISHED):
        return None
    content = render(db, safe, row)
    digest = sha256(content).hexdigest()
    if row.digest not in (None, digest):
        raise FileChanged(number=row.number)
    is_first = row.calls == 0
    row.digest, row.calls = digest, row.calls + 1
    return FileToSend(row.id, row.number, content, is_first, row.state is InstructionState.ACCEPTED)


def render(db: Session, safe: Safe, row: PaymentInstruction) -> bytes:
    """The instruction file as its bank reads it, always the same bytes; it holds names and account numbers in plain."""
    query = (
        select(PaymentAttempt.reference, Payment)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(PaymentAttempt.instruction_id == row.id)
        .order_by(PaymentAttempt.reference)
    )
    lines = tuple(
        Instruction(
            number=reference,
            payee_name=safe.vault.open(one.name_sealed, one.name_place) if one.name_sealed else one.payee_name,
            payee_account=safe.vault.open(one.account_sealed or b"", one.account_place),
            payee_bank=one.bank_name,
            amount_fen=one.amount_fen,
            purpose=one.number,
        )
        for reference, one in db.execute(query)
    )
    account = db.get_one(CustodyAccount, row.account_id)
    return write_instructions(Batch(number=row.number, account=account.number, day=row.day, lines=lines))


def file_answered(db: Session, instruction_id: UUID, answer: FileAnswer, *, now: datetime) -> Settled:
    """Write down what a bank answered about an instruction file; whatever is known already changes nothing.

    Taken: its payments are in transit, refused lines payable again with the reason. Refused: all of them are. No
    answer: they are unknown, until the bank is asked. That a payment was made is believed of a statement alone.

    Raises:
        NotFound: no such instruction file.
    """
    lines = select(PaymentAttempt).where(PaymentAttempt.instruction_id == instruction_id)
    attempts = {attempt.reference: attempt.id for attempt in db.scalars(lines)}
    _lock_funds_of(db, list(attempts.values()))
    row = lock(db, PaymentInstruction, instruction_id)
    if row is None:
        raise NotFound
    if row.state in (InstructionState.REFUSED, InstructionState.FINISHED):
        return Settled()
    was, became = row.state, _turn(row, answer, now)
    db.flush()
    if became != was:
        record(db, SYSTEM, f"instruction.{became}", "instruction", row.id, now=now, reason=answer.reason)
    if became == InstructionState.REFUSED:
        emit(db, "instruction.refused", now=now, instruction_id=row.id)
    if became == InstructionState.ACCEPTED != was:
        emit(db, "statement.wanted", now=now, account_id=row.account_id)
    return settle(db, _findings(attempts, answer), now=now)


def _turn(row: PaymentInstruction, answer: FileAnswer, now: datetime) -> str:
    if answer.is_resent and row.state is InstructionState.UNKNOWN:
        row.state = INSTRUCTION.after(row.state, InstructionAction.RESEND)
    is_open = row.state in (InstructionState.MADE, InstructionState.UNKNOWN)
    if answer.verdict is Verdict.TAKEN and is_open:
        row.state, row.answered_at = INSTRUCTION.after(row.state, InstructionAction.ACCEPT), now
    elif answer.verdict is Verdict.REFUSED and is_open:
        row.state, row.answered_at = INSTRUCTION.after(row.state, InstructionAction.REFUSE), now
        row.reason = answer.reason or "银行未说明原因"
    elif answer.verdict is Verdict.NO_ANSWER and row.state is InstructionState.MADE:
        row.state = INSTRUCTION.after(row.state, InstructionAction.TIME_OUT)
    return row.state


def _findings(attempts: dict[str, UUID], answer: FileAnswer) -> list[Finding]:
    found = [Finding(attempt_id, Verdict.NEVER_HAD) for attempt_id in attempts.values() if answer.is_resent]
    if answer.verdict is not Verdict.TAKEN:
        return found + [Finding(attempt_id, answer.verdict, answer.reason) for attempt_id in attempts.values()]
    said = {line.number: line for line in answer.lines}
    for reference, attempt_id in attempts.items():
        line = said.get(reference)
        if line is not None and line.state is LineState.REFUSED:
            found.append(Finding(attempt_id, Verdict.REFUSED, line.reason or line.code))
        else:
            found.append(Finding(attempt_id, Verdict.TAKEN))
    return found


def intend_transfer(db: Session, attempt_id: UUID) -> TransferToMake | None:
    """Count one more call about a transfer and return what it is about; None when the attempt is answered.

    Raises:
        NotFound: no such attempt at the gateway.
    """
    known = db.get(PaymentAttempt, attempt_id)
    if known is None:
        raise NotFound
    one = lock(db, Payment, known.payment_id)
    attempt = lock(db, PaymentAttempt, attempt_id)
    if one is None or attempt is None or one.payee_id is None:
        raise NotFound
    if attempt.outcome is not None or one.state not in (PaymentState.SUBMITTING, PaymentState.UNKNOWN):
        return None
    account = db.get(PayeeAccount, one.payee_id)
    is_first = attempt.calls == 0
    attempt.calls += 1
    return TransferToMake(
        attempt_id=attempt.id,
        key=attempt.idempotency_key,
        number=attempt.reference,
        amount_fen=attempt.amount_fen,
        payee_id=one.payee_id,
        payee_name=one.payee_name,
        account=account.account if account else "",
        is_first=is_first,
    )


def transfer_answered(db: Session, intended: TransferToMake, answer: TransferAnswer, *, now: datetime) -> Settled:
    """Write down what the gateway answered to an order to transfer; that it was made is heard by its event."""
    _lock_funds_of(db, [intended.attempt_id])
    if answer.account and not intended.account:
        opened = insert(PayeeAccount).values(
            organization_id=intended.payee_id,
            account=answer.account,
            idempotency_key=account_key(intended.payee_id),
            opened_at=now,
        )
        db.execute(opened.on_conflict_do_nothing())
    found = [Finding(intended.attempt_id, answer.verdict, answer.reason)]
    if answer.is_resent:
        found.append(Finding(intended.attempt_id, Verdict.NEVER_HAD))
    settled = settle(db, found, now=now)
    if answer.transfer is not None:
        _known_as(db, intended.attempt_id, answer.transfer.id)
    return settled


def transfer_heard(db: Session, transfer: Transfer, *, now: datetime) -> Settled | None:
    """Write down a transfer as the gateway has it now; None when it is none of ours.

    Money that came back whole is owed again. A part that came back is left to people, and to the reconciliation.
    """
    attempt_id = db.scalar(
        select(PaymentAttempt.id).where(
            PaymentAttempt.idempotency_key == transfer.group, PaymentAttempt.amount_fen == transfer.amount_fen
        )
    )
    if attempt_id is None:
        return None
    found = [Finding(attempt_id, Verdict.PAID, value_date=legal_day(transfer.made_at))]
    if transfer.returned_fen >= transfer.amount_fen:
        found.append(Finding(attempt_id, Verdict.RETURNED, "支付平台已撤回这笔转账", legal_day(now)))
    settled = settle(db, found, now=now)
    _known_as(db, attempt_id, transfer.id)
    return settled


def _known_as(db: Session, attempt_id: UUID, transfer_id: str) -> None:
    """Keep by what name the gateway knows an attempt, locked after its payment as everywhere."""
    attempt = lock(db, PaymentAttempt, attempt_id)
    if attempt is not None and attempt.transfer_id is None:
        attempt.transfer_id = transfer_id
        db.flush()


def account_key(organization_id: UUID) -> str:
    """The idempotency key under which a payee's account at the gateway is opened."""
    return f"account-{organization_id}"


def _lock_funds_of(db: Session, attempt_ids: Sequence[UUID]) -> None:
    query = select(Payment.fund_id).join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
    ledger.lock_funds(db, db.scalars(query.where(PaymentAttempt.id.in_(attempt_ids)).distinct()))
