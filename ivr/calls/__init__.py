"""Conversations and records held together: a step is written down before its caller hears the next turn."""

from ivr.calls.journal import Journal, Replayed
from ivr.calls.record import Leg
from ivr.calls.service import CallService

__all__ = ["CallService", "Journal", "Leg", "Replayed"]
