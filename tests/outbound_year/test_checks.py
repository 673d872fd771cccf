"""The checks of the simulated year notice a line that is broken on purpose."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.orm import Session

from care_records.models import OutboundCall
from care_records.services import escalations, outbound_calls
from ivr.outbound import placing, protocol
from ivr.outbound.engine import Outbound
from ivr.outbound.protocol import Case, Protocol, Ring
from tests.outbound_year.network import Chances
from tests.outbound_year.year import Outage, Scenario, simulate

A_DAY: Final = Scenario(
    first=date(2026, 3, 4),
    days=1,
    called=8,
    at_home=0.5,
    death=0,
    chances=Chances(unanswered=0.4),
    line_away=(Outage(0, time(7, 0), timedelta(hours=5)),),
)


def send_again(session: Session, row: OutboundCall, _error: str) -> None:
    """What TELEPHONY forbids: who may be ringing already is rung once more."""
    outbound_calls.put_off(session, row, row.due_at)


def next_month(_protocol: Protocol, case: Case, now: datetime) -> Ring:
    return Ring(now + timedelta(days=30), case.numbers[0])


def at_once(_hours: object, at: datetime, _window: object = None) -> datetime:
    return at


BROKEN: Final[dict[str, tuple[tuple[tuple[Any, str, Callable[..., object]], ...], str]]] = {
    "plans nobody": (((Outbound, "plan_day", lambda *_: 0),), "is missing"),
    "waits for ever": (((Protocol, "next", next_month),), "has not ended"),
    "rings for nobody": (((escalations, "open_for", lambda *_, **__: None),), "nobody has taken request"),
    "sends again what is uncertain": (((outbound_calls, "uncertain", send_again),), "sent to the provider 2 times"),
    "knows no hours": (
        ((protocol, "opening", at_once), (placing, "may_be_rung", lambda *_: True)),
        "was made at",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_line_is_found_out_that(broken: str, monkeypatch: pytest.MonkeyPatch, quick_folder: Path) -> None:
    patches, fault = BROKEN[broken]
    for owner, name, instead in patches:
        monkeypatch.setattr(owner, name, instead)
    assert any(fault in found for found in simulate(A_DAY, quick_folder / broken).faults)
