"""Databases to copy, in memory where the machine has a folder for that."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outbound_year.hamlet import make_template


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="careline-year-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def hamlet_template(quick_folder: Path) -> Path:
    return make_template(quick_folder)
