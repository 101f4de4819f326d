"""The story of 2016 by the real worker at the stand-in bank: its sums are the article's, from what reached paid."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from sqlalchemy import text

from marketplace.aid import queries
from marketplace.aid.model import Entitlement
from marketplace.aid.schemas import AidReport
from marketplace.app import Installation, opened, standins
from marketplace.cli import main
from marketplace.cli.reports import written
from marketplace.db.base import Database, connect, plain_url
from marketplace.kit.codes import birth_date
from marketplace.ledger.queries import verify
from marketplace.settings import Settings
from seed.facts_2016 import FILE, STORY, facts, sheet
from seed.stories import tell
from tests.conftest import Urls, copied

GIVEN = Path(__file__).parents[3] / "shared" / "domain" / "data" / FILE.name
EXPECTED = {
    "雨露计划": (32, 9_600_000),
    "“我要上大学”2016希望工程助困入学关爱行动": (15, 7_500_000),
    "金秋助学": (96, 12_600_000),
    "春蕾助学行动": (150, 10_000_000),
}


@dataclass(frozen=True)
class Told:
    """Where the story was told, and with which settings."""

    urls: Urls
    settings: Settings
    again: tuple[str, ...]


@pytest.fixture(scope="module")
def told(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A database in which the story was told, and told again."""
    with copied(template) as urls:
        home = tmp_path_factory.mktemp("home")
        settings = Settings(home=home, database_url=urls.app, owner_url=urls.owner, secret_key="2016" * 16)
        said: list[str] = []
        with standins(settings) as full, opened(full) as installation:
            tell(installation, [STORY], say=lambda _: None)
            tell(installation, [STORY], say=said.append)
        yield Told(urls, settings, tuple(said))


@pytest.fixture(scope="module")
def database(told: Told) -> Iterator[Database]:
    database = connect(told.urls.app)
    yield database
    database.dispose()


def as_table(report: AidReport) -> dict[str, tuple[int, int]]:
    return {line.name: (line.heads, line.total_fen) for line in report.programmes}


def test_the_sums_are_the_articles(database: Database) -> None:
    with database.read() as db:
        report = queries.report(db, STORY)
        assert verify(db).ok
    assert (report.heads, report.total_fen) == (293, 39_700_000)
    assert as_table(report) == EXPECTED
    assert (facts().checksum.heads, facts().checksum.total_fen) == (293, 39_700_000)


def test_every_person_was_paid_once_by_the_bank_after_two_people_and_two_more(database: Database) -> None:
    with database.read() as db:
        rows = db.execute(
            text(
                "SELECT e.state, p.state, p.rail, p.amount_fen = e.amount_fen, r.state, p.value_date,"
                " r.submitted_by <> r.approved_by, p.prepared_by <> p.approved_by, p.approved_by <> p.executed_by"
                " FROM aid_entitlement e JOIN payment p ON p.line_id = e.id AND p.id = e.payment_id"
                " JOIN aid_roster r ON r.id = e.roster_id"
            )
        ).all()
    assert len(rows) == 293
    assert {row[:5] for row in rows} == {("paid", "paid", "bank", True, "paid")}
    assert {row[5].year for row in rows} == {2016}
    assert {row[6:] for row in rows} == {(True, True, True)}


def test_the_report_comes_from_movements_and_not_from_tags(told: Told, database: Database) -> None:
    database.dispose()  # a database is copied only while nobody is connected to it
    with copied(told.urls.name) as copy:
        with psycopg.connect(plain_url(copy.owner)) as db:
            db.execute("SET session_replication_role = replica")  # the owner breaks the books on purpose, in a copy
            gone = db.execute(
                "DELETE FROM ledger.movement m USING ledger.account a, payment p"
                " WHERE a.id = m.to_account AND a.fund_id = m.fund_id AND a.role = 'paid' AND a.ref = p.id"
                " AND p.id = (SELECT payment_id FROM aid_entitlement WHERE amount_fen = 500000 LIMIT 1)"
            ).rowcount
        books = connect(copy.app)
        with books.read() as db:
            report = queries.report(db, STORY)
            assert not verify(db).ok
        books.dispose()
    assert gone == 1
    assert (report.heads, report.total_fen) == (292, 39_200_000)


def test_the_command_prints_one_document(
    told: Told, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETPLACE_DATABASE_URL", told.urls.app)
    monkeypatch.setenv("MARKETPLACE_OWNER_URL", told.urls.owner)
    monkeypatch.setenv("MARKETPLACE_HOME", str(told.settings.home))
    assert main(["report", "aid", "--story", STORY, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["heads"], found["total_fen"]) == (293, 39_700_000)
    assert {line["name"]: (line["heads"], line["total_fen"]) for line in found["programmes"]} == EXPECTED
    assert main(["report", "aid", "--story", "nowhere"]) == 1


def test_without_json_the_report_is_plain_text(database: Database) -> None:
    with database.read() as db:
        lines = written(queries.report(db, STORY)).splitlines()
    assert lines[-1] == "合计  293 人  39.7 万元"
    assert "金秋助学  96 人  12.6 万元" in lines


def test_a_story_told_again_is_left_alone(told: Told, database: Database) -> None:
    assert told.again[-1] == f"{STORY} 1/1 "
    with database.read() as db:
        assert db.query(Entitlement).count() == 293


def test_what_everybody_sees_are_counts_and_sums(database: Database) -> None:
    with database.read() as db:
        shown = msgspec.json.encode(queries.public_programmes(db)).decode()
        held = queries.activities(db)
    public = {one["name"]: (one["heads"], one["paid_fen"]) for one in json.loads(shown) if one["kind"] == "aid"}
    assert public == EXPECTED
    assert "受助甲" not in shown
    assert [one.name for one in held] == [one.name_zh for one in facts().activities] or len(held) == 4


def test_the_people_are_evidently_invented() -> None:
    numbers = [row["resident_id"] for line in facts().aid_lines for _, row in sheet(line)]
    names = [row["name"] for line in facts().aid_lines for _, row in sheet(line)]
    assert len(set(numbers)) == len(set(names)) == 293
    assert {birth_date(one).year for one in numbers} == {1900}
    assert all("受助" in name for name in names)


@pytest.mark.skipif(not GIVEN.exists(), reason="the reference data are not beside this checkout")
def test_our_facts_are_the_ones_given() -> None:
    assert json.loads(FILE.read_text("utf-8")) == json.loads(GIVEN.read_text("utf-8"))


def test_without_a_bank_the_story_says_so(database: Database, told: Told, template: str) -> None:
    with copied(template) as urls:
        settings = msgspec.structs.replace(told.settings, database_url=urls.app, owner_url=urls.owner)
        with opened(settings) as installation:
            bare = Installation(
                settings=installation.settings,
                database=installation.database,
                storage=installation.storage,
                clock=installation.clock,
                is_embedded=False,
            )
            with pytest.raises(RuntimeError, match="stand-in bank"):
                tell(bare, [STORY], say=lambda _: None)
