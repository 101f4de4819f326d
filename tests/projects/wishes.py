"""Wishes for tests: what a centre writes down for a village, what an organization hands in itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.kit.actor import Actor
from marketplace.projects import commands
from marketplace.projects.model import Need
from marketplace.projects.schemas.needs import Adoption, NewNeed
from marketplace.projects.states import NeedChannel
from tests.projects.village import Village


def a_new(**given: Any) -> NewNeed:
    facts: dict[str, Any] = {
        "title": "暑期看护",
        "content": "村里留守儿童暑期缺少看护。",
        "brought_by": "示例镇甲村",
        "channel": NeedChannel.VISIT,
        "people_kind": "留守儿童",
        "people_count": 30,
        "contact_name": "王示例",
        "contact_phone": "0826-2000001",
    }
    return NewNeed(**(facts | given))


def a_need(db: Session, village: Village, now: datetime, **given: Any) -> UUID:
    return commands.collect(db, village.centre_clerk, a_new(**given), now=now)


def an_own(db: Session, actor: Actor, now: datetime, **given: Any) -> UUID:
    own: dict[str, Any] = {"brought_by": "", "channel": None}
    return commands.collect(db, actor, a_new(**(own | given)), now=now)


def row_of(db: Session, need_id: UUID) -> Need:
    return db.get_one(Need, need_id)


def adoption(village: Village, *need_ids: UUID, **given: Any) -> Adoption:
    facts: dict[str, Any] = {"catalogue_code": "A0401", "title": "暑期托管服务", "buyer_id": village.buyer_id}
    return Adoption(need_ids=need_ids, **(facts | given))
