"""The tables of moves of what happens to an open project: questions, and corrections of substance."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class QuestionState(StrEnum):
    """Where a question stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    CORRECTED = "corrected"


class QuestionAction(StrEnum):
    """What is done with a question."""

    ANSWER = "answer"
    ANSWER_EXTENDING = "answer_extending"
    DISMISS = "dismiss"
    CORRECT = "correct"


_Q, _D = QuestionState, QuestionAction
QUESTION = Machine(
    name="question",
    start=_Q.ASKED,
    moves={
        (_Q.ASKED, _D.ANSWER): _Q.ANSWERED,
        (_Q.ASKED, _D.ANSWER_EXTENDING): _Q.ANSWERED,
        (_Q.ASKED, _D.DISMISS): _Q.DISMISSED,
        (_Q.ANSWERED, _D.CORRECT): _Q.CORRECTED,
    },
    labels={
        _Q.ASKED: N_("待答复"),
        _Q.ANSWERED: N_("已答复"),
        _Q.DISMISSED: N_("不予答复"),
        _Q.CORRECTED: N_("答复已更正"),
        _D.ANSWER: N_("公开答复"),
        _D.ANSWER_EXTENDING: N_("答复并顺延截止"),
        _D.DISMISS: N_("说明理由，不予答复"),
        _D.CORRECT: N_("更正答复"),
    },
)
"""A question is answered or dismissed in public; an answer may be corrected once, in public too."""


class AmendmentState(StrEnum):
    """Where a correction of substance stands."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    DROPPED = "dropped"


class AmendmentAction(StrEnum):
    """What is done with a correction of substance."""

    REVISE = "revise"
    PUBLISH = "publish"
    DROP = "drop"


_P, _W = AmendmentState, AmendmentAction
AMENDMENT = Machine(
    name="amendment",
    start=_P.PROPOSED,
    moves={
        (_P.PROPOSED, _W.REVISE): _P.PROPOSED,
        (_P.PROPOSED, _W.PUBLISH): _P.PUBLISHED,
        (_P.PROPOSED, _W.DROP): _P.DROPPED,
    },
    labels={
        _P.PROPOSED: N_("待发布的更正"),
        _P.PUBLISHED: N_("更正已发布"),
        _P.DROPPED: N_("更正已作废"),
        _W.REVISE: N_("修改更正"),
        _W.PUBLISH: N_("发布这份更正"),
        _W.DROP: N_("作废这份更正"),
    },
)
"""Who proposes a correction of substance does not publish it."""
