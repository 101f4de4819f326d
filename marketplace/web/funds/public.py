"""The public account of the money, and tracing one receipt by the number and code in its giver's hand."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.funds import queries
from marketplace.funds.schemas import ReceiptView
from marketplace.funds.states import ReceiptState
from marketplace.kit.errors import BadValue, NotFound
from marketplace.kit.i18n import N_
from marketplace.web.forms import Typed
from marketplace.web.funds.flow import flow_csv, money_flow
from marketplace.web.funds.forms import TRACE
from marketplace.web.funds.tracing import in_words, places
from marketplace.web.funds.views import WORDS, PublicReceipt, PublicView
from marketplace.web.pages import again, page

SHOWN = 50
BOUND = ("reserved", "committed", "retention", "payable", "in_transit")
"""Where fen are that a project or roster holds and nobody was paid yet."""
NO_SUCH = N_("没有找到这张收据。请核对收据号和校验码，字母不分大小写。")


def public_view(db: Session) -> PublicView:
    """All money of the installation, as anybody may see it."""
    funds = queries.funds(db)
    receipts = [one for one in queries.receipts(db, limit=SHOWN) if one.state is ReceiptState.RECORDED]
    flow = money_flow(db, funds)
    return PublicView(
        received_fen=sum(fund.received_fen - fund.balances_fen.get("transferred", 0) for fund in funds),
        reserved_fen=sum(fund.balances_fen.get(role, 0) for fund in funds for role in BOUND),
        available_fen=sum(fund.available_fen for fund in funds),
        paid_fen=sum(fund.balances_fen.get("paid", 0) for fund in funds),
        receipts=[PublicReceipt.of(one) for one in receipts],
        flow=flow.svg,
        links=flow.links,
    )


class PublicFunds(Controller):
    """资金公示."""

    path = "/"

    @get("/funds", sync_to_thread=True)
    def funds(self, database: NamedDependency[Database]) -> Template:
        """What came in, from where, and where it is."""
        with database.read() as db:
            view = public_view(db)
        return page("funds/public.html", view=view)

    @get("/funds/flow.csv", sync_to_thread=True)
    def flow(self, database: NamedDependency[Database]) -> Response[bytes]:
        """The whole flow as data: amounts in whole fen, and in yuan as text."""
        with database.read() as db:
            content = flow_csv(db, queries.funds(db))
        headers = {"content-disposition": 'attachment; filename="flow.csv"'}
        return Response(content.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)

    @get("/trace", sync_to_thread=False)
    def ask(self) -> Template:
        """The question for a receipt."""
        return page("funds/trace.html", **WORDS, form=TRACE.blank(), receipt=None, places=[], lines=[])

    @post("/trace", sync_to_thread=True, status_code=200)
    def trace(self, typed: NamedDependency[Typed], database: NamedDependency[Database]) -> Template:
        """Where the fen of this receipt are now."""
        form = TRACE.read(typed)
        if form.data is None:
            return again("funds/trace.html", form, **WORDS, receipt=None, places=[], lines=[])
        with database.read() as db:
            found = _standing(db, form.data.number, form.data.check_code)
            shown = places(db, found.id, public=True) if found else []
        if found is None:
            refused = form.refused(BadValue(field="number", problem=NO_SUCH))
            return again("funds/trace.html", refused, **WORDS, receipt=None, places=[], lines=[])
        lines = in_words(shown)
        return page("funds/trace.html", **WORDS, form=TRACE.blank(), receipt=found, places=shown, lines=lines)


def _standing(db: Session, number: str, check_code: str) -> ReceiptView | None:
    try:
        return queries.receipt_by_number(db, number.strip().upper(), check_code.strip().upper())
    except NotFound:
        return None
