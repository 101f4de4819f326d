"""The facts of 2016 as the article gives them, and what had to be invented so that money could be paid to somebody."""

import json
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from marketplace.aid.rules.sheet import COLUMNS, read_roster
from marketplace.aid.states import STAGE_LABELS, ProgrammeKind, Sex, Stage
from marketplace.funds.rules import SourceKind
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import Function, Role
from marketplace.kit.codes import resident_id_check
from marketplace.kit.money import yuan
from marketplace.papers.sheets import text_table

FILE = Path(__file__).parent / "data" / "guangan-2016.json"
STORY = "guangan-2016"
YEAR = 2016
GIFTS, ALLOTMENT = "zxjjh", "kbzx"
"""The two invented offices that held the money."""
BANK = "示例银行广安支行"


class Organization(Struct, frozen=True, kw_only=True):
    """A body of the article."""

    id: str
    name_zh: str
    name_en: str
    kind: str


class ProgrammeFacts(Struct, frozen=True, kw_only=True):
    """A programme, with what could be bought of it and what is paid to people."""

    id: str
    name_zh: str
    name_en: str
    organizers: tuple[str, ...]
    kind: ProgrammeKind
    catalogue_codes: tuple[str, ...]
    service_that_can_be_bought_zh: tuple[str, ...]
    paid_to_people_zh: tuple[str, ...]


class AidLine(Struct, frozen=True, kw_only=True):
    """One line of aid: who, how many, how much a head in fen."""

    id: str
    programme: str
    organizers: tuple[str, ...]
    group_zh: str
    group_en: str
    stage: Stage
    sex: Sex
    heads: int
    fen_per_head: int
    total_fen: int


class ActivityFacts(Struct, frozen=True, kw_only=True):
    """Something held together; what else is told of it depends on what it was."""

    id: str
    name_zh: str
    name_en: str
    organizers: tuple[str, ...]
    date: str | None = None
    place: str = ""
    place_zh: str = ""
    partners: tuple[str, ...] = msgspec.field(default=(), name="with")
    occasion_zh: str = ""
    services_zh: tuple[str, ...] = ()
    goal_zh: str = ""
    for_zh: tuple[str, ...] = ()
    follows_zh: tuple[str, ...] = ()
    method_zh: tuple[str, ...] = ()
    money_zh: str = ""
    results: dict[str, Any] = {}


class Checksum(Struct, frozen=True, kw_only=True):
    """What all lines add up to."""

    heads: int
    total_fen: int


class Facts(Struct, frozen=True, kw_only=True):
    """The article's facts."""

    organizations: tuple[Organization, ...]
    programmes: tuple[ProgrammeFacts, ...]
    aid_lines: tuple[AidLine, ...]
    activities: tuple[ActivityFacts, ...]
    checksum: Checksum


@cache
def facts() -> Facts:
    """The facts as written down."""
    return msgspec.convert(json.loads(FILE.read_text("utf-8")), Facts)


KINDS = {
    "mass_organization": (OrganizationKind.MASS_ORGANIZATION, "13"),
    "service_centre": (OrganizationKind.PUBLIC_INSTITUTION, "12"),
    "joint_committee": (OrganizationKind.OTHER, "A1"),
    "party_committee": (OrganizationKind.GOVERNMENT, "11"),
    "government": (OrganizationKind.GOVERNMENT, "11"),
    "enterprise": (OrganizationKind.ENTERPRISE, "91"),
    "volunteer_team": (OrganizationKind.OTHER, "A1"),
    "village": (OrganizationKind.VILLAGE_COMMITTEE, "54"),
    "foundation": (OrganizationKind.FOUNDATION, "53"),
}
FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "qzgh": (Function.BUYER, Function.FINANCE_OFFICE),
    **dict.fromkeys(("tqw", "qfl", "qcl", "qkx", "qql", "qggw"), (Function.BUYER,)),
    "dqzx": (Function.PROCURING_ENTITY,),
    "czj": (Function.FINANCE_OFFICE,),
    GIFTS: (Function.FINANCE_OFFICE,),
    ALLOTMENT: (Function.FINANCE_OFFICE,),
}
"""What each body is in this market; the others take part in no procedure."""
SHORT = {
    "qzgh": "区总工会", "tqw": "团区委", "qfl": "区妇联", "qcl": "区残联", "qkx": "区科协", "qql": "区侨联",
    "qggw": "区关工委", "dqzx": "区党群中心", "czj": "区财政局", "mzj": "区民政局", GIFTS: "示例助学基金会",
    ALLOTMENT: "示例帮扶中心",
}  # fmt: skip
HOLDERS = (
    Organization(
        id=GIFTS,
        name_zh="示例助学基金会（虚构）",
        name_en="Sample foundation for study aid (invented)",
        kind="foundation",
    ),
    Organization(
        id=ALLOTMENT,
        name_zh="广安区困难职工帮扶中心（虚构）",
        name_en="Help centre for workers in difficulty (invented)",
        kind="service_centre",
    ),
)
"""The article does not say who held the money; bodies that may hold gifts and union money did, so two are invented."""


class PersonFacts(Struct, frozen=True):
    """Somebody invented who acted in 2016; nobody can sign in as them."""

    organization: str
    role: Role
    name: str


PEOPLE = (
    PersonFacts("qzgh", Role.CLERK, "工会经办（2016示例）"),
    PersonFacts("qzgh", Role.HEAD, "工会主席（2016示例）"),
    PersonFacts(ALLOTMENT, Role.ACCOUNTANT, "帮扶中心会计（2016示例）"),
    PersonFacts(ALLOTMENT, Role.CASHIER, "帮扶中心出纳（2016示例）"),
    PersonFacts("tqw", Role.CLERK, "团委经办（2016示例）"),
    PersonFacts("tqw", Role.HEAD, "团委书记（2016示例）"),
    PersonFacts("qfl", Role.CLERK, "妇联经办（2016示例）"),
    PersonFacts("qfl", Role.HEAD, "妇联主席（2016示例）"),
    PersonFacts(GIFTS, Role.ACCOUNTANT, "基金会会计（2016示例）"),
    PersonFacts(GIFTS, Role.CASHIER, "基金会出纳（2016示例）"),
)


class Money(Struct, frozen=True):
    """Where the money of a programme came from: the article tells it of 春蕾 alone, the rest is assumed."""

    source: SourceKind
    holder: str
    payers: tuple[str, ...]


MONEY = {
    "yulu": Money(SourceKind.DONATION, GIFTS, ("助学捐赠人（示例）",)),
    "xiwang": Money(SourceKind.DONATION, GIFTS, ("希望工程捐赠人（示例）",)),
    "jinqiu": Money(SourceKind.UNION, ALLOTMENT, ("广安市总工会（示例下拨）",)),
    "chunlei": Money(SourceKind.DONATION, GIFTS, ("爱心企业（示例）", "爱心人士（示例）")),
}
MARK = {"yulu": "雨露", "xiwang": "希望", "jinqiu": "金秋", "chunlei": "春蕾"}
STEMS = "甲乙丙丁戊己庚辛壬癸"


def organizations() -> Iterator[Organization]:
    """Every body of the story: the article's and the invented holders of money."""
    yield from facts().organizations
    yield from HOLDERS


def sheet(line: AidLine) -> list[tuple[int, dict[str, str]]]:
    """A line's people as a clerk would hand them in, read back from a real Excel file."""
    rows = [_row(line, place) for place in range(1, line.heads + 1)]
    return read_roster(BytesIO(text_table(list(COLUMNS.values()), [[row[field] for field in COLUMNS] for row in rows])))


def _row(line: AidLine, place: int) -> dict[str, str]:
    serial = _serial(line, place)
    female = line.sex is Sex.FEMALE or serial % 2 == 0
    body = f"51160219000101{2 * serial - (0 if female else 1):03d}"
    school = line.stage in (Stage.PRIMARY, Stage.COMPULSORY)
    return {
        "name": f"{MARK[line.programme]}受助{STEMS[_index(line)]}{place:02d}",
        "resident_id": body + resident_id_check(body),
        "stage": STAGE_LABELS[line.stage],
        "amount_fen": yuan(line.fen_per_head),
        "bank_name": BANK,
        "account_number": f"62220000{serial:08d}",
        "guardian_consent": "是" if school else "否",
    }


def _index(line: AidLine) -> int:
    return [one.id for one in facts().aid_lines].index(line.id)


def _serial(line: AidLine, place: int) -> int:
    """A number from 1 that no other person of the story has."""
    return sum(one.heads for one in facts().aid_lines[: _index(line)]) + place
