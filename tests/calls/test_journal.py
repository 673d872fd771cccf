"""The journal: nothing in it is lost, applied twice, or in the way of the rest."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog

from ivr.calls.journal import DatabaseAwayError, Journal
from ivr.calls.record import Record, StatusRecord
from tests.calls.outages import disk_full
from tests.care_records.builders import NOW


def record(number: int, sid: str = "CA1") -> StatusRecord:
    return StatusRecord(sid=sid, status="completed", duration_s=number, at=NOW)


def numbers(records: list[Record]) -> list[int | None]:
    return [record.duration_s for record in records if isinstance(record, StatusRecord)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Journal:
    return Journal(folder)


def file_in(folder: Path) -> Path:
    (file,) = folder.glob("[0-9]*.jsonl")
    return file


def replayed(journal: Journal) -> list[int | None]:
    applied: list[Record] = []
    journal.replay(applied.append)
    return numbers(applied)


def test_what_is_appended_is_replayed_in_order_and_once(journal: Journal) -> None:
    journal.append([record(1), record(2)])
    journal.append([record(3)])
    assert journal.pending == 3
    assert replayed(journal) == [1, 2, 3]
    assert journal.pending == 0
    assert replayed(journal) == []


def test_pending_records_are_known_by_their_call(journal: Journal) -> None:
    journal.append([record(1), record(2, "CA2"), record(3)])
    assert numbers(list(journal.pending_for("CA1"))) == [1, 3]


def test_what_another_process_appends_or_replays_is_seen(journal: Journal, folder: Path) -> None:
    other = Journal(folder)
    journal.append([record(1)])
    assert other.pending == 1
    other.append([record(2)])
    assert numbers(list(journal.pending_for("CA1"))) == [1, 2]
    assert replayed(other) == [1, 2]
    assert journal.pending == 0
    journal.append([record(3)])
    assert numbers(list(other.pending_for("CA1"))) == [3]


def test_a_database_that_goes_away_leaves_everything_for_the_next_time(journal: Journal) -> None:
    journal.append([record(1), record(2)])

    def apply(record: Record) -> None:
        if record == second:
            raise DatabaseAwayError

    second = record(2)
    outcome = journal.replay(apply)
    assert (outcome.applied, outcome.complete) == (1, False)
    assert replayed(journal) == [1, 2]


def test_a_record_that_cannot_be_applied_is_kept_aside(journal: Journal, folder: Path) -> None:
    journal.append([record(1), record(2), record(3)])
    applied: list[Record] = []

    def apply(each: Record) -> None:
        if each == record(2):
            raise ValueError("no")
        applied.append(each)

    with structlog.testing.capture_logs() as logs:
        outcome = journal.replay(apply)

    assert (outcome.applied, outcome.rejected) == (2, 1)
    assert numbers(applied) == [1, 3]
    assert (journal.pending, journal.rejected) == (0, 1)
    assert record(2).model_dump_json() in (folder / "rejected.jsonl").read_text()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("journal_record_rejected", "critical")]


@pytest.mark.parametrize("torn", [b'{"kind":"status","sid":"CA', b"\xff\xfe\x00", b"{" * 10_000])
def test_a_line_torn_by_a_crash_is_kept_aside_when_the_next_is_written(
    journal: Journal, folder: Path, torn: bytes
) -> None:
    journal.append([record(1)])
    with file_in(folder).open("ab") as file:
        file.write(torn)
    assert journal.pending == 1
    journal.append([record(2)])

    assert replayed(Journal(folder)) == [1, 2]
    assert (folder / "rejected.jsonl").read_bytes() == torn + b"\n"


def test_a_line_torn_by_a_crash_is_kept_aside_by_a_replay(journal: Journal, folder: Path) -> None:
    journal.append([record(1)])
    with file_in(folder).open("ab") as file:
        file.write(b'{"kind":')
    assert replayed(journal) == [1]
    assert (journal.pending, journal.rejected) == (0, 1)


def test_a_damaged_line_in_the_middle_does_not_block_the_rest(journal: Journal, folder: Path) -> None:
    journal.append([record(1)])
    with file_in(folder).open("ab") as file:
        file.write(b"damage\n")
    journal.append([record(2)])
    assert journal.pending == 2
    assert replayed(journal) == [1, 2]
    assert journal.rejected == 1


def test_what_is_appended_during_a_replay_is_not_lost(journal: Journal) -> None:
    journal.append([record(1)])
    applied: list[Record] = []

    def apply(each: Record) -> None:
        if not applied:
            journal.append([record(2)])
        applied.append(each)

    journal.replay(apply)
    assert numbers(applied) == [1, 2]
    assert journal.pending == 0


def test_of_two_replays_at_once_one_does_nothing(journal: Journal, folder: Path) -> None:
    journal.append([record(1)])
    other: list[object] = []
    journal.replay(lambda _: other.append(Journal(folder).replay(lambda _: None)))
    (outcome,) = other
    assert (outcome.applied, outcome.complete) == (0, False)  # type: ignore[attr-defined]
    assert journal.pending == 0


def test_many_threads_append_whole_lines(journal: Journal, folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.append([record(number)]), range(64)))
    assert sorted(replayed(Journal(folder)), key=lambda number: number or 0) == list(range(64))


def test_a_record_for_which_there_is_not_enough_room_is_not_written_in_part(journal: Journal, folder: Path) -> None:
    journal.append([record(1)])
    whole = file_in(folder).read_bytes()
    with disk_full(len(whole) + 10):
        journal.append([record(2)])
    assert file_in(folder).read_bytes() == whole
    assert (journal.pending, journal.unwritten) == (2, 1)
    assert replayed(journal) == [1, 2]
    assert journal.rejected == 0


def test_nobody_but_the_line_can_read_the_journal(journal: Journal, folder: Path) -> None:
    journal.append([record(1)])
    assert {file.stat().st_mode & 0o077 for file in folder.iterdir()} == {0}
