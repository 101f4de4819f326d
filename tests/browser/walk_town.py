"""The people of the walk, each with one role, and two further organizations that bid without a browser."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.queries import asked_of
from marketplace.bids.schemas import Answer, Contact, CostLine, DraftChange, Plan, StaffMember
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.identity import commands
from marketplace.identity.credentials import Safe
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from tests.identity.town import PASSWORD, code_for
from tests.suppliers.shelf import a_qualified

UNION, CENTRE, FINANCE, WATCH = "示例区总工会", "示例区党群服务中心", "示例区财政局", "示例区经审会"
MASS, OFFICE = OrganizationKind.MASS_ORGANIZATION, OrganizationKind.GOVERNMENT
ORGANIZATIONS = (
    (UNION, MASS, Function.BUYER),
    (CENTRE, OrganizationKind.PUBLIC_INSTITUTION, Function.PROCURING_ENTITY),
    (FINANCE, OFFICE, Function.FINANCE_OFFICE),
    (WATCH, MASS, Function.SUPERVISOR),
)
PEOPLE = (
    ("clerk", "甲经办", UNION, Role.CLERK),
    ("head", "乙主席", UNION, Role.HEAD),
    ("colleague", "壬经办", UNION, Role.CLERK),
    ("centre-clerk", "丙经办", CENTRE, Role.CLERK),
    ("expert", "癸专家", CENTRE, Role.EXPERT),
    ("finance", "丁会计", FINANCE, Role.ACCOUNTANT),
    ("finance-head", "子局长", FINANCE, Role.HEAD),
    ("cashier", "丑出纳", FINANCE, Role.CASHIER),
    ("supervisor", "戊审计", WATCH, Role.AUDITOR),
)
PASSPHRASES = {
    "clerk": "春天里我们去看油菜花",
    "head": "河边的石桥有七个桥洞",
    "supervisor": "老槐树下讲过去的故事",
}


def settle(db: Session, safe: Safe, *, now: datetime) -> None:
    """Register everybody who does not register themselves."""
    ids: dict[str, UUID] = {}
    for number, (name, kind, function) in enumerate(ORGANIZATIONS, 900):
        new = NewOrganization(
            name=name, short_name=name, kind=kind, functions=(function,), uscc=code_for(kind, number), region="511602"
        )
        ids[name] = commands.register_organization(db, SYSTEM, new, now=now)
    for login, name, organization, role in PEOPLE:
        person = NewPerson(name=name, email=f"{login}@example.com", login=login)
        commands.create_person(
            db, safe, SYSTEM, ids[organization], person,
            roles=[role], password=PASSWORD, now=now, totp_required=False,
        )  # fmt: skip


def another_bidder(db: Session, folder: Path, number: int, *, now: datetime) -> Actor:
    """A further organization that the centre took in."""
    return a_qualified(db, folder, number, now=now, serves_minors=True)


def another_bid(
    db: Session, keys: ApplicationKeys, who: Actor, project_id: UUID, price_fen: int, *, now: datetime
) -> None:
    """A further complete bid, handed in; ``price_fen`` is divisible by 100."""
    asked = asked_of(db, project_id)
    change = DraftChange(
        cost_lines=(CostLine(name="陪伴", unit="次", quantity_hundredths=10_000, unit_price_fen=price_fen // 100),),
        plan=Plan(approach="每周三次陪伴，由两名社工带队。", schedule="三月至六月，每月一次小结。"),
        staff=(StaffMember(name="陈示例", post="社工", years=5),),
        criteria={one.id: Answer(text="做法见服务方案") for one in asked.criteria},
        conditions={one.id: Answer(met=True) for one in asked.conditions},
        contact=Contact(name="陈示例", phone="0826-2000009"),
        declared=True,
    )
    bids.take_document(db, who, project_id, received_at=now, now=now)
    bids.save_draft(db, keys, who, project_id, change, received_at=now)
    bids.submit(db, keys, who, project_id, received_at=now, now=now)
