"""What a copy of an earlier project takes over and leaves, and which entry in force is nearest to a dropped one."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from marketplace.kit.i18n import N_

TAKEN = N_("带过来：需求和服务内容、费用科目、资格条件、评分标准、里程碑（日期随新的服务期顺移）。")
LEFT = N_("不带过来：预算、限价和资金，各项时间，联系人和开启人，负面清单答复，文件和审批。")
FRESH = (
    "budget_fen",
    "ceiling_fen",
    "agent",
    "no_agent_reason",
    "no_agent_on",
    "wording_note",
    "contact_name",
    "contact_phone",
    "opener_centre_id",
    "opener_buyer_id",
    "opener_supervisor_id",
)
"""Fields of a plan that were decided for the other project."""
ALIKE_MIN = 0.4


def nearest(code: str, name: str, entries: Sequence[tuple[str, str]]) -> str:
    """The entry in force for an earlier project: the same code, else the most alike by name and branch, else none."""
    if code in dict(entries):
        return code
    ranked = [(SequenceMatcher(None, name, other).ratio() + 0.1 * (one[:3] == code[:3]), one) for one, other in entries]
    best = max(ranked, default=(0.0, ""))
    return best[1] if best[0] >= ALIKE_MIN else ""
