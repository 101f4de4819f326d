"""The steps of delivery as tests take them: each calls one verb of the real code."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.contracts import commands
from marketplace.contracts.model import Milestone
from marketplace.contracts.schemas import AcceptanceForm, Accepted, Confirm, NewEvidence, Report, SendBack
from marketplace.contracts.states import EvidenceKind, MilestoneState
from marketplace.documents.storage import FolderStorage
from marketplace.flows import delivering
from marketplace.kit.actor import Actor
from tests.milestones.worlds import Delivery

PHOTO = b"\xff\xd8\xff\xe0 photo"
"""How a photo begins."""
TEXT = "两个托管点已开班，服务六十名儿童，每日考勤。"


def a_report(attempt: int = 1, **given: Any) -> Report:
    facts: dict[str, Any] = {
        "attempt": attempt, "content": TEXT, "people_served": 60, "sessions": 24, "hours": Decimal("72.5"),
    }  # fmt: skip
    return Report(**(facts | given))


def an_acceptance(attempt: int = 1, **given: Any) -> AcceptanceForm:
    facts: dict[str, Any] = {
        "attempt": attempt, "share_bp": 10_000, "asked": 20, "satisfied": 19, "opinion": "家长满意，希望延长时间",
    }  # fmt: skip
    return AcceptanceForm(**(facts | given))


def a_file(
    db: Session,
    folder: Path,
    delivery: Delivery,
    now: datetime,
    *,
    which: int = 1,
    item: int | None = 0,
    kind: EvidenceKind = EvidenceKind.PHOTO,
    content: bytes = PHOTO,
    name: str = "IMG_0001.jpg",
    actor: Actor | None = None,
) -> UUID:
    return commands.attach_evidence(
        db, FolderStorage(folder), actor or delivery.supplier_clerk, delivery.milestones[which],
        NewEvidence(kind=kind, item=item), pieces(content), name=name, limit_bytes=1_000_000, now=now,
    )  # fmt: skip


def pieces(content: bytes) -> Iterable[bytes]:
    yield content


def reported(db: Session, folder: Path, delivery: Delivery, now: datetime, *, which: int = 1, attempt: int = 1) -> UUID:
    """A report with a file for each evidence item, handed in by the supplier's clerk; returns the milestone."""
    milestone_id = delivery.milestones[which]
    items = len(db.get_one(Milestone, milestone_id).evidence.splitlines())
    for item in range(items):
        a_file(db, folder, delivery, now, which=which, item=item)
    commands.report(db, delivery.supplier_clerk, milestone_id, a_report(attempt, version=1), now=now)
    return milestone_id


def verified(db: Session, folder: Path, delivery: Delivery, now: datetime, *, which: int = 1) -> UUID:
    """A report confirmed by the buyer's clerk."""
    milestone_id = reported(db, folder, delivery, now, which=which)
    commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=1), now=now)
    return milestone_id


def returned(db: Session, folder: Path, delivery: Delivery, now: datetime, *, which: int = 1) -> UUID:
    """A report sent back by the buyer's clerk, to be mended by 20 August."""
    milestone_id = reported(db, folder, delivery, now, which=which)
    back = SendBack(attempt=1, reason="签到表缺第二周", mend_by=date(2026, 8, 20))
    commands.send_back(db, delivery.verifier, milestone_id, back, now=now)
    return milestone_id


def accepted(db: Session, folder: Path, delivery: Delivery, now: datetime, *, which: int = 1, **given: Any) -> Accepted:
    """A verified report accepted by the centre's head, with its money."""
    milestone_id = verified(db, folder, delivery, now, which=which)
    return delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(**given), now=now)


def state_of(db: Session, milestone_id: UUID) -> MilestoneState:
    db.expire_all()
    return db.get_one(Milestone, milestone_id).state
