"""`careline serve`: one command for everything that one machine needs, and its parts by themselves."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from ivr.cli import careline
from ivr.commands.serve import demonstration
from ivr.config import Settings, SettingsError
from tests.jobs.machines import Program, eventually


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path, port: int) -> Iterator[Program]:
    program = Program(
        tmp_path,
        *("serve", "--port", str(port)),
        CARELINE_DATA_DIR=tmp_path / "data",
        CARELINE_SIMULATOR="on",
        CARELINE_SPEECH_MODEL="off",
        CARELINE_SWEEP_SECONDS=1,
    )
    yield program
    if program.process.poll() is None:
        program.end()


def health(port: int) -> dict[str, Any]:
    """Empty as long as nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except URLError:
        return {}


def worker_of(port: int) -> int:
    """The process that sweeps; 0 as long as none does."""
    sweep = health(port).get("sweep", {})
    return int(sweep["worker"].rpartition(":")[2]) if sweep.get("ok") else 0


@pytest.mark.timeout(300)  # three times it starts Python, and everything that the line is made of
def test_serve_answers_and_sweeps_outlives_its_worker_and_ends_cleanly(served: Program, port: int) -> None:
    assert eventually(lambda: worker_of(port) > 0)
    assert health(port)["status"] == "ok"
    first = worker_of(port)

    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: worker_of(port) not in (0, first))
    second = worker_of(port)

    assert served.end() == 0
    assert health(port) == {}
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_a_real_line_that_the_provider_cannot_call_back_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "token")
    result = CliRunner().invoke(careline, ["serve"])
    assert isinstance(result.exception, SettingsError)
    assert "CARELINE_PUBLIC_URL" in str(result.exception)


def test_the_demonstration_sets_only_what_nobody_has_set() -> None:
    chosen = Settings(_env_file=None, calls_per_second=5)
    shown = demonstration(chosen)
    assert (shown.simulator, shown.log_format, shown.calls_per_second) == (True, "console", 5)
