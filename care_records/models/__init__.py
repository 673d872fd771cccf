"""The tables. One module a subject; `Base.metadata` is what migrations are checked against."""

from care_records.models.accounts import Account, AuditEvent
from care_records.models.base import Base
from care_records.models.calls import Call, CallTurn, Recording, Transfer
from care_records.models.check_ins import CallGate, CheckIn, CheckInAnswer, OutboundCall, Pause, Round
from care_records.models.content import Activity, Bulletin, BulletinPlay
from care_records.models.escalations import Escalation, EscalationStep, Shift
from care_records.models.people import (
    Community,
    Contact,
    Person,
    PersonEvent,
    Staff,
    Volunteer,
    VolunteerPairing,
)
from care_records.models.requests import Alert, HelpRequest, HelpRequestEvent, RequestDay
from care_records.models.retention import RetentionRun
from care_records.models.submissions import Submission
from care_records.models.upkeep import Upkeep
from care_records.models.words import CallWords

__all__ = [
    "Account",
    "Activity",
    "Alert",
    "AuditEvent",
    "Base",
    "Bulletin",
    "BulletinPlay",
    "Call",
    "CallGate",
    "CallTurn",
    "CallWords",
    "CheckIn",
    "CheckInAnswer",
    "Community",
    "Contact",
    "Escalation",
    "EscalationStep",
    "HelpRequest",
    "HelpRequestEvent",
    "OutboundCall",
    "Pause",
    "Person",
    "PersonEvent",
    "Recording",
    "RequestDay",
    "RetentionRun",
    "Round",
    "Shift",
    "Staff",
    "Submission",
    "Transfer",
    "Upkeep",
    "Volunteer",
    "VolunteerPairing",
]
