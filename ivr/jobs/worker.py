"""A worker: does what the queue brings, sweeps if the sweep is its own, and replays the journal of its machine."""

import os
import socket
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from celery import Celery
from celery.platforms import SecurityWarning

from ivr.config import Settings
from ivr.jobs.broker import make_celery, queue_folder
from ivr.jobs.clock import Clock
from ivr.jobs.dispatcher import Dispatcher
from ivr.jobs.duties import Duties
from ivr.jobs.folder import clear_leftovers
from ivr.jobs.sender import DO, KEEP_UP, Sender
from ivr.jobs.services import WorkerServices, worker_services
from ivr.outbound.engine import Work, WorkKind
from ivr.outbound.sweep import Part

log = structlog.get_logger()

LOOKS_EVERY_S: Final = 1.0
"""How often the rows are looked at for what is due: a case waits no longer for its next step."""
PLANS_EVERY: Final = timedelta(minutes=5)
"""So soon a round begins that staff have started, and somebody is called who was added to the roster."""
AUDITS_EVERY: Final = timedelta(minutes=1)
REMOVES_EVERY: Final = timedelta(days=1)


class MessageModelError(Exception):
    """The model that writes messages down cannot be used: they are only recorded. The log says why."""


def work(settings: Settings, local_url: str) -> int:
    """Works until SIGTERM or SIGINT, then ends what is under way. Returns the exit status.

    `local_url` is where the web part is reached on this machine; only the simulator needs it.
    """
    name = f"{socket.gethostname()}:{os.getpid()}"
    if not settings.broker_url:
        clear_leftovers(queue_folder(settings))
    with ExitStack() as stack:
        services = worker_services(settings, local_url)
        stack.callback(services.close)
        return _run(name, settings, services)


def _run(name: str, settings: Settings, services: WorkerServices) -> int:
    app, sessions, threads = make_celery(settings), services.sessions, settings.worker_threads
    parts = _parts(services)
    duties = Duties(name, sessions, services.outbound, parts=parts)
    install_tasks(app, duties)
    every = _every(parts, timedelta(seconds=settings.sweep_s))
    sender = Sender(make_celery(settings))
    dispatcher = Dispatcher(
        name, sessions, services.outbound, every=every, sender=sender, duties=duties, threads=threads
    )
    sweep = Clock("sweep", dispatcher.sweep, min(LOOKS_EVERY_S, settings.sweep_s), settings.sweep_s)
    journal = Clock("journal", lambda _: services.calls.replay(), settings.sweep_s)
    with ExitStack() as stack:
        stack.callback(duties.stop)
        stack.callback(dispatcher.stop)
        for clock in (sweep, journal):
            clock.start()
            stack.callback(clock.stop)
        log.info("worker_started", worker=name, broker=sender.broker, threads=threads)
        return _consume(app, name, threads)


def install_tasks(app: Celery, duties: Duties) -> None:
    """What messages ask for; a task runs as of the moment at which it begins."""

    @app.task(name=DO)  # type: ignore[untyped-decorator]
    def do(kind: WorkKind, row_id: int) -> None:
        duties.do(Work(kind, row_id), datetime.now(UTC))

    @app.task(name=KEEP_UP)  # type: ignore[untyped-decorator]
    def keep_up(part: str) -> None:
        duties.keep_up(part, datetime.now(UTC))


def _parts(services: WorkerServices) -> Mapping[str, Part]:
    outbound, parts = services.outbound, services.sweeper.parts

    def transcripts(now: datetime) -> int:
        written = parts["transcripts"](now)
        if not services.messages.health()["ok"]:
            raise MessageModelError
        return written

    return {
        "plan": lambda now: outbound.plan_day(None, now),
        "audit": lambda now: outbound.audit(now).stalled_escalations,
        "retention": services.retention.run,
        **parts,
        "transcripts": transcripts,
    }


def _every(parts: Mapping[str, Part], sweep: timedelta) -> Mapping[str, timedelta]:
    rare = {"plan": PLANS_EVERY, "audit": AUDITS_EVERY, "retention": REMOVES_EVERY}
    return {part: rare.get(part, sweep) for part in parts}


def _consume(app: Celery, name: str, threads: int) -> int:
    """Celery's own worker, without what workers say to each other: the records say it all."""
    # Nobody can be made to run code by what is in the queue: it is JSON.
    warnings.simplefilter("ignore", SecurityWarning)
    worker = app.Worker(
        hostname=name.replace(":", "@", 1),
        pool="threads",
        concurrency=threads,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)
