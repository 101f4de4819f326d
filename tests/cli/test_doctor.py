"""``marketplace doctor`` says what is so: where the books are, who may write them, what is missing."""

from pathlib import Path

from marketplace.app import opened
from marketplace.cli.doctor import Finding, examine
from marketplace.settings import Settings
from tests.conftest import ROLES, Urls, copied


def said(home: Path, app: str, owner: str, broker: str = "") -> dict[str, Finding]:
    settings = Settings(home=home, database_url=app, owner_url=owner, broker_url=broker, role_prefix=ROLES)
    with opened(settings) as installation:
        return {one.name: one for one in examine(installation, settings)}


def test_a_migrated_database_is_well_and_its_books_guarded(shared_urls: Urls, tmp_path: Path) -> None:
    found = said(tmp_path, shared_urls.app, shared_urls.owner)
    assert found["database"].detail.startswith("configured PostgreSQL 1")
    assert (found["migrations"].is_well, found["migrations"].detail) == (True, "up to date")
    assert found["ledger guard"].is_well


def test_an_application_that_signs_in_as_the_owner_may_write_the_books_and_is_told(
    shared_urls: Urls, tmp_path: Path
) -> None:
    found = said(tmp_path, shared_urls.owner, shared_urls.owner)["ledger guard"]
    assert not found.is_well
    assert "may write the books; set MARKETPLACE_OWNER_URL to another login" in found.detail


def test_a_database_never_migrated_has_no_books_and_says_the_command(shared_urls: Urls, tmp_path: Path) -> None:
    with copied("template0") as bare:
        found = said(tmp_path, bare.app, bare.owner)
    assert not found["migrations"].is_well
    assert found["migrations"].detail.startswith("at nothing, the code is at 00")
    assert found["ledger guard"].detail == "the books are not there yet: run marketplace migrate"


def test_a_database_that_is_away_is_said_to_be_away(shared_urls: Urls, tmp_path: Path) -> None:
    found = said(tmp_path, shared_urls.app.replace(shared_urls.name, "no_such_database"), shared_urls.owner)
    assert (found["database"].is_well, found["database"].detail) == (
        False,
        "configured, not reachable: OperationalError",
    )


def test_a_broker_that_does_not_answer_is_said_to_be_away_and_its_password_is_kept(
    shared_urls: Urls, tmp_path: Path
) -> None:
    found = said(tmp_path, shared_urls.app, shared_urls.owner, "amqp://guest:secret@127.0.0.1:9")
    assert (found["broker"].is_well, found["broker"].detail) == (False, "RabbitMQ not reachable")
    assert found["MARKETPLACE_BROKER_URL"].detail == "amqp://guest:***@127.0.0.1:9 [set]"
