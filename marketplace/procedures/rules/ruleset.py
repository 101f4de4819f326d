"""The dated rows of purchasing law, and the snapshot of them that a project keeps from its publishing day."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from marketplace.kit.days import Unit
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.procedures.states import ANY_METHOD, Comparison, MethodCode, RuleUnit, Topic

UNCONFIRMED_NOTE = N_("以主管部门确认为准")
"""Said of every rule marked △: general knowledge until a person has compared it with the original."""
PRACTICE_NOTE = N_("单位做法，不是法律规定，以本单位内控制度为准")
"""Said of a rule that one unit made for itself and that serves here as a default."""


class RuleMissing(DomainError):
    """No row for a rule that is needed is in force on the day asked."""

    kind, code = Kind.CONFLICT, "rule_missing"
    text = N_("{day} 没有生效的规则「{rule}」。请管理员在「规则与日历」中录入后再办理。")


class Rule(Struct, frozen=True, kw_only=True):
    """One dated number of purchasing law. ``value`` is exact; money is in fen; ``min`` and ``max`` are inclusive.

    ``version`` is the edition of the rule set that brought the row. ``region`` is the start of a division code and
    ``unit_id`` one organization; with neither the row holds everywhere.
    """

    rule_id: str
    name: str
    name_en: str
    topic: Topic
    method: str
    value: Decimal
    unit: RuleUnit
    comparison: Comparison
    basis: str
    valid_from: date | None
    valid_to: date | None
    confirmed: bool
    practice: bool
    note: str
    note_en: str
    version: int
    region: str = ""
    unit_id: UUID | None = None

    @property
    def number(self) -> int:
        """The value as a whole number.

        Raises:
            ValueError: the value has a fraction.
        """
        if self.value != int(self.value):
            raise ValueError(f"{self.rule_id} is {self.value}, not a whole number")
        return int(self.value)

    @property
    def period(self) -> Unit:
        """The unit of time that the value counts.

        Raises:
            ValueError: the value does not count days, months or years.
        """
        if self.unit in {RuleUnit.WORKING_DAYS, RuleUnit.CALENDAR_DAYS}:
            return Unit(self.unit.value)
        for ending, unit in (("_years", Unit.YEARS), ("_months", Unit.MONTHS)):
            if self.unit is RuleUnit.COUNT and self.rule_id.endswith(ending):
                return unit
        raise ValueError(f"{self.rule_id} counts no period")

    def holds_for(self, method: MethodCode) -> bool:
        """Whether the row speaks of ``method``."""
        return self.method in {ANY_METHOD, method.value}

    def in_force(self, day: date) -> bool:
        """Whether the row holds on ``day``; both its dates are inclusive, and a missing one is open."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class RuleSet(Struct, frozen=True):
    """The rules in force on one day for one place, as known in one version: never changed, only chosen anew."""

    day: date
    version: int
    rules: Mapping[str, Rule]

    def find(self, rule_id: str) -> Rule | None:
        """The row in force, or None."""
        return self.rules.get(rule_id)

    def first(self, *rule_ids: str) -> Rule | None:
        """The first of several rows that is in force: the particular before the general."""
        return next((self.rules[rule_id] for rule_id in rule_ids if rule_id in self.rules), None)

    def get(self, rule_id: str) -> Rule:
        """The row in force.

        Raises:
            RuleMissing: none is in force on this day.
        """
        found = self.rules.get(rule_id)
        if found is None:
            raise RuleMissing(rule=rule_id, day=self.day.isoformat())
        return found

    def number(self, rule_id: str) -> int:
        """The whole number of the row in force.

        Raises:
            RuleMissing: none is in force on this day.
        """
        return self.get(rule_id).number


def snapshot(
    rows: Iterable[Rule], *, day: date, version: int, region: str = "", unit_id: UUID | None = None
) -> RuleSet:
    """The rules in force on ``day`` in ``region`` for the organization ``unit_id``, as ``version`` knew them.

    A later version's row replaces an earlier one of the same rule, place and first day. Of the rows in force the
    unit's own goes before its region's, the smaller region's before the larger's, the later law before the earlier.
    """
    newest: dict[tuple[str, str, UUID | None, date | None], Rule] = {}
    for row in rows:
        here = region.startswith(row.region) and row.unit_id in {None, unit_id}
        key = (row.rule_id, row.region, row.unit_id, row.valid_from)
        if here and row.version <= version and (key not in newest or newest[key].version < row.version):
            newest[key] = row
    chosen: dict[str, Rule] = {}
    for row in newest.values():
        other = chosen.get(row.rule_id)
        if row.in_force(day) and (other is None or _precedence(other) < _precedence(row)):
            chosen[row.rule_id] = row
    return RuleSet(day, version, chosen)


def _precedence(row: Rule) -> tuple[bool, int, date, int]:
    return (row.unit_id is not None, len(row.region), row.valid_from or date.min, row.version)
