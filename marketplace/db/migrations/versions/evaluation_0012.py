"""Panel, checks, scores, ranking and award."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not filled yet."""
