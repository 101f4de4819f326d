"""Pages and JSON of the queue: jobs that wait for people."""

from marketplace.web.queue.api import QueueApi
from marketplace.web.queue.pages import Queue

ROUTES = [Queue, QueueApi]
