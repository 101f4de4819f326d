"""Tables of delivery: milestones of a contract in force, reports with their evidence, what was found, acceptance."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.contracts.states import MILESTONE, EvidenceKind, Finding, MilestoneState
from marketplace.db.base import Keyed, Row, state_enum
from marketplace.projects.states import MilestoneKind

_DECIDED = "state IN ('accepted', 'partly_accepted', 'rejected')"
_APART = "accepted_by <> verified_by AND accepted_by <> reported_by"
_PARTS = (
    "(state = 'accepted' AND accepted_bp = 10000 AND accepted_fen = amount_fen)"
    " OR (state = 'partly_accepted' AND accepted_bp > 0 AND accepted_bp < 10000)"
    " OR (state = 'rejected' AND accepted_bp = 0 AND accepted_fen = 0)"
)


class Milestone(Keyed):
    """A payment of a contract and what it waits for; what was agreed in it nobody changes (a privilege, a trigger).

    ``share_bp`` of the contract's price is ``amount_fen``; the shares of a contract make exactly 100.00 %, its amounts
    exactly its price (a deferred trigger). ``evidence`` holds one item a line. The facts of the last report,
    verification and acceptance stand here with who did them; ``attempts`` counts the reports handed in.
    """

    __tablename__ = "contract_milestone"
    __table_args__ = (
        UniqueConstraint("contract_id", "place"),
        CheckConstraint("title <> '' AND place > 0", name="named"),
        CheckConstraint("share_bp > 0 AND share_bp <= 10000", name="share_bounded"),
        CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
        CheckConstraint("kind = 'advance' OR due_on IS NOT NULL", name="deliverable_has_date"),
        CheckConstraint("kind <> 'advance' OR state IN ('scheduled', 'accepted')", name="advance_needs_no_report"),
        CheckConstraint("accepted_fen >= 0 AND accepted_fen <= amount_fen", name="accepted_within_amount"),
        CheckConstraint(
            f"({_DECIDED}) = (accepted_at IS NOT NULL AND accepted_fen IS NOT NULL AND accepted_bp IS NOT NULL)",
            name="decided_has_facts",
        ),
        CheckConstraint(f"NOT ({_DECIDED}) OR {_PARTS}", name="part_as_decided"),
        CheckConstraint(
            f"kind = 'advance' OR NOT ({_DECIDED}) OR accepted_by IS NOT NULL", name="deliverable_accepted_by_person"
        ),
        CheckConstraint(
            "kind = 'advance' OR state NOT IN ('verified', 'accepted', 'partly_accepted', 'rejected')"
            " OR (verified_by IS NOT NULL AND verified_at IS NOT NULL)",
            name="verified_has_facts",
        ),
        CheckConstraint(
            "kind = 'advance' OR state = 'scheduled'"
            " OR (reported_by IS NOT NULL AND reported_at IS NOT NULL AND attempts > 0)",
            name="reported_has_facts",
        ),
        CheckConstraint("(state = 'returned') = (mend_by IS NOT NULL)", name="returned_has_date"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        CheckConstraint("verified_by <> reported_by", name="reporter_does_not_verify"),
        CheckConstraint(_APART, name="acceptor_apart"),
        Index("uq_contract_milestone_advance", "contract_id", unique=True, postgresql_where=text("kind = 'advance'")),
        Index("ix_contract_milestone_waiting", "due_on", postgresql_where=text(f"NOT ({_DECIDED})")),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[MilestoneKind] = mapped_column(state_enum(MilestoneKind))
    title: Mapped[str]
    deliverable: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    share_bp: Mapped[int]
    amount_fen: Mapped[int]
    state: Mapped[MilestoneState] = mapped_column(state_enum(MilestoneState), default=MILESTONE.start)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    reported_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None]
    mend_by: Mapped[date | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]
    accepted_bp: Mapped[int | None]
    accepted_fen: Mapped[int | None]


class MilestoneReport(Keyed):
    """One attempt to prove a milestone: a draft while ``submitted_at`` is None, then nobody changes it (a trigger).

    ``ticked`` are the places, from 0, of the evidence items that the supplier says are there; ``hours_hundredths`` are
    hours of service in hundredths.
    """

    __tablename__ = "milestone_report"
    __table_args__ = (
        UniqueConstraint("milestone_id", "attempt"),
        UniqueConstraint("id", "submitted_by"),
        CheckConstraint("attempt > 0 AND version > 0", name="counted"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name="submitted_by_person"),
        CheckConstraint("submitted_at IS NULL OR (content <> '' AND people_served IS NOT NULL)", name="complete"),
        CheckConstraint("people_served >= 0 AND sessions >= 0 AND hours_hundredths >= 0", name="not_negative"),
        CheckConstraint("jsonb_typeof(ticked) = 'array'", name="ticked_listed"),
        Index("uq_milestone_report_draft", "milestone_id", unique=True, postgresql_where=text("submitted_at IS NULL")),
    )

    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("contract_milestone.id"))
    attempt: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[str] = mapped_column(default="")
    people_served: Mapped[int | None]
    sessions: Mapped[int | None]
    hours_hundredths: Mapped[int | None]
    ticked: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    saved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]


class MilestoneEvidence(Keyed):
    """A file of a report; ``item`` is the place, from 0, of the evidence item it proves, None where it proves none."""

    __tablename__ = "milestone_evidence"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint("item >= 0", name="item_counted"),
        Index("ix_milestone_evidence_report_id", "report_id", "added_at"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("milestone_report.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    sha256: Mapped[str]
    kind: Mapped[EvidenceKind] = mapped_column(state_enum(EvidenceKind))
    item: Mapped[int | None] = mapped_column(SmallInteger)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Verification(Keyed):
    """What somebody found who held a report against the contract: confirmed, or sent back with a reason and a day.

    Whoever handed in the report is named here again, so that the row itself shows that another person looked.
    """

    __tablename__ = "milestone_verification"
    __table_args__ = (
        ForeignKeyConstraint(["report_id", "reported_by"], ["milestone_report.id", "milestone_report.submitted_by"]),
        Index(
            "uq_milestone_verification_confirmed",
            "report_id",
            unique=True,
            postgresql_where=text("finding = 'confirmed'"),
        ),
        Index(
            "uq_milestone_verification_returned",
            "report_id",
            unique=True,
            postgresql_where=text("finding = 'returned'"),
        ),
        CheckConstraint("person_id <> reported_by", name="reporter_does_not_verify"),
        CheckConstraint(
            "finding <> 'returned' OR (reason <> '' AND mend_by IS NOT NULL)", name="returned_has_reason_and_date"
        ),
    )

    report_id: Mapped[UUID]
    reported_by: Mapped[UUID]
    finding: Mapped[Finding] = mapped_column(state_enum(Finding))
    reason: Mapped[str] = mapped_column(default="")
    mend_by: Mapped[date | None]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Acceptance(Row):
    """The decision over a milestone, once: ``share_bp`` of it is accepted, which is ``amount_fen``.

    ``asked`` people who were served were asked, ``satisfied`` of them were; ``opinion`` holds what they said, or why
    nobody could be asked. Who reported and verified is named again, so that the row itself shows three people.
    """

    __tablename__ = "milestone_acceptance"
    __table_args__ = (
        ForeignKeyConstraint(["report_id", "reported_by"], ["milestone_report.id", "milestone_report.submitted_by"]),
        CheckConstraint("share_bp >= 0 AND share_bp <= 10000 AND amount_fen >= 0", name="share_bounded"),
        CheckConstraint("share_bp = 10000 OR reason <> ''", name="part_has_reason"),
        CheckConstraint("opinion <> '' AND asked >= 0 AND satisfied >= 0 AND satisfied <= asked", name="opinion_asked"),
        CheckConstraint("person_id <> verified_by AND person_id <> reported_by", name="acceptor_apart"),
        CheckConstraint("verified_by <> reported_by", name="verifier_apart"),
    )

    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("contract_milestone.id"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(unique=True)
    share_bp: Mapped[int]
    amount_fen: Mapped[int]
    opinion: Mapped[str]
    asked: Mapped[int]
    satisfied: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    reported_by: Mapped[UUID]
    verified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
