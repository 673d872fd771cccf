"""Somebody at the console's pages: opens them, fills in their forms, and looks at every page closely."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
REDIRECTED = (301, 302, 303)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parts: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is read, with single spaces."""
        said = (part if isinstance(part, str) else part.text for part in self.parts)
        return " ".join(" ".join(said).split())

    def all(self, tag: str | None = None, **attributes: str) -> list["Element"]:
        """The elements in it, in order; `class_="card"` finds those that have that class among others."""
        inside = [part for part in self.parts if isinstance(part, Element)]
        found = [one for part in inside for one in ([part] if part.fits(tag, attributes) else []) + part.all(tag)]
        return [one for one in found if one.fits(tag, attributes)]

    def one(self, tag: str | None = None, **attributes: str) -> "Element":
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def fits(self, tag: str | None, attributes: Mapping[str, str]) -> bool:
        return tag in (None, self.tag) and all(self._has(name, value) for name, value in attributes.items())

    def _has(self, name: str, value: str) -> bool:
        if name == "class_":
            return value in self.attributes.get("class", "").split()
        return self.attributes.get(name.replace("_", "-")) == value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].parts.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)


def parse(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class Visitor:
    """A browser without a screen. `get` and `submit` follow redirects and return the page that is reached."""

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.address = address
        self.page = Element("", {})
        self.path = ""
        self.response: TestResponse | None = None

    def get(self, path: str, status: int = 200, **options: Any) -> Element:
        """Opens a page of the console: `/console` is put before the path."""
        return self._arrive(self.open(path, **options), status)

    def open(self, path: str, method: str = "GET", **options: Any) -> TestResponse:
        """The bare answer to one request, redirects not followed."""
        full = path if path.startswith("/console") else f"/console{path}"
        options.setdefault("buffered", True)
        return self.client.open(full, method=method, environ_base={"REMOTE_ADDR": self.address}, **options)

    def post(self, path: str, status: int = 200, **values: Any) -> Element:
        """What a form that this page does not show would send, with a token that is good: for what is not allowed."""
        return self._arrive(self.open(path, "POST", data={"csrf_token": self.token(), **values}), status)

    def submit(self, action: str, status: int = 200, button: str | None = None, **values: Any) -> Element:
        """Fills in the form of the present page whose action ends with `action`, and sends it by its only button,
        or by the one that says `button`."""
        form = self.form(action)
        sent = _filled_in(form) | _pressed(form, button) | values
        return self._arrive(self.open(form.attributes["action"], "POST", data=sent), status)

    def form(self, action: str) -> Element:
        """The form of the present page that is sent to there."""
        forms = [form for form in self.page.all("form") if form.attributes["action"].endswith(action)]
        assert len(forms) == 1, f"{len(forms)} forms of {self.path} are sent to {action}"
        return forms[0]

    def token(self) -> str:
        """A token that is good for this visitor's session."""
        html = self.open("/accounts/password").text
        if "csrf-token" not in html:
            html = self.open("/accounts/login").text
        return parse(html).one("meta", name="csrf-token").attributes["content"]

    def sign_in(self, name: str, password: str) -> Element:
        self.get("/accounts/login")
        return self.submit("/accounts/login", name=name, password=password)

    def _arrive(self, response: TestResponse, status: int) -> Element:
        for _ in range(5):
            if response.status_code not in REDIRECTED:
                break
            response = self.open(response.headers["Location"])
        assert response.status_code == status, f"{response.request.path}: {response.status}: {response.text[:2000]}"
        self.response, self.path = response, response.request.path
        self.page = parse(response.text) if response.mimetype == "text/html" else Element("", {})
        if response.mimetype == "text/html":
            examine(self.app, self.page, self.path, fragment="<html" not in response.text)
        return self.page


def examine(app: Flask, page: Element, path: str, *, fragment: bool) -> None:
    """What holds for every page: a title, no id twice, nothing inline, and forms that arrive somewhere."""
    ids = Counter(element.attributes["id"] for element in page.all() if "id" in element.attributes)
    assert [name for name, count in ids.items() if count > 1] == [], f"{path}: ids that are there twice"
    for element in page.all():
        inline = [name for name in element.attributes if name == "style" or name.startswith(("on", "hx-on"))]
        assert inline == [], f"{path}: <{element.tag}> has {inline}"
    assert page.all("style") == []
    assert [script for script in page.all("script") if "src" not in script.attributes] == []
    for form in page.all("form"):
        _examine_form(app, form, path)
    if not fragment:
        assert page.one("title").text.split("·")[0].strip(), f"{path}: no title"
        assert len(page.all("h1")) == 1, f"{path}: {len(page.all('h1'))} headings of the first order"


def _examine_form(app: Flask, form: Element, path: str) -> None:
    method = form.attributes.get("method", "get").upper()
    assert _arrives(app, form.attributes["action"], method), f"{path}: {form.attributes['action']} takes no {method}"
    tokens = form.all("input", name="csrf_token")
    assert len(tokens) == (1 if method == "POST" else 0), f"{path}: {form.attributes['action']}: {len(tokens)} tokens"
    labelled = {label.attributes.get("for") for label in form.all("label")}
    for tag in ("input", "select", "textarea"):
        for entry in form.all(tag):
            if entry.attributes.get("type") not in ("hidden", "submit"):
                named = entry.attributes.get("id") in labelled or "aria-label" in entry.attributes
                assert named, f"{path}: <{tag} name={entry.attributes.get('name')}> has no label"


def _arrives(app: Flask, action: str, method: str) -> bool:
    try:
        app.url_map.bind("localhost").match(urlsplit(action).path, method=method)
    except RequestRedirect:
        return False
    except HTTPException:
        return False
    return True


def _filled_in(form: Element) -> dict[str, Any]:
    """What the form sends if nothing is changed."""
    sent: dict[str, Any] = {}
    for entry in form.all("input"):
        kind, name = entry.attributes.get("type", "text"), entry.attributes.get("name")
        is_off = kind in ("checkbox", "radio") and "checked" not in entry.attributes
        if name and not is_off and kind not in ("submit", "file"):
            sent[name] = entry.attributes.get("value", "")
    for entry in form.all("textarea"):
        sent[entry.attributes["name"]] = "".join(str(part) for part in entry.parts)
    for entry in form.all("select"):
        options = entry.all("option")
        chosen = [option for option in options if "selected" in option.attributes] or options[:1]
        if chosen:
            sent[entry.attributes["name"]] = chosen[0].attributes.get("value", chosen[0].text)
    return sent


def _pressed(form: Element, said: str | None) -> dict[str, str]:
    buttons = [button for button in form.all("button") if said in (None, button.text)]
    assert len(buttons) == 1, f"{len(buttons)} buttons say {said}"
    attributes = buttons[0].attributes
    return {attributes["name"]: attributes.get("value", "")} if "name" in attributes else {}
