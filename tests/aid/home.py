"""A small world for tests of aid: a union with its people, an office that keeps its money, a programme, rosters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.aid import commands
from marketplace.aid.schemas import NewEntitlement, NewProgramme, NewRate, NewRoster
from marketplace.aid.states import PurposeRule, Sex, Stage
from marketplace.flows import aid as stories
from marketplace.funds import commands as funds
from marketplace.funds.rules import SourceKind
from marketplace.funds.schemas import NewReceipt
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.codes import resident_id_check
from tests.funds.purse import INCOME, Office, a_fund, an_office
from tests.identity.town import SAFE, a_person, an_organization

VAULT = SAFE.vault
RATE = 300_000
SCHOOL = 120_000


@dataclass
class Home:
    """Who acts: the union's clerk, a second one and its head, the office's accountant, and strangers."""

    office: Office
    clerk: Actor
    clerk2: Actor
    head: Actor
    accountant: Actor
    auditor: Actor
    stranger: Actor
    programme_id: UUID
    fund_id: UUID


def number(place: int, *, born: date = date(1900, 1, 1), male: bool = False) -> str:
    """An invented ID number that passes its own check; nobody born in 1900 lives in this district."""
    body = f"511602{born:%Y%m%d}{2 * place + (1 if male else 0):03d}"
    return body + resident_id_check(body)


def rates() -> tuple[NewRate, ...]:
    return (
        NewRate(group_name="考上大学的学生", stage=Stage.UNIVERSITY, rate_fen=RATE, heads_max=4),
        NewRate(group_name="高中女生", stage=Stage.SENIOR_SECONDARY, rate_fen=SCHOOL, sex=Sex.FEMALE),
    )


def a_programme(db: Session, actor: Actor, *, now: datetime, name: str = "示例助学", **given: object) -> UUID:
    facts: dict[str, object] = {"name": name, "year": 2026, "source": SourceKind.UNION, "rates": rates()}
    return commands.open_programme(db, actor, NewProgramme(**(facts | given)), now=now)  # type: ignore[arg-type]


def a_home(db: Session, now: datetime, *, amount_fen: int = 2_000_000) -> Home:
    """A union with 20,000 yuan of its own money and one programme."""
    office = an_office(db, now=now)
    own = office.buyer_id
    clerk, clerk2, head = (
        actor_of(db, a_person(db, own, role, now=now, login=login), own)
        for role, login in ((Role.CLERK, "aid-clerk"), (Role.CLERK, "aid-clerk2"), (Role.HEAD, "aid-head"))
    )
    other = an_organization(db, Function.BUYER, now=now, name="示例妇联")
    watch = an_organization(db, Function.SUPERVISOR, now=now, name="示例监督组")
    fund_id = a_fund(db, office, now=now)
    receipt = NewReceipt(
        fund_id=fund_id,
        kind=INCOME[SourceKind.UNION],
        amount_fen=amount_fen,
        value_date=date(2026, 3, 1),
        document_no="回单1",
        payer="示例市总工会",
    )
    funds.receive(db, office.accountant, receipt, now=now)
    return Home(
        office=office,
        clerk=clerk,
        clerk2=clerk2,
        head=head,
        accountant=office.accountant,
        auditor=actor_of(db, a_person(db, watch, Role.AUDITOR, now=now, login="aid-auditor"), watch),
        stranger=actor_of(db, a_person(db, other, Role.HEAD, now=now, login="aid-stranger"), other),
        programme_id=a_programme(db, clerk, now=now),
        fund_id=fund_id,
    )


def somebody(place: int, *, stage: Stage = Stage.UNIVERSITY, **given: object) -> NewEntitlement:
    facts: dict[str, object] = {
        "name": f"受助人{place:02d}",
        "resident_id": number(place),
        "stage": stage,
        "bank_name": "示例银行广安支行",
        "account_number": f"622200000000{place:04d}",
    }
    return NewEntitlement(**(facts | given))  # type: ignore[arg-type]


def a_draft(db: Session, home: Home, now: datetime, *, people: Sequence[int] = (1, 2), **given: object) -> UUID:
    facts: dict[str, object] = {
        "programme_id": home.programme_id, "fund_id": home.fund_id, "title": "示例助学第一批发放名册",
    }  # fmt: skip
    roster_id = commands.draft_roster(db, home.clerk, NewRoster(**(facts | given)), now=now)  # type: ignore[arg-type]
    for place in people:
        commands.add_person(db, VAULT, home.clerk, roster_id, somebody(place), now=now)
    return roster_id


def a_submitted(db: Session, home: Home, now: datetime, **given: object) -> UUID:
    roster_id = a_draft(db, home, now, **given)  # type: ignore[arg-type]
    stories.submit(db, home.clerk, roster_id, now=now)
    return roster_id


def an_approved(db: Session, home: Home, now: datetime, **given: object) -> UUID:
    roster_id = a_submitted(db, home, now, **given)
    stories.approve(db, home.head, roster_id, now=now)
    return roster_id


def a_stackable(db: Session, home: Home, now: datetime) -> UUID:
    return a_programme(db, home.clerk, now=now, name="示例慰问", rule=PurposeRule.STACKABLE)
