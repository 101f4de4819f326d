"""A project as a few plain lines that can be pasted into a chat group."""

from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.money import wan
from marketplace.procedures.rules import METHODS
from marketplace.projects.schemas import ProjectView


def copy_text(view: ProjectView, base_url: str) -> str:
    """The lines, always in Chinese: they are pasted into Chinese groups.

    No markup, no line longer than a phone's, the address last.
    """
    due = view.bids_due_at.astimezone(LEGAL_ZONE) if view.bids_due_at else None
    asked = view.questions_due_at.astimezone(LEGAL_ZONE) if view.questions_due_at else None
    lines = [
        f"【{'采购公告' if view.ended_at is None else '公告'}】{view.title}",
        f"项目编号：{view.number}",
        f"购买主体：{view.buyer.name}",
        f"组织实施：{view.procuring_entity.name}" if view.entrusted else "",
        f"采购方式：{METHODS[view.method].name}" if view.method else "",
        f"最高限价：{wan(view.ceiling_fen)} 万元" if view.ceiling_fen else "",
        f"服务对象：{view.people_kind} {view.people_count or ''} 人" if view.people_kind else "",
        f"服务地点：{view.location}" if view.location else "",
        f"提问截止：{asked:%Y-%m-%d %H:%M}" if asked else "",
        f"响应截止：{due:%Y-%m-%d %H:%M}（以网上时钟为准）" if due else "",
        f"联系人：{view.contact_name} {view.contact_phone}".rstrip(),
        f"报名与详情：{base_url.rstrip('/')}/p/{view.number}",
    ]
    return "\n".join(line for line in lines if line) + "\n"
