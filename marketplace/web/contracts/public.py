"""合同公告: what everybody may know of a signed contract, by its own address and for programs."""

from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.contracts import queries
from marketplace.contracts.schemas import PublicContract
from marketplace.db.base import Database
from marketplace.kit.errors import NotFound
from marketplace.web.contracts.views import WORDS, state_tag_of
from marketplace.web.pages import onward, page


class PublicContracts(Controller):
    """One published contract."""

    path = "/contracts"

    @get("/{contract_id:uuid}", sync_to_thread=True)
    def shown(self, database: NamedDependency[Database], contract_id: FromPath[UUID]) -> Template:
        """Parties, price, term, milestones and digests of a published contract."""
        with database.read() as db:
            found = queries.public_contract_by_id(db, contract_id)
        if found is None:
            raise NotFound
        return page("contracts/public.html", **WORDS, one=found, state_tag=state_tag_of(found.state))


class OfProject(Controller):
    """A project's contract, by the project's address."""

    path = "/projects/{project_id:uuid}/contract"

    @get(sync_to_thread=True)
    def shown(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> Redirect:
        """On to the project's published contract."""
        with database.read() as db:
            found = queries.public_contract(db, project_id)
        if found is None:
            raise NotFound
        return onward(f"/contracts/{found.id}")


class PublicContractApi(Controller):
    """A project's contract for programs."""

    path = "/api/v1/projects/{project_id:uuid}/contract"
    tags = ("contracts",)

    @get(sync_to_thread=True)
    def shown(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> PublicContract:
        """The published contract of a project."""
        with database.read() as db:
            found = queries.public_contract(db, project_id)
        if found is None:
            raise NotFound
        return found
