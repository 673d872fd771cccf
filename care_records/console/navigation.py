"""The nine subjects, in the order in which they stand at the top of every page."""

from dataclasses import dataclass
from typing import Final

from flask import request, url_for

from care_records.console.context import me
from care_records.console.languages import lazy_gettext
from care_records.models.accounts import Role


@dataclass(frozen=True)
class Subject:
    name: str
    """The package, and the blueprint's name."""
    title: str
    role: Role = Role.VIEWER
    """Who finds it in the navigation; each of its pages states its own guard."""


SUBJECTS: Final = (
    Subject("today", lazy_gettext("今天")),
    Subject("calls", lazy_gettext("通话")),
    Subject("requests", lazy_gettext("工单")),
    Subject("checkins", lazy_gettext("问候")),
    Subject("people", lazy_gettext("人员")),
    Subject("content", lazy_gettext("彩虹桥")),
    Subject("duty", lazy_gettext("值班")),
    Subject("reports", lazy_gettext("报表")),
    Subject("accounts", lazy_gettext("账户")),
)


@dataclass(frozen=True)
class Link:
    title: str
    url: str
    here: bool


def navigation() -> list[Link]:
    """The subjects that whoever asks may look at, and which of them this page belongs to."""
    who, here = me(), (request.endpoint or "").split(".")
    return [
        Link(subject.title, url_for(f"console.{subject.name}.index"), subject.name in here[1:2])
        for subject in SUBJECTS
        if who.may(subject.role)
    ]
