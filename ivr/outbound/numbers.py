"""What can be dialled at all: a number in E.164. Whether somebody has it, only the provider can tell."""

import re
from typing import Final, TypeGuard

_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def is_number(text: str | None) -> TypeGuard[str]:
    return text is not None and _E164.fullmatch(text) is not None


def usable(*numbers: str | None) -> tuple[str, ...]:
    """Those that can be dialled, each once, in the order given."""
    return tuple(dict.fromkeys(number for number in numbers if is_number(number)))
