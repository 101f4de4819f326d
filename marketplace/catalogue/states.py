"""The life of an edition of the service catalogue, and how sure a procurement code is."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine

SAMPLE_LABEL = N_("参考目录（示例）")
"""The label of the catalogue that comes with the product: its numbers and order are not the official list's."""
SAMPLE_NOTE = N_("编号和次序须与正式的指导性目录核对")


class EditionState(StrEnum):
    """Where an edition of the catalogue stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REPLACED = "replaced"


class EditionAction(StrEnum):
    """What is done to an edition of the catalogue."""

    PUBLISH = "publish"
    REPLACE = "replace"


EDITION = Machine(
    name="catalogue_edition",
    start=EditionState.DRAFT,
    moves={
        (EditionState.DRAFT, EditionAction.PUBLISH): EditionState.PUBLISHED,
        (EditionState.PUBLISHED, EditionAction.REPLACE): EditionState.REPLACED,
    },
    labels={
        EditionState.DRAFT: N_("草案"),
        EditionState.PUBLISHED: N_("现行"),
        EditionState.REPLACED: N_("已被替换"),
        EditionAction.PUBLISH: N_("发布目录"),
        EditionAction.REPLACE: N_("由新版替换"),
    },
)


class Match(StrEnum):
    """How the procurement code of an entry was found."""

    EXACT = "exact"
    NEAR = "near"
    UNVERIFIED = "unverified"


MATCH_NAMES = {
    Match.EXACT: N_("名称一致"),
    Match.NEAR: N_("名称相近，待核对"),
    Match.UNVERIFIED: N_("尚未找到"),
}
"""Shown beside each code: how sure it is."""
