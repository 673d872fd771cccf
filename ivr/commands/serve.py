"""`careline serve`: everything that one machine needs, or only the part that answers the telephone."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module

import click
from sqlalchemy import select

from care_records import database
from care_records.models import Person, Round, Staff
from care_records.models.accounts import Role
from care_records.services import accounts, rounds
from care_records.services.rounds import Group
from ivr import logs
from ivr.addresses import callback_url, local_url
from ivr.commands.db import records
from ivr.commands.demo import seed
from ivr.config import Settings, load_settings
from ivr.secrets import complete, demo_password
from ivr.supervisor import Supervisor, end_with

DEMO = {
    "log_format": "console",
    # Whenever somebody looks, people are rung; one after the other, and not seventy at once.
    "call_windows": "00:00-23:59",
    "calls_per_second": 0.1,
}
"""What the demonstration sets, where nothing else is set; the simulator is on in any case."""

DEMO_ACCOUNT = "demo"
ROUND_OF = 3
OPENING = "天气转凉，请您注意保暖。"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Invented people and a simulated telephone network, with a phone at /phone.")
@click.option("--web", is_flag=True, help="Only answer the telephone; `careline worker` does the rest.")
@click.option("--supervisor", type=int, hidden=True)
def command(host: str, port: int, demo: bool, web: bool, supervisor: int | None) -> None:
    """Answer the telephone, and ring people: everything that one machine needs."""
    settings = load_settings()
    if demo:
        settings = demonstration(settings)
    settings = complete(settings)
    logs.configure(settings)
    database.upgrade(settings.database)
    if demo:
        click.echo(seed(settings, datetime.now(UTC)))
        start_first_round(settings, datetime.now(UTC))
        click.echo(
            f"  the staff's pages: name {DEMO_ACCOUNT}, password {open_demo_account(settings, datetime.now(UTC))}"
        )
    if web:
        end_with(supervisor)
        import_module("ivr.server").serve(settings, host, port)  # now, because the supervisor needs none of it
        return
    callback_url(settings, local_url(port))  # here, because a worker that cannot start would be started for ever
    sys.exit(_supervised(settings, host, port))


def demonstration(settings: Settings) -> Settings:
    """The settings with the simulator on, and the rest of DEMO where the environment says nothing."""
    unset = {name: value for name, value in DEMO.items() if name not in settings.model_fields_set}
    return settings.model_copy(update={"simulator": True, **unset})


def start_first_round(settings: Settings, now: datetime) -> None:
    """A round to a few people, once, so that there are calls to see at any hour and not only at people's own times."""
    agreed = select(Person.id).where(Person.consent_calls.is_(True), Person.phone.is_not(None)).order_by(Person.id)
    with records(settings) as sessions, sessions.begin() as session:
        staff = session.scalar(select(Staff).order_by(Staff.id).limit(1))
        if staff is None or session.scalar(select(Round.id).limit(1)) is not None:
            return
        group = Group(person_ids=tuple(session.scalars(agreed.limit(ROUND_OF))))
        rounds.start(session, name="演示", opening=OPENING, group=group, starts_at=now, staff=staff, at=now)


def open_demo_account(settings: Settings, now: datetime) -> str:
    """An account that may do everything on the staff's pages, once; its password."""
    password = demo_password(settings)
    with records(settings) as sessions, sessions.begin() as session:
        accounts.ensure(session, DEMO_ACCOUNT, password, Role.ADMIN, at=now, display_name="示范管理员")
    return password


def _supervised(settings: Settings, host: str, port: int) -> int:
    careline = (sys.executable, "-m", "ivr.cli")
    web = (*careline, "serve", "--web", "--host", host, "--port", str(port))
    worker = (*careline, "worker", "--web-url", local_url(port))
    return Supervisor(web, worker, _environment(settings)).run()


def _environment(settings: Settings) -> Mapping[str, str]:
    """This process's own, with what the demonstration has set."""
    fields = Settings.model_fields
    return os.environ | {str(fields[name].alias): str(getattr(settings, name)) for name in ("simulator", *DEMO)}
