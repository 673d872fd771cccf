"""`careline worker`: rings people, goes on with cases, and does what is due beside the calls."""

import sys

import click

from care_records import database
from ivr import logs
from ivr.config import load_settings
from ivr.jobs.worker import work
from ivr.secrets import complete
from ivr.supervisor import end_with


@click.command()
@click.option(
    "--web-url",
    default="http://127.0.0.1:8080",
    show_default=True,
    help="Where `careline serve` is reached from here; only the simulator needs it.",
)
@click.option("--supervisor", type=int, hidden=True)
def command(web_url: str, supervisor: int | None) -> None:
    """Do what is due: check-in calls, escalations, alerts, recordings. Several workers share the work."""
    settings = complete(load_settings())
    logs.configure(settings)
    end_with(supervisor)
    database.upgrade(settings.database)
    sys.exit(work(settings, web_url))
