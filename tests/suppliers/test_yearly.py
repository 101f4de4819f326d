"""Yearly reports: due by the dated rules, entered by year, imported with a word on every row, never too early."""

from datetime import date, datetime
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy.orm import Session

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.procedures.rules import RuleMissing, RuleSet
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.codes import WrongLength
from marketplace.suppliers.rules.refusals import HeadingMissing
from marketplace.suppliers.rules.tables import read_table
from marketplace.suppliers.rules.yearly import (
    YEARLY_COLUMNS,
    YEARLY_NEEDED,
    MissingTooEarly,
    NotInRegister,
    ReportNotOwed,
    ReportSourceMissing,
    ResultUnknown,
    YearUnfit,
    due_on,
    read_row,
    report_problems,
    year_owed,
)
from marketplace.suppliers.schemas import NewReport
from marketplace.suppliers.states import Nature, YearlyState
from tests.procedures.reference import rules_on
from tests.suppliers.shelf import a_draft, centre, of, with_rules

TODAY = date(2026, 3, 2)
SOURCE = "示例区民政局公告"


@pytest.fixture(scope="module")
def law() -> RuleSet:
    return rules_on(TODAY)


@pytest.mark.parametrize(
    ("nature", "due", "owed_before", "owed_after"),
    [
        (Nature.FOUNDATION, date(2026, 3, 31), 2024, 2025),
        (Nature.SOCIAL_GROUP, date(2026, 5, 31), 2024, 2025),
        (Nature.SOCIAL_SERVICE_AGENCY, date(2026, 5, 31), 2024, 2025),
        (Nature.ENTERPRISE, None, None, None),
    ],
)
def test_reports_are_due_by_the_dated_rules(
    law: RuleSet, nature: Nature, due: date | None, owed_before: int | None, owed_after: int | None
) -> None:
    assert due_on(law, nature, 2025) == due
    if due is None:
        assert year_owed(law, nature, TODAY) is None
    else:
        assert year_owed(law, nature, due) == owed_before
        assert year_owed(law, nature, date(due.year, due.month + 1, 1)) == owed_after


@pytest.mark.parametrize(
    ("year", "state", "source", "today", "refusals"),
    [
        (2025, YearlyState.PASSED, SOURCE, date(2026, 3, 2), []),
        (2026, YearlyState.PASSED, SOURCE, date(2026, 3, 2), [YearUnfit]),
        (1999, YearlyState.PASSED, SOURCE, date(2026, 3, 2), [YearUnfit]),
        (2000, YearlyState.BASIC, SOURCE, date(2026, 3, 2), []),
        (2025, YearlyState.MISSING, SOURCE, date(2026, 5, 31), [MissingTooEarly]),
        (2025, YearlyState.MISSING, SOURCE, date(2026, 6, 1), []),
        (2025, YearlyState.FAILED, " ", date(2026, 6, 1), [ReportSourceMissing]),
        (2025, YearlyState.MISSING, "", date(2026, 5, 1), [MissingTooEarly, ReportSourceMissing]),
    ],
)
def test_an_entry_is_refused_for_an_open_year_and_nobody_is_late_before_the_day(
    law: RuleSet, year: int, state: YearlyState, source: str, today: date, refusals: list[type]
) -> None:
    found = report_problems(
        law, Nature.SOCIAL_GROUP, "示例协会", year=year, state=state, source=source, today=today
    )  # fmt: skip
    assert [type(one) for one in found] == refusals


def test_who_owes_no_report_gets_no_entry(law: RuleSet) -> None:
    [found] = report_problems(
        law, Nature.ENTERPRISE, "示例公司", year=2025, state=YearlyState.PASSED, source=SOURCE, today=TODAY
    )  # fmt: skip
    assert isinstance(found, ReportNotOwed)


def test_the_newest_entry_of_a_year_counts_and_the_same_again_changes_nothing(db: Session, now: datetime) -> None:
    with_rules(db, now)
    actor, clerk = a_draft(db, now=now), centre(db, now=now)
    entry = NewReport(year=2024, state=YearlyState.MISSING, source=SOURCE)
    assert commands.record_report(db, clerk, of(actor), entry, now=now)
    assert not commands.record_report(db, clerk, of(actor), entry, now=now)
    later = NewReport(year=2024, state=YearlyState.BASIC, source=SOURCE, note="补报")
    assert commands.record_report(db, clerk, of(actor), later, now=now)
    commands.record_report(db, clerk, of(actor), NewReport(year=2023, state=YearlyState.PASSED, source=SOURCE), now=now)
    found = queries.reports(db, of(actor), on_day=TODAY)
    assert [(one.year, one.state, one.due_on) for one in found] == [
        (2024, YearlyState.BASIC, date(2025, 5, 31)), (2023, YearlyState.PASSED, date(2024, 5, 31)),
    ]  # fmt: skip
    assert queries.report_owed(db, of(actor), on_day=TODAY) == (2024, date(2025, 5, 31))
    assert queries.report_owed(db, of(actor), on_day=date(2026, 6, 1)) == (2025, date(2026, 5, 31))


def test_only_the_centre_enters_reports_and_never_without_a_rule(db: Session, now: datetime) -> None:
    actor, clerk = a_draft(db, now=now), centre(db, now=now)
    entry = NewReport(year=2024, state=YearlyState.PASSED, source=SOURCE)
    with pytest.raises(RuleMissing):
        commands.record_report(db, clerk, of(actor), entry, now=now)
    with pytest.raises((Forbidden, NotFound)):
        commands.record_report(db, actor, of(actor), entry, now=now)
    with pytest.raises((Forbidden, NotFound)):
        commands.import_reports(db, actor, [], now=now)
    assert queries.reports(db, of(actor), on_day=TODAY) == ()


def a_table(*lines: tuple[object, ...], headings: tuple[str, ...] = tuple(YEARLY_COLUMNS.values())) -> BytesIO:
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, line in enumerate([headings, *lines]):
        sheet.write_row(number, 0, line)
    book.close()
    stream.seek(0)
    return stream


def test_a_table_of_reports_is_taken_in_row_by_row(db: Session, now: datetime) -> None:
    with_rules(db, now)
    actor, clerk = a_draft(db, now=now), centre(db, now=now)
    code = queries.supplier(db, actor, of(actor), on_day=TODAY).uscc
    rows = read_table(
        a_table(
            (code, 2024, "合格", SOURCE, ""),
            (code, "2024年度", "合格", SOURCE, ""),
            (code, "去年", "优秀", SOURCE, ""),
            ("52511602MJX000018K", 2024, "合格", SOURCE, ""),
            ("5251", 2024, "合格", SOURCE, ""),
            (code, 2025, "未报", SOURCE, ""),
            (code, 2026, "合格", "", ""),
            (code, 2025, "未报", "", ""),
        ),
        YEARLY_COLUMNS,
        YEARLY_NEEDED,
    )
    lines = commands.import_reports(db, clerk, rows, now=now)
    assert [(line.number, line.known, len(line.problems)) for line in lines] == [
        (2, False, 0), (3, True, 0), (4, False, 2), (5, False, 1), (6, False, 1), (7, False, 1), (8, False, 1),
        (9, False, 2),
    ]  # fmt: skip
    assert [text for text, _ in lines[2].problems] == [YearUnfit.text, ResultUnknown.text]
    assert [line.problems[0][0] for line in lines[3:7]] == [
        NotInRegister.text, WrongLength.text, MissingTooEarly.text, YearUnfit.text,
    ]  # fmt: skip
    assert [one.year for one in queries.reports(db, of(actor), on_day=TODAY)] == [2024]


def test_a_table_without_its_columns_is_refused_whole() -> None:
    with pytest.raises(HeadingMissing) as caught:
        read_table(a_table(("x",), headings=("年度",)), YEARLY_COLUMNS, YEARLY_NEEDED)
    assert caught.value.params == {"columns": "统一社会信用代码、结论、来源"}


def test_what_a_row_says_is_read_as_registrars_write_it() -> None:
    code, year, state, problems = read_row(
        {"uscc": "５２５１１６０２MJX000018K", "year": "2024年", "result": "基本合格"}, 2025
    )
    assert (code, year, state, problems) == ("52511602MJX000018K", 2024, YearlyState.BASIC, [])
