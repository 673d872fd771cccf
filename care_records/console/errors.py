"""What is shown when a page cannot be: in words, with a way back, and never with what the machine says."""

from typing import Final

import structlog
from flask import Blueprint, Response, make_response, render_template
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from care_records.console.languages import lazy_gettext

log = structlog.get_logger(__name__)

WORDS: Final = {
    400: (lazy_gettext("这一页放得太久了"), lazy_gettext("什么都没有改动。请退回上一页，刷新以后再试一次。")),
    403: (lazy_gettext("您的账户不能做这件事"), lazy_gettext("需要的话，请找管理员。")),
    404: (lazy_gettext("没有这一页"), lazy_gettext("可能已经删除，或者地址写错了。")),
    413: (lazy_gettext("文件太大了"), lazy_gettext("请分成几个小一点的文件。")),
    503: (lazy_gettext("记录暂时打不开"), lazy_gettext("刚才填的没有保存。请过一会儿再试；电话照常有人接。")),
}
_OTHER: Final = (lazy_gettext("这件事没有做成"), lazy_gettext("什么都没有改动。请再试一次。"))


def install(blueprint: Blueprint) -> None:
    blueprint.register_error_handler(HTTPException, _refused)
    blueprint.register_error_handler(OperationalError, _away)
    blueprint.register_error_handler(PoolTimeout, _away)


def _refused(error: HTTPException) -> Response:
    return _page(error.code or 500)


def _away(error: Exception) -> Response:
    log.warning("console.records_away", error=type(error).__name__)
    return _page(503)


def _page(status: int) -> Response:
    title, advice = WORDS.get(status, _OTHER)
    return make_response(render_template("console/error.html", title=title, advice=advice), status)
