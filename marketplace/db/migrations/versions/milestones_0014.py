"""Milestones: reports, evidence, verification and acceptance."""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not filled yet."""
