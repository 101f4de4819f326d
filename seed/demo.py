"""The demo: a year of events in their order, each on its own day, with the real workers behind it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from marketplace.bids.commands import enrol_opener_key
from marketplace.bids.sealing.application import application_keys
from marketplace.funds.states.reconciling import Category
from marketplace.identity.credentials import safe_of
from marketplace.identity.model import Account
from marketplace.identity.queries import actor_of
from marketplace.kit.clock import ManualClock, at_legal, legal_day
from marketplace.kit.money import parse_yuan
from marketplace.settings import master_key
from seed import after, books, giving, market, money, paying, people, progress, register
from seed.market import Stage
from seed.people import PASSPHRASE
from seed.play import LATER, Play
from seed.stories import Teller
from seed.year import Project, Receipt, Stray, Supplier, shift, year


def load(teller: Teller) -> None:
    """Tell the whole year, unless it was told already.

    Raises:
        RuntimeError: no stand-in bank and gateway run, so nobody could be paid.
    """
    installation = teller.installation
    with installation.database.read() as db:
        known = db.scalar(select(exists().where(Account.login == year().people[0].login)))
    if known:
        before = progress.read(installation.settings.home)
        if before is not None and not before.is_over:
            teller.say("demo: 上次装到一半就停了，已有的数据照常可用；要完整的演示，请运行 make demo RESET=1")
        teller.step(1, 1, "")
        return
    today = installation.clock.now()
    moved = shift(legal_day(today))
    begin = at_legal(year().receipts[0].day + moved) - timedelta(days=7)
    settings = installation.settings
    stage = Stage({}, {}, application_keys(settings), master_key(settings), installation.storage)
    if installation.director is None:
        raise RuntimeError("the demo's payments go through the stand-in bank and gateway, and none runs")
    play = Play(teller, today, moved, stage, safe_of(master_key(settings), demo=True), installation.director)
    _people(play, begin)
    _money(play)
    giving.begin(play)
    _books(play)
    _register(play)
    for project in year().projects:
        _project(play, project)
    play.run(ManualClock(begin))
    teller.step(play.told, play.told, "")


def _people(play: Play, begin: datetime) -> None:
    def settle(db: Session, now: datetime) -> None:
        play.stage.ids.update(people.settle(db, play.safe, now=now))
        for person in year().people:
            ids = play.stage.ids
            play.stage.actors[person.login] = actor_of(db, ids[person.login], ids[person.organization])

    def enrol(db: Session, now: datetime) -> None:
        for login in _opening_people():
            enrol_opener_key(db, play.stage.keys, play.stage.actors[login], PASSPHRASE, now=now)

    play.at(begin, "单位和人员", settle)
    play.at(begin + LATER, "开启人口令", enrol)


def _opening_people() -> Iterable[str]:
    return sorted({login for project in year().projects for login in market.openers(project)})


def _money(play: Play) -> None:
    story = year()
    first = at_legal(story.receipts[0].day + play.moved, 9)
    play.at(
        first,
        "建立资金",
        lambda db, now: money.open_funds(db, play.stage.actors, play.stage.ids, play.moved, now=now),
    )
    director = play.director
    play.at(first + LATER, "付款账户", lambda db, now: paying.open_accounts(db, play.stage, director, now=now))
    for place, receipt in enumerate(story.receipts):
        play.at(
            at_legal(receipt.day + play.moved, 10) + place * LATER,
            f"到账：{receipt.payer}",
            partial(_receive, play, msgspec.structs.replace(receipt, day=receipt.day + play.moved)),
        )


def _receive(play: Play, receipt: Receipt, db: Session, now: datetime) -> None:
    money.receive(db, play.stage.actors, play.stage.ids, receipt, now=now)
    paying.credit(play.director, receipt, now=now)
    holder = next(fund.holder for fund in year().funds if fund.key == receipt.fund)
    _fetch(play, holder, db, now)


def _fetch(play: Play, office: str, db: Session, now: datetime) -> None:
    keeper = paying.OFFICES[office]
    books.fetch(db, play.stage.actors[keeper.accountant], keeper.number, now=now)


def _books(play: Play) -> None:
    """Money nobody expected comes in; at the end of each month the accountants close their books."""
    for stray in year().strays:
        play.at(at_legal(stray.day + play.moved, 11), f"不明来款：{stray.payer}", partial(_stray, play, stray))
    day = year().receipts[0].day + play.moved
    while day < legal_day(play.today):
        if (day + timedelta(days=1)).day == 1:
            for office in paying.OFFICES:
                play.at(at_legal(day, 18), f"月末对账：{office}", partial(_close, play, office))
        day += timedelta(days=1)


def _stray(play: Play, stray: Stray, db: Session, now: datetime) -> None:
    number = paying.OFFICES[stray.office].number
    play.director.credit(number, parse_yuan(stray.yuan), stray.payer, purpose=stray.purpose, now=now)
    _fetch(play, stray.office, db, now)


def _close(play: Play, office: str, db: Session, now: datetime) -> None:
    found = [
        books.Found(one.payer, Category(one.category), one.text, one.due + play.moved if one.due else None)
        for one in year().strays
        if one.office == office and one.category
    ]
    books.close(db, play.stage.actors[paying.OFFICES[office].accountant], found=found, now=now)


def _register(play: Play) -> None:
    """The organizations come in over two weeks, some of them shortly before the present day."""
    first = at_legal(year().receipts[0].day + play.moved, 11)
    for place, supplier in enumerate(year().suppliers, 1):
        start = first + place * timedelta(days=2)
        if supplier.stays == "submitted":
            start = play.today - timedelta(days=2)
        play.at(start, f"登记：{supplier.name}", partial(_come_in, play, supplier, place))


def _come_in(play: Play, supplier: Supplier, place: int, db: Session, now: datetime) -> None:
    safe, storage = play.safe, play.stage.storage
    organization_id, actor = register.register(db, safe, supplier, place, now=now)
    play.stage.actors[supplier.login] = actor
    register.hand_in(db, safe, storage, actor, organization_id, supplier, now=now)

    def qualify(inner: Session, then: datetime) -> None:
        clerk = play.stage.actors[market.CENTRE_CLERK]
        register.qualify(inner, storage, clerk, organization_id, supplier, now=then)

    if supplier.stays == "qualified":
        play.at(now + timedelta(days=1), f"审核：{supplier.name}", qualify)


def _project(play: Play, project: Project) -> None:
    """A project begins on its day; the rest of its life follows from what happens."""
    posted = at_legal(project.posted + play.moved, 9) if project.posted else play.today - timedelta(days=3)
    play.at(posted, f"起草：{project.title}", partial(_begin, play, project))


def _begin(play: Play, project: Project, db: Session, now: datetime) -> None:
    stage, title = play.stage, project.title
    project_id = market.draft(db, stage, project, now=now)
    if project.ends == "draft":
        return
    hour = timedelta(hours=1)
    play.at(now + hour, f"提交：{title}", lambda d, t: market.submit(d, stage, project, project_id, now=t))
    if project.ends == "submitted":
        return
    if project.ends == "returned":
        play.at(now + 3 * hour, f"退回：{title}", lambda d, t: market.send_back(d, stage, project, project_id, now=t))
        return
    play.at(now + 3 * hour, f"审批：{title}", lambda d, t: market.approve(d, stage, project, project_id, now=t))
    if project.ends != "approved":
        play.at(now + 5 * hour, f"发布：{title}", partial(_publish, play, project, project_id))


def _publish(play: Play, project: Project, project_id: UUID, db: Session, now: datetime) -> None:
    stage, title = play.stage, project.title
    due = market.publish(db, stage, project, project_id, now=now)
    comers = dict.fromkeys((*project.takers, *project.bidders, *project.withdrawn))
    for place, login in enumerate(comers):
        when = now + timedelta(minutes=30 + 20 * place)
        play.at(when, f"报名：{title}", partial(_take, play, login, project_id))
    for place, (question, answer) in enumerate(project.questions):
        asker = next(iter(comers))
        when = now + timedelta(hours=2, minutes=15 * place)
        play.at(when, f"提问：{title}", partial(_ask, play, project, project_id, asker, question, answer))
    if project.ends == "cancelled":
        stop = now + timedelta(days=2)
        play.at(stop, f"终止：{title}", lambda d, t: market.cancel(d, stage, project, project_id, now=t))
        return
    for place, login in enumerate((*project.bidders, *project.withdrawn)):
        when = due - timedelta(hours=20) + timedelta(minutes=25 * place)
        play.at(when, f"申报：{title}", partial(_bid, play, project, login, place, project_id))
    for login in project.withdrawn:
        when = due - timedelta(hours=2)
        play.at(when, f"撤回：{title}", partial(_withdraw, play, login, project_id))
    if project.bidders:
        opening = due + timedelta(minutes=40)
        play.at(opening, f"开启：{title}", partial(_open, play, project, project_id))


def _open(play: Play, project: Project, project_id: UUID, db: Session, now: datetime) -> None:
    market.open_box(db, play.stage, project, project_id, now=now)
    if project.ends in after.LIFE:
        after.judge(play, project, project_id, now)


def _take(play: Play, login: str, project_id: UUID, db: Session, now: datetime) -> None:
    market.take(db, play.stage, login, project_id, now=now)


def _withdraw(play: Play, login: str, project_id: UUID, db: Session, now: datetime) -> None:
    market.withdraw(db, play.stage, login, project_id, now=now)


def _ask(
    play: Play, project: Project, project_id: UUID, asker: str, question: str, text: str, db: Session, now: datetime
) -> None:
    question_id = market.ask(db, play.stage, asker, project_id, question, now=now)
    if text:
        when = now + timedelta(hours=16)
        play.at(
            when,
            f"答复：{project.title}",
            lambda d, t: market.answer(d, play.stage, project, question_id, text, now=t),
        )


def _bid(play: Play, project: Project, login: str, place: int, project_id: UUID, db: Session, now: datetime) -> None:
    market.bid(db, play.stage, project, login, place, project_id, now=now)
