"""A form that comes from elsewhere is not acted on."""

import pytest

from marketplace.web.security import FormTooOld
from tests.web.conftest import Browser


@pytest.mark.parametrize("token", [None, "", "of-another-browser"])
def test_a_form_without_its_own_token_is_refused_with_what_to_do(browser_of_site: Browser, token: str | None) -> None:
    browser_of_site.get("/trace")
    data = {"number": "SJ-2026-0001", "check_code": "ABCDEFGH"} | ({} if token is None else {"_csrf_token": token})
    answer = browser_of_site.client.post("/trace", data=data, follow_redirects=False)
    assert answer.status_code == 403
    assert FormTooOld.text in answer.text


def test_the_api_says_so_too(browser_of_site: Browser) -> None:
    browser_of_site.get("/trace")
    answer = browser_of_site.client.post("/api/v1/sign-in", json={"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("form_too_old")
