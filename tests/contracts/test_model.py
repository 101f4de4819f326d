"""The tables of contracts refuse what the rules refuse, whoever writes."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.contracts.support import Deal, active, drafted, half_signed, submitted, to_sign


def refused(db: Session, statement: str, **values: Any) -> str:
    """The constraint (or the privilege) that refuses a statement."""
    with pytest.raises(DBAPIError) as error, db.begin_nested():
        db.execute(text(statement), values)
    found = error.value.orig
    return str(found.diag.constraint_name or found.sqlstate)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("number = 'X-1'", "ck_contract_number_form"),
        ("number = NULL", "ck_contract_complete_when_submitted"),
        ("title = ''", "ck_contract_titled"),
        ("version = 0", "ck_contract_counted"),
        ("state = 'elsewhere'", "contractstate"),
        ("state = 'approved'", "ck_contract_approved_has_paper"),
        ("approved_by = drafter_ids[1]", "ck_contract_drafter_does_not_approve"),
        ("signed_at = submitted_at", "ck_contract_binding_is_signed"),
        ("published_at = submitted_at", "ck_contract_published_is_signed"),
        ("completed_at = submitted_at", "ck_contract_completed_has_time"),
        ("state = 'cancelled'", "ck_contract_end_has_reason"),
        ("state = 'active', signed_at = submitted_at", "ck_contract_both_signed"),
        ("price_fen = price_fen - 1", "ck_contract_frozen"),
        ("supplier_id = buyer_id", "ck_contract_frozen"),
        ("clauses = jsonb_set(clauses, '{breach}', '\"\"')", "ck_contract_frozen"),
        ("service_until = service_until + 1", "ck_contract_frozen"),
        ("milestone_days = '[]'", "ck_contract_frozen"),
        ("paper_edition = 1", "fk_contract_paper"),
    ],
)
def test_a_handed_in_contract_keeps_its_form(db: Session, deal: Deal, change: str, constraint: str) -> None:
    submitted(db, deal)
    assert refused(db, f"UPDATE contract SET {change} WHERE id = :id", id=deal.contract_id) == constraint


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("clauses = '[]'", "ck_contract_clauses_object"),
        ("milestone_days = '{}'", "ck_contract_milestone_days_listed"),
        ("service_until = service_from - 1", "ck_contract_service_ends_later"),
        ("state = 'submitted', submitted_at = drafted_at", "ck_contract_complete_when_submitted"),
    ],
)
def test_a_draft_keeps_its_form(db: Session, deal: Deal, change: str, constraint: str) -> None:
    drafted(db, deal)
    assert refused(db, f"UPDATE contract SET {change} WHERE id = :id", id=deal.contract_id) == constraint


@pytest.mark.parametrize("clause", ["content", "term", "quantity", "quality", "price", "payment", "duties", "breach"])
def test_nothing_is_handed_in_without_its_eight_clauses(db: Session, deal: Deal, clause: str) -> None:
    drafted(db, deal)
    db.execute(text("UPDATE contract SET clauses = clauses - :clause"), {"clause": clause})
    change = "UPDATE contract SET state = 'submitted', number = 'HT-2026-0009', submitted_at = drafted_at"
    assert refused(db, change) == "ck_contract_complete_when_submitted"


COPY = """
INSERT INTO contract (id, project_id, award_id, buyer_id, procuring_entity_id, supplier_id, state, version, title,
    price_fen, clauses, milestone_days, drafter_ids, drafted_at, updated_at, return_reason, end_reason)
SELECT :id, project_id, award_id, buyer_id, procuring_entity_id, {supplier}, {state}, 1, title, {price}, clauses,
    milestone_days, drafter_ids, drafted_at, updated_at, '', '' FROM contract
"""


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "uq_contract_live"),
        ({"price": "price_fen - 1"}, "ck_contract_as_awarded"),
        ({"supplier": "procuring_entity_id"}, "ck_contract_as_awarded"),
        ({"state": "'submitted'"}, "ck_contract_as_awarded"),
    ],
)
def test_a_contract_begins_as_the_one_draft_of_what_was_awarded(
    db: Session, deal: Deal, changes: dict[str, str], constraint: str
) -> None:
    drafted(db, deal)
    usual = {"supplier": "supplier_id", "state": "'draft'", "price": "price_fen"}
    assert refused(db, COPY.format(**(usual | changes)), id=uuid4()) == constraint


@pytest.mark.parametrize("table", ["contract_funding", "contract_paper", "contract_signature"])
def test_what_was_shared_out_printed_and_signed_stays(db: Session, deal: Deal, table: str) -> None:
    half_signed(db, deal)
    assert refused(db, f"UPDATE {table} SET id = id") == "42501"
    assert refused(db, f"DELETE FROM {table}") == "42501"


def test_a_contract_is_never_removed(db: Session, deal: Deal) -> None:
    drafted(db, deal)
    assert refused(db, "DELETE FROM contract") == "42501"


SIGN = """
INSERT INTO contract_signature (id, paper_id, sha256, side, organization_id, person_id, at)
SELECT :id, id, {sha256}, '{side}', :organization, :person, at FROM contract_paper
"""


@pytest.mark.parametrize(
    ("sha256", "side", "constraint"),
    [
        ("repeat('0', 64)", "buyer", "fk_contract_signature_paper_id_sha256"),
        ("sha256", "supplier", "uq_contract_signature_paper_id_side"),
        ("sha256", "nobody", "side"),
    ],
)
def test_a_signature_is_one_sides_over_that_very_paper(
    db: Session, deal: Deal, sha256: str, side: str, constraint: str
) -> None:
    half_signed(db, deal)
    who = {"organization": deal.supplier.organization_id, "person": deal.supplier.person_id}
    assert refused(db, SIGN.format(sha256=sha256, side=side), id=uuid4(), **who) == constraint


def test_one_signature_does_not_bind(db: Session, deal: Deal) -> None:
    half_signed(db, deal)
    change = "UPDATE contract SET state = 'active', signed_at = updated_at"
    assert refused(db, change) == "ck_contract_both_signed"
    active_again = "UPDATE contract SET paper_edition = NULL"
    assert refused(db, active_again) == "ck_contract_approved_has_paper"


def test_two_papers_have_two_editions(db: Session, deal: Deal) -> None:
    to_sign(db, deal)
    again = (
        "INSERT INTO contract_paper (id, contract_id, edition, document_id, sha256, sm3, at)"
        " SELECT :id, contract_id, edition, document_id, {}, sm3, at FROM contract_paper"
    )
    assert refused(db, again.format("sha256"), id=uuid4()) == "uq_contract_paper_contract_id_edition"
    assert refused(db, again.format("'short'"), id=uuid4()) == "ck_contract_paper_sha256_hex"


def test_money_of_a_contract_in_force_is_not_shared_out_again(db: Session, deal: Deal) -> None:
    active(db, deal)
    again = (
        "INSERT INTO contract_funding (id, contract_id, place, fund_id, amount_fen)"
        " SELECT :id, contract_id, {}, {}, {} FROM contract_funding LIMIT 1"
    )
    for values, constraint in (
        (("place", "gen_random_uuid()", "1"), "uq_contract_funding_contract_id_place"),
        (("9", "fund_id", "1"), "uq_contract_funding_contract_id_fund_id"),
        (("9", "gen_random_uuid()", "-1"), "ck_contract_funding_not_negative"),
    ):
        assert refused(db, again.format(*values), id=uuid4()) == constraint
