import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from structlog.testing import capture_logs

from prompts.cache import AudioCache, key_of


def write_and_read(folder: Path) -> bool:
    """One process of several that use the same keys; every reading is whole."""
    cache = AudioCache(folder, limit_bytes=40_000)
    for turn in range(40):
        key = key_of(turn % 7)
        cache.put(key, bytes([turn % 7]) * 5000)
        if cache.get(key) not in {bytes([turn % 7]) * 5000, None}:
            return False
    return True


def test_what_was_put_is_found(tmp_path: Path) -> None:
    cache = AudioCache(tmp_path / "new")
    assert cache.get(key_of("a")) is None
    cache.put(key_of("a"), b"audio")
    assert cache.get(key_of("a")) == b"audio"
    assert AudioCache(tmp_path / "new").get(key_of("a")) == b"audio"


def test_keys_do_not_run_into_each_other() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")
    assert key_of("\ud800")


def test_the_cache_is_bounded_and_forgets_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = AudioCache(tmp_path, limit_bytes=1000)
    for number in range(10):
        cache.put(key_of(number), b"x" * 150)
        path = next(path for path in tmp_path.glob("*/*") if path.name.startswith(key_of(number)[2:]))
        os.utime(path, (number, number))
    assert cache.get(key_of(0)) is not None
    cache.clean()
    kept = [number for number in range(10) if cache.get(key_of(number))]
    assert kept == [0, 6, 7, 8, 9]


def test_a_cache_grows_no_further_than_its_limit_by_itself(tmp_path: Path) -> None:
    cache = AudioCache(tmp_path, limit_bytes=20_000)
    for number in range(200):
        cache.put(key_of(number), b"x" * 1000)
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 20_000 + 64_000


def test_several_processes_share_a_cache(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert all(processes.map(write_and_read, [tmp_path] * 2))


def test_several_threads_share_a_cache(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(write_and_read, [tmp_path] * 8))
    assert not list(tmp_path.glob("*/tmp*"))


def test_a_disk_that_refuses_is_reported_and_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = AudioCache(tmp_path / "file")
    with capture_logs() as logs:
        cache.put(key_of("a"), b"audio")
    assert cache.get(key_of("a")) is None
    assert [entry["event"] for entry in logs] == ["audio_not_cached"]
