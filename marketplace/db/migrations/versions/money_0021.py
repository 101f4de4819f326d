"""Foreign keys that are looked up get their indexes; funds and aid may be changed in fewer columns."""

from alembic import op

from marketplace.db.roles import migration_roles

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEXED = (
    ("aid_access", "beneficiary_id"),
    ("aid_organizer", "organization_id"),
    ("api_token", "membership_id"),
    ("gift_basis", "document_id"),
    ("gift_invitation", "basis_id"),
    ("panel_member", "organization_id"),
    ("payment", "payee_id"),
    ("payment_application", "procuring_entity_id"),
    ("project", "catalogue_item_id"),
    ("project", "mandate_document_id"),
    ("project", "previous_id"),
    ("score", "bid_id"),
    ("score", "criterion_id"),
    ("sign_in_session", "membership_id"),
    ("supplier_change", "organization_id"),
    ("supplier_document", "document_id"),
)

CHANGEABLE = {
    "fund_receipt": "state, voided_by, voided_at, void_reason",
    "project_funding": "state, committed_fen, contract_id, committed_at, released_at",
    "aid_person": "first_seen_at",  # never changed; a lock asks for the right to change something
    "aid_activity": "",
    "aid_programme": "",
    "aid_organizer": "",
    "aid_rate": "group_name",  # never changed; a lock asks for the right to change something
    "aid_roster": (
        "state, revision, turn, heads, total_fen, submitted_by, submitted_at, approved_by, approved_at,"
        " returned_reason, application_id, paid_at"
    ),
    "aid_entitlement": "state, guardian_consent, payment_id, paid_at",
    "aid_import": "",
}
"""The columns of each table that the application may change."""
KEPT = (
    "fund_terms, fund_receipt, project_funding, aid_person, aid_activity, aid_programme, aid_organizer, aid_rate,"
    " aid_roster"
)
"""Tables of which the application removes no row."""


def upgrade() -> None:
    app = migration_roles().app
    for table, column in INDEXED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.drop_index("ix_reconciliation_match_book", "reconciliation_match")
    op.create_index("ix_reconciliation_match_book", "reconciliation_match", ["account_id", "custody", "matched_at"])
    for table, columns in CHANGEABLE.items():
        op.execute(f'REVOKE UPDATE ON {table} FROM "{app}"')
        if columns:
            op.execute(f'GRANT UPDATE ({columns}) ON {table} TO "{app}"')
    op.execute(f'REVOKE DELETE ON {KEPT} FROM "{app}"')
