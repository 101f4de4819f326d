"""Gifts by invitation: asked of one named donor, on a recorded basis, and begun once."""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.funds import commands
from marketplace.funds.commands import gifts, giving
from marketplace.funds.model import GiftBasis, GiftInvitation, GiftLink, GiftPayment
from marketplace.funds.queries import gifts as reads
from marketplace.funds.rules import Custody, SourceKind
from marketplace.funds.rules.gifts import (
    GIFT_FEN_MAX,
    INVITED_DAYS_MAX,
    BadExpiry,
    FutureBasis,
    GatewayOff,
    GiftDiffers,
    GiftOutOfBounds,
    GiftsOff,
    GiftUnderWay,
    InvitationOver,
    InvitationRevoked,
    NoBasisPaper,
    NoHolder,
    NotForGifts,
    NotOpenForGifts,
)
from marketplace.funds.schemas.gifts import NewBasis
from marketplace.funds.states.gifts import (
    BASIS,
    GIFT,
    INVITATION,
    BasisAction,
    BasisState,
    GiftAction,
    GiftState,
    InvitationAction,
    InvitationState,
)
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from tests.funds.givers import Hands, a_basis, a_wish, an_invitation, open_hands
from tests.funds.purse import a_fund
from tests.identity.town import SAFE, a_person, an_organization

HANDBOOK_BASIS = {("standing", "withdraw"): "withdrawn"}
HANDBOOK_INVITATION = {
    ("open", "renew"): "open",
    ("lapsed", "renew"): "open",
    ("open", "lapse"): "lapsed",
    ("open", "revoke"): "revoked",
    ("lapsed", "revoke"): "revoked",
    ("open", "give"): "given",
    ("lapsed", "give"): "given",
    ("revoked", "give"): "given",
}
HANDBOOK_GIFT = {
    ("intended", "open_checkout"): "open",
    ("intended", "lose"): "unknown",
    ("intended", "refuse"): "refused",
    ("intended", "lapse_checkout"): "lapsed",
    ("unknown", "open_checkout"): "open",
    ("unknown", "lose"): "unknown",
    ("unknown", "refuse"): "refused",
    ("unknown", "lapse_checkout"): "lapsed",
    ("open", "process"): "processing",
    ("open", "pay"): "paid",
    ("open", "lapse_checkout"): "lapsed",
    ("processing", "pay"): "paid",
    ("processing", "lapse_checkout"): "lapsed",
    ("lapsed", "pay"): "paid",
    ("refused", "pay"): "paid",
}


@pytest.fixture
def hands(db: Session, tmp_path: Path, now: datetime) -> Hands:
    return open_hands(db, tmp_path, now=now)


@pytest.mark.parametrize("state", BasisState)
@pytest.mark.parametrize("action", BasisAction)
def test_a_basis_moves_as_the_handbook_says(state: BasisState, action: BasisAction) -> None:
    if (state.value, action.value) in HANDBOOK_BASIS:
        assert BASIS.after(state, action).value == HANDBOOK_BASIS[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            BASIS.after(state, action)


@pytest.mark.parametrize("state", InvitationState)
@pytest.mark.parametrize("action", InvitationAction)
def test_an_invitation_moves_as_the_handbook_says(state: InvitationState, action: InvitationAction) -> None:
    if (state.value, action.value) in HANDBOOK_INVITATION:
        assert INVITATION.after(state, action).value == HANDBOOK_INVITATION[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            INVITATION.after(state, action)


@pytest.mark.parametrize("state", GiftState)
@pytest.mark.parametrize("action", GiftAction)
def test_an_attempt_to_give_moves_as_the_handbook_says(state: GiftState, action: GiftAction) -> None:
    if (state.value, action.value) in HANDBOOK_GIFT:
        assert GIFT.after(state, action).value == HANDBOOK_GIFT[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            GIFT.after(state, action)


def test_without_a_recorded_basis_nobody_is_invited(db: Session, tmp_path: Path, now: datetime) -> None:
    hands = open_hands(db, tmp_path, now=now, with_basis=False)
    with pytest.raises(GiftsOff):
        an_invitation(db, hands, now=now)
    assert reads.holders_without_basis(db) == [(hands.holder_id, "示例财政局")]
    assert [todo.url for todo in reads.gift_todos(db, hands.head, now=now)] == ["/finance/gifts/basis"]
    a_basis(db, hands, now=now)
    an_invitation(db, hands, now=now)
    assert reads.gift_todos(db, hands.head, now=now) == []


def test_a_withdrawn_basis_turns_checkout_off_for_invitations_already_sent(
    db: Session, hands: Hands, now: datetime
) -> None:
    issued = an_invitation(db, hands, now=now)
    standing = reads.basis_of(db, hands.holder_id)
    assert standing is not None
    gifts.withdraw_basis(db, hands.head, standing.id, reason="资格到期", now=now)
    assert not reads.given(db, issued.token, now=now).is_on
    with pytest.raises(GiftsOff):
        giving.intend(db, issued.token, a_wish(), now=now)


def test_a_new_basis_takes_the_place_of_the_old_one(db: Session, hands: Hands, now: datetime) -> None:
    second = a_basis(db, hands, now=now, document_no="示例民政〔2026〕9号")
    assert [one.state for one in reads.bases(db, hands.holder_id)].count(BasisState.STANDING) == 1
    standing = reads.basis_of(db, hands.holder_id)
    assert standing is not None
    assert standing.id == second
    again = GiftBasis(
        holder_id=hands.holder_id, document_no="第二份", dated_on=date(2026, 1, 1), document_id=standing.document_id,
        recorded_at=now,
    )  # fmt: skip
    db.add(again)
    with pytest.raises(IntegrityError):
        db.flush()


def test_who_may_record_a_basis(db: Session, hands: Hands, now: datetime) -> None:
    operator = an_organization(db, Function.OPERATOR, now=now, name="示例运营单位")
    system_admin = actor_of(db, a_person(db, operator, Role.SYSTEM_ADMIN, now=now), operator)
    a_basis(db, hands, now=now, actor=system_admin)
    with pytest.raises(Forbidden):
        a_basis(db, hands, now=now, actor=hands.accountant)
    elsewhere = an_organization(db, Function.FINANCE_OFFICE, now=now, name="另一财政局")
    stranger = actor_of(db, a_person(db, elsewhere, Role.HEAD, now=now), elsewhere)
    with pytest.raises(Forbidden):
        a_basis(db, hands, now=now, actor=system_admin_without_roles(system_admin))
    with pytest.raises((NotFound, Forbidden)):
        a_basis(db, hands, now=now, actor=stranger)


def system_admin_without_roles(actor: Actor) -> Actor:
    return Actor(person_id=actor.person_id, organization_id=actor.organization_id, functions=actor.functions)


def test_a_basis_has_its_paper_its_day_and_a_holder_that_keeps_money(db: Session, hands: Hands, now: datetime) -> None:
    new = NewBasis(holder_id=hands.holder_id, document_no="3号", dated_on=date(2026, 3, 2))
    with pytest.raises(NoBasisPaper):
        gifts.record_basis(db, hands.storage, hands.head, new, None, name="", limit_bytes=1, now=now)
    with pytest.raises(FutureBasis):
        a_basis(db, hands, now=now, dated_on=date(2026, 3, 3))
    with pytest.raises(NoHolder):
        a_basis(db, hands, now=now, actor=SYSTEM, holder_id=hands.office.buyer_id)


def test_only_the_accountant_of_the_holder_invites(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    elsewhere = an_organization(db, Function.FINANCE_OFFICE, now=now, name="另一财政局")
    stranger = actor_of(db, a_person(db, elsewhere, Role.ACCOUNTANT, now=now), elsewhere)
    for actor, refusal in ((hands.office.cashier, Forbidden), (hands.head, Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            gifts.revoke(db, actor, issued.invitation_id, reason="试", now=now)
        with pytest.raises(refusal):
            gifts.renew(db, SAFE, actor, issued.invitation_id, date(2026, 4, 1), now=now)


def test_only_donated_money_at_the_gateway_is_asked_for(db: Session, hands: Hands, now: datetime) -> None:
    in_bank = a_fund(db, hands.office, SourceKind.DONATION, now=now)
    with pytest.raises(NotForGifts):
        an_invitation(db, hands, now=now, fund_id=in_bank)
    with pytest.raises(NotForGifts):
        an_invitation(db, hands, now=now, fund_id=a_fund(db, hands.office, SourceKind.UNION, now=now))
    commands.close_fund(db, hands.accountant, hands.fund_id, reason="项目结束", now=now)
    with pytest.raises(NotOpenForGifts):
        an_invitation(db, hands, now=now)
    over = a_fund(db, hands.office, SourceKind.DONATION, now=now, custody=Custody.GATEWAY, expires_on=date(2026, 3, 1))
    with pytest.raises(NotOpenForGifts):
        an_invitation(db, hands, now=now, fund_id=over)


@pytest.mark.parametrize("days", [-1, 0, INVITED_DAYS_MAX + 1])
def test_an_invitation_ends_on_a_day_that_can_be_overseen(db: Session, hands: Hands, now: datetime, days: int) -> None:
    with pytest.raises(BadExpiry):
        an_invitation(db, hands, now=now, expires_on=date(2026, 3, 2) + timedelta(days=days))


@pytest.mark.parametrize("amount_fen", [1, 99, GIFT_FEN_MAX + 1])
def test_an_amount_the_gateway_does_not_take_is_refused_when_suggested_and_when_given(
    db: Session, hands: Hands, now: datetime, amount_fen: int
) -> None:
    with pytest.raises(GiftOutOfBounds) as refused:
        an_invitation(db, hands, now=now, suggested_fen=amount_fen)
    assert refused.value.field == "suggested_fen"
    issued = an_invitation(db, hands, now=now, suggested_fen=None)
    with pytest.raises(GiftOutOfBounds) as refused:
        giving.intend(db, issued.token, a_wish(amount_fen), now=now)
    assert refused.value.field == "amount_fen"


def test_the_agreement_is_the_funds_clause_unless_other_words_were_agreed(
    db: Session, hands: Hands, now: datetime
) -> None:
    issued = an_invitation(db, hands, now=now)
    assert reads.given(db, issued.token, now=now).agreement == "只用于留守儿童假期托管"
    other = an_invitation(db, hands, now=now, agreement="用于井河镇托管点的午餐")
    assert reads.given(db, other.token, now=now).agreement == "用于井河镇托管点的午餐"


def test_a_token_stands_in_no_table_in_clear_and_leads_nowhere_once_replaced(
    db: Session, hands: Hands, now: datetime
) -> None:
    issued = an_invitation(db, hands, now=now)
    link = db.scalars(select(GiftLink)).one()
    assert issued.token.encode() not in link.token_digest + (link.sealed or b"")
    assert reads.gift_link_token(db, SAFE, link.id, now=now) == issued.token
    again = gifts.renew(db, SAFE, hands.accountant, issued.invitation_id, date(2026, 5, 1), now=now)
    with pytest.raises(NotFound):
        reads.given(db, issued.token, now=now)
    with pytest.raises(NotFound):
        giving.intend(db, issued.token, a_wish(), now=now)
    assert reads.gift_link_token(db, SAFE, link.id, now=now) is None
    gifts.forget_gift_token(db, db.scalars(select(GiftLink.id).where(GiftLink.ended_at.is_(None))).one())
    assert reads.given(db, again.token, now=now).state is InvitationState.OPEN
    with pytest.raises(NotFound):
        giving.intend(db, "an-invented-secret", a_wish(), now=now)


def test_an_invitation_is_over_by_the_clock_though_no_job_has_run(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now, expires_on=date(2026, 3, 10))
    last_moment = datetime.fromisoformat("2026-03-10T23:59:59.999+08:00")
    after = datetime.fromisoformat("2026-03-11T00:00:00+08:00")
    assert reads.given(db, issued.token, now=last_moment).state is InvitationState.OPEN
    assert reads.given(db, issued.token, now=after).state is InvitationState.LAPSED
    with pytest.raises(InvitationOver):
        giving.intend(db, issued.token, a_wish(), now=after)
    assert gifts.lapse_due(db, now=last_moment) == 0
    assert gifts.lapse_due(db, now=after) == 1
    assert gifts.lapse_due(db, now=after) == 0
    assert [todo.params["count"] for todo in reads.gift_todos(db, hands.accountant, now=after)] == ["1"]
    gifts.renew(db, SAFE, hands.accountant, issued.invitation_id, date(2026, 4, 10), now=after)
    assert db.get_one(GiftInvitation, issued.invitation_id).state is InvitationState.OPEN


def test_a_revoked_invitation_takes_no_payment(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    gifts.revoke(db, hands.accountant, issued.invitation_id, reason="写错了人", now=now)
    with pytest.raises(InvitationRevoked):
        giving.intend(db, issued.token, a_wish(), now=now)
    with pytest.raises(IllegalMove):
        gifts.renew(db, SAFE, hands.accountant, issued.invitation_id, date(2026, 4, 1), now=now)


def test_the_same_wish_twice_is_one_attempt_and_another_wish_waits(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    first = giving.intend(db, issued.token, a_wish(), now=now)
    again = giving.intend(db, issued.token, a_wish(), now=now + timedelta(seconds=1))
    assert (again.payment_id, again.key, again.ends_at) == (first.payment_id, first.key, first.ends_at)
    with pytest.raises(GiftUnderWay):
        giving.intend(db, issued.token, a_wish(30_000), now=now)
    giving.refused(db, first.payment_id, reason="amount_too_small", now=now)
    assert giving.intend(db, issued.token, a_wish(30_000), now=now).payment_id != first.payment_id


def test_two_attempts_of_one_invitation_are_never_under_way_together(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    first = giving.intend(db, issued.token, a_wish(), now=now)
    second = GiftPayment(
        invitation_id=issued.invitation_id, fund_id=hands.fund_id, amount_fen=1, donor="某", disclose=True,
        idempotency_key="another", intended_at=now, ends_at=now,
    )  # fmt: skip
    db.add(second)
    with pytest.raises(IntegrityError):
        db.flush()
    assert first.state is GiftState.INTENDED


def test_an_unknown_outcome_is_asked_again_under_the_same_key(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = giving.intend(db, issued.token, a_wish(), now=now)
    giving.lost(db, intent.payment_id, now=now)
    giving.lost(db, intent.payment_id, now=now)
    later = now + timedelta(minutes=5)
    assert reads.gifts_to_ask(db, now=now) == []
    assert reads.gifts_to_ask(db, now=later) == [intent.payment_id]
    again = giving.intend(db, issued.token, a_wish(), now=later)
    assert (again.key, again.state) == (intent.key, GiftState.UNKNOWN)
    giving.opened(db, intent.payment_id, session_id="cs_1", url="https://pay.example.com/1", now=later)
    giving.opened(db, intent.payment_id, session_id="cs_1", url="https://pay.example.com/1", now=later)
    with pytest.raises(GiftDiffers):
        giving.opened(db, intent.payment_id, session_id="cs_2", url="https://pay.example.com/2", now=later)
    assert reads.given(db, issued.token, now=later).checkout_url == "https://pay.example.com/1"


def test_an_attempt_never_seen_at_the_gateway_is_given_up(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = giving.intend(db, issued.token, a_wish(), now=now)
    giving.given_up(db, intent.payment_id, now=now)
    assert reads.gift(db, intent.payment_id).state is GiftState.LAPSED
    giving.given_up(db, intent.payment_id, now=now)
    for verb in (giving.lost, giving.given_up):
        with pytest.raises(NotFound):
            verb(db, uuid4(), now=now)


def test_an_installation_without_a_gateway_says_so() -> None:
    assert "没有接通" in str(GatewayOff())
