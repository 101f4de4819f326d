"""Counts and times of requests for ``/metrics``: by route template and status, never by person or thing."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from marketplace.outbox.schemas import Backlog

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One process's figures, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "marketplace_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "marketplace_request_seconds", "Time to the end of the answer.", ["route"],
            buckets=BUCKETS_S, registry=self.registry,
        )  # fmt: skip

        self._deliveries = Gauge(
            "marketplace_deliveries", "Deliveries of the outbox by state.", ["state"], registry=self.registry
        )
        self._overdue = Gauge(
            "marketplace_delivery_overdue_seconds", "Delay of the most overdue delivery.", registry=self.registry
        )

    def observe(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(took_s)

    def note_backlog(self, backlog: Backlog) -> None:
        """Set the figures of the queue of background work, which all processes share."""
        for state in ("pending", "sent", "parked"):
            self._deliveries.labels(state).set(getattr(backlog, state))
        self._overdue.set(backlog.overdue_s)

    def text(self) -> bytes:
        """Everything in Prometheus's text format."""
        return generate_latest(self.registry)
