"""Payment applications, payments, attempts, instruction files and bank statements."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not filled yet."""
