"""The names of the seven states, and of the parts whose health is shown."""

from collections.abc import Mapping
from typing import Final

from care_records.console.languages import lazy_gettext
from care_records.console.today.board import BoardState

STATES: Final[Mapping[BoardState, str]] = {
    BoardState.SILENT: lazy_gettext("静默"),
    BoardState.FOLLOW_UP: lazy_gettext("需跟进"),
    BoardState.UNREACHED: lazy_gettext("未接"),
    BoardState.RELATIVE: lazy_gettext("代答"),
    BoardState.UNCALLED: lazy_gettext("未打"),
    BoardState.PAUSED: lazy_gettext("暂停"),
    BoardState.FINE: lazy_gettext("平安"),
}
PARTS: Final[Mapping[str, str]] = {
    "line": lazy_gettext("电话"),
    "speech": lazy_gettext("语音识别"),
    "provider": lazy_gettext("电话线路商"),
    "database": lazy_gettext("记录"),
    "broker": lazy_gettext("任务队列"),
    "journal": lazy_gettext("应急记录本"),
    "sweep": lazy_gettext("定时检查"),
    "upkeep": lazy_gettext("日常维护"),
    "check_ins": lazy_gettext("问候电话"),
    "escalations": lazy_gettext("紧急呼叫"),
}
