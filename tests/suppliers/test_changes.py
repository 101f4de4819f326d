"""Reviewed data change only by a second look; the old ones hold until then."""

from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.identity.queries import organization
from marketplace.kit.errors import IllegalMove, NotFound, Stale
from marketplace.suppliers import commands, queries
from marketplace.suppliers.model import SupplierChange
from marketplace.suppliers.rules.refusals import NothingChanged, PayeeDiffers, ReasonMissing, SelfQualified
from marketplace.suppliers.schemas import Bank
from marketplace.suppliers.states import ChangeState, ChangeSubject
from tests.identity.town import SAFE
from tests.suppliers.shelf import a_draft, a_profile, a_qualified, centre, of, view

NEW_BANK = Bank(bank_name="示例银行城南支行", account_name="示例社会工作服务中心1", account_number="62220000 99998888")


def test_a_change_waits_and_the_old_data_hold_until_it_is_accepted(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk = a_qualified(db, tmp_path, now=now), centre(db, now=now)
    new = a_profile(db, actor, name="示例晨光服务中心", services=("A04", "A10"))
    change = commands.propose(db, actor, of(actor), new, reason="名称已变更登记", now=now)
    assert view(db, actor).profile.name == "示例社会工作服务中心1"
    [seen] = view(db, actor).changes
    assert {field: (before, after) for field, before, after in seen.fields} == {
        "name": ("示例社会工作服务中心1", "示例晨光服务中心"), "services": ("A04", "A04、A10")
    }  # fmt: skip
    [line] = queries.queue(db, clerk)
    assert (line.change_id, line.subject) == (change, ChangeSubject.PROFILE)
    commands.accept_change(db, SAFE, clerk, change, revision=1, now=now)
    assert view(db, actor).profile.name == organization(db, of(actor)).name == "示例晨光服务中心"
    assert queries.directory(db, on_day=now.date(), search="晨光").total == 1
    with pytest.raises(IllegalMove):
        commands.withdraw_change(db, actor, change, now=now)


def test_an_open_change_is_written_anew_and_the_centre_decides_on_what_it_read(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor, clerk = a_qualified(db, tmp_path, now=now), centre(db, now=now)
    first = commands.propose(db, actor, of(actor), a_profile(db, actor, address="示例路 1 号"), now=now)
    with pytest.raises(ReasonMissing):
        commands.return_change(db, clerk, first, reason=" ", revision=1, now=now)
    commands.return_change(db, clerk, first, reason="请写明门牌", revision=1, now=now)
    assert commands.propose(db, actor, of(actor), a_profile(db, actor, address="示例路 2 号"), now=now) == first
    with pytest.raises(Stale):
        commands.accept_change(db, SAFE, clerk, first, revision=1, now=now)
    commands.accept_change(db, SAFE, clerk, first, revision=2, now=now)
    assert view(db, actor).profile.address == "示例路 2 号"


def test_another_account_is_paid_to_only_after_review(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk = a_qualified(db, tmp_path, now=now), centre(db, now=now)
    change = commands.propose_bank(db, SAFE, actor, of(actor), NEW_BANK, now=now)
    assert queries.payee(db, SAFE, of(actor)).account_number == "6222000000001234"
    assert "99998888" not in db.execute(text("SELECT supplier_change::text FROM supplier_change")).scalar_one()
    commands.accept_change(db, SAFE, clerk, change, revision=None, now=now)
    paid_to = queries.payee(db, SAFE, of(actor))
    assert (paid_to.account_number, paid_to.bank_name) == ("6222000099998888", "示例银行城南支行")
    with pytest.raises(NothingChanged):
        commands.propose_bank(db, SAFE, actor, of(actor), NEW_BANK, now=now)
    with pytest.raises(PayeeDiffers):
        commands.propose_bank(
            db, SAFE, actor, of(actor), Bank(bank_name="某行", account_name="赵六", account_number="12345678"), now=now
        )  # fmt: skip


def test_what_changes_nothing_is_not_put_to_review(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    with pytest.raises(NothingChanged):
        commands.propose(db, actor, of(actor), a_profile(db, actor), now=now)


def test_before_the_first_review_there_is_nothing_to_change(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    with pytest.raises(IllegalMove):
        commands.propose(db, actor, of(actor), a_profile(db, actor, address="示例路"), now=now)


def test_nobody_accepts_their_own_change_nor_anothers_organizations(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, other, clerk = a_qualified(db, tmp_path, now=now), a_draft(db, 2, now=now), centre(db, now=now)
    change = commands.propose(db, actor, of(actor), a_profile(db, actor, address="示例路 1 号"), now=now)
    for who, what in ((other, change), (actor, uuid4()), (clerk, uuid4())):
        with pytest.raises(NotFound):
            commands.withdraw_change(db, who, what, now=now)
    with pytest.raises(NotFound):
        commands.accept_change(db, SAFE, clerk, uuid4(), revision=None, now=now)
    row = db.get_one(SupplierChange, change)
    kept, row.proposed_by = row.proposed_by, clerk.person_id
    db.flush()
    with pytest.raises(SelfQualified):
        commands.accept_change(db, SAFE, clerk, change, revision=None, now=now)
    db.refresh(row)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text("UPDATE supplier_change SET decided_by = proposed_by"))
    row.proposed_by = kept
    commands.withdraw_change(db, actor, change, now=now)
    assert [one.state for one in view(db, actor).changes] == [ChangeState.WITHDRAWN]
    assert commands.propose(db, actor, of(actor), a_profile(db, actor, address="示例路 3 号"), now=now) != change


def test_a_renamed_organizations_pending_account_is_refused(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk = a_qualified(db, tmp_path, now=now), centre(db, now=now)
    bank = commands.propose_bank(db, SAFE, actor, of(actor), NEW_BANK, now=now)
    name = commands.propose(db, actor, of(actor), a_profile(db, actor, name="示例晨光服务中心"), now=now)
    commands.accept_change(db, SAFE, clerk, name, revision=None, now=now)
    with pytest.raises(PayeeDiffers):
        commands.accept_change(db, SAFE, clerk, bank, revision=None, now=now)
