"""The contract as a paper: parties, eight clauses, the tables of milestones and funds, what belongs to it."""

from datetime import date

from msgspec import Struct

from marketplace.contracts.rules.amounts import in_words
from marketplace.contracts.rules.contract import NO_ASSIGNMENT, Clause, Terms
from marketplace.contracts.rules.wording import chinese_day
from marketplace.kit.money import percent, yuan_grouped
from marketplace.papers.schemas import Column, FormalPaper, Section, Table
from marketplace.projects.states import MilestoneKind

_ORDINALS = "一二三四五六七八九十"
_HEADINGS = {
    Clause.CONTENT: "服务内容",
    Clause.TERM: "服务期限",
    Clause.QUANTITY: "服务数量",
    Clause.QUALITY: "服务质量",
    Clause.PRICE: "服务价格",
    Clause.PAYMENT: "资金结算方式",
    Clause.DUTIES: "双方权利义务",
    Clause.BREACH: "违约责任",
}
"""The paper is Chinese whatever language the reader of the page has chosen."""
_KINDS = {MilestoneKind.ADVANCE: "签订后付", MilestoneKind.DELIVERABLE: "验收后付"}


class PaperParty(Struct, frozen=True, kw_only=True):
    """A party in the head of the paper."""

    role: str
    name: str
    uscc: str


class PaperMilestone(Struct, frozen=True, kw_only=True):
    """A row of the milestone table."""

    title: str
    kind: MilestoneKind
    deliverable: str
    due_on: date | None
    share_bp: int
    amount_fen: int


class PaperFund(Struct, frozen=True, kw_only=True):
    """A row of the funding table."""

    number: str
    name: str
    amount_fen: int


class PaperFacts(Struct, frozen=True, kw_only=True):
    """Everything the paper says; the same facts make the same paper."""

    number: str
    title: str
    project_number: str
    bid_sha256: str
    parties: tuple[PaperParty, ...]
    price_fen: int
    terms: Terms
    milestones: tuple[PaperMilestone, ...]
    funds: tuple[PaperFund, ...]


def contract_paper(facts: PaperFacts) -> FormalPaper:
    """The contract in sections; nothing in it depends on when it is printed.

    Source:
        102号令第二十三条 (the clauses), 第二十六条 (no assignment).
    """
    buyer, supplier = facts.parties[0], facts.parties[-1]
    return FormalPaper(
        title=facts.title.removesuffix("服务") + "服务合同",
        subtitle=f"甲方：{buyer.name}　　乙方：{supplier.name}",
        number=f"合同编号 {facts.number or '（提交审批时编号）'}",
        issuer=buyer.name,
        sections=(_head(facts), *_clauses(facts), _other(facts), _annexes(facts)),
        closing=(
            f"甲方：{buyer.name}",
            f"乙方：{supplier.name}",
            "签订人、签订时间和本文件摘要以平台的签订记录为准。",
        ),
    )


def _head(facts: PaperFacts) -> Section:
    table = Table(
        columns=(Column(title="身份"), Column(title="名称", wide=True), Column(title="统一社会信用代码")),
        rows=tuple((party.role, party.name, party.uscc) for party in facts.parties),
    )
    return Section(
        heading="合同双方",
        paragraphs=(f"根据{facts.project_number}号项目的采购文件、乙方响应文件和采购结果，双方订立本合同。",),
        table=table,
    )


def _clauses(facts: PaperFacts) -> list[Section]:
    found = []
    for ordinal, clause in zip(_ORDINALS, Clause, strict=False):
        table: Table | None = None
        added: tuple[str, ...] = ()
        if clause is Clause.PRICE:
            table = _fund_table(facts)
        if clause is Clause.PAYMENT:
            table = _milestone_table(facts)
        if clause is Clause.DUTIES:
            added = (NO_ASSIGNMENT,)
        paragraphs = (*_paragraphs(facts.terms.clause(clause)), *added)
        found.append(Section(heading=f"第{ordinal}条　{_HEADINGS[clause]}", paragraphs=paragraphs, table=table))
    return found


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _milestone_table(facts: PaperFacts) -> Table:
    rows = [
        (
            row.title, _KINDS[row.kind], row.deliverable, chinese_day(row.due_on),
            f"{percent(row.share_bp)}%", yuan_grouped(row.amount_fen),
        )
        for row in facts.milestones
    ]  # fmt: skip
    total_bp, total_fen = sum(r.share_bp for r in facts.milestones), sum(r.amount_fen for r in facts.milestones)
    return Table(
        columns=(
            Column(title="里程碑"),
            Column(title="付款条件"),
            Column(title="交付成果", wide=True),
            Column(title="计划日期"),
            Column(title="比例", align="right"),
            Column(title="金额（元）", align="right"),
        ),
        rows=(*rows, ("合计", "", "", "", f"{percent(total_bp)}%", yuan_grouped(total_fen))),
    )


def _fund_table(facts: PaperFacts) -> Table | None:
    if not facts.funds:
        return None
    rows = [(row.number, row.name, yuan_grouped(row.amount_fen)) for row in facts.funds]
    total = sum(row.amount_fen for row in facts.funds)
    return Table(
        columns=(
            Column(title="资金号"),
            Column(title="资金来源", wide=True),
            Column(title="金额（元）", align="right"),
        ),
        rows=(*rows, ("合计", in_words(total), yuan_grouped(total))),
    )


def _other(facts: PaperFacts) -> Section:
    return Section(heading="第九条　其他约定", paragraphs=_paragraphs(facts.terms.other) or ("无。",))


def _annexes(facts: PaperFacts) -> Section:
    return Section(
        heading="第十条　合同的组成",
        paragraphs=(
            "下列文件与本合同具有同等效力：采购文件及更正、乙方响应文件、采购结果公告。",
            f"乙方响应文件的摘要（SHA-256）：{facts.bid_sha256}。",
        ),
    )
