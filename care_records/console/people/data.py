"""What the pages of people show: the list, and a card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from care_records.console.paging import Page, Place, read_page
from care_records.models import Community, Contact, Person, Staff, Volunteer, VolunteerPairing
from care_records.models.people import ContactKind
from care_records.services import searching
from care_records.services.people import age_on

_ORDER = (Person.pinyin, Person.id)
_ROW = (Person.name, Person.birth_date, Person.phone, Person.address, Person.lives_alone, Person.frail, Person.pinyin)


@dataclass(frozen=True)
class Card:
    """All that is known of somebody. `keyholders` are those of the contacts who have the key."""

    person: Person
    age: int
    contacts: Sequence[Contact]
    keyholders: Sequence[Contact]
    paired: Sequence[VolunteerPairing]
    """The present ones first."""


def listed(session: Session, text: str | None, community_id: int | None, place: Place) -> Page[Person]:
    """Those whom `text` finds, in the order of the alphabet."""
    query = select(Person).where(searching.listed())
    if text:
        query = query.where(searching.found_by(session, text))
    if community_id:
        query = query.where(Person.community_id == community_id)
    query = query.options(load_only(*_ROW), joinedload(Person.community))
    return read_page(session, query, _ORDER, place)


def card(session: Session, person_id: int, today: date) -> Card | None:
    """None: there is no such person, or no longer."""
    related = joinedload(Person.community), joinedload(Person.liaison_officer)
    around = selectinload(Person.contacts), selectinload(Person.pairings).joinedload(VolunteerPairing.volunteer)
    wanted = select(Person).where(Person.id == person_id, Person.erased_at.is_(None))
    person = session.scalar(wanted.options(*related, *around))
    if person is None:
        return None
    return Card(
        person=person,
        age=age_on(person.birth_date, today),
        contacts=person.contacts,
        keyholders=[contact for contact in person.contacts if contact.kind is ContactKind.KEYHOLDER],
        paired=sorted(person.pairings, key=lambda pairing: (pairing.until is not None, -pairing.id)),
    )


def communities(session: Session) -> list[tuple[int | str, str]]:
    """As the choices of a field."""
    return [(id_, name) for id_, name in session.execute(select(Community.id, Community.name).order_by(Community.name))]


def staff(session: Session) -> list[tuple[int | str, str]]:
    """Those who may be somebody's liaison officer, as the choices of a field."""
    active = select(Staff.id, Staff.name).where(Staff.active).order_by(Staff.name, Staff.id)
    return [(id_, name) for id_, name in session.execute(active)]


def names(session: Session) -> Mapping[str, str]:
    """The names of communities and staff, by `field:id`."""
    of_communities = {f"community_id:{id_}": name for id_, name in communities(session)}
    everybody = session.execute(select(Staff.id, Staff.name))
    return of_communities | {f"liaison_officer_id:{id_}": name for id_, name in everybody}


def volunteers(session: Session) -> list[str]:
    """The names of all, to choose from while one is typed."""
    return list(session.scalars(select(Volunteer.name).distinct().order_by(Volunteer.name)))


def contact(session: Session, person_id: int, contact_id: int) -> Contact | None:
    mine = Contact.id == contact_id, Contact.person_id == person_id
    return session.scalar(select(Contact).where(*mine).options(joinedload(Contact.person)))


def pairing(session: Session, person_id: int, pairing_id: int) -> VolunteerPairing | None:
    mine = VolunteerPairing.id == pairing_id, VolunteerPairing.person_id == person_id
    return session.scalar(select(VolunteerPairing).where(*mine))
