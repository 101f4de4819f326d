"""A catalogue goes out to Excel and comes back; a sheet is told row by row before anything changes."""

from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from sqlalchemy.orm import Session

from marketplace.catalogue import commands, queries
from marketplace.catalogue.rules import sheet as sheets
from marketplace.catalogue.rules.refusals import (
    RowMissing,
    RowNamePlace,
    RowTwice,
    RowUnfit,
    SheetColumns,
    SheetEmpty,
    SheetTooLong,
    SheetUnreadable,
    SheetUsed,
    SheetWrong,
)
from marketplace.catalogue.rules.sheet import COLUMNS, read_sheet
from marketplace.catalogue.schemas import NewDraft, SheetReport
from marketplace.catalogue.states import Outcome
from marketplace.kit.actor import SYSTEM
from marketplace.kit.errors import Forbidden, NotFound, Stale
from marketplace.papers.sheets import text_table
from marketplace.web.catalogue.views import edition_rows
from seed import reference
from tests.catalogue.office import CLERK, HEAD, a_draft, entry, in_force

NAMED = {"code": "A0404", "level_3": "志愿服务"}


def workbook(*rows: dict[str, str]) -> BytesIO:
    return BytesIO(text_table(list(COLUMNS.values()), [[row.get(field, "") for field in COLUMNS] for row in rows]))


def told(db: Session, now: datetime, *rows: dict[str, str], whole: bool = False) -> tuple[object, SheetReport]:
    edition = a_draft(db, now)
    kept = commands.keep_sheet(db, CLERK, edition, read_sheet(workbook(*rows)), name="目录.xlsx", whole=whole, now=now)
    return edition, queries.sheet_report(db, CLERK, kept)[1]


def test_an_edition_goes_out_and_comes_back_the_same(db: Session, now: datetime) -> None:
    commands.enter_codes(db, SYSTEM, reference.procurement_codes(), now=now)
    first = commands.draft_edition(db, SYSTEM, reference.catalogue_edition(), now=now)
    commands.publish_edition(db, SYSTEM, first, now=now)
    headings, rows = edition_rows(queries.entries(db, 1))
    edition = a_draft(db, now)
    kept = commands.keep_sheet(
        db, CLERK, edition, read_sheet(BytesIO(text_table(headings, rows))), name="目录.xlsx", whole=True, now=now
    )
    report = queries.sheet_report(db, CLERK, kept)[1]
    assert {line.outcome for line in report.lines} == {Outcome.SAME}
    assert len(report.lines) == 146


def test_a_sheet_is_told_row_by_row_and_applied_in_one_act(db: Session, now: datetime) -> None:
    in_force(db, now)
    edition, report = told(
        db, now,
        {**NAMED, "unit": "场", "unit_cost_fen": "800", "standard": "=1+1"},
        {"code": "Ａ0402", "level_3": "居家养老服务", "procurement_codes": "c05010300", "match": "名称相近，待核对"},
        {"code": "A05", "level_2": "社会治理服务"},
    )  # fmt: skip
    assert [(line.number, line.outcome) for line in report.lines] == [
        (2, Outcome.ADD), (3, Outcome.CHANGE), (4, Outcome.SAME)
    ]  # fmt: skip
    assert report.lines[1].fields == ("name", "procurement_codes", "match")
    assert queries.compared(db, 1, 2).is_empty, "nothing changes before it is applied"
    with pytest.raises(Stale):
        commands.apply_sheet(db, CLERK, report.id, revision=9, now=now)
    assert commands.apply_sheet(db, CLERK, report.id, revision=report.revision, now=now) == edition
    found = queries.compared(db, 1, 2)
    assert ([one.code for one in found.added], [one.new.code for one in found.changed]) == (["A0404"], ["A0402"])
    assert (found.added[0].unit_cost_fen, found.added[0].standard) == (80_000, "=1+1")
    with pytest.raises(SheetUsed):
        commands.apply_sheet(db, CLERK, report.id, revision=2, now=now)
    with pytest.raises(Forbidden):
        queries.sheet_report(db, HEAD, report.id)
    with pytest.raises(NotFound):
        queries.sheet_report(db, CLERK, edition)  # type: ignore[arg-type] # a key of something else


def test_of_a_whole_edition_what_the_sheet_lacks_is_retired(db: Session, now: datetime) -> None:
    in_force(db, now)
    rows = [{"code": "A", "level_1": "公共服务"}, {"code": "A04", "level_2": "社会保障服务"}, NAMED]
    _, report = told(db, now, *rows, whole=True)
    assert report.count(Outcome.RETIRE) == 4
    commands.apply_sheet(db, CLERK, report.id, revision=report.revision, now=now)
    assert [one.code for one in queries.entries(db, 2)] == ["A", "A04", "A0404"]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"level_3": "没有编码"}, RowMissing.text),
        ({"code": "X1", "level_3": "甲"}, RowUnfit.text),
        ({"code": "A0404"}, RowMissing.text),
        ({"code": "A06", "level_3": "填错了列"}, RowNamePlace.text),
        ({"code": "A0404", "level_3": "甲" * 121}, RowUnfit.text),
        ({**NAMED, "procurement_codes": "C05"}, RowUnfit.text),
        ({**NAMED, "procurement_codes": "C05010200"}, RowMissing.text),
        ({**NAMED, "procurement_codes": "C05010200", "match": "大概"}, RowUnfit.text),
        ({**NAMED, "unit": "场", "unit_cost_fen": "八十"}, RowUnfit.text),
        ({**NAMED, "unit_cost_fen": "80"}, "有单位成本"),
        ({**NAMED, "procurement_codes": "C99999999", "match": "名称一致"}, "不在品目表中"),
        ({"code": "B0101", "level_3": "没有上级"}, "不在本版目录中"),
    ],
)
def test_a_wrong_row_is_told_how_to_mend_and_nothing_is_taken_in(
    db: Session, now: datetime, row: dict[str, str], text: str
) -> None:
    in_force(db, now)
    _, report = told(db, now, row, {"code": "A0405", "level_3": "没有问题的一条"})
    [wrong] = [line for line in report.lines if line.outcome is Outcome.WRONG]
    assert wrong.number == 2
    assert any(text in problem for problem, _ in wrong.problems)
    with pytest.raises(SheetWrong):
        commands.apply_sheet(db, CLERK, report.id, revision=report.revision, now=now)
    assert queries.compared(db, 1, 2).is_empty


def test_a_code_stands_once_in_a_sheet(db: Session, now: datetime) -> None:
    in_force(db, now)
    _, report = told(db, now, NAMED, NAMED)
    assert [line.outcome for line in report.lines] == [Outcome.ADD, Outcome.WRONG]
    assert report.lines[1].problems == ((RowTwice.text, {"number": 2}),)


def test_a_thousand_rows_are_taken_in(db: Session, now: datetime) -> None:
    in_force(db, now)
    rows = [{"code": f"B{one:02}", "level_2": f"类目{one}"} for one in range(10)] + [
        {"code": f"B{one:02}{two:02}", "level_3": f"条目{one}-{two}"} for one in range(10) for two in range(99)
    ]
    edition, report = told(db, now, {"code": "B", "level_1": "辅助"}, *rows)
    assert report.count(Outcome.ADD) == 1001
    commands.apply_sheet(db, CLERK, report.id, revision=report.revision, now=now)
    assert len(queries.entries_of(db, edition)) == 1007  # type: ignore[arg-type] # the edition's key


def test_a_sheet_is_about_the_draft_as_it_was_read(db: Session, now: datetime) -> None:
    in_force(db, now)
    edition, report = told(db, now, NAMED)
    commands.add_entry(db, CLERK, edition, entry("A0405", "同事加的"), now=now)  # type: ignore[arg-type] # its key
    with pytest.raises(Stale):
        commands.apply_sheet(db, CLERK, report.id, revision=report.revision, now=now)


def test_a_file_that_is_no_such_sheet_is_refused_calmly(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"", b"no workbook", b"PK\x03\x04 cut off"):
        with pytest.raises(SheetUnreadable):
            read_sheet(BytesIO(content))
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(sheets.UNFOLDED_MAX + 1))
    with pytest.raises(SheetUnreadable):
        read_sheet(BytesIO(bomb.getvalue()))
    with pytest.raises(SheetColumns):
        read_sheet(BytesIO(text_table(["甲", "乙"], [["1", "2"]])))
    with pytest.raises(SheetEmpty):
        read_sheet(workbook())
    monkeypatch.setattr(sheets, "ROWS_MAX", 1)
    with pytest.raises(SheetTooLong):
        read_sheet(workbook(NAMED, NAMED))


def test_of_a_formula_only_its_result_is_read() -> None:
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, list(COLUMNS.values()))
        page.write_string(1, 0, "A0404")
        page.write_formula(1, 3, '=HYPERLINK("http://example.com","点我")', None, "点我")
    assert read_sheet(BytesIO(made.getvalue())) == [(2, {**dict.fromkeys(COLUMNS, ""), **NAMED, "level_3": "点我"})]


def test_an_empty_house_begins_with_an_empty_draft(db: Session, now: datetime) -> None:
    edition = commands.copy_edition(db, CLERK, NewDraft(label="第一版"), now=now)
    assert queries.entries_of(db, edition) == ()
