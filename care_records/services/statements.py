"""Compare-and-set: one UPDATE that happens only while the row is as expected."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from care_records.models import Alert, Call, HelpRequest


def compare_and_set(
    session: Session, row: Alert | Call | HelpRequest, expected: ColumnElement[bool], values: Mapping[str, Any]
) -> bool:
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
