"""``marketplace users``: the accounts of an installation, for whoever keeps its machine."""

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.app import Installation, opened
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe, safe_of
from marketplace.identity.rules.names import plain_login
from marketplace.identity.schemas import AccountView, MembershipView, NewOrganization, NewPerson
from marketplace.identity.states import AccountState, LinkPurpose, OrganizationKind
from marketplace.kit.actor import SYSTEM, Function, Role
from marketplace.kit.errors import DomainError, NotFound, Several
from marketplace.notices.rules import link_path
from marketplace.settings import Settings, master_key

EVERYBODY = 1_000_000
REASON = "command line of the installation"
Act = Callable[[Session, Safe, AccountView, str, Installation], None]


class AccountReport(Struct, frozen=True, kw_only=True):
    """One account with the places its person holds."""

    account: AccountView
    memberships: tuple[MembershipView, ...]


class LinkReport(Struct, frozen=True, kw_only=True):
    """A one-time link; ``url`` is empty when it has gone out by mail already."""

    login: str
    purpose: LinkPurpose
    url: str


class OutOfForm(ValueError):
    """Something typed has not the form it must have."""


def add_to(commands_: Any) -> None:
    """Add this module's commands to the command line."""
    acts = commands_.add_parser("users", help="accounts and people").add_subparsers(
        dest="act", required=True, metavar="act"
    )
    listing = acts.add_parser("list", help="accounts, by name")
    listing.add_argument("--search", default="", help="a part of a name or login")
    listing.add_argument("--state", choices=[str(state) for state in AccountState])
    listing.set_defaults(run=list_accounts)
    showing = acts.add_parser("show", help="one account and its organizations")
    showing.add_argument("login")
    showing.set_defaults(run=show)
    inviting = acts.add_parser("invite", help="invite a person into an organization")
    inviting.add_argument("--organization", required=True, metavar="CODE|ID", help="its 统一社会信用代码 or id")
    inviting.add_argument("--role", action="append", required=True, choices=[str(role) for role in Role])
    _person(inviting)
    inviting.set_defaults(run=invite)
    first = acts.add_parser("first", help="register the operator and invite its first security administrator")
    first.add_argument("--organization", required=True, metavar="NAME")
    first.add_argument("--uscc", required=True, metavar="CODE", help="its 统一社会信用代码")
    first.add_argument("--kind", required=True, choices=[str(kind) for kind in OrganizationKind])
    _person(first)
    first.set_defaults(run=invite_first)
    for name, act, says in ACTS:
        acting = acts.add_parser(name, help=says)
        acting.add_argument("login")
        acting.add_argument("--reason", default=REASON)
        acting.set_defaults(run=change, change=act)
    resetting = acts.add_parser("reset-link", help="make a link to set a new password")
    resetting.add_argument("login")
    resetting.set_defaults(run=reset_link)
    for command in acts.choices.values():
        command.add_argument("--json", action="store_true")


def _person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--login", default="", help="empty: the e-mail address")


def _safe(settings: Settings) -> Safe:
    return safe_of(master_key(settings))


def _refused(error: DomainError | OutOfForm) -> int:
    found: Iterable[Exception] = error.errors if isinstance(error, Several) else (error,)
    for one in found:
        print(f"marketplace: {one}", file=sys.stderr)
    return 1


def _print_json(value: object) -> None:
    print(msgspec.json.encode(value).decode())


def _account(db: Session, login: str) -> AccountView:
    wanted = plain_login(login)
    for account in queries.accounts(db, SYSTEM, search=wanted, limit=EVERYBODY):
        if account.login == wanted:
            return account
    raise NotFound


def list_accounts(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the accounts, one a line, or as one JSON list."""
    state = AccountState(arguments.state) if arguments.state else None
    with opened(settings) as installation, installation.database.read() as db:
        found = queries.accounts(db, SYSTEM, search=arguments.search, state=state, limit=EVERYBODY)
    if arguments.json:
        _print_json(found)
        return 0
    for account in found:
        factor = "2" if account.second_factor else "-"
        print(f"{account.state:<12} {factor}  {account.login:<32} {account.person_name}  {_joined(account)}")
    print(f"{len(found)} accounts", file=sys.stderr)
    return 0


def _joined(account: AccountView) -> str:
    return "、".join(account.organizations)


def show(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print one account; 1 when there is none."""
    try:
        with opened(settings) as installation, installation.database.read() as db:
            account = _account(db, arguments.login)
            found = AccountReport(account=account, memberships=tuple(queries.memberships_of(db, account.person_id)))
    except NotFound as error:
        return _refused(error)
    if arguments.json:
        _print_json(found)
        return 0
    factor = "set up" if account.second_factor else "none"
    print(f"{account.login}  {account.person_name}  <{account.email}>  {account.state}")
    print(f"  second factor: {factor}{', asked for' if account.totp_required else ''}")
    if account.locked_until:
        print(f"  locked until {account.locked_until:%Y-%m-%d %H:%M %Z}")
    for place in found.memberships:
        print(f"  {place.organization_name}: {', '.join(sorted(place.roles)) or 'no role'}")
    return 0


def _new_person(arguments: argparse.Namespace) -> NewPerson:
    given = {"name": arguments.name, "email": arguments.email, "login": arguments.login}
    try:
        return msgspec.convert(given, NewPerson)
    except msgspec.ValidationError as error:
        raise OutOfForm(str(error)) from None


def invite(settings: Settings, arguments: argparse.Namespace) -> int:
    """Invite a person with roles; prints the link, which is mailed too when mail is set up."""
    try:
        new, roles = _new_person(arguments), [Role(word) for word in arguments.role]
        with opened(settings) as installation, installation.database.write() as db:
            report = _invited(db, installation, _organization(db, arguments.organization), new, roles)
    except (DomainError, OutOfForm) as error:
        return _refused(error)
    return _tell_link(report, as_json=arguments.json)


def invite_first(settings: Settings, arguments: argparse.Namespace) -> int:
    """Register the operator and invite its security administrator, who appoints the others; only where nobody is."""
    try:
        new, kind = _new_person(arguments), OrganizationKind(arguments.kind)
        operator = NewOrganization(
            name=arguments.organization, kind=kind, functions=(Function.OPERATOR,), uscc=arguments.uscc
        )
        with opened(settings) as installation, installation.database.write() as db:
            if queries.accounts(db, SYSTEM, limit=1):
                print("marketplace: there are accounts already; use `marketplace users invite`", file=sys.stderr)
                return 1
            organization_id = commands.register_organization(db, SYSTEM, operator, now=installation.clock.now())
            report = _invited(db, installation, organization_id, new, [Role.SECURITY_ADMIN])
    except (DomainError, OutOfForm) as error:
        return _refused(error)
    return _tell_link(report, as_json=arguments.json)


def _organization(db: Session, what: str) -> UUID:
    """The organization that a code or id names."""
    for row in queries.find_organizations(db, limit=EVERYBODY):
        if what in {row.uscc, str(row.id)}:
            return row.id
    raise NotFound


def _invited(
    db: Session, installation: Installation, organization_id: UUID, new: NewPerson, roles: list[Role]
) -> LinkReport:
    safe, now = _safe(installation.settings), installation.clock.now()
    commands.invite(db, safe, SYSTEM, organization_id, new, roles=roles, now=now)
    return _link(db, installation, safe, new.login or new.email, LinkPurpose.INVITATION)


def _link(db: Session, installation: Installation, safe: Safe, login: str, purpose: LinkPurpose) -> LinkReport:
    plain = plain_login(login)
    mail = queries.latest_link(db, safe, plain, purpose, now=installation.clock.now())
    url = f"{installation.settings.base_url}{link_path(purpose, mail.token)}" if mail else ""
    return LinkReport(login=plain, purpose=purpose, url=url)


def _tell_link(report: LinkReport, *, as_json: bool) -> int:
    if as_json:
        _print_json(report)
    elif report.url:
        print(report.url)
        print("marketplace: works once, until it expires; give it to nobody else", file=sys.stderr)
    else:
        print("marketplace: nothing new to hand over: the link has gone out by mail, or none is due", file=sys.stderr)
    return 0


def _unlock(db: Session, safe: Safe, account: AccountView, reason: str, installation: Installation) -> None:
    commands.unlock_account(db, safe, SYSTEM, account.id, reason=reason, now=installation.clock.now())


def _deactivate(db: Session, _: Safe, account: AccountView, reason: str, installation: Installation) -> None:
    commands.deactivate(db, SYSTEM, account.id, reason=reason, now=installation.clock.now())


ACTS: tuple[tuple[str, Act, str], ...] = (
    ("unlock", _unlock, "open a locked account"),
    ("deactivate", _deactivate, "close an account for good; its acts stay"),
)
"""What changes an account: its name on the command line, the act, and the words of the help."""


def change(settings: Settings, arguments: argparse.Namespace) -> int:
    """Unlock or deactivate an account, with a reason kept in the journal."""
    try:
        with opened(settings) as installation, installation.database.write() as db:
            account = _account(db, arguments.login)
            arguments.change(db, _safe(installation.settings), account, arguments.reason, installation)
            after = _account(db, arguments.login)
    except DomainError as error:
        return _refused(error)
    if arguments.json:
        _print_json(after)
    else:
        print(f"{after.login}  {after.state}")
    return 0


def reset_link(settings: Settings, arguments: argparse.Namespace) -> int:
    """Make a link to set a new password; the second factor stays."""
    try:
        with opened(settings) as installation, installation.database.write() as db:
            account, safe = _account(db, arguments.login), _safe(installation.settings)
            commands.request_reset(db, safe, account.login, now=installation.clock.now())
            report = _link(db, installation, safe, account.login, LinkPurpose.PASSWORD_RESET)
    except DomainError as error:
        return _refused(error)
    return _tell_link(report, as_json=arguments.json)
