"""A process that dies between two writes, or between a write and what it tells the provider."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker


class Killed(BaseException):
    """The process is gone: what it had not committed is lost, and nothing of it runs any more."""


class Fuse:
    """Counts the moments at which a process can die, and kills it where `blows` says so."""

    def __init__(self, blows: Callable[[int], bool] = lambda _: False) -> None:
        """`blows` is asked with the number of the moment, from 1."""
        self.burnt = 0
        self.blown = 0
        self._blows = blows

    def burn(self) -> None:
        """A moment at which the process can die."""
        self.burnt += 1
        if self._blows(self.burnt):
            self.blown += 1
            raise Killed


class FusedSessions(sessionmaker[Session]):
    """Every transaction can be lost just before its commit, and the process can die just after it."""

    def __init__(self, sessions: sessionmaker[Session], fuse: Fuse) -> None:
        super().__init__(**sessions.kw)
        self._fuse = fuse

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as session:
            yield session
            self._fuse.burn()
        self._fuse.burn()
