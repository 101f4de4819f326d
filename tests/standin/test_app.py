"""An installation without rails of its own gets stand-ins; doctor says whether the rails answer."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest
from litestar.testing import TestClient

from marketplace.app import Installation, opened, site, standins
from marketplace.cli import doctor
from marketplace.cli.serving import _local_url
from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.kit.clock import ManualClock, SystemClock
from marketplace.payments.rails import bank_of, gateway_of
from marketplace.settings import Settings
from marketplace.standin.control import Control
from marketplace.standin.identity import FILE
from tests.conftest import Urls


@pytest.fixture
def settings(tmp_path: Path, committing_urls: Urls) -> Settings:
    return Settings(
        home=tmp_path, database_url=committing_urls.app, owner_url=committing_urls.owner, secret_key="5a" * 32
    )


@pytest.fixture
def filled(standin: Control, tmp_path: Path) -> Iterator[Settings]:
    """Settings over the stand-ins that run already, found by what is kept in the data folder."""
    (tmp_path / FILE).write_text(json.dumps(asdict(standin.identity)), "utf-8")
    with standins(Settings(home=tmp_path)) as found:
        assert found.gateway_url == standin.gateway_url
        yield found


def test_stand_ins_fill_what_is_not_configured_and_end_with_the_block(settings: Settings) -> None:
    with standins(settings) as found, opened(found) as installation:
        assert installation.director is not None
        installation.director.top_up(700)
        gateway, bank = gateway_of(found, SystemClock()), bank_of(found, SystemClock())
        assert gateway is not None
        assert bank is not None
        assert gateway.available_fen() == 700
        assert bank.status("FK-1") is None
        gateway.close()
        bank.close()
        identity = installation.director.identity
    assert not Control(identity).is_up()
    with standins(settings) as again:
        assert again == found
    with opened(settings) as installation:
        assert installation.director is None


def test_what_is_configured_is_left_alone(settings: Settings) -> None:
    own = msgspec.structs.replace(settings, gateway_url="https://a.invalid", bank_url="https://b.invalid")
    with standins(own) as found, opened(found) as installation:
        assert found == own
        assert installation.director is None
    half = msgspec.structs.replace(settings, gateway_url="https://a.invalid")
    with standins(half) as found:
        assert found.gateway_url == "https://a.invalid"
        assert found.bank_url.endswith("/bank")


def test_without_addresses_the_rails_are_off() -> None:
    assert gateway_of(Settings(), SystemClock()) is None
    assert bank_of(Settings(), SystemClock()) is None


def test_only_a_clock_that_is_advanced_tells_the_stand_ins_its_time(filled: Settings, clock: ManualClock) -> None:
    bank, real = bank_of(filled, clock), bank_of(filled, SystemClock())
    assert bank is not None
    assert real is not None
    assert "request" in bank._http.event_hooks
    seen = []
    for rail in (bank, real):
        rail._http.event_hooks["response"] = [lambda answer: seen.append(answer.request.headers.get("x-standin-now"))]
        rail.status("FK-1")
        rail.close()
    assert seen == [clock.now().isoformat(), None]


def installation_of(settings: Settings, database: Database) -> Installation:
    return Installation(settings, database, FolderStorage(settings.home), SystemClock(), is_embedded=False)


def said(settings: Settings, database: Database) -> list[tuple[str, bool | None, str]]:
    installation = installation_of(settings, database)
    found = [doctor._gateway(installation), doctor._bank(installation)]
    return [(one.name, one.is_well, one.detail) for one in found]


def test_doctor_says_that_the_rails_answer(filled: Settings, committing: Database, committing_urls: Urls) -> None:
    full = msgspec.structs.replace(filled, database_url=committing_urls.app, owner_url=committing_urls.owner)
    with opened(full) as installation:
        found = {one.name: one for one in doctor.examine(installation, full)}
    assert (found["gateway"].is_well, found["gateway"].detail) == (True, "stand-in, 0.00 yuan available")
    assert (found["bank"].is_well, found["bank"].detail) == (True, "stand-in")
    secrets = [found[f"MARKETPLACE_GATEWAY_{name}"].detail for name in ("KEY", "SECRET")]
    assert secrets == ["(hidden) [set]"] * 2
    elsewhere = said(filled, committing)
    assert [is_well for _, is_well, _ in elsewhere] == [True, True]
    assert elsewhere[1][2] == filled.bank_url


def test_doctor_says_that_a_rail_is_off_away_or_refuses(filled: Settings, database: Database) -> None:
    off = msgspec.structs.replace(filled, gateway_url="", bank_url="")
    assert [(is_well, detail.partition(";")[0]) for _, is_well, detail in said(off, database)] == [
        (None, "off: no gifts online"),
        (None, "off: files go by hand"),
    ]
    assert all("the demo's stand-ins answer" in detail for *_, detail in said(off, database))
    away = msgspec.structs.replace(filled, gateway_url="http://127.0.0.1:9", bank_url="http://127.0.0.1:9")
    assert [(is_well, "not reachable" in detail) for _, is_well, detail in said(away, database)] == [(False, True)] * 2
    wrong = msgspec.structs.replace(filled, gateway_key="sk_of_a_stranger")
    assert "refuses us: http_401" in said(wrong, database)[0][2]


def test_readiness_does_not_ask_the_rails(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, gateway_url="http://127.0.0.1:9", bank_url="http://127.0.0.1:9")
    with opened(away) as installation, TestClient(site(installation)) as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "migrations": True, "broker": True})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - the case is the case
        ("::", "http://[::1]:8000"),
    ],
)
def test_the_webhook_reaches_this_machine(host: str, url: str) -> None:
    assert _local_url(Settings(host=host)) == url
