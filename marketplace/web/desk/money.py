"""The finance desk's board: what waits for whom and by when, and the year's income and payments by month."""

from collections.abc import Mapping
from datetime import date, datetime

from markupsafe import Markup
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.funds.queries.desk import PENDING_MAX, Month, Pending, months, pending
from marketplace.funds.queries.paying import STANDING_LABELS, Standing
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.i18n import N_
from marketplace.web.desk.views import SOON_DAYS
from marketplace.web.figures.months import month_bars, said_of, unit_of
from marketplace.web.i18n import gettext, say

RETURNED = N_("已退回")
IN, OUT = N_("到账"), N_("支付")
WAITS: Mapping[Standing, tuple[str, Right | None]] = {
    Standing.CLAIMABLE: (N_("等会计申请"), Right.PREPARE_PAYMENT),
    Standing.SUBMITTED: (N_("等负责人审批"), Right.APPROVE_PAYMENT),
    Standing.APPROVED: (N_("等出纳执行"), Right.EXECUTE_PAYMENT),
    Standing.IN_TRANSIT: (N_("等银行或平台答复"), None),
    Standing.UNKNOWN: (N_("等后台查清结果"), None),
    Standing.FAILED: (N_("等会计处理"), Right.PREPARE_PAYMENT),
}
"""Whom each standing waits for, and the right with which they act; nobody acts on what the rail still answers."""
_TONES = {
    Standing.CLAIMABLE: "grey",
    Standing.SUBMITTED: "yellow",
    Standing.APPROVED: "blue",
    Standing.IN_TRANSIT: "blue",
    Standing.UNKNOWN: "orange",
    Standing.FAILED: "red",
}
_ACTS = {
    Standing.CLAIMABLE: N_("申请付款"),
    Standing.SUBMITTED: N_("审批"),
    Standing.APPROVED: N_("执行"),
    Standing.FAILED: N_("处理"),
}
LOOK, MEND = N_("查看"), N_("补正")


class Waiting(Struct, frozen=True, kw_only=True):
    """One row of what waits, in the present language; ``late_days`` above zero: it should have been paid."""

    row: Pending
    standing: str
    tone: str
    waits_for: str
    action: str
    url: str
    late_days: int
    is_soon: bool


class MoneyBoard(Struct, frozen=True, kw_only=True):
    """What waits with its sum, whether more waits than is shown, and the year by months with its figure."""

    rows: tuple[Waiting, ...]
    total_fen: int
    is_cut: bool
    late: int
    year: int
    months: tuple[Month, ...]
    in_fen: int
    out_fen: int
    unit: str
    chart: Markup | None


def money_board(db: Session, actor: Actor, *, now: datetime) -> MoneyBoard | None:
    """The board of an office that keeps money; None for everybody else."""
    holder_id = actor.organization_id
    if holder_id is None or not may(actor, Right.READ_PAYMENT, {Relation.FINANCE: holder_id}):
        return None
    today = legal_day(now)
    found = pending(db, holder_id, limit=PENDING_MAX + 1)
    rows = tuple(_waiting(one, actor, today) for one in found[:PENDING_MAX])
    year = months(db, holder_id, year=today.year)
    in_fen, out_fen = sum(one.in_fen for one in year), sum(one.out_fen for one in year)
    most = max(max(one.in_fen, one.out_fen) for one in year)
    return MoneyBoard(
        rows=rows,
        total_fen=sum(one.row.amount_fen for one in rows),
        is_cut=len(found) > PENDING_MAX,
        late=sum(one.late_days > 0 for one in rows),
        year=today.year,
        months=tuple(year),
        in_fen=in_fen,
        out_fen=out_fen,
        unit=gettext(unit_of(most)[1]),
        chart=_chart(today.year, year) if most else None,
    )


def _chart(year: int, found: list[Month]) -> Markup:
    series = [
        ("chart-plan", gettext(IN), [one.in_fen for one in found]),
        ("chart-real", gettext(OUT), [one.out_fen for one in found]),
    ]
    title = say(N_("{year} 年各月到账与支付"), year=year)
    return month_bars(series, title=title, description=said_of(series))


def _waiting(one: Pending, actor: Actor, today: date) -> Waiting:
    waits_for, right = WAITS[one.standing]
    mine = right is not None and may(actor, right, {Relation.FINANCE: actor.organization_id})
    if one.is_returned:
        waits_for = WAITS[Standing.FAILED][0]
        mine = may(actor, Right.PREPARE_PAYMENT, {Relation.FINANCE: actor.organization_id})
    left = (one.due_on - today).days if one.due_on else None
    act = MEND if one.is_returned else _ACTS.get(one.standing, LOOK)
    url = one.url
    if one.standing is Standing.CLAIMABLE and not mine:
        url = f"/finance/payments?state={Standing.CLAIMABLE}"
    elif one.standing is Standing.APPROVED and mine:
        url = "/finance/payments/execute"
    return Waiting(
        row=one,
        standing=gettext(RETURNED if one.is_returned else STANDING_LABELS[one.standing]),
        tone="orange" if one.is_returned else _TONES[one.standing],
        waits_for=gettext(waits_for),
        action=gettext(act if mine else LOOK),
        url=url,
        late_days=max(0, -left) if left is not None else 0,
        is_soon=left is not None and 0 <= left <= SOON_DAYS,
    )
