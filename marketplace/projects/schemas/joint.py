"""Co-organizers' shares as they come in and go out."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from marketplace.kit.fields import Fen, Reason
from marketplace.projects.schemas.needs import Said
from marketplace.projects.states import ShareAction, ShareState


class NewShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a co-organizer is asked to do and to bring."""

    organization_id: UUID
    task: Said
    amount_fen: Fen


class Agreeing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which of its own funds the co-organizer brings the money."""

    fund_id: UUID


class Refusing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a co-organizer does not agree."""

    reason: Reason


class ShareView(Struct, frozen=True, kw_only=True):
    """A share as those read it who prepare the project and the co-organizer itself."""

    id: UUID
    project_id: UUID
    project_title: str
    lead_name: str
    organization_id: UUID
    partner_name: str
    task: str
    amount_fen: int
    fund_id: UUID | None
    state: ShareState
    reason: str
    proposed_at: datetime
    decided_at: datetime | None
    actions: frozenset[ShareAction]


class PublicShare(Struct, frozen=True, kw_only=True):
    """Who brings what, for everybody."""

    partner_name: str
    task: str
    amount_fen: int
