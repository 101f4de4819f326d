"""Signing in and out, and what is done by a mailed link: plain forms, never htmx."""

from collections.abc import Collection
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.credentials.totp import qr_svg
from marketplace.identity.rules.sign_in import DEMO_PASSWORD, LinkSpent
from marketplace.identity.schemas import Enrolment, Refused, SecondStep, SignedIn
from marketplace.identity.states import LinkPurpose
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.access import Visitor, safe_next
from marketplace.web.accounts import doors
from marketplace.web.accounts.forms import CODE, FIRST_CODE, FORGOT, NEW_PASSWORD, NOTHING, SIGN_IN, troubled
from marketplace.web.accounts.views import DemoLine, demo_lines, roles_text
from marketplace.web.errors import STATUS
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import sentence
from marketplace.web.pages import again, done, onward, page

Visit = Request[Visitor, Any, Any]
Next = Annotated[str, QueryParameter(name="next", max_length=2000)]
HOME = "/account"


def refused(template: str, form: Form[Any], error: DomainError, **context: object) -> Template:
    """The same page with the refusal on top and its own status."""
    shown = troubled(form, error)
    return Template(template, context={"form": shown, **context}, status_code=STATUS[error.kind])


def first_page(target: str, visitor: Visitor | None, known: Collection[str]) -> str:
    """Where somebody goes after signing in: where they wanted to, else their desk, else their account."""
    path = safe_next(target) if target else "/"
    if path != "/" and not path.startswith("/sign-in"):
        return path
    desks = visitor.desks if visitor else ()
    return next((desk.url for desk in desks if desk.url in known), HOME)


def _known(request: Visit) -> set[str]:
    return {route.path for route in request.app.routes}


class SignIn(Controller):
    """登录: login and password, then a code for staff."""

    path = "/sign-in"

    def _demo(self, database: Database, settings: Settings) -> tuple[list[DemoLine], str]:
        if not settings.demo:
            return [], ""
        with database.read() as db:
            return demo_lines(queries.demo_sign_ins(db)), DEMO_PASSWORD

    def _enter(
        self, request: Visit, opened: SignedIn, target: str, database: Database, clock: Clock, settings: Settings
    ) -> Redirect | Template:
        with database.read() as db:
            found = queries.visitor_by_session(db, opened.token, now=clock.now(), idle_s=settings.session_idle_s)
        visitor = Visitor(actor=found.actor) if found else None
        onto = first_page(target, visitor, _known(request))
        if opened.recovery_codes:
            shown = page("accounts/recovery_codes.html", codes=opened.recovery_codes, onto=onto)
            doors.open_door(shown, opened.token, settings)
            return shown
        answer = onward(onto)
        doors.open_door(answer, opened.token, settings)
        return answer

    @get(sync_to_thread=True)
    def blank(
        self,
        visitor: NamedDependency[Visitor],
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        target: Next = "",
    ) -> Template | Redirect:
        """The form; whoever is signed in already goes on."""
        if visitor.is_signed_in:
            return onward(safe_next(target) if target else HOME)
        lines, password = self._demo(database, settings)
        return page("accounts/sign_in.html", form=SIGN_IN.blank(next=target), demo=lines, demo_password=password)

    @post(sync_to_thread=True)
    def sign_in(
        self,
        request: Visit,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Check login and password."""
        form = SIGN_IN.read(typed)
        lines, password = self._demo(database, settings)
        if form.data is None:
            return again("accounts/sign_in.html", form, demo=lines, demo_password=password)
        given = form.data
        device = doors.device_of(request)
        with database.write() as db:
            outcome = commands.sign_in(db, safe, given.login, given.password, device=device, now=clock.now())
        match outcome:
            case Refused(error=error):
                return refused("accounts/sign_in.html", form, error, demo=lines, demo_password=password)
            case SecondStep(token=token):
                step = onward(f"/sign-in/code?next={given.next}" if given.next else "/sign-in/code")
                doors.hold_step(step, token, settings)
                return step
            case opened:
                return self._enter(request, opened, given.next, database, clock, settings)

    @get("/code", sync_to_thread=True)
    def blank_code(
        self,
        request: Visit,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        safe: NamedDependency[Safe],
        target: Next = "",
    ) -> Template | Redirect:
        """The second step: a code, or at the first time the setting up of an authenticator."""
        token = doors.step_of(request, settings)
        try:
            template, context = self._step(database, safe, token, clock)
        except LinkSpent:
            return onward("/sign-in")
        kind = CODE if template == "accounts/code.html" else FIRST_CODE
        return page(template, form=kind.blank(next=target), **context)

    def _step(self, database: Database, safe: Safe, token: str, clock: Clock) -> tuple[str, dict[str, object]]:
        with database.write() as db:
            if queries.step_view(db, token, now=clock.now()).enrolled:
                return "accounts/code.html", {}
            enrolment = commands.begin_enrolment_in_step(db, safe, token, now=clock.now())
        return "accounts/enrol.html", shown_enrolment(enrolment)

    @post("/code", sync_to_thread=True)
    def code(
        self,
        request: Visit,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Check the code and open the session."""
        token = doors.step_of(request, settings)
        try:
            template, context = self._step(database, safe, token, clock)
            form = (CODE if template == "accounts/code.html" else FIRST_CODE).read(typed)
            if form.data is None:
                return again(template, form, **context)
            device = doors.device_of(request)
            with database.write() as db:
                outcome = commands.second_step(db, safe, token, form.data.code, device=device, now=clock.now())
        except LinkSpent:
            return onward("/sign-in")
        if isinstance(outcome, Refused):
            return refused(template, form, outcome.error, **context)
        return self._enter(request, outcome, form.data.next, database, clock, settings)


def shown_enrolment(enrolment: Enrolment) -> dict[str, object]:
    """What the page shows of an authenticator being set up: the code to scan and the same in letters."""
    grouped = " ".join(enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4))
    return {"qr": qr_svg(enrolment.uri), "secret_key": grouped}


class ByLink(Controller):
    """What is done without being signed in: by a mailed link, or asking for one. Looking at a link does not use it."""

    @post("/sign-out", sync_to_thread=True)
    def sign_out(
        self,
        visitor: NamedDependency[Visitor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> Redirect:
        """End this session."""
        if visitor.actor is not None and visitor.session_id is not None:
            with database.write() as db:
                commands.sign_out(db, visitor.actor, visitor.session_id, now=clock.now())
        answer = done("/", N_("您已退出。"))
        doors.close_door(answer, settings)
        return answer

    @get("/password/forgot", sync_to_thread=False)
    def blank_forgot(self) -> Template:
        """Ask for a reset link."""
        return page("accounts/forgot.html", form=FORGOT.blank())

    @post("/password/forgot", sync_to_thread=True)
    def forgot(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template:
        """Send one, if there is such an account; the answer is the same if there is none."""
        form = FORGOT.read(typed)
        if form.data is None:
            return again("accounts/forgot.html", form)
        with database.write() as db:
            commands.request_reset(db, safe, form.data.login, now=clock.now())
        return page("accounts/forgot_sent.html")

    @get("/password/reset/{token:str}", sync_to_thread=True)
    def blank_reset(
        self, database: NamedDependency[Database], clock: NamedDependency[Clock], token: FromPath[str]
    ) -> Template:
        """The form for a new password."""
        return self._link(database, clock, token, LinkPurpose.PASSWORD_RESET, NEW_PASSWORD.blank())

    @post("/password/reset/{token:str}", sync_to_thread=True)
    def reset(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        token: FromPath[str],
    ) -> Template | Redirect:
        """Set the new password."""
        form = NEW_PASSWORD.read(typed)
        if form.data is None:
            return self._link(database, clock, token, LinkPurpose.PASSWORD_RESET, form)
        try:
            with database.write() as db:
                commands.reset_password(db, safe, token, form.data.password, now=clock.now())
        except DomainError as error:
            return self._link(database, clock, token, LinkPurpose.PASSWORD_RESET, troubled(form, error))
        return done("/sign-in", N_("新密码已生效，其他设备上的登录都已退出。请用新密码登录。"))

    @get("/invitation/{token:str}", sync_to_thread=True)
    def blank_invitation(
        self, database: NamedDependency[Database], clock: NamedDependency[Clock], token: FromPath[str]
    ) -> Template:
        """Who invites, into which organization, with which roles."""
        return self._link(database, clock, token, LinkPurpose.INVITATION, NEW_PASSWORD.blank())

    @post("/invitation/{token:str}", sync_to_thread=True)
    def accept(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        token: FromPath[str],
    ) -> Template | Redirect:
        """Join, with a first password where there is none yet."""
        now = clock.now()
        try:
            with database.read() as db:
                first = queries.link_view(db, token, LinkPurpose.INVITATION, now=now).sets_password
        except LinkSpent as error:
            return self._spent(error)
        form = NEW_PASSWORD.read(typed)
        if first and form.data is None:
            return self._link(database, clock, token, LinkPurpose.INVITATION, form)
        password = form.data.password if first and form.data else None
        try:
            with database.write() as db:
                commands.accept_invitation(db, safe, token, password, now=now)
        except DomainError as error:
            return self._link(database, clock, token, LinkPurpose.INVITATION, troubled(form, error))
        return done("/sign-in", N_("欢迎加入。请登录，开始办理。"))

    def _link(self, database: Database, clock: Clock, token: str, purpose: LinkPurpose, form: Form[Any]) -> Template:
        try:
            with database.read() as db:
                link = queries.link_view(db, token, purpose, now=clock.now())
        except LinkSpent as error:
            return self._spent(error)
        name = "accounts/invitation.html" if purpose is LinkPurpose.INVITATION else "accounts/reset.html"
        return again(name, form, link=link, roles=roles_text(link.roles))

    def _spent(self, error: LinkSpent) -> Template:
        return Template(
            "accounts/link_spent.html",
            context={"text": sentence(error), "form": NOTHING.blank()},
            status_code=STATUS[error.kind],
        )
