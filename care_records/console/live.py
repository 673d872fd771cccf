"""/console/live: the stream that tells a page what has changed, and nothing else; the page fetches that anew."""

from collections.abc import Iterator
from time import monotonic
from typing import Final

from flask import Blueprint, Response

from care_records.console.context import console
from care_records.console.guards import requires
from care_records.console.watching import END, Listener, TooManyError
from care_records.models.accounts import Role

pages = Blueprint("live", __name__)

BEAT_S: Final = 15.0
"""How often a page that has no news is told so: a stream that nobody reads any more ends with the next beat."""
LONGEST_S: Final = 300.0
"""A stream ends by itself, and the page asks for another one: whoever has been signed out gets none."""


@pages.get("/live")
@requires(Role.VIEWER)
def stream() -> Response:
    """Server-sent events named after topics: `today`, `calls`, `requests`, `check_ins`."""
    watcher = console().watcher
    try:
        listener = watcher.join()
    except TooManyError:
        # The page looks by itself now and then, and asks again.
        return Response(status=503, headers={"Retry-After": "30"})
    response = Response(_events(listener), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(lambda: watcher.leave(listener))
    return response


@pages.post("/here")
@requires(Role.VIEWER)
def here() -> Response:
    """Somebody is at the page, typing or reading: they are not signed out. The page says so now and then."""
    return Response(status=204)


def _events(listener: Listener) -> Iterator[str]:
    yield ": listening\n\n"
    end = monotonic() + LONGEST_S
    while monotonic() < end:
        topic = listener.next(BEAT_S)
        if topic == END:
            return
        yield f"event: {topic}\ndata:\n\n" if topic else ": nothing new\n\n"
