"""A call, one step after another: what happened goes into the conversation, what follows from it into the records.

Every step is a record (ivr.calls.record) that is committed to the database, or else is on disk in the journal, before
its turn is returned. A conversation goes on from memory, whether or not the database is there; memory, journal and
database can each be behind the others, and the furthest of them is where the call is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from threading import Lock

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from care_records.models.calls import Direction as PlacedBy
from care_records.services import calls
from care_records.services.text import storable
from ivr import dialog
from ivr.calls import placed
from ivr.calls.apply import apply, salvage
from ivr.calls.duty import DutyCopy
from ivr.calls.journal import DatabaseAwayError, Journal, Replayed
from ivr.calls.live import Conversation, LiveCalls
from ivr.calls.locks import CallLocks
from ivr.calls.meaning import heard_as
from ivr.calls.outage import Outage, away
from ivr.calls.reading import reading
from ivr.calls.record import Direction, Leg, Record, RecordingRecord, StatusRecord, StepRecord
from ivr.calls.scribe import Scribe
from ivr.calls.terms import Terms
from ivr.calls.world import World
from ivr.config import Settings
from ivr.dialog.model import CallStarted, Context, Event, HangUp, Hangup, Key, Listen, MachineAnswered, Turn, Utterance
from prompts import Catalogue
from speech.understanding import Meaning

log = structlog.get_logger()

Understand = Callable[[str, str | None], Meaning]


class CallService:
    """Safe between threads, and between processes that share the data folder."""

    def __init__(  # noqa: PLR0913 - what a conversation rests on
        self,
        sessions: sessionmaker[Session],
        settings: Settings,
        understand: Understand,
        journal: Journal,
        catalogue: Catalogue,
        *,
        hears: Callable[[], bool] = lambda: False,
    ) -> None:
        """`hears` tells whether answers can be given by voice just now; a call keeps to what it was when it began."""
        self._sessions = sessions
        self._terms = Terms.of(settings)
        self._understand = understand
        self._journal = journal
        self._world = World(settings, hears)
        self._scribe = Scribe(catalogue)
        self._duty = DutyCopy(settings.data_dir / "duty.json")
        self._locks = CallLocks(settings.data_dir / "locks")
        self._live = LiveCalls()
        self._outage = Outage(settings.database_wait_s)
        # Whoever waits for SQLite's write lock sleeps and looks again; in this process they stand in line instead.
        self._write_turn = Lock() if settings.database.startswith("sqlite") else nullcontext()

    # --- What the provider tells

    def start(  # noqa: PLR0913 - what a webhook brings
        self,
        sid: str,
        direction: Direction,
        from_number: str | None,
        to_number: str | None,
        now: datetime,
        *,
        outbound_id: int | None = None,
    ) -> Turn:
        """The first turn of a call; told twice, the current one. `outbound_id` is the row of one that the line placed:
        what the conversation is about depends on it."""
        with self._locks.hold(sid):
            known = self._find(sid)
            leg = Leg(direction=direction, from_number=from_number, to_number=to_number, outbound_id=outbound_id)
            return known.turn if known else self._begin(sid, leg, now)

    def answer(  # noqa: PLR0913 - what a webhook brings
        self,
        sid: str,
        number: int,
        event: Event,
        now: datetime,
        *,
        recording_url: str | None = None,
        leg: Leg | None = None,
    ) -> Turn:
        """The turn that follows when `event` answers turn `number`; anything but the current turn changes nothing,
        except that a key which was on its way when the caller hung up still brings about what it asks for.

        `recording_url` is where the provider keeps the recording that an Utterance names; it is fetched even when
        the answer comes too late. `leg` is needed only when nothing is known of the call, after a restart without
        the database: then the conversation begins anew, at the number that the call has reached.
        """
        with self._locks.hold(sid):
            known = self._find(sid, number)
            if known is None:
                log.warning("call_unknown", sid=sid, turn=number)
                return self._begin(sid, leg or Leg(), now, after=number)
            if number == known.turn.number and known.state.place != "over":
                return self._step(known, event, now, recording_url)
            if isinstance(event, Key | Utterance) and event.key is not None:
                self._late_key(known, number, Key(key=event.key), now)
            if isinstance(event, Utterance) and event.recording_sid and recording_url:
                self._late_recording(sid, number, event.recording_sid, recording_url, now)
            return known.turn

    def machine_answered(self, sid: str, now: datetime) -> bool:
        """A machine has picked up a call that the line placed; True if that has ended the conversation."""
        with self._locks.hold(sid):
            known = self._find(sid)
            return known is not None and isinstance(self._step(known, MachineAnswered(), now).then, HangUp)

    def status(
        self, sid: str, status: str, duration_s: int | None, now: datetime, *, outbound_id: int | None = None
    ) -> None:
        """The provider's word on the call, in any order, any number of times; a final one ends the conversation.

        `outbound_id` is the row of a call that the line has placed, which nobody need have answered.
        """
        record = StatusRecord(sid=sid, status=status, duration_s=duration_s, outbound_id=outbound_id, at=now)
        with self._locks.hold(sid):
            try:
                self._keep(*self._closing(self._find(sid), record))
            except calls.StaleTurn:  # a step elsewhere was quicker; it is that step's turn which is hung up
                self._keep(*self._closing(self._find(sid), record))

    def recording(self, sid: str, recording_sid: str, url: str, now: datetime) -> None:
        """A recording to be fetched."""
        with self._locks.hold(sid):
            self._keep(RecordingRecord(sid=sid, recording_sid=recording_sid, url=url, at=now))

    # --- What can be asked

    def turn(self, sid: str) -> Turn | None:
        """The current turn; None for a call that nothing is known of."""
        with self._locks.hold(sid):
            known = self._find(sid)
            return known.turn if known else None

    def listening(self, sid: str, number: int) -> Listen | None:
        """What turn `number` listens for, if it is the current one and its answer may be recognised."""
        with self._locks.hold(sid):
            known = self._find(sid, number)
        if known is None or known.turn.number != number or not known.context.speech:
            return None
        then = known.turn.then
        return then if isinstance(then, Listen) and then.speech else None

    def context_for(self, far_number: str | None, now: datetime, outbound_id: int | None = None) -> Context:
        """What a conversation with this number may know; without the database, at least who can be rung."""
        if not self._outage.on:
            try:
                with reading(self._sessions) as session:
                    context = self._world.look(session, far_number, now, outbound_id)
            except SQLAlchemyError as error:
                self._outage.noted(error)
                log.error("records_unreadable", error=type(error).__name__)
            else:
                self._duty.refresh(context.officers)
                return context
        return self._world.bare(far_number, now, self._duty.officers)

    def replay(self) -> Replayed:
        """Brings what is in the journal into the database. Raises OSError when the journal's folder refuses."""
        if self._journal.pending:
            self._outage.forget()
            self._open_new_connections()
        return self._journal.replay(self._replay)

    # --- Finding

    def _find(self, sid: str, number: int | None = None) -> Conversation | None:
        """The conversation as far as it has got; memory alone is asked when it is at turn `number` already."""
        live = self._live.get(sid)
        if live and live.turn.number == number:
            return live
        known = [found for found in (self._stored(sid), self._journalled(sid), live) if found]
        if not known:
            return None
        furthest = max(known, key=lambda conversation: conversation.turn.number)
        self._live.put(furthest)
        return furthest

    def _stored(self, sid: str) -> Conversation | None:
        try:
            with reading(self._sessions) as session:
                return self._conversation(session, sid)
        except SQLAlchemyError as error:
            self._outage.noted(error)
            log.error("records_unreadable", sid=sid, error=type(error).__name__)
        except ValidationError:
            log.error("stored_call_unreadable", sid=sid)
        return None

    def _conversation(self, session: Session, sid: str) -> Conversation | None:
        call = calls.find(session, sid)
        if call is None:
            return None
        row = placed.find(session, sid) if call.direction is PlacedBy.OUTBOUND else None
        return Conversation.stored(call, row.id if row else None)

    def _journalled(self, sid: str) -> Conversation | None:
        pending = self._journal.pending_for(sid)
        steps = [record for record in pending if isinstance(record, StepRecord) and not record.late]
        return Conversation.after(steps[-1]) if steps else None

    # --- Stepping

    def _begin(self, sid: str, leg: Leg, now: datetime, after: int = 0) -> Turn:
        """Starts the conversation; `after` is the turn that a call has reached whose conversation is lost."""
        context = self.context_for(leg.far_number, now, leg.outbound_id)
        step = dialog.step(None, CallStarted(), context)
        if after:
            step = _renumbered(step, after)
        return self._kept(
            StepRecord(
                sid=sid,
                leg=leg,
                context=context,
                answered=None,
                event=CallStarted(),
                effects=step.effects,
                matters=self._scribe.matters(step.effects),
                state=step.state,
                turn=step.turn,
                at=now,
            )
        )

    def _step(self, known: Conversation, event: Event, now: datetime, recording_url: str | None = None) -> Turn:
        record = self._stepped(known, event, now, recording_url)
        return self._kept(record) if record else known.turn

    def _stepped(
        self, known: Conversation, event: Event, now: datetime, recording_url: str | None = None
    ) -> StepRecord | None:
        """The step that `event` makes; None when the conversation is over and makes none."""
        event = self._understood(event, known.turn)
        step = dialog.step(known.state, event, known.context)
        if step.state.turn_number == known.state.turn_number:
            return None
        return StepRecord(
            sid=known.sid,
            leg=known.leg,
            context=known.context,
            answered=self._scribe.answered(known),
            event=event,
            effects=step.effects,
            matters=self._scribe.matters(step.effects),
            state=step.state,
            turn=step.turn,
            before=known.state if isinstance(event, Hangup | MachineAnswered) else None,
            recording_url=recording_url,
            at=now,
        )

    def _late_key(self, known: Conversation, number: int, key: Key, now: datetime) -> None:
        """The key answers the turn at which the call was ended: what it, and hanging up after it, would have led to is
        still done."""
        if known.before is None or known.before.turn_number != number:
            return
        unended = replace(known, state=known.before, turn=known.turn.model_copy(update={"number": number, "say": ()}))
        step = self._stepped(unended, key, now)
        if step is None:
            return
        hangup = self._stepped(Conversation.after(step), Hangup(), now)
        effects = (*step.effects, *hangup.effects) if hangup else step.effects
        matters = step.matters | (hangup.matters if hangup else {})
        log.warning("late_key_followed", sid=known.sid, turn=number)
        self._keep(step.model_copy(update={"late": True, "effects": effects, "matters": matters}))

    def _understood(self, event: Event, turn: Turn) -> Event:
        if not isinstance(event, Utterance) or not event.text:
            return event
        text = storable(event.text)
        meaning = self._understand(text, turn.then.question if isinstance(turn.then, Listen) else None)
        return event.model_copy(update={"text": text, "meaning": heard_as(meaning)})

    def _closing(self, known: Conversation | None, record: StatusRecord) -> tuple[Record, ...]:
        """The status, after the step in which it ends the conversation, if it does."""
        if known is None or record.status not in calls.FINAL_STATUSES:
            return (record,)
        hangup = self._stepped(known, Hangup(), record.at)
        return (hangup, record) if hangup else (record,)

    # --- Keeping

    def _kept(self, record: StepRecord) -> Turn:
        """Keeps the step and returns its turn, or the current one when a step elsewhere was quicker."""
        try:
            self._keep(record)
        except calls.StaleTurn:
            log.info("step_was_late", sid=record.sid, turn=record.turn.number)
            current = self._find(record.sid)
            return current.turn if current else record.turn
        return record.turn

    def _keep(self, *records: Record) -> None:
        """Commits the records of one call or, failing that, journals them: then they are safe. Raises StaleTurn."""
        try:
            self._commit(records)
        except calls.StaleTurn:
            raise
        except Exception as error:  # noqa: BLE001 - whatever keeps it out of the database, the journal takes it
            self._journal.append(records)
            log.error("record_journalled", sid=records[0].sid, error=type(error).__name__)
        for record in records:
            if isinstance(record, StepRecord) and not record.late:
                self._live.put(Conversation.after(record))

    def _commit(self, records: tuple[Record, ...]) -> None:
        """Commits the records, and before them whatever of the same call is still in the journal."""
        with self._writing() as session:
            for record in self._journal.pending_for(records[0].sid):
                self._apply_late(session, record)
            for record in records:
                apply(session, record, self._terms)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """A session that commits at the end. Raises DatabaseAwayError, without trying, just after one has failed."""
        with self._write_turn:
            if self._outage.on:
                raise DatabaseAwayError
            try:
                with self._sessions.begin() as session:
                    yield session
            except SQLAlchemyError as error:
                self._outage.noted(error)
                raise

    def _replay(self, record: Record) -> None:
        with self._locks.hold(record.sid):
            try:
                with self._writing() as session:
                    self._apply_late(session, record)
            except SQLAlchemyError as error:
                if away(error):
                    raise DatabaseAwayError from error
                raise

    def _open_new_connections(self) -> None:
        """One that was opened while nothing could be written may not know that this has changed."""
        with self._sessions() as session:
            session.get_bind().engine.dispose()

    def _apply_late(self, session: Session, record: Record) -> None:
        """Applies a record that has been in the journal, from where the call has got to without it."""
        if isinstance(record, StatusRecord):
            for closing in self._closing(self._conversation(session, record.sid), record):
                apply(session, closing, self._terms)
            return
        try:
            apply(session, record, self._terms)
        except calls.StaleTurn:
            assert isinstance(record, StepRecord)
            log.warning("step_salvaged", sid=record.sid, turn=record.turn.number)
            salvage(session, record, self._terms)

    def _late_recording(self, sid: str, number: int, recording_sid: str, url: str, now: datetime) -> None:
        self._keep(RecordingRecord(sid=sid, recording_sid=recording_sid, url=url, turn_number=number, at=now))


def _renumbered(step: dialog.Step, after: int) -> dialog.Step:
    """The first step of a conversation that takes a call over: turns and requests are numbered on from `after`."""
    number = after + 1
    return dialog.Step(
        step.state.but(turn_number=number, opened=number), step.effects, step.turn.model_copy(update={"number": number})
    )
