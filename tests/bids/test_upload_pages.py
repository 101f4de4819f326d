"""Uploads over HTTP in the words of tus, as a program and the page's own script speak them."""

import base64
import json
from typing import Any

import pytest

from marketplace.bids.schemas import FileKind
from marketplace.bids.sealing.files import FRAME
from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.bids import ROUTES
from marketplace.web.bids.uploads import Line
from marketplace.web.upload import BrokenOff
from tests.bids.support import SECOND, World
from tests.bids.test_uploads import PHOTO
from tests.web.conftest import SECRET, Browser, OpenBrowser

TUS = {"Tus-Resumable": "1.0.0"}
BODY = TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(home=tmp_path, secret_key=SECRET, upload_bytes_max=2**20)


@pytest.fixture
def site(open_browser: OpenBrowser, settings: Settings, world: World) -> Browser:
    site = open_browser(routes=ROUTES, settings=settings)
    site.become(world.bidders[0])
    site.post(f"/org/bids/{world.project_id}/take")
    return site


def uploads(world: World) -> str:
    return f"/api/v1/projects/{world.project_id}/bid/uploads"


def call(site: Browser, method: str, path: str, headers: dict[str, str], content: bytes | None = None) -> Any:
    token = {"x-csrftoken": site.client.cookies.get("csrf") or ""}
    return site.client.request(method, path, headers=token | headers, content=content)


def metadata(**said: str) -> dict[str, str]:
    pairs = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
    return {"Upload-Metadata": ",".join(pairs)}


def begin(site: Browser, world: World, name: str = "证书.jpg", size: int = len(PHOTO), **more: str) -> Any:
    said = metadata(filename=name, kind="qualification", modified="17", **more)
    return call(site, "POST", uploads(world), TUS | {"Upload-Length": str(size)} | said)


def send(site: Browser, where: str, at: int, content: bytes) -> Any:
    return call(site, "PATCH", where, BODY | {"Upload-Offset": str(at)}, content)


def test_a_program_announces_sends_asks_and_goes_on(site: Browser, world: World) -> None:
    begun = begin(site, world)
    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "0"), begun.text
    where = begun.headers["location"]
    sent = send(site, where, 0, PHOTO[: 2 * FRAME])
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(2 * FRAME)), sent.text
    asked = call(site, "HEAD", where, TUS)
    assert (asked.status_code, asked.headers["upload-offset"]) == (200, str(2 * FRAME))
    assert asked.headers["upload-length"] == str(len(PHOTO))
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["upload-expires"].endswith("GMT")
    again = begin(site, world)
    assert (again.headers["location"], again.headers["upload-offset"]) == (where, str(2 * FRAME))
    listed = site.api("GET", uploads(world)).json()
    assert [(one["name"], one["offset"]) for one in listed] == [("证书.jpg", 2 * FRAME)]
    done = send(site, where, 2 * FRAME, PHOTO[2 * FRAME :])
    assert (done.status_code, done.headers["upload-offset"]) == (204, str(len(PHOTO))), done.text
    assert send(site, where, len(PHOTO), b"").status_code == 204
    assert site.api("GET", uploads(world)).json() == []
    mine = site.api("GET", f"/api/v1/projects/{world.project_id}/bid").json()
    assert [one["name"] for one in mine["draft"]["files"]] == ["证书.jpg"]
    file = site.get(f"/org/bids/{world.project_id}/files/{mine['draft']['files'][0]['id']}")
    assert file.content == PHOTO


def test_a_wrong_offset_is_answered_with_the_right_one(site: Browser, world: World) -> None:
    where = begin(site, world).headers["location"]
    send(site, where, 0, PHOTO[:FRAME])
    refused = send(site, where, 0, PHOTO[:FRAME])
    assert (refused.status_code, refused.headers["upload-offset"]) == (409, str(FRAME))
    assert refused.json()["type"] == "/problems/upload_offset"
    assert str(FRAME) in refused.json()["detail"]


@pytest.mark.parametrize(
    ("name", "size", "status", "code"),
    [
        ("程序.exe", 10, 422, "file_not_taken"),
        ("证书.jpg", 0, 422, "empty_file"),
        ("证书.jpg", 2**20 + 1, 413, "too_large"),
    ],
)
def test_what_is_not_taken_is_refused_when_it_is_announced(
    site: Browser, world: World, name: str, size: int, status: int, code: str
) -> None:
    refused = begin(site, world, name, size)
    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{code}")


def test_what_is_sent_wrong_is_refused_with_its_code(site: Browser, world: World) -> None:
    where = begin(site, world).headers["location"]
    refused = call(site, "POST", uploads(world), metadata(filename="证书.jpg"))
    assert (refused.status_code, refused.headers["tus-version"]) == (412, "1.0.0")
    assert call(site, "HEAD", where, {}).status_code == 412
    assert call(site, "PATCH", where, {}, b"").status_code == 412
    assert call(site, "DELETE", where, {}).status_code == 412
    assert call(site, "PATCH", where, TUS | {"Upload-Offset": "0"}, b"").status_code == 415
    assert call(site, "PATCH", where, BODY | {"Upload-Offset": "-1"}, b"").status_code == 422
    assert call(site, "POST", uploads(world), TUS | {"Upload-Length": "3"}).status_code == 422
    assert call(site, "POST", uploads(world), TUS | {"Upload-Metadata": "filename !!,x"}).status_code == 422
    for content, code in (
        (PHOTO[:100], "upload_piece_too_small"),
        (PHOTO + b"!", "upload_more_than_announced"),
        (b"MZ" + bytes(2 * FRAME), "file_not_as_named"),
    ):
        refused = send(site, where, 0, content)
        assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{code}")
    assert call(site, "HEAD", where, TUS).headers["upload-offset"] == "0"


def test_someone_else_s_upload_is_not_found(site: Browser, world: World) -> None:
    where = begin(site, world).headers["location"]
    site.become(world.bidders[1])
    site.post(f"/org/bids/{world.project_id}/take")
    assert call(site, "HEAD", where, TUS).status_code == 404
    assert send(site, where, 0, PHOTO).status_code == 404
    assert call(site, "DELETE", where, TUS).status_code == 404
    assert site.api("GET", uploads(world)).json() == []
    site.become(world.bidders[2])
    assert begin(site, world).json()["type"] == "/problems/document_not_taken"


def test_a_cancelled_upload_is_gone(site: Browser, world: World) -> None:
    where = begin(site, world).headers["location"]
    assert call(site, "DELETE", where, TUS).status_code == 204
    assert call(site, "HEAD", where, TUS).status_code == 404


def test_after_the_deadline_an_upload_does_not_go_on(site: Browser, world: World, clock: ManualClock) -> None:
    clock.set(world.due - SECOND)
    where = begin(site, world).headers["location"]
    clock.set(world.due + SECOND)
    refused = send(site, where, 0, PHOTO)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/bid_too_late")


def test_without_the_form_s_token_a_browser_may_not_send(site: Browser, world: World) -> None:
    said = TUS | {"Upload-Length": "10"} | metadata(filename="a.pdf")
    assert site.client.post(uploads(world), headers=said).status_code == 403


def test_what_arrived_before_a_line_broke_is_used() -> None:
    def breaking() -> Any:
        yield b"one"
        raise BrokenOff(field="file")

    line = Line(breaking())
    assert list(line) == [b"one"]
    assert line.broken
    assert BrokenOff.code == "upload_cut_off"


def test_no_log_says_that_anybody_uploads(site: Browser, world: World, database: Database) -> None:
    site.logged.clear()
    where = begin(site, world).headers["location"]
    send(site, where, 0, PHOTO)
    assert "uploads" not in json.dumps(site.logged, default=str)
    assert FileKind.QUALIFICATION not in json.dumps(site.logged, default=str)
