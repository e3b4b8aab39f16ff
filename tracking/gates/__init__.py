"""The gates of a phase: what must be green, or waived with a reason, before a phase can be signed.

judge(phase, now) -> [Judged]      every gate of the phase: green, red or waived, with numbers and links
register(gate)                     for further gates, for example the reconciliation checks R-nn
"""

from tracking.gates.base import Colour, Gate, Judged, Link, Reading, canonical
from tracking.gates.registry import find, judge, of_phase, register

__all__ = [
    "Colour",
    "Gate",
    "Judged",
    "Link",
    "Reading",
    "canonical",
    "find",
    "judge",
    "of_phase",
    "register",
]
