"""A work folder: each stage keeps its products under a key made of its settings, and is not done twice."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

_DONE = "done.json"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Product:
    """What a stage made: where it lies, and the key that later stages are keyed by."""

    folder: Path
    key: str


class Work:
    """Stages in `folder`. A stage whose settings, or whose sources' settings, change is made anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stage(
        self, name: str, settings: Mapping[str, Any], make: Callable[[Path], None], sources: tuple[Product, ...] = ()
    ) -> Product:
        """The product of `make(folder)`, called only if no earlier run finished it with the same settings.

        An interrupted stage finds what it had written in its folder when it is called again.
        """
        described = {"settings": dict(settings), "sources": [source.key for source in sources]}
        text = json.dumps(described, sort_keys=True, ensure_ascii=False, default=str)
        key = hashlib.sha256(f"{name}:{text}".encode()).hexdigest()[:12]
        folder = self.folder / f"{name}-{key}"
        if not (folder / _DONE).exists():
            folder.mkdir(parents=True, exist_ok=True)
            log.info("stage_started", stage=name, key=key)
            make(folder)
            (folder / _DONE).write_text(text, "utf-8")
            log.info("stage_done", stage=name, key=key)
        return Product(folder, key)
