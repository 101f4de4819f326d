"""One-time links: issued, taken, and their tokens forgotten once the mail is written."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.credentials import Safe, tokens
from marketplace.identity.model import OneTimeLink
from marketplace.identity.queries.accounts import link_place
from marketplace.identity.rules.sign_in import LINK_LIFE, LinkSpent
from marketplace.identity.states import LinkPurpose


def issue_mailed(
    db: Session, safe: Safe, account_id: UUID, purpose: LinkPurpose, organization_id: UUID | None, *, now: datetime
) -> UUID:
    """Make a link that a mail will carry, in place of an earlier one of the same purpose, and return its id."""
    spend_all(db, account_id, purpose, organization_id, now=now)
    token, link_id = tokens.new_token(), uuid4()
    db.add(
        OneTimeLink(
            id=link_id,
            account_id=account_id,
            organization_id=organization_id,
            purpose=purpose,
            token_digest=tokens.digest(token),
            sealed=safe.vault.seal(token, link_place(link_id)),
            issued_at=now,
            expires_at=now + LINK_LIFE[purpose],
        )
    )
    db.flush()
    return link_id


def issue_step(db: Session, account_id: UUID, *, now: datetime) -> str:
    """Make the token of a sign-in's second step; it goes into a cookie, so nothing of it is sealed."""
    token = tokens.new_token()
    db.add(
        OneTimeLink(
            account_id=account_id,
            purpose=LinkPurpose.SECOND_FACTOR,
            token_digest=tokens.digest(token),
            sealed=None,
            issued_at=now,
            expires_at=now + LINK_LIFE[LinkPurpose.SECOND_FACTOR],
        )
    )
    db.flush()
    return token


def spend_all(
    db: Session, account_id: UUID, purpose: LinkPurpose, organization_id: UUID | None = None, *, now: datetime
) -> None:
    """End the live links of one purpose; for an invitation, those of one organization, or of all with None."""
    query = update(OneTimeLink).where(
        OneTimeLink.account_id == account_id, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)
    )
    if organization_id is not None:
        query = query.where(OneTimeLink.organization_id == organization_id)
    db.execute(query.values(used_at=now, sealed=None))


def find(db: Session, token: str, purpose: LinkPurpose) -> OneTimeLink:
    """The link of a token, not locked yet: its account is to be locked first.

    Raises:
        LinkSpent: there is none for this purpose.
    """
    query = select(OneTimeLink).where(OneTimeLink.token_digest == tokens.digest(token), OneTimeLink.purpose == purpose)
    link = db.scalar(query)
    if link is None:
        raise LinkSpent
    return link


def still_good(db: Session, link_id: UUID, *, now: datetime) -> OneTimeLink:
    """Lock a link that may still be used.

    Raises:
        LinkSpent: used, replaced or too old.
    """
    link = lock(db, OneTimeLink, link_id)
    if link is None or link.used_at is not None or now >= link.expires_at:
        raise LinkSpent
    return link


def forget_link_token(db: Session, link_id: UUID) -> None:
    """Empty the sealed token: its mail was handed over, in the same transaction that says so."""
    link = lock(db, OneTimeLink, link_id)
    if link is not None:
        link.sealed = None
