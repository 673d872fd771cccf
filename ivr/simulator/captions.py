"""What the line's own audio says, read from its address."""

from urllib.parse import unquote, urlsplit

from ivr.simulator.events import Said
from ivr.telephony.audio import Addresses
from prompts import Catalogue, UnknownPromptError


class Captions:
    """Called with the address of a sound: its words and the key of its prompt, or None if it is none of the line's."""

    def __init__(self, catalogue: Catalogue, addresses: Addresses) -> None:
        self._catalogue = catalogue
        self._addresses = addresses
        self._keys = frozenset(catalogue.keys())

    def __call__(self, url: str) -> Said | None:
        folder, _, file = urlsplit(url).path.rpartition("/")
        name = unquote(file).removesuffix(".wav")
        if folder.endswith("/spoken"):
            found = self._addresses.words(name)
            return Said(found[0]) if found else None
        try:
            script = self._catalogue.script(name)
        except UnknownPromptError:
            return None
        key = name if name in self._keys else name.rpartition(".")[0]
        return Said("" if script.silent else script.text, key)
