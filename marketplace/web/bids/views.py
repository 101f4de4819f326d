"""What the pages of bids show, gathered from the domains below."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from msgspec import Struct, structs
from sqlalchemy.orm import Session

from marketplace.bids import queries
from marketplace.bids.rules import PARTS, Part, PartState, in_time, opens_at, progress
from marketplace.bids.schemas import Asked, DraftView, MyBid, OpeningList, Receipt, SealView, Submitted
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.states import BID, BidState
from marketplace.identity.queries.organizations import names, organization, organizations
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.projects.queries import corrections_since
from marketplace.projects.schemas import NoticeView
from marketplace.suppliers.queries.readiness import is_ready
from marketplace.suppliers.schemas import Missing
from marketplace.web.access import Visitor
from marketplace.web.bids.receipts import download_link, receipt_text
from marketplace.web.i18n import say

PAGE_OF = {
    Part.PRICE: "price",
    Part.PLAN: "plan",
    Part.STAFF: "plan",
    Part.CRITERIA: "answers",
    Part.CONDITIONS: "answers",
    Part.FILES: "files",
    Part.CONFIRMATION: "confirm",
}
"""Which page each task of a bid is done on."""
TONES = {PartState.EMPTY: "grey", PartState.BEGUN: "yellow", PartState.DONE: "green"}
WORDS = {PartState.EMPTY: N_("未开始"), PartState.BEGUN: N_("未完成"), PartState.DONE: N_("已完成")}
OPTIONAL, MUST_CONFIRM = N_("选填"), N_("须再次确认")
STATE_TONES = {
    BidState.DRAFT: "grey",
    BidState.SEALED: "green",
    BidState.WITHDRAWN: "yellow",
    BidState.OPENED: "blue",
    BidState.UNREADABLE: "red",
    BidState.UNCONFIRMED: "red",
    BidState.VALID: "green",
    BidState.DISQUALIFIED: "red",
}


Visit = Request[Visitor, None, Any]
"""The request as pages see it."""


def received_at(request: Visit) -> datetime:
    """When this request arrived, by the server's clock: what deadlines are held against."""
    found: datetime = request.scope["received_at"]  # type: ignore[typeddict-item] # set by the outermost layer
    return found


def own_organization(actor: Actor) -> UUID:
    """The organization the actor acts for.

    Raises:
        NotFound: none.
    """
    if actor.organization_id is None:
        raise NotFound
    return actor.organization_id


class Task(Struct, frozen=True, kw_only=True):
    """One line of the task list; ``title`` and ``word`` are message ids."""

    part: Part
    title: str
    url: str
    word: str
    tone: str


class Bidding(Struct, frozen=True, kw_only=True):
    """A bidder's view of its own bid in one project."""

    asked: Asked
    buyer: str
    base: str
    mine: MyBid | None
    is_open: bool
    tasks: tuple[Task, ...]
    lacks: tuple[Missing, ...]
    corrections: tuple[NoticeView, ...] = ()

    @property
    def must_confirm(self) -> bool:
        """Whether what is in the box must be confirmed or replaced, and still can be."""
        return self.is_open and self.mine is not None and self.mine.must_confirm

    @property
    def change_names(self) -> Mapping[str, str]:
        """What a correction changes, by its field."""
        from marketplace.web.projects.views import CHANGE_NAMES

        return CHANGE_NAMES

    @property
    def draft(self) -> DraftView | None:
        """The draft, while it can be read."""
        return self.mine.draft if self.mine else None

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What was handed in, the latest first."""
        return self.mine.receipts[::-1] if self.mine else ()

    @property
    def state(self) -> str:
        """The state in a word, a message id."""
        return BID.label(self.mine.state if self.mine else BID.start)

    @property
    def tone(self) -> str:
        """The colour of the state."""
        return STATE_TONES[self.mine.state if self.mine else BID.start]

    @property
    def is_sealed(self) -> bool:
        """Whether a bid is in the box."""
        return self.mine is not None and self.mine.state is BidState.SEALED

    @property
    def is_locked(self) -> bool:
        """Whether what was handed in can be edited only with its code."""
        return self.mine is not None and self.mine.locked_draft

    @property
    def done(self) -> int:
        """How many tasks are done."""
        return sum(task.tone == "green" for task in self.tasks)

    @property
    def is_complete(self) -> bool:
        """Whether all that must be there is there."""
        return all(task.tone == "green" or task.part in {Part.FILES, Part.CONFIRMATION} for task in self.tasks)

    def next_of(self, page: str) -> str:
        """The page after this one."""
        pages = list(dict.fromkeys(PAGE_OF.values()))
        return f"{self.base}/{pages[pages.index(page) + 1]}"


def base_of(project_id: UUID) -> str:
    """Where a bidder works on its bid in a project."""
    return f"/org/bids/{project_id}"


def as_shown(actor: Actor, mine: MyBid | None) -> MyBid | None:
    """A bid as the actor may see it: without its prices for whoever does not see money."""
    if mine is None or mine.draft is None:
        return mine
    return structs.replace(mine, draft=draft_as_shown(actor, mine.draft))


def draft_as_shown(actor: Actor, draft: DraftView) -> DraftView:
    """A draft as the actor may see it: without its prices for whoever does not see money."""
    if may(actor, Right.READ_BID_PRICE, {Relation.SUPPLIER: actor.organization_id}):
        return draft
    return structs.replace(draft, cost_lines=(), price_fen=0)


def bidding(db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, *, received: datetime) -> Bidding:
    """A bidder's view of its own bid; only who took the document has one.

    Raises:
        NotFound: no such project is public, or the organization did not take its document.
    """
    own = own_organization(actor)
    asked = queries.asked_of(db, project_id)
    if queries.taking(db, project_id, own) is None:
        raise NotFound
    mine = as_shown(actor, queries.my_bid(db, keys, project_id, own))
    draft = mine.draft if mine else None
    base = base_of(project_id)
    return Bidding(
        asked=asked,
        buyer=organization(db, asked.buyer_id).name,
        base=base,
        mine=mine,
        is_open=in_time(received, asked.due),
        tasks=_tasks(asked, draft, base),
        corrections=corrections_since(db, project_id, mine.receipts[-1].edition) if mine and mine.must_confirm else (),
        lacks=tuple(is_ready(db, own, legal_day(received), asked.demands)),
    )


def _tasks(asked: Asked, draft: DraftView | None, base: str) -> tuple[Task, ...]:
    states = progress(asked.facts(draft)) if draft else dict.fromkeys(Part, PartState.EMPTY)
    found = []
    for part, state in states.items():
        optional = part is Part.FILES and state is PartState.EMPTY
        word, url = (OPTIONAL if optional else WORDS[state]), f"{base}/{PAGE_OF[part]}"
        found.append(Task(part=part, title=PARTS[part], url=url, word=word, tone=TONES[state]))
    return tuple(found)


class MyProject(Struct, frozen=True, kw_only=True):
    """A line of the list of what an organization took."""

    asked: Asked
    url: str
    state: str
    tone: str
    is_open: bool
    receipt: Receipt | None


def my_projects(db: Session, keys: ApplicationKeys, actor: Actor, *, received: datetime) -> list[MyProject]:
    """What the actor's organization took, the latest first."""
    own = own_organization(actor)
    found = []
    for taking in queries.takings_of(db, own):
        asked, mine = queries.asked_of(db, taking.project_id), queries.my_bid(db, keys, taking.project_id, own)
        state = mine.state if mine else BID.start
        stale = mine is not None and mine.must_confirm and in_time(received, asked.due)
        found.append(
            MyProject(
                asked=asked,
                url=base_of(taking.project_id),
                state=MUST_CONFIRM if stale else BID.label(state),
                tone="red" if stale else STATE_TONES[state],
                is_open=in_time(received, asked.due),
                receipt=mine.receipts[-1] if mine and mine.receipts else None,
            )
        )
    return found


def receipt_of(view: Bidding, number: int) -> Receipt:
    """One of the bidder's receipts.

    Raises:
        NotFound: there is none of this number.
    """
    for receipt in view.receipts:
        if receipt.entry == number:
            return receipt
    raise NotFound


SIZE_NOTE = N_("每个文件不超过 {limit} MB。文件在到达服务器时就被加密，开启前谁也打不开。")


class Handed(Struct, frozen=True, kw_only=True):
    """The page right after handing in."""

    view: Bidding
    receipt: Receipt
    code: str
    link: str

    @staticmethod
    def of(view: Bidding, submitted: Submitted) -> "Handed":
        """What is shown once."""
        text = receipt_text(view.asked, submitted.receipt, submitted.editing_code)
        return Handed(view=view, receipt=submitted.receipt, code=submitted.editing_code, link=download_link(text))


class OpenerTask(Struct, frozen=True, kw_only=True):
    """A box that waits for one of its openers."""

    asked: Asked
    seal: SealView
    url: str
    opens_at: datetime
    is_time: bool
    mine_done: bool


class Box(Struct, frozen=True, kw_only=True):
    """One project's box before its opener."""

    asked: Asked
    seal: SealView
    people: dict[UUID, str]
    organizations: dict[UUID, str]
    opens_at: datetime
    is_time: bool
    mine_done: bool


def opener_tasks(db: Session, person_id: UUID, *, now: datetime) -> list[OpenerTask]:
    """The boxes a person is an opener of and that are not open yet, the earliest first."""
    found = []
    for project_id in queries.seats_of(db, person_id):
        asked, seal = queries.asked_of(db, project_id), queries.seal(db, project_id)
        found.append(
            OpenerTask(
                asked=asked,
                seal=seal,
                url=f"/openings/{project_id}",
                opens_at=opens_at(asked.due),
                is_time=now >= opens_at(asked.due),
                mine_done=_is_first(seal, person_id),
            )
        )
    return sorted(found, key=lambda one: one.asked.due)


def _is_first(seal: SealView, person_id: UUID | None) -> bool:
    return any(seat.seat is seal.first_seat and seat.person_id == person_id for seat in seal.seats)


def box(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> Box:
    """A project's box, for one of its openers.

    Raises:
        NotFound: there is no such box, or the actor is none of its openers.
    """
    seal = queries.seal(db, project_id)
    if actor.person_id not in {seat.person_id for seat in seal.seats}:
        raise NotFound
    asked = queries.asked_of(db, project_id)
    return Box(
        asked=asked,
        seal=seal,
        people=names(db, (seat.person_id for seat in seal.seats)),
        organizations=short_names(db, seal),
        opens_at=opens_at(asked.due),
        is_time=now >= opens_at(asked.due),
        mine_done=_is_first(seal, actor.person_id),
    )


def short_names(db: Session, seal: SealView) -> dict[UUID, str]:
    """The organizations on the seats of a seal by name."""
    found = organizations(db, (seat.organization_id for seat in seal.seats))
    return {key: one.short_name for key, one in found.items()}


class OpeningPage(Struct, frozen=True, kw_only=True):
    """The public opening list with names."""

    asked: Asked
    listed: OpeningList
    organizations: dict[UUID, str]


def opening_page(db: Session, project_id: UUID) -> OpeningPage:
    """The public opening list with the names of organizations.

    Raises:
        NotFound: no such project, or its bids have not been opened.
    """
    listed = queries.opening_list(db, project_id)
    ids = {row.organization_id for row in listed.rows if row.organization_id}
    ids |= {listed.first.organization_id, listed.second.organization_id}
    return OpeningPage(
        asked=queries.asked_of(db, project_id),
        listed=listed,
        organizations={key: one.name for key, one in organizations(db, ids).items()},
    )


def file_size_text(limit_bytes: int) -> str:
    """The hint beside the file field."""
    return say(SIZE_NOTE, limit=limit_bytes // 2**20)
