"""What the line does of its own accord, on a clock and not on a call."""

from ivr.outbound.sweep import Sweeper

__all__ = ["Sweeper"]
