"""Before and after every request to the console: who is let through, and what the browser may do with the answer."""

from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from care_records.console import browser_session
from care_records.console.context import SignedIn, now, somebody
from care_records.console.guards import PUBLIC, guard_of, open_before_password_change

COOKIE: Final = "careline_console"
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_csrf: Final = CSRFProtect()


def install(app: Flask, blueprint: Blueprint, *, secret_key: str, secure: bool) -> None:
    """Guards every view of the blueprint, and of those nested in it."""
    app.secret_key = secret_key
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # The provider's webhooks are signed and carry no token; the console's own forms are checked in `_let_through`.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A token is worth as much as the session that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
    )
    _csrf.init_app(app)
    blueprint.before_request(_let_through)
    blueprint.after_request(_harden)


def is_live() -> bool:
    """Whether the page asks by itself, without anybody having done anything."""
    return "Careline-Live" in request.headers


def _let_through() -> AnyResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    guard = guard_of(view)
    if guard is None:
        abort(403)
    g.console_signed_in = _who()
    who = somebody()
    if guard != PUBLIC:
        if who is None:
            return _to_login()
        if not who.may(guard):
            abort(403)
        if who.must_change_password and not open_before_password_change(view):
            return redirect(url_for("console.accounts.password"))
    _csrf.protect()
    return None


def _who() -> SignedIn | None:
    account = browser_session.whose(now(), counts_as_use=not is_live())
    return SignedIn.of(account) if account else None


def _to_login() -> AnyResponse:
    """A page goes to the login and comes back afterwards; what a page fetches tells that page to go."""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("console.accounts.login")})
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("console.accounts.login", next=here))


def may_be_kept() -> None:
    """The answer to this request is nothing personal: the view says itself for how long a browser may keep it."""
    g.console_may_be_kept = True


def _harden(response: Response) -> Response:
    response.headers.update(HEADERS)
    if not g.get("console_may_be_kept"):
        response.headers["Cache-Control"] = "no-store"
    return response
