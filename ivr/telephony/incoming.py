"""A request from the provider: where it was sent, whether it is genuine, which call it is about, and its answer."""

from collections.abc import Callable

import structlog
from flask import Response, abort, current_app, got_request_exception, request

from ivr.config import Settings
from ivr.guards import Guard, guard_of
from ivr.telephony.forms import CallForm, account_of, call_of
from ivr.telephony.signature import HEADER, is_signed
from ivr.telephony.twiml import CONTENT_TYPE

log = structlog.get_logger()


def public_base(settings: Settings) -> str:
    """The address that the provider knows the line by, without a slash at its end.

    Behind a proxy only CARELINE_PUBLIC_URL knows it; without that setting it is what the request itself says.
    """
    return settings.public_url or request.url_root.rstrip("/")


def guarding(settings: Settings) -> Callable[[], None]:
    """A check, before each request, of the guard that its view states: 403 unless it is met."""
    token = settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else None

    def check() -> None:
        guard = guard_of(current_app.view_functions[request.endpoint or ""])
        if guard is Guard.PUBLIC:
            return
        if guard is not Guard.PROVIDER_SIGNED or token is None or not _genuine(settings, token):
            log.warning("webhook_refused", endpoint=request.endpoint, signed=HEADER in request.headers)
            abort(403)
        if settings.twilio_account_sid and account_of(request.form) != settings.twilio_account_sid:
            log.warning("webhook_of_another_account", endpoint=request.endpoint)

    return check


def the_call() -> CallForm:
    """The call that the request is about; 400 when it names none."""
    call = call_of(request.form)
    if call is None:
        log.warning("webhook_without_call", endpoint=request.endpoint)
        abort(Response("CallSid is missing", 400, content_type="text/plain; charset=utf-8"))
    return call


def twiml(document: str) -> Response:
    return Response(document, content_type=CONTENT_TYPE)


def report(error: Exception) -> None:
    """Puts an unexpected failure on record, for the log and for whoever listens to Flask's signal.

    Neither the message nor the values of the traceback are logged: they may hold what somebody said.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else None
    log.error("webhook_failed", endpoint=request.endpoint, error=type(error).__name__, where=where)
    got_request_exception.send(current_app._get_current_object(), exception=error)  # type: ignore[attr-defined]


def _genuine(settings: Settings, token: str) -> bool:
    query = request.query_string.decode(errors="replace")
    url = public_base(settings) + request.path + (f"?{query}" if query else "")
    return is_signed(token, url, request.form, request.headers.get(HEADER))
