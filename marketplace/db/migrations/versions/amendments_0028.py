"""Substantive amendments, and bids to be confirmed again."""

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
