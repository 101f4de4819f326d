"""The rows of the check form: what stands in them before anything is typed, and each item beside its row."""

from collections.abc import Sequence
from datetime import date

from marketplace.kit.i18n import N_
from marketplace.suppliers.schemas import ItemView, NewCheck
from marketplace.web.forms import Form
from marketplace.web.i18n import gettext
from marketplace.web.suppliers.forms import CHECKS, ChecksTyped

USUAL_SOURCE = {True: N_("政府公开网站查询"), False: N_("组织提交的证明材料")}
"""Where an item is looked up as a rule, by whether the centre brings the proof itself; the clerk may say otherwise."""


def rows_of(items: Sequence[ItemView], today: date) -> list[NewCheck]:
    """The check form's rows before anything is typed: today, the usual end, and where it was looked up last time."""
    return [
        NewCheck(
            kind=item.code,
            source=item.check.source if item.check else gettext(USUAL_SOURCE[item.proof_by_centre]),
            checked_on=today,
            valid_to=None if item.must_expire else item.suggested_end,
        )
        for item in items
    ]


def aligned(
    items: Sequence[ItemView], form: Form[ChecksTyped], today: date
) -> list[tuple[ItemView, Form[ChecksTyped]]]:
    """Each item with its row of the form; a row that was not sent is added as it would be on a fresh page."""
    sent = {row.value("kind") for row in form.rows("checks", at_least=0)}
    missing = rows_of([item for item in items if item.code not in sent], today)
    for index, row in enumerate(missing, len(sent)):
        fresh = CHECKS.blank(**{f"checks-{index}-{name}": getattr(row, name) for name in row.__struct_fields__})
        form.texts |= fresh.texts
    rows = {row.value("kind"): row for row in form.rows("checks", at_least=0)}
    return [(item, rows[item.code]) for item in items]
