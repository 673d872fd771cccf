"""Ways in which the network fails, one at a time and all the time."""

from collections.abc import Mapping
from typing import Final

from tests.outbound_year.network import Chances

TROUBLES: Final[Mapping[str, Chances]] = {
    "none": Chances(),
    "no room": Chances(too_many=1),
    "no answer, and it rings": Chances(unanswered=1),
    "no answer, and it does not ring": Chances(refused=1),
    "callbacks lost": Chances(webhook_lost=1),
    "callbacks doubled": Chances(webhook_doubled=1),
    "callbacks late": Chances(webhook_late=1),
}
