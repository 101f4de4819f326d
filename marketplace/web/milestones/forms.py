"""The forms of delivery: a report, a verification, a return, an acceptance."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated

from litestar.datastructures import UploadFile
from msgspec import Meta, Struct

from marketplace.contracts.schemas import AcceptanceForm, Confirm, NewEvidence, Report, ReportView, SendBack
from marketplace.contracts.schemas.milestone import Attempt, People
from marketplace.contracts.states import EvidenceKind
from marketplace.documents.rules import EVIDENCE
from marketplace.kit.errors import BadValue
from marketplace.kit.fields import BasisPoints
from marketplace.kit.i18n import N_
from marketplace.kit.money import WHOLE_BP
from marketplace.web.forms import Form, FormKind, Typed

PHOTO_ACCEPT = "image/*"
ACCEPT = ",".join(EVIDENCE)
SIGN_IN = "签到"
"""A word by which a sheet of signatures is known from what the contract calls it."""
_IMAGES = (".jpg", ".jpeg", ".png", ".heic")

REPORT = FormKind(
    Report,
    labels={
        "content": N_("完成情况"),
        "people_served": N_("服务人数"),
        "sessions": N_("活动场次"),
        "hours": N_("服务时数"),
        "ticked": N_("材料清单"),
        "files": N_("材料"),
    },
    hints={
        "content": N_("写明做了什么、做到什么程度，与合同要求不同的地方也要说明。不要写服务对象的姓名和证件号。"),
        "people_served": N_("实际服务到的人数，同一个人只算一次。没有直接服务到人的，填 0。"),
    },
)


class Decision(StrEnum):
    """How much of a milestone is accepted."""

    ALL = "all"
    PART = "part"
    NOTHING = "nothing"


DECISIONS = {Decision.ALL: N_("全部通过"), Decision.PART: N_("部分通过"), Decision.NOTHING: N_("不予通过")}
PART_NEEDED = N_("请填写通过的比例，在 0 和 100 之间，例如 80。")

PART_ONLY = N_("比例只在部分通过时填写。请选择「部分通过」，或清空比例。")
_SHARES = {Decision.ALL: WHOLE_BP, Decision.NOTHING: 0}


class Decided(Struct, frozen=True, kw_only=True):
    """An acceptance as it is typed: which decision, and for a part how much of it."""

    attempt: Attempt
    decision: Decision
    share_bp: BasisPoints | None = None
    asked: People
    satisfied: People
    opinion: Annotated[str, Meta(min_length=2, max_length=4_000, pattern=r"\S")]
    reason: Annotated[str, Meta(max_length=2_000)] = ""

    def __post_init__(self) -> None:
        if self.decision is Decision.PART and not 0 < (self.share_bp or 0) < WHOLE_BP:
            raise BadValue(field="share_bp", problem=PART_NEEDED)
        if self.decision is not Decision.PART and self.share_bp not in (None, _SHARES[self.decision]):
            raise BadValue(field="share_bp", problem=PART_ONLY)

    @property
    def form(self) -> AcceptanceForm:
        """The same as the verb takes it."""
        return AcceptanceForm(
            attempt=self.attempt,
            share_bp=_SHARES.get(self.decision, self.share_bp or 0),
            asked=self.asked,
            satisfied=self.satisfied,
            opinion=self.opinion,
            reason=self.reason,
        )


ACCEPT_FORM = FormKind(
    Decided,
    labels={
        "decision": N_("验收结论"),
        "share_bp": N_("通过的比例"),
        "asked": N_("询问了多少位服务对象"),
        "satisfied": N_("其中表示满意"),
        "opinion": N_("服务对象的意见"),
        "reason": N_("没有全部通过的理由"),
    },
    hints={
        "share_bp": N_("只在部分通过时填写。应付金额按本里程碑金额乘以比例计算，四舍五入到分。"),
        "opinion": N_("公共服务的验收应当听取服务对象的意见。无法询问的，写明原因，人数填 0。"),
        "reason": N_("写明哪些没有达到合同要求。"),
    },
)
VERIFY = FormKind(Confirm, labels={"note": N_("核验说明")})
RETURN = FormKind(
    SendBack,
    labels={"reason": N_("退回原因"), "mend_by": N_("整改期限")},
    hints={"reason": N_("写明缺什么、哪里与合同不符，承接主体会收到。")},
)


def report_form(draft: ReportView) -> Form[Report]:
    """The form of a report with what is written so far."""
    return REPORT.blank(
        attempt=draft.attempt,
        version=draft.version,
        content=draft.content,
        people_served=draft.people_served,
        sessions=draft.sessions,
        hours=draft.hours,
        ticked=list(draft.ticked),
    )


def arrived(typed: Typed, items: Iterable[str]) -> Iterator[tuple[NewEvidence, UploadFile, str]]:
    """The files that came with a report, each with what it is and the name of its field.

    A file under ``camera-0`` or ``file-0`` proves the first evidence item; one under ``file-other`` proves none.
    """
    for place, item in enumerate(items):
        for source in ("camera", "file"):
            for file in typed.files.get(f"{source}-{place}", []):
                if file.filename:
                    yield NewEvidence(kind=_kind(source, item, file.filename), item=place), file, f"{source}-{place}"
    for file in typed.files.get("file-other", []):
        if file.filename:
            yield NewEvidence(kind=_kind("file", "", file.filename)), file, "file-other"


def _kind(source: str, item: str, name: str) -> EvidenceKind:
    if SIGN_IN in item:
        return EvidenceKind.SIGN_IN_SHEET
    if source == "camera" or name.lower().endswith(_IMAGES):
        return EvidenceKind.PHOTO
    return EvidenceKind.OTHER
