"""What nobody should send and everybody does: each has an answer that a caller can live with, and is in the records."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from care_records import database
from care_records.models import Call, HelpRequest
from ivr.app import Services, create_app, services_of
from ivr.config import Settings
from tests.care_records.builders import make_officer, make_person
from tests.telephony.signing import ACCOUNT, BASE, TOKEN, SignedClient

COUPLE = "+8651200004321"
ACTION = re.compile(r'action="([^"]+/turn/\d+[^"]*)"')


class Phone:
    """A caller at the wire: rings, presses, and can look into the records."""

    def __init__(self, client: SignedClient, services: Services) -> None:
        self._client = client
        self._services = services
        self.heard = ""

    def posts(self, address: str, **fields: str) -> "Phone":
        answer = self._client.post(address, **fields)
        assert answer.status_code in (200, 204), answer.status
        self.heard = answer.text or self.heard
        return self

    def rings(self, **fields: str) -> "Phone":
        return self.posts("/twilio/voice", **fields)

    def presses(self, digits: str, **fields: str) -> "Phone":
        found = ACTION.search(self.heard)
        assert found, self.heard
        return self.posts(found[1].replace("&amp;", "&"), Digits=digits, **fields)

    def hangs_up(self, **fields: str) -> "Phone":
        return self.posts("/twilio/status", **{"CallStatus": "completed", "CallDuration": "9"} | fields)

    @property
    def call(self) -> Call:
        with self._services.sessions() as session:
            return session.scalars(select(Call)).one()

    @property
    def requests(self) -> list[HelpRequest]:
        with self._services.sessions() as session:
            return list(session.scalars(select(HelpRequest)))


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        CARELINE_DATA_DIR=tmp_path,
        CARELINE_PUBLIC_URL=BASE,
        CARELINE_SPEECH_MODEL="off",
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
    )
    database.upgrade(settings.database)
    app = create_app(settings)
    services = services_of(app)
    with services.sessions.begin() as session:
        session.add_all([make_officer(), make_person(phone=COUPLE), make_person(phone=COUPLE)])
    yield Phone(SignedClient(app), services)
    services.close()


def urgent(phone: Phone) -> None:
    """Key 1 at the menu still gets help, whatever was wrong with the call."""
    phone.presses("1")
    assert "<Dial" in phone.heard
    assert [request.urgency for request in phone.requests] == ["red"]


@pytest.mark.parametrize(
    "number", ["", "anonymous", "Restricted", "+266696687", "unknown", "sip:x@y", "+", "+86" + "9" * 60, "电话", "\x00"]
)
def test_a_number_that_is_withheld_or_none_is_a_stranger_who_gets_help(phone: Phone, number: str) -> None:
    urgent(phone.rings(From=number))
    assert phone.call.person_id is None
    assert phone.requests[0].phone is None


def test_a_number_that_nobody_knows_can_be_called_back(phone: Phone) -> None:
    urgent(phone.rings(From="+8651288889999"))
    assert (phone.call.person_id, phone.requests[0].phone) == (None, "+8651288889999")


def test_two_people_with_one_telephone_are_not_called_by_each_others_name(phone: Phone) -> None:
    urgent(phone.rings(From=COUPLE))
    assert "/spoken/" not in phone.heard
    assert (phone.call.person_id, phone.requests[0].phone) == (None, COUPLE)


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "", "To": "", "CallStatus": "", "Direction": "", "AccountSid": ""},
        {"CallerName": "x" * 100_000, "ForwardedFrom": "9" * 10_000},
        {"From": "+86" + "5" * 10_000},
        {"CallStatus": "no such status", "Direction": "sideways"},
        {"Timestamp": "yesterday"},
        {"Timestamp": "Thu, 01 Jan 1970 00:00:00 +0000"},
        {"Timestamp": "Mon, 31 Feb 2199 25:61:61 +9999"},
    ],
)
def test_fields_that_make_no_sense_do_not_keep_anybody_from_help(phone: Phone, fields: dict[str, str]) -> None:
    urgent(phone.rings(**fields))


@pytest.mark.parametrize("digits", ["9", "8", "A", "99", "", "中", "9" * 5000])
def test_a_key_that_no_menu_has_is_nobodys_fault(phone: Phone, digits: str) -> None:
    phone.rings().presses(digits)
    assert phone.requests == []
    urgent(phone)


@pytest.mark.parametrize("duration", ["", "-5", "nine", "1e9", "9" * 30])
@pytest.mark.parametrize("timestamp", ["", "tomorrow", "Thu, 01 Jan 1970 00:00:00 +0000"])
def test_a_call_ends_whatever_the_provider_says_about_its_length(phone: Phone, duration: str, timestamp: str) -> None:
    phone.rings().hangs_up(CallDuration=duration, Timestamp=timestamp)
    assert phone.call.status == "completed"
    assert phone.call.outcome
    assert phone.call.ended_at
    assert phone.call.ended_at >= phone.call.started_at
