"""A stand-in for the model that writes down messages."""

from ivr.listening import Caught

NOTHING = Caught()


class ScriptedWriter:
    """Hears what it is told to in every recording. `caught` None: the engine fails."""

    def __init__(self, caught: Caught | None = NOTHING, *, on: bool = True) -> None:
        self.caught = caught
        self.on = on
        self.heard: list[bytes] = []

    def write(self, audio: bytes) -> Caught | None:
        self.heard.append(audio)
        return self.caught
