"""A year of wellbeing calls in virtual time: a town of 439 people, a bad telephone network, and processes that die.

Each month is simulated by itself, as many at once as there are cores: the roster is that of January, people turn 90 as
the year goes on, and what is open at the end of a month comes to its end before the simulation does.
"""

import logging
import os
import time
from calendar import monthrange
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from rich.console import Group
from rich.progress import track

from tests.outbound_year.table import tables
from tests.outbound_year.year import YEAR, Result, Scenario, simulate


def table() -> Group:
    """The year. Its last lines say what it took, and what did not hold."""
    started = time.perf_counter()
    months = [_month(month) for month in range(1, 13)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        found = list(track(pool.map(_simulated, months), description="year", total=len(months), transient=True))
    wall_s, cpu_s = time.perf_counter() - started, sum(seconds for _, seconds in found)
    result = _together([result for result, _ in found])
    took = f"{len(result.days)} days in {wall_s:.0f} s on {os.cpu_count()} cores, {cpu_s:.0f} s of one core"
    return Group(took, *tables(result), *result.faults)


def _month(month: int) -> Scenario:
    first = date(YEAR.first.year, month, 1)
    passed = (first - YEAR.first).days
    days = monthrange(first.year, month)[1]
    return replace(
        YEAR,
        first=first,
        days=days,
        roster_of=YEAR.first,
        seed=YEAR.seed * 100 + month,
        provider_away=tuple(one.later(-passed) for one in YEAR.provider_away if passed <= one.day < passed + days),
        rounds=tuple(day - passed for day in YEAR.rounds if passed <= day < passed + days),
        line_away=tuple(one.later(-passed) for one in YEAR.line_away if passed <= one.day < passed + days),
    )


def _simulated(scenario: Scenario) -> tuple[Result, float]:
    """With the seconds of processor time that it took."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet, logger_factory=structlog.ReturnLoggerFactory())
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="careline-year-", dir=memory if memory.is_dir() else None) as folder:
        started = time.process_time()
        return simulate(scenario, Path(folder)), time.process_time() - started


def _together(results: list[Result]) -> Result:
    counts: Counter[str] = Counter()
    for result in results:
        counts += result.counts
    counts["people"] = results[0].counts["people"]
    counts["people called"] = len({person for result in results for day in result.days for person in day.due})
    days = [day for result in results for day in result.days]
    red_min = [minutes for result in results for minutes in result.red_min]
    return Result(YEAR, counts, days, red_min, [fault for result in results for fault in result.faults])
