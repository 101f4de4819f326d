"""The declaration on the six general conditions as an organization's people and its bids read it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity.queries import names
from marketplace.procedures.queries import rules
from marketplace.procedures.rules import clean_since
from marketplace.suppliers.model import SupplierDeclaration
from marketplace.suppliers.rules.declaration import CONDITION_TEXTS, EDITION, years_after
from marketplace.suppliers.schemas import DeclarationText, DeclarationView

_CLEAN_YEARS = 3


def declarations(db: Session, organization_id: UUID) -> tuple[DeclarationView, ...]:
    """Every declaration of an organization, the newest first; the caller has asked for the right to read it."""
    query = select(SupplierDeclaration).where(SupplierDeclaration.organization_id == organization_id)
    rows = list(db.scalars(query.order_by(SupplierDeclaration.n.desc())))
    known = names(db, {row.signed_by for row in rows})
    return tuple(
        DeclarationView(
            id=row.id,
            edition=row.edition,
            clean_since=row.clean_since,
            signed_by=row.signed_by,
            signed_by_name=known.get(row.signed_by, ""),
            signed_on=row.signed_on,
            signed_at=row.signed_at,
            valid_to=row.valid_to,
        )
        for row in rows
    )


def declaration_of(db: Session, organization_id: UUID) -> DeclarationView | None:
    """The organization's newest declaration, for its bids; ask its ``holds(on_day)`` whether it stands on a day."""
    return next(iter(declarations(db, organization_id)), None)


def declaration_text(db: Session, *, on_day: date) -> DeclarationText:
    """What is signed on a day: the edition, and each condition's text (a message id with ``since``)."""
    since = clean_since(rules(db, day=on_day), on_day) or years_after(on_day, -_CLEAN_YEARS)
    return DeclarationText(edition=EDITION, since=since, conditions=tuple(CONDITION_TEXTS.items()))
