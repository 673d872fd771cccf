"""Rows for tests, complete and valid; name what the test is about and leave the rest.

Nothing is added to a session: `session.add(make_person(name="张示例"))`.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from care_records.models import (
    Activity,
    Bulletin,
    Call,
    CheckIn,
    Community,
    Contact,
    HelpRequest,
    Person,
    Staff,
    Volunteer,
)
from care_records.models.calls import Direction
from care_records.models.check_ins import CheckInState
from care_records.models.people import Category, ContactKind, Sex
from care_records.models.requests import Urgency

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, 10:00 in Shanghai."""

_serial = count(1)


def make_community(**values: Any) -> Community:
    return Community(**{"name": f"示范社区{next(_serial)}"} | values)


def make_person(**values: Any) -> Person:
    defaults = {
        "name": f"张示例{next(_serial)}",
        "address_as": "张老",
        "sex": Sex.MALE,
        "birth_date": date(1936, 5, 6),
        "category": Category.LIXIU,
        "phone": "+8651200001234",
    }
    return Person(**defaults | values)


def make_contact(**values: Any) -> Contact:
    defaults = {"rank": 1, "kind": ContactKind.FAMILY, "name": "李示例", "relation": "女儿", "phone": "+8651200005678"}
    return Contact(**defaults | values)


def make_volunteer(**values: Any) -> Volunteer:
    return Volunteer(**{"name": "王样本", "phone": "+8651200007890"} | values)


def make_officer(**values: Any) -> Staff:
    """On duty, rung first."""
    return Staff(**{"name": "值班员甲", "phone": "+8651200009001", "duty_rank": 1} | values)


def make_bulletin(**values: Any) -> Bulletin:
    defaults = {"title": "彩虹桥", "text": "今天天气好。", "published_at": NOW - timedelta(days=1)}
    return Bulletin(**defaults | values)


def make_activity(**values: Any) -> Activity:
    defaults = {"title": "唱老歌", "place": "活动室", "text": "一起唱老歌。", "starts_at": NOW + timedelta(days=1)}
    return Activity(**defaults | values)


def make_call(**values: Any) -> Call:
    """An inbound call that is going on, at its first turn."""
    defaults = {
        "sid": f"CA{next(_serial):032x}",
        "direction": Direction.INBOUND,
        "from_number": "+8651200001234",
        "to_number": "+8651200000000",
        "status": "in-progress",
        "started_at": NOW,
        "updated_at": NOW,
        "turn_number": 1,
        "state": {},
        "turn": {},
        "context": {},
    }
    return Call(**defaults | values)


def make_check_in(**values: Any) -> CheckIn:
    """Today's, planned for now, of somebody new unless it says of whom."""
    defaults: dict[str, Any] = {
        "day": NOW.date(),
        "due_at": NOW,
        "next_at": NOW,
        "state": CheckInState.PLANNED,
        "created_at": NOW,
        "tries": 0,
    }
    if not values.keys() & {"person", "person_id"}:
        defaults["person"] = make_person()
    return CheckIn(**defaults | values)


def make_request(**values: Any) -> HelpRequest:
    """An open request without a call."""
    defaults = {
        "number": f"20261123-{next(_serial):03d}",
        "category": "repair",
        "urgency": Urgency.NORMAL,
        "reason": "message",
        "matter": "要人修东西",
        "created_at": NOW,
        "due_at": NOW + timedelta(days=3),
    }
    return HelpRequest(**defaults | values)
