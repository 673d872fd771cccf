"""Rows become people: each cell is read, all that is wrong is collected, rows of one person are put together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from openpyxl.utils import get_column_letter

from care_records.models.people import ContactKind
from care_records.roster.cells import Parser, Refused, as_text
from care_records.roster.columns import REQUIRED, Columns
from care_records.roster.problems import Problem

Key = tuple[str, date]
"""Name and birth date: who somebody is, as far as a roster tells."""
Read = Mapping[str, Any]
"""A row's values by field; fields whose cells are empty are not in it."""

_CONTACT: Final = ("contact_name", "contact_phone", "contact_relation")
_COLUMN_OF: Final = {"check_in": "check_in_plan", "slot": "check_in_slot", "alone": "lives_alone"}
"""Where the records use another name than the roster."""


@dataclass(frozen=True, slots=True)
class ContactEntry:
    name: str
    phone: str
    relation: str

    @property
    def kind(self) -> ContactKind:
        if "钥匙" in self.relation:
            return ContactKind.KEYHOLDER
        return ContactKind.NEIGHBOUR if "邻" in self.relation else ContactKind.FAMILY


@dataclass(slots=True)
class PersonEntry:
    """One person of the file. `values` are columns of Person, only those that the file gives."""

    row: int
    key: Key
    values: dict[str, Any]
    community: str | None
    contacts: list[ContactEntry] = field(default_factory=list)


@dataclass(slots=True)
class Entries:
    """What came of the rows. With any problem the rest is not to be used."""

    people: dict[Key, PersonEntry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    repeated_rows: list[int] = field(default_factory=list)
    """Rows that say nothing new about a person."""


def read_entries(
    columns: Columns, rows: Iterable[tuple[int, Sequence[object]]], parse: Mapping[str, Parser]
) -> Entries:
    """Reads every row and collects every problem."""
    entries = Entries()
    readers = [(field_name, index, parse[field_name]) for field_name, index in columns.places.items()]
    firsts: dict[Key, Read] = {}
    for number, cells in rows:
        before = len(entries.problems)
        read = _read_row(columns, number, cells, readers, entries.problems)
        if len(entries.problems) > before:
            continue
        key = (read["name"], read["birth_date"])
        first = firsts.setdefault(key, read)
        if first is read:
            entries.people[key] = _person(number, key, read)
        else:
            _add_row(entries, columns, number, first, read)
    return entries


def _read_row(
    columns: Columns,
    number: int,
    cells: Sequence[object],
    readers: Sequence[tuple[str, int, Parser]],
    problems: list[Problem],
) -> Read:
    read: dict[str, Any] = {}
    for field_name, index, parse in readers:
        text = as_text(cells[index]) if index < len(cells) else ""
        if text:
            try:
                read[field_name] = parse(text)
            except Refused as refused:
                problems.append(Problem(number, columns.headings[index], str(refused), text))
        elif field_name in REQUIRED:
            problems.append(Problem(number, columns.headings[index], "没有填"))
    problems += _homeless(columns, number, cells)
    problems += _contact_problems(columns, number, read)
    return read


def _homeless(columns: Columns, number: int, cells: Sequence[object]) -> Iterator[Problem]:
    """Cells below no heading: mostly a comma too many, which would have moved everything by a column."""
    for index, cell in enumerate(cells):
        if (index >= len(columns.headings) or not columns.headings[index]) and as_text(cell):
            yield Problem(number, f"{get_column_letter(index + 1)} 列", "这一格上面没有标题", as_text(cell))


def _contact_problems(columns: Columns, number: int, read: Read) -> Iterator[Problem]:
    """A contact has a name and a phone, or there is none."""
    given = [name for name in _CONTACT if name in read]
    for needed, text in (("contact_name", "没有填联系人姓名"), ("contact_phone", "没有填联系人电话")):
        if given and needed not in read:
            place = needed if needed in columns.places else given[0]
            yield Problem(number, columns.heading(place), text)


def _person(row: int, key: Key, read: Read) -> PersonEntry:
    own = {name: value for name, value in read.items() if name != "community" and name not in _CONTACT}
    values = {_COLUMN_OF.get(name, name): value for name, value in own.items()}
    return PersonEntry(row, key, values, read.get("community"), list(_contacts(read)))


def _contacts(read: Read) -> Iterator[ContactEntry]:
    if "contact_name" in read:
        yield ContactEntry(read["contact_name"], read["contact_phone"], read.get("contact_relation", ""))


def _add_row(entries: Entries, columns: Columns, number: int, first: Read, read: Read) -> None:
    """A further row of a person may add a contact; about the person themselves it must not say anything else."""
    person = entries.people[(read["name"], read["birth_date"])]
    own = [name for name in read if name not in _CONTACT]
    contradicting = [name for name in own if read[name] != first.get(name)]
    for name in contradicting:
        text = f"和第 {person.row} 行同一个人（姓名、出生日期相同）的内容不一致"
        entries.problems.append(Problem(number, columns.heading(name), text, str(read[name])))
    new = [contact for contact in _contacts(read) if contact not in person.contacts]
    if not contradicting and not new:
        entries.repeated_rows.append(number)
    person.contacts += new
