"""Contracts, their approvals and signatures."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not filled yet."""
