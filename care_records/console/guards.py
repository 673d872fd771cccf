"""Who may call a view. Every view of the console states it, and one that states nothing is refused.

@pages.get("/")
@requires(Role.VIEWER)
def index() -> str: ...
"""

from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

from care_records.models.accounts import Role

View = TypeVar("View", bound=Callable[..., Any])
Guard = Role | Literal["public"]

ATTRIBUTE: Final = "_careline_guard"
"""The mark that the line's own views carry too, so that one walk over all routes finds every guard."""
UNFINISHED: Final = "_console_before_password_change"
PUBLIC: Final = "public"


def requires(role: Role, *, before_password_change: bool = False) -> Callable[[View], View]:
    """Only those with this role or a higher one may call the view.

    `before_password_change`: even those who must change their password before anything else.
    """

    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, role)
        setattr(view, UNFINISHED, before_password_change)
        return view

    return mark


def public(view: View) -> View:
    """Anybody may call the view, signed in or not."""
    setattr(view, ATTRIBUTE, PUBLIC)
    return view


def guard_of(view: Callable[..., Any] | None) -> Guard | None:
    """The guard that a view states; None when it states none."""
    return getattr(view, ATTRIBUTE, None)


def open_before_password_change(view: Callable[..., Any] | None) -> bool:
    return getattr(view, UNFINISHED, False)
