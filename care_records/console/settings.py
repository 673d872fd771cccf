"""What the staff's pages are told when they are installed; nothing here reads the environment."""

from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class ConsoleSettings:
    """`secret_key` signs the browser's session; `secure` says that the pages are served by https and nothing else."""

    secret_key: str
    data_dir: Path
    zone: ZoneInfo
    secure: bool = False
    region: str = "CN"
    """Of telephone numbers that are typed without a country."""
    area_code: str = "512"
    check_in_age: int = 90
    windows: tuple[tuple[time, time], ...] = ((time(8, 30), time(11)), (time(14, 30), time(17)))
    """When people may be rung, local time."""
    resolve_after: timedelta = timedelta(minutes=60)
    """How long after somebody took an alarm it rings again, unless it is resolved."""
    idle: timedelta = timedelta(minutes=30)
    """Whoever does nothing for so long is signed out."""
    longest: timedelta = timedelta(hours=12)
    """Nobody stays signed in for longer."""
    proxies: int = 0
    """How many proxies of one's own stand before the server; each adds the address that it sees to X-Forwarded-For."""
    streams: int = 24
    """How many pages of one process are told at once of what changes; the others look by themselves now and then."""
