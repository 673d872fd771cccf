"""What understanding made of a sentence, as the conversation takes it."""

from ivr.dialog.model import Heard
from speech.understanding import Meaning


def heard_as(meaning: Meaning) -> Heard:
    return Heard(intent=meaning.intent, risk=meaning.risk, confirm=meaning.confirm, negated=meaning.negated)
