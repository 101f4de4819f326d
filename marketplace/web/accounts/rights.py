"""权限与职责: who may do what, which duties stay apart, and what one's own organization lacks."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from marketplace.db.base import Database
from marketplace.identity import queries
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.web.accounts.views import duty_lines, duty_pairs, functions_text, right_lines, role_pairs, roles_text
from marketplace.web.pages import page


class Rights(Controller):
    """The tables by which the program itself decides."""

    @get("/rights", sync_to_thread=True)
    def rights(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Template:
        """The table of rights, the duties kept apart, and the own organization's duties."""
        require(actor, Right.READ_RIGHTS, {})
        duties, name = [], ""
        if actor.organization_id is not None:
            with database.read() as db:
                found = queries.staffing_of(db, actor.organization_id)
                names = queries.names(db, {person for line in found for person in line.people})
                name = queries.organization(db, actor.organization_id).name
            duties = duty_lines(found, names)
        return page(
            "accounts/rights.html",
            organization_name=name,
            duties=duties,
            lacking=sum(1 for line in duties if line.tone == "red"),
            pairs=duty_pairs(),
            role_pairs=role_pairs(),
            rights=right_lines(actor),
            mine=roles_text(actor.roles),
            functions=functions_text(actor.functions),
        )
