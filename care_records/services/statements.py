"""Statements that are safe against somebody else doing the same: compare-and-set, and insert unless it is there."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from care_records.models import Alert, Base, Call, CheckIn, Escalation, HelpRequest, OutboundCall, Round

T = TypeVar("T", bound=Base)
Row = Alert | Call | CheckIn | Escalation | HelpRequest | OutboundCall | Round


def compare_and_set(session: Session, row: Row, expected: ColumnElement[bool], values: Mapping[str, Any]) -> bool:
    """Sets `values` if the row in the database still meets `expected`, atomically; says whether it did.

    Either way `row` then shows what is in the database. What is pending in the session is written first.
    """
    session.flush()
    table = type(row)
    statement = update(table).where(table.id == row.id, expected).values(values).returning(table)
    options = {"populate_existing": True, "synchronize_session": False}
    if session.scalars(statement, execution_options=options).one_or_none() is not None:
        return True
    session.refresh(row)
    return False


def set_where(session: Session, table: type[T], expected: ColumnElement[bool], values: Mapping[str, Any]) -> list[T]:
    """Sets `values` in every row that meets `expected`, atomically; those rows, as they are now. For a few rows."""
    session.flush()
    statement = update(table).where(expected).values(values).returning(table)
    options = {"populate_existing": True, "synchronize_session": False}
    return list(session.scalars(statement, execution_options=options))


def insert_many_unless_there(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """As `insert_unless_there`, for a batch of rows with the same columns; how many were new.

    PostgreSQL gets a column at a time, as an array: a third of the time that as many values take.
    """
    if not rows:
        return 0
    session.flush()
    target = table.metadata.tables[table.__tablename__]
    connection, counted = session.connection(), {"preserve_rowcount": True}
    if connection.dialect.name != "postgresql":
        insert = sqlite.insert(target).on_conflict_do_nothing()
        return connection.execute(insert, rows, execution_options=counted).rowcount
    columns = [target.c[name] for name in rows[0]]
    arrays = [bindparam(None, [row[c.name] for row in rows], type_=postgresql.ARRAY(c.type)) for c in columns]
    batch = func.unnest(*arrays).table_valued(*(column.name for column in columns)).render_derived()
    statement = postgresql.insert(target).from_select(columns, select(batch)).on_conflict_do_nothing()
    return connection.execute(statement, execution_options=counted).rowcount


def insert_unless_there(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves out what would break a unique constraint; `returning` tells what was new."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
