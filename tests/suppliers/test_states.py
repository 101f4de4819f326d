"""Every state × action of a registration and of a change is a move of this hand-written table, or a refusal."""

import pytest

from marketplace.kit.errors import IllegalMove
from marketplace.suppliers.states import (
    CHANGE,
    SUBJECT_LABELS,
    SUPPLIER,
    WHY_TEXTS,
    ChangeAction,
    ChangeState,
    ChangeSubject,
    SupplierAction,
    SupplierState,
    Why,
)

SUPPLIER_TABLE = """
           edit     submit    return   check     qualify   propose   suspend   expire  reinstate withdraw  reopen
draft      draft    submitted -        -         -         -         -         -       -         withdrawn -
submitted  -        -         returned submitted qualified -         -         -       -         withdrawn -
returned   returned submitted -        -         -         -         -         -       -         withdrawn -
qualified  -        -         -        qualified -         qualified suspended expired -         withdrawn -
suspended  -        -         -        suspended -         suspended -         -       qualified withdrawn -
expired    -        -         -        expired   -         expired   suspended -       qualified withdrawn -
withdrawn  -        -         -        -         -         -         -         -       -         -         draft
"""
CHANGE_TABLE = """
              return    resubmit   accept    withdraw
submitted     returned  submitted  accepted  withdrawn
returned      -         submitted  -         withdrawn
accepted      -         -          -         -
withdrawn     -         -          -         -
"""


def cells(table: str) -> list[tuple[str, str, str]]:
    head, *rows = [line.split() for line in table.strip().splitlines()]
    return [(state, action, to) for state, *targets in rows for action, to in zip(head, targets, strict=True)]


@pytest.mark.parametrize(("state", "action", "to"), cells(SUPPLIER_TABLE))
def test_a_registration_moves_as_the_table_says(state: str, action: str, to: str) -> None:
    if to == "-":
        with pytest.raises(IllegalMove):
            SUPPLIER.after(SupplierState(state), SupplierAction(action))
    else:
        assert SUPPLIER.after(SupplierState(state), SupplierAction(action)) is SupplierState(to)


@pytest.mark.parametrize(("state", "action", "to"), cells(CHANGE_TABLE))
def test_a_change_moves_as_the_table_says(state: str, action: str, to: str) -> None:
    if to == "-":
        with pytest.raises(IllegalMove):
            CHANGE.after(ChangeState(state), ChangeAction(action))
    else:
        assert CHANGE.after(ChangeState(state), ChangeAction(action)) is ChangeState(to)


def test_the_tables_are_whole() -> None:
    assert len(cells(SUPPLIER_TABLE)) == len(SupplierState) * len(SupplierAction)
    assert len(cells(CHANGE_TABLE)) == len(ChangeState) * len(ChangeAction)
    assert (set(SUBJECT_LABELS), set(WHY_TEXTS)) == (set(ChangeSubject), set(Why))
