"""The story of 2016: the district's organizations, programmes and activities, and its seven lines of aid paid out."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from marketplace.aid import commands as aid
from marketplace.aid import queries
from marketplace.aid.model import Programme
from marketplace.aid.schemas import NewActivity, NewProgramme, NewRate, NewRoster
from marketplace.aid.states import AccessPurpose
from marketplace.flows import aid as stories
from marketplace.funds import commands as funds
from marketplace.funds.commands.approving import approve_application
from marketplace.funds.commands.instructing import instruct
from marketplace.funds.commands.matching import record_custody_account
from marketplace.funds.model import Payment
from marketplace.funds.rules import Custody, ReceiptKind, SourceKind
from marketplace.funds.schemas import NewCustodyAccount, NewFund, NewReceipt
from marketplace.identity import commands as identity
from marketplace.identity.credentials import Safe, safe_of
from marketplace.identity.model import Organization
from marketplace.identity.queries import actor_of
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.kit.actor import SYSTEM, Actor, Role
from marketplace.kit.clock import ManualClock, at_legal
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.rails import bank_of
from marketplace.settings import master_key
from seed import books
from seed.facts_2016 import (
    ALLOTMENT,
    BANK,
    FUNCTIONS,
    GIFTS,
    KINDS,
    MARK,
    MONEY,
    PEOPLE,
    SHORT,
    STORY,
    YEAR,
    ActivityFacts,
    AidLine,
    ProgrammeFacts,
    facts,
    organizations,
    sheet,
)
from seed.people import REGION, code
from seed.stories import Teller
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services
from workers.settlement import Rails, settlement

BEGIN = date(YEAR, 1, 11)
MONEY_COMES = date(YEAR, 7, 18)
FIRST_ROSTER = date(YEAR, 8, 15)
BETWEEN = timedelta(days=7)
YEAR_ENDS = date(YEAR, 12, 30)
ACCOUNTS = {ALLOTMENT: "6222000016000001", GIFTS: "6222000016000002"}
"""The invented accounts out of which the two offices pay."""
INCOME = {SourceKind.UNION: ReceiptKind.UNION_ALLOTMENT, SourceKind.DONATION: ReceiptKind.GIFT}


@dataclass
class Stage:
    """Who and what there is, by key: organizations, people by (organization, role), programmes and funds."""

    teller: Teller
    safe: Safe
    clock: ManualClock
    services: Services
    organizations: dict[str, UUID] = field(default_factory=dict)
    people: dict[tuple[str, Role], Actor] = field(default_factory=dict)
    programmes: dict[str, UUID] = field(default_factory=dict)
    funds: dict[str, UUID] = field(default_factory=dict)
    done: int = 0

    @property
    def total(self) -> int:
        """How many steps the story has."""
        return 4 + len(facts().aid_lines)

    def say(self, text: str) -> None:
        """One more step is over."""
        self.done += 1
        self.teller.step(self.done, self.total, text)

    def act(self, day: date, hour: int, story: Callable[[Session, datetime], None]) -> None:
        """Let something happen at an hour of a day."""
        now = self.clock.set(at_legal(day, hour))
        with self.services.database.write() as db:
            story(db, now)

    def work(self, day: date, hour: int, *, scheduled: bool = False) -> None:
        """Let the workers work off what was caused; once a morning also what is due by the clock."""
        self.clock.set(at_legal(day, hour))
        drain(self.services, scheduled=scheduled)


def load(teller: Teller) -> None:
    """Tell the year 2016, unless it was told already.

    Raises:
        RuntimeError: no stand-in bank runs, so nobody could be paid.
    """
    installation = teller.installation
    with installation.database.read() as db:
        known = db.scalar(select(exists().where(Programme.story == STORY)))
        whole = known and queries.report(db, STORY).heads == facts().checksum.heads
    if known:
        if not whole:
            teller.say(f"{STORY}: 上次装到一半就停了，已有的数据照常可用；要完整的演示，请运行 make demo RESET=1")
        teller.step(1, 1, "")
        return
    if installation.director is None:
        raise RuntimeError("the story of 2016 pays people through the stand-in bank, and none runs")
    settings = installation.settings
    clock, safe = ManualClock(at_legal(BEGIN, 9)), safe_of(master_key(settings), demo=True)
    bank = bank_of(settings, clock)
    rails = Rails(installation.database, clock, safe, settings, bank, None)
    services = assemble(installation.database, clock, settings, more={SETTLEMENT: settlement(rails)})
    try:
        _tell(Stage(teller, safe, clock, services))
    finally:
        if bank is not None:
            bank.close()


def _tell(stage: Stage) -> None:
    stage.act(BEGIN, 9, lambda db, now: _settle(stage, db, now))
    stage.say("2016 年的单位和人员")
    stage.act(BEGIN, 10, lambda db, now: _programmes(stage, db, now))
    stage.say("项目与活动")
    stage.act(MONEY_COMES, 9, lambda db, now: _money(stage, db, now))
    stage.work(MONEY_COMES, 17)
    stage.say("2016 年的资助资金")
    for place, line in enumerate(facts().aid_lines):
        _pay(stage, line, FIRST_ROSTER + place * BETWEEN)
        stage.say(f"{line.group_zh}：{line.heads} 人")
    for holder in ACCOUNTS:
        stage.act(YEAR_ENDS, 10, partial(_close, stage.people[holder, Role.ACCOUNTANT]))
    stage.work(YEAR_ENDS, 11)
    stage.say("2016 年的对账")


def _close(accountant: Actor, db: Session, now: datetime) -> None:
    books.close(db, accountant, now=now)


def _settle(stage: Stage, db: Session, now: datetime) -> None:
    for number, body in enumerate(organizations(), 1):
        kind, prefix = KINDS[body.kind]
        known = db.scalar(select(Organization.id).where(Organization.name == body.name_zh))
        stage.organizations[body.id] = known or identity.register_organization(
            db,
            SYSTEM,
            NewOrganization(
                name=body.name_zh,
                short_name=SHORT.get(body.id, ""),
                kind=kind,
                functions=FUNCTIONS.get(body.id, ()),
                uscc=code(prefix, f"MJX8{number:04d}"),
                region=REGION,
            ),
            now=now,
        )
    for one in PEOPLE:
        login = f"gz2016-{one.organization}-{one.role.value}"
        organization_id = stage.organizations[one.organization]
        person_id = identity.create_person(
            db,
            stage.safe,
            SYSTEM,
            organization_id,
            NewPerson(name=one.name, email=f"{login}@demo.invalid", login=login),
            roles=[one.role],
            password=secrets.token_urlsafe(32),
            now=now,
        )
        stage.people[one.organization, one.role] = actor_of(db, person_id, organization_id)


def _lead(stage: Stage, organizers: tuple[str, ...]) -> Actor:
    """Who writes a programme or activity down: its lead's clerk, or the system for a body without people."""
    lead = organizers[0] if organizers else "qzgh"
    known = stage.people.get((lead, Role.CLERK))
    return known or Actor(person_id=None, organization_id=stage.organizations[lead])


def _programmes(stage: Stage, db: Session, now: datetime) -> None:
    for place, one in enumerate(facts().programmes):
        stage.programmes[one.id] = aid.open_programme(
            db,
            _lead(stage, one.organizers),
            _programme(one),
            now=now + timedelta(seconds=place),
            partners=[stage.organizations[key] for key in one.organizers],
            story=STORY,
        )
    names = {body.id: body.name_zh for body in organizations()}
    for activity in facts().activities:
        aid.record_activity(db, _lead(stage, activity.organizers), _activity(activity, names), now=now, story=STORY)


def _programme(one: ProgrammeFacts) -> NewProgramme:
    lines = [line for line in facts().aid_lines if line.programme == one.id]
    money = MONEY.get(one.id)
    told = [
        f"可购买的服务：{'、'.join(one.service_that_can_be_bought_zh)}。",
        f"发给个人：{'、'.join(one.paid_to_people_zh)}。",
    ]
    if money:
        told.append("资金由谁管理、捐赠和下拨的来源，原文没有写明，此处为演示设定。")
    if not one.organizers:
        told.append("2016 年提出的设想，主办单位待定。")
    return NewProgramme(
        name=one.name_zh,
        name_en=one.name_en,
        year=YEAR,
        kind=one.kind,
        source=money.source if money else None,
        catalogue_codes=one.catalogue_codes,
        note="".join(told),
        rates=tuple(
            NewRate(
                group_name=line.group_zh,
                group_name_en=line.group_en,
                stage=line.stage,
                sex=line.sex,
                rate_fen=line.fen_per_head,
                heads_max=line.heads,
            )
            for line in lines
        ),
    )


def _activity(one: ActivityFacts, names: dict[str, str]) -> NewActivity:
    results = one.results
    told = [
        one.occasion_zh,
        f"面向{'、'.join(one.for_zh)}" if one.for_zh else "",
        "、".join(one.services_zh),
        "，".join(one.method_zh),
        one.goal_zh,
        one.money_zh,
        f"落地企业 {results['enterprises']} 家" if "enterprises" in results else "",
        f"覆盖农户 {results['household_coverage_percent']}%" if "household_coverage_percent" in results else "",
        f"带动就业 {results['jobs_at_least']} 人以上" if "jobs_at_least" in results else "",
    ]
    return NewActivity(
        name=one.name_zh,
        name_en=one.name_en,
        held=one.date or "",
        place=names.get(one.place, "") or one.place_zh,
        partners="、".join(names[key] for key in (*one.organizers[1:], *one.partners)),
        note="；".join(text for text in told if text) + "。",
    )


def _money(stage: Stage, db: Session, now: datetime) -> None:
    """Each programme's money under its own restriction, with the papers it came by, and the accounts it lies in."""
    for holder, number in ACCOUNTS.items():
        name = next(body.name_zh for body in organizations() if body.id == holder)
        account = NewCustodyAccount(custody=Custody.BANK, number=number, name=name, bank_name=BANK)
        record_custody_account(db, stage.people[holder, Role.ACCOUNTANT], account, now=now)
    for place, (key, money) in enumerate(MONEY.items(), 1):
        facts_of = next(one for one in facts().programmes if one.id == key)
        accountant = stage.people[money.holder, Role.ACCOUNTANT]
        stage.funds[key] = funds.open_fund(
            db,
            accountant,
            NewFund(
                name=f"{YEAR}年{MARK[key]}助学资金",
                source=money.source,
                custody=Custody.BANK,
                buyer_id=stage.organizations[facts_of.organizers[0]],
                year=YEAR,
                basis_document_no=f"示例〔{YEAR}〕{place}号",
                clause=f"只用于{facts_of.name_zh}",
                catalogue_codes=facts_of.catalogue_codes,
            ),
            now=now,
        )
        for share, payer in zip(_shares(key), money.payers, strict=True):
            funds.receive(
                db,
                accountant,
                NewReceipt(
                    fund_id=stage.funds[key],
                    kind=INCOME[money.source],
                    amount_fen=share,
                    value_date=MONEY_COMES,
                    document_no=f"示例回单〔{YEAR}〕{MARK[key]}{payer}",
                    payer=payer,
                ),
                now=now,
            )
            _credit(stage, ACCOUNTS[money.holder], share, payer, now)
            books.fetch(db, accountant, ACCOUNTS[money.holder], now=now)


def _shares(key: str) -> list[int]:
    """What each payer gave: all of it together is what the programme paid out, to the fen."""
    total = sum(line.total_fen for line in facts().aid_lines if line.programme == key)
    payers = len(MONEY[key].payers)
    first = total * 3 // 5 if payers > 1 else total
    return [first, total - first][:payers]


def _credit(stage: Stage, account: str, amount_fen: int, payer: str, now: datetime) -> None:
    """Let the same money come in at the stand-in bank."""
    director = stage.teller.installation.director
    if director is None:
        raise AssertionError("asked before the story began")
    name = next(body.name_zh for body in organizations() if ACCOUNTS.get(body.id) == account)
    director.open_account(account, name, fen=0)
    director.credit(account, amount_fen, payer, purpose="2016 助学资金", now=now)


def _pay(stage: Stage, line: AidLine, day: date) -> None:
    """One line of aid: drawn up, approved by another person, applied for, approved again, instructed, paid."""
    clerk, head = (stage.people[line.organizers[0], role] for role in (Role.CLERK, Role.HEAD))
    holder = MONEY[line.programme].holder
    accountant, cashier = (stage.people[holder, role] for role in (Role.ACCOUNTANT, Role.CASHIER))
    made: dict[str, UUID] = {}

    def draw_up(db: Session, now: datetime) -> None:
        new = NewRoster(
            programme_id=stage.programmes[line.programme],
            fund_id=stage.funds[line.programme],
            title=f"{YEAR}年{MARK[line.programme]}资助发放名册（{line.group_zh}）",
        )
        made["roster"] = aid.draft_roster(db, clerk, new, now=now)
        report = aid.import_rows(db, stage.safe.vault, clerk, made["roster"], sheet(line), now=now)
        if report.taken != line.heads or report.total_fen != line.total_fen:
            raise AssertionError(f"{line.id}: {report.taken} people, {report.total_fen} fen")

    def read(db: Session, now: datetime) -> None:
        made["access"] = aid.note_access(
            db, accountant, made["roster"], AccessPurpose.PAYMENT, reason="按已批准的名册申请付款", now=now
        )

    def apply(db: Session, now: datetime) -> None:
        made["application"] = stories.apply_for_payment(
            db, stage.safe.vault, accountant, made["roster"], made["access"], now=now
        )

    def order(db: Session, now: datetime) -> None:
        ids = db.scalars(
            select(Payment.id).where(Payment.application_id == made["application"]).order_by(Payment.place)
        )
        instruct(db, cashier, list(ids), now=now)

    stage.act(day, 9, draw_up)
    stage.act(day, 10, lambda db, now: stories.submit(db, clerk, made["roster"], now=now))
    stage.act(day, 14, lambda db, now: stories.approve(db, head, made["roster"], now=now))
    next_day, morning_after = day + timedelta(days=1), day + timedelta(days=2)
    stage.act(next_day, 9, read)
    stage.act(next_day, 9, apply)
    stage.act(next_day, 10, lambda db, now: approve_application(db, head, made["application"], now=now))
    stage.act(next_day, 11, order)
    stage.work(next_day, 11)
    stage.work(morning_after, 9, scheduled=True)
