"""All that is kept of one person, to be handed to them: one ZIP with `person.json` and their recordings."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from care_records.models import (
    Base,
    Call,
    CallTurn,
    CheckIn,
    CheckInAnswer,
    Contact,
    HelpRequest,
    HelpRequestEvent,
    OutboundCall,
    Pause,
    Person,
    PersonEvent,
    Recording,
    Volunteer,
    VolunteerPairing,
)
from care_records.services import cards

FILE: Final = "person.json"
_INNER: Final = frozenset({"state", "turn", "context", "url", "pinyin", "search", "sha256", "next_at"})
"""Columns that are the machine's own, and say nothing more about the person."""


def write(session: Session, person: Person, folder: Path, out: BinaryIO, zone: ZoneInfo) -> None:
    """Writes the ZIP to `out`. Recordings are files of `folder`; one that is not there is named all the same."""
    told = everything(session, person)
    root = folder.resolve()
    with ZipFile(out, "w") as archive:
        text = json.dumps(_plain(told, zone), ensure_ascii=False, indent=2)
        archive.writestr(FILE, text, compress_type=ZIP_DEFLATED)
        for recording in told["recordings"]:
            path = (root / recording["path"]).resolve() if recording["path"] else None
            if path and path.is_relative_to(root) and path.is_file():
                archive.write(path, f"recordings/{path.name}", compress_type=ZIP_STORED)


def everything(session: Session, person: Person) -> dict[str, Any]:
    """The person's rows, a list for each table; ids are those of the records."""
    calls = list(session.scalars(select(Call.id).where(Call.person_id == person.id)))
    about = or_(HelpRequest.person_id == person.id, HelpRequest.call_id.in_(calls))
    requests = list(session.scalars(select(HelpRequest.id).where(about)))
    check_ins = list(session.scalars(select(CheckIn.id).where(CheckIn.person_id == person.id)))
    tables: Mapping[str, tuple[type[Base], ColumnElement[bool]]] = {
        "contacts": (Contact, Contact.person_id == person.id),
        "volunteer_pairings": (VolunteerPairing, VolunteerPairing.person_id == person.id),
        "card_changes": (PersonEvent, PersonEvent.person_id == person.id),
        "pauses": (Pause, Pause.person_id == person.id),
        "calls": (Call, Call.id.in_(calls)),
        "turns": (CallTurn, CallTurn.call_id.in_(calls)),
        "recordings": (Recording, Recording.call_id.in_(calls)),
        "requests": (HelpRequest, HelpRequest.id.in_(requests)),
        "request_history": (HelpRequestEvent, HelpRequestEvent.request_id.in_(requests)),
        "check_ins": (CheckIn, CheckIn.id.in_(check_ins)),
        "check_in_calls": (OutboundCall, OutboundCall.check_in_id.in_(check_ins)),
        "check_in_answers": (CheckInAnswer, CheckInAnswer.check_in_id.in_(check_ins)),
    }
    rows = {name: _rows(session, table, which) for name, (table, which) in tables.items()}
    return {"person": {"id": person.id, **cards.card(person), **_named(session, person)}, **rows}


def _named(session: Session, person: Person) -> dict[str, Any]:
    """What the card knows by number, by name."""
    paired = select(Volunteer.name).join(VolunteerPairing).where(VolunteerPairing.person_id == person.id)
    return {
        "community": person.community.name if person.community else None,
        "liaison_officer": person.liaison_officer.name if person.liaison_officer else None,
        "volunteers": list(session.scalars(paired.order_by(VolunteerPairing.id))),
        "created_at": person.created_at,
    }


def _rows(session: Session, table: type[Base], which: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [column for column in table.__table__.columns if column.name not in _INNER]
    found = session.execute(select(*columns).where(which).order_by("id")).mappings()
    return [{str(name): value for name, value in row.items()} for row in found]


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """What JSON can hold; moments as the office's clock has them."""
    if isinstance(value, dict):
        return {name: _plain(item, zone) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, zone) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
