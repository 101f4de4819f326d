"""The pages and JSON of the catalogue's editor, from a draft to the edition in force."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from marketplace.catalogue import queries
from marketplace.catalogue.rules.sheet import COLUMNS
from marketplace.catalogue.schemas import ItemView
from marketplace.catalogue.states import EditionState
from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.papers.sheets import text_table
from tests.catalogue.office import AFTER, AUDITOR, CLERK, HEAD, an_opinion, at, in_force
from tests.web.conftest import Browser

DESK = "/centre/catalogue"


@pytest.fixture
def site(browser_of_site: Browser, database: Database, clock: ManualClock) -> Browser:
    with database.write() as db:
        in_force(db, clock.now())
    return browser_of_site


def test_a_draft_goes_its_whole_way_in_the_browser(site: Browser, database: Database, clock: ManualClock) -> None:
    site.become(CLERK)
    made = site.post(f"{DESK}/new", {"label": "新目录"})
    here = made.headers["location"]
    wrong = site.post(
        f"{here}/entries/new", {"code": "A0404", "name": "志愿服务", "unit_cost_fen": "80", "match": "unverified"}
    )
    assert wrong.status_code == 422
    assert "没有计量单位" in wrong.text
    assert 'value="志愿服务"' in wrong.text
    new = {"code": "A0404", "name": "志愿服务", "unit": "场", "unit_cost_fen": "800", "match": "unverified"}
    assert site.post(f"{here}/entries/new", new).status_code == 303
    item = next(one for one in _entries(database, 2) if one.code == "A0404")
    changed = {**new, "name": "志愿者服务", "revision": str(item.revision)}
    assert site.post(f"{here}/entries/{item.id}", changed).status_code == 303
    assert site.post(f"{here}/entries/{item.id}/up").status_code == 303
    assert site.get(f"{here}/entries/{item.id}/retire").status_code == 200
    today = legal_day(clock.now())
    assert site.post(f"{here}/acts/consult", {"first": str(today), "last": str(today)}).status_code == 422
    period = {"first": str(today), "last": str(today + timedelta(days=6))}
    assert site.post(f"{here}/acts/consult", period).status_code == 303
    site.become(None)
    public = site.get("/catalogue/drafts/2")
    assert "志愿者服务" in public.text
    assert site.post("/catalogue/drafts/2/opinions", {"content": ""}).status_code == 422
    assert site.post("/catalogue/drafts/2/opinions", {"content": "请写明次数", "code": "A0401"}).status_code == 303
    assert "请写明次数" not in site.get("/catalogue/drafts/2").text
    site.become(CLERK)
    with database.read() as db:
        [opinion] = queries.dossier(db, CLERK, _version(database, 2), now=clock.now()).opinions
    answer = {"action": "adopt", "answer": "已写入"}
    assert site.get(f"{here}/opinions/{opinion.id}").status_code == 200
    assert site.post(f"{here}/opinions/{opinion.id}", answer).status_code == 303
    assert "已写入" in site.get("/catalogue/drafts/2").text
    clock.advance(AFTER)
    assert site.post(f"{here}/acts/submit").status_code == 422
    assert site.post(f"{here}/acts/review").status_code == 303
    for number in range(3):
        said = {"name": f"专家{number}", "employer": "示例大学", "conclusion": "agree", "content": "同意"}
        day = str(legal_day(clock.now()))
        assert site.post(f"{here}/acts/expert", {**said, "given_on": day}).status_code == 303
    kept = site.post(f"{here}/minutes", files={"file": ("纪要.pdf", b"%PDF-1.7\n", "application/pdf")})
    assert kept.status_code == 303
    assert site.post(f"{here}/acts/submit").status_code == 303
    assert site.post(f"{here}/acts/approve").status_code == 403
    site.become(HEAD)
    assert site.get(f"{here}/minutes/file").content.startswith(b"%PDF")
    assert "批准目录" in site.get(here).text
    assert site.post(f"{here}/acts/approve").status_code == 303
    assert site.post(f"{here}/acts/publish", {"in_force_on": str(legal_day(clock.now()))}).status_code == 303
    assert "志愿者服务" in site.get("/catalogue").text
    assert "已被替换" in site.get("/catalogue/editions/1").text
    assert site.get("/catalogue/editions/1/A0401").status_code == 200


def _entries(database: Database, number: int) -> tuple[ItemView, ...]:
    with database.read() as db:
        return queries.entries(db, number)


def _version(database: Database, number: int) -> UUID:
    with database.read() as db:
        return next(one.id for one in queries.versions(db) if one.number == number)


@pytest.mark.parametrize("state", EditionState)
def test_every_page_stands_in_every_state(
    site: Browser, database: Database, clock: ManualClock, tmp_path: Path, state: EditionState
) -> None:
    with database.write() as db:
        edition, later = at(db, state, tmp_path, clock.now())
    clock.set(later)
    for actor in (CLERK, HEAD):
        site.become(actor)
        for path in (DESK, f"{DESK}/{edition}", f"{DESK}/{edition}/entries", f"{DESK}/{edition}/sheet.xlsx"):
            assert site.get(path).status_code == 200, path
    assert site.get("/catalogue/differences?old=1&new=2").status_code == 200
    site.become(AUDITOR)
    assert site.get(f"{DESK}/{edition}").status_code in (403, 404)
    site.become(None)
    shown = state.value in ("consulting", "announced", "published", "replaced")
    assert site.get("/catalogue/editions/2").status_code == (200 if shown else 404)
    assert site.get("/catalogue/editions/2/sheet.xlsx").status_code == (200 if shown else 404)
    assert site.get("/catalogue/differences?old=1&new=2").status_code == (200 if shown else 404)
    assert site.get("/catalogue/drafts/2").status_code == (404 if state is EditionState.DRAFT else 200)
    assert site.api("GET", "/api/v1/catalogue/editions/2/entries").status_code == (200 if shown else 404)
    for path in ("/catalogue/drafts", "/catalogue/editions", "/catalogue"):
        assert site.get(path).status_code == 200


def test_a_sheet_is_shown_before_it_is_taken_in(site: Browser, database: Database, clock: ManualClock) -> None:
    site.become(CLERK)
    here = site.post(f"{DESK}/new", {"label": "新目录"}).headers["location"]
    row = {"code": "A0404", "level_3": "志愿服务"}
    content = text_table(list(COLUMNS.values()), [[row.get(field, "") for field in COLUMNS]])
    assert "打不开" in site.post(f"{here}/sheets", files={"file": ("x.xlsx", b"nothing")}).text
    assert site.post(f"{here}/sheets").status_code == 422
    read = site.post(f"{here}/sheets", files={"file": ("目录.xlsx", content)})
    report = site.get(read.headers["location"])
    assert "确认导入" in report.text
    assert len(_entries(database, 2)) == 6
    assert site.post(read.headers["location"], {"revision": "1"}).status_code == 303
    assert len(_entries(database, 2)) == 7
    assert site.get(f"{here}/sheets/template.xlsx").content[:2] == b"PK"
    assert "已导入" in site.get(read.headers["location"]).text
    assert site.get("/catalogue/differences/sheet.xlsx?old=1&new=2").content[:2] == BytesIO(content).read()[:2]
    assert site.get(f"{DESK}/codes").status_code == 200
    assert site.post(f"{DESK}/codes", {"code": "C01020304", "name": "示例品目"}).status_code == 303


def test_the_same_verbs_stand_under_the_api(
    site: Browser, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    api = "/api/v1/catalogue/editions"
    site.become(CLERK)
    made = site.api("POST", api, {"label": "新目录"}).json()["id"]
    added = site.api("POST", f"{api}/{made}/entries", {"code": "A0404", "name": "志愿服务"})
    assert added.status_code == 201
    item = added.json()["id"]
    entry = {"code": "A0404", "name": "志愿者服务"}
    changed = site.api("PUT", f"{api}/{made}/entries/{item}", {"revision": 1, "entry": entry})
    assert (changed.status_code, changed.json()["type"]) == (409, "/problems/stale")
    assert site.api("PUT", f"{api}/{made}/entries/{item}", {"revision": 2, "entry": entry}).status_code == 204
    assert site.api("POST", f"{api}/{made}/entries/{item}/move", {"up": True}).status_code == 204
    found = site.api("GET", f"{api}/differences?old=1&new=2").json()
    assert [one["code"] for one in found["added"]] == ["A0403"]
    assert site.api("POST", f"{api}/{made}/entries/{item}/retirement", {"reason": "不再需要"}).status_code == 204
    today = legal_day(clock.now())
    period = {"first": str(today), "last": str(today + timedelta(days=6))}
    assert site.api("POST", f"{api}/{made}/consultation", period).status_code == 204
    site.become(None)
    assert site.api("POST", f"{api}/2/opinions", {"content": "同意修改"}).status_code == 201
    assert site.api("GET", f"{api}/2/opinions").json() == []
    assert site.api("POST", f"{api}/{made}/review").status_code == 401
    site.become(CLERK)
    assert site.api("POST", f"{api}/{made}/review").json()["type"] == "/problems/catalogue_consult_open"
    assert site.api("POST", f"{api}/{made}/withdrawal", {"reason": "暂缓编制"}).status_code == 204
    with database.write() as db:
        edition, _ = at(db, EditionState.CONSULTING, tmp_path, clock.now())
        an_opinion(db, 3, clock.now())
    assert site.api("GET", f"{api}/{edition}").json()["opinions"][0]["giver"] == "某村村民"
