"""A small world for bids: a buyer, a centre, a supervisor, three social organizations, one open project."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids import commands
from marketplace.bids.queries import asked_of
from marketplace.bids.schemas import (
    Answer,
    Contact,
    CostLine,
    DraftChange,
    DraftView,
    FileKind,
    Opened,
    Plan,
    StaffMember,
    Submitted,
)
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.sealing.keys import Seat
from marketplace.documents.storage import FolderStorage
from marketplace.kit.actor import Actor
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from tests.projects.village import a_village, an_approved, closing
from tests.suppliers.shelf import a_qualified

KEYS = ApplicationKeys(bytes.fromhex("5a" * 32))
PASSPHRASES = {
    Seat.CENTRE: "春天里我们去看油菜花",
    Seat.BUYER: "河边的石桥有七个桥洞",
    Seat.SUPERVISOR: "老槐树下讲过去的故事",
}
PLAN_TEXT = "每周三次入户陪伴，由两名持证社工带队"
SECOND = timedelta(seconds=1)


@dataclass
class World:
    """What tests of bids stand on."""

    project_id: UUID
    due: datetime
    openers: dict[Seat, Actor]
    head: Actor
    bidders: list[Actor]
    storage: FolderStorage

    @property
    def opens(self) -> datetime:
        """The first instant at which bids may be opened."""
        return self.due + 30 * SECOND


def a_world(db: Session, folder: Path, now: datetime, bidders: int = 3) -> World:
    """A village whose project is open and sealed, and qualified organizations that may bid."""
    village = a_village(db, now)
    openers = {Seat.CENTRE: village.centre_clerk, Seat.BUYER: village.buyer_clerk, Seat.SUPERVISOR: village.auditor}
    for seat, opener in openers.items():
        commands.enrol_opener_key(db, KEYS, opener, PASSPHRASES[seat], now=now)
    project_id = an_approved(db, village, now)
    commands.seal_project(db, KEYS, village.centre_head, project_id, now=now)
    budget = db.get_one(Project, project_id).budget_fen or 0
    projects.publish(db, village.centre_head, project_id, reserved_fen=budget, sealed=True, now=now)
    return World(
        project_id=project_id,
        due=closing(db, project_id),
        openers=openers,
        head=village.centre_head,
        bidders=[a_qualified(db, folder, number + 1, now=now, serves_minors=True) for number in range(bidders)],
        storage=FolderStorage(folder / "files"),
    )


def a_change(db: Session, world: World, price_fen: int = 3_000_000, plan: str = PLAN_TEXT) -> DraftChange:
    """A complete bid at a price."""
    asked = asked_of(db, world.project_id)
    return DraftChange(
        cost_lines=(CostLine(name="入户陪伴", unit="次", quantity_hundredths=10_000, unit_price_fen=price_fen // 100),),
        plan=Plan(approach=plan, schedule="三月至十二月"),
        staff=(StaffMember(name="陈示例", post="社工", years=5),),
        criteria={one.id: Answer(text="做法见服务方案") for one in asked.criteria},
        conditions={one.id: Answer(met=True) for one in asked.conditions},
        contact=Contact(name="陈示例", phone="13800000000"),
        declared=True,
    )


def a_draft(db: Session, world: World, who: Actor, at: datetime, price_fen: int = 3_000_000) -> DraftView:
    """The document taken and a complete draft written."""
    commands.take_document(db, who, world.project_id, received_at=at, now=at)
    return commands.save_draft(db, KEYS, who, world.project_id, a_change(db, world, price_fen), received_at=at)


def a_bid(db: Session, world: World, who: Actor, at: datetime, price_fen: int = 3_000_000) -> Submitted:
    """A bid handed in."""
    a_draft(db, world, who, at, price_fen)
    return commands.submit(db, KEYS, who, world.project_id, received_at=at, now=at)


def a_file(db: Session, world: World, who: Actor, content: bytes, at: datetime, **given: Any) -> DraftView:
    """A file added to the draft of ``who``."""
    options: dict[str, Any] = {"kind": FileKind.PLAN, "name": "机密方案.txt", "limit_bytes": 2**24} | given
    options |= {"storage": world.storage, "received_at": at, "now": at}
    return commands.add_file(db, KEYS, who, world.project_id, pieces(content), **options)


def opened(db: Session, world: World, now: datetime) -> Opened:
    """Both steps of the opening, by centre and supervisor."""
    commands.contribute(db, world.openers[Seat.CENTRE], world.project_id, PASSPHRASES[Seat.CENTRE], now=now)
    return commands.open_all(
        db,
        KEYS,
        world.openers[Seat.SUPERVISOR],
        world.project_id,
        PASSPHRASES[Seat.SUPERVISOR],
        storage=world.storage,
        now=now,
    )


def pieces(content: bytes, size: int = 50_000) -> Iterator[bytes]:
    """Content as it arrives over a line."""
    for at in range(0, len(content), size):
        yield content[at : at + size]
