"""The pages of the catalogue's editor in a real browser at both widths: whole, accessible, nowhere sideways."""

from io import BytesIO
from pathlib import Path

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Page

from marketplace.catalogue import commands, queries
from marketplace.catalogue.rules.sheet import COLUMNS, read_sheet
from marketplace.catalogue.states import EditionState
from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.papers.sheets import text_table
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.site import Services, create_site
from seed import reference
from tests.browser.conftest import Serve, Watch
from tests.catalogue.office import ADOPTED, CLERK, HEAD, SUPPLIER, a_draft, a_period, an_opinion, at, entry

pytestmark = pytest.mark.browser
PEOPLE = {"clerk": CLERK, "head": HEAD}
ROWS = (
    {"code": "A0401", "level_3": "儿童福利和保护服务", "unit": "人次", "unit_cost_fen": "80", "standard": "每周两次"},
    {"code": "A0499", "level_3": "志愿者管理服务", "procurement_codes": "C99999999", "match": "名称一致"},
)


def test_every_page_of_the_editor_is_whole_and_accessible(
    sized: Page, serve: Serve, watch: Watch, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    now = clock.now()
    reference.load(database, clock)
    content = text_table(list(COLUMNS.values()), [[row.get(field, "") for field in COLUMNS] for row in ROWS])
    with database.write() as db:
        submitted, later = at(db, EditionState.SUBMITTED, tmp_path, now)
        reviewing, _ = at(db, EditionState.REVIEWING, tmp_path, now)
        draft = a_draft(db, later, "2027 年指导性目录")
        item = next(one.id for one in queries.entries_of(db, draft) if one.code == "A0401")
        words = entry(
            "A0401", "儿童福利和保护服务", unit="人次", unit_cost_fen=8_000, standard="每周两次\n每次不少于两小时"
        )  # fmt: skip
        commands.change_entry(db, CLERK, draft, item, words, revision=1, now=later)
        commands.add_entry(db, CLERK, draft, entry("A0408", "志愿者管理服务"), now=later)
        sheet = commands.keep_sheet(
            db, CLERK, draft, read_sheet(BytesIO(content)), name="目录.xlsx", whole=False, now=later
        )
        heard = a_draft(db, later, "征求意见的目录")
        commands.add_entry(
            db, CLERK, heard, entry("A0408", "志愿者管理服务", unit="场", unit_cost_fen=80_000), now=later
        )
        commands.consult(db, CLERK, heard, a_period(later), now=later)
        number = next(one.number for one in queries.versions(db) if one.id == heard)
        commands.answer_opinion(db, CLERK, an_opinion(db, number, later), ADOPTED, now=later)
        waiting = an_opinion(db, number, later, SUPPLIER, code="")
    clock.set(later)

    def load(scope: HTTPScope) -> Visitor:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
        found: Actor | None = next((one for name, one in PEOPLE.items() if f"{SESSION_COOKIE}={name}" in cookies), None)
        return Visitor(actor=found, person_name="陈示例", organization_name="示例单位") if found else ANONYMOUS

    services = Services(
        database=database, storage=FolderStorage(tmp_path), clock=clock,
        settings=Settings(home=tmp_path, secret_key="5a" * 32), load_visitor=load,
    )  # fmt: skip
    address, desk = serve(create_site(services)), "/centre/catalogue"
    watch.begin(address)
    pages = {
        "": ("/catalogue", "/catalogue/drafts", f"/catalogue/drafts/{number}", "/catalogue/editions",
             "/catalogue/editions/1", "/catalogue/editions/1/A0401", f"/catalogue/differences?old=1&new={number}"),
        "clerk": (
            desk, f"{desk}/new", f"{desk}/codes", f"{desk}/{draft}", f"{desk}/{draft}/acts/consult",
            f"{desk}/{draft}/entries", f"{desk}/{draft}/entries/new", f"{desk}/{draft}/entries/{_id(database, draft)}",
            f"{desk}/{draft}/entries/{_id(database, draft)}/retire", f"{desk}/{draft}/sheets/{sheet}",
            f"{desk}/{heard}", f"{desk}/{heard}/opinions/{waiting}", f"{desk}/{reviewing}",
            f"{desk}/{reviewing}/acts/expert",
        ),
        "head": (f"{desk}/{submitted}", f"{desk}/{submitted}/acts/return"),
    }  # fmt: skip
    for person, paths in pages.items():
        sized.context.clear_cookies(name=SESSION_COOKIE)
        if person:
            sized.context.add_cookies([{"name": SESSION_COOKIE, "value": person, "url": address}])
        for place, path in enumerate(paths):
            answer = sized.goto(address + path)
            assert answer, path
            assert answer.ok, path
            watch.check(f"catalogue-{person or 'public'}-{place}")


def _id(database: Database, edition: object) -> object:
    with database.read() as db:
        return next(one.id for one in queries.entries_of(db, edition) if one.code == "A0401")  # type: ignore[arg-type] # a key
