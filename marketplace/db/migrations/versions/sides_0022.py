"""A public institution of class one is a kind of its own, which neither buys nor supplies."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KINDS = (
    "'government', 'mass_organization', 'public_institution', 'public_institution_one', 'social_group',"
    " 'social_service_agency', 'foundation', 'enterprise', 'village_committee', 'other', 'individual'"
)


def upgrade() -> None:
    """Apply this revision."""
    op.execute("ALTER TABLE organization DROP CONSTRAINT organizationkind")
    op.execute(
        f"ALTER TABLE organization ADD CONSTRAINT organizationkind CHECK (kind IN ({KINDS})),"
        " ADD CONSTRAINT ck_organization_neither_side CHECK"
        " (kind <> 'public_institution_one' OR NOT functions && ARRAY['buyer', 'supplier'])"
    )
