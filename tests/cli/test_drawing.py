"""The diagrams in the docs are drawn from the tables, and show what the tables say now."""

import gc
from enum import StrEnum
from pathlib import Path

import pytest

from marketplace.cli import drawing, main
from marketplace.kit.states import Machine

ROOT = Path(__file__).parents[2]


def test_the_page_in_the_docs_is_what_the_tables_say_now() -> None:
    written = (ROOT / drawing.PAGE).read_text("utf-8")
    assert written == drawing.page(), f"write it anew: marketplace states -o {drawing.PAGE}"


def test_every_machine_of_the_house_is_drawn_once() -> None:
    drawn = [machine for _, machine in drawing.machines()]
    known = {"project", "bid", "opening", "account", "fund", "fund_receipt", "project_funding", "supplier"}
    assert known <= {machine.name for machine in drawn}
    names = [machine.name for machine in drawn]
    assert len(names) == len(set(names))
    elsewhere = [
        thing.name
        for thing in gc.get_objects()
        if isinstance(thing, Machine) and type(thing.start).__module__.startswith("marketplace.")
    ]
    assert set(elsewhere) <= set(names)


def test_every_state_and_every_move_of_a_machine_stands_in_its_drawing() -> None:
    shown = drawing.page()
    for domain, machine in drawing.machines():
        section = shown.split(f"## {domain} {machine.name}\n")[1].split("\n## ")[0]
        _compare(section, machine)


def _compare(section: str, machine: Machine[StrEnum, StrEnum]) -> None:
    for state in type(machine.start):
        assert f"    {state}: {machine.labels[state]}\n" in section
    for (source, action), target in machine.moves.items():
        assert f"    {source} --> {target}: {machine.labels[action]}\n" in section
    assert section.count(" --> ") == len(machine.moves) + 1 + len(machine.final())


def test_the_command_prints_the_page_or_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["states"]) == 0
    assert capsys.readouterr().out == drawing.page()
    assert main(["states", "-o", str(tmp_path / "states.md")]) == 0
    assert (tmp_path / "states.md").read_text("utf-8") == drawing.page()
