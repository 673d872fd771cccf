"""What a caller has said, fetched and recognised while they wait: within a few seconds, or not at all.

Whatever fails, the answer counts as not understood: the conversation asks again, offers keys, and the recording is
fetched once more by the sweep. No lock and no database session is held meanwhile.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Protocol

import structlog

from ivr.dialog.model import Listen, Utterance
from ivr.listening import Caught
from ivr.telephony.provider import ProviderRetryable

log = structlog.get_logger()

PATIENCE_S = 7.0
"""For everything. The provider gives up after 15 s, and a caller thinks that the line is dead much sooner."""
FETCHING_S = 4.0
"""After this no further try to fetch is begun: media that is late by so much comes with the sweep."""
BETWEEN_TRIES_S = (0.1, 0.2, 0.4, 0.8)
"""The last of them again and again."""

Fetch = Callable[[str], bytes]
"""The audio behind a recording's URL; raises ProviderError."""


class Listener(Protocol):
    """As ivr.listening.Ears."""

    def answer(self, audio: bytes, listen: Listen) -> Caught: ...


class Hearing:
    def __init__(self, fetch: Fetch, ears: Listener, threads: int, patience_s: float = PATIENCE_S) -> None:
        """`threads` answers can be heard at the same time; one more has to wait, and may be out of time before."""
        self._fetch = fetch
        self._ears = ears
        self._patience_s = patience_s
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hearing")

    def understood(self, utterance: Utterance, url: str, listen: Listen) -> Utterance:
        """The utterance with what was said in it, as far as that could be made out. Never raises."""
        began = time.monotonic()
        work: Future[Caught] = self._threads.submit(self._hear, url, listen, began + FETCHING_S)
        try:
            caught = work.result(self._patience_s)
        except FutureTimeoutError:
            work.cancel()
            log.warning("answer_not_heard", recording_sid=utterance.recording_sid, why="late")
            return utterance
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is asked again
            log.warning("answer_not_heard", recording_sid=utterance.recording_sid, why=type(error).__name__)
            return utterance
        took_ms = round((time.monotonic() - began) * 1000)
        log.info("answer_heard", question=listen.question, heard=caught.text is not None, took_ms=took_ms)
        return utterance.model_copy(update={"text": caught.text, "confidence": caught.confidence})

    def _hear(self, url: str, listen: Listen, fetch_until: float) -> Caught:
        return self._ears.answer(self._fetched(url, fetch_until), listen)

    def _fetched(self, url: str, until: float) -> bytes:
        """Raises ProviderError."""
        tries = 0
        while True:
            try:
                return self._fetch(url)
            except ProviderRetryable:
                pause = BETWEEN_TRIES_S[min(tries, len(BETWEEN_TRIES_S) - 1)]
                if time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
            tries += 1
