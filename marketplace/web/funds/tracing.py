"""Where the fen of one receipt are now, in the words of the pages."""

from collections.abc import Sequence
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.ledger.queries import trace_receipt
from marketplace.web.funds.naming import NOTHING, name_refs
from marketplace.web.funds.views import PLACES, Place
from marketplace.web.i18n import gettext, say
from marketplace.web.show import day

_WORDS = {role: (title, kind) for role, title, kind in PLACES}
_DAY = "\0"
"""Stands in a sentence for its day, which is then put in unbroken."""
_FOR_MILESTONE = N_("用于项目「{project}」的里程碑「{milestone}」，收款方是{payee}")
_FOR_CONTRACT = N_("用于项目「{project}」，承接单位是{payee}")
_FOR_PROJECT = N_("用于项目「{project}」")
_FOR_ROSTER = N_("用于「{project}」，{payee}")
_STANDING = {
    "paid": N_("{amount} 元已于 {day} 支付{purpose}"),
    "in_transit": N_("{amount} 元正在支付（{day} 起）{purpose}"),
    "payable": N_("{amount} 元已通过验收、等待支付（{day} 起）{purpose}"),
    "retention": N_("{amount} 元作为质保金留存（{day} 起）{purpose}"),
    "committed": N_("{amount} 元已签入合同（{day} 起）{purpose}"),
    "reserved": N_("{amount} 元已为项目预留（{day} 起）{purpose}"),
    "clearing": N_("{amount} 元正在核对（{day} 起）{purpose}"),
    "fee": N_("{amount} 元是支付平台收取的手续费（{day}）{purpose}"),
    "refunded": N_("{amount} 元已于 {day} 退还捐赠人{purpose}"),
    "returned": N_("{amount} 元已于 {day} 退回来源{purpose}"),
    "available": N_("{amount} 元还没有动用，留在这项资金里{purpose}"),
}
"""What is said of fen in each place; ``purpose`` is empty or begins with a comma."""
_STANDING_OF_ROSTERS = {
    "paid": N_("{amount} 元已于 {day} 发放{purpose}"),
    "in_transit": N_("{amount} 元正在发放（{day} 起）{purpose}"),
    "payable": N_("{amount} 元等待发放（{day} 起）{purpose}"),
    "committed": N_("{amount} 元已批准发放（{day} 起）{purpose}"),
    "reserved": N_("{amount} 元已为帮扶名册预留（{day} 起）{purpose}"),
}
"""The same of money that goes to people by a roster."""


def places(db: Session, receipt_id: UUID, *, public: bool = False) -> list[Place]:
    """Each stretch of a receipt's fen with the place it lies in now; neighbours in one place are one stretch.

    To the public a project is named only once it has been published, and people who are helped are never told apart.

    Raises:
        NoTrace: no such receipt.
    """
    found = trace_receipt(db, receipt_id)
    refs = [(str(piece.place.role), piece.place.ref) for piece in found.pieces if piece.place.ref is not None]
    names = name_refs(db, [(role, ref) for role, ref in refs if ref is not None], public=public)
    shown: list[Place] = []
    for piece in found.pieces:
        role, ref = str(piece.place.role), piece.place.ref
        if role not in _WORDS:
            continue
        title, kind = _WORDS[role]
        thing = names.get((role, ref), NOTHING) if ref is not None else NOTHING
        is_roster = thing.kind == "roster"
        named = is_roster or role in {"paid", "in_transit", "payable", "committed", "retention"}
        place = Place(
            kind=kind,
            role=role,
            title=title,
            amount_fen=piece.amount_fen,
            first_serial=piece.came_from.lo,
            after_last_serial=piece.came_from.hi,
            since=piece.path[-1].value_date if piece.path else None,
            project_id=thing.project_id,
            project=thing.project,
            contract=thing.contract,
            milestone=thing.milestone,
            payee=thing.payee if named else "",
            is_roster=is_roster,
        )
        if shown and _alike(shown[-1], place):
            shown[-1] = shown[-1].and_on(place)
        else:
            shown.append(place)
    return shown


def _alike(one: Place, other: Place) -> bool:
    """Whether two neighbours are told as one: people who are helped are paid one by one, and shown together."""
    facts = ("role", "since", "project_id", "project", "contract", "milestone", "payee")
    return one.after_last_serial == other.first_serial and all(
        getattr(one, fact) == getattr(other, fact) for fact in facts
    )


def in_words(shown: Sequence[Place]) -> list[tuple[int, Markup]]:
    """The same in plain sentences, what is alike together: fen with what became of them, what was spent first."""
    order = {role: number for number, (role, _, _) in enumerate(PLACES)}
    sums: dict[tuple[object, ...], tuple[int, Place]] = {}
    for place in shown:
        key = (place.role, place.since if place.role != "available" else None, place.project, place.milestone)
        amount, first = sums.get(key, (0, place))
        sums[key] = (amount + place.amount_fen, first)
    told = sorted(sums.values(), key=lambda item: (order[item[1].role], item[1].since is None, str(item[1].since)))
    return [(amount, _sentence(amount, place)) for amount, place in told]


def _sentence(amount_fen: int, place: Place) -> Markup:
    purpose = _purpose(place)
    words = _STANDING_OF_ROSTERS.get(place.role) if place.is_roster else None
    told = say(
        words or _STANDING.get(place.role, N_("{amount} 元：{day}{purpose}")),
        amount=yuan_grouped(amount_fen),
        day=_DAY,
        purpose=gettext(N_("，")) + purpose if purpose else "",
    )
    return escape(told).replace(_DAY, day(place.since))


def _purpose(place: Place) -> str:
    if not place.project:
        return ""
    if place.milestone:
        return say(_FOR_MILESTONE, project=place.project, milestone=place.milestone, payee=place.payee)
    if place.is_roster:
        return say(_FOR_ROSTER, project=place.project, payee=place.payee)
    if place.payee:
        return say(_FOR_CONTRACT, project=place.project, payee=place.payee)
    return say(_FOR_PROJECT, project=place.project)
