"""Other people's files are those that they publish."""

import hashlib

import pytest

from care_records.console.assets import FOLDER

VENDOR = FOLDER / "vendor"
SUMS = {line.split()[1]: line.split()[0] for line in (VENDOR / "SHA256SUMS").read_text().splitlines()}


@pytest.mark.parametrize("name", sorted(SUMS))
def test_a_vendored_file_is_what_the_manifest_says(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == SUMS[name]


def test_every_vendored_file_is_in_the_manifest_and_its_licence_is_there() -> None:
    assert {path.name for path in VENDOR.iterdir()} == {*SUMS, "SHA256SUMS", "README.md"}
    assert "LICENSE" in SUMS
