"""What the pages of payments show: frozen structs made from the domain's reads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.contracts.queries.contract import contract_facts
from marketplace.contracts.queries.milestones import milestone_facts
from marketplace.contracts.schemas import ContractFacts, MilestoneFacts
from marketplace.funds import queries
from marketplace.funds.commands.applying import refusals_of
from marketplace.funds.queries.payable import parties_of
from marketplace.funds.queries.paying import STANDING_LABELS, Standing
from marketplace.funds.rules import CUSTODY_LABELS, SOURCE_LABELS, Use
from marketplace.funds.schemas import ApplicationView, FundView, PaymentView
from marketplace.funds.states import (
    APPLICATION,
    INSTRUCTION,
    OUTCOME_LABELS,
    PAYMENT,
    ApplicationState,
    ObligationKind,
    PaymentState,
)
from marketplace.identity.queries import names
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.web.i18n import gettext, sentence

PAYMENT_TONES = {
    PaymentState.DRAFT: "yellow",
    PaymentState.APPROVED: "blue",
    PaymentState.SUBMITTING: "blue",
    PaymentState.UNKNOWN: "orange",
    PaymentState.IN_TRANSIT: "blue",
    PaymentState.PAID: "green",
    PaymentState.FAILED: "red",
    PaymentState.RETURNED: "red",
    PaymentState.CANCELLED: "grey",
}
APPLICATION_TONES = {
    ApplicationState.SUBMITTED: "yellow",
    ApplicationState.RETURNED: "orange",
    ApplicationState.APPROVED: "blue",
    ApplicationState.SETTLED: "green",
    ApplicationState.CANCELLED: "grey",
}
PAYEE_IS_PARTY = N_("收款方就是合同的承接主体")
ACCEPTED_ENOUGH = N_("申请金额没有超过验收金额")
INVOICE_DATED = N_("开票日期不早于合同签订日期，也没有超过今天")
ACCEPTED_BY_OTHERS = N_("验收人没有参与申请付款")
FUND_MAY = N_("符合这项资金的限定用途和使用期限")
WORDS: dict[str, object] = {
    "PAYMENT": PAYMENT,
    "PAYMENT_TONES": PAYMENT_TONES,
    "APPLICATION": APPLICATION,
    "APPLICATION_TONES": APPLICATION_TONES,
    "INSTRUCTION": INSTRUCTION,
    "OUTCOME_LABELS": OUTCOME_LABELS,
    "CUSTODY_LABELS": CUSTODY_LABELS,
    "SOURCE_LABELS": SOURCE_LABELS,
    "STANDING_LABELS": STANDING_LABELS,
    "Standing": Standing,
}
"""What the templates of payments look words up in."""


class Check(Struct, frozen=True):
    """One thing that must be so before money leaves; ``text`` is already in the present language."""

    text: str
    ok: bool


class FundLine(Struct, frozen=True):
    """What one fund pays of an application, where the fund comes from and what binds it, and whether it may."""

    fund: FundView
    amount_fen: int
    payments: int
    checks: tuple[Check, ...]
    may_read: bool

    @property
    def ok(self) -> bool:
        """Whether nothing stands against it."""
        return all(check.ok for check in self.checks)


class Review(Struct, frozen=True):
    """The page on which a payment is approved: contract, acceptance and invoice side by side, and who may act."""

    application: ApplicationView
    contract: ContractFacts | None
    milestone: MilestoneFacts | None
    checks: tuple[Check, ...]
    lines: tuple[FundLine, ...]
    people: dict[UUID, str]
    may_approve: bool
    may_mend: bool
    may_cancel: bool
    may_read_grounds: bool
    is_own: bool

    @property
    def ok(self) -> bool:
        """Whether every check is in order."""
        return all(check.ok for check in self.checks) and all(line.ok for line in self.lines)


class Tab(Struct, frozen=True):
    """One standing with how many payments are there."""

    standing: Standing
    count: int


def fund_lines(
    db: Session,
    actor: Actor,
    buyer_id: UUID,
    codes: Sequence[str],
    amounts: Iterable[tuple[UUID, int]],
    now: datetime,
) -> tuple[FundLine, ...]:
    """Which fund pays how much, with what would be refused today."""
    by_fund: dict[UUID, list[int]] = {}
    for fund_id, amount_fen in amounts:
        by_fund.setdefault(fund_id, []).append(amount_fen)
    uses = [Use(catalogue_code=code, buyer_id=buyer_id, until=legal_day(now)) for code in codes or ("",)]
    found = []
    for fund_id, parts in by_fund.items():
        refusals = refusals_of(db, [fund_id], uses)
        checks = [Check(sentence(one), ok=False) for one in refusals] or [Check(gettext(FUND_MAY), ok=True)]
        fund = queries.fund(db, fund_id)
        may_read = may(actor, Right.READ_FUNDS, queries.parties(fund))
        found.append(FundLine(fund, sum(parts), len(parts), tuple(checks), may_read))
    return tuple(sorted(found, key=lambda line: line.fund.number))


def review(db: Session, actor: Actor, view: ApplicationView, now: datetime) -> Review:
    """Everything that somebody who approves needs to see on one page."""
    contract, milestone = _grounds(db, view)
    parties = parties_of(view)
    preparers = {view.prepared_by, *(one.prepared_by for one in view.payments)}
    is_own = actor.person_id in preparers
    waits = view.state is ApplicationState.SUBMITTED
    own = may(actor, Right.PREPARE_PAYMENT, parties)
    people = {
        person for one in view.payments for person in (one.prepared_by, one.approved_by, one.executed_by) if person
    }
    people |= {person for person in (view.prepared_by, view.approved_by) if person}
    if milestone:
        people |= {person for person in (milestone.accepted_by, milestone.verified_by) if person}
    live = [one for one in view.payments if one.state is not PaymentState.CANCELLED]
    return Review(
        application=view,
        contract=contract,
        milestone=milestone,
        checks=_checks(view, contract, milestone, now),
        lines=fund_lines(
            db, actor, view.buyer_id, view.catalogue_codes, [(one.fund_id, one.amount_fen) for one in live], now
        ),
        people=names(db, people),
        may_approve=waits and may(actor, Right.APPROVE_PAYMENT, parties) and not is_own,
        may_mend=own and view.state is ApplicationState.RETURNED and actor.person_id != view.approved_by,
        may_cancel=own and view.state in (ApplicationState.SUBMITTED, ApplicationState.RETURNED),
        may_read_grounds=may(actor, Right.READ_CONTRACT, {Relation.FINANCE: view.holder_id}) and contract is not None,
        is_own=waits and is_own and may(actor, Right.APPROVE_PAYMENT, parties),
    )


def _grounds(db: Session, view: ApplicationView) -> tuple[ContractFacts | None, MilestoneFacts | None]:
    if view.obligation_kind is not ObligationKind.MILESTONE or view.contract_id is None:
        return None, None
    try:
        return contract_facts(db, view.contract_id), milestone_facts(db, view.obligation_id)
    except NotFound:
        return None, None


def _checks(
    view: ApplicationView, contract: ContractFacts | None, milestone: MilestoneFacts | None, now: datetime
) -> tuple[Check, ...]:
    found = []
    if contract and milestone:
        found.append(Check(gettext(PAYEE_IS_PARTY), ok=view.payee_id == contract.supplier_id))
        accepted = milestone.accepted_fen if milestone.accepted_fen is not None else milestone.amount_fen
        found.append(Check(gettext(ACCEPTED_ENOUGH), ok=view.amount_fen <= accepted))
        apart = milestone.accepted_by is None or milestone.accepted_by != view.prepared_by
        found.append(Check(gettext(ACCEPTED_BY_OTHERS), ok=apart))
        if view.invoice_on:
            signed = contract.signed_on or view.invoice_on
            found.append(Check(gettext(INVOICE_DATED), ok=signed <= view.invoice_on <= legal_day(now)))
    return tuple(found)


def may_retry(actor: Actor, application: ApplicationView, payment: PaymentView) -> bool:
    """Whether the actor may ask again for a payment that failed."""
    done = {application.approved_by, payment.approved_by, *(one.ordered_by for one in payment.attempts)}
    return (
        payment.state in (PaymentState.FAILED, PaymentState.RETURNED)
        and may(actor, Right.PREPARE_PAYMENT, parties_of(application))
        and actor.person_id not in done
    )


def may_approve_again(actor: Actor, application: ApplicationView, payment: PaymentView) -> bool:
    """Whether the actor may approve a payment that is asked for again."""
    done = {application.prepared_by, payment.prepared_by, *(one.ordered_by for one in payment.attempts)}
    return (
        application.state is ApplicationState.APPROVED
        and payment.state is PaymentState.DRAFT
        and may(actor, Right.APPROVE_PAYMENT, parties_of(application))
        and actor.person_id not in done
    )


def may_give_up(actor: Actor, application: ApplicationView, payment: PaymentView) -> bool:
    """Whether the actor may give up a payment that was not sent, failed or came back."""
    open_ = (PaymentState.DRAFT, PaymentState.APPROVED, PaymentState.FAILED, PaymentState.RETURNED)
    is_open = application.state is ApplicationState.APPROVED and payment.state in open_
    return is_open and may(actor, Right.PREPARE_PAYMENT, parties_of(application))
