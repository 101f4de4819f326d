"""Which kinds of organization may stand on neither side of the market."""

from collections.abc import Iterable

from marketplace.identity.states import KIND_LABELS, OrganizationKind
from marketplace.kit.actor import Function
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

NEITHER_SIDE = frozenset({OrganizationKind.PUBLIC_INSTITUTION_ONE})
SIDES = frozenset({Function.BUYER, Function.SUPPLIER})


class NeitherSide(DomainError):
    """The law keeps this kind of organization out of both sides."""

    kind, code = Kind.INVALID, "neither_side"
    text = N_(
        "{kind}不能作为购买主体，也不能作为承接主体（政府购买服务管理办法（财政部令第102号）第八条，待核对原文）。"
        "请核对登记证书上的类别；受托组织采购的，只登记为经办单位。"
    )


def check_sides(kind: OrganizationKind, functions: Iterable[Function]) -> None:
    """Refuse functions that the kind of organization may not have; running a procedure for another is no side.

    Raises:
        NeitherSide: the kind may neither buy nor supply.

    Source:
        政府购买服务管理办法（财政部令第102号）第八条 (to be confirmed; the wording stands in a tender notice of 2021).
    """
    if kind in NEITHER_SIDE and SIDES & set(functions):
        raise NeitherSide(field="functions", kind=KIND_LABELS[kind])
