"""Puts the people of a roster into the records: new ones are added, known ones brought up to date."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import insert, inspect, select, text, update
from sqlalchemy.orm import Session

from care_records.models import Community, Contact, Person, PersonEvent
from care_records.names import address_for
from care_records.pinyin import search_text
from care_records.roster.entries import ContactEntry, Key, PersonEntry
from care_records.roster.problems import Problem, RosterRefused
from care_records.services.cards import Change, as_text, remembered

T = TypeVar("T")

BATCH: Final = 2000
_IMPORT_LOCK: Final = 0x726F_7374
"""Any number will do, as long as every import asks PostgreSQL for the same."""
_DEFAULTS: Final[dict[str, Any]] = {
    **dict.fromkeys(("sex", "category", "phone", "phone2", "community_id"), None),
    **dict.fromkeys(
        ("consent_recording", "consent_calls", "check_in_plan", "check_in_slot", "nap_start", "nap_end"), None
    ),
    **dict.fromkeys(("address", "hearing", "dialect", "illnesses", "notes"), ""),
    "lives_alone": False,
    "frail": False,
    "slow_speech": False,
}
"""What a new person has where the file says nothing. One shape for all rows lets them be inserted in bulk."""


@dataclass(slots=True)
class Counts:
    """What an import did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    contacts: int = 0
    """Contacts added or changed."""
    communities: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """When the file is taken in, and by whom: None, at the machine."""

    at: datetime
    staff_id: int | None = None


def store(session: Session, people: Sequence[PersonEntry], advance: Callable[[int], None], source: Source) -> Counts:
    """Writes `people` within the caller's transaction; `advance` is told how many more are done.

    A person with the same name and birth date is brought up to date: what the file gives replaces what was there, an
    empty cell leaves it, contacts are added and never removed. Raises RosterRefused if that finds two people.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
    counts = Counts()
    communities = _communities(session, people, counts)
    for person in people:
        if person.community is not None:
            person.values["community_id"] = communities[person.community]
    known = _known(session, people)
    for batch in _batches([person for person in people if person.key not in known]):
        _add(session, batch)
        counts.added += len(batch)
        advance(len(batch))
    _bring_up_to_date(session, people, known, counts, advance, source)
    counts.contacts = _store_contacts(session, people, anybody_known=bool(known))
    return counts


def _communities(session: Session, people: Sequence[PersonEntry], counts: Counts) -> dict[str, int]:
    """The ids of all communities by name; those that are named for the first time are made."""
    by_name = dict(session.execute(select(Community.name, Community.id)).all())
    for person in people:
        if person.community is not None and person.community not in by_name:
            community = Community(name=person.community)
            session.add(community)
            session.flush()
            by_name[person.community] = community.id
            counts.communities += 1
    return by_name


def _known(session: Session, people: Sequence[PersonEntry]) -> dict[Key, dict[str, Any]]:
    """The columns of those who are in the records already."""
    wanted = {person.key: person.row for person in people}
    known: dict[Key, dict[str, Any]] = {}
    problems = []
    for row in session.execute(select(*inspect(Person).columns)).mappings():
        key = (row["name"], row["birth_date"])
        if key not in wanted:
            continue
        if key in known:
            why = "档案里有两个人姓名和出生日期都相同，不知道是哪一个，请在系统里修改"
            problems.append(Problem(wanted[key], "", why, row["name"]))
        known[key] = dict(row)
    if problems:
        raise RosterRefused(sorted(problems, key=lambda problem: problem.row or 0))
    return known


def _add(session: Session, people: Sequence[PersonEntry]) -> None:
    rows = [_DEFAULTS | {"address_as": address_for(person.key[0])} | person.values for person in people]
    session.execute(insert(Person), rows)


def _bring_up_to_date(  # noqa: PLR0913, PLR0917
    session: Session,
    people: Sequence[PersonEntry],
    known: dict[Key, dict[str, Any]],
    counts: Counts,
    advance: Callable[[int], None],
    source: Source,
) -> None:
    for batch in _batches([person for person in people if person.key in known]):
        changes = []
        history = []
        for person in batch:
            row = known[person.key]
            new = {name: value for name, value in person.values.items() if value != row[name]}
            if new:
                changes.append({"id": row["id"], **new, **_found_by(row, new)})
                history.append(_history_row(row, new, source))
        if changes:
            session.execute(update(Person), changes)
            session.execute(insert(PersonEvent), history)
        counts.changed += len(changes)
        counts.unchanged += len(batch) - len(changes)
        advance(len(batch))


def _found_by(row: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    if not {"phone", "phone2"} & new.keys():
        return {}
    phones = (new.get(name, row[name]) for name in ("phone", "phone2"))
    return {"search": search_text(row["name"], *phones)}


def _history_row(row: Mapping[str, Any], new: Mapping[str, Any], source: Source) -> dict[str, Any]:
    changes = [Change(name, as_text(row[name]), as_text(value)) for name, value in new.items()]
    return {
        "person_id": row["id"],
        "at": source.at,
        "kind": "imported",
        "staff_id": source.staff_id,
        "changes": remembered(changes),
    }


def _store_contacts(session: Session, people: Sequence[PersonEntry], *, anybody_known: bool) -> int:
    """Adds the contacts that are new, and changes the relation of those that are not; says how many."""
    # Asking for the ids of all afterwards is a fraction of the price of having every insert return its own.
    ids = {(name, born): id_ for name, born, id_ in session.execute(select(Person.name, Person.birth_date, Person.id))}
    there: dict[int, dict[tuple[str, str], Contact]] = {}
    if anybody_known:
        for contact in session.scalars(select(Contact)):
            there.setdefault(contact.person_id, {})[contact.name, contact.phone] = contact
    rows = []
    changed = 0
    for person in people:
        id_ = ids[person.key]
        have = there.get(id_, {})
        rank = max((contact.rank for contact in have.values()), default=0)
        for entry in person.contacts:
            old = have.get((entry.name, entry.phone))
            if old is None:
                rank += 1
                rows.append(_contact_row(id_, rank, entry))
            elif entry.relation and (old.relation, old.kind) != (entry.relation, entry.kind):
                old.relation, old.kind = entry.relation, entry.kind
                changed += 1
    for batch in _batches(rows):
        session.execute(insert(Contact), batch)
    return len(rows) + changed


def _contact_row(person_id: int, rank: int, entry: ContactEntry) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "rank": rank,
        "kind": entry.kind,
        "name": entry.name,
        "relation": entry.relation,
        "phone": entry.phone,
    }


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
