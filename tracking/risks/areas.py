"""Which check speaks for which risk, by its id."""

from __future__ import annotations

import re

from tracking.risks.strategy import AUTHENTICATION, BUSINESS_LOGIC, DATA_LOSS, PERFORMANCE

PERFORMANCE_CHECK, PREFLIGHT_CHECK = "PERF-", "P-"
ACCESS = (range(20, 29), range(84, 86))
RULES = (range(50, 70), range(97, 98), range(100, 109))
LOG_IN = "R-LOGIN"
_NUMBER = re.compile(r"R-(\d+)")


def number_of(check_id: str) -> int:
    """nn of R-nn; R-5M, the right person in the right place, stands among the fifties; 0 for other checks."""
    found = _NUMBER.match(check_id)
    return 50 if check_id.startswith("R-5M") else int(found[1]) if found else 0


def risk_of(check_id: str) -> str:
    """The key of the risk; empty for the pre-flight, which stops a run before anything can go wrong."""
    if check_id.startswith(PERFORMANCE_CHECK):
        return PERFORMANCE
    if check_id.startswith(PREFLIGHT_CHECK):
        return ""
    number = number_of(check_id)
    if check_id == LOG_IN or any(number in span for span in ACCESS):
        return AUTHENTICATION
    return BUSINESS_LOGIC if any(number in span for span in RULES) else DATA_LOSS
