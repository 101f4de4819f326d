"""What is told about reconciliation: who has a difference to look into."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import Party, To
from marketplace.notices.rules.wording import Wording

RECONCILING: Mapping[str, Wording] = {
    "reconciliation.assigned": Wording(
        (To(Party.PERSON),),
        N_("请查清一笔对账差异：{amount_fen} 元"),
        N_("{day} 的一笔对账差异（{amount_fen} 元）由您负责，请在 {due_on} 前查清。说明：{reason}"),
        mail=True,
    ),
}
