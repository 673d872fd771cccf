"""What a conversation may know: who is calling, who is on duty, what there is to tell. A snapshot for each call."""

from collections.abc import Callable
from datetime import datetime, time

from sqlalchemy.orm import Session

from care_records import phones
from care_records.models import Activity, OutboundCall, Person
from care_records.services import check_ins, content, duty, escalations, outbound_calls, people
from ivr.calls import briefs
from ivr.calls.spoken import moment
from ivr.config import Settings
from ivr.dialog.model import Caller, Context, Item, Officer


class World:
    """Reads the records for one conversation at a time; raises whatever the database raises."""

    def __init__(self, settings: Settings, hears: Callable[[], bool]) -> None:
        """`hears` tells whether a recogniser is listening just now."""
        self._settings = settings
        self._hears = hears

    def number(self, from_number: str | None) -> str | None:
        """The caller's number in E.164; None when it is withheld or is no telephone number."""
        if not from_number:
            return None
        user = from_number.strip().removeprefix("sip:").removeprefix("tel:").partition("@")[0]
        return phones.normalise(user, self._settings.region, self._settings.area_code)

    def bare(self, from_number: str | None, now: datetime, officers: tuple[Officer, ...]) -> Context:
        """As much as can be known without the database: not whether they want to be recorded, so keys only."""
        return Context(
            started_at=now, number=self.number(from_number), officers=officers, person_first=self._person_first(now)
        )

    def look(self, session: Session, far_number: str | None, now: datetime, outbound_id: int | None = None) -> Context:
        """Everything. `outbound_id` is the row of a call that the line has placed: it says whom we have rung, and why.

        Who shares a telephone is not called by a name, unless it is them whom we have rung, and is recorded only if
        nobody there declined.
        """
        row = outbound_calls.get(session, outbound_id) if outbound_id is not None else None
        if row is not None and row.escalation_id is not None:
            return self._for_helper(session, row, now)
        number = row.to_number if row else far_number
        bare = self.bare(number, now, officers(session, now))
        there = _people(session, bare.number)
        rung = row.check_in if row else None
        person = rung.person if rung else there[0] if len(there) == 1 else None
        return bare.model_copy(
            update={
                "caller": _caller(person) if person else None,
                "speech": self._hears() and all(map(_may_be_recorded, [*there, *([person] if person else [])])),
                "bulletins": tuple(
                    Item(id=bulletin.id, title=bulletin.title, text=bulletin.text)
                    for bulletin in content.current_bulletins(session, now)
                ),
                "activities": tuple(
                    self._activity(activity)
                    for activity in content.upcoming_activities(session, person.community_id if person else None, now)
                ),
                "person_first": bare.person_first and rung is None,
                "check_in": briefs.of_check_in(session, rung) if rung else None,
                **(self._of_inbound(session, bare.number, person, now) if row is None else {}),
            }
        )

    def _of_inbound(
        self, session: Session, number: str | None, person: Person | None, now: datetime
    ) -> dict[str, object]:
        """What somebody who rings the line has open with it: their check-in of today, or the cases they have taken."""
        today = now.astimezone(self._settings.zone).date()
        pending = check_ins.pending(session, person.id, today) if person else None
        taken = escalations.for_staff_phone(session, number) if number else []
        return {
            "pending": briefs.of_check_in(session, pending) if pending else None,
            "cases": tuple(briefs.of_case(escalation, now, taken=True) for escalation in taken),
        }

    def _for_helper(self, session: Session, row: OutboundCall, now: datetime) -> Context:
        """A helper is rung about one case, and answers by keys alone."""
        bare = self.bare(row.to_number, now, officers(session, now))
        return bare.model_copy(update={"case": briefs.of_ring(session, row, now), "person_first": False})

    def _person_first(self, now: datetime) -> bool:
        """Whether a person is rung before the menu: if so configured, and in office hours."""
        local = now.astimezone(self._settings.zone)
        opens, closes = map(time.fromisoformat, self._settings.office_hours.split("-"))
        open_now = str(local.isoweekday()) in self._settings.office_days and opens <= local.time() < closes
        return self._settings.person_first and open_now

    def _activity(self, activity: Activity) -> Item:
        when = moment(activity.starts_at.astimezone(self._settings.zone))
        where = f"，在{activity.place}" if activity.place else ""
        return Item(id=activity.id, title=activity.title, text=f"{when}{where}。{activity.text}")


def purpose_of(context: Context) -> str:
    """What a call is for, as its row says it."""
    if context.case is not None:
        return "escalation"
    return "check_in" if context.check_in is not None else "inbound"


def officers(session: Session, now: datetime) -> tuple[Officer, ...]:
    """Who can be rung for a caller, first things first."""
    return tuple(
        Officer(staff_id=staff.id, name=staff.name, phone=staff.phone)
        for staff in duty.officers(session, now)
        if staff.phone
    )


def only_person(session: Session, number: str | None) -> Person | None:
    """The one person with this telephone; None when there is none, or when there are several."""
    found = _people(session, number)
    return found[0] if len(found) == 1 else None


def _people(session: Session, number: str | None) -> list[Person]:
    return people.by_phone(session, number) if number else []


def _caller(person: Person) -> Caller:
    return Caller(
        person_id=person.id,
        address_as=person.address_as,
        slow=person.slow_speech,
        records=_may_be_recorded(person),
    )


def _may_be_recorded(person: Person) -> bool:
    return person.consent_recording is not False
