"""A request is handed to somebody else. Taking one for oneself is `services.requests.take`."""

from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from care_records.models import Escalation, HelpRequest, Staff
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus
from care_records.services import cases, requests
from care_records.services.cases import Taker
from care_records.services.statements import compare_and_set, set_where

_ASSIGNABLE = (RequestStatus.OPEN, RequestStatus.TAKEN)


class StillRinging(Exception):  # noqa: N818 - it tells of a state, not of a mistake
    """Its alarm is looking for somebody: only who takes it ends that, not who names somebody else."""


def assign(  # noqa: PLR0913 - who hands what to whom, and when
    session: Session, request: HelpRequest, to: Staff, *, by: Staff, seen_owner: str | None, at: datetime
) -> None:
    """`to` becomes the owner. `seen_owner` is whom `by` believes to have it; None: nobody.

    Raises requests.AlreadyTaken if somebody else has it by now, requests.WrongStatus when it is resolved or closed, and
    StillRinging. To whom it belongs already changes nothing.
    """
    cases.lock(session, request)
    if request.status not in _ASSIGNABLE:
        raise requests.WrongStatus(request.status)
    if request.assignee_id == to.id:
        return
    if request.taken_by != seen_owner:
        raise requests.AlreadyTaken(request.taken_by or "")
    if is_ringing(session, request):
        raise StillRinging
    values = {"status": RequestStatus.TAKEN, "assignee_id": to.id, "taken_by": to.name}
    compare_and_set(session, request, HelpRequest.status.in_(_ASSIGNABLE), values)
    held = and_(Escalation.request_id == request.id, Escalation.state == EscalationState.TAKEN)
    set_where(session, Escalation, held, {"taken_by": to.name, "taken_by_id": to.id})
    cases.end_check_ins(session, request, Taker(to.name, to.id), at)
    requests.note(session, request, to.name, at=at, staff=by, kind="assigned")


def is_ringing(session: Session, request: HelpRequest) -> bool:
    """Whether the request's alarm is looking for somebody."""
    looking = Escalation.request_id == request.id, Escalation.state.in_(cases.LOOKING)
    return bool(session.scalar(select(exists().where(*looking))))
