"""A voice in a process of its own, behind a pipe: whatever happens to it, the caller gets speech or a VoiceError."""

import json
import os
import subprocess
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from prompts.audio.wav import Samples, from_pcm16


class VoiceError(Exception):
    """The voice cannot speak; the message says why."""


class Worker:
    """Runs `command`, one request at a time; started when first needed, and again when it has died or hung.

    A request is a JSON line; the answer is a JSON line {"rate" (Hz), "bytes"} and that many bytes of 16-bit PCM, or
    {"error"}. A forked process starts a worker of its own, because two must not read from one pipe.
    """

    def __init__(self, command: Sequence[str], *, deadline_s: float) -> None:
        self._command = list(command)
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: Callable[[], object] = lambda: None
        self._owner = os.getpid()

    def ask(self, request: Mapping[str, str | float]) -> tuple[Samples, int]:
        """Samples and their rate in Hz. Raises VoiceError."""
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            hertz, spoken = self._exchange(line)
        return from_pcm16(spoken), hertz

    def close(self) -> None:
        """Ends the process, as forgetting the worker does; the next request starts another."""
        self._process = None
        self._end()

    def _exchange(self, line: bytes) -> tuple[int, bytes]:
        process = self._running()
        watch = threading.Timer(self._deadline_s, process.kill)
        watch.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(line)
            process.stdin.flush()
            return _answer(process.stdout)
        except (OSError, ValueError) as error:
            self.close()
            raise VoiceError(f"the voice stopped: {error}") from error
        finally:
            watch.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self.close()
            self._owner = os.getpid()
            try:
                self._process = subprocess.Popen(  # noqa: S603
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
            except OSError as error:
                raise VoiceError(f"the voice did not start: {error}") from error
            self._end = weakref.finalize(self, _ended, self._process, self._owner)
        return self._process


def _ended(process: subprocess.Popen[bytes], owner: int) -> None:
    if owner == os.getpid():
        process.kill()
        process.communicate()


def _answer(stream: IO[bytes]) -> tuple[int, bytes]:
    line = stream.readline()
    if not line:
        raise ValueError("no answer")
    head = json.loads(line)
    if "error" in head:
        raise VoiceError(head["error"])
    spoken = stream.read(head["bytes"])
    if len(spoken) != head["bytes"]:
        raise ValueError("half an answer")
    return head["rate"], spoken
