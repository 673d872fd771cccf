"""What a simulated year came to, as tables."""

import statistics
from collections.abc import Iterator, Mapping
from typing import Final

from rich.table import Table

from tests.outbound_year.year import Result

_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "who was called": ("people", "people called", "check-ins", "tries", "calls placed", "pauses", "seen in person"),
    "how they ended": (
        *("outcome: fine", "outcome: relative", "outcome: concern", "outcome: silent", "outcome: unclear"),
        *("outcome: refused", "outcome: unreached", "outcome: not_called", "outcome: withdrawn"),
    ),
    "cases": ("red", "cases", "alarms", "rings", "text messages"),
    "what went wrong on the way": (
        *("too many requests", "server error", "placed, and no answer", "bad number", "lost"),
        *("callbacks lost", "callbacks doubled", "callbacks late", "web deaths", "worker deaths"),
    ),
}


def tables(result: Result) -> Iterator[Table | str]:
    for title, names in _TITLES.items():
        yield _table(title, {name: result.counts[name] for name in names})
    named = {name for names in _TITLES.values() for name in names}
    yield _table(
        "what whoever was rung did", {name: result.counts[name] for name in sorted(result.counts) if name not in named}
    )
    yield _table("what must not be", {"faults": len(result.faults)})
    if result.red_min:
        median, longest = statistics.median(result.red_min), max(result.red_min)
        yield f"Somebody had a red case after {median:.1f} min (median), {longest:.0f} min at the longest."


def _table(title: str, values: Mapping[str, int]) -> Table:
    table = Table(title=title, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in values.items():
        table.add_row(name.removeprefix("outcome: "), f"{value:,}")
    return table
