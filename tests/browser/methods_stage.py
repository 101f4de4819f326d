"""The site of the seven methods: a buyer, a centre, reviewers, money, four organizations, and a clock moved by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Page

from marketplace.bids.commands import enrol_opener_key
from marketplace.bids.sealing import keys
from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database, connect
from marketplace.documents.storage import FolderStorage
from marketplace.funds import commands as funds
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import LEGAL_ZONE, ManualClock
from marketplace.projects.queries import published
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.services import Services
from marketplace.web.site import create_site
from seed import reference
from tests.bids.worlds import CHEAP
from tests.browser.conftest import Serve, Watch
from tests.browser.walker import Walker
from tests.conftest import Urls, copied
from tests.funds.purse import Office, a_fund, a_new_receipt
from tests.identity.town import a_person, an_organization
from tests.suppliers.shelf import a_qualified

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE)
SECRET = "5a" * 32
UNION, CENTRE, WATCH = "示例区总工会", "示例区党群服务中心", "示例区经审会"
FUND, FUND_FEN = "2026 年群众服务专项", 400_000_000
FUNCTIONS = {UNION: Function.BUYER, CENTRE: Function.PROCURING_ENTITY, WATCH: Function.SUPERVISOR}
PEOPLE = {
    "clerk": ("甲经办", UNION, Role.CLERK),
    "head": ("乙主席", UNION, Role.HEAD),
    "colleague": ("壬经办", UNION, Role.CLERK),
    "accountant": ("己会计", UNION, Role.CLERK),
    "centre-clerk": ("丙经办", CENTRE, Role.CLERK),
    "centre-head": ("庚主任", CENTRE, Role.HEAD),
    "supervisor": ("戊审计", WATCH, Role.AUDITOR),
}
PASSPHRASES = {
    "clerk": "春天里我们去看油菜花", "head": "河边的石桥有七个桥洞", "centre-clerk": "竹椅上面晒着两双旧布鞋",
    "supervisor": "老槐树下讲过去的故事",
}  # fmt: skip
SUPPLIERS = ("firefly", "second", "third", "fourth")


@dataclass
class Hand(Walker):
    """A walker that sits down as anybody of the town without a password; another test tries the door."""

    actors: dict[str, Actor] = field(default_factory=dict)

    def sign_in(self, login: str, password: str = "") -> None:
        """Somebody else sits down."""
        assert login in self.actors, password
        self.leave()
        self.page.context.add_cookies([{"name": SESSION_COOKIE, "value": login, "url": self.base}])


@dataclass
class Stage:
    """Where a method is walked."""

    hand: Hand
    database: Database
    clock: ManualClock
    settings: Settings

    def due(self, project_id: str) -> datetime:
        """The deadline of a published project."""
        with self.database.read() as db:
            due = published(db, UUID(project_id)).bids_due_at
        assert due
        return due


def _settled(database: Database, folder: Path) -> dict[str, Actor]:
    reference.load(database, ManualClock(NOW))
    seal = application_keys(Settings(home=folder, secret_key=SECRET))
    with database.write() as db:
        places = {name: an_organization(db, one, now=NOW, name=name) for name, one in FUNCTIONS.items()}
        actors = {
            login: actor_of(db, a_person(db, places[where], role, now=NOW, login=login, name=name), places[where])
            for login, (name, where, role) in PEOPLE.items()
        }
        for login, passphrase in PASSPHRASES.items():
            enrol_opener_key(db, seal, actors[login], passphrase, now=NOW)
        treasury = an_organization(db, Function.FINANCE_OFFICE, now=NOW, name="示例区财政局")
        teller = actor_of(db, a_person(db, treasury, Role.ACCOUNTANT, now=NOW), treasury)
        office = Office(accountant=teller, cashier=teller, buyer_id=places[UNION])
        fund = a_fund(db, office, now=NOW, name=FUND)
        funds.receive(db, teller, a_new_receipt(fund, FUND_FEN), now=NOW)
        for number, login in enumerate(SUPPLIERS, 1):
            actors[login] = a_qualified(db, folder, number, now=NOW, serves_minors=True)
    return actors


@pytest.fixture(scope="module")
def settled(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Actor]]]:
    """A database that nobody is connected to with the whole town in it; the name, and who is who."""
    with copied(template) as urls:
        database = connect(urls.app)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(keys, "USUAL_COST", CHEAP)
            actors = _settled(database, tmp_path_factory.mktemp("methods"))
        database.dispose()
        yield urls.name, actors


@pytest.fixture
def committing_urls(settled: tuple[str, dict[str, Actor]]) -> Iterator[Urls]:
    """A really committing copy of the town for one method."""
    with copied(settled[0]) as urls:
        yield urls


@pytest.fixture
def stage(
    settled: tuple[str, dict[str, Actor]],
    committing: Database,
    clock: ManualClock,
    tmp_path: Path,
    page: Page,
    watch: Watch,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    """The town's site on the first morning."""
    monkeypatch.setattr(keys, "USUAL_COST", CHEAP)
    actors = dict(settled[1])

    def load(scope: HTTPScope) -> Visitor:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode().split("; ")
        login = next((login for login in actors if f"{SESSION_COOKIE}={login}" in cookies), "")
        name, place, _ = PEOPLE.get(login, ("联络", "示例社会工作服务中心", None))
        return Visitor(actor=actors[login], person_name=name, organization_name=place) if login else ANONYMOUS

    settings = Settings(home=tmp_path, secret_key=SECRET, log_level="ERROR")
    services = Services(
        database=committing, storage=FolderStorage(tmp_path / "documents"), clock=clock, settings=settings,
        load_visitor=load,
    )  # fmt: skip
    return Stage(Hand(page, watch, serve(create_site(services)), actors=actors), committing, clock, settings)
