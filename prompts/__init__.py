"""What the line says: a folder per language with the texts, the recorded audio and the phrases it listens for."""

from prompts.catalogue import (
    Catalogue,
    CatalogueError,
    Clip,
    MissingSlotError,
    UnknownPromptError,
    Words,
    load_catalogue,
)
from prompts.studio import Studio

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Clip",
    "MissingSlotError",
    "Studio",
    "UnknownPromptError",
    "Words",
    "load_catalogue",
]
