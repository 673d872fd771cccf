"""Putting ids into the queue, for whoever has work for the workers. Never tried twice: the rows are found again."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import KombuError, OperationalError

from ivr.jobs.broker import FOLDER, LATE_S, QUEUES, UPKEEP
from ivr.outbound.engine import Work

DO: Final = "careline.do"
"""The task that does a piece of work: its kind and its row's id."""
KEEP_UP: Final = "careline.keep_up"
"""The task that does a part of the upkeep, by its name."""


class BrokerAwayError(Exception):
    """The broker takes nothing just now; the text is the kind of error and has no password in it."""


class Sends(Protocol):
    """A way to the workers. Every method may raise BrokerAwayError."""

    def send(self, works: Iterable[Work], queue: str) -> None: ...

    def send_upkeep(self, part: str, every: timedelta) -> None: ...

    def waiting(self) -> dict[str, int]: ...


class Sender:
    """Safe between threads. Every method returns or raises BrokerAwayError within a few seconds."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    @property
    def broker(self) -> str:
        """For people: the broker's address without its password."""
        url = urlsplit(str(self._app.conf.broker_url))
        return FOLDER if url.scheme == FOLDER else f"{url.scheme}://{url.hostname}:{url.port or ''}".rstrip(":")

    def send(self, works: Iterable[Work], queue: str) -> None:
        """Sends a task for each."""
        for work in works:
            self._send(DO, [work.kind, work.id], queue, LATE_S)

    def send_upkeep(self, part: str, every: timedelta) -> None:
        """Sends for a part of the upkeep; nobody does it any more when it is due again."""
        self._send(KEEP_UP, [part], UPKEEP, every.total_seconds())

    def waiting(self) -> dict[str, int]:
        """How many messages nobody has taken yet, by queue."""
        try:
            with self._app.connection_for_write() as connection:
                channel = connection.default_channel
                queues = self._app.amqp.queues
                return {name: queues[name](channel).queue_declare().message_count for name in QUEUES}
        except (KombuError, OperationalError, OSError) as error:
            raise BrokerAwayError(type(error).__name__) from error

    def _send(self, task: str, args: list[Any], queue: str, expires_s: float) -> None:
        try:
            self._app.send_task(task, args, queue=queue, expires=expires_s)
        except (KombuError, OperationalError, OSError) as error:
            raise BrokerAwayError(type(error).__name__) from error
