"""Everybody's accounts, for administrators."""

from typing import Annotated

from flask import abort, flash, redirect, render_template, url_for
from pydantic import Field
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console.accounts.pages import pages
from care_records.console.accounts.words import MAY, ROLES
from care_records.console.context import note_use, now, reading, writing
from care_records.console.forms import EMPTY, Filled, Form, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.models import Account
from care_records.models.accounts import Role
from care_records.services import accounts, passwords
from care_records.services.accounts import LastAdministratorError, NameTakenError


class NewAccount(Form):
    name: Annotated[str, Field(min_length=2, max_length=50, pattern=r"^[\w.-]+$")]
    display_name: Annotated[str, Field(max_length=100)]
    role: Role


class NewRole(Form):
    role: Role


@pages.get("/users")
@requires(Role.ADMIN)
def users() -> str:
    with reading() as session:
        return render_template("accounts/users.html", accounts=accounts.everybody(session), roles=ROLES, now=now())


@pages.get("/users/new")
@requires(Role.ADMIN)
def new_user() -> str:
    return _new_page(EMPTY)


@pages.post("/users/new")
@requires(Role.ADMIN)
def add_user() -> str:
    """Shows the new password, once: nobody can ever look it up."""
    form = read(NewAccount)
    if form.value is None:
        return _new_page(form)
    entered, password = form.value, passwords.made_up()
    kept = passwords.kept(password)
    try:
        with writing() as session:
            account = accounts.add(
                session, entered.name, kept, entered.role, at=now(), display_name=entered.display_name
            )
            note_use(session, "account.added", ("account", account.id))
    except NameTakenError:
        return _new_page(form.wrong("name", _("这个用户名已经有人用了。")))
    return render_template("accounts/password_once.html", account=account, password=password)


@pages.get("/users/<int:number>")
@requires(Role.ADMIN)
def user(number: int) -> str:
    with reading() as session:
        account = _found(session, number)
    form = shown({"role": account.role})
    return render_template("accounts/user.html", account=account, form=form, roles=ROLES, may=MAY, now=now())


@pages.post("/users/<int:number>/role")
@requires(Role.ADMIN)
def change_role(number: int) -> Response:
    form = read(NewRole)
    if form.value is None:
        abort(400)
    try:
        with writing() as session:
            accounts.set_role(session, _found(session, number), form.value.role)
            note_use(session, "account.role_changed", ("account", number))
        flash(_("角色改好了。"), "good")
    except LastAdministratorError:
        _refuse_last()
    return redirect(url_for(".user", number=number))


@pages.post("/users/<int:number>/stop")
@requires(Role.ADMIN)
def stop_user(number: int) -> Response:
    try:
        with writing() as session:
            accounts.set_active(session, _found(session, number), False)
            note_use(session, "account.stopped", ("account", number))
        flash(_("账户停用了，正在用的地方都已经退出。"), "good")
    except LastAdministratorError:
        _refuse_last()
    return redirect(url_for(".user", number=number))


@pages.post("/users/<int:number>/resume")
@requires(Role.ADMIN)
def resume_user(number: int) -> Response:
    with writing() as session:
        accounts.set_active(session, _found(session, number), True)
        note_use(session, "account.resumed", ("account", number))
    flash(_("账户可以用了。"), "good")
    return redirect(url_for(".user", number=number))


@pages.post("/users/<int:number>/password")
@requires(Role.ADMIN)
def reset_password(number: int) -> str:
    """Shows the new password, once; its owner must change it before anything else."""
    password = passwords.made_up()
    kept = passwords.kept(password)
    with writing() as session:
        account = _found(session, number)
        accounts.set_password(account, kept, by_owner=False)
        note_use(session, "account.password_reset", ("account", number))
    return render_template("accounts/password_once.html", account=account, password=password)


@pages.post("/users/<int:number>/codes/off")
@requires(Role.ADMIN)
def forget_codes(number: int) -> Response:
    """For somebody whose telephone is lost."""
    with writing() as session:
        accounts.forget_codes(_found(session, number))
        note_use(session, "account.codes_off", ("account", number))
    flash(_("验证码关掉了。"), "good")
    return redirect(url_for(".user", number=number))


def _found(session: Session, number: int) -> Account:
    account = session.get(Account, number)
    if account is None:
        abort(404)
    return account


def _new_page(form: Filled[NewAccount] | Filled[Form]) -> str:
    return render_template("accounts/new.html", form=form, roles=ROLES, may=MAY)


def _refuse_last() -> None:
    flash(_("这是最后一个管理员，不能停用，也不能改角色。"), "bad")
