"""Indexes that answer a list of projects alone: each filter's own order, with what the other filters ask beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PUBLIC = sa.text("published_at IS NOT NULL")
BRANCH = sa.text('"left"(catalogue_code, 3)')


def _index(name: str, first: list[str | sa.TextClause], beside: list[str]) -> None:
    op.create_index(name, "project", [*first, "id"], postgresql_where=PUBLIC, postgresql_include=beside)


def upgrade() -> None:
    """Replace the one index of what is public by one for each way of asking."""
    op.drop_index("ix_project_public", "project")
    _index("ix_project_public", ["published_at"], ["state", "buyer_id", "catalogue_code", "ceiling_fen"])
    _index("ix_project_public_state", ["state", "published_at"], ["buyer_id", "catalogue_code", "ceiling_fen"])
    _index("ix_project_public_buyer", ["buyer_id", "published_at"], ["state", "catalogue_code", "ceiling_fen"])
    _index("ix_project_public_branch", [BRANCH, "published_at"], ["state", "buyer_id", "catalogue_code", "ceiling_fen"])
    _index("ix_project_public_due", ["bids_due_at"], ["state", "buyer_id", "catalogue_code", "ceiling_fen"])
