"""Mail leaves through SMTP at least once and always under one Message-ID; who refuses for good is not asked again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.identity import commands as identity
from marketplace.identity.model import OneTimeLink
from marketplace.identity.queries import actor_of, memberships_of
from marketplace.identity.schemas import NewPerson
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import Clock, ManualClock, SystemClock
from marketplace.notices.mail import SmtpPost, compose, post_of
from marketplace.notices.model import Mail
from marketplace.notices.states import MailState
from marketplace.outbox import rules
from marketplace.outbox.commands import emit
from marketplace.settings import Settings
from tests.identity.town import SAFE, a_person, an_organization
from tests.notices.sink import Sink, running
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running() as server:
        yield server


def work_of(database: Database, clock: Clock, sink: Sink) -> Services:
    settings = Settings(smtp_url=sink.url, mail_from="notice@example.com", public_url="https://example.com")
    return assemble(database, clock, settings, safe=SAFE)


def staff(database: Database, clock: Clock) -> Actor:
    with database.write() as db:
        organization = an_organization(db, Function.BUYER, now=clock.now(), name="示例区妇联")
        person = a_person(db, organization, Role.HEAD, now=clock.now(), name="赵一", login="head")
        return actor_of(db, person, organization)


def tell_roles(database: Database, clock: Clock, actor: Actor) -> None:
    assert actor.person_id is not None
    with database.write() as db:
        membership = memberships_of(db, actor.person_id)[0]
        emit(db, "identity.roles_changed", now=clock.now(), membership_id=membership.id)


def states(database: Database) -> list[MailState]:
    with database.read() as db:
        return list(db.scalars(select(Mail.state)))


def test_a_mail_leaves_with_its_id_its_reader_and_its_text(database: Database, clock: ManualClock, sink: Sink) -> None:
    work, actor = work_of(database, clock, sink), staff(database, clock)
    tell_roles(database, clock, actor)
    drain(work)
    (mail,) = sink.mails
    with database.read() as db:
        row = db.scalars(select(Mail)).one()
    assert isinstance(mail, EmailMessage)
    assert mail["Message-ID"] == f"<{row.id}@example.com>"
    assert mail["Subject"] == "您在「示例区妇联」的岗位有调整"
    assert mail["To"] == "赵一 <head@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "https://example.com/account" in mail.get_content()
    assert sink.recipients == ["head@example.com"]
    assert (row.state, row.sent_at) == (MailState.SENT, clock.now())


def test_a_link_is_in_the_mail_and_its_token_is_forgotten_once_it_is_sent(
    database: Database, clock: ManualClock, sink: Sink
) -> None:
    work, actor = work_of(database, clock, sink), staff(database, clock)
    assert actor.organization_id is not None
    with database.write() as db:
        new = NewPerson(name="孙三", email="new@example.com", login="new")
        identity.invite(db, SAFE, actor, actor.organization_id, new, roles=[Role.CLERK], now=clock.now())
    drain(work)
    (mail,) = sink.mails
    assert isinstance(mail, EmailMessage)
    assert "https://example.com/invitation/" in mail.get_content()
    with database.read() as db:
        assert db.scalars(select(OneTimeLink.sealed)).all() == [None]


def test_an_address_that_is_refused_for_good_is_not_asked_again(
    database: Database, clock: ManualClock, sink: Sink
) -> None:
    sink.refused["head@example.com"] = 550
    work, actor = work_of(database, clock, sink), staff(database, clock)
    tell_roles(database, clock, actor)
    drain(work)
    assert states(database) == [MailState.FAILED]
    clock.advance(timedelta(days=1))
    drain(work)
    assert sink.mails == []


def test_an_address_that_is_refused_for_now_is_asked_again(database: Database, clock: ManualClock, sink: Sink) -> None:
    sink.refused["head@example.com"] = 450
    work, actor = work_of(database, clock, sink), staff(database, clock)
    tell_roles(database, clock, actor)
    drain(work, strict=False)
    assert states(database) == [MailState.QUEUED]
    sink.refused.clear()
    clock.advance(rules.RETRY_AFTER)
    drain(work)
    assert states(database) == [MailState.SENT]


def test_a_mail_server_that_is_away_loses_nothing(database: Database, clock: ManualClock, sink: Sink) -> None:
    actor = staff(database, clock)
    away = assemble(database, clock, Settings(smtp_url="smtp://127.0.0.1:1"), safe=SAFE)
    tell_roles(database, clock, actor)
    drain(away, strict=False)
    clock.advance(rules.RETRY_AFTER)
    drain(work_of(database, clock, sink))
    assert len(sink.mails) == 1


def test_without_a_mail_server_mail_is_kept(database: Database, clock: ManualClock) -> None:
    assert post_of("") is None
    actor = staff(database, clock)
    tell_roles(database, clock, actor)
    drain(assemble(database, clock, Settings(), safe=SAFE))
    assert states(database) == [MailState.KEPT]


@pytest.mark.parametrize("url", ["smtp://mail.example.com", "smtps://user:pa%3Ass@mail.example.com:4650"])
def test_the_address_of_the_mail_server_is_read(url: str) -> None:
    post = SmtpPost(url)
    assert post._host == "mail.example.com"
    assert (post._port, post._user, post._password) == ((25, "", "") if "@" not in url else (4650, "user", "pa:ss"))


def test_the_same_mail_always_has_the_same_message_id(clock: ManualClock) -> None:
    def written() -> str:
        made = compose(
            UUID(int=7), sender="a@b.cn", name="赵一", address="z@example.com", subject="你好", text="x", at=clock.now()
        )
        return str(made["Message-ID"])

    assert written() == written() == "<00000000-0000-0000-0000-000000000007@b.cn>"


def test_a_mail_sent_again_after_a_crash_has_the_same_message_id(
    committing: Database, app_url: str, sink: Sink
) -> None:
    clock = SystemClock()
    tell_roles(committing, clock, staff(committing, clock))

    def work_until(step: str) -> int:
        command = [sys.executable, "-m", "tests.notices.mail_victim", app_url, sink.url, step]
        return subprocess.run(command, check=False, timeout=200, cwd=ROOT).returncode

    assert work_until("effect.marked") == -signal.SIGKILL
    assert work_until("") == 0
    assert len(sink.mails) == 2
    assert len({str(mail["Message-ID"]) for mail in sink.mails}) == 1
    assert states(committing) == [MailState.SENT]
