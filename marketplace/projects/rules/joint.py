"""Co-organizers: what keeps a joint draft from being handed in, and what may be refused about a share."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.projects.rules.plan import Plan
from marketplace.projects.states import ShareState

PARTNERS_MAX = 10


class ShareOpen(DomainError):
    """A co-organizer's head has not agreed."""

    kind, code = Kind.CONFLICT, "share_open"
    text = N_("{partner}还没有确认联办任务和资金。请等其负责人确认，或移除这家联办单位。")


class ShareMoneyDiffers(DomainError):
    """The funding lines do not give what the co-organizer agreed to."""

    kind, code = Kind.INVALID, "share_money_differs"
    text = N_("{partner}确认出资 {agreed} 元，资金来源里是 {given} 元。请改为一致，或重新请其确认。")


class NotAPartner(DomainError):
    """The buyer itself, no buyer at all, or named already."""

    kind, code = Kind.INVALID, "not_a_partner"
    text = N_("「{name}」不能作为联办单位：须是本项目以外的购买主体，每家只列一次。")


class TooManyPartners(DomainError):
    """A project has many co-organizers already."""

    kind, code = Kind.CONFLICT, "too_many_partners"
    text = N_("一个项目最多 {limit} 家联办单位。")


class DrafterConfirms(DomainError):
    """Whoever drafts the project confirms a share in it."""

    kind, code = Kind.FORBIDDEN, "drafter_confirms"
    text = N_("您参与起草了这个项目，不能确认联办。请由另一位负责人确认。")


class Agreed(Struct, frozen=True, kw_only=True):
    """A share as the gate sees it."""

    partner: str
    state: ShareState
    amount_fen: int
    fund_id: UUID | None


def joint_gaps(plan: Plan, shares: Sequence[Agreed]) -> Iterator[DomainError]:
    """A refusal for each share that is not agreed, or whose money does not stand in the funding lines to the fen."""
    given = {line.fund_id: line.amount_fen or 0 for line in plan.funding}
    for share in shares:
        found = given.get(share.fund_id, 0) if share.fund_id else 0
        if share.state is not ShareState.AGREED:
            yield ShareOpen(field="funding", partner=share.partner)
        elif found != share.amount_fen:
            yield ShareMoneyDiffers(
                field="funding",
                partner=share.partner,
                agreed=yuan_grouped(share.amount_fen),
                given=yuan_grouped(found),
            )
