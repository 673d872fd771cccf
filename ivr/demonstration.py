"""The line with the network in a box around it: for the browser phone and for scripted callers."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Person
from ivr.config import Settings
from ivr.simulator import Caller, Network, Surroundings, audio, line_at
from ivr.simulator.captions import Captions
from ivr.simulator.clock import Clock
from ivr.simulator.events import Event
from ivr.simulator.handset import Act, MakeHandset, Nothing, Press
from ivr.telephony.audio import Addresses
from prompts import Catalogue, Studio

STRANGER = "+8651200001234"
BETWEEN_KEYS_S = 8.0
SHOWN = 8
"""How many people of the roster the page offers to call as."""


class Agreeable:
    """Somebody who presses 1 every few seconds, whatever is asked: a person who is well, or who takes a case."""

    grace_s = 0.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next = clock.now() + BETWEEN_KEYS_S

    def attend(self, seconds: float) -> Act:
        left = self._next - self._clock.now()
        if left <= 0:
            self._next += BETWEEN_KEYS_S
            return Press("1")
        self._clock.sleep(min(seconds, left))
        return Nothing()

    def notice(self, event: Event) -> None:
        pass


class Everybody(Mapping[str, MakeHandset]):
    """Whoever the line rings, by any number, is agreeable."""

    def __getitem__(self, number: str) -> MakeHandset:
        return Agreeable

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def make_network(settings: Settings, catalogue: Catalogue, studio: Studio, line_url: str) -> Network:
    """A network whose account is the configured one and whose line is at `line_url`; the settings are complete.

    The provider's own voice is there the line's run-time voice.
    """
    assert settings.secret_key
    assert settings.twilio_account_sid
    assert settings.twilio_auth_token
    captions = Captions(catalogue, Addresses(settings.language, settings.secret_key.get_secret_value()))
    return Network(
        line_url,
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.data_dir / "simulator",
        line=line_at(line_url, settings.line_number),
        api_url=settings.twilio_api_url,
        surroundings=Surroundings(
            phones=Everybody(), describe=captions, speak=lambda text: audio.read_wav(studio.spoken(text))
        ),
    )


def callers_of(sessions: sessionmaker[Session]) -> Callable[[], Sequence[Caller]]:
    """Whom the page can call as: a few people of the roster, a number that nobody knows, and a withheld one."""

    def callers() -> Sequence[Caller]:
        known = select(Person).where(Person.phone.is_not(None)).order_by(Person.id).limit(SHOWN)
        with sessions() as session:
            people = [
                Caller(f"{person.name}（{person.address_as}）", person.phone) for person in session.scalars(known)
            ]
        return [*people, Caller("名册上没有的号码", STRANGER), Caller("不显示号码", None)]

    return callers
