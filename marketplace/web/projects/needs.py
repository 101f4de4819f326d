"""需求征集: staff write wishes down, answer them and adopt them; every organization hands in its own."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.catalogue import queries as catalogue
from marketplace.db.base import Database
from marketplace.identity.queries.organizations import find_organizations, organization
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.schemas.needs import Adoption, Declining, Joining, Merging, NeedFilter, NewNeed
from marketplace.projects.states import CHANNEL_NAMES, NEED, PROJECT, NeedAction, NeedChannel, NeedState, ProjectState
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.paging import paging
from marketplace.web.projects.public import PAGE_SIZE, place_of
from marketplace.web.projects.views import TONES, Visit

DESK, MINE, PUBLIC = "/centre/needs", "/needs/mine", "/needs"
NEED_TONES = {
    NeedState.COLLECTED: "yellow",
    NeedState.ADOPTED: "green",
    NeedState.MERGED: "blue",
    NeedState.DECLINED: "red",
    NeedState.WITHDRAWN: "grey",
}
NEED_WORDS: dict[str, Any] = {
    "NeedState": NeedState,
    "NeedAction": NeedAction,
    "need_label": NEED.label,
    "need_tones": NEED_TONES,
    "channel_names": CHANNEL_NAMES,
    "project_label": PROJECT.label,
    "project_tones": TONES,
    "ProjectState": ProjectState,
}
NEED_FORM = FormKind(
    NewNeed,
    labels={
        "title": N_("需求名称"),
        "content": N_("想要什么服务"),
        "people_kind": N_("为谁"),
        "people_count": N_("大约多少人"),
        "location": N_("在哪里"),
        "wished_from": N_("希望从哪天开始"),
        "wished_until": N_("希望到哪天"),
        "catalogue_code": N_("对应的目录条目"),
        "cost_fen": N_("大约要多少钱"),
        "brought_by": N_("谁提出的"),
        "channel": N_("怎样提出的"),
        "contact_name": N_("联系人"),
        "contact_phone": N_("联系电话"),
    },
    hints={
        "title": N_("一句话，例如：暑期留守儿童看护。"),
        "content": N_("有什么困难、希望做什么。请不要写个人姓名和家庭情况。"),
        "people_kind": N_("例如：留守儿童、独居老人。"),
        "location": N_("镇街、村（社区）或具体地点。"),
        "brought_by": N_("村（社区）或单位的名称，例如：示例镇示例村。"),
        "contact_name": N_("只给经办人员看，不公开。"),
    },
)
ADOPT_FORM = FormKind(
    Adoption,
    labels={
        "need_ids": N_("采纳的需求"),
        "title": N_("项目名称"),
        "catalogue_code": N_("目录条目"),
        "buyer_id": N_("购买主体"),
    },
)
DECLINE_FORM = FormKind(
    Declining,
    labels={"reason": N_("不采纳的理由")},
    hints={"reason": N_("提出单位会看到。写明原因和可以怎么办。")},
)
MERGE_FORM = FormKind(Merging, labels={"into_id": N_("并入哪一条")})
JOIN_FORM = FormKind(Joining, labels={"project_id": N_("加入哪个草稿")})


def asked_of(given: Mapping[str, object]) -> NeedFilter:
    """What the address of a list asks for; what it cannot mean is left out."""
    query = {name: str(value[0] if isinstance(value, list) and value else value or "") for name, value in given.items()}
    state, branch = query.get("state", ""), query.get("branch", "")
    return NeedFilter(
        q=query.get("q", "")[:100],
        state=NeedState(state) if state in set(NeedState) else None,
        branch=branch if branch.isalnum() and len(branch) < 8 else "",  # noqa: PLR2004 - a code is A and six figures
        waiting=query.get("waiting") == "1",
    )


def query_of(asked: NeedFilter) -> dict[str, str]:
    """A filter as it stands in an address."""
    return {
        "q": asked.q,
        "state": asked.state or "",
        "branch": asked.branch,
        "waiting": "1" if asked.waiting else "",
    }


def entries_of(db: Session) -> list[tuple[str, str]]:
    """The entries of the catalogue in force, to pick from."""
    return [(one.code, f"{one.code} {one.name}") for one in catalogue.choices(db)]


def form_page(db: Session, actor: Actor, base: str, need_id: UUID | None = None) -> dict[str, Any]:
    """What the form of a wish shows beside itself."""
    own = actor.organization_id
    require(actor, Right.HAND_IN_NEED, {Relation.OWN: own})
    return {
        **NEED_WORDS,
        "base": base,
        "need_id": need_id,
        "entries": entries_of(db),
        "for_others": base == DESK and may(actor, Right.CURATE_NEED, {}),
        "channels": [(one.value, name) for one, name in CHANNEL_NAMES.items() if one is not NeedChannel.ONLINE],
    }


def need_page(db: Session, actor: Actor, need_id: UUID, base: str) -> dict[str, Any]:
    """What the page of one wish shows."""
    view = queries.need(db, actor, need_id)
    drafts: list[tuple[str, str]] = []
    merges: list[tuple[str, str]] = []
    if base == DESK and NeedAction.ADOPT in view.actions:
        found = queries.desk_list(db, actor, ProjectFilter(state=ProjectState.DRAFT), limit=60)
        drafts = [(str(one.id), f"{one.title}（{one.buyer_name}）") for one in found.items]
    if base == DESK and NeedAction.MERGE in view.actions:
        merges = [(str(one.id), f"{one.place}：{one.title}") for one in queries.merge_choices(db, actor, need_id)]
    return {
        **NEED_WORDS,
        "base": base,
        "view": view,
        "card": view.card,
        "drafts": drafts,
        "merges": merges,
        "entry_name": dict(entries_of(db)).get(view.card.catalogue_code, view.card.catalogue_code),
        "decline_form": DECLINE_FORM.blank(),
        "merge_form": MERGE_FORM.blank(),
        "join_form": JOIN_FORM.blank(),
    }


def stored_form(db: Session, actor: Actor, need_id: UUID) -> Form[NewNeed]:
    """The form over what is stored."""
    view = queries.need(db, actor, need_id)
    texts = NEED_FORM.of(view.card)
    for name in ("cost_fen", "brought_by", "contact_name", "contact_phone"):
        texts.texts |= NEED_FORM.blank(**{name: getattr(view, name)}).texts
    texts.texts |= NEED_FORM.blank(channel=view.channel.value).texts if view.brought_by else {}
    return texts


class StaffNeeds(Controller):
    """The wishes of all, for those who answer them."""

    path = DESK

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: Annotated[str, QueryParameter(max_length=2_000)] = "",
    ) -> Template:
        """All wishes, narrowed and searched."""
        asked = asked_of(request.query_params.dict())
        with database.read() as db:
            found = queries.desk_needs(db, actor, asked, now=clock.now(), after=place_of(after), limit=PAGE_SIZE)
            branches = queries.branches(db)
        own = actor.organization_id
        return page(
            "projects/needs_desk.html",
            **NEED_WORDS,
            found=found,
            asked=asked,
            branches=branches,
            may_collect=may(actor, Right.CURATE_NEED, {}),
            may_adopt=may(actor, Right.DRAFT_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}),
            paging=paging(DESK, query_of(asked), found.last, after=after, total=found.total),
        )

    @get("/new", sync_to_thread=True)
    def blank(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """An empty form."""
        require(actor, Right.CURATE_NEED, {})
        with database.read() as db:
            return page("projects/needs_form.html", form=NEED_FORM.blank(), **form_page(db, actor, DESK))

    @post("/new", sync_to_thread=True)
    def collect(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Write a wish down."""
        require(actor, Right.CURATE_NEED, {})
        return collected(typed, database, actor, clock, DESK)

    @get("/adopt", sync_to_thread=True)
    def choose(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        need_ids: Annotated[list[UUID] | None, QueryParameter(max_items=50)] = None,
    ) -> Template:
        """What a project from these wishes begins with."""
        with database.read() as db:
            shown = adopt_page(db, actor, need_ids or [])
        first = shown["cards"][0] if shown["cards"] else None
        form = ADOPT_FORM.blank(
            need_ids=[str(one.id) for one in shown["cards"]],
            title=f"{first.place}{first.title}" if first and len(shown["cards"]) == 1 else "",
            catalogue_code=next((one.catalogue_code for one in shown["cards"] if one.catalogue_code), ""),
        )
        return page("projects/needs_adopt.html", form=form, **shown)

    @post("/adopt", sync_to_thread=True)
    def adopt(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Begin a draft from wishes."""
        form = ADOPT_FORM.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    project_id = commands.adopt(db, actor, form.data, now=clock.now())
            except DomainError as refusal:
                if refusal.kind is Kind.MISSING:
                    raise
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}/edit", N_("需求已采纳，草稿已按需求填好，请逐项核对补充。"))
        with database.read() as db:
            shown = adopt_page(db, actor, [UUID(one) for one in form.chosen("need_ids") if is_uuid(one)])
        return again("projects/needs_adopt.html", form, **shown)

    @get("/{need_id:uuid}", sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], need_id: FromPath[UUID]
    ) -> Template:
        """One wish and what may be done with it."""
        require(actor, Right.READ_NEED, {})
        with database.read() as db:
            context = need_page(db, actor, need_id, DESK)
        return page("projects/needs_one.html", form=context["decline_form"], **context)

    @get("/{need_id:uuid}/edit", sync_to_thread=True)
    def edit_form(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], need_id: FromPath[UUID]
    ) -> Template:
        """A wish in its form."""
        with database.read() as db:
            return page("projects/needs_form.html", form=stored_form(db, actor, need_id),
                        **form_page(db, actor, DESK, need_id))  # fmt: skip

    @post("/{need_id:uuid}/edit", sync_to_thread=True)
    def edit(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Write it as it is to be."""
        return collected(typed, database, actor, clock, DESK, need_id)


def is_uuid(text: str) -> bool:
    """Whether a text is a key of ours."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def adopt_page(db: Session, actor: Actor, need_ids: list[UUID]) -> dict[str, Any]:
    """What the page of an adoption shows beside its form."""
    own = actor.organization_id
    require(actor, Right.DRAFT_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    entrusted = Function.PROCURING_ENTITY in actor.functions
    buyers = find_organizations(db, function=Function.BUYER, limit=200) if entrusted else []
    return {
        **NEED_WORDS,
        "cards": [queries.need(db, actor, one).card for one in dict.fromkeys(need_ids)],
        "entries": entries_of(db),
        "buyers": [(str(one.id), one.name) for one in buyers],
        "own": organization(db, own) if own else None,
    }


def collected(
    typed: Typed, database: Database, actor: Actor, clock: Clock, base: str, need_id: UUID | None = None
) -> Template | Redirect:
    """Take a wish in or write it again, and go on to its page; wrong input comes back with everything typed."""
    form, now = NEED_FORM.read(typed), clock.now()
    if form.data is not None:
        try:
            with database.write() as db:
                if need_id is None:
                    place = commands.collect(db, actor, form.data, now=now)
                else:
                    commands.edit_need(db, actor, need_id, form.data, now=now)
                    place = need_id
        except DomainError as refusal:
            if refusal.kind is Kind.MISSING:
                raise
            form.refused(refusal)
        else:
            return done(f"{base}/{place}", N_("需求已登记。") if need_id is None else N_("需求已修改。"))
    with database.read() as db:
        shown = form_page(db, actor, base, need_id)
    return again("projects/needs_form.html", form, **shown)
