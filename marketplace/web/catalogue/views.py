"""What the catalogue's pages show that the domain does not know: colours, stages, words for what differs."""

from collections.abc import Mapping
from typing import Any

from marketplace.catalogue.rules import FIELDS, Difference, Text
from marketplace.catalogue.rules.sheet import COLUMNS, write_row
from marketplace.catalogue.schemas import Dossier, ItemView, VersionView
from marketplace.catalogue.states import (
    CONCLUSION_NAMES,
    EDITABLE,
    EDITION,
    MATCH_NAMES,
    OPINION,
    OUTCOME_NAMES,
    Conclusion,
    EditionState,
    Match,
    OpinionState,
    Outcome,
)
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan, yuan_grouped
from marketplace.web.i18n import gettext
from marketplace.web.show import day_of

TONES = {Match.EXACT: "green", Match.NEAR: "yellow", Match.UNVERIFIED: "grey"}
"""The colour of the word that says how sure a procurement code is."""
STATE_TONES = {
    EditionState.DRAFT: "grey",
    EditionState.CONSULTING: "blue",
    EditionState.REVIEWING: "purple",
    EditionState.SUBMITTED: "yellow",
    EditionState.APPROVED: "teal",
    EditionState.ANNOUNCED: "teal",
    EditionState.PUBLISHED: "green",
    EditionState.REPLACED: "grey",
    EditionState.WITHDRAWN: "grey",
}
OPINION_TONES = {
    OpinionState.RECEIVED: "yellow",
    OpinionState.ADOPTED: "green",
    OpinionState.DECLINED: "grey",
    OpinionState.SET_ASIDE: "grey",
}
CONCLUSION_TONES = {Conclusion.AGREE: "green", Conclusion.AGREE_CHANGED: "yellow", Conclusion.DISAGREE: "red"}
OUTCOME_TONES = {
    Outcome.ADD: "green",
    Outcome.CHANGE: "blue",
    Outcome.SAME: "grey",
    Outcome.RETIRE: "orange",
    Outcome.WRONG: "red",
}
ADDED, RETIRED, CHANGED = N_("新增"), N_("取消"), N_("修改")
DIFFERENCE_COLUMNS = (N_("变化"), N_("编码"), N_("名称"), N_("项目"), N_("原文"), N_("新文"))


def written(entry: Text | None, field: str) -> str:
    """One field of an entry as people read it: money in yuan, how sure a code is in words."""
    if entry is None:
        return ""
    value = getattr(entry, field)
    if field == "match":
        return gettext(MATCH_NAMES[Match(value)])
    if field == "unit_cost_fen":
        return "" if value is None else yuan_grouped(value)
    return "；".join(value) if isinstance(value, tuple) else str(value)


WORDS: dict[str, Any] = {
    "match_names": MATCH_NAMES,
    "tones": TONES,
    "EDITION": EDITION,
    "STATE_TONES": STATE_TONES,
    "OPINION": OPINION,
    "OPINION_TONES": OPINION_TONES,
    "CONCLUSION_NAMES": CONCLUSION_NAMES,
    "CONCLUSION_TONES": CONCLUSION_TONES,
    "OUTCOME_NAMES": OUTCOME_NAMES,
    "OUTCOME_TONES": OUTCOME_TONES,
    "FIELDS": FIELDS,
    "EDITABLE": EDITABLE,
    "written": written,
}
"""What every template of the catalogue may use."""


def stages(view: Dossier) -> list[tuple[str, str, str]]:
    """The life of an edition for the steps of a page: title, note, kind."""
    order = (
        EditionState.DRAFT, EditionState.CONSULTING, EditionState.REVIEWING, EditionState.SUBMITTED,
        EditionState.APPROVED, EditionState.ANNOUNCED, EditionState.PUBLISHED,
    )  # fmt: skip
    version = view.version
    period = f"{version.consult_from} — {version.consult_to}" if version.consult_from else ""
    notes: Mapping[EditionState, Any] = {
        EditionState.DRAFT: day_of(view.drafted_at),
        EditionState.CONSULTING: period,
        EditionState.SUBMITTED: day_of(view.submitted_at) if view.submitted_at else "",
        EditionState.APPROVED: day_of(view.approved_at) if view.approved_at else "",
        EditionState.ANNOUNCED: str(version.in_force_on or ""),
        EditionState.PUBLISHED: day_of(version.published_at) if version.published_at else "",
    }
    if version.state is EditionState.WITHDRAWN:
        return [(gettext(EDITION.label(version.state)), version.withdraw_reason, "failed")]
    place = len(order) if version.state is EditionState.REPLACED else order.index(version.state)
    return [
        (
            gettext(EDITION.label(state)),
            notes.get(state, ""),
            "done" if at < place else "now" if at == place else "todo",
        )
        for at, state in enumerate(order)
    ]


def edition_rows(entries: tuple[ItemView, ...]) -> tuple[list[str], list[list[str]]]:
    """An edition as a sheet: headings in Chinese, as offices exchange it, and one row an entry."""
    names = {code.code: code.name for entry in entries for code in entry.procurement_codes}
    return list(COLUMNS.values()), [write_row(one.text(), names, MATCH_NAMES[one.match]) for one in entries]


def difference_rows(found: Difference) -> tuple[list[str], list[list[str]]]:
    """What differs as a sheet: one row for each field that changed, with both texts side by side."""
    rows = [[gettext(ADDED), one.code, one.name, "", "", _summary(one)] for one in found.added]
    rows += [[gettext(RETIRED), one.code, one.name, "", _summary(one), ""] for one in found.retired]
    rows += [
        [
            gettext(CHANGED), one.new.code, one.new.name, gettext(FIELDS[field]),
            written(one.old, field), written(one.new, field),
        ]
        for one in found.changed
        for field in one.fields
    ]  # fmt: skip
    return [gettext(title) for title in DIFFERENCE_COLUMNS], rows


def _summary(entry: Text) -> str:
    cost = "" if entry.unit_cost_fen is None else f"{yuan(entry.unit_cost_fen)}/{entry.unit}"
    return "；".join(part for part in (*entry.procurement_codes, cost, entry.standard, entry.note) if part)


def pairs(versions: tuple[VersionView, ...]) -> list[tuple[str, str]]:
    """Editions as the choices of a field: number and words."""
    return [(str(one.number), f"{one.number} · {gettext(one.label)}") for one in versions]
