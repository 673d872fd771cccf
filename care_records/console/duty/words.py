"""The usual shifts, and how times are said."""

from dataclasses import dataclass
from typing import Final

from care_records.console.context import settings
from care_records.console.languages import gettext as _
from care_records.console.languages import lazy_gettext
from care_records.console.showing import day
from care_records.services.duty import Gap


@dataclass(frozen=True)
class Kind:
    """A usual shift, by the office's clock; one that ends before it begins ends on the next day."""

    title: str
    begin: str
    end: str


KINDS: Final = {
    "day": Kind(lazy_gettext("白班"), "08:00", "17:00"),
    "night": Kind(lazy_gettext("夜班"), "17:00", "08:00"),
    "whole": Kind(lazy_gettext("全天"), "08:00", "08:00"),
}


def span(gap: Gap) -> str:
    """11月23日 周一 17:00 到 11月24日 周二 08:00"""
    begin, end = (at.astimezone(settings().zone) for at in gap)
    if begin.date() == end.date():
        return _("%(day)s %(begin)s 到 %(end)s", day=day(begin.date()), begin=f"{begin:%H:%M}", end=f"{end:%H:%M}")
    first, last = (f"{day(at.date())} {at:%H:%M}" for at in (begin, end))
    return _("%(first)s 到 %(last)s", first=first, last=last)
