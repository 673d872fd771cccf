"""Who may call a view. Every view states it, and whatever states nothing is refused.

A guard is a mark on the view; the room that owns the view enforces it before the request is handled.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE = "_careline_guard"


class Guard(StrEnum):
    """PUBLIC is anybody; PROVIDER_SIGNED is the telephone provider, proven by the signature of its request;
    BASIC_AUTH is the owner of the provider's account, proven by the account's credentials."""

    PUBLIC = "public"
    PROVIDER_SIGNED = "provider_signed"
    BASIC_AUTH = "basic_auth"


def public(view: View) -> View:
    """Anybody may call this view."""
    return _marked(view, Guard.PUBLIC)


def provider_signed(view: View) -> View:
    """Only the telephone provider may call this view."""
    return _marked(view, Guard.PROVIDER_SIGNED)


def basic_auth(view: View) -> View:
    """Only the owner of the provider's account may call this view (of the simulated provider)."""
    return _marked(view, Guard.BASIC_AUTH)


def guard_of(view: Callable[..., Any] | None) -> Guard | None:
    """The guard that a view states; None when it states none. Works for functions and for bound methods."""
    return getattr(view, ATTRIBUTE, None)


def guards(app: Flask) -> dict[str, Guard | None]:
    """The guard of every endpoint that has a URL."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return {endpoint: guard_of(app.view_functions[endpoint]) for endpoint in sorted(endpoints)}


def _marked(view: View, guard: Guard) -> View:
    setattr(view, ATTRIBUTE, guard)
    return view
