"""A machine knows only the moves of its table."""

from enum import StrEnum

import pytest

from marketplace.kit.errors import BadValue, IllegalMove, NotFound, Several, raise_all
from marketplace.kit.states import Machine


class Lamp(StrEnum):
    """Where a lamp stands."""

    OFF = "off"
    ON = "on"
    BROKEN = "broken"


class Do(StrEnum):
    """What is done to a lamp."""

    SWITCH = "switch"
    DROP = "drop"


LAMP = Machine(
    name="lamp",
    start=Lamp.OFF,
    moves={
        (Lamp.OFF, Do.SWITCH): Lamp.ON,
        (Lamp.ON, Do.SWITCH): Lamp.OFF,
        (Lamp.OFF, Do.DROP): Lamp.BROKEN,
        (Lamp.ON, Do.DROP): Lamp.BROKEN,
    },
    labels={"off": "关", "on": "开", "broken": "坏", "switch": "按", "drop": "摔"},
)


def test_a_move_in_the_table_leads_on_and_another_is_refused_in_words() -> None:
    assert LAMP.after(Lamp.OFF, Do.SWITCH) is Lamp.ON
    with pytest.raises(IllegalMove, match="当前状态是「坏」，不能「按」"):
        LAMP.after(Lamp.BROKEN, Do.SWITCH)


def test_what_may_be_done_now_and_where_it_ends_come_from_the_table() -> None:
    assert LAMP.actions(Lamp.ON) == {Do.SWITCH, Do.DROP}
    assert LAMP.actions(Lamp.BROKEN) == frozenset()
    assert LAMP.final() == {Lamp.BROKEN}


def test_the_diagram_is_drawn_from_the_table() -> None:
    drawn = LAMP.diagram()
    assert drawn.startswith("stateDiagram-v2\n    [*] --> off\n")
    assert "    on --> broken: 摔\n" in drawn
    assert "    broken --> [*]\n" in drawn
    assert "    broken: 坏\n" in drawn


def test_refusals_are_raised_alone_or_together_or_not_at_all() -> None:
    raise_all([])
    with pytest.raises(NotFound):
        raise_all([NotFound()])
    with pytest.raises(Several, match="有 2 处") as refusal:
        raise_all([NotFound(), BadValue(field="name", problem="太短")])
    assert [error.field for error in refusal.value.errors] == ["", "name"]
