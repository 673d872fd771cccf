"""A stretch of the simulated year; the whole of it is `python -m bench year`."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from tests.outbound_year.network import Chances
from tests.outbound_year.year import Outage, Scenario, simulate

THREE_WEEKS = Scenario(
    first=date(2026, 2, 16),
    days=21,
    called=12,
    death=0.01,
    chances=Chances(
        too_many=0.05, refused=0.03, unanswered=0.05,
        webhook_lost=0.05, webhook_doubled=0.05, webhook_late=0.05, asked_in_vain=0.1,
    ),
    provider_away=(Outage(5, time(9, 0), timedelta(minutes=45)),),
    line_away=(Outage(8, time(7, 0), timedelta(hours=2, minutes=10)), Outage(12, time(22, 0), timedelta(hours=20))),
)  # fmt: skip


@pytest.mark.timeout(300)
def test_nobody_is_forgotten_in_three_weeks_of_trouble(quick_folder: Path) -> None:
    result = simulate(THREE_WEEKS, quick_folder / "weeks")
    assert result.faults == []
    assert result.counts["check-ins"] > 100
    for trouble in ("web deaths", "worker deaths", "callbacks lost", "callbacks doubled", "placed, and no answer"):
        assert result.counts[trouble] > 0, f"{trouble} was never tried"


def test_the_same_scenario_gives_the_same_days(quick_folder: Path) -> None:
    short = Scenario(days=2, called=5)
    assert simulate(short, quick_folder / "one").counts == simulate(short, quick_folder / "two").counts
