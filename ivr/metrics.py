"""What /metrics tells. One registry an application, so that two of them in one process do not collide."""

import time

from flask import Flask, Response, g, got_request_exception, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ivr.calls.journal import Journal
from ivr.guards import public

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 15)
"""Seconds. The provider gives up after 15."""


def install(app: Flask, journal: Journal) -> None:
    """Counts and times every request by endpoint, and serves the figures at /metrics."""
    registry = CollectorRegistry()
    requests = Counter("careline_requests", "Requests answered", ["endpoint", "status"], registry=registry)
    seconds = Histogram(
        "careline_request_seconds", "Time to answer a request", ["endpoint"], buckets=BUCKETS, registry=registry
    )
    failures = Counter("careline_failures", "Errors nobody expected, whatever the caller was told", registry=registry)
    pending = Gauge("careline_journal_pending", "Steps waiting to be written to the database", registry=registry)
    rejected = Gauge("careline_journal_rejected", "Steps that the database refused for good", registry=registry)
    pending.set_function(lambda: float(journal.pending))
    rejected.set_function(lambda: float(journal.rejected))

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
