"""The broker that needs no server: files in a folder, each read once and whole."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty

import pytest
from celery import Celery
from structlog.testing import capture_logs

from ivr.config import Settings
from ivr.jobs.broker import CALLS, UPKEEP, URGENT, make_celery, queue_folder
from ivr.jobs.folder import FolderChannel, clear_leftovers
from ivr.jobs.sender import BrokerAwayError, Sender
from ivr.outbound.engine import Work
from tests.jobs.stubs import MINUTE

PLACE = Work("place", 7)


@pytest.fixture
def celery(settings: Settings) -> Celery:
    return make_celery(settings)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return queue_folder(settings)


@pytest.fixture
def channel(celery: Celery) -> Iterator[FolderChannel]:
    with celery.connection_for_read() as connection:
        yield connection.channel()


def taken(channel: FolderChannel, queue: str = CALLS) -> list[str]:
    """What is in the queue, emptied."""
    found = []
    while message := channel.basic_get(queue, no_ack=True):
        found.append(json.dumps(message.payload[0]))
    return found


def test_messages_are_read_in_the_order_in_which_they_were_sent(celery: Celery, channel: FolderChannel) -> None:
    Sender(celery).send([Work("place", number) for number in range(5)], CALLS)
    assert taken(channel) == [f'["place", {number}]' for number in range(5)]


def test_each_queue_has_its_own_messages(celery: Celery, channel: FolderChannel) -> None:
    sender = Sender(celery)
    sender.send([PLACE], CALLS)
    sender.send_upkeep("alerts", MINUTE)
    assert sender.waiting() == {URGENT: 0, CALLS: 1, UPKEEP: 1}
    assert taken(channel, UPKEEP) == ['["alerts"]']
    assert sender.waiting() == {URGENT: 0, CALLS: 1, UPKEEP: 0}


def test_a_folder_whose_messages_were_all_read_is_empty(celery: Celery, channel: FolderChannel, folder: Path) -> None:
    Sender(celery).send([PLACE] * 3, CALLS)
    taken(channel)
    assert list(folder.iterdir()) == []


def test_two_readers_never_get_the_same_message(celery: Celery) -> None:
    Sender(celery).send([Work("place", number) for number in range(60)], CALLS)

    def read(_: int) -> list[str]:
        with celery.connection_for_read() as connection:
            return taken(connection.channel())

    with ThreadPoolExecutor(4) as pool:
        found = [message for part in pool.map(read, range(4)) for message in part]
    assert sorted(found) == sorted(f'["place", {number}]' for number in range(60))


def test_a_message_that_is_still_being_written_is_not_there_yet(
    celery: Celery, channel: FolderChannel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    rename = Path.rename

    def look(self: Path, target: Path) -> Path:
        seen.append(Sender(celery).waiting()[CALLS])
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", look)
    Sender(celery).send([PLACE], CALLS)
    assert seen == [0]
    assert Sender(celery).waiting()[CALLS] == 1


@pytest.mark.parametrize("text", ["", "{", "null", "[]"])
def test_a_message_that_cannot_be_read_stops_nobody(
    celery: Celery, channel: FolderChannel, folder: Path, text: str
) -> None:
    (folder / f"{0:020d}_x.{CALLS}.msg").write_text(text)
    Sender(celery).send([PLACE], CALLS)
    with capture_logs() as logs:
        assert taken(channel) == ['["place", 7]']
    assert [entry["event"] for entry in logs] == ["queued_message_unreadable"]
    assert list(folder.iterdir()) == []


def test_an_empty_queue_has_nothing(channel: FolderChannel) -> None:
    with pytest.raises(Empty):
        channel._get(CALLS)


def test_what_dead_processes_left_is_cleared_and_messages_stay(celery: Celery, folder: Path) -> None:
    Sender(celery).send([PLACE], CALLS)
    old = time.time() - 301
    for name in ("a.half", "b.taken"):
        (folder / name).touch()
        os.utime(folder / name, (old, old))
    (folder / "c.half").touch()

    assert clear_leftovers(folder) == 2
    assert sorted(file.suffix for file in folder.iterdir()) == [".half", ".msg"]


def test_a_folder_that_takes_nothing_is_a_broker_that_is_away(celery: Celery, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(BrokerAwayError):
        Sender(celery).send([PLACE], CALLS)
    with pytest.raises(BrokerAwayError):
        Sender(celery).waiting()


def test_a_password_in_the_brokers_address_is_not_shown(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, broker_url="redis://user:secret@queue.example:6379/0")
    assert Sender(make_celery(settings)).broker == "redis://queue.example:6379"
