"""The staff's web pages, under /console: they show what the records say, and change it through `care_records.services`.

    console.install(app, ConsoleSettings(...), sessions, readers, Line(...))

One package a subject (today, calls, requests, …), each with `views.py` and, where it reads more than one service gives,
`data.py`. docs/console.md tells how to write a page.
"""

from care_records.console.blueprint import end_streams_when, install
from care_records.console.line import Line, Tile
from care_records.console.settings import ConsoleSettings

__all__ = ["ConsoleSettings", "Line", "Tile", "end_streams_when", "install"]
