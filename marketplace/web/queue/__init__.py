"""Pages and JSON of the queue: jobs that wait for people."""

from marketplace.web.queue.api import QueueApi
from marketplace.web.queue.events import Events
from marketplace.web.queue.pages import Queue

ROUTES = [Queue, Events, QueueApi]
