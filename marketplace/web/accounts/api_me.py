"""One's own account through the JSON API."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.schemas import Enrolment, MembershipView, MyAccount, SessionView, TokenView
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.settings import Settings
from marketplace.web.access import Visitor
from marketplace.web.accounts import doors
from marketplace.web.accounts.account import me
from marketplace.web.accounts.api import SignInAnswer, Visit
from marketplace.web.accounts.forms import ChangeTyped, ConfirmTyped, PresentTyped, TokenTyped


class RecoveryCodes(Struct, frozen=True):
    """Fresh recovery codes, given once."""

    codes: tuple[str, ...]


class MadeToken(Struct, frozen=True):
    """A new API token, given once."""

    id: UUID
    token: str


class Me(Struct, frozen=True, kw_only=True):
    """Who asks: the account, and for whom they act with which rights."""

    account: MyAccount
    organization_id: UUID | None
    functions: list[str]
    roles: list[str]
    scopes: list[str] | None
    memberships: list[MembershipView]


class MeApi(Controller):
    """One's own account."""

    path = "/me"
    tags = ("accounts",)

    @get(sync_to_thread=True)
    def me(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Me:
        """Who asks."""
        with database.read() as db:
            return Me(
                account=queries.my_account(db, me(actor)),
                organization_id=actor.organization_id,
                functions=sorted(actor.functions),
                roles=sorted(actor.roles),
                scopes=None if actor.scopes is None else sorted(actor.scopes),
                memberships=queries.memberships_of(db, me(actor)),
            )

    @post("/password", sync_to_thread=True, status_code=204)
    def password(
        self,
        visitor: NamedDependency[Visitor],
        actor: NamedDependency[Actor],
        data: JSONBody[ChangeTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> None:
        """Change the password; other sessions end."""
        with database.write() as db:
            commands.change_password(
                db, safe, actor, present=data.present_password, password=data.password,
                but_session=visitor.session_id, now=clock.now(),
            )  # fmt: skip

    @post("/second-factor", sync_to_thread=True, status_code=200)
    def begin(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], safe: NamedDependency[Safe]
    ) -> Enrolment:
        """Begin setting up an authenticator."""
        with database.write() as db:
            return commands.begin_enrolment(db, safe, actor)

    @post("/second-factor/confirm", sync_to_thread=True, status_code=200)
    def confirm(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[ConfirmTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> RecoveryCodes:
        """Put it in force by its first code."""
        with database.write() as db:
            return RecoveryCodes(
                commands.confirm_enrolment(
                    db, safe, actor, code=data.code, password=data.present_password, now=clock.now()
                )
            )

    @post("/second-factor/codes", sync_to_thread=True, status_code=200)
    def codes(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[PresentTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> RecoveryCodes:
        """Fresh recovery codes."""
        with database.write() as db:
            return RecoveryCodes(
                commands.renew_recovery_codes(db, safe, actor, password=data.present_password, now=clock.now())
            )

    @post("/second-factor/remove", sync_to_thread=True, status_code=204)
    def remove(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[PresentTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> None:
        """Sign in by password alone again."""
        with database.write() as db:
            commands.remove_second_factor(db, safe, actor, password=data.present_password, now=clock.now())

    @get("/sessions", sync_to_thread=True)
    def sessions(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> list[SessionView]:
        """Where one is signed in."""
        with database.read() as db:
            return queries.sessions_of(db, me(actor), now=clock.now(), idle_s=settings.session_idle_s)

    @delete("/sessions/{session_id:uuid}", sync_to_thread=True)
    def end_session(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        session_id: FromPath[UUID],
    ) -> None:
        """End one session."""
        with database.write() as db:
            commands.end_session(db, actor, session_id, now=clock.now())

    @delete("/sessions", sync_to_thread=True)
    def end_all(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> None:
        """End all sessions, also this one."""
        with database.write() as db:
            commands.sign_out_everywhere(db, actor, now=clock.now())

    @post("/organization/{membership_id:uuid}", sync_to_thread=True, status_code=200)
    def switch(
        self,
        request: Visit,
        visitor: NamedDependency[Visitor],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        membership_id: FromPath[UUID],
    ) -> Response[SignInAnswer]:
        """Act for another organization from now on, under a new session token."""
        if visitor.session_id is None:
            raise NotFound
        device = doors.device_of(request)
        with database.write() as db:
            opened = commands.switch_membership(
                db, actor, visitor.session_id, membership_id, device=device, now=clock.now()
            )
        answer = Response(SignInAnswer(signed_in=True))
        doors.open_door(answer, opened.token, settings)
        return answer

    @get("/tokens", sync_to_thread=True)
    def tokens(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> list[TokenView]:
        """One's API tokens."""
        with database.read() as db:
            return queries.tokens_of(db, me(actor), now=clock.now())

    @post("/tokens", sync_to_thread=True)
    def make_token(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[TokenTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> MadeToken:
        """Make an API token for the present organization."""
        with database.write() as db:
            return MadeToken(
                *commands.make_token(db, actor, name=data.name, scopes=data.scopes, days=data.days, now=clock.now())
            )

    @delete("/tokens/{token_id:uuid}", sync_to_thread=True)
    def revoke_token(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        token_id: FromPath[UUID],
    ) -> None:
        """End an API token."""
        with database.write() as db:
            commands.revoke_token(db, actor, token_id, now=clock.now())
