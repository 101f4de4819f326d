"""The fen line: its own schema, owned by a role that cannot log in; the SQL beside this file is the whole of it."""

from pathlib import Path

from alembic import op

from marketplace.db.roles import migration_roles

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FILES = ("ledger_0004.sql", "ledger_0004_verbs.sql")


def upgrade() -> None:
    roles = migration_roles()
    app, ledger = f'"{roles.app}"', f'"{roles.ledger}"'
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql(f"CREATE SCHEMA ledger AUTHORIZATION {ledger}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA ledger TO {app}")
    connection.exec_driver_sql(f"SET LOCAL ROLE {ledger}")
    connection.exec_driver_sql("SET LOCAL search_path = ledger, public")
    for name in FILES:
        text = (Path(__file__).parent / name).read_text("utf-8")
        connection.exec_driver_sql(text.replace("@app@", app).replace("@ledger@", ledger))
    connection.exec_driver_sql("RESET ROLE")
    connection.exec_driver_sql("RESET search_path")
