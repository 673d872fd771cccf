"""A year of the line in virtual time: the roster lives, the network fails, processes die, and the calls go on.

    with TemporaryDirectory() as folder:
        result = simulate(Scenario(days=365), Path(folder))

The same scenario gives the same year. What must hold is looked at along the way and at the end: `result.faults`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final

from care_records.database import upgrade
from ivr.outbound.hours import moment
from tests.outbound_year import town
from tests.outbound_year.checks import Day, Due, due_people, faults_of
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.line import settings_for
from tests.outbound_year.manners import (
    ANSWERS,
    HELPERS,
    MACHINE,
    REPORTS_DONE,
    RINGS_BACK,
    RINGS_FOR_HELP,
    Manner,
    choose,
)
from tests.outbound_year.network import Chances, NetworkCall, Pickup
from tests.outbound_year.office import Office
from tests.outbound_year.rig import Rig, Span

TROUBLED: Final = Chances(
    too_many=0.02,
    refused=0.01,
    unanswered=0.02,
    webhook_lost=0.02,
    webhook_doubled=0.03,
    webhook_late=0.02,
    asked_in_vain=0.1,
)
RINGS_BACK_CHANCE: Final = 0.1
DRAIN: Final = timedelta(days=2)
"""After the last day nobody new is planned, and what is open comes to its end."""


@dataclass(frozen=True)
class Outage:
    """From the `day`-th day at `begin` until `lasts` later."""

    day: int
    begin: time
    lasts: timedelta

    def later(self, days: int) -> "Outage":
        return replace(self, day=self.day + days)


@dataclass(frozen=True)
class Scenario:
    first: date = date(2026, 1, 1)
    days: int = 365
    roster_of: date | None = None
    """The day on which the people are as old as the demonstration's; None: the first one."""
    called: int | None = None
    """So many people over 90 have agreed to be called, and nobody else; None: most of the roster."""
    seed: int = 1
    chances: Chances = TROUBLED
    death: float = 0.001
    """The chance of a process dying, at each commit and at each call of the provider."""
    provider_away: tuple[Outage, ...] = ()
    line_away: tuple[Outage, ...] = ()
    rounds: tuple[int, ...] = ()
    """The days on which staff start a round of calls beside the daily ones; they stop it before it is over."""
    at_home: float = 0.97
    """The share of days on which somebody can be reached at all."""
    bad_numbers: float = 0.004
    """The share of numbers that do not exist."""


YEAR: Final = Scenario(
    provider_away=(
        Outage(8, time(9, 0), timedelta(minutes=45)),
        Outage(150, time(14, 20), timedelta(hours=4)),
    ),
    line_away=(
        Outage(11, time(7, 0), timedelta(hours=2, minutes=10)),
        Outage(75, time(14, 0), timedelta(hours=2, minutes=40)),
        Outage(200, time(22, 0), timedelta(hours=20)),
    ),
    rounds=(190, 345),
)


@dataclass
class Result:
    scenario: Scenario
    counts: Counter[str] = field(default_factory=Counter)
    """What happened, for the table."""
    days: list[Day] = field(default_factory=list)
    red_min: list[float] = field(default_factory=list)
    """How long it took until somebody had each red case, in minutes."""
    faults: list[str] = field(default_factory=list)
    """What must not be, in words; none in a good year."""


def simulate(scenario: Scenario, folder: Path, progress: Callable[[int], None] = lambda _: None) -> Result:
    """`progress` is told of each day that is over."""
    year = Year(scenario, folder)
    try:
        return year.run(progress)
    finally:
        year.line.close()


class Year:
    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario = scenario
        self.settings = settings_for(folder, database_wait_s=5, calls_per_second=50)
        self.zone = self.settings.zone
        begin = moment(scenario.first, time(0, 1), self.zone)
        upgrade(self.settings.database)
        deaths, self._down = Random(f"{scenario.seed}/deaths"), Random(f"{scenario.seed}/down")
        self.rig = Rig(
            self.settings,
            begin,
            self._picks_up,
            seed=scenario.seed,
            chances=scenario.chances,
            web=Fuse(lambda _: deaths.random() < scenario.death),
            worker=Fuse(lambda _: deaths.random() < scenario.death),
            whole=True,
            down_s=self._down_s,
        )
        self.rig.away = self._spans(scenario.line_away)
        provider_away = self._spans(scenario.provider_away)
        self.timeline, self.line, self.network = self.rig.timeline, self.rig.line, self.rig.network
        self.network.is_bad = self._is_bad
        self.network.is_away = lambda now: any(begin <= now < until for begin, until in provider_away)
        settled = moment(scenario.roster_of or scenario.first, time(0, 1), self.zone)
        town.settle(self.line.sessions, settled, self.zone, scenario.called)
        self.office = Office(self.line.sessions, self.settings, scenario.seed)
        self.result = Result(scenario)

    def run(self, progress: Callable[[int], None]) -> Result:
        for number in range(self.scenario.days):
            self._arrange(self.scenario.first + timedelta(days=number), number, progress)
        last = moment(self.scenario.first + timedelta(days=self.scenario.days), time(), self.zone)
        for at in _every(timedelta(minutes=30), last, last + DRAIN):
            self.timeline.at(at, self._afternoon)
        self.rig.go_on(last + DRAIN)
        self.result.faults += faults_of(self.line.rows, self.settings, self.network, self.result.days)
        self._count()
        return self.result

    def _down_s(self) -> float:
        """A worker is started again soon, and now and then only when somebody notices."""
        return self._down.uniform(600, 2400) if self._down.random() < 0.02 else self._down.uniform(1, 60)

    # --- The day

    def _arrange(self, day: date, number: int, progress: Callable[[int], None]) -> None:
        def at(hour: int, minute: int, what: Callable[[], None]) -> None:
            self.timeline.at(moment(day, time(hour, minute), self.zone), what)

        begin = moment(day, time(), self.zone)
        at(0, 5, lambda: self.result.days.append(Day(day, self._due(day))))
        for minutes in (10, 11, 12, 500, 505, 1080, 1085):
            self.timeline.at(begin + timedelta(minutes=minutes), lambda: self.rig.work(self.line.plan))
        for moment_ in _every(timedelta(minutes=20), begin + timedelta(hours=8), begin + timedelta(hours=19)):
            self.timeline.at(moment_, self._look_around)
        for hour, minute in (9, 45), (16, 30), (17, 45):
            at(hour, minute, self._afternoon)
        at(20, 0, lambda: self.office.keep_roster(self.timeline.now))
        if number in self.scenario.rounds:
            at(8, 45, lambda: self.office.start_round(self.timeline.now))
            at(8, 46, lambda: self.rig.work(self.line.plan))
            at(15, 10, lambda: self.office.stop_round(self.timeline.now))
        self._arrange_calls(day, at)
        at(23, 58, lambda: progress(number + 1))

    def _arrange_calls(self, day: date, at: Callable[[int, int, Callable[[], None]], None]) -> None:
        random = Random(f"{self.scenario.seed}/calls/{day}")
        if random.random() < 0.3:
            at(random.randrange(8, 20), random.randrange(60), lambda: self._ring_in("people", RINGS_FOR_HELP, random))
        if random.random() < 0.2:
            at(random.randrange(10, 18), random.randrange(60), lambda: self._ring_in("staff", REPORTS_DONE, random))
        if random.random() < 0.5:
            at(random.randrange(8, 17), random.randrange(60), lambda: self.office.visit(self.timeline.now))

    def _ring_in(self, table: str, manner: Manner, random: Random) -> None:
        numbers = self.line.rows.execute(f"SELECT phone FROM {table} WHERE phone IS NOT NULL ORDER BY id").fetchall()
        self.network.ring_in(random.choice(numbers)[0], manner)

    def _look_around(self) -> None:
        """What somebody does every few minutes, if there is anything to do."""
        if self._any("alerts WHERE state NOT IN ('sent', 'failed')"):
            self.rig.work(self.line.send_messages)
        if self._any("calls WHERE outcome IS NULL"):
            self.rig.work(self.line.settle_unfinished)
        if self._any("escalations WHERE state = 'taken'"):
            self.office.look_at_cases(self.timeline.now)

    def _afternoon(self) -> None:
        self._look_around()
        self.rig.work(self.line.audit)
        if self._any("help_requests WHERE status IN ('open', 'taken')"):
            self.office.look_at_requests(self.timeline.now)

    def _any(self, what: str) -> bool:
        found: int = self.line.rows.execute(f"SELECT EXISTS (SELECT 1 FROM {what})").fetchone()[0]
        return bool(found)

    def _due(self, day: date) -> dict[int, Due]:
        return due_people(self.line.rows, day, self.settings.check_in_age)

    # --- Who picks up

    def _picks_up(self, call: NetworkCall, random: Random) -> Pickup:
        of_row = (
            "SELECT c.person_id, c.day FROM outbound_calls o JOIN check_ins c ON c.id = o.check_in_id WHERE o.id = ?"
        )
        found = self.line.rows.execute(of_row, (call.row_id,)).fetchone()
        return self._person(call, f"{found[0]}/{found[1]}", random) if found else _helper(random)

    def _person(self, call: NetworkCall, of_day: str, random: Random) -> Pickup:
        at_home = Random(f"{self.scenario.seed}/home/{of_day}").random() < self.scenario.at_home
        chance = random.random()
        if not at_home or chance < 0.22:
            if random.random() < RINGS_BACK_CHANCE:
                back = timedelta(minutes=random.uniform(2, 25))
                self.timeline.at(self.timeline.now + back, lambda: self.network.ring_in(call.to, RINGS_BACK))
            return Pickup("no answer", 60)
        if chance < 0.27:
            name, ends = ("busy", "busy") if chance < 0.26 else ("failed", "failed")
            return Pickup(name, 4, ends=ends)
        if chance < 0.31:
            return Pickup("machine", 20, MACHINE, machine=True)
        name, manner = choose(random, ANSWERS)
        return Pickup(name, random.uniform(6, 40), manner)

    def _is_bad(self, number: str) -> bool:
        return Random(f"{self.scenario.seed}/number/{number}").random() < self.scenario.bad_numbers

    def _spans(self, outages: Iterable[Outage]) -> list[Span]:
        first = self.scenario.first
        begins = [moment(first + timedelta(days=outage.day), outage.begin, self.zone) for outage in outages]
        return [(begin, begin + outage.lasts) for begin, outage in zip(begins, outages, strict=True)]

    def _count(self) -> None:
        counts, rows = self.result.counts, self.line.rows
        counts |= self.network.counts
        for name, select in _COUNTED.items():
            counts[name] = rows.execute(select).fetchone()[0]
        for outcome, count in rows.execute("SELECT coalesce(outcome, state), count(*) FROM check_ins GROUP BY 1"):
            counts[f"outcome: {outcome}"] = count
        counts["web deaths"], counts["worker deaths"] = self.line.web_deaths, self.line.worker_deaths
        counts["text messages"] = self.network.texts
        counts["calls placed"] = sum(placement.sid is not None for placement in self.network.placements)
        counts["pauses"], counts["seen in person"] = self.office.pauses, self.office.seen
        self.result.red_min = [minutes for (minutes,) in rows.execute(_RED_TAKEN)]


_COUNTED: Final = {
    "people": "SELECT count(*) FROM people",
    "people called": "SELECT count(DISTINCT person_id) FROM check_ins",
    "check-ins": "SELECT count(*) FROM check_ins",
    "tries": "SELECT count(*) FROM outbound_calls WHERE check_in_id IS NOT NULL AND sent_at IS NOT NULL",
    "cases": "SELECT count(*) FROM escalations",
    "alarms": "SELECT sum(alarm) FROM escalations",
    "rings": "SELECT count(*) FROM outbound_calls WHERE escalation_id IS NOT NULL AND sent_at IS NOT NULL",
    "red": "SELECT count(*) FROM help_requests WHERE urgency = 'red'",
    "lost": "SELECT count(*) FROM outbound_calls WHERE result = 'lost'",
}
_RED_TAKEN: Final = """
SELECT (julianday(min(e.at)) - julianday(r.created_at)) * 1440 FROM help_requests r
JOIN help_request_events e ON e.request_id = r.id AND e.kind IN ('taken', 'resolved')
WHERE r.urgency = 'red' GROUP BY r.id
"""


def _helper(random: Random) -> Pickup:
    """An officer's telephone, or that of somebody around the person."""
    if random.random() < 0.35:
        return Pickup("helper: no answer", 60)
    name, manner = choose(random, HELPERS)
    return Pickup(f"helper: {name}", random.uniform(4, 20), manner)


def _every(pause: timedelta, begin: datetime, until: datetime) -> Iterator[datetime]:
    while begin < until:
        yield begin
        begin += pause
