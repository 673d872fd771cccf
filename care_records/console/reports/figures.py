"""The figures of a monthly report in the words of the office: one list, for the page and for the workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from care_records.console.calls.words import OUTCOMES, STATUSES
from care_records.console.languages import gettext as _
from care_records.console.reports.words import part_title
from care_records.console.requests.words import CATEGORIES, SATISFACTION, URGENCIES
from care_records.services.figures import Alarms, Rate, Report


@dataclass(frozen=True)
class Figure:
    """`of`: what it is a part of; None: it stands by itself."""

    title: str
    value: int
    of: int | None = None

    @property
    def percent(self) -> str:
        """With one decimal; nothing where there is nothing to be a part of."""
        return f"{100 * self.value / self.of:.1f}%" if self.of else ""


@dataclass(frozen=True)
class Section:
    title: str
    figures: Sequence[Figure]


def sections(report: Report) -> list[Section]:
    """All that the monthly report says, but for the numbers by day."""
    return [
        Section(_("通话"), list(_calls(report))),
        Section(_("问候"), list(_check_ins(report))),
        *(Section(_alarms_title(alarms), list(_alarms(alarms))) for alarms in report.alarms),
        Section(_("回访和满意度"), list(_follow_ups(report))),
        Section(_("语音"), list(_speech(report))),
    ]


def outcomes(report: Report) -> list[Figure]:
    """What the inbound calls came to, the most frequent first."""
    names = {**STATUSES, **OUTCOMES}
    whole = report.calls.inbound.whole
    return [Figure(str(names.get(name, name)), count, whole) for name, count in report.calls.outcomes.items()]


def grades(report: Report) -> list[Figure]:
    whole = report.follow_ups.satisfied.whole
    return [Figure(str(title), report.follow_ups.grades.get(grade, 0), whole) for grade, title in SATISFACTION.items()]


def rows(report: Report) -> Iterator[tuple[str, Figure]]:
    """Every figure with the title of its section, one below the other."""
    for section in sections(report):
        yield from ((section.title, figure) for figure in section.figures)
    yield from ((_("来电结果"), figure) for figure in outcomes(report))
    yield from ((_("满意度"), figure) for figure in grades(report))
    for kind in report.kinds:
        title = _("工单：%(category)s", category=CATEGORIES.get(kind.category, kind.category))
        yield title, Figure(_("共计"), kind.total)
        yield title, Figure(_("按时办结"), kind.on_time, kind.total)
        yield title, Figure(_("超时办结"), kind.late, kind.total)
        yield title, Figure(_("超时未办"), kind.overdue, kind.total)
        yield title, Figure(_("还在时限内"), kind.waiting, kind.total)
    for part in report.parts:
        yield part_title(part.period, report.period), Figure(_("来电"), part.inbound)
        yield part_title(part.period, report.period), Figure(_("问候电话"), part.check_ins)


def _of(title: str, rate: Rate) -> Figure:
    return Figure(title, rate.part, rate.whole)


def _calls(report: Report) -> Iterator[Figure]:
    yield Figure(_("来电"), report.calls.inbound.whole)
    yield _of(_("来电接通"), report.calls.inbound)
    yield _of(_("问候电话有人接"), report.calls.tries)
    yield _of(_("转接有人接"), report.calls.transfers)


def _check_ins(report: Report) -> Iterator[Figure]:
    found = report.check_ins
    yield Figure(_("应问候"), found.due)
    yield _of(_("平安"), found.fine)
    yield _of(_("家属代答"), found.relative)
    yield _of(_("没有问到"), found.unreached)
    yield _of(_("需要跟进"), found.followed)
    yield Figure(_("上门看望"), found.visits)
    yield Figure(_("误报"), found.false_alarms)
    yield Figure(_("收回的问候"), found.taken_back)
    yield Figure(_("暂停"), report.pauses.pauses)
    yield Figure(_("暂停的人数"), report.pauses.people)


def _alarms_title(alarms: Alarms) -> str:
    return _("%(urgency)s工单", urgency=URGENCIES[alarms.urgency])


def _alarms(alarms: Alarms) -> Iterator[Figure]:
    yield Figure(_("共计"), alarms.acknowledged.whole)
    yield _of(_("一分钟内接手"), alarms.acknowledged)
    yield _of(_("一刻钟内接手"), alarms.responded)
    yield Figure(_("上门办结"), alarms.visited)
    yield Figure(_("误报"), alarms.false_alarms)
    yield Figure(_("其他办结"), alarms.otherwise)
    yield Figure(_("正在办"), alarms.taken)
    yield Figure(_("等人接手"), alarms.open)


def _follow_ups(report: Report) -> Iterator[Figure]:
    yield _of(_("办结后回访"), report.follow_ups.done)
    yield _of(_("满意"), report.follow_ups.satisfied)


def _speech(report: Report) -> Iterator[Figure]:
    yield _of(_("开口说话、后来改用按键的通话"), report.speech.calls)
    yield _of(_("用按键回答的问题"), report.speech.questions)
    yield Figure(_("请对方改用按键"), report.speech.asked)
