"""One try of a check-in over the simulated network, at whatever hour, for `careline call simulate`."""

from datetime import UTC, date, datetime
from secrets import token_hex

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import CheckIn, OutboundCall
from care_records.services import check_ins, outbound_calls, people
from ivr.app import Services
from ivr.simulator import Network, Surroundings
from ivr.simulator.clock import Speed
from ivr.simulator.resources import Call
from ivr.simulator.session import Order


def ring(
    services: Services, network: Network, number: str, speed: Speed, around: Surroundings
) -> tuple[Call, str | None]:
    """The line rings `number` for a check-in of its own, beside those that are planned; the call, once it is over, and
    what the check-in came to. Raises ClickException when nobody in the records has that telephone."""
    row_id = _begun(services, number)
    base = network.line.voice_url.removesuffix("/twilio/voice")
    call = Call(network.account_sid, network.line.number, number, "outbound-api")
    call.status_url = f"{base}/twilio/status?outbound={row_id}"
    order = Order(
        f"{base}/twilio/voice?outbound={row_id}",
        timeout_s=services.settings.check_in_ring_s,
        detection_url=f"{base}/twilio/answered-by?outbound={row_id}",
    )
    network.place(call, order, speed=speed, surroundings=around)
    network.settle()
    with services.sessions() as session:
        return call, session.get_one(OutboundCall, row_id).result


def _begun(services: Services, number: str) -> int:
    """A try that counts as sent to the provider."""
    now = datetime.now(UTC)
    with services.sessions.begin() as session:
        check_in = _planned(session, number, now.astimezone(services.settings.zone).date(), now)
        row = check_ins.begin_try(session, check_in, number, now)
        assert row is not None, "nobody else knows of it yet"
        outbound_calls.claim(session, row, now)
        return row.id


def _planned(session: Session, number: str, day: date, now: datetime) -> CheckIn:
    found = people.by_phone(session, number)
    if not found:
        raise click.ClickException(f"nobody in the records has the telephone {number}")
    occasion = f"trial-{token_hex(4)}"
    check_ins.plan(session, [check_ins.Planned(found[0].id, day, now, weekly=False, occasion=occasion)], now)
    return session.scalars(select(CheckIn).where(CheckIn.occasion == occasion)).one()
