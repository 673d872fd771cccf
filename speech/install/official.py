"""The Mandarin models that Vosk's project publishes."""

from dataclasses import dataclass

PAGE = "https://alphacephei.com/vosk/models"


@dataclass(frozen=True, slots=True)
class Official:
    name: str
    smallest: int
    largest: int
    """Bytes of the archive: equal where the exact size is known."""
    sha256: str | None
    """None where no checksum is known: the sum of the first download is then kept and asked of later ones."""
    use: str

    @property
    def url(self) -> str:
        return f"{PAGE}/{self.name}.zip"


OFFICIAL = {
    model.name: model
    for model in (
        Official(
            "vosk-model-small-cn-0.22",
            43_898_754,
            43_898_754,
            "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
            "takes run-time grammars; wide band",
        ),
        Official(
            "vosk-model-cn-0.22",
            1_200_000_000,
            1_500_000_000,
            None,
            "no run-time grammars: for messages; wide band",
        ),
    )
}
