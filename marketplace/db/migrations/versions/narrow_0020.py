"""What settlement, gifts, inbox and reconciliation have written down stays: narrower privileges, and sums that hold."""

import sqlalchemy as sa
from alembic import op

from marketplace.db.roles import migration_roles

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CHANGEABLE = {
    "inbox_event": "state, settled_at, reason",
    "custody_account": "name",  # never changed; a lock asks for the right to change something
    "payee_account": "",
    "payment_application": (
        "state, amount_fen, invoice_no, invoice_on, note, reason, prepared_by, prepared_at, approved_by, approved_at,"
        " settled_at"
    ),
    "payment_instruction": "state, digest, calls, reason, answered_at",
    "payment_attempt": "calls, transfer_id, outcome, reason, value_date, settled_at",
    "bank_statement": "fresh",
    "bank_statement_line": "attempt_id",
    "gateway_booking": "",
    "gift_basis": "state, withdrawn_by, withdrawn_at, withdraw_reason",
    "gift_invitation": "state, basis_id, expires_on, revoked_at, revoke_reason, given_at",
    "gift_link": "ended_at, sealed",
    "gift_payment": (
        "state, session_id, session_url, asked_at, refusal, charge_id, fee_fen, net_fen, paid_at, receipt_id"
    ),
    "reconciliation_match": "state, undone_by, undone_at, reason",
    "reconciliation_item": "is_live",
    "reconciliation_note": "state, ended_by, ended_at",
}
"""The columns of each table that the application may change; it removes no row of any of them."""

PAYMENT = """
CREATE FUNCTION public.payment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- A payment is laid out before its application is approved; then its sum, its fund and its line stay what they are.
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.application_id, NEW.place, NEW.number, NEW.fund_id, NEW.rail, NEW.line_id, NEW.amount_fen)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.application_id, OLD.place, OLD.number, OLD.fund_id, OLD.rail, OLD.line_id, OLD.amount_fen)
        THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.state = 'draft' AND OLD.tries = 0 THEN
            RETURN OLD;
        END IF;
    ELSIF EXISTS (SELECT FROM payment_application WHERE id = NEW.application_id AND state IN ('submitted', 'returned'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING MESSAGE = 'what was approved is what is paid', ERRCODE = 'check_violation',
        CONSTRAINT = 'ck_payment_frozen';
END
$$
"""

APPLICATION = """
CREATE FUNCTION public.payment_application_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM payment WHERE application_id = NEW.id) THEN
        RAISE EXCEPTION USING MESSAGE = 'the payments are not the sum that is asked for',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_payment_application_adds_up';
    END IF;
    RETURN NEW;
END
$$
"""

ATTEMPT = """
CREATE FUNCTION public.payment_attempt_pays_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount_fen <> (SELECT amount_fen FROM payment WHERE id = NEW.payment_id) THEN
        RAISE EXCEPTION USING MESSAGE = 'an attempt pays the payment whole', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_payment_attempt_pays_whole';
    END IF;
    RETURN NEW;
END
$$
"""

INSTRUCTION = """
CREATE FUNCTION public.payment_instruction_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.count, NEW.total_fen) IS DISTINCT FROM
        (SELECT (count(*), coalesce(sum(amount_fen), 0)::bigint) FROM payment_attempt WHERE instruction_id = NEW.id)
    THEN
        RAISE EXCEPTION USING MESSAGE = 'the lines are not what the file says', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_payment_instruction_adds_up';
    END IF;
    RETURN NEW;
END
$$
"""

TRIGGERS = (
    (
        "CREATE TRIGGER payment_frozen BEFORE INSERT OR UPDATE OR DELETE ON payment"
        " FOR EACH ROW EXECUTE FUNCTION payment_frozen()"
    ),
    (
        "CREATE TRIGGER payment_application_adds_up BEFORE UPDATE OF state ON payment_application FOR EACH ROW"
        " WHEN (OLD.state = 'submitted' AND NEW.state = 'approved') EXECUTE FUNCTION payment_application_adds_up()"
    ),
    (
        "CREATE TRIGGER payment_attempt_pays_whole BEFORE INSERT ON payment_attempt"
        " FOR EACH ROW EXECUTE FUNCTION payment_attempt_pays_whole()"
    ),
    (
        "CREATE TRIGGER payment_instruction_adds_up BEFORE UPDATE OF digest ON payment_instruction FOR EACH ROW"
        " WHEN (OLD.digest IS NULL) EXECUTE FUNCTION payment_instruction_adds_up()"
    ),
)


def upgrade() -> None:
    app = migration_roles().app
    for table, columns in CHANGEABLE.items():
        op.execute(f'REVOKE UPDATE, DELETE ON {table} FROM "{app}"')
        if columns:
            op.execute(f'GRANT UPDATE ({columns}) ON {table} TO "{app}"')
    for statement in (PAYMENT, APPLICATION, ATTEMPT, INSTRUCTION, *TRIGGERS):
        op.execute(statement)
    for name, sign in (("paid", "<"), ("returned", ">")):
        condition = f"attempt_id IS NOT NULL AND amount_fen {sign} 0"
        op.create_index(
            f"uq_bank_statement_line_{name}",
            "bank_statement_line",
            ["attempt_id"],
            unique=True,
            postgresql_where=sa.text(condition),
        )
