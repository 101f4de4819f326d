"""Tables of what comes before a project: wishes of villages and units, and what co-organizers bring to a draft."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, state_enum
from marketplace.db.search import Searchable, grams_index
from marketplace.projects.states import NEED, SHARE, NeedChannel, NeedState, ShareState


class Need(Searchable, Keyed):
    """A wish of a village or unit: handed in by an organization itself, or written down by a centre for ``brought_by``.

    ``contact_name`` and ``contact_phone`` are for staff only. ``is_shown`` is what staff released for everybody.
    """

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint("title <> '' AND content <> ''", name="said"),
        CheckConstraint("people_count > 0", name="people_counted"),
        CheckConstraint("cost_fen > 0", name="cost_positive"),
        CheckConstraint("wished_until >= wished_from", name="wish_ends_later"),
        CheckConstraint("(channel = 'online') = (brought_by = '')", name="brought_by_somebody"),
        CheckConstraint(
            "(state = 'adopted') = (project_id IS NOT NULL) AND (project_id IS NULL) = (adopted_at IS NULL)",
            name="adopted_into_project",
        ),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into_need"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("state <> 'declined' OR reason <> ''", name="decline_has_reason"),
        grams_index("need"),
        Index("ix_need_collected_at", "collected_at", "id"),
        Index("ix_need_waiting", "collected_at", postgresql_where=text("state = 'collected'")),
        Index("ix_need_shown", "collected_at", "id", postgresql_where=text("is_shown")),
    )

    state: Mapped[NeedState] = mapped_column(state_enum(NeedState), default=NEED.start)
    title: Mapped[str]
    content: Mapped[str]
    people_kind: Mapped[str] = mapped_column(default="")
    people_count: Mapped[int | None]
    location: Mapped[str] = mapped_column(default="")
    wished_from: Mapped[date | None]
    wished_until: Mapped[date | None]
    catalogue_code: Mapped[str] = mapped_column(default="")
    cost_fen: Mapped[int | None]
    channel: Mapped[NeedChannel] = mapped_column(state_enum(NeedChannel))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    brought_by: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    is_shown: Mapped[bool] = mapped_column(default=False)
    collected_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    collected_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    adopted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    adopted_at: Mapped[datetime | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("need.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class Share(Keyed):
    """What a co-organizer is to do in a project and the money it brings; nothing of it stands before its head agrees.

    Only a draft's rows may change (a trigger), and a draft is handed in only when each is agreed and stands among its
    funding lines to the fen (another). Its own head says which fund gives the money; funds stand on a higher floor, so
    the fund's id is kept without a key down.
    """

    __tablename__ = "project_share"
    __table_args__ = (
        UniqueConstraint("project_id", "organization_id"),
        CheckConstraint("task <> ''", name="said"),
        CheckConstraint("amount_fen > 0", name="positive"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refusal_has_reason"),
        CheckConstraint("(state = 'agreed') = (fund_id IS NOT NULL)", name="agreed_names_fund"),
        CheckConstraint("decided_by <> proposed_by", name="proposer_does_not_agree"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    task: Mapped[str]
    amount_fen: Mapped[int]
    fund_id: Mapped[UUID | None]
    state: Mapped[ShareState] = mapped_column(state_enum(ShareState), default=SHARE.start)
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
