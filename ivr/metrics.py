"""What /metrics tells. One registry an application, so that two of them in one process do not collide."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from flask import Flask, Response, g, got_request_exception, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from ivr.guards import public
from ivr.jobs.dispatcher import SWEEP
from ivr.jobs.sender import BrokerAwayError
from ivr.watch import Watch

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 15)
"""Seconds. The provider gives up after 15."""

COUNTS: Final = {
    "check_ins_overdue": "Check-ins that the line should have gone on with",
    "check_ins_to_follow_up": "Check-ins that wait for a person to take them",
    "escalations_open": "Cases for which somebody is still looked for",
    "escalations_stalled": "Cases that should have gone on",
    "calls_put_off": "Calls for which the provider has had no room so far",
    "officers": "Officers on duty now who have a telephone",
}
"""The fields of care_records.services.standing.Standing."""


class _Records(Collector):
    """What the records and the queue say at the moment of asking; what cannot be asked is left out."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: what there is to tell is known when it is asked for."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with suppress(SQLAlchemyError):
            yield from self._of_records(datetime.now(UTC))
        with suppress(BrokerAwayError):
            yield self._of_queue()

    def _of_records(self, now: datetime) -> Iterator[GaugeMetricFamily]:
        for name, count in asdict(self._watch.standing(now)).items():
            yield GaugeMetricFamily(f"careline_{name}", COUNTS[name], value=count)
        parts = self._watch.upkeep()
        sweep = parts.pop(SWEEP, None)
        if sweep and sweep.ended_at:
            age = (now - sweep.ended_at).total_seconds()
            yield GaugeMetricFamily("careline_sweep_age_seconds", "Since a worker last looked for what is due", age)
        failed = GaugeMetricFamily(
            "careline_upkeep_failed", "Whether a part of the upkeep failed last", labels=["part"]
        )
        for part, row in parts.items():
            failed.add_metric([part], float(row.error is not None))
        yield failed

    def _of_queue(self) -> GaugeMetricFamily:
        waiting = GaugeMetricFamily("careline_queue_waiting", "Messages that no worker has taken", labels=["queue"])
        for queue, count in self._watch.sender.waiting().items():
            waiting.add_metric([queue], count)
        return waiting


def install(app: Flask, watch: Watch) -> None:
    """Counts and times every request by endpoint, and serves the figures at /metrics."""
    registry = CollectorRegistry()
    registry.register(_Records(watch))
    requests = Counter("careline_requests", "Requests answered", ["endpoint", "status"], registry=registry)
    seconds = Histogram(
        "careline_request_seconds", "Time to answer a request", ["endpoint"], buckets=BUCKETS, registry=registry
    )
    failures = Counter("careline_failures", "Errors nobody expected, whatever the caller was told", registry=registry)
    pending = Gauge("careline_journal_pending", "Steps waiting to be written to the database", registry=registry)
    rejected = Gauge("careline_journal_rejected", "Steps that the database refused for good", registry=registry)
    pending.set_function(lambda: float(watch.journal.pending))
    rejected.set_function(lambda: float(watch.journal.rejected))

    got_request_exception.connect(lambda _app, **_: failures.inc(), app, weak=False)

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def observe(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        requests.labels(endpoint, response.status_code).inc()
        if "started" in g:
            seconds.labels(endpoint).observe(time.perf_counter() - g.started)
        return response

    @app.get("/metrics")
    @public
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
