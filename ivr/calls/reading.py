"""Sessions that only read: they never wait for, or hold up, somebody who writes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        session.connection(execution_options={"read_only": True})
        yield session
