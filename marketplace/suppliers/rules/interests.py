"""When a tie between a person and an organization keeps the person from acting on the organization's affairs."""

from datetime import date

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.suppliers.rules.declaration import years_after
from marketplace.suppliers.states import InterestKind

LOOKBACK_RULE = "recusal_lookback_years"
LOOKED_BACK = frozenset({
    InterestKind.EMPLOYED, InterestKind.LEGAL_REPRESENTATIVE, InterestKind.DIRECTOR, InterestKind.OFFICER,
    InterestKind.CONTROLLER,
})  # fmt: skip
"""Ties that count for some years after they ended; kinship and others count only while they last."""


class MustRecuse(DomainError):
    """The register of interests ties the person to the organization."""

    kind, code = Kind.FORBIDDEN, "must_recuse"
    text = N_("按利益关系登记，您与「{organization}」有应当回避的关系，不能办理这件事。请由另一位同事办理。")


class TieReversed(DomainError):
    """A tie ends before it begins, or begins after today."""

    kind, code = Kind.INVALID, "tie_reversed"
    text = N_("开始日期不能晚于今天，也不能晚于结束日期。请核对两个日期。")


class NotesMissing(DomainError):
    """A tie of another sort is not described."""

    kind, code = Kind.INVALID, "tie_untold"
    text = N_("选「其他」时，请写明是什么关系。")


class NoOfficer(DomainError):
    """The register is about people of buyers and procuring entities."""

    kind, code = Kind.INVALID, "no_officer"
    text = N_("利益关系只登记购买主体和受托经办单位的人员。请核对人员。")


class OwnOrganization(DomainError):
    """A person's own office is no supplier to be tied to."""

    kind, code = Kind.INVALID, "tie_unknown_organization"
    text = N_("请从名录中选择一个组织。没有列出的，先由该组织登记。")


class TieEnded(DomainError):
    """The entry was taken back before."""

    kind, code = Kind.CONFLICT, "tie_ended"
    text = N_("这条登记已经撤销。请刷新页面。")


def first_counted(on_day: date, years: int) -> date:
    """The earliest last day of a tie that still counts on a day.

    Source:
        政府采购法实施条例第九条: within the three years before taking part.
    """
    return years_after(on_day, -years)


def binds(kind: InterestKind, from_on: date | None, to_on: date | None, *, on_day: date, years: int) -> bool:
    """Whether a tie keeps its person away on a day; ``years`` is the rule's looking back.

    Source:
        政府采购法实施条例第九条.
    """
    if from_on is not None and from_on > on_day:
        return False
    if to_on is None:
        return True
    return to_on >= (first_counted(on_day, years) if kind in LOOKED_BACK else on_day)


def tie_problems(
    kind: InterestKind, from_on: date | None, to_on: date | None, note: str, today: date
) -> list[DomainError]:
    """What is wrong with a tie that somebody is about to enter."""
    found: list[DomainError] = []
    if from_on is not None and (from_on > today or (to_on is not None and to_on < from_on)):
        found.append(TieReversed(field="from_on"))
    if kind is InterestKind.OTHER and not note.strip():
        found.append(NotesMissing(field="note"))
    return found
