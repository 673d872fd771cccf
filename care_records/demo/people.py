"""Invented people with the ages of a real bureau's: 439 of them, 400 离休 and 39 退休."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from care_records.models import Community, Contact, Person, Shift, Staff, Volunteer, VolunteerPairing
from care_records.models.people import Category, ContactKind, Sex
from care_records.names import address_for

AGES: Final[Mapping[int, int]] = {
    **{79: 10, 80: 14, 81: 20, 82: 30, 83: 40, 84: 45, 85: 54, 86: 46, 87: 42, 88: 38, 89: 30},
    **{90: 18, 91: 14, 92: 12, 93: 9, 94: 7, 95: 5, 96: 3, 97: 2},
}
"""How many are how old, in full years: 439 people, 86 years on average, 70 of them 90 or more."""
RETIRED: Final = 39
"""The youngest of them are 退休, the others 离休."""
FRAIL: Final = 24
"""The oldest of them are frail."""
SHIFT: Final = time(8, 30), time(17, 30)
SHIFT_DAYS: Final = 28

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
)
_COMPOUND_SURNAMES: Final = ("欧阳", "司马", "诸葛", "上官")
_GIVEN: Final = ("示例", "样本", "演示", "范例", "虚构", "假设", "模拟", "例如")
"""Nobody is called so: whoever hears or reads one of these names knows that it is invented."""

_RELATIONS: Final = (
    ("女儿", ContactKind.FAMILY),
    ("儿子", ContactKind.FAMILY),
    ("老伴", ContactKind.FAMILY),
    ("邻居", ContactKind.NEIGHBOUR),
    ("保管钥匙", ContactKind.KEYHOLDER),
)
_SLOTS: Final = tuple(
    time(*divmod(start + 15 * step, 60)) for start in (8 * 60 + 30, 14 * 60 + 30) for step in range(10)
)
"""Within the hours in which the line may ring people: 08:30 to 11:00 and 14:30 to 17:00."""
_HEARING: Final = ("", "", "听力下降，请说响一点", "戴助听器", "左耳听不见")
_DIALECTS: Final = ("常熟话", "常熟话", "普通话", "苏州话", "无锡话")


def number(block: int, index: int) -> str:
    """A telephone number that nobody can have: no subscriber's number in China begins with 0."""
    return f"+86512{block:04d}{index:04d}"


def staff() -> list[Staff]:
    """Three duty officers, in the order of ringing."""
    names = ("王值班", "李值班", "陈值班")
    return [Staff(name=name, phone=number(9, rank), duty_rank=rank) for rank, name in enumerate(names, start=1)]


def shifts(today: date, zone: ZoneInfo, officers: Sequence[Staff]) -> Iterator[Shift]:
    """By day the officers take turns for four weeks; otherwise all are rung, in their order."""
    for offset in range(SHIFT_DAYS):
        day = today + timedelta(days=offset)
        starts_at, ends_at = (datetime.combine(day, at, zone) for at in SHIFT)
        yield Shift(staff=officers[offset % len(officers)], starts_at=starts_at, ends_at=ends_at)


def communities() -> list[Community]:
    return [
        Community(name=f"示范{ordinal}社区", office_phone=number(4, index))
        for index, ordinal in enumerate("一二三四五六七八", start=1)
    ]


def volunteers(count: int = 60) -> list[Volunteer]:
    return [
        Volunteer(name=f"{_SURNAMES[index % len(_SURNAMES)]}志愿", phone=number(3, index + 1)) for index in range(count)
    ]


def people(
    day: date, communities: Sequence[Community], officers: Sequence[Staff], helpers: Sequence[Volunteer], random: Random
) -> list[Person]:
    """All 439, with their contacts and volunteers, as old on `day` as AGES says."""
    births = sorted(_births(day, random))
    invented = []
    for index, (name, born) in enumerate(zip(_names(random), births, strict=False)):
        person = _person(index, name, born, random)
        person.category = Category.TUIXIU if index >= len(births) - RETIRED else Category.LIXIU
        person.community = communities[index % len(communities)]
        person.frail = index < FRAIL
        person.liaison_officer = officers[index % len(officers)]
        person.contacts = list(_contacts(index, random))
        if index < 2 * len(helpers):
            helper = helpers[index % len(helpers)]
            person.pairings = [VolunteerPairing(volunteer=helper, since=day - timedelta(days=90 + index))]
        invented.append(person)
    random.shuffle(invented)
    for index, person in enumerate(invented, start=1):
        person.phone = _phone(index)
    return invented


def _births(day: date, random: Random) -> Iterator[date]:
    for age, count in AGES.items():
        latest = _years_before(day, age)
        earliest = _years_before(day, age + 1) + timedelta(days=1)
        for _ in range(count):
            yield earliest + timedelta(days=random.randrange((latest - earliest).days + 1))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _names(random: Random) -> list[str]:
    names = [surname + given for surname, given in product((*_SURNAMES, *_COMPOUND_SURNAMES), _GIVEN)]
    random.shuffle(names)
    return names


def _phone(index: int) -> str | None:
    """Most have a telephone of their own; every fortieth shares the one of the person before; some have none."""
    if index % 100 == 50:
        return None
    return number(0, index - 1 if index % 40 == 0 else index)


def _person(index: int, name: str, born: date, random: Random) -> Person:
    return Person(
        name=name,
        address_as=random.choices((address_for(name), "老领导", "老同志"), (8, 1, 1))[0],
        sex=random.choices((Sex.MALE, Sex.FEMALE), (7, 3))[0],
        birth_date=born,
        phone2=number(1, index + 1) if random.random() < 0.25 else None,
        address=f"示范路{random.randrange(1, 200)}号{random.randrange(1, 7)}0{random.randrange(1, 5)}室",
        hearing=random.choice(_HEARING),
        dialect=random.choice(_DIALECTS),
        nap_start=time(12, 30),
        nap_end=time(14, 0),
        consent_recording=random.choices((True, None, False), (8, 1, 1))[0],
        consent_calls=random.choices((True, None, False), (8, 1, 1))[0],
        check_in_slot=random.choice(_SLOTS),
        lives_alone=random.random() < 0.3,
    )


def _contacts(index: int, random: Random) -> Iterator[Contact]:
    chosen = random.sample(_RELATIONS, random.choice((1, 2, 2, 3)))
    for rank, (relation, kind) in enumerate(chosen, start=1):
        name = f"{random.choice(_SURNAMES)}{random.choice(_GIVEN)}"
        yield Contact(rank=rank, kind=kind, name=name, relation=relation, phone=number(20 + rank, index + 1))
