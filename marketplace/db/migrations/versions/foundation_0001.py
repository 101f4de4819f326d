"""Extensions, the application's rights on what follows, and the series of numbers people say aloud."""

import sqlalchemy as sa
from alembic import op

from marketplace.db.roles import migration_roles

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    app = migration_roles().app
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(f'GRANT USAGE ON SCHEMA public TO "{app}"')
    op.execute(f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{app}"')
    op.execute(f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "{app}"')
    op.execute(f'GRANT SELECT ON alembic_version TO "{app}"')
    op.create_table(
        "number_series",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name="pk_number_series"),
        sa.CheckConstraint("last > 0", name="ck_number_series_last_positive"),
    )
