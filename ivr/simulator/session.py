"""One call from its first ring to its end: documents are fetched, executed, and replaced by the next."""

from dataclasses import dataclass
from typing import TypeAlias

from ivr.simulator import twiml, webhooks
from ivr.simulator.events import Answered, Ended, EndedBy, Playing, Problem, Said
from ivr.simulator.leg import CallerGone, EndedByAccount, Goto, Leg, Stop
from ivr.simulator.officers import Answers, AskThePage, Behaviour, DoesNot
from ivr.simulator.verbs import execute
from ivr.simulator.webhooks import WebhookError

MAX_DOCUMENTS = 1000
"""A line that redirects in a circle is stopped after this many documents."""
TOO_MANY_DOCUMENTS = 0
APOLOGY = Said("We are sorry, an application error has occurred. Goodbye.")
APOLOGY_S = 5.0
ENGAGED_AFTER_S = 2.0

_Fault: TypeAlias = WebhookError | twiml.TwimlError


@dataclass(frozen=True)
class Order:
    """A call that the line has placed over REST. `timeout_s` is how long it rings; what has answered it is told to
    `detection_url`, if there is one, while the call goes on."""

    url: str
    method: str = "POST"
    timeout_s: int = 60
    detection_url: str | None = None


class _NotAnswered(Exception):  # noqa: N818 - a normal end of a call
    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Session:
    """Runs one call on a leg, in the calling thread."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._answered = False

    def receive(self) -> None:
        """A call to the line. Returns when it is over and everything has been reported."""
        self._run(None)

    def place(self, order: Order, behaviour: Behaviour) -> None:
        """A call from the line, to a telephone that behaves like this. Returns as `receive` does."""
        self._run(order, behaviour)

    def _run(self, order: Order | None, behaviour: Behaviour | None = None) -> None:
        by: EndedBy = "network"
        status = "failed"
        try:
            by, status = self._converse(self._ring(order, behaviour))
        except CallerGone:
            by, status = "caller", self._final("canceled")
        except EndedByAccount:
            by, status = "provider", self._final("canceled")
        except _NotAnswered as end:
            status = end.status
        finally:
            self._finish(by, status)

    def _final(self, unanswered: str) -> str:
        return "completed" if self._answered else unanswered

    # --- Ringing ---

    def _ring(self, order: Order | None, behaviour: Behaviour | None) -> Goto:
        """Where the call's first document is. Raises _NotAnswered."""
        leg = self._leg
        if order is not None:
            leg.report("initiated")
        leg.call.status = "ringing"
        leg.report("ringing")
        if order is None or behaviour is None:
            return Goto(leg.line.voice_url)
        self._await_answer(order, behaviour)
        self._answer()
        if order.detection_url:
            machine = isinstance(behaviour, Answers) and behaviour.machine
            leg.detect(order.detection_url, "machine_start" if machine else "human")
        return Goto(order.url, order.method)

    def _await_answer(self, order: Order, behaviour: Behaviour) -> None:
        match behaviour:
            case Answers(after_s) if after_s < order.timeout_s:
                self._pass(after_s)
            case DoesNot(("busy" | "failed") as status):
                self._pass(ENGAGED_AFTER_S)
                raise _NotAnswered(status)
            case Answers() | AskThePage() | DoesNot():
                self._pass(order.timeout_s)
                raise _NotAnswered("no-answer")

    def _pass(self, seconds: float) -> None:
        """Time in which nobody is on the line yet. Raises EndedByAccount."""
        clock = self._leg.clock
        end = clock.now() + seconds
        while (left := end - clock.now()) > 0:
            if self._leg.call.end_requested:
                raise EndedByAccount
            clock.sleep(min(left, clock.slice_s))

    def _answer(self) -> None:
        if self._answered:
            return
        leg = self._leg
        self._answered = True
        leg.call.status = "in-progress"
        leg.call.started_at = leg.clock.time()
        leg.emit(Answered(leg.now))
        leg.report("answered")

    # --- Documents ---

    def _converse(self, target: Goto) -> tuple[EndedBy, str]:
        """Who ended the call, and its final status. Raises CallerGone and EndedByAccount."""
        for _ in range(MAX_DOCUMENTS):
            try:
                following = self._execute(self._fetch(target))
            except (WebhookError, twiml.TwimlError) as error:
                fallback = self._fall_back(error, target)
                if fallback is None:
                    return "network", "completed"
                following = fallback
            if isinstance(following, Stop):
                return "line", following.status
            target = following
        self._leg.emit(Problem(self._leg.now, TOO_MANY_DOCUMENTS, f"more than {MAX_DOCUMENTS} documents in one call"))
        return "network", "completed"

    def _fetch(self, target: Goto) -> tuple[twiml.Verb, ...]:
        reply = self._leg.ask(target.url, target.method, target.fields)
        self._leg.document_url = reply.url
        return webhooks.document(reply)

    def _execute(self, verbs: tuple[twiml.Verb, ...]) -> Goto | Stop:
        """A document that ends without sending the call anywhere ends the call."""
        if not (verbs and isinstance(verbs[0], twiml.Reject)):
            self._answer()
        for verb in verbs:
            following = execute(self._leg, verb)
            if following is not None:
                return following
        return Stop()

    def _fall_back(self, error: _Fault, target: Goto) -> Goto | None:
        """Where to go after a fault: the fallback address, once; without one the caller hears an apology."""
        leg = self._leg
        leg.emit(Problem(leg.now, error.code, str(error)))
        url = leg.line.fallback_url
        if url is not None and target.url != url:
            return Goto(url, "POST", {"ErrorCode": str(error.code), "ErrorUrl": target.url})
        self._answer()
        leg.emit(Playing(leg.now, None, APOLOGY_S, APOLOGY, None))
        leg.wait(APOLOGY_S)
        return None

    # --- The end ---

    def _finish(self, by: EndedBy, status: str) -> None:
        leg, call = self._leg, self._leg.call
        call.status = status
        call.ended_at = leg.clock.time()
        call.duration_s = round((call.ended_at - call.started_at).total_seconds()) if call.started_at else 0
        leg.emit(Ended(leg.now, by, status))
        leg.report("completed")
        leg.reports.close()
        leg.courier.close()
