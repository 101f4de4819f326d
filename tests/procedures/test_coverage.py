"""Every row of the rules is consulted and tried, belongs to a later part, or is stated as not applicable."""

import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest

from marketplace.cli import main
from marketplace.cli.covering import State, borders, covered
from marketplace.procedures.rules.coverage import NOT_APPLICABLE, OTHER_PARTS, PART_NAMES, UNUSED_MAX, Part
from tests.procedures import test_borders
from tests.procedures.borders import RulesAt, moved, true_rules
from tests.procedures.reference import ROWS

IDS = {row.rule_id for row in ROWS}
COUPLED = {"small_comparison_max_fen", "public_comparison_min_fen"}
"""Two rows that say the same border from below and from above: moved alone, only one direction shows."""


def cases() -> Iterator[tuple[str, Callable[..., None], list[dict[str, Any]]]]:
    """Each marked test of the borders with the rows it names and the arguments it is run with."""
    for name, test in vars(test_borders).items():
        marks = getattr(test, "pytestmark", []) if name.startswith("test_") else []
        ids = [rule_id for mark in marks if mark.name == "rule" for rule_id in mark.args]
        tables = [mark.args for mark in marks if mark.name == "parametrize"]
        runs = [dict(zip(names, values, strict=True)) for names, rows in tables for values in rows] or [{}]
        for rule_id in ids:
            yield rule_id, test, runs


def holds(test: Callable[..., None], runs: list[dict[str, Any]], at: RulesAt) -> bool:
    try:
        for arguments in runs:
            test(at, **arguments)
    except (AssertionError, ValueError):
        return False
    return True


@pytest.mark.parametrize(("rule_id", "test", "runs"), list(cases()), ids=lambda value: str(value)[:40])
def test_a_border_test_fails_when_the_number_of_its_row_moves_by_one(
    rule_id: str, test: Callable[..., None], runs: list[dict[str, Any]]
) -> None:
    assert holds(test, runs, true_rules)
    seen = [not holds(test, runs, moved(rule_id, by)) for by in (1, -1)]
    assert any(seen) if rule_id in COUPLED else all(seen)


def test_no_row_is_without_a_state_and_every_row_about_purchasing_is_consulted_and_tried() -> None:
    found = covered()
    assert {row.rule_id for row in found.rows} == IDS
    assert (found.missing, found.untested) == ((), ())
    ours = [row for row in found.rows if row.part is Part.PURCHASING]
    assert {row.state for row in ours} == {State.CONSULTED, State.NOT_APPLICABLE}
    assert len([row for row in ours if row.state is State.CONSULTED]) == 76
    assert all(row.consulted_at and row.tests for row in ours if row.state is State.CONSULTED)
    assert all(row.reason for row in found.rows if row.state is not State.CONSULTED)


def test_what_is_stated_of_rows_is_stated_once_and_of_rows_that_are_there() -> None:
    later = list(chain.from_iterable(OTHER_PARTS.values()))
    never = [one.rule_id for one in NOT_APPLICABLE]
    assert len({*later, *never}) == len(later) + len(never)
    assert {*later, *never} <= IDS
    assert len(never) <= UNUSED_MAX == 15
    assert set(PART_NAMES) == set(Part)


def test_tests_name_only_rules_that_are_there() -> None:
    assert set(borders()) <= IDS


def test_a_place_says_file_line_and_what_stands_there() -> None:
    rows = {row.rule_id: row for row in covered().rows}
    places = [(place.file, place.symbol) for place in rows["comparison_rounds_before_negotiated_award"].consulted_at]
    assert places == [("marketplace/procedures/rules/choice.py", "outcome_of_count")]
    [test] = rows["comparison_upper_limit_fen"].tests
    assert test.symbol == "test_before_the_guide_the_units_own_limit_is_the_threshold"


def test_the_command_prints_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "coverage", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert len(body["rows"]) == 147
    assert body["counts"]["missing"] == 0
    assert main(["rules", "coverage"]) == 0
    assert "not_applicable  平台只采购服务，不采购货物。" in capsys.readouterr().out


def test_a_row_that_nobody_consults_and_a_border_that_nobody_tries_end_with_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.cli.covering.consultations", lambda _: {})
    assert main(["rules", "coverage"]) == 1
    assert "tender_response_days is not consulted" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr("marketplace.cli.covering.borders", dict)
    assert main(["rules", "coverage"]) == 1
    assert "tender_response_days is not tried" in capsys.readouterr().err
