"""What PostgreSQL itself keeps in order: foreign keys can be looked up, and the application may change only so much."""

from collections.abc import Iterator

import psycopg
import pytest

from marketplace.db.base import plain_url
from tests.conftest import ROLES, Urls

UNINDEXED = """
SELECT c.conrelid::regclass::text, c.conname, c.confrelid::regclass::text FROM pg_constraint c
WHERE c.contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = c.conrelid AND a.attnum = ANY (c.conkey)
    AND coalesce(pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname), true))
"""
"""Foreign keys no column of which begins an index over all rows (or over all rows that have it)."""

WHO = "person"
"""Nobody asks for all that one person did, and people are never removed: an index would only cost each act."""
WORDS = "readiness_kind"
"""A list of a few words, which no one removes."""
STANDING = {
    "fk_one_time_link_account_id",
    "fk_one_time_link_organization_id",
    "fk_reconciliation_item_bank_line_id",
    "fk_reconciliation_item_booking_id",
    "fk_reconciliation_item_fund_id_movement_id",
    "fk_reconciliation_item_statement_id",
    "fk_reconciliation_note_bank_line_id",
    "fk_reconciliation_note_booking_id",
    "fk_reconciliation_note_fund_id_movement_id",
    "fk_reconciliation_note_statement_id",
    "fk_role_holding_membership",
    "fk_sign_in_session_account_id",
}
"""Only what stands is asked for, by a partial index; what it names is never removed."""
PLACED = {
    "attempt_from_account_fund_id_fkey",
    "fk_catalogue_version_based_on",
    "fk_catalogue_version_minutes_id",
    "fk_milestone_verification_report_id_reported_by",
    "fk_seal_seat_opener_id",
    "fk_seal_seat_organization_id",
}
"""Found by other ways: attempt and edition by their ids, a report's findings by two partial indexes, a seat by its
project."""

CHANGEABLE = """
SELECT c.oid::regclass::text,
    CASE WHEN has_table_privilege(%(app)s, c.oid, 'UPDATE') THEN '{every column}'
    ELSE array_agg(a.attname::text) FILTER (WHERE has_column_privilege(%(app)s, c.oid, a.attnum, 'UPDATE')) END,
    has_table_privilege(%(app)s, c.oid, 'DELETE')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN ('public'::regnamespace, 'ledger'::regnamespace) GROUP BY c.oid
"""

NOTHING = ""
BY_COLUMN = {
    "aid_access": NOTHING,
    "aid_activity": NOTHING,
    "aid_entitlement": "state guardian_consent payment_id paid_at",
    "aid_import": NOTHING,
    "aid_organizer": NOTHING,
    "aid_person": "first_seen_at",
    "aid_programme": NOTHING,
    "aid_rate": "group_name",
    "aid_roster": (
        "state revision turn heads total_fen submitted_by submitted_at approved_by approved_at returned_reason"
        " application_id paid_at"
    ),
    "alembic_version": NOTHING,
    "award": "published_by published_at notice_until signable_from",
    "bank_statement": "fresh",
    "bank_statement_line": "attempt_id",
    "bid_entry": NOTHING,
    "bid_upload": "expires_at finished_at",
    "bid_upload_piece": NOTHING,
    "catalogue_expert": NOTHING,
    "catalogue_opinion": "state answer answered_by answered_at",
    "catalogue_sheet": "applied_by applied_at",
    "catalogue_version": (
        "state revision label note drafter_ids consult_from consult_to review_from minutes_id submitted_by submitted_at"
        " return_reason approved_by approved_at published_by published_at in_force_on replaced_at withdrawn_at"
        " withdraw_reason"
    ),
    "contract_funding": NOTHING,
    "contract_paper": NOTHING,
    "contract_signature": NOTHING,
    "custody_account": "name",
    "demand_survey": NOTHING,
    "demand_survey_answer": NOTHING,
    "feed_end": NOTHING,
    "following": "name frequency due_at told_n",
    "fund_receipt": "state voided_by voided_at void_reason",
    "gateway_booking": NOTHING,
    "gift_basis": "state withdrawn_by withdrawn_at withdraw_reason",
    "gift_invitation": "state basis_id expires_on revoked_at revoke_reason given_at",
    "gift_link": "ended_at sealed",
    "gift_payment": "state session_id session_url asked_at refusal charge_id fee_fen net_fen paid_at receipt_id",
    "inbox_event": "state settled_at reason",
    "journal_detail": NOTHING,
    "journal_entry": NOTHING,
    "milestone_acceptance": NOTHING,
    "milestone_verification": NOTHING,
    "opened_bid": NOTHING,
    "payee_account": NOTHING,
    "payment_application": (
        "state amount_fen invoice_no invoice_on note reason prepared_by prepared_at approved_by approved_at settled_at"
    ),
    "payment_attempt": "calls transfer_id outcome reason value_date settled_at",
    "payment_instruction": "state digest calls reason answered_at",
    "project_amendment": (
        "state content base_edition proposer_ids proposed_at ended_by ended_at end_reason notice_id"
    ),
    "project_edition": NOTHING,
    "project_draw": NOTHING,
    "project_funding": "state committed_fen contract_id committed_at released_at",
    "project_intention": NOTHING,
    "project_invited": NOTHING,
    "project_minutes": NOTHING,
    "project_plan_filing": NOTHING,
    "project_pre_evaluation": NOTHING,
    "project_review_opinion": NOTHING,
    "project_reviewer": NOTHING,
    "project_seal": NOTHING,
    "project_sole_source": NOTHING,
    "public_event": NOTHING,
    "ranked_bid": NOTHING,
    "readiness_kind": NOTHING,
    "reconciliation_item": "is_live",
    "reconciliation_match": "state undone_by undone_at reason",
    "reconciliation_note": "state ended_by ended_at",
    "rule_edition": "reason",
    "rule_row": NOTHING,
    "seal_seat": NOTHING,
    "supplier_check": NOTHING,
    "supplier_decision": NOTHING,
    "supplier_declaration": NOTHING,
    "supplier_interest": "withdrawn_by withdrawn_at withdraw_reason",
    "supplier_reminder": NOTHING,
    "supplier_yearly_report": NOTHING,
} | dict.fromkeys(
    (f"ledger.{table}" for table in (
        "account", "attempt", "fund", "holding", "lawful_move", "movement", "movement_span", "receipt", "total",
    )),
    NOTHING,
)  # fmt: skip
"""The columns that the application may change of each table in which it may not change every one."""
MONEY_REMOVED = {"payment", "aid_entitlement", "aid_import"}
"""The only tables of money and aid of which the application removes rows: drafts, and the last sheet taken in."""


@pytest.fixture
def owner(shared_urls: Urls) -> Iterator[psycopg.Connection]:
    with psycopg.connect(plain_url(shared_urls.owner)) as connection:
        yield connection


def test_every_foreign_key_can_be_looked_up_by_an_index(owner: psycopg.Connection) -> None:
    bare = {name for _, name, named in owner.execute(UNINDEXED) if named not in (WHO, WORDS)}
    assert bare == STANDING | PLACED


def test_the_application_may_change_no_other_column_than_these(owner: psycopg.Connection) -> None:
    found = owner.execute(CHANGEABLE, {"app": f"{ROLES}_app"}).fetchall()
    narrow = {table: set(columns or ()) for table, columns, _ in found if columns != ["every column"]}
    assert narrow == {table: set(columns.split()) for table, columns in BY_COLUMN.items()}


def test_the_application_removes_no_row_of_money_or_aid_but_drafts(owner: psycopg.Connection) -> None:
    of_money = ("aid_", "bank_", "custody_", "fund_", "gateway_", "gift_", "ledger.", "pay", "project_funding", "recon")
    removed = {table for table, _, removes in owner.execute(CHANGEABLE, {"app": f"{ROLES}_app"}) if removes}
    assert {table for table in removed if table.startswith(of_money)} == MONEY_REMOVED
