"""The log: one event a line, and never the reason that a call fails."""

import errno
import io
import json
import sys

import pytest
import structlog

from ivr import logs
from ivr.config import Settings


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


def test_an_event_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(settings())
    structlog.get_logger().warning("call_unknown", sid="CA1")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["sid"], line["level"]) == ("call_unknown", "CA1", "warning")


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(settings(CARELINE_LOG_LEVEL="error"))
    structlog.get_logger().warning("call_unknown", sid="CA1")
    assert capsys.readouterr().err == ""


class FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_does_not_fail_whoever_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", FullDisk())
    logs.configure(settings())
    structlog.get_logger().error("journal_write_failed", errno=errno.ENOSPC)
