"""Keys for programs: made by a person for some of their own rights, revoked by that person."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.commands.sessions import own_account
from marketplace.identity.credentials import tokens
from marketplace.identity.model import ApiToken, Membership
from marketplace.identity.queries.visitors import live_membership
from marketplace.identity.rules import Right, rights_of
from marketplace.identity.rules.sign_in import SEEN_STEP, TOKEN_DAYS_MAX
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, Kind, NotFound
from marketplace.kit.i18n import N_

NAME_MAX = 80


class BadToken(DomainError):
    """A token was asked for without name, without or with foreign rights, or for too long."""

    kind, code = Kind.INVALID, "bad_token"
    text = N_("{problem}")


NO_NAME = N_("请给令牌起一个名称，写明由哪个程序使用。")
NO_SCOPE = N_("请至少勾选一项权限。")
FOREIGN_SCOPE = N_("令牌的权限不能超出您本人岗位的权限。请去掉您没有的权限。")
BAD_DAYS = N_("有效期请填 1 至 366 天。")


def make_token(
    db: Session, actor: Actor, *, name: str, scopes: Iterable[Right], days: int, now: datetime
) -> tuple[UUID, str]:
    """Make a token for the actor's present organization and return its id and text; the text is never shown again.

    ``days`` is its life, up to ``TOKEN_DAYS_MAX``. At each use it carries no more than the person's roles of that day.

    Raises:
        BadToken: no name, no or foreign rights, or too many days.
        NotFound: the person has no live place in the organization.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    wanted = frozenset(scopes)
    for field, wrong, problem in (
        ("name", not name.strip() or len(name) > NAME_MAX, NO_NAME),
        ("scopes", not wanted, NO_SCOPE),
        ("scopes", not wanted <= rights_of(actor.functions, actor.roles), FOREIGN_SCOPE),
        ("days", not 1 <= days <= TOKEN_DAYS_MAX, BAD_DAYS),
    ):
        if wrong:
            raise BadToken(field=field, problem=problem)
    query = select(Membership.id).where(
        Membership.person_id == actor.person_id,
        Membership.organization_id == actor.organization_id,
        live_membership(),
    )
    membership_id = db.scalar(query)
    if membership_id is None:
        raise NotFound
    text, prefix = tokens.new_api_token()
    token = ApiToken(
        account_id=account.id,
        membership_id=membership_id,
        name=name.strip(),
        prefix=prefix,
        digest=tokens.digest(text),
        scopes=sorted(right.value for right in wanted),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.add(token)
    db.flush()
    record(db, actor, "token.made", "api_token", token.id, now=now, scopes=token.scopes, expires_at=token.expires_at)
    return token.id, text


def revoke_token(db: Session, actor: Actor, token_id: UUID, *, now: datetime) -> None:
    """End one of one's own tokens; a second time changes nothing.

    Raises:
        NotFound: not a token of this person.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    token = lock(db, ApiToken, token_id)
    if token is None or token.account_id != account.id:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = now
        record(db, actor, "token.revoked", "api_token", token.id, now=now)


def note_token_use(db: Session, token_id: UUID, *, now: datetime) -> None:
    """Write down that a token was used, at most once a minute."""
    query = update(ApiToken).where(
        ApiToken.id == token_id, (ApiToken.used_at.is_(None)) | (ApiToken.used_at <= now - SEEN_STEP)
    )
    db.execute(query.values(used_at=now))
