"""请款: what a social organization is owed, what was asked for, paid, or failed, and what to do about it."""

from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from marketplace.db.base import Database
from marketplace.flows import claiming
from marketplace.funds.queries.payable import payee_of
from marketplace.funds.queries.paying import Standing, claims_of, fen_of_supplier
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.web.pages import page
from marketplace.web.payments.views import WORDS


def claims_page(database: Database, actor: Actor) -> dict[str, Any]:
    """What is owed to the actor's organization and what was asked for in its favour.

    Raises:
        Forbidden: the actor's roles do not let them see payments.
        NotFound: the actor is of no organization.
    """
    require(actor, Right.READ_PAYMENT, {Relation.SUPPLIER: actor.organization_id})
    if actor.organization_id is None:
        raise NotFound
    with database.read() as db:
        owed = claiming.owed_to(db, actor.organization_id)
        sums = fen_of_supplier(db, actor.organization_id)
        return {
            "owed": owed,
            "groups": claims_of(db, actor.organization_id),
            "payee": payee_of(db, actor.organization_id),
            "owed_fen": sum(one.amount_fen for one in owed),
            "under_way_fen": sums[Standing.IN_TRANSIT] + sums[Standing.UNKNOWN],
            "paid_fen": sums[Standing.PAID],
            "failed_fen": sums[Standing.FAILED],
        }


class Claims(Controller):
    """The supplier's page."""

    path = "/org/claims"

    @get(sync_to_thread=True)
    def shown(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """Everything about one's money on one page."""
        return page("payments/claims.html", **WORDS, **claims_page(database, actor))
