"""A list from Excel is taken in row by row, and every row is told what became of it."""

from datetime import datetime
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity.model import OneTimeLink
from marketplace.kit.actor import Function, Role
from marketplace.kit.errors import DomainError, Forbidden
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules import tables
from marketplace.suppliers.rules.refusals import HeadingMissing, TooManyLines, UnreadableTable
from marketplace.suppliers.rules.tables import (
    COLUMNS,
    CellMissing,
    CellUnfit,
    CodeTwice,
    NatureUnclear,
    read_table,
    row_problems,
)
from tests.identity.town import SAFE, an_actor
from tests.suppliers.shelf import TODAY, a_draft, a_registration, centre

FIELDS = ("name", "uscc", "legal_representative", "contact_name", "contact_phone", "contact_email", "service_scope")


def row(number: int, **changes: str) -> dict[str, str]:
    new = a_registration(number)
    return {field: str(getattr(new, field)) for field in FIELDS} | changes


def workbook(*rows: dict[str, str], headings: tuple[str, ...] = tuple(COLUMNS.values())) -> BytesIO:
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings)
        for line, values in enumerate(rows, 1):
            sheet.write_row(line, 0, [values.get(field, "") for field in COLUMNS])
    made.seek(0)
    return made


def test_a_workbook_gives_its_rows_with_the_numbers_people_see() -> None:
    found = read_table(
        workbook(row(1), {}, row(2, name="　示例（二）中心 ", contact_phone="０８２６-２００　０００２"))
    )
    assert [number for number, _ in found] == [2, 4]
    assert (found[1][1]["name"], found[1][1]["contact_phone"]) == ("示例（二）中心", "0826-2000002")


def test_a_table_without_its_columns_or_no_table_at_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableTable):
        read_table(BytesIO(b"no workbook"))
    with pytest.raises(HeadingMissing) as lacking:
        read_table(workbook(row(1), headings=("组织名称", "代码")))
    assert "统一社会信用代码" in str(lacking.value)
    monkeypatch.setattr(tables, "LINES_MAX", 1)
    with pytest.raises(TooManyLines):
        read_table(workbook(row(1), row(2)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"name": "", "contact_email": ""}, [CellMissing, CellMissing]),
        ({"contact_phone": "12", "contact_email": "无"}, [CellUnfit, CellUnfit]),
        ({"uscc": "91330100799655058B"}, []),
        ({"uscc": "12511602MJX0000186"}, [NatureUnclear]),
    ],
)
def test_a_row_is_told_everything_that_is_wrong_with_it(changes: dict[str, str], expected: list[type]) -> None:
    from marketplace.kit.codes import uscc_check

    if changes.get("uscc", "").startswith("12"):
        changes = {"uscc": changes["uscc"][:17] + uscc_check(changes["uscc"][:17])}
    problems: list[DomainError] = row_problems(row(1, **changes), {})
    assert [type(one) for one in problems] == expected


def test_a_code_that_stands_above_already_is_told() -> None:
    assert [type(one) for one in row_problems(row(1), {row(1)["uscc"]: 2})] == [CodeTwice]


def test_right_rows_are_registered_and_wrong_ones_reported(db: Session, now: datetime) -> None:
    clerk = centre(db, now=now)
    a_draft(db, 3, now=now)
    rows = [
        (2, row(1)),
        (3, row(2, contact_phone="1")),
        (4, row(3)),
        (5, row(1)),
        (6, row(4, contact_email="office1@example.com")),
    ]
    report = commands.import_list(db, SAFE, clerk, rows, now=now)
    assert [(line.number, line.organization_id is not None, line.known, len(line.problems)) for line in report] == [
        (2, True, False, 0), (3, False, False, 1), (4, True, True, 0), (5, True, True, 0), (6, True, False, 0)
    ]  # fmt: skip
    assert queries.register(db, clerk, on_day=TODAY).total == 3
    assert len(db.scalars(select(OneTimeLink.id)).all()) == 2
    text, places = report[1].problems[0]
    assert text.format(**places) == "「联系电话」的内容「1」不正确。"


def test_only_who_qualifies_may_import(db: Session, now: datetime) -> None:
    expert = an_actor(db, Role.EXPERT, functions=(Function.PROCURING_ENTITY,), now=now)
    with pytest.raises(Forbidden):
        commands.import_list(db, SAFE, expert, [(2, row(1))], now=now)
