"""Wishes of villages and units, and their adoption; co-organizers and their own money."""

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
