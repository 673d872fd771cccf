"""Every route states who may call it."""

import pytest
from flask import Flask

from ivr.guards import Guard, guard_of, guards, provider_signed, public
from tests.telephony.signing import SignedClient


def test_every_route_of_the_provider_states_its_guard(app: Flask) -> None:
    found = {endpoint: guard for endpoint, guard in guards(app).items() if endpoint.startswith("twilio.")}
    assert {endpoint for endpoint, guard in found.items() if guard is Guard.PUBLIC} == {"twilio.clip", "twilio.spoken"}
    assert {guard for endpoint, guard in found.items()} == {Guard.PUBLIC, Guard.PROVIDER_SIGNED}


def test_a_view_that_states_nothing_is_found(app: Flask) -> None:
    assert guards(app)["static"] is None


@pytest.mark.parametrize(("mark", "guard"), [(public, Guard.PUBLIC), (provider_signed, Guard.PROVIDER_SIGNED)])
def test_a_mark_is_read_back_from_a_function_and_from_a_bound_method(mark: object, guard: Guard) -> None:
    class Views:
        @mark  # type: ignore[operator, untyped-decorator]
        def view(self) -> str:
            return "seen"

    assert guard_of(Views().view) is guard_of(Views.view) is guard
    assert Views().view() == "seen"


def test_a_route_of_the_blueprint_that_states_nothing_is_refused(app: Flask, phone: SignedClient) -> None:
    app.view_functions["twilio.voice"] = lambda: "unguarded"
    assert phone.post("/twilio/voice").status_code == 403
