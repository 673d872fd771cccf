"""Runs every measurement in turn, or those named: `python -m bench webhooks roster checkins year`."""

import os
import platform
import sys
from collections.abc import Callable

from rich.console import Console, RenderableType

from bench import checkins, roster, speech, understanding, webhooks, year

MEASUREMENTS: dict[str, Callable[[], RenderableType]] = {
    "webhooks": webhooks.table,
    "roster": roster.table,
    "understanding": understanding.table,
    "speech": speech.table,
    "checkins": checkins.table,
    "year": year.table,
}


def main(names: list[str]) -> None:
    console = Console(width=120)
    console.print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for name in names or list(MEASUREMENTS):
        console.print(MEASUREMENTS[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
