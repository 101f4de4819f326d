"""The dry check: what handing in would refuse, and what the opening or the check after it would find wrong."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.bids.model import BidDraft
from marketplace.bids.queries.own import asked_of, own_bid_row
from marketplace.bids.rules import DraftIsLocked, Part, check_in_time, missing
from marketplace.bids.schemas import Asked, BidFile, Content
from marketplace.bids.sealing.drafts import ApplicationKeys, unseal_draft, unwrap_seed
from marketplace.bids.sealing.errors import CorruptEnvelope
from marketplace.bids.sealing.files import unseal_pieces
from marketplace.documents.storage import Storage, chunks_of
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.suppliers.queries import declaration_of
from marketplace.suppliers.queries.readiness import is_ready
from marketplace.suppliers.schemas import Missing
from marketplace.suppliers.states import Why

FILE_DAMAGED = N_("附件「{name}」已损坏，开启时会读不出来。请移除后重新上传。")
DECLARATION_MISSING = N_("没有有效的六项基本条件声明。由有权签署的人在资质页签一次，一年内各次申报都能用。")


class Verdict(StrEnum):
    """What becomes of a bid with this in it."""

    REFUSED = "refused"
    INVALID = "invalid"
    NOTE = "note"


VERDICTS = {
    Verdict.REFUSED: N_("现在递交会被退回"),
    Verdict.INVALID: N_("能递交，但开启或审查时会出问题"),
    Verdict.NOTE: N_("请留意，不影响递交"),
}


class Finding(Struct, frozen=True, kw_only=True):
    """One thing found: its code, its text (a message id with ``params``), and the task that mends it.

    ``part`` is None for what is mended in the register.
    """

    verdict: Verdict
    code: str
    text: str
    params: dict[str, str]
    part: Part | None = None


class DryCheck(Struct, frozen=True, kw_only=True):
    """What would become of the draft if it were handed in at this moment. Nothing is stored, and nobody is told."""

    project_id: UUID
    findings: tuple[Finding, ...]

    @property
    def may_be_handed_in(self) -> bool:
        """Whether handing in would take it."""
        return all(one.verdict is not Verdict.REFUSED for one in self.findings)


def dry_check(
    db: Session,
    keys: ApplicationKeys,
    project_id: UUID,
    organization_id: UUID,
    *,
    storage: Storage,
    received_at: datetime,
) -> DryCheck:
    """Try what :func:`marketplace.bids.commands.submit` would refuse, by the same functions, and look beyond it.

    Beyond it: proofs that end before the deadline's day, files that no longer open, the six general conditions.

    Raises:
        NotFound: no such project is public.
        TooLate: the deadline has passed.
        DraftIsLocked: the draft has been handed in; there is nothing to check until it is opened again.
    """
    asked = asked_of(db, project_id)
    check_in_time(received_at, asked.due)
    content = _content(db, keys, project_id, organization_id)
    found = [
        *(_refused(one) for one in missing(asked.facts(content))),
        *_in_register(db, organization_id, asked, received_at),
        *(_damaged(one) for one in content.files if not whole(storage, one)),
    ]
    declaration = declaration_of(db, organization_id)
    if declaration is None or not declaration.holds(legal_day(asked.due)):
        found.append(
            Finding(verdict=Verdict.NOTE, code="declaration_missing", text=DECLARATION_MISSING, params={}),
        )
    by_verdict = sorted(found, key=lambda one: list(Verdict).index(one.verdict))
    return DryCheck(project_id=project_id, findings=tuple(by_verdict))


def _content(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> Content:
    bid = own_bid_row(db, keys, project_id, organization_id)
    draft = db.get(BidDraft, bid.id) if bid else None
    if draft is None:
        return Content(organization_id=organization_id)
    if draft.wrapped_seed is None:
        raise DraftIsLocked
    seed = unwrap_seed(keys, draft.wrapped_seed, draft.bid_id)
    return Content.decode(unseal_draft(seed, draft.content, draft.bid_id))


def _refused(one: DomainError) -> Finding:
    params = {name: str(value) for name, value in one.params.items()}
    return Finding(verdict=Verdict.REFUSED, code=one.code, text=one.text, params=params, part=Part(one.field))


def _in_register(db: Session, organization_id: UUID, asked: Asked, received_at: datetime) -> Iterator[Finding]:
    """What the register lacks today, and what it will lack on the day of the deadline."""
    today = is_ready(db, organization_id, legal_day(received_at), asked.demands)
    later = is_ready(db, organization_id, legal_day(asked.due), asked.demands)
    for one in today:
        yield _lack(one, Verdict.REFUSED if one.blocks else Verdict.NOTE)
    known = {(one.why, one.kind) for one in today}
    for one in _new(later, known):
        yield _lack(one, Verdict.INVALID)


def _new(found: Iterable[Missing], known: set[tuple[Why, str]]) -> Iterator[Missing]:
    for one in found:
        if one.blocks and (one.why, one.kind) not in known:
            yield one


def _lack(one: Missing, verdict: Verdict) -> Finding:
    return Finding(verdict=verdict, code=f"supplier_{one.why}", text=one.text, params=one.params)


def _damaged(file: BidFile) -> Finding:
    params = {"name": file.name}
    return Finding(verdict=Verdict.INVALID, code="file_damaged", text=FILE_DAMAGED, params=params, part=Part.FILES)


def whole(storage: Storage, file: BidFile) -> bool:
    """Whether a sealed file is there to its last byte."""
    try:
        with storage.open(file.sealed_sha256) as stream:
            for _ in unseal_pieces(chunks_of(stream), file.key, file.size_bytes):
                pass
    except (CorruptEnvelope, FileNotFoundError):
        return False
    return True
