"""What a person typed into a form whose thing moved on meanwhile, to be copied, and who moved it and when."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.evaluation.queries import may_read_bids
from marketplace.identity.model import Organization, Person
from marketplace.journal.queries import latest
from marketplace.kit.actor import Actor
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.projects.model import Project
from marketplace.web import values

ACTS: Mapping[str, str] = {
    "milestone.reported": N_("提交了里程碑"),
    "milestone.verified": N_("核验了里程碑"),
    "milestone.returned": N_("退回了里程碑"),
    "milestone.accepted": N_("验收了里程碑"),
    "milestone.rejected": N_("验收里程碑不予通过"),
    "contract.edited": N_("修改了合同"),
    "contract.submitted": N_("提交了合同"),
    "contract.approved": N_("批准了合同"),
    "contract.returned": N_("退回了合同"),
    "contract.signed": N_("签署了合同"),
    "contract.cancelled": N_("取消了合同"),
    "contract.published": N_("公告了合同"),
    "contract.completed": N_("完结了合同"),
    "project.published": N_("发布了项目"),
    "project.amended": N_("发布了更正"),
    "project.failed": N_("公告了项目未成交"),
    "project.cancelled": N_("终止了项目"),
    "evaluation.failed": N_("公告了项目未成交"),
}
"""Acts that may be told to whoever may act on the same thing, in words; what a bidder did is never among them."""
INNER: Mapping[str, str] = {
    "project.edited": N_("修改了项目"),
    "project.submitted": N_("提交了项目"),
    "project.returned": N_("退回了项目"),
    "project.approved": N_("批准了项目"),
    "evaluation.ranked": N_("汇总了评分"),
}
"""Acts on a project that are told to its buyer, its centre and its panel alone, never to those who bid."""
THINGS = ("contract_milestone", "contract", "project")
WORDS_MIN = 2
_NOT_TYPED = re.compile(r"[a-z_]*|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""What a hidden field or a button sends: a word of the program or an id."""
_PROSE = re.compile(r"[^\x00-\x7f]|.{20}", re.DOTALL)


class Words(Struct, frozen=True):
    """Something typed, with the label of its field in the present language, or none."""

    label: str
    text: str

    @property
    def rows(self) -> int:
        """How many lines to show it in."""
        return min(12, self.text.count("\n") + len(self.text) // 40 + 1)


class Latest(Struct, frozen=True, kw_only=True):
    """What was done last with a thing: ``what`` is a message id."""

    who: str
    what: str
    at: datetime

    @property
    def when(self) -> str:
        """The instant in the time of China."""
        return self.at.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")


def moved_on(refusal: DomainError) -> bool:
    """Whether a refusal speaks of the thing's state and not of something typed."""
    return refusal.kind is Kind.CONFLICT and not refusal.field


def typed_words(texts: Mapping[str, Sequence[str]], labels: Iterable[tuple[str, str]]) -> tuple[Words, ...]:
    """What a person typed, in the order of ``labels`` (name on the page, label); never a secret.

    Without labels only what is evidently prose is told.
    """
    named = dict(labels)
    return tuple(_words(texts, named))


def _words(texts: Mapping[str, Sequence[str]], labels: Mapping[str, str]) -> Iterator[Words]:
    for name in [*labels, *(one for one in texts if one not in labels)]:
        given = [one.strip() for one in texts.get(name, ())]
        if len(given) != 1 or not given[0] or name.startswith("_") or values.is_secret(name):
            continue
        if name in labels and not _NOT_TYPED.fullmatch(given[0]):
            yield Words(labels[name], given[0])
        elif name not in labels and len(given[0]) >= WORDS_MIN and _PROSE.search(given[0]):
            yield Words("", given[0])


def latest_act(db: Session, actor: Actor | None, thing_ids: Sequence[UUID]) -> Latest | None:
    """Who did what last with one of the things, as far as it may be told.

    People of the reader's own organization are named, of others the organization.
    """
    if actor is None or not thing_ids:
        return None
    told = {**ACTS, **INNER} if _is_inside(db, actor, thing_ids) else ACTS
    entry = latest(db, THINGS, thing_ids, tuple(told))
    if entry is None:
        return None
    person = db.get(Person, entry.person_id) if entry.person_id else None
    house = db.get(Organization, entry.organization_id) if entry.organization_id else None
    known = person is not None and entry.organization_id == actor.organization_id
    who = person.name if person is not None and known else (house.name if house is not None else "")
    return Latest(who=who, what=told[entry.act], at=entry.at)


def _is_inside(db: Session, actor: Actor, thing_ids: Sequence[UUID]) -> bool:
    """Whether one of the things is a project that the actor's organization buys or runs, or on whose panel they sit."""
    houses = select(Project.buyer_id, Project.procuring_entity_id).where(Project.id.in_(thing_ids))
    if any(actor.organization_id in house for house in db.execute(houses)):
        return True
    return any(may_read_bids(db, one, actor.person_id) for one in thing_ids)
