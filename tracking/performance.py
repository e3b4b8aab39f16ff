"""What is asked of a performance measurement: the strategy's four scenarios, and how much of them.

The work itself is done by `entities.performance`; its verdicts are rows of `migration_validation_results` with the check
ids named here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LIMIT = 2.0  # V5's p95 has to stay below this multiple of legacy's (strategy, success criteria)
SHORTEST, LONGEST, LONGEST_PAUSE = 1, 3600, 60


@dataclass(frozen=True)
class Scenario:
    """One of the strategy's load scenarios: `users` at once for `seconds`."""

    check: str
    title: Promise
    about: Promise
    users: int
    seconds: int


SCENARIOS: dict[str, Scenario] = {
    "user_login": Scenario(
        "PERF-01", gettext_lazy("Log-in"),
        gettext_lazy("Find the account by its address, its schools and its role."), 100, 300,
    ),
    "booking_creation": Scenario(
        "PERF-02", gettext_lazy("New booking"),
        gettext_lazy("Find payer, course and free places. On V5 the booking is also written and rolled back; legacy is "
                     "never written, so that there only the reading is measured."), 50, 600,
    ),
    "course_search": Scenario(
        "PERF-03", gettext_lazy("Course search"),
        gettext_lazy("List the courses of a school and sport in a week, with dates and taken places."), 200, 180,
    ),
    "report_generation": Scenario(
        "PERF-04", gettext_lazy("Reports"),
        gettext_lazy("Add up a school's bookings and participants by month."), 20, 900,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One scenario as it is measured. `is_full`: at least as many users, for as long, as the strategy says."""

    name: str
    users: int
    seconds: int
    pause: float
    is_full: bool

    @classmethod
    def of(cls, name: str, params: Mapping[str, Any]) -> Asked:
        scenario, percent = SCENARIOS[name], params.get("percent") or 100
        users = max(1, math.ceil(scenario.users * percent / 100))
        seconds = params.get("seconds") or scenario.seconds
        full = users >= scenario.users and seconds >= scenario.seconds
        return cls(name, users, int(seconds), float(params.get("pause", 1.0)), full)


def refuse_wrong(params: Mapping[str, Any]) -> None:
    """Refuse a share, a time or a pause that makes no sense."""
    from tracking.actions.base import ActionRefused

    if not params.get("scenarios"):
        raise ActionRefused(_("Choose at least one scenario."))
    if not 1 <= params["percent"] <= 200:
        raise ActionRefused(_("The share of the strategy's users is 1 to 200 per cent."))
    if params["seconds"] is not None and not SHORTEST <= params["seconds"] <= LONGEST:
        raise ActionRefused(_("Each side is measured for 1 to 3,600 seconds."))
    if not 0 <= params["pause"] <= LONGEST_PAUSE:
        raise ActionRefused(_("A user thinks for 0 to 60 seconds between two requests."))
