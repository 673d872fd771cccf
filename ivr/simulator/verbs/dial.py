"""<Dial>: an officer's telephone rings, is answered or not, and the two talk."""

from typing import assert_never

from ivr.simulator import twiml
from ivr.simulator.events import DialEnded, PickedUp, Problem, Ringing
from ivr.simulator.handset import OfficerAnswers, OfficerDeclines
from ivr.simulator.leg import CallerGone, Goto, Leg
from ivr.simulator.line import E164
from ivr.simulator.officers import Answers, AskThePage, Behaviour, DoesNot
from ivr.simulator.resources import Call

BAD_NUMBER = 13223
BAD_CALLER_ID = 13214
ENGAGED_AFTER_S = 2.0


def dial(leg: Leg, verb: twiml.Dial) -> Goto | None:
    """With an action the call goes on there, whatever came of it; without one, with the next verb."""
    leg_to_officer = _child(leg, verb)
    talking = _Talk(leg, verb, leg_to_officer)
    try:
        if _may_be_dialled(leg, verb):
            talking.run()
        else:
            talking.end("failed")
    except CallerGone:
        talking.end("completed" if talking.answered else "canceled")
        leg.call.status = "completed"
        if verb.action:
            leg.tell(leg.resolve(verb.action), verb.method, talking.fields())
        raise
    return Goto(leg.resolve(verb.action), verb.method, talking.fields()) if verb.action else None


def _child(leg: Leg, verb: twiml.Dial) -> Call:
    child = Call(
        account_sid=leg.call.account_sid,
        from_number=verb.caller_id or leg.call.from_number,
        to_number=verb.number,
        direction="outbound-dial",
        parent_sid=leg.call.sid,
        created_at=leg.clock.time(),
    )
    leg.exchange.keep_call(child)
    return child


def _may_be_dialled(leg: Leg, verb: twiml.Dial) -> bool:
    if not E164.fullmatch(verb.number):
        leg.emit(Problem(leg.now, BAD_NUMBER, f"<Dial>: {verb.number} is not a number in E.164"))
        return False
    if verb.caller_id not in (None, leg.line.number, leg.call.from_number):
        leg.emit(Problem(leg.now, BAD_CALLER_ID, f"<Dial callerId>: {verb.caller_id} is not a number of this account"))
        return False
    return True


class _Talk:
    """One attempt to reach an officer."""

    def __init__(self, leg: Leg, verb: twiml.Dial, child: Call) -> None:
        self._leg = leg
        self._verb = verb
        self._child = child
        self._answered_at: float | None = None

    @property
    def answered(self) -> bool:
        return self._answered_at is not None

    def run(self) -> None:
        leg, verb = self._leg, self._verb
        self._child.status = "ringing"
        leg.emit(Ringing(leg.now, verb.number, verb.timeout))
        behaviour = leg.surroundings.switchboard.behaviour(verb.number)
        status = self._ring(behaviour)
        if status is not None:
            self.end(status)
            return
        self._answered_at = leg.clock.now()
        self._child.status = "in-progress"
        self._child.started_at = leg.clock.time()
        leg.emit(PickedUp(leg.now, verb.number))
        self._talk(behaviour)
        self.end("completed")

    def _ring(self, behaviour: Behaviour) -> str | None:
        """Why nobody answered; None when somebody did."""
        timeout = self._verb.timeout
        match behaviour:
            case DoesNot("no-answer"):
                self._leg.wait(timeout)
                return "no-answer"
            case DoesNot(status):
                self._leg.wait(min(ENGAGED_AFTER_S, timeout))
                return status
            case Answers(after_s):
                self._leg.wait(min(after_s, timeout))
                return None if after_s < timeout else "no-answer"
            case AskThePage():
                return self._ask(timeout)
            case _:
                assert_never(behaviour)

    def _ask(self, timeout: int) -> str | None:
        end = self._leg.clock.now() + timeout
        while (left := end - self._leg.clock.now()) > 0:
            act = self._leg.attend(left)
            if isinstance(act, OfficerAnswers):
                return None
            if isinstance(act, OfficerDeclines):
                return "busy"
            self._leg.lose(act)
        return "no-answer"

    def _talk(self, behaviour: Behaviour) -> None:
        limit = self._verb.limit
        if isinstance(behaviour, Answers):
            self._leg.wait(min(behaviour.talk_s, limit))
            return
        end = self._leg.clock.now() + limit
        while (left := end - self._leg.clock.now()) > 0:
            act = self._leg.attend(left)
            if isinstance(act, OfficerDeclines):
                return
            self._leg.lose(act)

    def end(self, status: str) -> None:
        leg, child = self._leg, self._child
        child.status = status
        child.ended_at = leg.clock.time()
        child.duration_s = self._seconds
        leg.emit(DialEnded(leg.now, self._verb.number, status, self._seconds))

    @property
    def _seconds(self) -> int:
        return 0 if self._answered_at is None else round(self._leg.clock.now() - self._answered_at)

    def fields(self) -> dict[str, str]:
        fields = {"DialCallSid": self._child.sid, "DialCallStatus": self._child.status}
        fields["DialBridged"] = "true" if self.answered else "false"
        return fields | ({"DialCallDuration": str(self._child.duration_s)} if self.answered else {})
