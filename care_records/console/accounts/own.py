"""One's own account: the password, and one-time codes."""

from typing import Annotated, Final

from flask import flash, redirect, render_template, url_for
from flask import session as cookie
from pydantic import Field
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console import browser_session
from care_records.console.accounts import qr
from care_records.console.accounts.pages import pages
from care_records.console.accounts.words import MAY, ROLES, WEAK
from care_records.console.context import me, note_use, now, reading, writing
from care_records.console.forms import EMPTY, Filled, Form, read
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.models import Account
from care_records.models.accounts import Role
from care_records.services import accounts, passwords
from care_records.services.accounts import WeakPasswordError

ENROLLING: Final = "enrolling"
"""Where the browser's session keeps the secret that is being enrolled."""


class NewPassword(Form):
    present: Annotated[str, Field(max_length=passwords.LONGEST)]
    new: str
    again: str


class FirstCode(Form):
    code: Annotated[str, Field(max_length=10)]


class Confirmation(Form):
    present: Annotated[str, Field(max_length=passwords.LONGEST)]


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    return _own_page(EMPTY)


@pages.get("/password")
@requires(Role.VIEWER, before_password_change=True)
def password() -> str:
    return render_template("accounts/password.html", form=EMPTY)


@pages.post("/password")
@requires(Role.VIEWER, before_password_change=True)
def change_password() -> Response | str:
    """Signs the account out everywhere but here."""
    form, kept = _checked(read(NewPassword))
    if form.value is None:
        return render_template("accounts/password.html", form=form)
    with writing() as session:
        account = _mine(session)
        accounts.set_password(account, kept, by_owner=True)
        note_use(session, "account.password_changed", ("account", account.id))
    browser_session.renew(account)
    flash(_("密码改好了。其他地方都已经退出。"), "good")
    return redirect(url_for(".index"))


@pages.get("/codes")
@requires(Role.VIEWER)
def codes() -> str:
    cookie.setdefault(ENROLLING, accounts.new_secret())
    return _codes_page(EMPTY)


@pages.post("/codes")
@requires(Role.VIEWER)
def enrol() -> Response | str:
    form = read(FirstCode)
    if ENROLLING not in cookie:
        return redirect(url_for(".codes"))
    if form.value is None or not _enrolled(form.value.code):
        return _codes_page(form.wrong("code", _("验证码不对。请看手机上现在显示的六位数字。")))
    cookie.pop(ENROLLING)
    flash(_("验证码开好了，下次登录要用。"), "good")
    return redirect(url_for(".index"))


@pages.post("/codes/off")
@requires(Role.VIEWER)
def stop_codes() -> Response | str:
    form = read(Confirmation)
    if form.value is None or not passwords.fits(form.value.present, _own().password_hash):
        return _own_page(form.wrong("present", _("密码不对。")))
    with writing() as session:
        accounts.forget_codes(_mine(session))
        note_use(session, "account.codes_off", ("account", me().account_id))
    flash(_("验证码关掉了。"), "good")
    return redirect(url_for(".index"))


def _own() -> Account:
    with reading() as session:
        return _mine(session)


def _mine(session: Session) -> Account:
    return session.get_one(Account, me().account_id)


def _own_page(form: Filled[Confirmation] | Filled[Form]) -> str:
    return render_template("accounts/index.html", form=form, account=_own(), roles=ROLES, may=MAY)


def _checked(form: Filled[NewPassword]) -> tuple[Filled[NewPassword], str]:
    """The form, and what is kept of the new password if nothing is wrong. No transaction is open meanwhile."""
    account, typed = _own(), form.value
    if typed is None:
        return form, ""
    if not passwords.fits(typed.present, account.password_hash):
        return form.wrong("present", _("密码不对。")), ""
    if typed.new != typed.again:
        return form.wrong("again", _("两次填的不一样。")), ""
    try:
        return form, accounts.prepared(typed.new, account.name)
    except WeakPasswordError as error:
        return form.wrong("new", WEAK[error.weakness]), ""


def _enrolled(code: str) -> bool:
    with writing() as session:
        enrolled = accounts.enrol(_mine(session), cookie[ENROLLING], code, now())
        if enrolled:
            note_use(session, "account.codes_on", ("account", me().account_id))
        return enrolled


def _codes_page(form: Filled[FirstCode] | Filled[Form]) -> str:
    secret: str = cookie[ENROLLING]
    uri = accounts.enrolment_uri(_own(), secret)
    return render_template("accounts/codes.html", form=form, secret=secret, uri=uri, picture=_picture(uri))


def _picture(uri: str) -> str | None:
    """None for somebody whose name is too long for a picture: they type the key in."""
    try:
        return qr.path(uri)
    except qr.TooLongError:
        return None
