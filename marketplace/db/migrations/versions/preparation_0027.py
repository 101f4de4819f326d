"""What comes before a notice: surveys, reviews, minutes, intention notices, invitations."""

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
