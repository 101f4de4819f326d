"""The demo's gifts through the gateway: the paper by which they may come, invitations, and checkouts paid."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.flows import giving
from marketplace.funds.commands import gifts
from marketplace.funds.queries.gifts import intent_of
from marketplace.funds.schemas.gifts import NewBasis, NewInvitation, Wish
from marketplace.kit.clock import ManualClock, at_legal, legal_day
from marketplace.kit.money import parse_yuan
from marketplace.payments.gateway import Gateway
from marketplace.payments.rails import gateway_of
from seed.paying import OFFICES
from seed.play import Play
from seed.year import Gift, year

INVITED_BEFORE = timedelta(days=5)
INVITED_FOR = timedelta(days=60)
SOON = timedelta(minutes=6)
FILE_BYTES_MAX = 1 << 20


def begin(play: Play) -> None:
    """Put the paper and every invitation on their days; what a donor does follows from the invitation."""
    story = year().gifts
    play.at(at_legal(story.basis.day + play.moved, 9), "登记受赠依据", partial(_basis, play))
    for gift in story.given:
        when = at_legal(gift.day + play.moved, 10) - INVITED_BEFORE
        play.at(when, f"邀请捐赠：{gift.donor}", partial(_invite, play, gift))


def _basis(play: Play, db: Session, now: datetime) -> None:
    """The holder's head records the paper."""
    told = year().gifts.basis
    new = NewBasis(
        holder_id=play.stage.ids[told.holder],
        document_no=told.document,
        dated_on=told.day + play.moved - timedelta(days=7),
        note=told.note,
    )
    text = f"演示文件，不是真实批文。{told.document}：{told.note}。\n".encode()
    head = play.stage.actors[OFFICES[told.holder].head]
    gifts.record_basis(
        db, play.stage.storage, head, new, [text], name="受赠依据.txt", limit_bytes=FILE_BYTES_MAX, now=now
    )


def _invite(play: Play, gift: Gift, db: Session, now: datetime) -> None:
    holder = next(fund.holder for fund in year().funds if fund.key == gift.fund)
    new = NewInvitation(
        fund_id=play.stage.ids[gift.fund],
        donor=gift.donor,
        email=gift.email,
        suggested_fen=parse_yuan(gift.yuan),
        expires_on=legal_day(now) + INVITED_FOR,
    )
    issued = gifts.invite(db, play.safe, play.stage.actors[OFFICES[holder].accountant], new, now=now)
    when = at_legal(gift.day + play.moved, 20)
    play.go(when, f"捐赠：{gift.donor}", partial(_give, play, gift, issued.token))


@contextmanager
def _gateway(play: Play, now: datetime) -> Iterator[Gateway]:
    found = gateway_of(play.teller.installation.settings, ManualClock(now))
    if found is None:
        raise RuntimeError("the demo's gifts go through the stand-in gateway, and none runs")
    with closing(found):
        yield found


def _give(play: Play, gift: Gift, token: str, now: datetime) -> None:
    """A donor decides, is led to the gateway's page and pays there."""
    installation = play.teller.installation
    wish = Wish(amount_fen=parse_yuan(gift.yuan), donor=gift.donor, anonymous=gift.anonymous, message=gift.message)
    with _gateway(play, now) as gateway:
        base_url = installation.settings.base_url
        payment_id = giving.begin(installation.database, gateway, token, wish, base_url=base_url, now=now)
    with installation.database.read() as db:
        session_id = intent_of(db, payment_id).session_id
    play.director.pay(session_id, now=now + SOON)
    if gift.returns:
        play.go(now + 2 * SOON, f"捐赠到账：{gift.donor}", partial(_return, play, payment_id))


def _return(play: Play, payment_id: UUID, now: datetime) -> None:
    """The donor comes back from the gateway's page, and sees the receipt."""
    installation = play.teller.installation
    with _gateway(play, now) as gateway:
        giving.ask(
            installation.database, gateway, play.safe, payment_id, base_url=installation.settings.base_url, now=now
        )
