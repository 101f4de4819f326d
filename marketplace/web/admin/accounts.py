"""系统管理 · 账号与角色: accounts of all organizations, their locks, and the organizations themselves."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.queries.accounts import right_over
from marketplace.identity.rules import Right, may
from marketplace.identity.schemas import AccountView
from marketplace.identity.states import ACCOUNT, AccountAction, AccountState
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web import paging
from marketplace.web.accounts.forms import REASON
from marketplace.web.accounts.views import ACCOUNT_TONES
from marketplace.web.forms import Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page

Search = Annotated[str, QueryParameter(name="q", max_length=100)]
State = Annotated[str, QueryParameter(name="state", max_length=40)]
After = Annotated[str, QueryParameter(name="after", max_length=2000)]
LOCKING = frozenset({AccountAction.LOCK, AccountAction.UNLOCK, AccountAction.RESET_SECOND_FACTOR})
"""What the security administrator does; the system administrator does the rest."""
CLOSING = frozenset({AccountAction.DEACTIVATE, AccountAction.REINSTATE})


class AccountLine(Struct, frozen=True):
    """One account in the administrators' table."""

    account: AccountView
    state: str
    tone: str
    organizations: str


class AccountPage(Struct, frozen=True):
    """One account with what the reader may do to it now: (action, its word)."""

    line: AccountLine
    actions: list[tuple[str, str]]


def _line(account: AccountView) -> AccountLine:
    label, tone = ACCOUNT.label(account.state), ACCOUNT_TONES[account.state]
    return AccountLine(account, label, tone, gettext(N_("、")).join(account.organizations))


def place_after(given: str) -> tuple[str, UUID] | None:
    """The name and id that a cursor stands for, or None at the beginning.

    Raises:
        BadCursor: it is not one of ours.
    """
    if not given:
        return None
    name, key = paging.keys(given, 2)
    try:
        return str(name), UUID(str(key))
    except ValueError:
        raise paging.BadCursor from None


def account_page(database: Database, actor: Actor, account_id: UUID) -> AccountPage:
    """Read one account.

    Raises:
        NotFound: there is none with this id.
        Forbidden: the actor administers no accounts.
    """
    with database.read() as db:
        found = queries.accounts(db, actor, account_id=account_id, limit=1)
        if not found:
            raise NotFound
        account = found[0]
        closes = right_over(db, account.person_id)
    allowed = (LOCKING if may(actor, Right.MANAGE_LOCKS, {}) else frozenset()) | (
        CLOSING if may(actor, closes, {}) else frozenset()
    )
    usable = ACCOUNT.actions(account.state) & allowed if account.person_id != actor.person_id else frozenset()
    return AccountPage(
        _line(account), [(action.value, ACCOUNT.label(action)) for action in AccountAction if action in usable]
    )


class Accounts(Controller):
    """Accounts of all organizations."""

    path = "/admin/accounts"

    @get(sync_to_thread=True)
    def accounts(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        search: Search = "",
        word: State = "",
        after: After = "",
    ) -> Template:
        """Find an account by name, login or state."""
        chosen = AccountState(word) if word in set(AccountState) else None
        with database.read() as db:
            found = queries.accounts(
                db, actor, search=search.strip(), state=chosen, after=place_after(after), limit=paging.PAGE_SIZE + 1
            )
        shown = found[: paging.PAGE_SIZE]
        return page(
            "admin/accounts.html",
            lines=[_line(account) for account in shown],
            search=search,
            state=word,
            states=[(word.value, gettext(ACCOUNT.label(word))) for word in AccountState],
            paging=paging.paging(
                "/admin/accounts",
                {"q": search, "state": word},
                [shown[-1].pinyin, str(shown[-1].id)] if len(found) > len(shown) else None,
                after=after,
            ),
        )

    @get("/{account_id:uuid}", sync_to_thread=True)
    def account(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], account_id: FromPath[UUID]
    ) -> Template:
        """One account and what may be done to it."""
        return page("admin/account.html", view=account_page(database, actor, account_id), form=REASON.blank())

    @post("/{account_id:uuid}/{action:str}", sync_to_thread=True)
    def act(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        account_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Lock, unlock, reset a second factor, deactivate or reinstate, with a reason."""
        view = account_page(database, actor, account_id)
        form = REASON.read(typed)
        if form.data is None:
            return again("admin/account.html", form, view=view)
        try:
            act_on(database, safe, actor, account_id, action, reason=form.data.reason, clock=clock)
        except DomainError as error:
            return again("admin/account.html", form.refused(error), view=view)
        return done(f"/admin/accounts/{account_id}", N_("已办理，并记入日志。"))


def act_on(
    database: Database, safe: Safe, actor: Actor, account_id: UUID, action: str, *, reason: str, clock: Clock
) -> None:
    """Do one of the administrators' actions on an account.

    Raises:
        NotFound: there is no such action or account.
        DomainError: as the action's own command says.
    """
    now = clock.now()
    with database.write() as db:
        match action:
            case AccountAction.LOCK:
                commands.lock_account(db, actor, account_id, reason=reason, now=now)
            case AccountAction.UNLOCK:
                commands.unlock_account(db, safe, actor, account_id, reason=reason, now=now)
            case AccountAction.RESET_SECOND_FACTOR:
                commands.reset_second_factor(db, actor, account_id, reason=reason, now=now)
            case AccountAction.DEACTIVATE:
                commands.deactivate(db, actor, account_id, reason=reason, now=now)
            case AccountAction.REINSTATE:
                commands.reinstate(db, safe, actor, account_id, reason=reason, now=now)
            case _:
                raise NotFound
