"""Accounts through the JSON API: signing in, one's own account, one's organization's people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import INCOMPATIBLE, ROLES_APART, Grant, Right, grants_of, require
from marketplace.identity.schemas import (
    Enrolment,
    Refused,
    SecondStep,
    SignedIn,
)
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.settings import Settings
from marketplace.web.access import Visitor
from marketplace.web.accounts import doors
from marketplace.web.accounts.forms import (
    CodeTyped,
    LoginTyped,
    SignInTyped,
)
from marketplace.web.accounts.people import own

Visit = Request[Visitor, Any, Any]


class SignInAnswer(Struct, frozen=True):
    """Whether a session was opened, or a code is asked for first; recovery codes are given once."""

    signed_in: bool
    code_needed: bool = False
    recovery_codes: tuple[str, ...] = ()


class LinkAnswer(Struct, frozen=True):
    """What using a link led to."""

    login: str


class LinkGiven(Struct, frozen=True):
    """A link's token and, where one is to be set, the password."""

    token: str
    password: str = ""


class RightRow(Struct, frozen=True):
    """One row of the table of rights."""

    right: str
    function: str
    role: str
    relation: str


class Pair(Struct, frozen=True):
    """Two words that one person may not combine, and the rule (Chinese)."""

    first: str
    second: str
    rule: str


class RightsTables(Struct, frozen=True, kw_only=True):
    """The tables by which the program decides."""

    rights: list[RightRow]
    duties_apart: list[Pair]
    roles_apart: list[Pair]


class DutyRow(Struct, frozen=True, kw_only=True):
    """One duty of the own organization: who can take it, and whether somebody lacks."""

    duty: str
    people: list[UUID]
    lacking: bool
    clashes: list[str]
    posts: list[str]
    deputies: list[RightRow]


def _row(grant: Grant) -> RightRow:
    return RightRow(grant.right, grant.function, grant.role, grant.relation)


def _pairs(table: Mapping[frozenset[Any], str]) -> list[Pair]:
    return [Pair(min(pair), max(pair), rule) for pair, rule in table.items()]


class SignInApi(Controller):
    """Sessions for programs that keep cookies; tokens are the better way."""

    path = "/sign-in"
    tags = ("accounts",)

    def _answer(self, outcome: SignedIn | SecondStep | Refused, settings: Settings) -> Response[SignInAnswer]:
        if isinstance(outcome, Refused):
            raise outcome.error
        if isinstance(outcome, SecondStep):
            step = Response(SignInAnswer(signed_in=False, code_needed=True))
            doors.hold_step(step, outcome.token, settings)
            return step
        opened = Response(SignInAnswer(signed_in=True, recovery_codes=outcome.recovery_codes))
        doors.open_door(opened, outcome.token, settings)
        return opened

    @post(sync_to_thread=True, status_code=200)
    def sign_in(
        self,
        request: Visit,
        data: JSONBody[SignInTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        safe: NamedDependency[Safe],
    ) -> Response[SignInAnswer]:
        """Sign in by login and password; the session's token is set as a cookie."""
        device = doors.device_of(request)
        with database.write() as db:
            outcome = commands.sign_in(db, safe, data.login, data.password, device=device, now=clock.now())
        return self._answer(outcome, settings)

    @get("/enrolment", sync_to_thread=True)
    def enrolment(
        self,
        request: Visit,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        safe: NamedDependency[Safe],
    ) -> Enrolment:
        """The authenticator to set up, where a first sign-in asks for one."""
        with database.write() as db:
            return commands.begin_enrolment_in_step(db, safe, doors.step_of(request, settings), now=clock.now())

    @post("/code", sync_to_thread=True, status_code=200)
    def code(
        self,
        request: Visit,
        data: JSONBody[CodeTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        safe: NamedDependency[Safe],
    ) -> Response[SignInAnswer]:
        """Finish a sign-in by a code."""
        token, device = doors.step_of(request, settings), doors.device_of(request)
        with database.write() as db:
            outcome = commands.second_step(db, safe, token, data.code, device=device, now=clock.now())
        return self._answer(outcome, settings)


class LinksApi(Controller):
    """What is done by mailed links."""

    path = "/"
    tags = ("accounts",)

    @post("/password/forgot", sync_to_thread=True, status_code=202)
    def forgot(
        self,
        data: JSONBody[LoginTyped],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> dict[str, bool]:
        """Ask for a reset link; the answer is the same whether or not there is such a login."""
        with database.write() as db:
            commands.request_reset(db, safe, data.login, now=clock.now())
        return {"accepted": True}

    @post("/password/reset", sync_to_thread=True, status_code=200)
    def reset(
        self,
        data: JSONBody[LinkGiven],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> LinkAnswer:
        """Set a new password by a link."""
        with database.write() as db:
            return LinkAnswer(commands.reset_password(db, safe, data.token, data.password, now=clock.now()))

    @post("/invitations/accept", sync_to_thread=True, status_code=200)
    def accept(
        self,
        data: JSONBody[LinkGiven],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> LinkAnswer:
        """Join an organization by a link."""
        with database.write() as db:
            login = commands.accept_invitation(db, safe, data.token, data.password or None, now=clock.now())
        return LinkAnswer(login)

    @get("/rights", sync_to_thread=False)
    def rights(self, actor: NamedDependency[Actor]) -> RightsTables:
        """The tables of rights and of duties and roles kept apart."""
        require(actor, Right.READ_RIGHTS, {})
        return RightsTables(
            rights=[_row(grant) for right in Right for grant in grants_of(right)],
            duties_apart=_pairs(INCOMPATIBLE),
            roles_apart=_pairs(ROLES_APART),
        )

    @get("/organization/duties", sync_to_thread=True)
    def duties(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> list[DutyRow]:
        """The duties of the own organization, and which lack a person."""
        require(actor, Right.READ_RIGHTS, {})
        with database.read() as db:
            found = queries.staffing_of(db, own(actor))
        return [
            DutyRow(
                duty=line.duty,
                people=list(line.people),
                lacking=line.lacking,
                clashes=list(line.clashes),
                posts=list(line.posts),
                deputies=[_row(grant) for grant in line.deputies],
            )
            for line in found
        ]
