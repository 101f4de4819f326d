"""Who is on a roster: a sheet taken in row by row, and plain data that nobody reads without a record of it."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from marketplace.aid import commands, queries
from marketplace.aid.model import AidAccess, Beneficiary, Entitlement
from marketplace.aid.queries.parts import INDEX_USE
from marketplace.aid.rules.checking import band, publishable
from marketplace.aid.rules.refusals import (
    AlreadyInRoster,
    BadAccount,
    ConsentUnclear,
    NoSuchAccess,
    PersonTwice,
    StageUnknown,
    WrongRate,
    WrongSex,
)
from marketplace.aid.rules.sheet import COLUMNS, LINES_MAX, consent, read_roster
from marketplace.aid.schemas import ImportReport
from marketplace.aid.states import AccessPurpose, Stage
from marketplace.db.base import Database
from marketplace.identity.credentials import safe_of
from marketplace.kit.codes import BadResidentId
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.papers.sheets import text_table
from marketplace.suppliers.rules.refusals import HeadingMissing, TooManyLines, UnreadableTable
from tests.aid.home import RATE, VAULT, Home, a_draft, a_home, a_programme, an_approved, number, somebody


def a_row(place: int, **given: str) -> list[str]:
    facts = {
        "name": f"受助人{place:02d}", "resident_id": number(place), "stage": "大学", "amount_fen": "3,000.00",
        "bank_name": "示例银行", "account_number": f"622200000000{place:04d}", "guardian_consent": "",
    }  # fmt: skip
    return [(facts | given)[field] for field in COLUMNS]


def a_sheet(*rows: list[str]) -> BytesIO:
    return BytesIO(text_table(list(COLUMNS.values()), rows))


def take_in(db: Session, home: Home, roster_id: UUID, now: datetime, *rows: list[str]) -> ImportReport:
    return commands.import_rows(db, VAULT, home.clerk, roster_id, read_roster(a_sheet(*rows)), now=now)


def codes(report: ImportReport) -> dict[int, tuple[str, tuple[str, ...]]]:
    return {line.number: (line.outcome, line.fields) for line in report.lines}


def test_right_rows_go_in_and_of_each_wrong_one_it_is_told_what_is_wrong(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=(1,))
    wrong_digit = number(3)[:-1] + ("0" if number(3)[-1] != "0" else "1")
    report = take_in(
        db, home, roster_id, now,
        a_row(1), a_row(2), a_row(3, resident_id=wrong_digit), a_row(2), a_row(4, amount_fen="2,500"),
        a_row(5, stage="小学"), a_row(6, account_number="12"), a_row(7, name="", bank_name=""),
        a_row(8, resident_id=number(8, male=True), stage="高中", amount_fen="1200"),
        a_row(9, amount_fen="3000.001"), a_row(10, guardian_consent="也许"),
    )  # fmt: skip
    assert codes(report) == {
        2: ("known", ()), 3: ("taken", ()), 4: ("wrong", ("resident_id",)), 5: ("wrong", ("resident_id",)),
        6: ("wrong", ("amount_fen",)), 7: ("wrong", ("stage",)), 8: ("wrong", ("account_number",)),
        9: ("wrong", ("name", "bank_name")), 10: ("wrong", ("resident_id",)),
        11: ("wrong", ("amount_fen",)), 12: ("wrong", ("guardian_consent",)),
    }  # fmt: skip
    assert (report.taken, report.known, report.wrong, report.total_fen) == (1, 1, 9, RATE)
    assert [line.problems[0][0] for line in report.lines[3:5]] == [PersonTwice.text, WrongRate.text]
    view = queries.roster(db, home.clerk, roster_id)
    assert (view.heads, view.total_fen) == (2, 2 * RATE)
    assert view.sheet is not None
    assert view.sheet.wrong == 9


def test_nothing_that_was_typed_is_lost_and_the_sheet_can_be_taken_home(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=())
    take_in(db, home, roster_id, now, a_row(1), a_row(2, amount_fen="9"))
    masked = queries.masked_sheet(db, VAULT, home.clerk, roster_id)
    assert masked is not None
    assert [line.row for line in masked.lines] == [{}, {}]
    assert masked.lines[0].name == "受***1"
    access = commands.note_access(db, home.clerk, roster_id, AccessPurpose.EXPORT, reason="下载", now=now)
    with pytest.raises(NoSuchAccess):
        queries.payees(db, VAULT, home.clerk, access, roster_id=roster_id, now=now)
    whole = queries.sheet(db, VAULT, home.clerk, access, now=now)
    assert [line.row["resident_id"] for line in whole.lines] == [number(1), number(2)]
    stored = db.execute(text("SELECT sealed FROM aid_import")).scalar_one()
    assert number(1).encode() not in stored


def test_a_childs_row_goes_in_with_a_word_about_the_guardian(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=())
    child = number(1, born=date(2016, 5, 1))
    report = take_in(db, home, roster_id, now, a_row(1, resident_id=child), a_row(2))
    assert [bool(line.hints) for line in report.lines] == [True, False]
    assert queries.roster(db, home.clerk, roster_id).consents_missing == 1


def test_a_long_code_kept_as_a_number_is_refused_and_not_guessed(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, list(COLUMNS.values()))
        page.write_row(1, 0, a_row(1))
        page.write_number(1, list(COLUMNS).index("account_number"), 6222000000000001234)
        page.write_number(1, list(COLUMNS).index("amount_fen"), 3000)
    made.seek(0)
    rows = read_roster(made)
    report = commands.import_rows(db, VAULT, home.clerk, a_draft(db, home, now, people=()), rows, now=now)
    assert codes(report) == {2: ("wrong", ("account_number",))}
    assert report.lines[0].row["account_number"] == ""


def test_a_file_that_is_no_roster_is_refused() -> None:
    with pytest.raises(UnreadableTable):
        read_roster(BytesIO(b"no workbook"))
    with pytest.raises(HeadingMissing) as refused:
        read_roster(BytesIO(text_table(["姓名"], [["某人"]])))
    assert "身份证号" in str(refused.value.params["columns"])
    with pytest.raises(TooManyLines):
        read_roster(a_sheet(*[a_row(1)] * (LINES_MAX + 1)))


def test_cells_that_look_like_formulas_stay_text() -> None:
    made = text_table(["甲"], [["=1+1"], ["+86"], ["-3"], ["@x"], ["0012"]], marked={(0, 0)})
    assert CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python() == [
        ["甲"], ["=1+1"], ["+86"], ["-3"], ["@x"], ["0012"],
    ]  # fmt: skip


@pytest.mark.parametrize(("typed", "said"), [("是", True), ("Y", True), ("", False), ("否", False)])
def test_the_column_of_consent_says_yes_or_no(typed: str, said: bool) -> None:
    assert consent(typed) is said


def test_anything_else_in_the_column_of_consent_is_unclear() -> None:
    with pytest.raises(ConsentUnclear):
        consent("可能")


def test_a_person_typed_by_hand_is_held_against_the_same_rules(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=(1,))

    def add(**given: Any) -> None:
        commands.add_person(db, VAULT, home.clerk, roster_id, somebody(2, **given), now=now)

    for given, refusal in (
        ({"resident_id": number(2)[:-1] + "Y"}, BadResidentId),
        ({"stage": Stage.PRIMARY}, StageUnknown),
        ({"stage": Stage.SENIOR_SECONDARY, "resident_id": number(2, male=True)}, WrongSex),
        ({"account_number": "1234567"}, BadAccount),
        ({"resident_id": number(1)}, AlreadyInRoster),
    ):
        with pytest.raises(refusal), db.begin_nested():
            add(**given)
    add()
    with pytest.raises(NotFound):
        commands.remove_person(db, home.clerk, roster_id, uuid4(), now=now)
    with pytest.raises(NotFound):
        commands.record_consent(db, home.clerk, roster_id, uuid4(), now=now)


def test_one_person_is_one_row_for_all_organizations_and_stands_nowhere_in_plain(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    a_draft(db, home, now, people=(1,))
    a_draft(db, home, now, people=(1,), programme_id=a_programme(db, home.clerk, now=now, name="另一项"))
    assert db.execute(text("SELECT count(*) FROM aid_person")).scalar_one() == 1
    assert db.execute(text("SELECT count(*) FROM aid_entitlement")).scalar_one() == 2
    dump = " ".join(
        str(row)
        for table in ("aid_person", "aid_entitlement", "journal_detail", "message")
        for row in db.execute(text(f"SELECT {table}::text FROM {table}"))
    )
    for secret in (number(1), "受助人01", "6222000000000001", number(1).encode().hex(), "受助人01".encode().hex()):
        assert secret not in dump


def test_the_index_differs_by_installation_and_by_use() -> None:
    other = safe_of(bytes(range(1, 33))).vault
    mine = VAULT.blind_indexes(number(1), INDEX_USE)
    assert mine == VAULT.blind_indexes(number(1), INDEX_USE)
    assert mine != other.blind_indexes(number(1), INDEX_USE)
    assert mine != VAULT.blind_indexes(number(1), "elsewhere")
    assert mine != VAULT.blind_indexes(number(2), INDEX_USE)


def test_two_rows_for_one_index_are_refused_by_the_database(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    a_draft(db, home, now, people=(1,))
    known = db.execute(text("SELECT key_version, id_index, id_sealed FROM aid_person")).one()
    db.add(Beneficiary(key_version=known[0], id_index=known[1], id_sealed=known[2], first_seen_at=now))
    with pytest.raises(IntegrityError):
        db.flush()
    db.rollback()


def the_only_row(db: Session, roster_id: UUID) -> UUID:
    return db.query(Entitlement).filter_by(roster_id=roster_id).one().id


def test_plain_data_are_read_only_after_the_reading_was_written_down(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=(1,))
    row = the_only_row(db, roster_id)
    access = commands.note_access(
        db, home.clerk, roster_id, AccessPurpose.VIEW, reason="电话核对账号", now=now, entitlement_id=row
    )
    person = queries.person(db, VAULT, home.clerk, access, now=now)
    assert (person.name, person.resident_id, person.account_number) == ("受助人01", number(1), "6222000000000001")
    [told] = queries.readings(db, home.head, roster_id)
    assert (told.row_number, told.reason, told.purpose) == (1, "电话核对账号", AccessPurpose.VIEW)
    for actor, when in ((home.head, now), (home.clerk, now + timedelta(minutes=6))):
        with pytest.raises(NoSuchAccess):
            queries.person(db, VAULT, actor, access, now=when)
    with pytest.raises(NoSuchAccess):
        queries.person(db, VAULT, home.clerk, uuid4(), now=now)


def test_a_reading_in_the_same_transaction_opens_nothing(committing: Database, now: datetime) -> None:
    with committing.write() as db:
        home = a_home(db, now)
        roster_id = a_draft(db, home, now, people=(1,))
        row = the_only_row(db, roster_id)
    with committing.write() as db:
        access = commands.note_access(
            db, home.clerk, roster_id, AccessPurpose.VIEW, reason="核对", now=now, entitlement_id=row
        )
        with pytest.raises(NoSuchAccess):
            queries.person(db, VAULT, home.clerk, access, now=now)
    with committing.read() as db:
        assert queries.person(db, VAULT, home.clerk, access, now=now).name == "受助人01"


@pytest.mark.parametrize("statement", ["UPDATE aid_access SET reason = 'x'", "DELETE FROM aid_access"])
def test_the_application_cannot_change_the_record_of_readings(committing: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError), committing.write() as db:
        db.execute(text(statement))


def test_who_may_read_plain_data(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = an_approved(db, home, now, people=(1,))
    row = the_only_row(db, roster_id)

    def note(actor: Any, purpose: AccessPurpose) -> str:
        try:
            commands.note_access(db, actor, roster_id, purpose, reason="核对", now=now, entitlement_id=row)
        except Forbidden:
            return "403"
        except NotFound:
            return "404"
        return "yes"

    people = (home.clerk, home.head, home.accountant, home.auditor, home.stranger)
    assert [note(one, AccessPurpose.VIEW) for one in people] == ["yes", "yes", "403", "404", "404"]
    assert [note(one, AccessPurpose.EXPORT) for one in people] == ["yes", "403", "403", "404", "404"]
    assert [note(one, AccessPurpose.PAYMENT) for one in people] == ["403", "403", "yes", "404", "404"]
    with pytest.raises(NotFound):
        commands.note_access(db, home.clerk, uuid4(), AccessPurpose.VIEW, reason="核对", now=now)
    with pytest.raises(NotFound):
        commands.note_access(
            db, home.clerk, roster_id, AccessPurpose.VIEW, reason="核对", now=now, entitlement_id=uuid4()
        )
    db.add(AidAccess(roster_id=roster_id, purpose=AccessPurpose.VIEW, reason="x", at=now))
    with pytest.raises(IntegrityError, match="of_whom"):
        db.flush()
    db.rollback()


@pytest.mark.parametrize(
    ("amount_fen", "shown"),
    [(99_999, "1000 元以下"), (100_000, "1000 至 3000 元"), (499_999, "3000 至 5000 元"), (10**9, "1 万元以上")],
)
def test_another_organization_learns_a_band_and_no_amount(amount_fen: int, shown: str) -> None:
    assert band(amount_fen) == shown


def test_groups_of_one_to_four_are_not_published() -> None:
    ids = [uuid4() for _ in range(3)]
    assert publishable(dict.fromkeys(ids, 5))
    assert publishable({ids[0]: 0, ids[1]: 7})
    assert not publishable({ids[0]: 30, ids[1]: 4})
