"""What everybody may know of aid: programmes with counts and sums, activities; never a name, no group under five."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from marketplace.aid import queries
from marketplace.aid.schemas import PublicProgramme
from marketplace.aid.states import ProgrammeKind
from marketplace.db.base import Database
from marketplace.web.aid.views import WORDS
from marketplace.web.pages import page


class PublicAid(Controller):
    """帮扶公示."""

    path = "/aid"

    @get(sync_to_thread=True)
    def aid(self, database: NamedDependency[Database]) -> Template:
        """The programmes by year, what reached people, and what was held together."""
        with database.read() as db:
            found, held = queries.public_programmes(db), queries.activities(db)
        paying = [one for one in found if one.kind is ProgrammeKind.AID]
        others = [one for one in found if one.kind is not ProgrammeKind.AID]
        return page(
            "aid/public.html",
            **WORDS,
            paying=paying,
            others=others,
            activities=held,
            heads=sum(one.heads or 0 for one in paying),
            paid_fen=sum(one.paid_fen or 0 for one in paying),
            is_partial=any(_is_hidden(one) for one in paying),
        )


def _is_hidden(one: PublicProgramme) -> bool:
    return one.heads is None or any(line.heads is None for line in one.lines)
