"""A project from its draft to its end: what each verb writes, refuses and tells."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import at_legal
from marketplace.kit.errors import IllegalMove, NotFound, Several, Stale
from marketplace.outbox.model import Message
from marketplace.projects import commands, queries
from marketplace.projects.model import Condition, Criterion, Milestone, Notice, Project
from marketplace.projects.rules import TemplateCode, Times
from marketplace.projects.rules import refusals as no
from marketplace.projects.schemas import Amendment, NewFile, NewProject
from marketplace.projects.states import ConditionKind, FileKind, NoticeKind, ProjectState
from tests.projects.village import (
    Village,
    a_draft,
    a_paper,
    a_submitted,
    an_approved,
    an_open,
    closing,
    in_evaluation,
)

SECOND = timedelta(seconds=1)


def row_of(db: Session, project_id: UUID) -> Project:
    return db.get_one(Project, project_id)


def topics(db: Session) -> list[str]:
    return list(db.scalars(select(Message.topic).where(Message.topic.startswith("project.")).order_by(Message.n)))


def acts(db: Session, project_id: UUID) -> list[str]:
    query = select(JournalEntry.act).where(JournalEntry.thing_id == project_id).order_by(JournalEntry.n)
    return list(db.scalars(query))


def test_a_draft_begins_from_its_entry_and_template(db: Session, village: Village, now: datetime) -> None:
    new = NewProject(catalogue_code="A0404", title="  困境学生摸底核查  ", buyer_id=village.buyer_id)
    project = row_of(db, commands.draft(db, village.centre_clerk, new, now=now))
    plan = queries.plan_of(db, project)
    assert (project.title, project.number, project.state) == ("困境学生摸底核查", None, ProjectState.DRAFT)
    assert project.procuring_entity_id == village.centre_clerk.organization_id
    assert plan.procurement_code == "C05010600"
    assert plan.publish_on == date(2026, 3, 3)
    assert [row.share_bp for row in plan.milestones] == [3000, 4000, 3000]
    kinds = list(db.scalars(select(Condition.kind).where(Condition.project_id == project.id)))
    assert kinds.count(ConditionKind.GENERAL) == 6
    assert kinds.count(ConditionKind.MINORS) == 1


def test_a_template_may_be_chosen_and_a_heading_may_not(db: Session, village: Village, now: datetime) -> None:
    new = NewProject(catalogue_code="A0404", title="培训服务", template=TemplateCode.TRAINING)
    project = row_of(db, commands.draft(db, village.buyer_clerk, new, now=now))
    assert len(queries.plan_of(db, project).milestones) == 3
    with pytest.raises(no.NotInCatalogue):
        commands.draft(db, village.buyer_clerk, NewProject(catalogue_code="A04", title="整类"), now=now)
    with pytest.raises(NotFound):
        commands.draft(db, village.buyer_clerk, NewProject(catalogue_code="A9999", title="没有"), now=now)


def test_only_a_buyer_buys(db: Session, village: Village, now: datetime) -> None:
    with pytest.raises(no.NotABuyer):
        commands.draft(db, village.centre_clerk, NewProject(catalogue_code="A0404", title="自己买"), now=now)
    new = NewProject(catalogue_code="A0404", title="没有的单位", buyer_id=uuid4())
    with pytest.raises(NotFound):
        commands.draft(db, village.centre_clerk, new, now=now)


def test_a_copy_takes_the_words_and_leaves_money_answers_and_times(
    db: Session, village: Village, now: datetime
) -> None:
    source = an_open(db, village, now)
    later = now + timedelta(days=60)
    new = NewProject(catalogue_code="A0401", title="第二年托管", buyer_id=village.buyer_id, copy_from=source)
    copy = row_of(db, commands.draft(db, village.centre_clerk, new, now=later))
    old, plan = queries.plan_of(db, row_of(db, source)), queries.plan_of(db, copy)
    assert (plan.title, plan.need, plan.criteria) == ("第二年托管", old.need, old.criteria)
    assert (plan.funding, plan.budget_fen, plan.negative.hiring) == ((), None, None)
    assert plan.publish_on
    assert plan.publish_on > date(2026, 5, 1)
    assert old.service_from
    assert plan.service_from
    gaps = [(row.due_on or date.min) - old.service_from for row in old.milestones]
    assert [(row.due_on or date.min) - plan.service_from for row in plan.milestones] == gaps
    assert copy.round == 1


def test_the_copy_of_a_failed_project_is_its_second_round(db: Session, village: Village, now: datetime) -> None:
    failed = in_evaluation(db, village, now)
    after = closing(db, failed) + timedelta(hours=1)
    commands.fail(db, SYSTEM, failed, reason="响应不足三家", now=after)
    new = NewProject(catalogue_code="A0401", title="再次采购", buyer_id=village.buyer_id, copy_from=failed)
    again = row_of(db, commands.draft(db, village.centre_clerk, new, now=after))
    assert (again.round, again.previous_id) == (2, failed)


def test_anothers_draft_can_be_neither_seen_nor_copied(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    new = NewProject(catalogue_code="A0401", title="偷看", copy_from=draft)
    with pytest.raises(NotFound):
        commands.draft(db, village.stranger, new, now=now)
    for read in (
        lambda: queries.dossier(db, village.stranger, draft, now=now),
        lambda: queries.missing(db, village.stranger, draft, now=now),
        lambda: queries.project(db, draft, now=now),
        lambda: queries.dossier(db, village.supplier, draft, now=now),
    ):
        with pytest.raises(NotFound):
            read()


def test_an_edit_over_a_newer_version_is_stale(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    row = row_of(db, draft)
    plan, read = queries.plan_of(db, row), row.version
    assert commands.edit(db, village.buyer_clerk, draft, plan, version=read, now=now) == read + 1
    with pytest.raises(Stale):
        commands.edit(db, village.centre_clerk, draft, plan, version=read, now=now)
    assert set(row.drafter_ids) == {village.centre_clerk.person_id, village.buyer_clerk.person_id}


def test_a_plan_comes_back_as_it_was_written(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    row = row_of(db, draft)
    plan = queries.plan_of(db, row)
    commands.edit(db, village.centre_clerk, draft, plan, version=row.version, now=now)
    assert queries.plan_of(db, row) == plan


def test_submitting_gives_a_number_once(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    number = commands.submit(db, village.centre_clerk, draft, now=now)
    assert number.startswith("QT-2026-")
    commands.return_(db, village.buyer_head, draft, reason="请核实人数", now=now)
    assert commands.submit(db, village.centre_clerk, draft, now=now) == number
    assert acts(db, draft)[-3:] == ["project.submitted", "project.returned", "project.submitted"]


def test_a_lacking_draft_is_told_everything_and_stays_a_draft(db: Session, village: Village, now: datetime) -> None:
    new = NewProject(catalogue_code="A0401", title="空空如也", buyer_id=village.buyer_id)
    draft = commands.draft(db, village.centre_clerk, new, now=now)
    with pytest.raises(Several) as refused:
        commands.submit(db, village.centre_clerk, draft, now=now)
    fields = {one.field for one in refused.value.errors}
    assert {"budget_fen", "funding", "negative-hiring", "mandate", "opener_buyer_id"} <= fields
    assert row_of(db, draft).state is ProjectState.DRAFT
    assert row_of(db, draft).number is None


def test_a_return_keeps_what_was_and_shows_what_changed(db: Session, village: Village, now: datetime) -> None:
    project_id = an_approved(db, village, now)
    commands.return_(db, village.centre_head, project_id, reason="预算要调整", now=now)
    row = row_of(db, project_id)
    assert (row.state, row.approved_by, row.return_reason) == (ProjectState.DRAFT, None, "预算要调整")
    plan = msgspec.structs.replace(queries.plan_of(db, row), people_count=61)
    commands.edit(db, village.centre_clerk, project_id, plan, version=row.version, now=now)
    commands.submit(db, village.centre_clerk, project_id, now=now)
    shown = queries.dossier(db, village.buyer_head, project_id, now=now).differences
    assert [(one.field, one.before, one.after) for one in shown] == [("people_count", "60", "61")]


def test_publishing_opens_the_project_and_keeps_the_rules(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    row = row_of(db, project_id)
    assert (row.state, row.published_at, row.rules_version) == (ProjectState.OPEN, now, 1)
    assert row.publish_on == date(2026, 3, 2), "published a day before it was planned"
    assert [notice.kind for notice in queries.notices(db, project_id)] == [NoticeKind.TENDER]
    assert topics(db)[-3:] == ["project.submitted", "project.approved", "project.published"]
    assert queries.by_number(db, row.number or "") == project_id


def test_without_all_its_money_or_its_seal_nothing_is_published(db: Session, village: Village, now: datetime) -> None:
    project_id = an_approved(db, village, now)
    budget = row_of(db, project_id).budget_fen or 0
    with pytest.raises(no.NotReserved):
        commands.publish(db, village.centre_head, project_id, reserved_fen=budget - 1, sealed=True, now=now)
    with pytest.raises(no.NotSealed):
        commands.publish(db, village.centre_head, project_id, reserved_fen=budget, sealed=False, now=now)
    assert row_of(db, project_id).state is ProjectState.APPROVED


def test_a_late_publication_needs_later_times_and_may_bring_them(db: Session, village: Village, now: datetime) -> None:
    project_id = an_approved(db, village, now)
    budget, late = row_of(db, project_id).budget_fen or 0, now + timedelta(days=4)

    def publish(times: Times | None) -> None:
        commands.publish(db, village.centre_head, project_id, reserved_fen=budget, sealed=True, now=late, times=times)

    with pytest.raises(Several) as refused:
        publish(None)
    assert {one.code for one in refused.value.errors} == {"too_early"}
    with pytest.raises(no.OnlyLater):
        publish(Times(bids_due_at=at_legal(date(2026, 3, 9), 17)))
    publish(
        Times(
            documents_until=date(2026, 3, 11),
            bids_due_at=at_legal(date(2026, 3, 13), 17),
            opening_at=at_legal(date(2026, 3, 13), 18),
            result_on=date(2026, 3, 18),
        )
    )
    assert closing(db, project_id) == at_legal(date(2026, 3, 13), 17)


def test_a_correction_moves_times_later_and_is_written_down(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    due = closing(db, project_id)
    moved = Amendment(
        reason="澄清第三项的服务时间",
        bids_due_at=at_legal(date(2026, 3, 16), 17),
        opening_at=at_legal(date(2026, 3, 16), 18),
        result_on=date(2026, 3, 19),
    )
    commands.amend(db, village.centre_head, project_id, moved, now=now + timedelta(days=1))
    notice = queries.notices(db, project_id)[-1]
    assert notice.kind is NoticeKind.AMENDMENT
    assert [change.field for change in notice.changes] == ["bids_due_at", "opening_at", "result_on"]
    assert closing(db, project_id) > due
    assert topics(db)[-1] == "project.amended"


def test_a_correction_never_comes_too_late_or_brings_times_forward(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    due = closing(db, project_id)

    def amend(at: datetime, **given: Any) -> None:
        words = {"reason": "澄清服务内容的一处笔误"} | given
        commands.amend(db, village.centre_head, project_id, Amendment(**words), now=at)

    with pytest.raises(no.OnlyLater):
        amend(now, bids_due_at=due - SECOND)
    with pytest.raises(no.NothingAmended):
        amend(now, reason="更正")
    with pytest.raises(no.ExtendFirst) as refused:
        amend(due - timedelta(hours=1))
    assert refused.value.params["offered"] == "2026-03-11"
    with pytest.raises(no.DeadlinePassed):
        amend(due + SECOND)
    assert row_of(db, project_id).state is ProjectState.OPEN, "no job has run"


def test_nothing_closes_or_fails_before_its_deadline(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    due = closing(db, project_id)
    with pytest.raises(no.DeadlineNotReached):
        commands.close_for_opening(db, SYSTEM, project_id, now=due)
    with pytest.raises(no.DeadlineNotReached):
        commands.fail(db, SYSTEM, project_id, reason="没有响应", now=due)
    commands.close_for_opening(db, SYSTEM, project_id, now=due + SECOND)
    assert row_of(db, project_id).state is ProjectState.EVALUATION
    with pytest.raises(IllegalMove):
        commands.close_for_opening(db, SYSTEM, project_id, now=due + SECOND)


def test_a_failed_project_says_why_to_everybody(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    commands.fail(db, SYSTEM, project_id, reason="响应的供应商不足三家", now=closing(db, project_id) + SECOND)
    view = queries.project(db, project_id, now=now)
    assert (view.state, view.end_reason) == (ProjectState.UNSUCCESSFUL, "响应的供应商不足三家")
    assert view.notices[-1].kind is NoticeKind.UNSUCCESSFUL


def test_an_award_ends_the_evaluation(db: Session, village: Village, now: datetime) -> None:
    project_id = in_evaluation(db, village, now)
    commands.award(db, SYSTEM, project_id, now=now + timedelta(days=12))
    assert row_of(db, project_id).state is ProjectState.AWARDED
    for verb in (commands.award, commands.close_for_opening):
        with pytest.raises(IllegalMove):
            verb(db, SYSTEM, project_id, now=now + timedelta(days=12))
        with pytest.raises(NotFound):
            verb(db, SYSTEM, uuid4(), now=now)


def test_a_cancelled_draft_is_no_news_and_a_cancelled_notice_is(db: Session, village: Village, now: datetime) -> None:
    draft, opened = a_draft(db, village, now), an_open(db, village, now)
    for project_id in (draft, opened):
        commands.cancel(db, village.centre_head, project_id, reason="采购任务取消", now=now)
    assert db.scalar(select(func.count()).where(Notice.project_id == draft)) == 0
    assert queries.project(db, opened, now=now).notices[-1].kind is NoticeKind.CANCELLATION
    with pytest.raises(NotFound):
        queries.project(db, draft, now=now)


def test_files_follow_the_draft_and_its_readers(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    clerk = village.centre_clerk
    paper = NewFile(document_id=a_paper(db, clerk, now), kind=FileKind.TENDER_DOCUMENT, title="采购文件")
    file_id = commands.attach(db, clerk, draft, paper, now=now)
    secret = queries.dossier(db, clerk, draft, now=now).project.files
    mandate = next(one for one in secret if one.kind is FileKind.MANDATE)
    assert queries.download(db, village.buyer_head, draft, file_id).name == "委托书.pdf"
    for reader in (None, village.supplier, village.stranger):
        with pytest.raises(NotFound):
            queries.download(db, reader, draft, file_id)
    commands.submit(db, clerk, draft, now=now)
    with pytest.raises(IllegalMove):
        commands.attach(db, clerk, draft, paper, now=now)
    with pytest.raises(IllegalMove):
        commands.detach(db, clerk, draft, file_id, now=now)
    commands.approve(db, village.buyer_head, draft, now=now)
    budget = row_of(db, draft).budget_fen or 0
    commands.publish(db, village.centre_head, draft, reserved_fen=budget, sealed=True, now=now)
    assert queries.download(db, None, draft, file_id)
    with pytest.raises(NotFound):
        queries.download(db, None, draft, mandate.id)
    assert [one.id for one in queries.project(db, draft, now=now).files] == [file_id]
    with pytest.raises(NotFound):
        queries.download(db, None, an_open(db, village, now), file_id)


def test_nobody_hangs_up_anothers_document(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    for document_id in (a_paper(db, village.stranger, now), uuid4()):
        stolen = NewFile(document_id=document_id, kind=FileKind.ATTACHMENT, title="别人的")
        with pytest.raises(NotFound):
            commands.attach(db, village.centre_clerk, draft, stolen, now=now)


def test_a_removed_mandate_is_missed_again(db: Session, village: Village, now: datetime) -> None:
    draft = a_draft(db, village, now)
    (mandate,) = queries.dossier(db, village.centre_clerk, draft, now=now).project.files
    commands.detach(db, village.centre_clerk, draft, mandate.id, now=now)
    missing = queries.missing(db, village.centre_clerk, draft, now=now)
    assert [type(one) for one in missing] == [no.MandateMissing]
    with pytest.raises(NotFound):
        commands.detach(db, village.centre_clerk, draft, mandate.id, now=now)


def test_what_the_flow_reserves_and_seals(db: Session, village: Village, now: datetime) -> None:
    project_id = an_approved(db, village, now)
    wanted = queries.publication(db, project_id)
    assert sum(share.amount_fen or 0 for share in wanted.funding) == row_of(db, project_id).budget_fen
    assert wanted.last_milestone_on == max(
        db.scalars(select(Milestone.due_on).where(Milestone.project_id == project_id))  # type: ignore[type-var] # whole
    )
    assert db.scalar(select(func.count()).where(Criterion.project_id == project_id)) == 5
    with pytest.raises(NotFound):
        queries.publication(db, a_submitted(db, village, now))


def test_five_people_carry_a_project_to_publication(db: Session, village: Village, now: datetime) -> None:
    """A centre of three and a buyer of two: its clerk drafts, the buyer's head approves, its head publishes."""
    project_id = an_open(db, village, now)
    view = queries.dossier(db, village.buyer_clerk, project_id, now=now)
    signed = [one.person_id for one in (view.submitted, view.approved, view.published) if one]
    assert signed == [village.centre_clerk.person_id, village.buyer_head.person_id, village.centre_head.person_id]
