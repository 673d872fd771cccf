"""Calls that the line has placed, as the provider's webhooks bring them."""

import pytest
from flask import Flask
from structlog.testing import capture_logs

from ivr.config import Settings
from ivr.telephony import ProviderFinal, ProviderRetryable, create_blueprint
from prompts import Catalogue
from tests.telephony.scripted import ScriptedCalls, ScriptedEnder, ScriptedStudio, deaf
from tests.telephony.signing import SignedClient


def line_with(settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, ender: ScriptedEnder) -> SignedClient:
    app = Flask("line")
    app.register_blueprint(
        create_blueprint(settings, calls, ScriptedStudio(), catalogue, deaf(), end_call=ender)  # type: ignore[arg-type]
    )
    return SignedClient(app)


def test_whoever_is_rung_is_met_by_what_they_were_rung_for(phone: SignedClient, calls: ScriptedCalls) -> None:
    assert phone.post("/twilio/voice?outbound=17", Direction="outbound-api").status_code == 200
    assert calls.outbound == [17]


def test_a_caller_was_not_rung_for_anything(phone: SignedClient, calls: ScriptedCalls) -> None:
    phone.post("/twilio/voice")
    phone.post("/twilio/voice?outbound=x")
    assert calls.outbound == [None, None]


def test_a_call_that_nobody_answers_is_known_by_its_row(phone: SignedClient, calls: ScriptedCalls) -> None:
    answer = phone.post("/twilio/status?outbound=17", CallStatus="no-answer", Direction="outbound-api")
    assert answer.status_code == 204
    assert (calls.asked, calls.outbound) == ([("status", "CA1", "no-answer", None)], [17])


def test_nobody_without_the_providers_signature_speaks_for_a_row(app: Flask, calls: ScriptedCalls) -> None:
    assert SignedClient(app, token="guessed").post("/twilio/status?outbound=17").status_code == 403
    assert calls.asked == []


@pytest.mark.parametrize(
    "answered_by", ["machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"]
)
def test_a_machine_is_not_talked_to(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, answered_by: str
) -> None:
    ender = ScriptedEnder()
    phone = line_with(settings, calls, catalogue, ender)
    assert phone.post("/twilio/answered-by?outbound=17", AnsweredBy=answered_by).status_code == 204
    assert ender.ended == ["CA1"]


@pytest.mark.parametrize("answered_by", ["human", "unknown", "", "somebody"])
def test_what_is_not_known_to_be_a_machine_is_a_person(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, answered_by: str
) -> None:
    ender = ScriptedEnder()
    phone = line_with(settings, calls, catalogue, ender)
    assert phone.post("/twilio/answered-by?outbound=17", AnsweredBy=answered_by).status_code == 204
    assert (calls.asked, ender.ended) == ([], [])


def test_somebody_who_has_already_answered_is_no_machine(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue
) -> None:
    calls.believes_in_machines = False
    ender = ScriptedEnder()
    line_with(settings, calls, catalogue, ender).post("/twilio/answered-by?outbound=17", AnsweredBy="machine_start")
    assert ender.ended == []


@pytest.mark.parametrize("refusal", [ProviderRetryable("HTTP 503"), ProviderFinal("HTTP 400", 21218)])
def test_a_machine_that_cannot_be_hung_up_on_is_left_at_the_next_turn(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, refusal: Exception
) -> None:
    phone = line_with(settings, calls, catalogue, ScriptedEnder(refusal))
    with capture_logs() as logs:
        answer = phone.post("/twilio/answered-by?outbound=17", AnsweredBy="machine_start")
    assert answer.status_code == 204
    assert [entry["event"] for entry in logs] == ["call_not_ended"]
