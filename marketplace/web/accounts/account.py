"""我的账号: password, authenticator, sessions, tokens, and the organization one acts for."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import RIGHT_LABELS, Right, rights_of
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.access import Visitor
from marketplace.web.accounts import doors
from marketplace.web.accounts.forms import CHANGE, CONFIRM, PRESENT, TOKEN, TokenTyped, troubled
from marketplace.web.accounts.pages import first_page, shown_enrolment
from marketplace.web.accounts.views import device_text, functions_text, roles_text
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, onward, page

Visit = Request[Visitor, Any, Any]
TOKEN_DAYS = 90
FACTOR = "/account/second-factor"


def me(actor: Actor) -> UUID:
    """The person who acts.

    Raises:
        NotFound: the system acts, which has no account.
    """
    if actor.person_id is None:
        raise NotFound
    return actor.person_id


class Account(Controller):
    """One's own account."""

    path = "/account"

    @get(sync_to_thread=True)
    def overview(
        self,
        visitor: NamedDependency[Visitor],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> Template:
        """Everything about the account on one page."""
        now = clock.now()
        with database.read() as db:
            mine = queries.my_account(db, me(actor))
            sessions = queries.sessions_of(db, me(actor), now=now, idle_s=settings.session_idle_s)
            tokens = queries.tokens_of(db, me(actor), now=now)
        return page(
            "accounts/account.html",
            mine=mine,
            sessions=[(one, device_text(one.device)) for one in sessions],
            tokens=tokens,
            this_session=visitor.session_id,
            roles=roles_text(actor.roles),
            functions=functions_text(actor.functions),
        )

    @get("/password", sync_to_thread=False)
    def blank_password(self, actor: NamedDependency[Actor]) -> Template:
        """The form for another password."""
        return page("accounts/password.html", form=CHANGE.blank(), who=me(actor))

    @post("/password", sync_to_thread=True)
    def password(
        self,
        visitor: NamedDependency[Visitor],
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Change it; the other sessions end."""
        form = CHANGE.read(typed)
        if form.data is None:
            return again("accounts/password.html", form)
        try:
            with database.write() as db:
                commands.change_password(
                    db, safe, actor, present=form.data.present_password, password=form.data.password,
                    but_session=visitor.session_id, now=clock.now(),
                )  # fmt: skip
        except DomainError as error:
            return again("accounts/password.html", troubled(form, error))
        return done("/account", N_("密码已修改，其他设备上的登录都已退出。"))

    @post("/sessions/{session_id:uuid}/end", sync_to_thread=True)
    def end_session(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        session_id: FromPath[UUID],
    ) -> Redirect:
        """End one session."""
        with database.write() as db:
            commands.end_session(db, actor, session_id, now=clock.now())
        return done("/account", N_("该设备上的登录已退出。"))

    @post("/sessions/end-others", sync_to_thread=True)
    def end_others(
        self,
        visitor: NamedDependency[Visitor],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Redirect:
        """End all sessions but this one."""
        with database.write() as db:
            commands.sign_out_everywhere(db, actor, now=clock.now(), but=visitor.session_id)
        return done("/account", N_("其他设备上的登录都已退出。"))

    @get("/organizations", sync_to_thread=True)
    def organizations(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Template:
        """For whom one may act."""
        with database.read() as db:
            places = queries.memberships_of(db, me(actor))
        lines = [(place, roles_text(place.roles), place.organization_id == actor.organization_id) for place in places]
        return page("accounts/organizations.html", places=lines)

    @post("/organizations/{membership_id:uuid}", sync_to_thread=True)
    def switch(
        self,
        request: Visit,
        visitor: NamedDependency[Visitor],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        membership_id: FromPath[UUID],
    ) -> Redirect:
        """Act for another organization from now on."""
        if visitor.session_id is None:
            raise NotFound
        now, device = clock.now(), doors.device_of(request)
        with database.write() as db:
            opened = commands.switch_membership(db, actor, visitor.session_id, membership_id, device=device, now=now)
            found = queries.visitor_by_session(db, opened.token, now=now, idle_s=settings.session_idle_s)
        known = {route.path for route in request.app.routes}
        answer = onward(first_page("", Visitor(actor=found.actor) if found else None, known))
        doors.open_door(answer, opened.token, settings)
        return answer


class SecondFactor(Controller):
    """The authenticator."""

    path = FACTOR

    def _begun(self, database: Database, safe: Safe, actor: Actor) -> dict[str, object]:
        with database.write() as db:
            return shown_enrolment(commands.begin_enrolment(db, safe, actor))

    @get(sync_to_thread=True)
    def state(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Template:
        """Whether there is one, and what may be done."""
        with database.read() as db:
            mine = queries.my_account(db, me(actor))
        return page("accounts/second_factor.html", mine=mine, form=PRESENT.blank())

    @post("/begin", sync_to_thread=True)
    def begin(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], safe: NamedDependency[Safe]
    ) -> Template:
        """The code to scan; what is in force stays so until the new one is confirmed."""
        return page("accounts/confirm.html", form=CONFIRM.blank(), **self._begun(database, safe, actor))

    @post("/confirm", sync_to_thread=True)
    def confirm(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template:
        """Put the new one in force."""
        form = CONFIRM.read(typed)
        if form.data is None:
            return again("accounts/confirm.html", form, **self._begun(database, safe, actor))
        try:
            with database.write() as db:
                codes = commands.confirm_enrolment(
                    db, safe, actor, code=form.data.code, password=form.data.present_password, now=clock.now()
                )
        except DomainError as error:
            return again("accounts/confirm.html", troubled(form, error), **self._begun(database, safe, actor))
        return page("accounts/recovery_codes.html", codes=codes, onto="/account")

    @post("/codes", sync_to_thread=True)
    def codes(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template:
        """Fresh recovery codes."""
        form = PRESENT.read(typed)
        if form.data is None:
            return self._again(database, actor, form)
        try:
            with database.write() as db:
                fresh = commands.renew_recovery_codes(
                    db, safe, actor, password=form.data.present_password, now=clock.now()
                )
        except DomainError as error:
            return self._again(database, actor, troubled(form, error))
        return page("accounts/recovery_codes.html", codes=fresh, onto="/account")

    @post("/remove", sync_to_thread=True)
    def remove(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Sign in by password alone again."""
        form = PRESENT.read(typed)
        if form.data is None:
            return self._again(database, actor, form)
        try:
            with database.write() as db:
                commands.remove_second_factor(db, safe, actor, password=form.data.present_password, now=clock.now())
        except DomainError as error:
            return self._again(database, actor, troubled(form, error))
        return done("/account", N_("验证器已取消。"))

    def _again(self, database: Database, actor: Actor, form: Form[Any]) -> Template:
        with database.read() as db:
            mine = queries.my_account(db, me(actor))
        return again("accounts/second_factor.html", form, mine=mine)


class Tokens(Controller):
    """API tokens."""

    path = "/account/tokens"

    def _items(self, actor: Actor) -> list[tuple[str, str]]:
        own = rights_of(actor.functions, actor.roles)
        return [(right.value, gettext(RIGHT_LABELS[right])) for right in Right if right in own]

    @get(sync_to_thread=False)
    def blank(self, actor: NamedDependency[Actor]) -> Template:
        """The form for a new token."""
        return page("accounts/token.html", form=TOKEN.blank(days=TOKEN_DAYS), items=self._items(actor))

    @post(sync_to_thread=True)
    def make(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template:
        """Make it and show it, this once."""
        form = TOKEN.read(typed)
        if form.data is None:
            return again("accounts/token.html", form, items=self._items(actor))
        wanted: TokenTyped = form.data
        try:
            with database.write() as db:
                _, text = commands.make_token(
                    db, actor, name=wanted.name, scopes=wanted.scopes, days=wanted.days, now=clock.now()
                )
        except DomainError as error:
            return again("accounts/token.html", troubled(form, error), items=self._items(actor))
        return page("accounts/token_made.html", token=text, name=wanted.name)

    @post("/{token_id:uuid}/revoke", sync_to_thread=True)
    def revoke(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        token_id: FromPath[UUID],
    ) -> Redirect:
        """End a token."""
        with database.write() as db:
            commands.revoke_token(db, actor, token_id, now=clock.now())
        return done("/account", N_("令牌已停用。"))
