"""The tables. One module a subject; `Base.metadata` is what migrations are checked against."""

from care_records.models.base import Base
from care_records.models.calls import Call, CallTurn, Recording, Transfer
from care_records.models.content import Activity, Bulletin, BulletinPlay
from care_records.models.people import Community, Contact, Person, Staff, Volunteer, VolunteerPairing
from care_records.models.requests import Alert, HelpRequest, HelpRequestEvent, RequestDay

__all__ = [
    "Activity",
    "Alert",
    "Base",
    "Bulletin",
    "BulletinPlay",
    "Call",
    "CallTurn",
    "Community",
    "Contact",
    "HelpRequest",
    "HelpRequestEvent",
    "Person",
    "Recording",
    "RequestDay",
    "Staff",
    "Transfer",
    "Volunteer",
    "VolunteerPairing",
]
