"""A project's life after its bids were opened: result, contract, milestones and money, as everybody may see them."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract
from marketplace.contracts.queries import milestones_of, public_contract, public_milestones
from marketplace.contracts.schemas import PublicContract, PublicMilestone
from marketplace.contracts.states import CONTRACT, MILESTONE, ContractState, MilestoneAction, MilestoneState
from marketplace.evaluation.queries import public_result
from marketplace.evaluation.schemas import PublicResult
from marketplace.funds.model import Fund, Payment, PaymentApplication
from marketplace.kit.clock import legal_day
from marketplace.kit.i18n import N_
from marketplace.ledger.queries import balances_of
from marketplace.projects.rules import Stage, StageCode, StageStatus
from marketplace.projects.states import MilestoneKind
from marketplace.web.i18n import say

PAID, DUE, BOUND = N_("已支付"), N_("应付和在途"), N_("已落实，未到付款条件")
IN_DAYS, PAST_DAYS = N_("{count} 天"), N_("逾期 {count} 天")
UNTIL, NEXT = N_("公示截止"), N_("下一节点")
TITLES = {"paid": PAID, "due": DUE, "bound": BOUND}
ROLES = {"paid": "paid", "payable": "due", "in_transit": "due"}
"""Which part of the bar fen belong to, by the ledger's account; everything else of a project is bound."""
TONES = {
    MilestoneState.SCHEDULED: "grey",
    MilestoneState.RETURNED: "yellow",
    MilestoneState.REJECTED: "red",
    MilestoneState.ACCEPTED: "blue",
    MilestoneState.PARTLY_ACCEPTED: "blue",
}
_ALL_PAID, _PART_PAID, _LATE = N_("已支付"), N_("部分已支付"), N_("已逾期")


class Delivered(Struct, frozen=True, kw_only=True):
    """A milestone with what was paid for it; ``word`` is a message id."""

    one: PublicMilestone
    paid_fen: int
    word: str
    tone: str


OPEN = frozenset({MilestoneState.SCHEDULED, MilestoneState.REPORTED, MilestoneState.RETURNED, MilestoneState.VERIFIED})
"""States of a milestone about which nobody has decided."""


class Life(Struct, frozen=True, kw_only=True):
    """What has become of a project since its opening; empty before."""

    result: PublicResult | None = None
    contract: PublicContract | None = None
    milestones: tuple[Delivered, ...] = ()
    parts: tuple[tuple[str, str, int], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    later: Mapping[StageCode, Stage] = {}
    tag: tuple[str, str] | None = None

    @property
    def paid_fen(self) -> int:
        """What has been paid."""
        return sum(fen for kind, _, fen in self.parts if kind == "paid")

    @property
    def ahead(self) -> PublicMilestone | None:
        """The next milestone that is not decided."""
        return next((row.one for row in self.milestones if row.one.state in OPEN), None)


def days_left(due_on: date, now: datetime) -> str:
    """How many days are left until a day, or how many it is past."""
    days = (due_on - legal_day(now)).days
    return say(IN_DAYS if days >= 0 else PAST_DAYS, count=abs(days))


def life_of(db: Session, project_id: UUID, *, now: datetime) -> Life:
    """What has become of a project, from every floor that knows a part of it."""
    row = db.scalar(
        select(Contract).where(Contract.project_id == project_id, Contract.state != ContractState.CANCELLED)
    )
    refs = {project_id} | ({row.id} if row else set())
    ids = {one.place: one.id for one in milestones_of(db, row.id)} if row else {}
    payments = _payments(db, project_id)
    lies = _lies(db, refs | set(ids.values()) | set(payments))
    paid: Counter[UUID] = Counter()
    totals: Counter[str] = Counter()
    by_fund: Counter[UUID] = Counter()
    for ref, fund_id, kind, fen in lies:
        totals[kind] += fen
        by_fund[fund_id] += fen
        if kind == "paid" and ref in payments:
            paid[payments[ref]] += fen
    shown = tuple(_delivered(one, paid[ids[one.place]], now) for one in public_milestones(db, project_id))
    parts = tuple((kind, title, totals[kind]) for kind, title in TITLES.items() if totals[kind])
    result = public_result(db, project_id)
    return Life(
        result=result,
        contract=public_contract(db, project_id),
        milestones=shown,
        parts=parts,
        sources=_sources(db, by_fund),
        later=_later(result, row, shown, is_settled=not totals["due"], now=now),
        tag=_tag(row.state if row else None),
    )


def tags(db: Session, project_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """How the contracts in force of these projects stand, as word and colour."""
    query = select(Contract.project_id, Contract.state).where(Contract.project_id.in_(project_ids))
    found = {project_id: _tag(state) for project_id, state in db.execute(query)}
    return {project_id: tag for project_id, tag in found.items() if tag is not None}


def _tag(state: ContractState | None) -> tuple[str, str] | None:
    if state not in (ContractState.ACTIVE, ContractState.COMPLETED):
        return None
    return CONTRACT.label(state), "blue" if state is ContractState.ACTIVE else "grey"


def _payments(db: Session, project_id: UUID) -> dict[UUID, UUID]:
    """The payments of a project's milestones, each with its milestone."""
    query = (
        select(Payment.id, PaymentApplication.obligation_id)
        .join(PaymentApplication, PaymentApplication.id == Payment.application_id)
        .where(PaymentApplication.project_id == project_id)
    )
    return dict(db.execute(query).all())


def _sources(db: Session, by_fund: Mapping[UUID, int]) -> tuple[tuple[str, int], ...]:
    """The funds whose fen these are, by number."""
    query = select(Fund.id, Fund.name).where(Fund.id.in_(by_fund)).order_by(Fund.number)
    return tuple((name, by_fund[fund_id]) for fund_id, name in db.execute(query) if by_fund[fund_id])


def _lies(db: Session, refs: set[UUID]) -> list[tuple[UUID, UUID, str, int]]:
    """What lies where: ref, fund, part of the bar, and how many fen."""
    return [
        (ref, fund_id, ROLES.get(role, "bound"), fen)
        for ref, places in balances_of(db, refs).items()
        for (fund_id, role), fen in places.items()
    ]


def _delivered(one: PublicMilestone, paid_fen: int, now: datetime) -> Delivered:
    word, tone = MILESTONE.label(one.state), TONES.get(one.state, "yellow")
    if one.kind is MilestoneKind.ADVANCE and one.state is MilestoneState.ACCEPTED:
        word = MILESTONE.label(MilestoneAction.FALL_DUE)
    if paid_fen and paid_fen == one.accepted_fen:
        word, tone = _ALL_PAID, "green"
    elif paid_fen:
        word, tone = _PART_PAID, "blue"
    elif one.state is MilestoneState.SCHEDULED and one.due_on is not None and one.due_on < legal_day(now):
        word, tone = _LATE, "red"
    return Delivered(one=one, paid_fen=paid_fen, word=word, tone=tone)


def _later(
    result: PublicResult | None, row: Contract | None, shown: tuple[Delivered, ...], *, is_settled: bool, now: datetime
) -> dict[StageCode, Stage]:
    if result is None:
        return {}
    today = legal_day(now)
    if today <= result.notice_until:
        return {StageCode.RESULT: _stage(StageCode.RESULT, StageStatus.NOW, result.notice_until, UNTIL)}
    found = {StageCode.RESULT: _stage(StageCode.RESULT, StageStatus.DONE, legal_day(result.published_at))}
    if row is None or row.signed_at is None:
        return found | {StageCode.CONTRACT: _stage(StageCode.CONTRACT, StageStatus.NOW)}
    found[StageCode.CONTRACT] = _stage(StageCode.CONTRACT, StageStatus.DONE, legal_day(row.signed_at))
    if row.state is ContractState.ACTIVE:
        ahead = next((one.one.due_on for one in shown if one.one.state in OPEN), None)
        found[StageCode.PERFORMANCE] = _stage(StageCode.PERFORMANCE, StageStatus.NOW, ahead, NEXT)
        return found
    last = None if row.completed_at is None else legal_day(row.completed_at)
    found[StageCode.PERFORMANCE] = _stage(StageCode.PERFORMANCE, StageStatus.DONE, last)
    end = StageStatus.DONE if is_settled else StageStatus.NOW
    found[StageCode.COMPLETION] = _stage(StageCode.COMPLETION, end, last)
    return found


def _stage(code: StageCode, status: StageStatus, on: date | None = None, note: str = "") -> Stage:
    return Stage(code=code, status=status, on=on, note=note if on else "")
