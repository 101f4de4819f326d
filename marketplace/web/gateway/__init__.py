"""Where the gateway announces what happened."""

from marketplace.web.gateway.webhooks import take_event

ROUTES = [take_event]
