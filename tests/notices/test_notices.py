"""Every act tells whom it concerns, once, in their language; mail is sent at least once under one Message-ID."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.identity import commands as identity
from marketplace.identity.model import Account, Person
from marketplace.identity.queries import actor_of, memberships_of
from marketplace.identity.schemas import MembershipView, NewPerson
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.kit.errors import IllegalMove
from marketplace.notices import facts
from marketplace.notices.commands import mark_read, tell
from marketplace.notices.model import Mail, PersonalNotice
from marketplace.notices.queries import inbox, mails, unread_count
from marketplace.notices.rules import LINK_PATHS, SILENT, TOLD, Party, UnknownTopic, places
from marketplace.notices.states import MAIL, MailAction, MailState
from marketplace.notices.texts import Writer
from marketplace.outbox.commands import emit
from marketplace.outbox.model import Message
from marketplace.outbox.rules import CONSUMERS, NOTICES
from marketplace.outbox.schemas import Envelope
from marketplace.settings import Settings
from marketplace.suppliers.commands.register import PAST
from marketplace.web import i18n
from tests.identity.town import SAFE, a_person, an_organization
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services

SOURCES = Path(__file__).parents[2] / "marketplace"
WRITER = Writer(i18n, "https://example.com")
FAMILIES = {"suppliers.": tuple(PAST.values()), "suppliers.change_": ("accepted", "returned", "withdrawn")}
"""Topics whose second word is looked up in a table."""
HANDBOOK = {
    ("queued", "send"): "sent",
    ("queued", "keep"): "kept",
    ("queued", "fail"): "failed",
    ("queued", "drop"): "dropped",
}


@pytest.mark.parametrize("state", MailState)
@pytest.mark.parametrize("action", MailAction)
def test_a_mail_moves_as_the_handbook_says(state: MailState, action: MailAction) -> None:
    if (state.value, action.value) in HANDBOOK:
        assert MAIL.after(state, action).value == HANDBOOK[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            MAIL.after(state, action)


def emitted() -> Iterator[tuple[str, str]]:
    """Every topic that the code emits, with its place."""
    for path in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(tree):
            is_emit = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "emit"
            if is_emit and "outbox" not in path.parts:
                assert isinstance(call, ast.Call)
                topic = call.args[1]
                if isinstance(topic, ast.JoinedStr):
                    first = topic.values[0]
                    assert isinstance(first, ast.Constant), "a topic begins with a word that can be read here"
                    family = str(first.value)
                    assert family in FAMILIES, f"{path.name}:{call.lineno}: the topics {family}… are not known"
                    for last in FAMILIES[family]:
                        yield family + last, f"{path.name}:{call.lineno}"
                elif isinstance(topic, ast.Constant):
                    yield str(topic.value), f"{path.name}:{call.lineno}"
                elif isinstance(topic, ast.Name) and topic.id in named:
                    yield str(named[topic.id]), f"{path.name}:{call.lineno}"


def test_every_topic_that_is_emitted_has_a_row_or_a_reason_for_silence() -> None:
    for topic, place in emitted():
        heard = CONSUMERS.get(topic, (NOTICES,))
        assert NOTICES not in heard or topic in TOLD or topic in SILENT, f"{topic} ({place}) has no row"


def test_no_topic_is_both_told_and_silent() -> None:
    assert not set(TOLD) & set(SILENT)
    assert all(SILENT.values())


@pytest.mark.parametrize("topic", TOLD)
def test_each_place_in_a_text_is_a_fact_that_is_given(topic: str) -> None:
    words = TOLD[topic]
    assert places(words.title) | places(words.text) <= facts.telling_of(topic).names


@pytest.mark.parametrize("topic", TOLD)
def test_each_text_has_its_translation_with_the_same_places(topic: str) -> None:
    with i18n.speaking("en"):
        for text in (TOLD[topic].title, TOLD[topic].text):
            assert i18n.gettext(text) != text, f"{text} has no English"
            assert places(i18n.gettext(text)) == places(text)


def test_no_notice_of_a_live_project_goes_to_bidders() -> None:
    """Who has bid is sealed: there is no party of bidders at all, and facts never read the bids."""
    assert "bidders" not in {party.value for party in Party}
    tree = ast.parse(Path(facts.__file__).read_text("utf-8"))
    read = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not read & {"Bid", "BidEntry", "BidDraft"}


class Town:
    """A buyer with a head and a clerk, and the workers."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.work: Services = assemble(database, clock, Settings(public_url="https://example.com"), safe=SAFE)
        with database.write() as db:
            self.organization = an_organization(db, Function.BUYER, now=clock.now(), name="示例区妇联")
            head = a_person(db, self.organization, Role.HEAD, now=clock.now(), name="赵一")
            clerk = a_person(db, self.organization, Role.CLERK, now=clock.now(), name="钱二")
            self.head = actor_of(db, head, self.organization)
            self.clerk = actor_of(db, clerk, self.organization)
        drain(self.work)

    def invite(self, login: str = "new") -> UUID:
        with self.database.write() as db:
            new = NewPerson(name="孙三", email=f"{login}@example.com", login=login)
            return identity.invite(
                db, SAFE, self.head, self.organization, new, roles=[Role.CLERK], now=self.clock.now()
            )

    def inbox(self, actor: Actor) -> list[str]:
        assert actor.person_id is not None
        with self.database.read() as db:
            return [notice.topic for notice in inbox(db, WRITER, actor.person_id)]


@pytest.fixture
def town(database: Database, clock: ManualClock) -> Town:
    return Town(database, clock)


def test_an_invitation_goes_by_mail_alone_and_its_token_stands_in_no_table_in_clear(town: Town) -> None:
    town.invite()
    drain(town.work)
    with town.database.read() as db:
        mail = db.scalars(select(Mail).where(Mail.topic == "identity.invited")).one()
        (shown,) = [one for one in mails(db, WRITER, SAFE, now=town.clock.now()) if one.id == mail.id]
        payloads = [str(payload) for payload in db.scalars(select(Message.payload))]
    assert mail.state is MailState.KEPT
    start = "https://example.com" + LINK_PATHS[next(iter(LINK_PATHS))]
    token = shown.text.partition(start)[2].split()[0]
    assert len(token) > 20
    assert token not in mail.text
    assert not [payload for payload in payloads if token in payload]
    assert "示例区妇联" in shown.subject
    assert shown.person_name == "孙三"


def test_an_invitation_that_was_replaced_before_it_was_sent_is_dropped(town: Town) -> None:
    membership = town.invite()
    with town.database.write() as db:
        identity.invite_again(db, SAFE, town.head, membership, now=town.clock.now())
    drain(town.work)
    with town.database.read() as db:
        states = db.scalars(select(Mail.state).where(Mail.topic == "identity.invited").order_by(Mail.queued_at)).all()
    assert sorted(states) == [MailState.DROPPED, MailState.KEPT]


def tell_roles(db: Session, town: Town, person: Actor) -> Envelope:
    membership = [one for one in town_memberships(db, person) if one.organization_id == person.organization_id]
    message = emit(db, "identity.roles_changed", now=town.clock.now(), membership_id=membership[0].id)
    row = db.get_one(Message, message)
    return Envelope(
        delivery_id=uuid4(),
        message_id=message,
        consumer=NOTICES,
        topic=row.topic,
        payload=row.payload,
        emitted_at=row.emitted_at,
        attempts=0,
    )


def test_who_is_told_reads_it_in_the_inbox_and_by_mail_in_their_own_language(town: Town) -> None:
    with town.database.write() as db:
        db.get_one(Person, town.clerk.person_id).locale = "en"
        tell(db, tell_roles(db, town, town.clerk), town.clock.now(), writer=WRITER)
    with town.database.read() as db:
        mail = db.scalars(select(Mail).where(Mail.topic == "identity.roles_changed")).one()
        assert town.clerk.person_id is not None
        (notice,) = inbox(db, WRITER, town.clerk.person_id)
        with i18n.speaking("en"):
            (english,) = inbox(db, WRITER, town.clerk.person_id)
    assert notice.title == "您在「示例区妇联」的岗位有调整"
    assert "经办" in notice.text
    assert english.title != notice.title
    assert english.text.startswith("Your posts are now")
    assert mail.subject == english.title
    assert "https://example.com/account" in mail.text


def test_a_person_concerned_in_several_ways_is_told_once(town: Town) -> None:
    with town.database.write() as db:
        operator = an_organization(db, Function.OPERATOR, now=town.clock.now(), name="示例运营单位")
        guard = a_person(db, operator, Role.SECURITY_ADMIN, now=town.clock.now(), name="李四")
        account = identity_account(db, guard)
        emit(db, "identity.locked", now=town.clock.now(), account_id=account)
    drain(town.work)
    with town.database.read() as db:
        told = db.scalars(select(PersonalNotice.person_id).where(PersonalNotice.topic == "identity.locked")).all()
    assert told == [guard]


def test_a_topic_nobody_decided_about_is_parked_and_not_forgotten(town: Town) -> None:
    with town.database.write() as db:
        envelope = tell_roles(db, town, town.clerk)
    with town.database.write() as db, pytest.raises(UnknownTopic):
        tell(db, msgspec.structs.replace(envelope, topic="nobody.decided"), town.clock.now(), writer=WRITER)


def test_a_silent_topic_tells_nobody(town: Town) -> None:
    with town.database.write() as db:
        an_organization(db, Function.SUPPLIER, now=town.clock.now(), name="示例服务中心")
    before = counts(town)
    drain(town.work)
    assert counts(town) == before


def test_notices_are_marked_as_read_by_their_owner_alone(town: Town) -> None:
    with town.database.write() as db:
        for actor in (town.clerk, town.head):
            tell(db, tell_roles(db, town, actor), town.clock.now(), writer=WRITER)
    with town.database.write() as db:
        assert town.clerk.person_id is not None
        (mine,) = inbox(db, WRITER, town.clerk.person_id)
        assert unread_count(db, town.clerk.person_id) == 1
        assert mark_read(db, town.head, [mine.id], now=town.clock.now()) == 0
        assert mark_read(db, town.clerk, [mine.id], now=town.clock.now()) == 1
        assert mark_read(db, town.clerk, [mine.id], now=town.clock.now()) == 0
        assert unread_count(db, town.clerk.person_id) == 0
        assert mark_read(db, town.head, None, now=town.clock.now()) == 1


def test_the_inbox_is_read_page_by_page_newest_first(town: Town) -> None:
    person = town.clerk.person_id
    assert person is not None
    for _ in range(5):
        with town.database.write() as db:
            tell(db, tell_roles(db, town, town.clerk), town.clock.now(), writer=WRITER)
        town.clock.advance(timedelta(minutes=1))
    with town.database.read() as db:
        whole = inbox(db, WRITER, person)
        pages = inbox(db, WRITER, person, limit=2)
        for _ in range(2):
            pages += inbox(db, WRITER, person, limit=2, after=pages[-1].id)
        assert [one.id for one in pages] == [one.id for one in whole]
        assert [one.at for one in whole] == sorted((one.at for one in whole), reverse=True)
        assert len(inbox(db, WRITER, person, unread=True)) == 5


def test_the_same_message_twice_tells_once(town: Town) -> None:
    with town.database.write() as db:
        emit(db, "identity.organization_closed", now=town.clock.now(), organization_id=town.organization)
    drain(town.work)
    town.clock.advance(timedelta(hours=1))
    drain(town.work)
    assert town.inbox(town.head) == ["identity.organization_closed"]
    assert town.inbox(town.clerk) == []


def town_memberships(db: Session, actor: Actor) -> list[MembershipView]:
    assert actor.person_id is not None
    return memberships_of(db, actor.person_id)


def identity_account(db: Session, person_id: UUID) -> UUID:
    return db.scalars(select(Account.id).where(Account.person_id == person_id)).one()


def counts(town: Town) -> tuple[int, int]:
    with town.database.read() as db:
        return len(db.scalars(select(PersonalNotice.id)).all()), len(db.scalars(select(Mail.id)).all())
