"""The centre checks item by item, qualifies on a record, suspends and reinstates; time and debarments end readiness."""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.journal.queries import of_thing
from marketplace.kit.actor import SYSTEM, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound, Several, Stale
from marketplace.suppliers import commands, queries
from marketplace.suppliers.model import ReadinessKind, SupplierDecision
from marketplace.suppliers.rules.readiness import ExpiryMissing, ItemOpen
from marketplace.suppliers.rules.refusals import DaysReversed, ForeignProof, LiftedAlready, ReasonMissing
from marketplace.suppliers.schemas import Demands, NewCheck, NewDebarment
from marketplace.suppliers.states import CheckResult, Lamp, SupplierState, Why
from tests.suppliers.shelf import (
    ALL,
    CENTRE_PROOFS,
    TODAY,
    a_draft,
    a_qualified,
    a_submitted,
    attach,
    centre,
    check_all,
    of,
    passed,
    view,
)

YEAR = timedelta(days=366)


def whys(db: Session, organization: object, day: date = TODAY, demands: Demands | None = None) -> list[tuple[Why, str]]:
    found = queries.is_ready(db, organization, day, demands or Demands())  # type: ignore[arg-type] # a UUID
    return [(one.why, one.kind) for one in found]


def test_every_item_names_its_legal_basis_and_what_nobody_has_compared_is_marked(db: Session) -> None:
    rows = {row.code: row for row in db.scalars(select(ReadinessKind))}
    assert len(rows) == 14
    assert all(row.basis and row.name_en and row.hint_en for row in rows.values())
    assert not rows["abnormal_list"].confirmed
    assert rows["minors_check"].confirmed
    assert "第六十二条" in rows["minors_check"].basis
    assert {code for code, row in rows.items() if row.applies == "always" and row.proof_by == "centre"} == {
        "dishonest_list", "procurement_list"
    }  # fmt: skip


def test_rows_without_a_result_are_passed_over_and_wrong_ones_told_by_row(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor, clerk = a_submitted(db, tmp_path, now=now), centre(db, now=now)
    rows = [NewCheck(kind="scope"), NewCheck(kind="bank", result=CheckResult.PASSED), passed("horoscope"),
            passed("certificate", valid_to=None)]  # fmt: skip
    with pytest.raises(Several) as caught:
        commands.check(db, clerk, of(actor), rows, now=now)
    assert [error.field for error in caught.value.errors] == ["checks-1-source", "checks-2-kind", "checks-3-valid_to"]
    assert isinstance(caught.value.errors[2], ExpiryMissing)
    assert commands.check(db, clerk, of(actor), rows[:1], now=now) == 0


def test_a_check_stands_on_the_newest_proof_and_names_its_digest(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk, other = a_submitted(db, tmp_path, now=now), centre(db, now=now), a_submitted(db, tmp_path, 2, now=now)
    newest = attach(db, tmp_path, actor, of(actor), "scope", now=now + timedelta(hours=1))
    commands.check(db, clerk, of(actor), [passed("scope")], now=now + timedelta(hours=2))
    item = {one.code: one for one in view(db, actor).items}["scope"]
    assert item.check is not None
    assert (item.check.proof_id, item.check.proof_sha256) == (newest, item.proofs[0].document.sha256)
    assert item.check.checked_by == clerk.person_id
    foreign = {one.code: one for one in view(db, other).items}["scope"].proofs[0].id
    for wrong in (foreign, {one.code: one for one in view(db, actor).items}["bank"].proofs[0].id):
        with pytest.raises(ForeignProof):
            commands.check(db, clerk, of(actor), [passed("scope", proof_id=wrong)], now=now)


def test_an_open_item_stops_a_qualification_and_each_is_named(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk = a_submitted(db, tmp_path, now=now), centre(db, now=now)
    with pytest.raises(Several) as caught:
        commands.qualify(db, clerk, of(actor), revision=None, now=now)
    assert {error.field for error in caught.value.errors} == {f"item-{kind}" for kind in ALL}
    check_all(db, tmp_path, clerk, of(actor), now=now)
    failed = NewCheck(kind="scope", result=CheckResult.FAILED, source="章程", note="不含托管服务")
    commands.check(db, clerk, of(actor), [failed], now=now)
    with pytest.raises(ItemOpen) as one:
        commands.qualify(db, clerk, of(actor), revision=None, now=now)
    assert one.value.params == {"item": "业务范围涵盖所报服务", "lamp": "不符合"}


def test_a_qualification_keeps_what_was_checked_by_whom_and_until_when(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor, clerk = a_submitted(db, tmp_path, now=now), centre(db, now=now)
    check_all(db, tmp_path, clerk, of(actor), now=now)
    with pytest.raises(Stale):
        commands.qualify(db, clerk, of(actor), revision=99, now=now)
    commands.qualify(db, clerk, of(actor), revision=view(db, actor).revision, now=now)
    found = view(db, actor)
    assert (found.state, found.valid_to) == (SupplierState.QUALIFIED, date(2026, 5, 31))  # the yearly report ends first
    kept = db.scalars(select(SupplierDecision).order_by(SupplierDecision.n.desc())).first()
    assert kept is not None
    assert {check["kind"] for check in kept.checks} == set(ALL)
    assert all(len(check["sha256"]) == 64 for check in kept.checks)
    assert kept.person_id == clerk.person_id
    assert "supplier.qualified" in [entry.act for entry in of_thing(db, "supplier", of(actor))]
    assert whys(db, of(actor)) == []


def test_readiness_compares_the_day_and_never_the_state_alone(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    assert whys(db, of(actor), date(2026, 5, 31)) == []
    assert whys(db, of(actor), date(2026, 6, 1)) == [(Why.EXPIRED, "annual_report")]
    assert view(db, actor).state is SupplierState.QUALIFIED


def test_a_qualification_expires_by_itself_and_comes_back_when_all_is_right_again(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor, clerk = a_qualified(db, tmp_path, now=now), centre(db, now=now)
    assert commands.expire_due(db, now=now + timedelta(days=90)) == 0
    later = now + timedelta(days=91)
    assert commands.expire_due(db, now=later) == 1
    assert commands.expire_due(db, now=later) == 0
    day = date(2026, 6, 1)
    assert whys(db, of(actor), day) == [(Why.NOT_QUALIFIED, ""), (Why.EXPIRED, "annual_report")]
    with pytest.raises(ReasonMissing):
        commands.reinstate(db, clerk, of(actor), reason=" ", now=later)
    with pytest.raises(ItemOpen):
        commands.reinstate(db, clerk, of(actor), reason="已补交", now=later)
    attach(db, tmp_path, actor, of(actor), "annual_report", now=later)
    [line] = queries.queue(db, clerk)
    assert (line.items, line.change_id) == (("最近一次年检（年报）合格",), None)
    commands.check(db, clerk, of(actor), [passed("annual_report")], now=later)
    assert queries.queue(db, clerk) == []
    found = view(db, actor, day)
    assert (found.state, found.valid_to) == (SupplierState.QUALIFIED, date(2027, 3, 2))


def test_services_with_minors_need_background_checks_every_year(db: Session, tmp_path: Path, now: datetime) -> None:
    plain, careful = a_qualified(db, tmp_path, now=now), a_qualified(db, tmp_path, 2, serves_minors=True, now=now)
    minors = Demands(minors=True)
    assert whys(db, of(plain), TODAY) == []
    assert whys(db, of(plain), TODAY, minors) == [(Why.UNCHECKED, "minors_check")]
    assert whys(db, of(careful), TODAY, minors) == []
    assert (Why.EXPIRED, "minors_check") in whys(db, of(careful), TODAY + YEAR, minors)


def test_a_project_may_demand_more_and_an_uncovered_service_warns_without_blocking(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    assert whys(db, of(actor), TODAY, Demands(also=("insurance",))) == [(Why.UNCHECKED, "insurance")]
    assert whys(db, of(actor), TODAY, Demands(service="A0401")) == []
    [missing] = queries.is_ready(db, of(actor), TODAY, Demands(service="A0702"))
    assert (missing.why, missing.blocks) == (Why.SERVICE_NOT_COVERED, False)
    assert missing.text.format(**missing.params).endswith("。")


def test_who_is_unknown_or_not_qualified_is_not_ready(db: Session, now: datetime) -> None:
    assert whys(db, uuid4()) == [(Why.NOT_REGISTERED, "")]
    assert (Why.NOT_QUALIFIED, "") in whys(db, of(a_draft(db, now=now)))


def test_a_suspension_needs_a_head_and_a_reason_and_so_does_its_end(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, clerk, head = a_qualified(db, tmp_path, now=now), centre(db, now=now), centre(db, Role.HEAD, now=now)
    with pytest.raises(Forbidden):
        commands.suspend(db, clerk, of(actor), reason="履约异常", now=now)
    with pytest.raises(ReasonMissing):
        commands.suspend(db, head, of(actor), reason="", now=now)
    commands.suspend(db, head, of(actor), reason="履约异常", now=now)
    assert whys(db, of(actor)) == [(Why.NOT_QUALIFIED, "")]
    with pytest.raises(Forbidden):
        commands.reinstate(db, clerk, of(actor), reason="已整改", now=now)
    commands.reinstate(db, head, of(actor), reason="已整改", now=now)
    assert whys(db, of(actor)) == []
    with pytest.raises(IllegalMove):
        commands.reinstate(db, head, of(actor), reason="已整改", now=now)


def test_a_debarment_blocks_from_its_first_day_to_its_last(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, head = a_qualified(db, tmp_path, now=now), centre(db, Role.HEAD, now=now)
    new = NewDebarment(source="示例区财政局", reason="提供虚假材料", from_on=date(2026, 3, 10), to_on=date(2026, 4, 10))
    wrong = NewDebarment(source="示例", reason="虚假", from_on=TODAY, to_on=date(2026, 3, 1))
    with pytest.raises(DaysReversed):
        commands.debar(db, head, of(actor), wrong, now=now)
    with pytest.raises(NotFound):
        commands.debar(db, head, uuid4(), new, now=now)
    with pytest.raises(Forbidden):
        commands.debar(db, actor, of(actor), new, now=now)
    first = commands.debar(db, head, of(actor), new, now=now)
    expected = {date(2026, 3, 9): [], date(2026, 3, 10): [Why.DEBARRED], date(2026, 4, 10): [Why.DEBARRED],
                date(2026, 4, 11): []}  # fmt: skip
    assert {day: [why for why, _ in whys(db, of(actor), day)] for day in expected} == expected
    public = queries.public_page(db, of(actor), on_day=date(2026, 3, 10))
    assert (public.debarred, public.debarred_to, public.debarred_by) == (True, date(2026, 4, 10), "示例区财政局")
    with pytest.raises(ReasonMissing):
        commands.lift(db, head, first, reason="", now=now)
    commands.lift(db, head, first, reason="复议撤销", now=now)
    with pytest.raises(LiftedAlready):
        commands.lift(db, head, first, reason="复议撤销", now=now)
    with pytest.raises(NotFound):
        commands.lift(db, head, uuid4(), reason="复议撤销", now=now)
    assert whys(db, of(actor), date(2026, 3, 10)) == []
    assert [one.in_force for one in queries.debarments(db, of(actor), on_day=date(2026, 3, 10))] == [False]


def test_an_endless_debarment_blocks_until_it_is_lifted(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, head = a_qualified(db, tmp_path, now=now), centre(db, Role.HEAD, now=now)
    commands.debar(db, head, of(actor), NewDebarment(source="示例", reason="虚假材料", from_on=TODAY), now=now)
    assert (Why.DEBARRED, "") in whys(db, of(actor), date(2050, 1, 1))


def test_the_table_refuses_what_the_rules_refuse(db: Session, tmp_path: Path, now: datetime) -> None:
    a_qualified(db, tmp_path, now=now)
    insert = (
        "INSERT INTO supplier_check (id, n, organization_id, kind, result, source, checked_on, valid_to, note,"
        " proof_id, proof_sha256, checked_at) SELECT gen_random_uuid(), 99, organization_id, kind, {result}, {source},"
        " checked_on, {end}, {note}, {proof}, proof_sha256, checked_at FROM supplier_check WHERE kind = 'scope'"
    )
    good = {"result": "'passed'", "source": "'x'", "end": "NULL", "note": "''", "proof": "proof_id"}
    for change in (
        {"source": "''"},
        {"end": "checked_on - 1"},
        {"result": "'failed'"},
        {"proof": "gen_random_uuid()"},
        {"proof": "NULL"},
        {"proof": "(SELECT proof_id FROM supplier_check WHERE kind = 'bank')"},
    ):
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(text(insert.format(**{**good, **change})))
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text("UPDATE supplier SET rating_grade = 3"))
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text("UPDATE supplier SET bank_sealed = NULL, bank_last4 = ''"))
    db.execute(text(insert.format(**good)))


def test_lamps_show_each_item_and_the_public_sees_the_outcome_alone(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    lamps = {item.code: item.lamp for item in view(db, actor, date(2026, 5, 20)).items}
    assert (lamps["certificate"], lamps["annual_report"], lamps["insurance"]) == (Lamp.GREEN, Lamp.AMBER, Lamp.GREY)
    public = queries.public_page(db, of(actor), on_day=TODAY)
    assert len(public.items) == 2 + len(CENTRE_PROOFS)
    assert "6222" not in repr(public)
    assert "代表1" not in repr(public)
    assert "联络1" not in repr(public)
    assert "0826-200" not in repr(public)
    assert queries.supplier(db, SYSTEM, of(actor), on_day=TODAY).bank_last4 == "1234"
