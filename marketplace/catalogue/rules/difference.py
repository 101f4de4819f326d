"""What differs between two editions: entries added, retired, and changed with both texts side by side."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from msgspec import Struct

from marketplace.kit.i18n import N_

FIELDS = {
    "code": N_("编码"),
    "name": N_("名称"),
    "procurement_codes": N_("采购品目"),
    "match": N_("核对情况"),
    "unit": N_("计量单位"),
    "unit_cost_fen": N_("单位成本"),
    "standard": N_("服务标准"),
    "note": N_("说明"),
    "name_en": N_("英文名称"),
    "note_en": N_("英文说明"),
}
"""What is compared, and the words for it."""


class Text(Struct, frozen=True, kw_only=True):
    """An entry as it is compared; money is whole fen."""

    code: str
    name: str
    procurement_codes: tuple[str, ...] = ()
    match: str = ""
    unit: str = ""
    unit_cost_fen: int | None = None
    standard: str = ""
    note: str = ""
    name_en: str = ""
    note_en: str = ""


class Changed(Struct, frozen=True, kw_only=True):
    """An entry that is in both editions and not the same; ``fields`` names what differs."""

    old: Text
    new: Text
    fields: tuple[str, ...]


class Difference(Struct, frozen=True, kw_only=True):
    """What differs, each group in the order of codes; ``same`` counts what does not."""

    added: tuple[Text, ...]
    retired: tuple[Text, ...]
    changed: tuple[Changed, ...]
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether both editions say the same."""
        return not (self.added or self.retired or self.changed)


def _paired(old: dict[str, Text], new: dict[str, Text], key: Callable[[Text], Hashable]) -> Iterable[tuple[Text, Text]]:
    """Pairs with the same key, where only one on each side has it; they are taken out of both."""
    left: dict[Any, list[Text]] = defaultdict(list)
    right: dict[Any, list[Text]] = defaultdict(list)
    for one in old.values():
        left[key(one)].append(one)
    for one in new.values():
        right[key(one)].append(one)
    for found, mine in left.items():
        theirs = right.get(found, [])
        if len(mine) == 1 and len(theirs) == 1:
            del old[mine[0].code], new[theirs[0].code]
            yield mine[0], theirs[0]


def difference(old: Iterable[Text], new: Iterable[Text]) -> Difference:
    """Compare two editions. An entry that only got another code is found by its name and counts as changed."""
    before, after = {one.code: one for one in old}, {one.code: one for one in new}
    pairs = [
        *_paired(before, after, lambda one: (one.code, one.name)),
        *_paired(before, after, lambda one: (len(one.code), one.name)),
        *_paired(before, after, lambda one: one.code),
    ]
    changed = [
        Changed(old=mine, new=theirs, fields=fields)
        for mine, theirs in pairs
        if (fields := tuple(name for name in FIELDS if getattr(mine, name) != getattr(theirs, name)))
    ]
    return Difference(
        added=tuple(sorted(after.values(), key=lambda one: one.code)),
        retired=tuple(sorted(before.values(), key=lambda one: one.code)),
        changed=tuple(sorted(changed, key=lambda one: (one.new.code, one.old.code))),
        same=len(pairs) - len(changed),
    )
