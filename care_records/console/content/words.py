"""What the states of bulletins are called, and how long a text takes to read out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from care_records.console.languages import gettext, lazy_gettext
from care_records.services.publishing import BulletinState

STATES: Final[Mapping[BulletinState, str]] = {
    BulletinState.DRAFT: lazy_gettext("草稿"),
    BulletinState.SCHEDULED: lazy_gettext("到时播出"),
    BulletinState.ON_AIR: lazy_gettext("正在播出"),
    BulletinState.OVER: lazy_gettext("已经播完"),
}
KINDS: Final[Mapping[BulletinState, str]] = {BulletinState.ON_AIR: "good", BulletinState.SCHEDULED: "look"}
"""How the badge of a state looks."""
CHARACTERS_A_MINUTE: Final = 150


def read_out(text: str) -> str:
    """How long it takes to read out: 1分20秒."""
    said = sum(character.isalnum() for character in text)
    minutes, seconds = divmod(round(timedelta(minutes=said / CHARACTERS_A_MINUTE).total_seconds()), 60)
    if not minutes:
        return gettext("%(seconds)s秒", seconds=seconds)
    return gettext("%(minutes)s分%(seconds)s秒", minutes=minutes, seconds=seconds)
