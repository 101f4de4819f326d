"""Pages and JSON of sealed bids: writing and handing in, opening, the public list, and how the seal works."""

from litestar.di import Provide

from marketplace.web.bids.api import BidApi, OpeningApi
from marketplace.web.bids.confirming import ConfirmApi, OrgBidConfirm
from marketplace.web.bids.handing import OrgBidFiles, OrgBidHandIn, OrgBidUploads
from marketplace.web.bids.opening import OpenedBids, OpeningPages, Openings
from marketplace.web.bids.pages import OrgBids, provide_writer
from marketplace.web.bids.uploads import UploadApi

WRITING = (OrgBids, OrgBidFiles, OrgBidUploads, OrgBidHandIn, OrgBidConfirm, ConfirmApi, BidApi, UploadApi)

for controller in WRITING:
    controller.dependencies = {"writer": Provide(provide_writer, sync_to_thread=False)}

ROUTES = [*WRITING, Openings, OpeningPages, OpenedBids, OpeningApi]
