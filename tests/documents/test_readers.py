"""Who may have which document in which state of what it belongs to: one table, tried over every door there is."""

import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.queries import milestones_of
from marketplace.evaluation.model import PanelMember
from marketplace.flows.reading import DOORS, DocumentKind, may_read_bid
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.kit.errors import NotFound
from marketplace.projects.states import MilestoneKind
from tests.contracts.support import Deal
from tests.documents.scenes import SCENES, Asked
from tests.identity.town import an_actor
from tests.projects.village import somebody
from tests.web.conftest import OpenBrowser

READERS = (
    "anybody", "own", "own_cashier", "rival", "buyer", "centre", "expert", "auditor", "payer", "office", "stranger",
    "admin",
)  # fmt: skip
TABLE = """
tender     draft              404  404  404  404  read read 403  read 404  404  404  404
tender     removed            404  404  404  404  404  404  404  404  404  404  404  404
tender     called_off         404  404  404  404  read read 403  read 404  404  404  404
tender     open               read read read read read read read read read read read read
tender     cancelled          read read read read read read read read read read read read
internal   draft              404  404  404  404  read read 403  read 404  404  404  404
internal   open               404  404  404  404  read read 403  read 404  404  404  404
internal   cancelled          404  404  404  404  read read 403  read 404  404  404  404
own_bid    draft              in   read 403  404  403  403  403  403  403  403  403  403
own_bid    submitted          in   404  403  404  403  403  403  403  403  403  403  403
own_bid    opened             in   404  403  404  403  403  403  403  403  403  403  403
bid        draft              in   404  404  404  404  404  404  404  404  404  404  404
bid        submitted          in   404  404  404  404  404  404  404  404  404  404  404
bid        withdrawn          in   404  404  404  404  404  404  404  404  404  404  404
bid        due                in   404  404  404  404  404  404  404  404  404  404  404
bid        opened             in   read 403  404  read read 403  read 404  404  404  404
proof      draft              in   read 403  404  404  404  403  404  404  404  404  404
proof      submitted          in   read 403  404  404  read 403  read 404  404  404  404
proof      removed            in   404  403  404  404  404  403  404  404  404  404  404
proof      checked_removed    in   read 403  404  404  read 403  read 404  404  404  404
contract   draft              in   404  404  404  404  404  403  404  404  404  404  404
contract   submitted          in   404  404  404  404  404  403  404  404  404  404  404
contract   approved           in   read 403  404  read read 403  read 404  404  404  404
contract   returned           in   404  404  404  404  404  403  404  404  404  404  404
contract   returned_cancelled in   404  404  404  404  404  403  404  404  404  404  404
contract   cancelled          in   read 403  404  read read 403  read 404  404  404  404
contract   active             in   read 403  404  read read 403  read read 404  404  404
evidence   draft              in   read 403  404  404  404  403  404  404  404  404  404
evidence   removed            in   404  403  404  404  404  403  404  404  404  404  404
evidence   reported           in   read 403  404  read read 403  read 404  404  404  404
evidence   verified           in   read 403  404  read read 403  read 404  404  404  404
evidence   accepted           in   read 403  404  read read 403  read read 404  404  404
gift_basis standing           in   404  404  404  404  404  404  read read 404  404  read
gift_basis withdrawn          in   404  404  404  404  404  404  read read 404  404  read
"""
"""``read`` the bytes, ``in`` be asked to sign in, or the status of the refusal. ``own`` bids, registers, signs and
reports, ``own_cashier`` is of the same organization without the post for it, ``rival`` lost; ``buyer`` and ``centre``
are their clerks, ``expert`` is employed by the centre and sits on no panel; ``payer`` is the accountant of the office
whose funds pay the contract, ``office`` that of another; ``stranger`` heads another buyer; ``admin`` the system's."""
LINES = [line.split() for line in TABLE.strip().splitlines()]


def readers(db: Session, deal: Deal, own: Actor) -> dict[str, Actor | None]:
    now, village = deal.at, deal.village
    assert own.organization_id
    assert village.centre_clerk.organization_id
    return {
        "anybody": None,
        "own": own,
        "own_cashier": somebody(db, own.organization_id, Role.CASHIER, now),
        "rival": deal.losers[0],
        "buyer": village.buyer_clerk,
        "centre": village.centre_clerk,
        "expert": somebody(db, village.centre_clerk.organization_id, Role.EXPERT, now),
        "auditor": village.auditor,
        "payer": deal.office.accountant,
        "office": an_actor(db, Role.ACCOUNTANT, functions=(Function.FINANCE_OFFICE,), now=now),
        "stranger": village.stranger,
        "admin": an_actor(db, Role.SYSTEM_ADMIN, functions=(Function.OPERATOR,), now=now),
    }


WORD = {200: "read", 401: "in", 303: "in", 403: "403", 404: "404"}


@pytest.mark.parametrize("kind", SCENES)
def test_who_may_have_it(db: Session, deal: Deal, clock: ManualClock, open_browser: OpenBrowser, kind: str) -> None:
    browser, wrong = open_browser(), []
    for _, state, *expected in [line for line in LINES if line[0] == kind]:
        with db.begin_nested() as savepoint:
            asked = SCENES[kind](db, replace(deal), state)
            people = readers(db, deal, asked.own or deal.supplier)
            db.flush()
            clock.set(asked.at)
            for path in asked.paths:
                found = []
                for name in READERS:
                    browser.become(people[name])
                    found.append(WORD[browser.get(path).status_code])
                if found != expected:
                    wrong.append(
                        (
                            state,
                            path,
                            [
                                f"{who} {got} for {want}"
                                for who, got, want in zip(READERS, found, expected, strict=True)
                                if got != want
                            ],
                        )
                    )
            savepoint.rollback()
        db.expire_all()
    assert wrong == []


def test_a_panel_that_declared_reads_the_bids_of_its_own_project_and_no_others(db: Session, deal: Deal) -> None:
    member = db.scalars(select(PanelMember).where(PanelMember.project_id == deal.project_id)).first()
    assert member
    elsewhere = replace(deal.village.stranger, person_id=member.person_id)
    may_read_bid(db, elsewhere, deal.project_id, deal.bid_id)
    other = SCENES["bid"](db, deal, "opened")
    project_id, bid_id = _ids(other)
    with pytest.raises(NotFound):
        may_read_bid(db, elsewhere, project_id, bid_id)
    with pytest.raises(NotFound):
        may_read_bid(db, elsewhere, deal.project_id, bid_id)


def _ids(asked: Asked) -> tuple[UUID, UUID]:
    project, bid, _ = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", asked.paths[0])
    return UUID(project), UUID(bid)


def test_every_kind_has_its_door_and_a_line_in_the_table() -> None:
    assert set(DOORS) == set(DocumentKind)
    assert set(SCENES) == {kind for kind, *_ in LINES}


def test_no_page_gives_a_document_out_past_the_one_place() -> None:
    """Files leave through ``file_answer`` alone, and whoever calls it asked ``flows.reading`` first."""
    web = Path(__file__).parents[2] / "marketplace" / "web"
    texts = {path.relative_to(web): path.read_text("utf-8") for path in web.rglob("*.py")}
    past = r"documents\.queries|\b(evidence_document|proof_document|my_draft_file)\(|queries\.(download|opened_file)\("
    assert [str(path) for path, text in texts.items() if re.search(past, text)] == []
    givers = {path: text for path, text in texts.items() if re.search(r"(?<!def )\bfile_answer\(", text)}
    assert givers
    for path, text in givers.items():
        asked = len(re.findall(r"reading\.(stored|draft_file|opened_file)\(", text))
        assert asked == len(re.findall(r"(?<!def )\bfile_answer\(", text)), path


def test_every_door_of_the_site_is_tried(db: Session, deal: Deal, open_browser: OpenBrowser) -> None:
    """The addresses that answer with a stored file are those the table asks, and the supplier's own copy of one."""
    site = open_browser().client.app
    found = {
        route.path_format
        for route in site.routes
        if isinstance(route, HTTPRoute)
        and "GET" in route.methods
        and re.search(r"/(files/\{(file|evidence)_id\}|proofs/\{proof_id\}|paper)$", route.path_format)
    }
    assert found == {
        "/projects/{project_id}/files/{file_id}",
        "/api/v1/projects/{project_id}/files/{file_id}",
        "/org/bids/{project_id}/files/{file_id}",
        "/openings/{project_id}/bids/{bid_id}/files/{file_id}",
        "/org/profile/proofs/{proof_id}",
        "/centre/suppliers/{organization_id}/proofs/{proof_id}",
        "/api/v1/suppliers/{organization_id}/proofs/{proof_id}",
        *(f"/{house}/{{contract_id}}/paper"
            for house in ("org/contracts", "centre/contracts", "finance/contracts", "api/v1/contracts")),
        *(f"/{house}/{{milestone_id}}/files/{{evidence_id}}"
            for house in ("org/milestones", "centre/acceptance", "finance/milestones", "api/v1/milestones")),
        "/finance/gifts/basis/{basis_id}/paper",
    }  # fmt: skip


def test_the_office_that_pays_reads_contract_and_evidence_and_changes_nothing(
    db: Session, deal: Deal, clock: ManualClock, open_browser: OpenBrowser
) -> None:
    asked = SCENES["evidence"](db, deal, "accepted")
    milestone_id = asked.paths[2].split("/")[3]
    clock.set(asked.at)
    browser = open_browser()
    browser.become(deal.office.accountant)
    claim = browser.get(f"/finance/payments/new/{milestone_id}").text
    for place in (f"/finance/contracts/{deal.contract_id}", f"/finance/milestones/{milestone_id}"):
        assert f'href="{place}"' in claim
        page = browser.get(place)
        assert page.status_code == 200, page.text
        assert re.findall(r'<form[^>]*action="/(?:finance|centre|org)', page.text) == []
    assert asked.paths[2] in browser.get(f"/finance/milestones/{milestone_id}").text
    contract = browser.get(f"/finance/contracts/{deal.contract_id}").text
    assert f"/finance/milestones/{milestone_id}" in contract
    assert f"/finance/contracts/{deal.contract_id}/paper" in contract
    assert browser.get(f"/api/v1/contracts/{deal.contract_id}").json()["actions"] == []
    assert browser.get(f"/api/v1/milestones/{milestone_id}").json()["card"]["actions"] == []
    form = {"amount_fen": "100.00", "invoice_no": "25512000000012345678", "note": ""}
    form["invoice_on"] = asked.at.date().isoformat()
    made = browser.post(f"/finance/payments/new/{milestone_id}", form)
    assert made.status_code == 303, made.text
    review = browser.get(made.headers["location"]).text
    assert f"/finance/contracts/{deal.contract_id}" in review
    assert f"/finance/milestones/{milestone_id}" in review
    other = [one for one in milestones_of(db, deal.contract_id) if str(one.id) != milestone_id]
    unpaid = next(one for one in other if one.kind is MilestoneKind.DELIVERABLE)
    assert browser.get(f"/finance/milestones/{unpaid.id}").status_code == 404
    for reader in (deal.buyer_clerk, deal.supplier):
        browser.become(reader)
        assert browser.get(f"/finance/contracts/{deal.contract_id}").status_code == 404
