"""Who gets in, who is kept out, and when somebody is out again."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Account, AuditEvent
from care_records.models.accounts import Role
from care_records.services import accounts, audit, passwords, signing_in
from tests.care_records.builders import NOW
from tests.console.conftest import PASSWORD, MakeApp
from tests.console.visitor import Element, Visitor

WRONG = "用户名或密码不对。连续错五次，账户会锁住十五分钟。"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def someone(make_account: Callable[..., int]) -> int:
    return make_account("wang", Role.OFFICER)


def refused(page: Element) -> str:
    return page.one("p", role="alert").text


def is_in(visitor: Visitor) -> bool:
    return visitor.open("/").status_code == 200


def test_whoever_signs_in_gets_to_the_page_they_wanted(anybody: Visitor, someone: int) -> None:
    anybody.get("/people/?q=%E5%BC%A0")
    page = anybody.submit("/accounts/login", name=" Wang ", password=PASSWORD)

    assert anybody.path == "/console/people/"
    assert page.one("a", class_="me").text == "值班员wang"


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org/console/", "/console\\@example.org", "/twilio/"]
)
def test_signing_in_leads_nowhere_but_to_the_console(anybody: Visitor, someone: int, target: str) -> None:
    anybody.get(f"/accounts/login?next={target}")
    anybody.submit("/accounts/login", name="wang", password=PASSWORD)

    assert anybody.path == "/console/"


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong-password"), ("nobody", PASSWORD), ("wang", " ")])
def test_whoever_cannot_prove_it_stays_out(anybody: Visitor, someone: int, name: str, password: str) -> None:
    anybody.sign_in(name, password)

    assert not is_in(anybody)


def test_a_name_that_nobody_has_is_refused_in_the_same_words(anybody: Visitor, someone: int) -> None:
    assert (
        refused(anybody.sign_in("wang", "wrong-password"))
        == refused(anybody.sign_in("nobody", "wrong-password"))
        == WRONG
    )


def test_an_account_that_is_stopped_is_refused(anybody: Visitor, someone: int, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        accounts.set_active(session, session.get_one(Account, someone), False)

    assert refused(anybody.sign_in("wang", PASSWORD)) == WRONG


def test_five_wrong_tries_lock_the_account_for_a_quarter_of_an_hour(
    app: Flask, anybody: Visitor, someone: int, clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        anybody.sign_in("wang", "wrong-password")

    assert refused(Visitor(app, "192.0.2.7").sign_in("wang", PASSWORD)) == WRONG
    clock.shift(timedelta(minutes=14, seconds=59))
    assert refused(anybody.sign_in("wang", PASSWORD)) == WRONG
    clock.shift(timedelta(seconds=2))
    anybody.sign_in("wang", PASSWORD)
    assert is_in(anybody)


def test_four_wrong_tries_are_forgotten_with_a_right_one(app: Flask, someone: int) -> None:
    for _ in range(2):
        visitor = Visitor(app)
        for _ in range(4):
            visitor.sign_in("wang", "wrong-password")
        visitor.sign_in("wang", PASSWORD)
        assert is_in(visitor)


def test_thirty_refused_tries_from_one_address_make_it_wait(
    app: Flask, someone: int, sessions: sessionmaker[Session], clock: time_machine.Traveller
) -> None:
    with sessions.begin() as session:
        for _ in range(29):
            audit.record(session, audit.SIGN_IN_REFUSED, at=NOW, account_id=None, address="192.0.2.9")
    tired = Visitor(app, "192.0.2.9")
    assert refused(tired.sign_in("nobody", "wrong-password")) == WRONG

    assert refused(tired.sign_in("wang", PASSWORD)) == "这里试错的次数太多了，请十五分钟以后再试。"
    assert Visitor(app, "192.0.2.10").sign_in("wang", PASSWORD).one("h1").text == "今天"
    clock.shift(timedelta(minutes=15, seconds=1))
    assert tired.sign_in("wang", PASSWORD).one("h1").text == "今天"


def test_several_processes_count_tries_together(make_app: MakeApp, someone: int) -> None:
    for number in range(5):
        Visitor(make_app(), f"192.0.2.{number}").sign_in("wang", "wrong-password")

    assert refused(Visitor(make_app()).sign_in("wang", PASSWORD)) == WRONG


def test_a_try_counts_before_its_password_is_looked_at(sessions: sessionmaker[Session], someone: int) -> None:
    """So that a hundred tries at the same moment are not a hundred guesses."""
    looked_at: list[int] = []

    def fits(password: str, stored: str | None) -> bool:
        with sessions() as session:
            looked_at.append(session.get_one(Account, someone).failed_logins)
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "fits", fits)
        for _ in range(3):
            signing_in.sign_in(sessions, "wang", "x", address="192.0.2.1", at=NOW)

    assert looked_at == [1, 2, 3]


def test_signing_out_signs_out_everywhere(app: Flask, anybody: Visitor, someone: int) -> None:
    elsewhere = Visitor(app)
    for visitor in (anybody, elsewhere):
        visitor.sign_in("wang", PASSWORD)
    anybody.submit("/logout")

    assert (is_in(anybody), is_in(elsewhere)) == (False, False)


def test_a_cookie_that_was_kept_from_before_signing_out_opens_nothing(
    app: Flask, anybody: Visitor, someone: int
) -> None:
    anybody.sign_in("wang", PASSWORD)
    kept = anybody.client.get_cookie("careline_console", path="/console")
    assert kept
    anybody.submit("/logout")
    thief = Visitor(app)
    thief.client.set_cookie("careline_console", kept.value, path="/console")

    assert not is_in(thief)


def test_half_an_hour_without_use_signs_out(anybody: Visitor, someone: int, clock: time_machine.Traveller) -> None:
    anybody.sign_in("wang", PASSWORD)
    clock.shift(timedelta(minutes=29))
    assert is_in(anybody)
    clock.shift(timedelta(minutes=29))
    assert is_in(anybody)
    clock.shift(timedelta(minutes=31))
    assert not is_in(anybody)


def test_a_page_that_looks_for_news_by_itself_is_no_use(
    anybody: Visitor, someone: int, clock: time_machine.Traveller
) -> None:
    anybody.sign_in("wang", PASSWORD)
    for _ in range(31):
        clock.shift(timedelta(minutes=1))
        anybody.open("/", headers={"Careline-Live": "1"})

    assert not is_in(anybody)


def test_somebody_who_types_for_long_stays(anybody: Visitor, someone: int, clock: time_machine.Traveller) -> None:
    anybody.sign_in("wang", PASSWORD)
    for _ in range(7):
        clock.shift(timedelta(minutes=5))
        assert anybody.open("/here", "POST", headers={"X-CSRFToken": anybody.token()}).status_code == 204

    assert is_in(anybody)


def test_what_a_page_fetches_after_the_end_sends_it_to_the_login(anybody: Visitor) -> None:
    answer = anybody.open("/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/console/accounts/login")


def test_nobody_stays_for_more_than_twelve_hours(anybody: Visitor, someone: int, clock: time_machine.Traveller) -> None:
    anybody.sign_in("wang", PASSWORD)
    for _ in range(12 * 3):
        assert is_in(anybody)
        clock.shift(timedelta(minutes=20))
    clock.shift(timedelta(seconds=1))

    assert not is_in(anybody)


def test_an_account_with_codes_asks_for_one_that_is_taken_once(
    app: Flask, anybody: Visitor, someone: int, sessions: sessionmaker[Session], clock: time_machine.Traveller
) -> None:
    secret = enrolled(sessions, someone)
    anybody.get("/calls/")
    anybody.submit("/accounts/login", name="wang", password=PASSWORD)
    assert not is_in(anybody)
    anybody.submit("/login/code", code="000000")
    assert not is_in(anybody)
    anybody.submit("/login/code", code=pyotp.TOTP(secret).at(NOW))
    assert anybody.path == "/console/calls/"

    again = Visitor(app)
    again.sign_in("wang", PASSWORD)
    again.submit("/login/code", code=pyotp.TOTP(secret).at(NOW))
    assert not is_in(again)
    clock.shift(timedelta(seconds=30))
    again.submit("/login/code", code=pyotp.TOTP(secret).at(NOW + timedelta(seconds=30)))
    assert is_in(again)


def test_guessing_codes_locks_the_account(anybody: Visitor, someone: int, sessions: sessionmaker[Session]) -> None:
    secret = enrolled(sessions, someone)
    anybody.sign_in("wang", PASSWORD)
    for _ in range(4):
        anybody.submit("/login/code", code="000000")
    anybody.submit("/login/code", code=pyotp.TOTP(secret).at(NOW))

    assert not is_in(anybody)


def test_the_code_must_come_within_five_minutes(
    anybody: Visitor, someone: int, sessions: sessionmaker[Session], clock: time_machine.Traveller
) -> None:
    secret = enrolled(sessions, someone)
    anybody.sign_in("wang", PASSWORD)
    clock.shift(timedelta(minutes=5, seconds=1))
    anybody.submit("/login/code", code=pyotp.TOTP(secret).at(NOW + timedelta(minutes=5)))

    assert anybody.page.one("h1").text == "登录"


def enrolled(sessions: sessionmaker[Session], account_id: int) -> str:
    secret = accounts.new_secret()
    with sessions.begin() as session:
        account = session.get_one(Account, account_id)
        assert accounts.enrol(account, secret, pyotp.TOTP(secret).at(NOW - timedelta(seconds=60)), NOW) is False
        assert accounts.enrol(account, secret, pyotp.TOTP(secret).at(NOW), NOW)
    return secret


def test_an_address_is_taken_from_ones_own_proxies_only(
    make_app: MakeApp, someone: int, sessions: sessionmaker[Session]
) -> None:
    hops = {"X-Forwarded-For": "192.0.2.66, 192.0.2.7"}
    for proxies in (0, 1, 3):
        visitor = Visitor(make_app(proxies=proxies), "192.0.2.1")
        data = {"name": "wang", "password": "wrong-password", "csrf_token": visitor.token()}
        visitor.open("/accounts/login", "POST", data=data, headers=hops)

    with sessions() as session:
        assert session.scalars(select(AuditEvent.address).order_by(AuditEvent.id)).all() == [
            "192.0.2.1",
            "192.0.2.7",
            "192.0.2.1",
        ]


def test_the_trail_tells_who_came_and_who_was_refused(
    app: Flask, someone: int, sessions: sessionmaker[Session]
) -> None:
    visitor = Visitor(app, "192.0.2.3")
    visitor.sign_in("nobody", "wrong-password")
    visitor.sign_in("wang", "wrong-password")
    visitor.sign_in("wang", PASSWORD)
    visitor.submit("/logout")

    with sessions() as session:
        columns = AuditEvent.action, AuditEvent.account_id, AuditEvent.address
        found = session.execute(select(*columns).order_by(AuditEvent.id)).all()
    assert [tuple(row) for row in found] == [
        ("sign_in.refused", None, "192.0.2.3"),
        ("sign_in.refused", someone, "192.0.2.3"),
        ("sign_in.accepted", someone, "192.0.2.3"),
        ("sign_in.ended", someone, "192.0.2.3"),
    ]


def test_english_is_one_click_away_and_stays_with_the_account(app: Flask, anybody: Visitor, someone: int) -> None:
    anybody.sign_in("wang", PASSWORD)
    page = anybody.submit("/accounts/language")

    assert (page.one("html").attributes["lang"], page.one("h1").text) == ("en", "Today")
    assert Visitor(app).sign_in("wang", PASSWORD).one("h1").text == "Today"


def test_the_language_chosen_at_the_login_stays(anybody: Visitor, someone: int) -> None:
    anybody.get("/accounts/login")
    assert anybody.submit("/accounts/language").one("h1").text == "Sign in"
    assert anybody.submit("/accounts/login", name="wang", password=PASSWORD).one("h1").text == "Today"
