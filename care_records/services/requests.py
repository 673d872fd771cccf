"""Help requests (工单): opened by the line, taken and resolved by officers. Every step writes its line of history."""

# ruff: noqa: PLR0913 - columns are given by name

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import Call, HelpRequest, HelpRequestEvent, RequestDay, Staff
from care_records.models.escalations import StepKind
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import cases
from care_records.services.cases import Taker
from care_records.services.deadlines import due_at
from care_records.services.statements import compare_and_set
from care_records.services.text import storable, storable_or_none
from care_records.services.urgency import graver, less_grave_than

_KINDS: Final = {
    StepKind.OFFICER: "值班员",
    StepKind.FAMILY: "家属",
    StepKind.KEYHOLDER: "钥匙保管人",
    StepKind.NEIGHBOUR: "邻居",
    StepKind.VOLUNTEER: "志愿者",
    StepKind.COMMUNITY: "",
}


class AlreadyTaken(Exception):  # noqa: N818 - it tells of a race, not of a mistake
    """Somebody else was quicker; `owner` is their name."""

    def __init__(self, owner: str) -> None:
        super().__init__("somebody else has taken the request")
        self.owner = owner


class WrongStatus(Exception):  # noqa: N818 - as above
    """The step does not follow from where the request is; `status` is where that is."""

    def __init__(self, status: RequestStatus) -> None:
        super().__init__(f"the request is {status}")
        self.status = status


def open_request(
    session: Session,
    *,
    call: Call | None,
    ref: str | None,
    person_id: int | None,
    phone: str | None,
    category: str,
    urgency: str,
    reason: str,
    matter: str,
    at: datetime,
    zone: ZoneInfo,
) -> HelpRequest:
    """Opens a request, numbered within the local day of `at` and due by its urgency.

    Naming the same (call, ref) again gives the request that is there, unchanged.
    """
    known = _known(session, call, ref)
    if known:
        return known
    try:
        with session.begin_nested():
            return _open(
                session,
                HelpRequest(
                    number=_next_number(session, at.astimezone(zone).date()),
                    ref=ref,
                    call_id=call.id if call else None,
                    person_id=person_id,
                    phone=storable_or_none(phone, 20),
                    category=category,
                    urgency=Urgency(urgency),
                    reason=reason,
                    matter=storable(matter),
                    created_at=at,
                    due_at=due_at(Urgency(urgency), at, zone),
                ),
            )
    except IntegrityError:
        known = _known(session, call, ref)
        if known is None:
            raise
        return known


def find(session: Session, call: Call, ref: str) -> HelpRequest | None:
    """The request that `call` opened under the name `ref`."""
    return session.scalar(select(HelpRequest).where(HelpRequest.call_id == call.id, HelpRequest.ref == ref))


def update_request(
    session: Session,
    request: HelpRequest,
    *,
    at: datetime,
    zone: ZoneInfo,
    category: str | None = None,
    matter: str | None = None,
    urgency: str | None = None,
    confirmed: bool | None = None,
    recording_sid: str | None = None,
    transcript: str | None = None,
    transcript_confidence: float | None = None,
    activity_id: int | None = None,
) -> None:
    """What the line has learnt since; None leaves a value as it is, and nothing new writes no history.

    Urgency only rises here, and brings the deadline forward with it: a caller who calms down is still rung back.
    """
    if urgency is not None:
        _raise_urgency(session, request, Urgency(urgency), at, zone)
    changes: dict[str, Any] = {"category": category, "matter": matter, "activity_id": activity_id}
    _set(session, request, "changed", at, changes)
    message = {"recording_sid": recording_sid, "transcript": transcript, "transcript_confidence": transcript_confidence}
    _set(session, request, "message", at, message)
    _set(session, request, "confirmed", at, {"confirmed": confirmed})


def note(
    session: Session, request: HelpRequest, text: str, *, at: datetime, staff: Staff | None = None, kind: str = "note"
) -> HelpRequestEvent:
    """Adds a line to the history. `kind` as in HelpRequestEvent; the line itself writes `transfer` with it."""
    event = HelpRequestEvent(
        request_id=request.id, at=at, kind=kind, staff_id=staff.id if staff else None, note=storable(text)
    )
    session.add(event)
    session.flush()
    session.expire(request, ["history"])
    return event


def take(session: Session, request: HelpRequest, staff: Staff, at: datetime, *, resolve_after: timedelta) -> None:
    """`staff` becomes the owner (承办人): the escalation stops ringing, the check-ins of the case have ended.

    Of two at once one wins and the other gets AlreadyTaken; twice is as once. While an escalation rings because a case
    was taken and not resolved, whoever takes it has it, and who has it already has `resolve_after` once more.
    Raises WrongStatus when it is resolved or closed.
    """
    _take(session, request, Taker(staff.name, staff.id), at, resolve_after, staff=staff, words="")


def take_over(
    session: Session, request: HelpRequest, name: str, kind: StepKind, at: datetime, *, resolve_after: timedelta
) -> None:
    """As `take`, by somebody who is not of the bureau: a contact, a volunteer, a community office."""
    words = f"{_KINDS[kind]}{name}接手。"
    _take(session, request, Taker(storable(name, 100), None), at, resolve_after, staff=None, words=words)


def resolve(
    session: Session, request: HelpRequest, *, staff: Staff | None, result: str, at: datetime, zone: ZoneInfo
) -> None:
    """It is done, and so is its escalation; the follow-up call (回访) is due the next local day.

    An open one becomes `staff`'s. None: whoever took it over says so, and an open one raises WrongStatus.
    """
    allowed = (RequestStatus.OPEN, RequestStatus.TAKEN) if staff else (RequestStatus.TAKEN,)
    cases.lock(session, request)
    values = {
        "status": RequestStatus.RESOLVED,
        "resolved_at": at,
        "result": storable(result),
        "follow_up_due": at.astimezone(zone).date() + timedelta(days=1),
    }
    if staff and request.status is RequestStatus.OPEN:
        values |= {"assignee_id": staff.id, "taken_by": staff.name}
    if not _move(session, request, allowed, values):
        raise WrongStatus(request.status)
    if staff:
        cases.end_check_ins(session, request, Taker(staff.name, staff.id), at)
    cases.resolved(session, request, at)
    note(session, request, result, at=at, staff=staff, kind="resolved")


def join(session: Session, request: HelpRequest, into: HelpRequest, *, at: datetime) -> bool:
    """Two requests that nobody has taken are about one case: `into` goes on for both, as urgent as the graver one.

    `request` is closed; its escalation and its check-ins are `into`'s. False, and nothing is changed, when `request`
    is not open any more.
    """
    for one in sorted((request, into), key=lambda one: one.id):
        cases.lock(session, one)
    values = {"status": RequestStatus.CLOSED, "resolved_at": at, "result": f"并入工单{into.number}。"}
    if not _move(session, request, (RequestStatus.OPEN,), values):
        return False
    cases.joined(session, request, into, at)
    into.due_at = min(into.due_at, request.due_at)
    _set(session, into, "changed", at, {"urgency": graver(into.urgency, request.urgency)})
    note(session, request, f"并入工单{into.number}。", at=at, kind="joined")
    note(session, into, f"工单{request.number}并入。", at=at, kind="joined")
    return True


def follow_up(
    session: Session, request: HelpRequest, *, staff: Staff, satisfaction: int | None, text: str, at: datetime
) -> None:
    """The person was rung back. `satisfaction` (满意度) is 1 to 5, None when they would not say; else ValueError."""
    if satisfaction is not None and not 1 <= satisfaction <= 5:
        raise ValueError("satisfaction is 1 to 5")
    values = {"status": RequestStatus.CLOSED, "followed_up_at": at, "satisfaction": satisfaction}
    if not _move(session, request, (RequestStatus.RESOLVED,), values):
        raise WrongStatus(request.status)
    note(session, request, text, at=at, staff=staff, kind="followed_up")


def reopen(
    session: Session, request: HelpRequest, *, staff: Staff | None, text: str, at: datetime, zone: ZoneInfo
) -> None:
    """It was not done after all: open again, without an owner, with a new deadline. The old result stays in history."""
    values = {
        "status": RequestStatus.OPEN,
        "assignee_id": None,
        "taken_by": None,
        "resolved_at": None,
        "result": None,
        "follow_up_due": None,
        "followed_up_at": None,
        "satisfaction": None,
        "due_at": due_at(request.urgency, at, zone),
    }
    if not _move(session, request, (RequestStatus.RESOLVED, RequestStatus.CLOSED), values):
        raise WrongStatus(request.status)
    cases.reopened(session, request, at)
    note(session, request, text, at=at, staff=staff, kind="reopened")


def _take(
    session: Session,
    request: HelpRequest,
    taker: Taker,
    at: datetime,
    resolve_after: timedelta,
    *,
    staff: Staff | None,
    words: str,
) -> None:
    cases.lock(session, request)
    if request.status not in (RequestStatus.OPEN, RequestStatus.TAKEN):
        raise WrongStatus(request.status)
    was_looking = cases.taken(session, request, taker, at, at + resolve_after)
    if request.status is RequestStatus.TAKEN and not was_looking:
        if (request.assignee_id, request.taken_by) != (taker.staff_id, taker.name):
            raise AlreadyTaken(request.taken_by or "")
        return
    values = {"status": RequestStatus.TAKEN, "assignee_id": taker.staff_id, "taken_by": taker.name}
    _move(session, request, (RequestStatus.OPEN, RequestStatus.TAKEN), values)
    cases.end_check_ins(session, request, taker, at)
    note(session, request, words, at=at, staff=staff, kind="taken")


def _known(session: Session, call: Call | None, ref: str | None) -> HelpRequest | None:
    return find(session, call, ref) if call is not None and ref is not None else None


def _next_number(session: Session, day: date) -> str:
    """The next 编号 of `day`. The row stays locked until the end of the transaction, so no number is given twice."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(RequestDay).values(day=day, count=1)
    next_one = insert.on_conflict_do_update(index_elements=[RequestDay.day], set_={"count": RequestDay.count + 1})
    count = session.execute(next_one.returning(RequestDay.count)).scalar_one()
    return f"{day:%Y%m%d}-{count:03d}"


def _open(session: Session, request: HelpRequest) -> HelpRequest:
    session.add(request)
    session.flush()
    note(session, request, request.reason, at=request.created_at, kind="opened")
    return request


def _set(session: Session, request: HelpRequest, kind: str, at: datetime, values: dict[str, Any]) -> None:
    """Sets what is given and new, and writes one line of history naming it."""
    new = {name: value for name, value in values.items() if value is not None and value != getattr(request, name)}
    for name, value in new.items():
        setattr(request, name, storable(value) if isinstance(value, str) else value)
    if new:
        note(session, request, ", ".join(f"{name}={value}" for name, value in new.items()), at=at, kind=kind)


def _raise_urgency(session: Session, request: HelpRequest, urgency: Urgency, at: datetime, zone: ZoneInfo) -> None:
    if request.urgency in less_grave_than(urgency):
        request.due_at = min(request.due_at, due_at(urgency, at, zone))
        _set(session, request, "changed", at, {"urgency": urgency})


def _move(session: Session, request: HelpRequest, allowed: tuple[RequestStatus, ...], values: dict[str, Any]) -> bool:
    """One atomic step from one of the `allowed` statuses; `request` then shows what the row says, moved or not."""
    return compare_and_set(session, request, HelpRequest.status.in_(allowed), values)
