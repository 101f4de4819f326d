"""What the entries of an edition must be before they are kept: a tree of three levels with codes that exist."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from marketplace.catalogue.states import Match
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

LEVEL_LENGTHS = {1: 1, 2: 3, 3: 5}
"""How long a code is at each level: A, A04, A0401."""


class Entry(Struct, frozen=True, kw_only=True):
    """What the rules need to know of one entry."""

    code: str
    level: int
    parent: str
    match: Match
    procurement_codes: tuple[str, ...]
    unit: str = ""
    unit_cost_fen: int | None = None


class CodeTwice(DomainError):
    """Two entries bear one code."""

    kind, code = Kind.INVALID, "catalogue_code_twice"
    text = N_("目录编码 {entry} 出现了两次。请只保留一条。")


class WrongPlace(DomainError):
    """An entry's code, level and parent do not fit together."""

    kind, code = Kind.INVALID, "catalogue_wrong_place"
    text = N_("目录条目 {entry} 的层级或上级不符。请检查编码、层级和上级编码。")


class NoParent(DomainError):
    """An entry's parent is not in the edition."""

    kind, code = Kind.INVALID, "catalogue_no_parent"
    text = N_("目录条目 {entry} 的上级 {parent} 不在本版目录中。请先补充上级条目。")


class UnknownProcurementCode(DomainError):
    """An entry names a procurement code that is not in the list."""

    kind, code = Kind.INVALID, "unknown_procurement_code"
    text = N_("目录条目 {entry} 的采购品目 {given} 不在品目表中。请核对编码。")


class MatchWithoutCode(DomainError):
    """An entry says how sure its procurement code is and has none, or has one and says nothing was found."""

    kind, code = Kind.INVALID, "match_without_code"
    text = N_("目录条目 {entry} 的采购品目与核对情况不符：有品目才能标为一致或相近。")


class CostWithoutUnit(DomainError):
    """An entry has a unit cost and does not say of what."""

    kind, code = Kind.INVALID, "catalogue_cost_without_unit"
    text = N_("目录条目 {entry} 有单位成本，没有计量单位。请填写单位，例如“人次”“场”“小时”。")


def level_of(code: str) -> int:
    """The level a code belongs to by its length."""
    return (len(code) + 1) // 2


def check_entries(entries: Sequence[Entry], known_codes: Collection[str]) -> list[DomainError]:
    """Everything that is wrong with the entries of an edition."""
    found: list[DomainError] = []
    by_code = {entry.code: entry for entry in entries}
    seen: set[str] = set()
    for entry in entries:
        if entry.code in seen:
            found.append(CodeTwice(field="code", entry=entry.code))
        seen.add(entry.code)
        shorter = entry.code[: LEVEL_LENGTHS[entry.level - 1]] if entry.level > 1 else ""
        if len(entry.code) != LEVEL_LENGTHS[entry.level] or entry.parent != shorter:
            found.append(WrongPlace(field="code", entry=entry.code))
        elif entry.parent and entry.parent not in by_code:
            found.append(NoParent(field="code", entry=entry.code, parent=entry.parent))
        if bool(entry.procurement_codes) != (entry.match is not Match.UNVERIFIED):
            found.append(MatchWithoutCode(field="match", entry=entry.code))
        if entry.unit_cost_fen is not None and not entry.unit:
            found.append(CostWithoutUnit(field="unit", entry=entry.code))
        found += [
            UnknownProcurementCode(field="procurement_codes", entry=entry.code, given=given)
            for given in entry.procurement_codes
            if given not in known_codes
        ]
    return found
