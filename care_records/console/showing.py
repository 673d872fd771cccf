"""How values are shown: times as the office's clock has them, durations in words, choices by their names."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import flask_babel
from flask import Flask

from care_records.console.assets import asset
from care_records.console.context import now
from care_records.console.forms import EMPTY
from care_records.console.languages import gettext
from care_records.console.paging import page_url


def install(app: Flask, zone: ZoneInfo) -> None:
    """Filters for templates: `moment`, `clock`, `day`, `since`; and `asset(name)`,
    `no_form`, `page_url(cursor)`."""
    filters = app.jinja_env.filters
    filters["moment"] = lambda at: _local(at, zone, "yyyy-MM-dd HH:mm")
    filters["clock"] = lambda at: _local(at, zone, "HH:mm")
    filters["day"] = day
    filters["since"] = since
    filters["minutes"] = minutes
    app.jinja_env.globals.update(asset=asset, no_form=EMPTY, page_url=page_url)


def _local(at: datetime | None, zone: ZoneInfo, pattern: str) -> str:
    if at is None:
        return ""
    shown: str = flask_babel.format_datetime(at.astimezone(zone), pattern, rebase=False)
    return shown


def day(value: date | None) -> str:
    """11月23日 周一"""
    if value is None:
        return ""
    pattern = "M月d日 EEE" if _chinese() else "EEE d MMM"
    shown: str = flask_babel.format_date(value, pattern, rebase=False)
    return shown


def since(at: datetime) -> str:
    """How long ago, or how long still to go, in the largest unit that says enough: 3分钟, 2小时, 4天."""
    return minutes(abs(now() - at))


def minutes(span: timedelta) -> str:
    total = int(span.total_seconds()) // 60
    if total < 60:
        return gettext("%(count)s分钟", count=total)
    if total < 48 * 60:
        return gettext("%(count)s小时", count=total // 60)
    return gettext("%(count)s天", count=total // (24 * 60))


def _chinese() -> bool:
    locale = flask_babel.get_locale()
    return locale is None or locale.language == "zh"
