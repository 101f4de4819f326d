"""What the register's pages show that the domain does not know: colours, labels, names of places and services."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import Stream
from sqlalchemy.orm import Session
from stdnum import numdb

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.schemas import ItemView as CatalogueItem
from marketplace.documents.rules import PROOFS
from marketplace.documents.schemas import DocumentView
from marketplace.documents.storage import CHUNK, Storage, chunks_of
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.suppliers.schemas import ItemView, ListedSupplier
from marketplace.suppliers.states import (
    CHANGE,
    CLOCK_LABELS,
    LAMP_LABELS,
    NATURE_LABELS,
    RESULT_LABELS,
    SUBJECT_LABELS,
    SUPPLIER,
    TYPE_LABELS,
    YEARLY_LABELS,
    ChangeState,
    Lamp,
    Nature,
    SupplierState,
    YearlyState,
)
from marketplace.web.i18n import CHINESE, gettext, locale

PROOF_BYTES_MAX = 20 * 2**20
"""The largest proof, in bytes: a scan or photo, not a film."""
BODY_BYTES_MAX = 80 * 2**20
"""The largest form with proofs, in bytes."""
ACCEPT = ",".join(PROOFS)
STATE_TONES = {
    SupplierState.DRAFT: "grey",
    SupplierState.SUBMITTED: "blue",
    SupplierState.RETURNED: "yellow",
    SupplierState.QUALIFIED: "green",
    SupplierState.SUSPENDED: "red",
    SupplierState.EXPIRED: "yellow",
    SupplierState.WITHDRAWN: "grey",
}
CHANGE_TONES = {
    ChangeState.SUBMITTED: "blue",
    ChangeState.RETURNED: "yellow",
    ChangeState.ACCEPTED: "green",
    ChangeState.WITHDRAWN: "grey",
}
YEARLY_TONES = {
    YearlyState.PASSED: "green",
    YearlyState.BASIC: "yellow",
    YearlyState.FAILED: "red",
    YearlyState.MISSING: "red",
}
LAMP_TONES = {Lamp.GREEN: "green", Lamp.AMBER: "yellow", Lamp.RED: "red", Lamp.GREY: "grey"}
FIELD_LABELS = {
    "name": N_("组织名称"),
    "nature": N_("组织类型"),
    "region": N_("登记地区"),
    "legal_representative": N_("法定代表人"),
    "contact_name": N_("联系人"),
    "contact_phone": N_("联系电话"),
    "contact_email": N_("联系邮箱"),
    "supervising_unit": N_("业务主管单位"),
    "registrar": N_("登记管理机关"),
    "address": N_("办公地址"),
    "service_scope": N_("业务范围"),
    "services": N_("可承接的服务类别"),
    "serves_minors": N_("服务对象包括未成年人"),
    "founded_on": N_("成立日期"),
    "staff_count": N_("专职人员"),
    "rating_grade": N_("评估等级"),
    "rating_until": N_("评估等级有效期至"),
    "bank_name": N_("开户行"),
    "bank_last4": N_("账号末四位"),
    "account_name": N_("户名"),
}
_SHORT_NATURES = {
    Nature.SOCIAL_GROUP: N_("社会团体"),
    Nature.SOCIAL_SERVICE_AGENCY: N_("社会服务机构"),
    Nature.FOUNDATION: N_("基金会"),
    Nature.GRASSROOTS: N_("村（居）民委员会"),
}


def standing(one: ListedSupplier) -> tuple[str, str]:
    """Whether a qualification holds, in a word (a message id) and a colour."""
    if one.valid:
        return N_("资格有效"), "green"
    if one.state is SupplierState.QUALIFIED:
        return SUPPLIER.label(SupplierState.EXPIRED), STATE_TONES[SupplierState.EXPIRED]
    return SUPPLIER.label(one.state), STATE_TONES[one.state]


def task_state(done: object) -> tuple[str, str]:
    """How far a task is, in a word (a message id) and a colour."""
    return (N_("已完成"), "green") if done else (N_("未完成"), "yellow")


def item_state(item: ItemView) -> tuple[str, str]:
    """How an item stands for the organization, in a word (a message id) and a colour: also before it was checked."""
    if item.check is not None:
        return LAMP_LABELS[item.lamp], LAMP_TONES[item.lamp]
    if item.proof_by_centre:
        return N_("由中心查询"), "grey"
    return (N_("待核对"), "blue") if item.proofs else (N_("待上传"), "yellow" if item.required else "grey")


def short_nature(nature: Nature) -> str:
    """What an organization is, in a word; a message id."""
    return _SHORT_NATURES.get(nature, NATURE_LABELS[nature])


@lru_cache(maxsize=4096)
def region_name(code: str) -> str:
    """The name of an administrative division, such as 四川省广安区; the code itself where none is known."""
    found = numdb.get("cn/loc").info(code)
    parts = [info.get("province") or info.get("county") or "" for _, info in found]
    names = [re.sub(r"^.*\]|,.*$", "", part) for part in parts]
    return "".join(dict.fromkeys(name for name in names if name)) or code


def services(db: Session) -> dict[str, CatalogueItem]:
    """The headings of the catalogue in force by their codes (first and second level); nothing while there is none."""
    try:
        return {item.code: item for item in catalogue.entries(db) if len(item.code) <= len("A01")}
    except NotFound:
        return {}


def service_name(known: Mapping[str, CatalogueItem], code: str) -> str:
    """The name of a service in the present language; its code where the catalogue has none."""
    item = known.get(code) or known.get(code[:3])
    if item is None:
        return code
    return item.name if locale() == CHINESE or not item.name_en else item.name_en


def service_items(known: Mapping[str, CatalogueItem]) -> list[tuple[str, str]]:
    """The services to choose from, second level, as (code, name) pairs."""
    return [(code, f"{service_name(known, code)}") for code in known if len(code) == len("A01")]


def english(shown: Any, name: str) -> str:
    """One of the texts of a readiness item in the present language."""
    other = getattr(shown, f"{name}_en", "")
    text: str = getattr(shown, name)
    return text if locale() == CHINESE or not other else other


def field_text(field: str, value: str, known: Mapping[str, CatalogueItem]) -> str:
    """A value of a change as people read it."""
    if field == "nature" and value:
        return gettext(NATURE_LABELS[Nature(value)])
    if field == "services":
        return "、".join(service_name(known, code) for code in value.split("、") if code)
    if field == "region":
        return region_name(value)
    if field == "rating_grade" and value:
        return f"{value}A"
    return gettext(value)


def helpers(known: Mapping[str, CatalogueItem] | None = None) -> dict[str, Any]:
    """What every template of the register may call."""
    names = known or {}
    return {
        "machine": SUPPLIER,
        "changes_machine": CHANGE,
        "state_tones": STATE_TONES,
        "change_tones": CHANGE_TONES,
        "lamp_tones": LAMP_TONES,
        "lamp_labels": LAMP_LABELS,
        "result_labels": RESULT_LABELS,
        "subject_labels": SUBJECT_LABELS,
        "type_labels": TYPE_LABELS,
        "nature_labels": NATURE_LABELS,
        "field_labels": FIELD_LABELS,
        "yearly_labels": YEARLY_LABELS,
        "yearly_tones": YEARLY_TONES,
        "clock_labels": CLOCK_LABELS,
        "standing": standing,
        "task_state": task_state,
        "item_state": item_state,
        "short_nature": short_nature,
        "region_name": region_name,
        "english": english,
        "accept": ACCEPT,
        "service_name": lambda code: service_name(names, code),
        "field_text": lambda field, value: field_text(field, value, names),
    }


def upload_of(files: Iterable[UploadFile]) -> UploadFile | None:
    """The file that was picked, if any: an empty file field arrives as a file without a name."""
    return next((file for file in files if file.filename), None)


def pieces_of(upload: UploadFile) -> Iterator[bytes]:
    """What was uploaded, in pieces of one MiB."""
    while piece := upload.file.read(CHUNK):
        yield piece


def file_answer(storage: Storage, document: DocumentView) -> Response[Any]:
    """A document as a download, streamed and never rendered by the browser."""

    def pieces() -> Iterator[bytes]:
        with storage.open(document.sha256) as stream:
            yield from chunks_of(stream)

    return Stream(
        pieces,
        media_type=document.media_type,
        headers={
            "content-length": str(document.size_bytes),
            "content-disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
        },
    )
