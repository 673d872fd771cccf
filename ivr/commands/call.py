"""`careline call`: calls to the line over a simulated telephone network."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask
from rich.console import Console
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import make_server

from care_records.models import Call as CallRecord
from care_records.models import HelpRequest
from ivr import logs
from ivr.app import create_app, services_of
from ivr.commands.db import records
from ivr.commands.ringing import ring
from ivr.config import Settings, load_settings
from ivr.secrets import complete
from ivr.simulator import network_of
from ivr.simulator.clock import Clock, Speed
from ivr.simulator.events import Event
from ivr.simulator.handset import Handset
from ivr.simulator.resources import Call
from ivr.simulator.script import Script, ScriptError, load_script
from ivr.simulator.scripted import ScriptedCaller
from ivr.simulator.transcript import clock, row
from ivr.simulator.verdict import faults

COLOURS = {"line": "cyan", "caller": "yellow", "officer": "green", "network": "bright_black"}
WIDEST = max(map(len, COLOURS))


@dataclass(frozen=True)
class Outcome:
    """A scripted call that is over. `faults` is empty when it went as its script says."""

    call: Call
    faults: tuple[str, ...]


@click.group()
def command() -> None:
    """Calls over a simulated telephone network."""


@command.command()
@click.argument("script", type=click.Path(path_type=Path))
@click.option(
    "--speed",
    type=click.Choice(["fast", "real"]),
    default="fast",
    show_default=True,
    help="`fast` waits for nothing; `real` takes as long as a call does.",
)
def simulate(script: Path, speed: Speed) -> None:
    """Act SCRIPT, a caller or somebody whom the line rings, against the line and its records, and print the call.

    The line runs in this process, on a free port, with the configured database: what the caller asks for is written
    there. Ends with 1 when the call did not go as the script says. docs/callers has examples.
    """
    try:
        wanted = load_script(script)
    except ScriptError as error:
        raise click.ClickException(str(error)) from error
    settings = load_settings()
    with records(settings):  # the database must be there and up to date
        pass
    logs.configure(settings.model_copy(update={"log_level": "error"}))
    console = Console(highlight=False)
    console.print(f"[bold]{wanted.title}[/bold]")
    with running(settings) as app:
        outcome = act(app, wanted, speed, onlooker=lambda event: _print(console, event))
        # Recordings can be fetched only as long as the network is there.
        services_of(app).sweeper.sweep_once(datetime.now(UTC))
    for fault in outcome.faults:
        console.print(Text(f"✗ {fault}", "red"))
    if outcome.faults:
        raise SystemExit(1)
    console.print(Text("✓ the call went as the script says", "green"))


def _print(console: Console, event: Event) -> None:
    found = row(event)
    if found is not None:
        who, what = found
        console.print(Text(f"{clock(event.at):>6}  {who:<{WIDEST}}  ", COLOURS[who]) + Text(what), soft_wrap=True)


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """The line on a free port of this machine, with the network in a box around it, served by threads."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        here = {"simulator": True, "public_url": url, "twilio_api_url": f"{url}/simulator"}
        app = create_app(complete(settings.model_copy(update=here)), local_url=url)
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="line")
        thread.start()
        try:
            yield app
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            services_of(app).close()


def act(
    app: Flask, script: Script, speed: Speed, *, onlooker: Callable[[Event], None] = lambda _event: None
) -> Outcome:
    """Let the scripted caller call the line, or be rung by it. `onlooker` sees every event as it happens."""
    network = network_of(app)
    around = replace(network.surroundings, switchboard=script.switchboard)
    made: list[ScriptedCaller] = []

    def somebody(time: Clock) -> Handset:
        made.append(ScriptedCaller(script.steps, time, speak=around.speak, onlooker=onlooker))
        return made[0]

    result = None
    if script.rings is None:
        call = network.call_line(somebody, script.from_number, to_number=script.to, speed=speed, surroundings=around)
    else:
        around = replace(around, phones={script.rings: somebody})
        call, result = ring(services_of(app), network, script.rings, speed, around)
    failures = [failed for caller in made if (failed := caller.failure or caller.unfinished())]
    return Outcome(call, (*failures, *faults(call.events, script.expect, _requests(app, call), result)))


def _requests(app: Flask, call: Call) -> list[str]:
    """The categories of the help requests that the call opened."""
    opened = select(HelpRequest.category).join(CallRecord).where(CallRecord.sid == call.sid).order_by(HelpRequest.id)
    try:
        with services_of(app).sessions() as session:
            return list(session.scalars(opened))
    except SQLAlchemyError as error:
        raise click.ClickException(f"the records cannot be read after the call: {error}") from error
