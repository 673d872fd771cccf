"""Status callbacks: in the background, in order, unless a mishap says otherwise."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from ivr.simulator.line import Mishaps
from ivr.simulator.webhooks import Courier, WebhookError

Report = tuple[str, dict[str, str]]


class Reports:
    """The callbacks of one call. `failed` is told what the line did not accept; it may come from another thread."""

    def __init__(self, courier: Courier, mishaps: Mishaps, failed: Callable[[WebhookError], None]) -> None:
        self._courier = courier
        self._mishaps = mishaps
        self._failed = failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="status-callbacks")
        self._futures: list[Future[None]] = []
        self._held: list[Report] = []
        self._sequence = 0

    def status(self, url: str, event: str, fields: Mapping[str, str]) -> None:
        """Report one status event of the call; numbers count all events, dropped ones too."""
        form = {**fields, "CallbackSource": "call-progress-events", "SequenceNumber": str(self._sequence)}
        self._sequence += 1
        if event in self._mishaps.drop_status:
            return
        if self._mishaps.late_status or self._mishaps.reorder_status:
            self._held.append((url, form))
        else:
            self.send(url, form)

    def send(self, url: str, form: dict[str, str]) -> None:
        for _ in range(2 if self._mishaps.duplicate_status else 1):
            self._futures.append(self._thread.submit(self._deliver, url, form))

    def _deliver(self, url: str, form: dict[str, str]) -> None:
        try:
            self._courier.ask(url, "POST", form)
        except WebhookError as error:
            self._failed(error)

    def close(self) -> None:
        """The call is over: release what was held back, and wait until everything has been delivered."""
        held = reversed(self._held) if self._mishaps.reorder_status else self._held
        for url, form in held:
            self.send(url, form)
        self._thread.shutdown(wait=True)
        for future in self._futures:
            future.result()
        self._courier.close()
