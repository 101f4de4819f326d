"""An organization registers by itself, fills in its data, and hands in; nobody decides on their own application."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from marketplace.catalogue import commands as catalogue
from marketplace.catalogue.schemas import NewEdition, NewItem
from marketplace.db.base import Database
from marketplace.identity.commands import sign_in
from marketplace.identity.commands.organizations import AlreadyRegistered
from marketplace.identity.commands.people import LoginTaken
from marketplace.identity.credentials.passwords import WeakPassword
from marketplace.identity.model import Organization
from marketplace.identity.queries import organization
from marketplace.identity.schemas import SignedIn
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound, Several, Stale
from marketplace.outbox.model import Message
from marketplace.suppliers import commands, queries
from marketplace.suppliers.model import Supplier, SupplierCheck
from marketplace.suppliers.rules.codes import MayNotSupply, NatureNotFitting, NotDeclared, WrongLength
from marketplace.suppliers.rules.readiness import ProofMissing
from marketplace.suppliers.rules.refusals import (
    BankMissing,
    PayeeDiffers,
    RatingHalf,
    ScopeMissing,
    SelfQualified,
    ServicesMissing,
    UnknownItem,
    UnknownService,
)
from marketplace.suppliers.schemas import Bank
from marketplace.suppliers.states import Nature, SupplierAction, SupplierState
from tests.identity.town import PASSWORD, SAFE, a_person, an_actor, an_organization
from tests.suppliers.shelf import (
    OWN_PROOFS,
    a_bank,
    a_draft,
    a_profile,
    a_qualified,
    a_registration,
    a_submitted,
    attach,
    centre,
    check_all,
    complete,
    of,
    view,
)


def topics(db: Session) -> list[str]:
    return [topic for topic in db.scalars(select(Message.topic).order_by(Message.n)) if topic.startswith("suppliers.")]


def refusals(error: DomainError) -> set[type]:
    return {type(one) for one in (error.errors if isinstance(error, Several) else (error,))}


def test_whoever_registers_may_sign_in_at_once_and_finds_a_draft(db: Session, now: datetime) -> None:
    actor = a_draft(db, uscc="　５２５１１６０２ｍｊｘ０００００１" + a_registration(1).uscc[-1], now=now)
    found = view(db, actor)
    assert (found.state, found.uscc, found.profile.region) == (SupplierState.DRAFT, a_registration(1).uscc, "511602")
    assert organization(db, of(actor)).functions == {Function.SUPPLIER}
    assert actor.roles == {Role.CLERK, Role.HEAD}
    assert isinstance(sign_in(db, SAFE, "OFFICE1@example.com", PASSWORD, device="", now=now), SignedIn)
    assert topics(db) == ["suppliers.registered"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"uscc": "5251"}, {WrongLength}),
        ({"uscc": "5251", "declared": False, "password": "短"}, {WrongLength, NotDeclared, WeakPassword}),
        ({"nature": Nature.MASS_ORGANIZATION, "uscc": a_registration(1).uscc}, {MayNotSupply}),
        ({"nature": Nature.INSTITUTION_CLASS_ONE, "uscc": a_registration(1).uscc}, {MayNotSupply}),
        ({"nature": Nature.FOUNDATION, "uscc": a_registration(1).uscc}, {NatureNotFitting}),
        ({"rating_grade": 3}, {RatingHalf}),
        ({"rating_until": date(2028, 1, 1)}, {RatingHalf}),
    ],
)
def test_everything_wrong_with_a_registration_is_told_at_once(
    db: Session, now: datetime, changes: dict[str, Any], expected: set[type]
) -> None:
    with pytest.raises(DomainError) as caught:
        commands.register(db, SAFE, a_registration(1, **changes), now=now)
    assert refusals(caught.value) == expected
    assert db.scalar(select(Supplier.organization_id)) is None


def test_one_code_registers_once_and_one_login_belongs_to_one_person(db: Session, now: datetime) -> None:
    a_draft(db, 1, now=now)
    with pytest.raises(AlreadyRegistered):
        commands.register(db, SAFE, a_registration(1, contact_email="other@example.com"), now=now)
    with pytest.raises(LoginTaken) as taken:
        commands.register(db, SAFE, a_registration(2, contact_email="office1@example.com"), now=now)
    assert taken.value.field == "contact_email"


def test_a_barred_nature_is_refused_by_the_table_too(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text("UPDATE supplier SET nature = 'mass_organization'"))
    assert view(db, actor).profile.nature is Nature.SOCIAL_SERVICE_AGENCY


def test_an_organization_known_here_begins_by_its_own_people(db: Session, now: datetime) -> None:
    from marketplace.identity.queries import actor_of
    from marketplace.identity.states import OrganizationKind

    known = an_organization(
        db, Function.SUPPLIER, Function.DONOR, now=now, kind=OrganizationKind.SOCIAL_SERVICE_AGENCY, name="示例助学中心"
    )
    actor = actor_of(db, a_person(db, known, Role.CLERK, now=now), known)
    profile = a_registration(1, name="示例助学中心").profile
    with pytest.raises(NotDeclared):
        commands.begin(db, actor, known, profile, declared=False, now=now)
    commands.begin(db, actor, known, profile, declared=True, now=now)
    with pytest.raises(Stale):
        commands.begin(db, actor, known, profile, declared=True, now=now)
    with pytest.raises(NotFound):
        commands.begin(db, actor, uuid4(), profile, declared=True, now=now)
    assert view(db, actor).state is SupplierState.DRAFT


def test_a_draft_is_edited_and_two_editors_do_not_overwrite_each_other(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    first = view(db, actor).revision
    new = a_profile(db, actor, name="示例晨光服务中心", address="示例路 1 号")
    commands.edit(db, actor, of(actor), new, revision=first, now=now)
    found = view(db, actor)
    assert (found.profile.name, found.profile.address, found.revision) == ("示例晨光服务中心", "示例路 1 号", first + 1)
    assert db.get_one(Organization, of(actor)).pinyin == "shi li chen guang fu wu zhong xin"
    with pytest.raises(Stale):
        commands.edit(db, actor, of(actor), a_profile(db, actor, address="示例路 2 号"), revision=first, now=now)


def test_an_account_is_sealed_and_only_its_end_is_shown(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    commands.set_bank(db, SAFE, actor, of(actor), a_bank(db, actor), revision=None, now=now)
    assert view(db, actor).bank_last4 == "1234"
    dump = db.execute(text("SELECT supplier::text FROM supplier")).scalar_one()
    assert "6222000000001234" not in dump
    assert b"6222".hex() not in dump
    assert queries.payee(db, SAFE, of(actor)).account_number == "6222000000001234"
    wrong = Bank(bank_name="示例银行", account_name="王五", account_number="6222000000001234")
    with pytest.raises(PayeeDiffers):
        commands.set_bank(db, SAFE, actor, of(actor), wrong, revision=None, now=now)
    with pytest.raises(NotFound):
        queries.payee(db, SAFE, of(a_draft(db, 2, now=now)))


def test_what_an_application_lacks_is_listed_whole(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_draft(db, services=(), service_scope="", serves_minors=True, now=now)
    with pytest.raises(Several) as caught:
        commands.submit(db, actor, of(actor), revision=None, now=now)
    assert refusals(caught.value) == {ServicesMissing, ScopeMissing, BankMissing, ProofMissing}
    fields = {error.field for error in caught.value.errors}
    assert fields == {
        "services",
        "service_scope",
        "bank",
        "item-minors_check",
        *(f"item-{kind}" for kind in OWN_PROOFS),
    }


def test_an_application_goes_in_comes_back_with_a_reason_and_goes_in_again(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor, clerk = a_submitted(db, tmp_path, now=now), centre(db, now=now)
    with pytest.raises(IllegalMove):
        commands.edit(db, actor, of(actor), a_profile(db, actor, address="示例路 1 号"), revision=None, now=now)
    commands.send_back(db, clerk, of(actor), reason="章程缺少业务范围一页", now=now)
    found = view(db, actor)
    assert (found.state, found.returned_for) == (SupplierState.RETURNED, "章程缺少业务范围一页")
    attach(db, tmp_path, actor, of(actor), "scope", now=now)
    commands.submit(db, actor, of(actor), revision=found.revision, now=now)
    assert topics(db) == [f"suppliers.{word}" for word in ("registered", "submitted", "returned", "submitted")]
    assert [one.action for one in view(db, actor).decisions] == [
        SupplierAction.SUBMIT, SupplierAction.RETURN, SupplierAction.SUBMIT
    ]  # fmt: skip


def test_who_leaves_may_come_again_but_is_decided_on_anew(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    commands.withdraw(db, actor, of(actor), reason="暂停业务", now=now)
    with pytest.raises(IllegalMove):
        attach(db, tmp_path, actor, of(actor), "scope", now=now)
    commands.reopen(db, actor, of(actor), now=now)
    commands.submit(db, actor, of(actor), revision=None, now=now)
    found = view(db, actor)
    assert (found.state, found.qualified_at) == (SupplierState.SUBMITTED, None)


def test_nobody_qualifies_what_they_registered_or_handed_in(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk = a_submitted(db, tmp_path, now=now), centre(db, now=now)
    check_all(db, tmp_path, clerk, of(actor), now=now)
    row = db.get_one(Supplier, of(actor))
    for field in ("registered_by", "submitted_by"):
        kept = getattr(row, field)
        setattr(row, field, clerk.person_id)
        db.flush()
        with pytest.raises(SelfQualified):
            commands.qualify(db, clerk, of(actor), revision=None, now=now)
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(text("UPDATE supplier SET qualified_by = :who"), {"who": clerk.person_id})
        setattr(row, field, kept)
    commands.qualify(db, clerk, of(actor), revision=None, now=now)


def test_another_organizations_people_find_nothing(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, other = a_submitted(db, tmp_path, now=now), a_draft(db, 2, now=now)
    proof = view(db, actor).items[0].proofs[0].id
    profile = a_profile(db, other)
    for attempt in (
        lambda: queries.supplier(db, other, of(actor), on_day=date(2026, 3, 2)),
        lambda: queries.proof_document(db, other, of(actor), proof),
        lambda: queries.proof_document(db, other, of(other), proof),
        lambda: commands.edit(db, other, of(actor), profile, revision=None, now=now),
        lambda: commands.set_bank(db, SAFE, other, of(actor), a_bank(db, other), revision=None, now=now),
        lambda: commands.submit(db, other, of(actor), revision=None, now=now),
        lambda: commands.withdraw(db, other, of(actor), now=now),
        lambda: commands.remove_proof(db, other, of(actor), proof, now=now),
        lambda: commands.remove_proof(db, other, of(other), proof, now=now),
        lambda: commands.qualify(db, other, of(actor), revision=None, now=now),
        lambda: commands.send_back(db, other, of(actor), reason="不行", now=now),
        lambda: attach(db, tmp_path, other, of(actor), "scope", now=now),
    ):
        with pytest.raises(NotFound):
            attempt()
    own = view(db, actor).items[0].proofs[0]
    assert queries.proof_document(db, actor, of(actor), own.id) == own.document.id


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.EXPERT])
def test_a_role_without_the_right_is_told_so(db: Session, tmp_path: Path, now: datetime, role: Role) -> None:
    actor = a_submitted(db, tmp_path, now=now)
    staff = an_actor(db, role, functions=(Function.PROCURING_ENTITY,), now=now)
    with pytest.raises(Forbidden):
        commands.qualify(db, staff, of(actor), revision=None, now=now)
    with pytest.raises(Forbidden):
        queries.queue(db, staff)


def test_a_proof_is_handed_in_for_an_item_that_exists_and_taken_back_while_that_is_open(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor = a_draft(db, now=now)
    with pytest.raises(UnknownItem):
        attach(db, tmp_path, actor, of(actor), "horoscope", now=now)
    proof = attach(db, tmp_path, actor, of(actor), "scope", now=now)
    commands.remove_proof(db, actor, of(actor), proof, now=now)
    commands.remove_proof(db, actor, of(actor), proof, now=now)
    assert all(not item.proofs for item in view(db, actor).items)
    complete(db, tmp_path, actor, now=now)
    commands.submit(db, actor, of(actor), revision=None, now=now)
    with pytest.raises(IllegalMove):
        commands.remove_proof(db, actor, of(actor), view(db, actor).items[0].proofs[0].id, now=now)


def test_what_was_checked_and_decided_cannot_be_rewritten(db: Session, tmp_path: Path, now: datetime) -> None:
    a_qualified(db, tmp_path, now=now)
    for statement in (
        "UPDATE supplier_check SET note = 'x'",
        "DELETE FROM supplier_check",
        "UPDATE supplier_decision SET reason = 'x'",
        "DELETE FROM supplier_decision",
        "DELETE FROM supplier_change",
        "DELETE FROM debarment",
        "UPDATE readiness_kind SET confirmed = true",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(text(statement))
    assert db.scalar(select(SupplierCheck.checked_by)) is not None


def test_the_system_reads_everything(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    assert queries.supplier(db, SYSTEM, of(actor), on_day=date(2026, 3, 2)).uscc
    assert queries.todos(db, SYSTEM, now=now) == []


def test_a_service_that_the_catalogue_does_not_have_is_named(db: Session, now: datetime) -> None:
    codes = NewEdition(
        label="试行目录",
        items=(
            NewItem(code="A", level=1, parent="", name="公共服务"),
            NewItem(code="A04", level=2, parent="A", name="社会保障服务"),
        ),
    )
    catalogue.publish_edition(db, SYSTEM, catalogue.draft_edition(db, SYSTEM, codes, now=now), now=now)
    with pytest.raises(UnknownService) as unknown:
        a_draft(db, services=("A04", "A99", "B01"), now=now)
    assert unknown.value.params == {"codes": "A99、B01"}


def test_of_ten_at_once_with_one_code_exactly_one_registers(committing: Database, now: datetime) -> None:
    def attempt(number: int) -> str:
        new = a_registration(1, contact_email=f"office{number}@example.com")
        try:
            with committing.write() as session:
                commands.register(session, SAFE, new, now=now)
        except AlreadyRegistered:
            return "refused"
        return "registered"

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(attempt, range(10)))
    assert sorted(outcomes) == ["refused"] * 9 + ["registered"]


def test_of_two_qualifiers_at_once_one_qualifies(committing: Database, tmp_path: Path, now: datetime) -> None:
    with committing.write() as session:
        actor = a_submitted(session, tmp_path, now=now)
        clerks = [centre(session, now=now), centre(session, now=now)]
        check_all(session, tmp_path, clerks[0], of(actor), now=now)

    def attempt(clerk: Actor) -> str:
        try:
            with committing.write() as session:
                commands.qualify(session, clerk, of(actor), revision=None, now=now)
        except IllegalMove:
            return "refused"
        return "qualified"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, clerks)) == ["qualified", "refused"]
