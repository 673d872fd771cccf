"""Finding people as an office looks for them: by name, pinyin, initials, telephone or community."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from care_records.models import Community, Person
from care_records.pinyin import wanted


def listed() -> ColumnElement[bool]:
    """True of everybody but those who have been erased: nothing is left by which they could be found."""
    return Person.search != ""


def found_by(session: Session, text: str) -> ColumnElement[bool]:
    """Whom `text` finds: 张, zhangs, zsl, the end of a number, or a part of the name of their community."""
    looked_for = wanted(text)
    if not looked_for:
        return listed()
    matches = Person.search.contains(looked_for, autoescape=True)
    communities = _communities_named(session, text.strip())
    return or_(matches, Person.community_id.in_(communities)) if communities else matches


def _communities_named(session: Session, text: str) -> list[int]:
    named = Community.name.contains(text, autoescape=True)
    return list(session.scalars(select(Community.id).where(named)))
