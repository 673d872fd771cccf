"""The monthly report (月报): every figure of a period, counted by the database.

    report = monthly(session, Period(date(2026, 11, 1), date(2026, 11, 30)), zone, now)

A call, a check-in, a help request belongs to the period in which it began. No statement reads more than a month of
calls at a time, so that each ends within what a statement may take.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, Text, and_, case, cast, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from care_records.models import (
    Call,
    CallTurn,
    CheckIn,
    HelpRequest,
    HelpRequestEvent,
    OutboundCall,
    Pause,
    Transfer,
)
from care_records.models.check_ins import CheckInState, OutboundCallState
from care_records.models.requests import RequestStatus, Urgency
from care_records.services.figures import (
    Alarms,
    Calls,
    CheckIns,
    FollowUps,
    Kind,
    Part,
    Pauses,
    Rate,
    Report,
    Speech,
)
from care_records.services.periods import Period
from care_records.services.seconds import seconds_between

VISITED: Final = "上门"
FALSE_ALARM: Final = "误报"
"""Words with which a result begins that tells of a visit, or of an alarm that was none."""

ACKNOWLEDGED_IN: Final = timedelta(seconds=60)
RESPONDED_IN: Final = timedelta(minutes=15)
SATISFIED: Final = 4
"""满意度 from which somebody is satisfied."""

_NOT_CONNECTED: Final = ("busy", "failed", "no-answer", "canceled")
_UNANSWERED: Final = ("no_answer", "busy", "failed", "canceled", "bad_number", "machine", "lost")
_ACKNOWLEDGING: Final = ("taken", "assigned", "resolved")
_KEYS_ONLY: Final = '%"confused.keys"%'
"""The prompt with which the line, having heard nothing it understands, asks for keys."""


def monthly(session: Session, period: Period, zone: ZoneInfo, now: datetime) -> Report:
    """All figures of the period as they stand at `now`; its days are those of `zone`."""
    begin, end = period.span(zone)
    created = within(HelpRequest.created_at, begin, end) & not_(merged())
    return Report(
        period=period,
        calls=_calls(session, period, zone),
        parts=[_part(session, part, zone) for part in period.parts()],
        check_ins=_check_ins(session, period),
        kinds=_kinds(session, created, now),
        follow_ups=_follow_ups(session, created),
        alarms=[_alarms(session, created, urgency) for urgency in (Urgency.RED, Urgency.ORANGE)],
        pauses=_pauses(session, period),
        speech=_speech(session, period, zone),
    )


def within(column: InstrumentedAttribute[datetime], begin: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= begin, column < end)


def merged() -> ColumnElement[bool]:
    """It was found to be about the same case as another one, which is counted in its place."""
    return and_(HelpRequest.status == RequestStatus.CLOSED, HelpRequest.followed_up_at.is_(None))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group meet the condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


# --- Calls


def _calls(session: Session, period: Period, zone: ZoneInfo) -> Calls:
    outcomes: Counter[str] = Counter()
    answered = 0
    for part in period.parts("month"):
        span = within(Call.started_at, *part.span(zone))
        grouped = select(Call.outcome, Call.status, func.count()).where(Call.purpose == "inbound", span)
        for outcome, status, count in session.execute(grouped.group_by(Call.outcome, Call.status)):
            connected = status not in _NOT_CONNECTED
            answered += count if connected else 0
            outcomes[outcome if connected and outcome else status] += count
    return Calls(
        inbound=Rate(answered, outcomes.total()),
        tries=_tries(session, period, zone),
        transfers=_transfers(session, period, zone),
        outcomes=dict(outcomes.most_common()),
    )


def _tries(session: Session, period: Period, zone: ZoneInfo) -> Rate:
    """Of the check-in calls that were made and are over."""
    over = OutboundCall.state == OutboundCallState.ENDED, within(OutboundCall.due_at, *period.span(zone))
    made = OutboundCall.check_in_id.is_not(None), OutboundCall.sent_at.is_not(None), OutboundCall.result.is_not(None)
    answered = _number_of(OutboundCall.result.not_in(_UNANSWERED))
    return Rate(*session.execute(select(answered, func.count()).where(*over, *made)).one())


def _transfers(session: Session, period: Period, zone: ZoneInfo) -> Rate:
    """Of the callers for whom officers were rung, those whom one of them answered."""
    rung = select(Transfer.call_id, func.max(case((Transfer.outcome == "answered", 1), else_=0)).label("through"))
    calls = rung.join(Call).where(within(Call.started_at, *period.span(zone))).group_by(Transfer.call_id).subquery()
    return Rate(
        *session.execute(select(func.coalesce(func.sum(calls.c.through), 0), func.count()).select_from(calls)).one()
    )


def _part(session: Session, part: Period, zone: ZoneInfo) -> Part:
    span = within(Call.started_at, *part.span(zone))

    def counted(purpose: str) -> ScalarSelect[int]:
        return select(func.count()).where(Call.purpose == purpose, span).scalar_subquery()

    return Part(part, *session.execute(select(counted("inbound"), counted("check_in"))).one())


def _speech(session: Session, period: Period, zone: ZoneInfo) -> Speech:
    """Counted by the month: turns are many, and no question's answer is in another call."""
    totals: Counter[str] = Counter()
    for part in period.parts("month"):
        totals.update(_spoken(session, part, zone))
    return Speech(
        calls=Rate(totals["fallen"], totals["spoke"]),
        questions=Rate(totals["keys"], totals["keys"] + totals["utterances"]),
        asked=totals["asked"],
    )


def _spoken(session: Session, part: Period, zone: ZoneInfo) -> Mapping[str, int]:
    """Calls are numbered as they come: between the first and the last of the part, few turns are of another time, and
    all are found near each other."""
    span = within(Call.started_at, *part.span(zone))
    borders = select(func.coalesce(func.min(Call.id), 0), func.coalesce(func.max(Call.id), 0))
    first, last = session.execute(borders.where(span)).one()
    by_call = (
        select(
            CallTurn.call_id,
            _number_of(CallTurn.answer == "utterance").label("utterances"),
            _number_of(CallTurn.answer == "key").label("keys"),
            _number_of(cast(CallTurn.said, Text).like(_KEYS_ONLY)).label("asked"),
        )
        .where(CallTurn.call_id.between(first, last))
        .group_by(CallTurn.call_id)
        .subquery()
    )
    spoke = by_call.c.utterances > 0
    counted = select(
        func.coalesce(func.sum(by_call.c.utterances), 0).label("utterances"),
        func.coalesce(func.sum(by_call.c["keys"]), 0).label("keys"),
        func.coalesce(func.sum(by_call.c.asked), 0).label("asked"),
        _number_of(spoke).label("spoke"),
        _number_of(and_(spoke, by_call.c.asked > 0)).label("fallen"),
    ).join_from(by_call, Call, Call.id == by_call.c.call_id)
    return {name: int(value) for name, value in session.execute(counted.where(span)).one()._mapping.items()}


# --- Check-ins


def _check_ins(session: Session, period: Period) -> CheckIns:
    own = CheckIn.day.between(period.first, period.last)
    withdrawn = CheckIn.state == CheckInState.WITHDRAWN
    counted = select(CheckIn.outcome, func.count()).where(own, not_(withdrawn)).group_by(CheckIn.outcome)
    outcomes = dict(session.execute(counted).all())
    seen = select(func.count(), _number_of(CheckIn.reason.startswith(VISITED))).where(own, withdrawn)
    taken_back, seen_at_home = session.execute(seen).one()
    results = select(_number_of(_visited()), _number_of(_false_alarm())).select_from(CheckIn)
    visits, false_alarms = session.execute(results.join(CheckIn.request).where(own)).one()
    return CheckIns(
        due=sum(outcomes.values()),
        outcomes=outcomes,
        taken_back=taken_back,
        visits=visits + seen_at_home,
        false_alarms=false_alarms,
    )


def _visited() -> ColumnElement[bool]:
    return func.coalesce(HelpRequest.result, "").startswith(VISITED)


def _false_alarm() -> ColumnElement[bool]:
    return func.coalesce(HelpRequest.result, "").startswith(FALSE_ALARM)


def _pauses(session: Session, period: Period) -> Pauses:
    """Those that held on a day of the period at least."""
    held = Pause.first_day <= period.last, Pause.last_day >= period.first
    counted = select(func.count(), func.count(Pause.person_id.distinct())).where(*held)
    return Pauses(*session.execute(counted).one())


# --- Help requests


def _kinds(session: Session, created: ColumnElement[bool], now: datetime) -> list[Kind]:
    """The most frequent first."""
    done = HelpRequest.resolved_at.is_not(None)
    total = func.count().label("total")
    counted = select(
        HelpRequest.category,
        total,
        _number_of(HelpRequest.resolved_at <= HelpRequest.due_at),
        _number_of(HelpRequest.resolved_at > HelpRequest.due_at),
        _number_of(and_(not_(done), HelpRequest.due_at < now)),
        _number_of(and_(not_(done), HelpRequest.due_at >= now)),
    ).where(created)
    ordered = counted.group_by(HelpRequest.category).order_by(total.desc(), HelpRequest.category)
    return [Kind(*row) for row in session.execute(ordered)]


def _follow_ups(session: Session, created: ColumnElement[bool]) -> FollowUps:
    followed, resolved = _number_of(HelpRequest.followed_up_at.is_not(None)), HelpRequest.resolved_at.is_not(None)
    done = session.execute(select(followed, func.count()).where(created, resolved)).one()
    graded = select(HelpRequest.satisfaction, func.count()).where(created, HelpRequest.satisfaction.is_not(None))
    grades: dict[int, int] = {
        grade: n for grade, n in session.execute(graded.group_by(HelpRequest.satisfaction)) if grade
    }
    satisfied = sum(count for grade, count in grades.items() if grade >= SATISFIED)
    return FollowUps(Rate(*done), Rate(satisfied, sum(grades.values())), grades)


def _alarms(session: Session, created: ColumnElement[bool], urgency: Urgency) -> Alarms:
    """Somebody has it from the first time that it was taken, given to somebody, or resolved."""
    first = select(func.min(HelpRequestEvent.at)).where(HelpRequestEvent.request_id == HelpRequest.id)
    taken_at = first.where(HelpRequestEvent.kind.in_(_ACKNOWLEDGING)).scalar_subquery()
    waited: ColumnElement[Any] = seconds_between(HelpRequest.created_at, taken_at)
    states = [HelpRequest.status == status for status in (RequestStatus.OPEN, RequestStatus.TAKEN)]
    over = not_(or_(*states))
    cases = (
        select(
            (waited <= ACKNOWLEDGED_IN.total_seconds()).label("soon"),
            (waited <= RESPONDED_IN.total_seconds()).label("in_time"),
            case((states[0], "open"), (states[1], "taken"), else_="over").label("status"),
            and_(over, _visited()).label("visited"),
            and_(over, _false_alarm()).label("false_alarm"),
        )
        .where(created, HelpRequest.urgency == urgency)
        .subquery()
    ).c
    conditions = (
        cases.soon,
        cases.in_time,
        cases.status == "open",
        cases.status == "taken",
        cases.visited,
        cases.false_alarm,
    )
    counted = select(func.count(), *[_number_of(condition) for condition in conditions])
    total, soon, in_time, open_, taken, visited, false_alarms = map(int, session.execute(counted).one())
    return Alarms(
        urgency=urgency,
        acknowledged=Rate(soon, total),
        responded=Rate(in_time, total),
        open=open_,
        taken=taken,
        visited=visited,
        false_alarms=false_alarms,
        otherwise=total - open_ - taken - visited - false_alarms,
    )
