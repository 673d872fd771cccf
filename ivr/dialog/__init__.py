"""The conversations of the line, pure: state and event in; new state, effects and the next turn out."""

from ivr.dialog.cases import trouble
from ivr.dialog.conversation import QUESTIONS, Step, step
from ivr.dialog.state import State

__all__ = ["QUESTIONS", "State", "Step", "step", "trouble"]
