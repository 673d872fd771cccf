"""Telling a database that is away from one that refuses what it is told, and not waiting for the former twice."""

import time

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError, StatementError


def away(error: SQLAlchemyError) -> bool:
    """Whether trying the same again later may work: everything but a refusal of the very values."""
    return not isinstance(error, IntegrityError | DataError) and type(error) is not StatementError


class Outage:
    """Remembers a failure for as long as a try takes: one step that reads and writes waits for the database once."""

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self._until = 0.0

    def noted(self, error: BaseException) -> None:
        if isinstance(error, SQLAlchemyError) and away(error):
            self._until = time.monotonic() + self._lasts_s

    def forget(self) -> None:
        """The next try finds out."""
        self._until = 0.0

    @property
    def on(self) -> bool:
        return time.monotonic() < self._until
