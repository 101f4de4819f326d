"""The demo's social organizations: they register, hand in their papers, and the centre looks at each."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.documents.storage import Storage
from marketplace.identity.credentials import Safe
from marketplace.identity.queries import actor_of, people_of
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import legal_day
from marketplace.suppliers import commands
from marketplace.suppliers.schemas import Bank, NewCheck, Registration
from marketplace.suppliers.states import CheckResult, Nature
from seed.people import PASSWORD, REGION, code
from seed.year import Supplier

OWN = ("certificate", "scope", "bank", "annual_report", "accounting", "capability", "tax_insurance", "declaration")
"""Papers the organization hands in itself."""
LOOKED_UP = ("abnormal_list", "dishonest_list", "procurement_list")
"""Lists the centre looks up."""
NATURES = {"51": Nature.SOCIAL_GROUP, "52": Nature.SOCIAL_SERVICE_AGENCY, "53": Nature.FOUNDATION}
LIMIT_BYTES = 1 << 20


def register(db: Session, safe: Safe, supplier: Supplier, place: int, *, now: datetime) -> tuple[UUID, Actor]:
    """The organization and its first person; returns its id and that person acting for it."""
    organization_id = commands.register(
        db,
        safe,
        Registration(
            uscc=code(supplier.kind, supplier.serial),
            name=supplier.name,
            nature=NATURES[supplier.kind],
            legal_representative=f"代表{place}（演示）",
            contact_name=f"联络人{place}（演示）",
            contact_phone=f"0826-200{place:04d}",
            contact_email=f"{supplier.login}@demo.invalid",
            region=REGION,
            supervising_unit="广安区民政局（演示）",
            registrar="广安区民政局（演示）",
            address=f"广安区示例街道{place}号",
            service_scope=supplier.scope,
            services=("A03", "A04", "A05", "A07", "A08"),
            serves_minors=supplier.minors,
            founded_on=date(2018, 5, 4),
            staff_count=6 + place,
            rating_grade=int(supplier.rating[0]) if supplier.rating else None,
            rating_until=legal_day(now) + timedelta(days=900) if supplier.rating else None,
            password=PASSWORD,
            login=supplier.login,
            declared=True,
        ),
        now=now,
    )
    [first] = people_of(db, SYSTEM, organization_id)
    return organization_id, actor_of(db, first.person_id, organization_id)


def hand_in(
    db: Session, safe: Safe, storage: Storage, actor: Actor, organization_id: UUID, supplier: Supplier, *, now: datetime
) -> None:
    """Enter the account, attach every paper, and hand in."""
    bank = Bank(
        bank_name="示例银行广安支行", account_name=supplier.name, account_number=f"62220000{supplier.serial[3:]:0>8}"
    )
    commands.set_bank(db, safe, actor, organization_id, bank, revision=None, now=now)
    for kind in _papers(supplier):
        _attach(db, storage, actor, organization_id, kind, supplier, now=now)
    commands.submit(db, actor, organization_id, revision=None, now=now)


def qualify(
    db: Session, storage: Storage, clerk: Actor, organization_id: UUID, supplier: Supplier, *, now: datetime
) -> None:
    """The centre's clerk looks at every item, writes down what was found, and takes the organization in."""
    for kind in LOOKED_UP:
        _attach(db, storage, clerk, organization_id, kind, supplier, now=now)
    until = legal_day(now) + timedelta(days=420)
    checks = [
        NewCheck(kind=kind, result=CheckResult.PASSED, source="原件", valid_to=until)
        for kind in (*_papers(supplier), *LOOKED_UP)
    ]
    commands.check(db, clerk, organization_id, checks, now=now)
    commands.qualify(db, clerk, organization_id, revision=None, now=now)


def _papers(supplier: Supplier) -> tuple[str, ...]:
    return (*OWN, "minors_check") if supplier.minors else OWN


def _attach(
    db: Session, storage: Storage, actor: Actor, organization_id: UUID, kind: str, supplier: Supplier, *, now: datetime
) -> None:
    paper = f"演示材料：{supplier.name} {kind}\n本文件由演示数据生成，不是真实证照。\n".encode()
    commands.attach(
        db, storage, actor, organization_id, kind, [paper], name=f"{kind}.txt", limit_bytes=LIMIT_BYTES, now=now
    )
