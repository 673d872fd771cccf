"""Runs every measurement in turn, or those named: `python -m bench webhooks roster understanding speech`."""

import os
import platform
import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from bench import roster, speech, understanding, webhooks

MEASUREMENTS: dict[str, Callable[[], Table]] = {
    "webhooks": webhooks.table,
    "roster": roster.table,
    "understanding": understanding.table,
    "speech": speech.table,
}


def main(names: list[str]) -> None:
    console = Console(width=120)
    console.print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for name in names or list(MEASUREMENTS):
        console.print(MEASUREMENTS[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
