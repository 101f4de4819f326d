"""Pages and JSON of gifts by invitation: the donor's by a secret link, the finance desk's."""

from litestar import Router

from marketplace.web.accounts import SAFE
from marketplace.web.gifts.api import GiftsApi
from marketplace.web.gifts.desk import FinanceGifts, GiftBases
from marketplace.web.gifts.donor import Donor

ROUTES = [
    Router("/", route_handlers=[Donor, FinanceGifts, GiftBases], dependencies={"safe": SAFE}),
    Router("/api/v1/gifts", route_handlers=[GiftsApi], dependencies={"safe": SAFE}),
]
