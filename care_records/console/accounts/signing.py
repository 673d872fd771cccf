"""Signing in and out, and the language of the pages."""

from typing import Annotated, Final

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from pydantic import Field
from werkzeug.wrappers import Response

from care_records.console import browser_session
from care_records.console.accounts.pages import pages
from care_records.console.context import address, console, me, now, somebody, writing
from care_records.console.forms import EMPTY, Filled, Form, read
from care_records.console.guards import public, requires
from care_records.console.languages import COOKIE_KEY, lazy_gettext
from care_records.models import Account
from care_records.models.accounts import Language, Role
from care_records.services import accounts, signing_in
from care_records.services.signing_in import Refusal

REFUSED: Final = {
    Refusal.WRONG: lazy_gettext("用户名或密码不对。连续错五次，账户会锁住十五分钟。"),
    Refusal.ADDRESS: lazy_gettext("这里试错的次数太多了，请十五分钟以后再试。"),
}
CODE_REFUSED: Final = lazy_gettext("验证码不对，或者已经用过。请等下一个。")


class Login(Form):
    name: Annotated[str, Field(max_length=50)]
    password: Annotated[str, Field(max_length=200)]


class Code(Form):
    code: Annotated[str, Field(max_length=10)]


class Choice(Form):
    language: Language
    next: str = ""


@pages.get("/login")
@public
def login() -> Response | str:
    if somebody() is not None:
        return redirect(_target())
    return _login_page(EMPTY)


@pages.post("/login")
@public
def sign_in() -> Response | str:
    form = read(Login)
    if form.value is None:
        return _login_page(form)
    entered = form.value
    found = signing_in.sign_in(console().writers, entered.name, entered.password, address=address(), at=now())
    if isinstance(found, Refusal):
        return _login_page(form.wrong("", REFUSED[found]))
    if found.totp_secret is None:
        return _let_in(found)
    browser_session.expects_code(found, now())
    return redirect(url_for(".code", next=_target()))


@pages.get("/login/code")
@public
def code() -> Response | str:
    if browser_session.halfway(now()) is None:
        return redirect(url_for(".login"))
    return render_template("accounts/code.html", form=EMPTY, next=_target())


@pages.post("/login/code")
@public
def accept_code() -> Response | str:
    account_id = browser_session.halfway(now())
    if account_id is None:
        return redirect(url_for(".login"))
    form = read(Code)
    entered = form.value.code if form.value else ""
    found = signing_in.accept_code(console().writers, account_id, entered, address=address(), at=now())
    if isinstance(found, Refusal):
        message = CODE_REFUSED if found is Refusal.WRONG else REFUSED[found]
        return render_template("accounts/code.html", form=form.wrong("code", message), next=_target())
    return _let_in(found)


@pages.post("/logout")
@requires(Role.VIEWER, before_password_change=True)
def logout() -> Response:
    """Signs the account out in every browser."""
    with writing() as session:
        signing_in.sign_out(session, session.get_one(Account, me().account_id), address=address(), at=now())
    browser_session.end()
    return redirect(url_for(".login"))


@pages.post("/language")
@public
def choose_language() -> Response:
    form = read(Choice)
    if form.value is None:
        return redirect(url_for("console.today.index"))
    cookie[COOKIE_KEY] = form.value.language.value
    who = somebody()
    if who is not None:
        _keep_language(who.account_id, form.value.language)
    return redirect(local(form.value.next))


def local(target: str) -> str:
    """The address, if it is one of the console's own; the first page otherwise."""
    home = url_for("console.today.index")
    inside = target.startswith(home) and "\\" not in target and not any(ord(sign) < 32 for sign in target)
    return target if inside else home


def _let_in(account: Account) -> Response:
    target, chosen = _target(), cookie.get(COOKIE_KEY)
    browser_session.begin(account, now())
    if chosen is not None:
        _keep_language(account.id, Language(chosen))
    return redirect(target)


def _keep_language(account_id: int, language: Language) -> None:
    with writing() as session:
        accounts.set_language(session.get_one(Account, account_id), language)


def _target() -> str:
    return local(request.values.get("next", ""))


def _login_page(form: Filled[Login] | Filled[Form]) -> str:
    return render_template("accounts/login.html", form=form, next=_target())
