"""Forms of contracts: the clauses, the signature, a reason."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from marketplace.contracts.rules import CLAUSE_NAMES, Clauses, Terms
from marketplace.contracts.schemas import ContractView, Reasoned
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.fields import Digest
from marketplace.kit.i18n import N_
from marketplace.web.forms import Form, FormKind

ROWS_MAX = 60


class NotRead(DomainError):
    """Whoever signs has not said that they read the contract."""

    kind, code = Kind.INVALID, "contract_not_read"
    text = N_("请先阅读合同正文，勾选确认后再签订。")


class Day(Struct, frozen=True, kw_only=True):
    """The day of one milestone; its place comes with the page."""

    place: int
    due_on: date | None = None


class Written(Clauses, frozen=True, kw_only=True):
    """The clauses of a contract as a page has them."""

    milestones: Annotated[tuple[Day, ...], Meta(max_length=ROWS_MAX)] = ()

    def terms(self, count: int) -> Terms:
        """What was typed, for a contract of ``count`` milestones."""
        days = {row.place: row.due_on for row in self.milestones}
        return Terms(
            **{name: getattr(self, name) for name in Clauses.__struct_fields__},
            due_on=tuple(days.get(place) for place in range(1, count + 1)),
        )


class Signing(Struct, frozen=True, kw_only=True):
    """A signature: the digest of the paper on the page, and that it was read."""

    sha256: Digest
    read: bool = False

    def __post_init__(self) -> None:
        if not self.read:
            raise NotRead(field="read")


TERMS = FormKind(
    Written,
    labels={
        **{clause.value: name for clause, name in CLAUSE_NAMES.items()},
        "service_from": N_("服务期开始"),
        "service_until": N_("服务期结束"),
        "milestones.due_on": N_("里程碑计划日期"),
        "milestones.place": N_("里程碑次序"),
        "other": N_("其他约定"),
    },
)
SIGN = FormKind(Signing, labels={"read": N_("我已阅读合同正文，同意签订"), "sha256": N_("合同正文摘要")})
REASON = FormKind(Reasoned, labels={"reason": N_("理由")})


def form_of(view: ContractView) -> Form[Written]:
    """The form over what is stored."""
    terms = view.terms
    form = TERMS.blank(
        **{name: getattr(terms, name) for name in Clauses.__struct_fields__},
        milestones=[Day(place=one.place, due_on=one.due_on) for one in view.milestones],
    )
    form.texts["version"] = [str(view.version)]
    return form
