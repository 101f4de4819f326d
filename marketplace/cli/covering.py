"""``marketplace rules coverage``: every rule with where the code consults it and its border test, or its state."""

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

import marketplace
from marketplace.procedures.rules.coverage import PART_NAMES, Part, part_of, unused
from marketplace.settings import Settings
from seed.reference import rule_rows

CODE = Path(marketplace.__file__).parent
TESTS = CODE.parent / "tests"
NOT_CODE = ("db/migrations", "procedures/rules/coverage.py")
"""What names rules without consulting them: the shape of old tables, and the list of what is not consulted."""


class State(StrEnum):
    """How it stands with a row."""

    CONSULTED = "consulted"
    LATER = "later"
    NOT_APPLICABLE = "not_applicable"
    MISSING = "missing"


class Place(Struct, frozen=True):
    """A line that names a rule, and the function or constant it stands in."""

    file: str
    line: int
    symbol: str


class Row(Struct, frozen=True, kw_only=True):
    """One rule and how it stands with it. ``tests`` are those that declare to try its border."""

    rule_id: str
    name: str
    part: Part
    state: State
    reason: str
    consulted_at: tuple[Place, ...]
    tests: tuple[Place, ...]


class Coverage(Struct, frozen=True, kw_only=True):
    """All rows in the order of the data, and what is wrong: rows nobody consults and borders nobody tries."""

    rows: tuple[Row, ...]
    counts: Mapping[State, int]
    tests_read: bool
    missing: tuple[str, ...]
    untested: tuple[str, ...]


def add_to(commands: Any) -> None:
    """Add this module's commands to the command line."""
    rules = commands.add_parser("rules", help="purchasing rules as dated data").add_subparsers(
        dest="about", required=True, metavar="about"
    )
    covering = rules.add_parser("coverage", help="where each rule is consulted and tried; 1 when one is not")
    covering.add_argument("--json", action="store_true")
    covering.set_defaults(run=coverage)


def coverage(_: Settings, arguments: argparse.Namespace) -> int:
    """Say how it stands with every rule; 1 when a row has no state or a row about purchasing no test."""
    found = covered()
    if arguments.json:
        print(msgspec.json.encode(found).decode())
    else:
        print(written(found))
    for rule_id in (*found.missing, *found.untested):
        lack = "not consulted" if rule_id in found.missing else "not tried"
        print(f"marketplace: {rule_id} is {lack}", file=sys.stderr)
    return 1 if found.missing or found.untested else 0


def covered() -> Coverage:
    """How it stands with every rule, read from the sources of the code and, where they are there, of the tests."""
    ids = [row.rule_id for row in rule_rows()]
    names = {row.rule_id: row.name for row in rule_rows()}
    code, tests = consultations(ids), borders()
    rows = tuple(_row(rule_id, names[rule_id], code.get(rule_id, ()), tests.get(rule_id, ())) for rule_id in ids)
    ours = [row for row in rows if row.part is Part.PURCHASING and row.state is State.CONSULTED]
    return Coverage(
        rows=rows,
        counts={state: sum(row.state is state for row in rows) for state in State},
        tests_read=TESTS.is_dir(),
        missing=tuple(row.rule_id for row in rows if row.state is State.MISSING),
        untested=tuple(row.rule_id for row in ours if not row.tests) if TESTS.is_dir() else (),
    )


def _row(rule_id: str, name: str, code: tuple[Place, ...], tests: tuple[Place, ...]) -> Row:
    part, reason = part_of(rule_id), unused(rule_id)
    if code:
        state, why = State.CONSULTED, ""
    elif reason is not None:
        state, why = State.NOT_APPLICABLE, reason
    elif part is not Part.PURCHASING:
        state, why = State.LATER, PART_NAMES[part]
    else:
        state, why = State.MISSING, ""
    return Row(rule_id=rule_id, name=name, part=part, state=state, reason=why, consulted_at=code, tests=tests)


def consultations(ids: list[str]) -> Mapping[str, tuple[Place, ...]]:
    """Every line of the code that names a rule, by the rule."""
    wanted, found = set(ids), defaultdict[str, list[Place]](list)
    for path in sorted(CODE.rglob("*.py")):
        file = path.relative_to(CODE).as_posix()
        if file.startswith(NOT_CODE):
            continue
        for node, symbol in _walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in wanted:
                found[str(node.value)].append(Place(f"{CODE.name}/{file}", node.lineno, symbol))
    return {rule_id: tuple(places) for rule_id, places in found.items()}


def borders() -> Mapping[str, tuple[Place, ...]]:
    """Every test marked with ``pytest.mark.rule(…)``, by the rules it names; none without the tests' sources."""
    found = defaultdict[str, list[Place]](list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for rule_id in _marked(node):
                    place = Place(path.relative_to(TESTS.parent).as_posix(), node.lineno, node.name)
                    found[rule_id].append(place)
    return {rule_id: tuple(places) for rule_id, places in found.items()}


def _marked(function: ast.FunctionDef) -> Iterator[str]:
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
            yield from (str(argument.value) for argument in mark.args if isinstance(argument, ast.Constant))


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node with the name of the function, class or constant of the module it stands in."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                symbol = statement.name
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
                symbol = ast.unparse(target)
            case _:
                symbol = ""
        for node in ast.walk(statement):
            yield node, symbol


def written(found: Coverage) -> str:
    """The coverage as lines of text."""
    lines = []
    for row in found.rows:
        where = " ".join(f"{place.file}:{place.line}" for place in row.consulted_at) or row.reason
        tried = " ".join(f"{place.file}:{place.line}" for place in row.tests) or "-"
        lines.append(f"{row.rule_id:<48} {row.state:<15} {where}  [{tried}]")
    total = "  ".join(f"{state} {count}" for state, count in found.counts.items())
    return "\n".join([*lines, total])
