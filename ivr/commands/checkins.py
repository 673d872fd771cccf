"""`careline checkins`: who is called and when, extra rounds, and pauses."""

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Community, Person, Round, Staff
from care_records.models.people import Category
from care_records.services import check_ins, rounds
from care_records.services.rounds import Group
from ivr import logs
from ivr.addresses import callback_url, with_simulator
from ivr.commands.db import records
from ivr.config import Settings, load_settings
from ivr.outbound.engine import Outbound
from ivr.outbound.planning import Explained, Planner
from ivr.secrets import complete
from ivr.telephony.rest import TwilioProvider

FIELDS: Final = ("date", "person_id", "person", "due_at", "due", "weekly", "reason", "state")

DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Wellbeing calls."""


@command.command()
@click.option("--date", "day", type=DAY, help="Which local day; today unless given.")
@click.option("--format", "format_", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True)
def plan(day: datetime | None, format_: str) -> None:
    """Show who is called on a day and when, who is not, and why. Writes nothing.

    A day that has not been planned yet is shown as it would be planned now.
    """
    settings = load_settings()
    when = day.date() if day else _today(settings)
    with records(settings, read_only=True) as sessions:
        rows = (_row(one, when, settings) for one in Planner(sessions, settings).explain(when))
        if format_ == "jsonl":
            for row in rows:
                click.echo(json.dumps(row, ensure_ascii=False))
        elif format_ == "csv":
            writer = csv.DictWriter(sys.stdout, FIELDS)
            writer.writeheader()
            writer.writerows(rows)
        else:
            _show(rows, when)


@command.command("run-due")
@click.option("--now", "at", help="The moment to act as of, in ISO 8601, local time unless it has an offset.")
@click.option(
    "--web-url",
    default="http://127.0.0.1:8080",
    show_default=True,
    help="Where `careline serve` is reached from here; only the simulator needs it.",
)
def run_due(at: str | None, web_url: str) -> None:
    """Plan the day, and do everything that is due: place calls, hand over, escalate. `careline worker` does this all
    the time by itself."""
    settings = with_simulator(complete(load_settings()), web_url)
    logs.configure(settings)
    base_url = callback_url(settings, web_url)
    now = _moment(at, settings) if at else datetime.now(UTC)
    with records(settings) as sessions:
        summary = Outbound(sessions, settings, TwilioProvider(settings), lambda: base_url).run_due(now)
    click.echo(json.dumps(asdict(summary)))
    if summary.failed:
        raise click.ClickException(f"{summary.failed} pieces of work failed; they are due still")


@command.command()
@click.argument("person_id", type=int)
@click.option("--from", "first", type=DAY, help="The first day; today unless given.")
@click.option("--until", "last", type=DAY, required=True, help="The last day; the pause ends by itself.")
@click.option("--reason", default="", help="Why: in hospital, away.")
@click.option("--by", required=True, help="The name of the member of staff who pauses.")
def pause(person_id: int, first: datetime | None, last: datetime, reason: str, by: str) -> None:
    """Call the person with the number PERSON_ID on none of some days."""
    settings = load_settings()
    begin = first.date() if first else _today(settings)
    with records(settings) as sessions, sessions.begin() as session:
        if session.get(Person, person_id) is None:
            raise click.ClickException(f"there is no person with the number {person_id}")
        staff = _staff(session, by)
        try:
            check_ins.pause(session, person_id, begin, last.date(), reason, staff, datetime.now(UTC))
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"paused from {begin} to {last.date()}")


@command.group("round")
def round_() -> None:
    """Extra rounds: heat, cold, a festival."""


@round_.command()
@click.argument("name")
@click.option("--opening", required=True, help="The sentence that is said after the greeting.")
@click.option("--at", "at", help="When it begins, ISO 8601, local time unless it has an offset; now unless given.")
@click.option("--min-age", type=int)
@click.option("--max-age", type=int)
@click.option("--community", help="Only those of the community with that name.")
@click.option("--alone", is_flag=True, help="Only those who live alone.")
@click.option("--category", type=click.Choice([one.value for one in Category]))
@click.option("--person", "people", type=int, multiple=True, help="Only the person with that number; can be repeated.")
@click.option("--by", required=True, help="The name of the member of staff who starts it.")
def start(name: str, opening: str, at: str | None, by: str, **group: Any) -> None:
    """Start an extra round NAME to everybody who meets all conditions and has agreed to be called."""
    settings = load_settings()
    now = datetime.now(UTC)
    begin = _moment(at, settings) if at else now
    with records(settings) as sessions, sessions.begin() as session:
        whom = _group(session, group)
        count = len(rounds.members(session, whom, begin.astimezone(settings.zone).date()))
        staff = _staff(session, by)
        try:
            made = rounds.start(session, name=name, opening=opening, group=whom, starts_at=begin, staff=staff, at=now)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"round {made.id} begins at {begin.astimezone(settings.zone):%Y-%m-%d %H:%M}: {count} people in the group"
    )


@round_.command("list")
def list_() -> None:
    """Show the rounds, the newest first, and how far they have got; JSON, one a line."""
    settings = load_settings()
    with records(settings, read_only=True) as sessions, sessions() as session:
        for one in session.scalars(select(Round).order_by(Round.id.desc())):
            row = {
                "id": one.id,
                "name": one.name,
                "starts_at": one.starts_at.astimezone(settings.zone).isoformat(),
                "stopped_at": one.stopped_at.astimezone(settings.zone).isoformat() if one.stopped_at else None,
                "check_ins": rounds.progress(session, one),
            }
            click.echo(json.dumps(row, ensure_ascii=False))


@round_.command()
@click.argument("round_id", type=int)
@click.option("--by", required=True, help="The name of the member of staff who stops it.")
def stop(round_id: int, by: str) -> None:
    """Stop the round ROUND_ID: nobody else is called. What people have in hand stays theirs."""
    settings = load_settings()
    with records(settings) as sessions, sessions.begin() as session:
        one = session.get(Round, round_id)
        if one is None:
            raise click.ClickException(f"there is no round {round_id}")
        stopped = rounds.stop(session, one, _staff(session, by), datetime.now(UTC))
    click.echo("stopped" if stopped else "it had been stopped before")


def _today(settings: Settings) -> date:
    return datetime.now(UTC).astimezone(settings.zone).date()


def _moment(text: str, settings: Settings) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a moment in ISO 8601, such as 2026-11-23T09:00") from error
    return at if at.tzinfo else at.replace(tzinfo=settings.zone)


def _staff(session: Session, name: str) -> Staff:
    found = session.scalars(select(Staff).where(Staff.name == name, Staff.active)).all()
    if len(found) != 1:
        raise click.ClickException(f"{len(found)} members of staff have that name")
    return found[0]


def _group(session: Session, conditions: dict[str, Any]) -> Group:
    """From the options of `round start`."""
    community_id = None
    if conditions["community"]:
        community_id = session.scalar(select(Community.id).where(Community.name == conditions["community"]))
        if community_id is None:
            raise click.ClickException("there is no community with that name")
    return Group(
        min_age=conditions["min_age"],
        max_age=conditions["max_age"],
        community_id=community_id,
        lives_alone=conditions["alone"] or None,
        category=Category(conditions["category"]) if conditions["category"] else None,
        person_ids=conditions["people"] or None,
    )


def _row(one: Explained, day: date, settings: Settings) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "person_id": one.person_id,
        "person": one.name,
        "due_at": one.due_at.astimezone(settings.zone).isoformat() if one.due_at else None,
        "due": one.due_at is not None,
        "weekly": one.weekly if one.due_at else False,
        "reason": one.words,
        "state": one.state.value if one.state else None,
    }


def _show(rows: Iterable[dict[str, Any]], day: date) -> None:
    """Those who are called first, in the order in which they are."""
    table = Table("时间 time", "编号 id", "姓名 person", "每周 weekly", "状态 state", "原因 why", title=day.isoformat())
    in_order = sorted(rows, key=lambda row: (not row["due"], row["due_at"] or "", row["person_id"]))
    for row in in_order:
        time = row["due_at"][11:19] if row["due_at"] else "-"
        weekly = "✓" if row["weekly"] else ""
        table.add_row(time, str(row["person_id"]), Text(row["person"]), weekly, row["state"] or "", row["reason"])
    console = Console()
    console.print(table)
    console.print(f"{sum(row['due'] for row in in_order)} of {len(in_order)} people are due")
