"""People of the catalogue's desk, and a draft at any step of its way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from marketplace.catalogue import commands
from marketplace.catalogue.schemas import (
    Answer,
    Consultation,
    EntryText,
    NewCode,
    NewDraft,
    NewEdition,
    NewExpert,
    NewItem,
    NewOpinion,
)
from marketplace.catalogue.states import Conclusion, EditionState, Match, OpinionAction
from marketplace.documents.storage import FolderStorage
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.clock import legal_day

CENTRE = frozenset({Function.PROCURING_ENTITY})
ORGANIZATION = uuid4()
CLERK = Actor(uuid4(), ORGANIZATION, CENTRE, frozenset({Role.CLERK}))
HEAD = Actor(uuid4(), ORGANIZATION, CENTRE, frozenset({Role.HEAD}))
BOTH = Actor(uuid4(), ORGANIZATION, CENTRE, frozenset({Role.CLERK, Role.HEAD}))
AUDITOR = Actor(uuid4(), uuid4(), frozenset({Function.SUPERVISOR}), frozenset({Role.AUDITOR}))
SUPPLIER = Actor(uuid4(), uuid4(), frozenset({Function.SUPPLIER}), frozenset({Role.CLERK}))
BUYER_HEAD = Actor(uuid4(), uuid4(), frozenset({Function.BUYER}), frozenset({Role.HEAD}))
DAY = timedelta(days=1)
CONSULT_DAYS = 7
AFTER = CONSULT_DAYS * DAY
"""So long after a consultation began its last day is over."""


def in_force(db: Session, now: datetime) -> UUID:
    """A small catalogue in force: A, A04 with three entries, A05."""
    commands.enter_codes(
        db,
        SYSTEM,
        [NewCode(code="C05010200", name="儿童福利服务"), NewCode(code="C05010300", name="养老服务")],
        now=now,
    )
    items = (
        NewItem(code="A", level=1, name="公共服务"),
        NewItem(code="A04", level=2, parent="A", name="社会保障服务"),
        NewItem(
            code="A0401", level=3, parent="A04", name="儿童福利服务",
            procurement_codes=("C05010200",), match=Match.EXACT,
        ),
        NewItem(code="A0402", level=3, parent="A04", name="基本养老服务"),
        NewItem(code="A0403", level=3, parent="A04", name="残疾人服务"),
        NewItem(code="A05", level=2, parent="A", name="社会治理服务"),
    )  # fmt: skip
    edition = commands.draft_edition(db, SYSTEM, NewEdition(label="试行目录", items=items), now=now)
    commands.publish_edition(db, SYSTEM, edition, now=now)
    return edition


def entry(code: str, name: str, **more: object) -> EntryText:
    """An entry as typed."""
    return EntryText(code=code, name=name, **more)  # type: ignore[arg-type] # as the test gives them


def pdf() -> Iterator[bytes]:
    """The minutes."""
    yield b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def expert(number: int, now: datetime, conclusion: Conclusion = Conclusion.AGREE) -> NewExpert:
    """What an invented expert said."""
    return NewExpert(
        name=f"专家{number}", employer="示例大学", conclusion=conclusion, content="意见见纪要", given_on=legal_day(now)
    )


def a_draft(db: Session, now: datetime, label: str = "新目录") -> UUID:
    """A draft copied from the edition in force."""
    return commands.copy_edition(db, CLERK, NewDraft(label=label), now=now)


def a_period(now: datetime) -> Consultation:
    """The shortest consultation that begins today."""
    first = legal_day(now)
    return Consultation(first=first, last=first + (CONSULT_DAYS - 1) * DAY)


def at(  # noqa: PLR0911 - one return for each state
    db: Session, state: EditionState, folder: Path, now: datetime
) -> tuple[UUID, datetime]:
    """An edition that came to ``state`` by its own way, and when that was; the one in force is there already."""
    edition, later = a_draft(db, now), now + AFTER
    if state is EditionState.DRAFT:
        return edition, now
    commands.consult(db, CLERK, edition, a_period(now), now=now)
    if state is EditionState.CONSULTING:
        return edition, later
    if state is EditionState.WITHDRAWN:
        commands.withdraw_edition(db, CLERK, edition, reason="暂缓编制", now=later)
        return edition, later
    commands.review(db, CLERK, edition, now=later)
    for number in range(3):
        commands.record_expert(db, CLERK, edition, expert(number, later), now=later)
    commands.keep_minutes(
        db, FolderStorage(folder), CLERK, edition, pdf(), name="纪要.pdf", limit_bytes=10_000, now=later
    )
    if state is EditionState.REVIEWING:
        return edition, later
    commands.submit(db, CLERK, edition, now=later)
    if state is EditionState.SUBMITTED:
        return edition, later
    commands.approve(db, HEAD, edition, now=later)
    if state is EditionState.APPROVED:
        return edition, later
    day = legal_day(later) + (DAY if state is EditionState.ANNOUNCED else 0 * DAY)
    commands.publish_edition(db, HEAD, edition, in_force_on=day, now=later)
    if state is EditionState.REPLACED:
        commands.publish_edition(db, SYSTEM, a_draft_of_system(db, later), now=later)
    return edition, later


def a_draft_of_system(db: Session, now: datetime) -> UUID:
    """A draft that the system brings."""
    return commands.draft_edition(
        db, SYSTEM, NewEdition(label="更新", items=(NewItem(code="A", level=1, name="公共服务"),)), now=now
    )


def an_opinion(db: Session, number: int, now: datetime, actor: Actor | None = None, code: str = "A0401") -> UUID:
    """An opinion on an entry."""
    return commands.give_opinion(
        db, actor, number, NewOpinion(content="建议写明服务次数", code=code, signed="某村村民"), now=now
    )


ADOPTED = Answer(action=OpinionAction.ADOPT, answer="已写入服务标准")
