"""One's own account, everybody's accounts, and the trail of what was done."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Account, AuditEvent, Staff
from care_records.models.accounts import Role
from care_records.services import audit
from tests.care_records.builders import NOW
from tests.console.conftest import PASSWORD
from tests.console.visitor import Element, Visitor

NEW = "two-green-bicycles"


def account(sessions: sessionmaker[Session], name: str) -> Account:
    with sessions() as session:
        return session.scalars(select(Account).where(Account.name == name)).one()


def notice(page: Element) -> str:
    return page.one("p", role="status").text


def error(page: Element) -> str:
    return page.one("p", class_="error").text


def change(visitor: Visitor, present: str = PASSWORD, new: str = NEW, again: str = NEW) -> Element:
    visitor.get("/accounts/password")
    return visitor.submit("/password", present=present, new=new, again=again)


def test_a_changed_password_opens_and_the_old_one_does_not(app: Flask, officer: Visitor) -> None:
    assert notice(change(officer)) == "密码改好了。其他地方都已经退出。"

    assert Visitor(app).sign_in("officer", NEW).one("h1").text == "今天"
    assert Visitor(app).sign_in("officer", PASSWORD).one("h1").text == "登录"


def test_changing_the_password_signs_out_everywhere_but_here(app: Flask, officer: Visitor) -> None:
    elsewhere = Visitor(app)
    elsewhere.sign_in("officer", PASSWORD)
    change(officer)

    assert officer.get("/").one("h1").text == "今天"
    assert elsewhere.get("/").one("h1").text == "登录"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"present": "wrong-password"}, "密码不对。"),
        ({"again": "two-green-bicycle"}, "两次填的不一样。"),
        ({"new": "short-1", "again": "short-1"}, "密码至少要十个字符。"),
        ({"new": "aaaabbbbcccc", "again": "aaaabbbbcccc"}, "密码里不同的字符太少。"),
        ({"new": "the-Officer-7", "again": "the-Officer-7"}, "密码里不能有用户名。"),
        ({"new": "a1b2c" * 41, "again": "a1b2c" * 41}, "密码最多两百个字符。"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    officer: Visitor, sessions: sessionmaker[Session], typed: dict[str, str], said: str
) -> None:
    before = account(sessions, "officer").password_hash

    assert error(change(officer, **typed)) == said
    assert account(sessions, "officer").password_hash == before


def test_codes_are_turned_on_with_a_first_code_and_off_with_the_password(
    officer: Visitor, sessions: sessionmaker[Session]
) -> None:
    page = officer.get("/accounts/codes")
    secret = page.one("p", class_="secret").text.replace(" ", "")
    assert f"secret={secret}" in page.one("details").text
    assert error(officer.submit("/codes", code="000000")).startswith("验证码不对")
    assert account(sessions, "officer").totp_secret is None

    officer.submit("/codes", code=pyotp.TOTP(secret).now())
    assert account(sessions, "officer").totp_secret == secret
    assert error(officer.submit("/codes/off", present="wrong-password")) == "密码不对。"
    officer.submit("/codes/off", present=PASSWORD)
    assert account(sessions, "officer").totp_secret is None


def test_a_new_account_gets_a_password_once_and_must_change_it(
    app: Flask, admin: Visitor, sessions: sessionmaker[Session]
) -> None:
    admin.get("/accounts/users/new")
    page = admin.submit("/users/new", name="Li.Hua", display_name="李华", role="officer")
    password = page.one("p", class_="secret").text
    assert password not in admin.get("/accounts/users/2").text

    newcomer = Visitor(app)
    newcomer.sign_in("li.hua", password)
    newcomer.get("/people/")
    assert newcomer.path == "/console/accounts/password"
    change(newcomer, present=password)
    assert newcomer.get("/people/").one("h1").text == "人员"


def test_an_account_belongs_to_the_member_of_staff_with_that_name(
    admin: Visitor, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.add(Staff(name="李华", phone="+8651200009002", duty_rank=1))
    admin.get("/accounts/users/new")
    admin.submit("/users/new", name="lihua", display_name="李华", role="officer")

    with sessions() as session:
        found = session.scalars(select(Staff).where(Staff.name == "李华")).one()
        assert session.scalars(select(Account).where(Account.name == "lihua")).one().staff_id == found.id


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("admin", "这个用户名已经有人用了。"),
        ("ADMIN", "这个用户名已经有人用了。"),
        ("a b", "填得不对。"),
        ("x", "太短了。"),
    ],
)
def test_a_name_that_will_not_do_is_refused_with_the_reason(admin: Visitor, name: str, said: str) -> None:
    admin.get("/accounts/users/new")
    page = admin.submit("/users/new", name=name, display_name="李华", role="officer")

    assert error(page) == said
    assert page.one("input", name="display_name").attributes["value"] == "李华"


@pytest.fixture
def wang(make_account: Callable[..., int]) -> int:
    return make_account("wang", Role.VIEWER)


def test_an_administrator_gives_somebody_another_role(
    app: Flask, admin: Visitor, wang: int, sessions: sessionmaker[Session]
) -> None:
    admin.get(f"/accounts/users/{wang}")
    assert notice(admin.submit("/role", role="manager")) == "角色改好了。"

    assert account(sessions, "wang").role is Role.MANAGER
    assert admin.page.one("option", selected="").attributes["value"] == "manager"


def test_a_stopped_account_is_out_at_once_and_may_come_back(app: Flask, admin: Visitor, wang: int) -> None:
    owner = Visitor(app)
    owner.sign_in("wang", PASSWORD)
    admin.get(f"/accounts/users/{wang}")
    admin.submit("/stop")
    assert owner.get("/").one("h1").text == "登录"
    assert owner.sign_in("wang", PASSWORD).one("h1").text == "登录"

    admin.submit("/resume")
    assert owner.sign_in("wang", PASSWORD).one("h1").text == "今天"


def test_a_reset_password_unlocks_and_must_be_changed(app: Flask, admin: Visitor, wang: int) -> None:
    owner = Visitor(app)
    for _ in range(5):
        owner.sign_in("wang", "wrong-password")
    admin.get(f"/accounts/users/{wang}")
    assert "锁住了" in admin.page.text
    password = admin.submit("/users/2/password").one("p", class_="secret").text

    owner.sign_in("wang", password)
    assert owner.path == "/console/accounts/password"


def test_an_administrator_turns_off_the_codes_of_a_lost_telephone(
    admin: Visitor, wang: int, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.get_one(Account, wang).totp_secret = "JBSWY3DPEHPK3PXP"
    admin.get(f"/accounts/users/{wang}")
    admin.submit("/codes/off")

    assert account(sessions, "wang").totp_secret is None


@pytest.mark.parametrize(("action", "values"), [("/stop", {}), ("/role", {"role": "manager"})])
def test_the_last_administrator_stays(
    admin: Visitor, wang: int, sessions: sessionmaker[Session], action: str, values: dict[str, Any]
) -> None:
    admin.get("/accounts/users/1")
    assert notice(admin.submit(action, **values)).startswith("这是最后一个管理员")

    assert (account(sessions, "admin").role, account(sessions, "admin").active) == (Role.ADMIN, True)


def test_a_name_with_markup_in_it_is_shown_and_does_nothing(admin: Visitor) -> None:
    admin.get("/accounts/users/new")
    admin.submit("/users/new", name="mark", display_name="<b onclick=x>𠮷㛃</b>", role="viewer")

    assert "<b onclick=x>𠮷㛃</b>" in admin.get("/accounts/users").text


def test_whatever_is_done_to_an_account_is_in_the_trail(admin: Visitor, wang: int) -> None:
    admin.get(f"/accounts/users/{wang}")
    admin.submit("/role", role="officer")
    admin.submit("/stop")
    admin.submit("/resume")
    admin.submit("/users/2/password")
    rows = [row.text for row in admin.get("/accounts/trail").one("tbody").all("tr")]

    assert [re.sub(r"^[\d:\- ]+", "", row) for row in rows[:4]] == [
        "值班员admin 重设了密码 账户 2 127.0.0.1",
        "值班员admin 恢复账户 账户 2 127.0.0.1",
        "值班员admin 停用账户 账户 2 127.0.0.1",
        "值班员admin 改了角色 账户 2 127.0.0.1",
    ]


def test_the_trail_is_filtered_by_who_what_and_when(admin: Visitor, wang: int, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for days, action, who in ((0, "call.opened", wang), (1, "call.opened", 1), (2, "recording.played", wang)):
            audit.record(session, action, at=NOW - timedelta(days=days), account_id=who, address=None)

    def shown(query: str) -> int:
        return len([row for row in admin.get(f"/accounts/trail?{query}").all("tr") if row.all("td")])

    assert shown(f"account={wang}") == 2
    assert shown("action=call.opened") == 2
    assert shown("last=2026-11-22&first=2026-11-21") == 2
    assert shown("last=2026-11-22&first=2026-11-22") == 1
    assert shown(f"account={wang}&action=call.opened&last=2026-11-22") == 0
    assert shown("first=yesterday&account=x") > 3


def test_a_long_trail_goes_on_over_the_page(admin: Visitor, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for number in range(60):
            audit.record(session, "person.opened", at=NOW, account_id=None, address=None, subject=("person", number))
    admin.get("/accounts/trail?action=person.opened")
    link = admin.page.one("a", rel="next").attributes["href"]
    last = [row.text for row in admin.get(link).one("tbody").all("tr")]

    assert [re.findall(r"人员 (\d+)", row) for row in last] == [[str(number)] for number in reversed(range(10))]
    assert admin.get(admin.page.one("a", rel="prev").attributes["href"]).one("tbody").all("tr")


def test_events_are_told_in_words_that_administrators_know(sessions: sessionmaker[Session], admin: Visitor) -> None:
    with sessions.begin() as session:
        session.add(AuditEvent(at=NOW, action="something.else", address=None))

    assert "something.else" in admin.get("/accounts/trail").text
    assert "登录" in admin.page.text


def test_an_hour_is_the_offices_hour(admin: Visitor, wang: int, sessions: sessionmaker[Session]) -> None:
    with time_machine.travel(NOW), sessions.begin() as session:
        session.get_one(Account, wang).last_login_at = NOW

    assert "2026-11-23 10:00" in admin.get("/accounts/users").text
