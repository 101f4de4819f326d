"""Whether the process lives, whether it can serve, and its figures: for supervisors of processes, not for people."""

from collections.abc import Callable
from typing import Any

import structlog
from litestar import Response, get
from sqlalchemy import text

from marketplace.outbox.queries import backlog
from marketplace.web.metrics import Metrics
from marketplace.web.services import Services


def health_routes(services: Services, metrics: Metrics) -> list[Any]:
    """The routes ``/healthz``, ``/readyz`` and ``/metrics``."""

    @get("/healthz", include_in_schema=False, sync_to_thread=False, opt={"quiet": True})
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @get("/readyz", include_in_schema=False, sync_to_thread=True, opt={"quiet": True})
    def readyz() -> Response[dict[str, bool]]:
        """Each thing this process needs, and whether it is there."""
        probes = {"database": lambda: _database(services), **services.probes}
        found = {name: _ask(name, probe) for name, probe in probes.items()}
        return Response(found, status_code=200 if all(found.values()) else 503)

    @get("/metrics", include_in_schema=False, sync_to_thread=True, opt={"quiet": True})
    def figures() -> Response[bytes]:
        """Prometheus text; the queue's figures keep their last values while the database is away."""
        _ask("backlog", lambda: _note_backlog(services, metrics))
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [healthz, readyz, figures]


def _database(services: Services) -> bool:
    with services.database.read() as db:
        return bool(db.scalar(text("SELECT 1")))


def _note_backlog(services: Services, metrics: Metrics) -> bool:
    with services.database.read() as db:
        metrics.note_backlog(backlog(db, now=services.clock.now()))
    return True


def _ask(name: str, probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is not ready
        structlog.get_logger().warning("not ready", probe=name, error=type(error).__name__)
        return False
