"""Every page and action names the role that it needs, and holds to it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule

from care_records.console.guards import PUBLIC, guard_of
from care_records.models.accounts import Role
from tests.console.conftest import MakeApp
from tests.console.visitor import Visitor

ONE_OF_EACH = {"int": 1, "string": "x", "path": "console.css", "any": "x"}
OWN = {"console.accounts.choose_language", "console.accounts.logout", "console.accounts.change_password"}
OWN |= {"console.accounts.enrol", "console.accounts.stop_codes", "console.live.here"}
"""What everybody may do with their own account."""


def rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console."))


def path_of(app: Flask, rule: Rule) -> str:
    values = {name: ONE_OF_EACH[_kind(rule, name)] for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=_method(rule))


def _kind(rule: Rule, name: str) -> str:
    return next((kind for kind in ONE_OF_EACH if f"<{kind}:{name}>" in rule.rule), "string")


def _method(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def guard(app: Flask, rule: Rule) -> object:
    return guard_of(app.view_functions[rule.endpoint])


def test_every_view_states_its_guard(app: Flask) -> None:
    assert [rule.endpoint for rule in rules(app) if guard(app, rule) is None] == []


def test_only_signing_in_the_language_and_the_looks_are_public(app: Flask) -> None:
    assert {rule.endpoint for rule in rules(app) if guard(app, rule) == PUBLIC} == {
        "console.accounts.accept_code",
        "console.accounts.choose_language",
        "console.accounts.code",
        "console.accounts.login",
        "console.accounts.sign_in",
        "console.assets.file",
    }


def test_whatever_changes_something_needs_more_than_a_viewer(app: Flask) -> None:
    changing = [rule for rule in rules(app) if _method(rule) != "GET" and guard(app, rule) != PUBLIC]

    assert {rule.endpoint for rule in changing if guard(app, rule) is Role.VIEWER} <= OWN


def test_nobody_sees_anything_before_they_sign_in(app: Flask, anybody: Visitor) -> None:
    for rule in rules(app):
        if guard(app, rule) != PUBLIC:
            data = {"csrf_token": anybody.token()}
            answer = anybody.open(path_of(app, rule), _method(rule), data=data if _method(rule) == "POST" else None)
            assert answer.status_code == 302, rule.endpoint
            assert answer.headers["Location"].startswith("/console/accounts/login"), rule.endpoint


def test_a_viewer_is_refused_whatever_needs_more(app: Flask, viewer: Visitor) -> None:
    for rule in rules(app):
        if guard(app, rule) not in (PUBLIC, Role.VIEWER):
            data = {"csrf_token": viewer.token()} if _method(rule) == "POST" else None
            assert viewer.open(path_of(app, rule), _method(rule), data=data).status_code == 403, rule.endpoint


def test_a_viewer_who_tries_everything_changes_nothing(
    app: Flask, viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    before = _contents(sessions)
    for rule in rules(app):
        if rule.endpoint not in OWN and rule.endpoint != "console.live.stream" and guard(app, rule) != PUBLIC:
            data = {"csrf_token": viewer.token()} if _method(rule) == "POST" else None
            viewer.open(path_of(app, rule), _method(rule), data=data)

    assert _contents(sessions) == before


def _contents(sessions: sessionmaker[Session]) -> dict[str, list[tuple[object, ...]]]:
    """All rows but those that tell who looked at what."""
    with sessions() as session:
        tables = set(inspect(session.get_bind()).get_table_names()) - {"audit_events"}
        return {table: [tuple(row) for row in session.execute(text(f"SELECT * FROM {table}"))] for table in tables}


def test_nothing_is_changed_without_a_token_of_the_same_session(app: Flask, admin: Visitor, anybody: Visitor) -> None:
    foreign = anybody.token()
    for rule in rules(app):
        if _method(rule) != "GET":
            for data in ({}, {"csrf_token": "x"}, {"csrf_token": foreign}):
                assert admin.open(path_of(app, rule), _method(rule), data=data).status_code == 400, rule.endpoint


def test_what_else_the_application_serves_needs_no_token(app: Flask) -> None:
    """The provider's webhooks are signed instead."""
    app.add_url_rule("/twilio/voice", view_func=lambda: "heard", endpoint="voice", methods=["POST"])

    assert app.test_client().post("/twilio/voice").text == "heard"


def test_every_answer_is_hardened_and_nothing_personal_is_kept_by_the_browser(app: Flask, admin: Visitor) -> None:
    for rule in rules(app):
        if _method(rule) != "GET" or rule.endpoint == "console.live.stream":
            continue
        answer = admin.open(path_of(app, rule))
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, rule.endpoint
        assert "unsafe" not in policy, rule.endpoint
        assert answer.headers["X-Frame-Options"] == "DENY", rule.endpoint
        if rule.endpoint != "console.assets.file":
            assert answer.headers["Cache-Control"] == "no-store", rule.endpoint


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_kept_from_scripts_and_other_sites(make_app: MakeApp, secure: bool) -> None:
    cookie = Visitor(make_app(secure=secure)).open("/accounts/login").headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Lax", "Path=/console"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is secure


def test_each_subject_has_its_place_in_the_navigation(viewer: Visitor) -> None:
    links = viewer.get("/").one("nav", class_="subjects").all("a")

    assert [link.text for link in links] == [
        "今天", "通话", "工单", "问候", "人员", "彩虹桥", "值班", "报表", "账户"
    ]  # fmt: skip
    for link in links:
        page = viewer.get(link.attributes["href"])
        assert page.one("nav", class_="subjects").one("a", aria_current="page").text == link.text


def test_a_page_that_is_not_there_says_so_in_words(viewer: Visitor) -> None:
    assert viewer.get("/accounts/users/999", 403).one("h1").text == "您的账户不能做这件事"
    assert viewer.get("/static/none.css", 404).one("h1").text == "没有这一页"
