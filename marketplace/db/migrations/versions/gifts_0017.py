"""Legal basis to receive, invitations to donors, gifts through the gateway."""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not filled yet."""
