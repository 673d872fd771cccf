"""A line without telephony, as tests speak to it, and what it has written down."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from care_records.database import make_engine, make_sessions
from care_records.models import Base, Call, HelpRequest
from ivr.calls import CallService, Journal
from ivr.calls.service import Understand
from ivr.config import Settings
from ivr.dialog.model import Event, Key, Silence, TransferResult, Turn, Utterance
from ivr.understanding import load_understanding
from prompts import load_catalogue
from tests.care_records.builders import NOW, make_officer, make_person

CALLER = "+8651200001234"
OFFICERS = ("+8651200009001", "+8651200009002")
SECOND = timedelta(seconds=1)

ONE, TWO, ZERO = Key(key="1"), Key(key="2"), Key(key="0")
NO_ANSWER = TransferResult(outcome="no_answer")
ANSWERED = TransferResult(outcome="answered", seconds=90)
MESSAGE = Utterance(recording_sid="RE1", seconds=8, key="1")
SILENCE = Silence()


def seed(url: str) -> None:
    """A person, whose telephone rings as CALLER, and two officers on duty."""
    officers = [make_officer(phone=phone, duty_rank=rank) for rank, phone in enumerate(OFFICERS, 1)]
    add(url, [make_person(phone=CALLER), *officers])


def add(url: str, rows: Iterable[Base]) -> None:
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        session.add_all(rows)
    engine.dispose()


def settings_for(url: str, folder: Path, **values: Any) -> Settings:
    defaults = {"data_dir": folder, "database_url": url, "database_wait_s": 0.1}
    return Settings(_env_file=None, **defaults | values)


class Line:
    """`at` is the time of the next thing that happens; every event takes a second."""

    def __init__(
        self, url: str, folder: Path, understand: Understand | None = None, *, hears: bool = False, **values: Any
    ) -> None:
        self.hears = hears
        self.settings = settings_for(url, folder, **values)
        self.engine = make_engine(url, wait_s=self.settings.database_wait_s)
        self.sessions = make_sessions(self.engine)
        self.journal = Journal(folder / "journal")
        understand = understand or load_understanding("zh_CN").understand
        catalogue = load_catalogue("zh_CN")
        self.service = CallService(
            self.sessions, self.settings, understand, self.journal, catalogue, hears=lambda: self.hears
        )
        self.at = NOW

    def start(self, sid: str = "CA1", from_number: str | None = CALLER) -> Turn:
        return self.service.start(sid, "inbound", from_number, "+8651252880000", self.tick())

    def answer(self, number: int, event: Event, sid: str = "CA1", url: str | None = None) -> Turn:
        if isinstance(event, Utterance) and event.recording_sid and url is None:
            url = f"https://provider.example/{event.recording_sid}"
        return self.service.answer(sid, number, event, self.tick(), recording_url=url)

    def status(self, status: str = "completed", duration_s: int | None = 60, sid: str = "CA1") -> None:
        self.service.status(sid, status, duration_s, self.tick())

    def play(self, *events: Event, sid: str = "CA1") -> Turn:
        """A call from its start, each event an answer to the turn that came before."""
        turn = self.start(sid)
        for event in events:
            turn = self.answer(turn.number, event, sid)
        return turn

    def call(self, sid: str = "CA1") -> Call:
        with self.sessions() as session:
            everything = selectinload(Call.turns), selectinload(Call.recordings), selectinload(Call.transfers)
            return session.scalars(select(Call).where(Call.sid == sid).options(*everything)).one()

    def calls(self) -> list[Call]:
        with self.sessions() as session:
            return list(session.scalars(select(Call)))

    def requests(self) -> list[HelpRequest]:
        with self.sessions() as session:
            found = select(HelpRequest).options(selectinload(HelpRequest.history)).order_by(HelpRequest.id)
            return list(session.scalars(found))

    def tick(self) -> datetime:
        """A second later."""
        self.at += SECOND
        return self.at
