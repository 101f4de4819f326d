"""A demo is told into a database of its own, and only such a database is emptied by ``reset``."""

from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from marketplace.cli import demo, main
from marketplace.db.base import Database, plain_url
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.settings import Settings
from tests.conftest import Urls
from tests.identity.town import a_person, an_organization

NOW = datetime(2026, 3, 2, 9, tzinfo=LEGAL_ZONE)
NAMES = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'ledger')"


def tables(urls: Urls) -> int:
    with psycopg.connect(plain_url(urls.owner)) as db:
        found = db.execute(NAMES).fetchone()
    return int(found[0]) if found else 0


def test_a_database_that_held_nobody_becomes_the_demos_and_stays_so(
    committing: Database, committing_urls: Urls
) -> None:
    assert demo.claim(committing_urls.owner)
    with committing.write() as db:
        a_person(db, an_organization(db, now=NOW), now=NOW)
    assert demo.claim(committing_urls.owner)


def test_a_demo_is_not_told_into_a_database_with_accounts_of_its_own(
    installed: Path, committing: Database, committing_urls: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    with committing.write() as db:
        a_person(db, an_organization(db, now=NOW), now=NOW)
    assert not demo.claim(committing_urls.owner)
    assert main(["seed", "demo"]) == 2
    assert "holds accounts that no demo made" in capsys.readouterr().err


def test_reset_leaves_a_database_alone_that_no_demo_filled(
    installed: Path, committing_urls: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    before, kept = tables(committing_urls), installed / "documents"
    kept.mkdir()
    assert main(["reset", "--yes"]) == 2
    assert "empty yours yourself" in capsys.readouterr().err
    assert tables(committing_urls) == before
    assert kept.exists()


def test_reset_empties_the_demos_database_and_it_can_be_filled_again(installed: Path, committing_urls: Urls) -> None:
    settings = Settings(home=installed, database_url=committing_urls.app, owner_url=committing_urls.owner)
    demo.claim(committing_urls.owner)
    (installed / "documents").mkdir()
    assert main(["reset", "--yes"]) == 0
    assert tables(committing_urls) == 0
    assert not (installed / "documents").exists()
    assert demo.empty(settings), "an empty database has nothing to lose"
    assert main(["migrate"]) == 0
    assert tables(committing_urls) > 0
    assert demo.claim(committing_urls.owner)
