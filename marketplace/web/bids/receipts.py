"""Receipts as the text files that bidders keep."""

from urllib.parse import quote

from marketplace.bids.schemas import Asked, Receipt
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.i18n import N_
from marketplace.web.i18n import gettext

CODE_NOTE = N_("截止前要修改申报，需要这个修改码。系统没有保存它，请像保管密码一样保管，不要给别人看。")
CHECK_NOTE = N_("开启后，公开的开启记录里会列出每份密封文件的 SHA-256。请核对其中有您的这一份。")
COMMITMENT_NOTE = N_("日志承诺值 = SHA-256（「bid-commitment」、一个零字节、盐值、密封文件的 SHA-256 依次相连）。")


def receipt_text(asked: Asked, receipt: Receipt, code: str = "") -> str:
    """A receipt as the text file that the bidder keeps; the code is in it only when it has just been made."""
    kind = N_("撤回回执") if receipt.withdrawal else N_("密封递交回执")
    if receipt.confirms is not None:
        kind = N_("再次确认回执")
    rows: list[tuple[str, str]] = [
        (N_("项目编号"), asked.number),
        (N_("项目名称"), asked.title),
        (N_("第几次递交"), str(receipt.entry)),
        (N_("针对的版本"), str(receipt.edition)),
        (N_("收到时间（北京时间）"), f"{receipt.received_at.astimezone(LEGAL_ZONE):%Y-%m-%d %H:%M:%S.%f}"[:-3]),
        (N_("截止时间（北京时间）"), f"{asked.due.astimezone(LEGAL_ZONE):%Y-%m-%d %H:%M:%S}"),
        (N_("密码套件"), receipt.suite or "—"),
        (N_("密封文件字节数"), str(receipt.envelope_bytes)),
        ("SHA-256", receipt.sha256),
        ("SM3", receipt.sm3),
        (N_("日志承诺值"), receipt.commitment),
        (N_("盐值"), receipt.salt),
        (N_("日志条目"), str(receipt.journal_entry_id)),
    ]
    lines = [gettext(kind), "=" * 24, *(f"{gettext(name)}: {value}" for name, value in rows), ""]
    if code:
        lines += [f"{gettext(N_('修改码'))}: {code}", gettext(CODE_NOTE), ""]
    lines += [gettext(CHECK_NOTE), gettext(COMMITMENT_NOTE)]
    return "\r\n".join(lines) + "\r\n"


def download_link(text: str) -> str:
    """A link that holds a text file itself, for what the server shall not keep."""
    return "data:text/plain;charset=utf-8," + quote("\ufeff" + text)
