"""Pages and JSON of notices: a person's inbox, and in the demo the mails that would have been sent."""

from litestar import Router
from litestar.di import Provide

from marketplace.web.accounts.doors import provide_safe
from marketplace.web.notices.api import NoticesApi
from marketplace.web.notices.mails import SentMails
from marketplace.web.notices.pages import Inbox
from marketplace.web.notices.views import provide_writer

_WRITER = {"writer": Provide(provide_writer, sync_to_thread=False)}
_SAFE = {"safe": Provide(provide_safe, sync_to_thread=False)}
ROUTES = [
    Router("/", route_handlers=[Inbox, SentMails], dependencies=_WRITER | _SAFE),
    Router("/api/v1", route_handlers=[NoticesApi], dependencies=_WRITER),
]
