"""The forms of the duty roster."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from care_records.console.checkins.forms import Day, Id
from care_records.console.forms import Form


class Week(Form):
    """Any day of it; `kind` fills in the times of a new shift."""

    day: Day | None = None
    kind: Literal["day", "night", "whole"] | None = None


class Shift(Form):
    """Without `last_day` it ends within a day of its beginning. `days`: the same again on the days that follow."""

    staff_id: Id
    day: Day
    begin: time
    end: time
    last_day: Day | None = None
    days: Annotated[int, Field(ge=1, le=31)] = 1


class Move(Form):
    """`seen` is the standing order that the page showed."""

    move: Literal["up", "down", "in", "out"]
    seen: Annotated[str, Field(max_length=2000)] = ""


class Reached(Form):
    phone: Annotated[str | None, Field(max_length=30)] = None
    active: bool = False
