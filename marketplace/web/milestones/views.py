"""What the pages of delivery show that the domain does not know: colours, stages, and the words of a bar."""

from datetime import date

from sqlalchemy.orm import Session

from marketplace.contracts.queries import contract_facts
from marketplace.contracts.schemas import MilestoneCard, MilestoneDossier
from marketplace.contracts.states import (
    EVIDENCE_NAMES,
    FINDING_NAMES,
    MILESTONE,
    EvidenceKind,
    Finding,
    MilestoneAction,
    MilestoneState,
)
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.projects.states import MILESTONE_NAMES, MilestoneKind
from marketplace.web.i18n import gettext, say, sentence

_S = MilestoneState
TONES = {
    _S.SCHEDULED: "grey",
    _S.REPORTED: "blue",
    _S.RETURNED: "yellow",
    _S.VERIFIED: "blue",
    _S.ACCEPTED: "green",
    _S.PARTLY_ACCEPTED: "yellow",
    _S.REJECTED: "red",
}
_REACHED = {_S.SCHEDULED: 0, _S.RETURNED: 0, _S.REPORTED: 1, _S.VERIFIED: 2}
_DECIDING = frozenset({MilestoneAction.ACCEPT, MilestoneAction.ACCEPT_PARTLY, MilestoneAction.REJECT})


def in_house(db: Session, actor: Actor, view: MilestoneDossier, *, supplier: bool) -> MilestoneDossier:
    """The dossier, in the house of its reader: the supplier's own pages, or those of buyer, centre and supervision.

    Raises:
        NotFound: the reader's pages of this milestone stand in the other house.
    """
    if supplier != (actor.organization_id == contract_facts(db, view.facts.contract_id).supplier_id):
        raise NotFound
    return view


def state_tag(card: MilestoneCard) -> tuple[str, str]:
    """A milestone's state in a word (a message id) and a colour; an advance was not accepted, it fell due."""
    if card.kind is MilestoneKind.ADVANCE and card.state is _S.ACCEPTED:
        return MILESTONE.label(MilestoneAction.FALL_DUE), TONES[card.state]
    return MILESTONE.label(card.state), TONES[card.state]


def late_words(card: MilestoneCard) -> str:
    """How late something is, in the present language; empty while there is time."""
    return say(N_("逾期 {days} 天"), days=card.late_days) if card.late_days else ""


def stages(view: MilestoneDossier) -> list[tuple[str, str, str]]:
    """The steps of a milestone as a line: reported, verified, accepted, payable."""
    facts = view.facts
    reached = _REACHED.get(facts.state, 3)
    ended = "failed" if facts.state is _S.REJECTED else "done"
    names = (N_("提交材料"), N_("核验"), N_("验收"), N_("转为应付"))
    days = (facts.reported_at, facts.verified_at, facts.accepted_at, facts.accepted_at)
    found = []
    for place, (name, at) in enumerate(zip(names, days, strict=True)):
        kind = "done" if place < reached else "now" if place == reached else "todo"
        if reached == 3 and place >= 2:  # noqa: PLR2004 - decided: the last two steps share their fate
            kind = ended
        note = legal_day(at).isoformat() if at and kind in {"done", "failed"} else ""
        found.append((gettext(name), note, kind))
    return found


def barred_words(view: MilestoneDossier) -> str:
    """Why a step is closed to the reader in person, in the present language; empty where none is."""
    bar = view.barred
    return sentence(DutiesClash(done=bar.done, duty=bar.duty, rule=bar.rule)) if bar else ""


def may_decide(view: MilestoneDossier) -> bool:
    """Whether the reader may accept now."""
    return bool(view.card.actions & _DECIDING)


def usual_mend_by(today: date) -> str:
    """The day that a return proposes: two weeks on."""
    return date.fromordinal(today.toordinal() + 14).isoformat()


WORDS = {
    "state_tag": state_tag,
    "late_words": late_words,
    "evidence_names": EVIDENCE_NAMES,
    "finding_names": FINDING_NAMES,
    "kind_names": MILESTONE_NAMES,
    "Action": MilestoneAction,
    "Evidence": EvidenceKind,
    "Finding": Finding,
    "Kind": MilestoneKind,
    "State": MilestoneState,
}
"""What every template of delivery is given."""
