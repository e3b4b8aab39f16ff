"""Every check, in the order of reconciliation.md: the `checks.py` of each aggregate lists its own in CHECKS."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from entities.reconciliation.check import Check

MODULES = (
    "entities.reconciliation.checks.conservation",
    "entities.reconciliation.checks.counts",
    "entities.reconciliation.checks.technical",
    "entities.reconciliation.checks.tenancy",
    "entities.reconciliation.checks.properties",
    "entities.reference.checks",
    "entities.schools.checks",
    "entities.seasons.checks",
    "entities.degrees.checks",
    "entities.users.checks",
    "entities.clients.checks",
    "entities.monitors.checks",
    "entities.courses.checks",
    "entities.vouchers.checks",
    "entities.bookings.checks",
    "entities.bookings.business",
    "entities.reconciliation.comparison",
)


@cache
def everything() -> tuple[Check, ...]:
    """All checks; two of one id, or one without a title, are mistakes of the programme."""
    found: dict[str, Check] = {}
    for module in MODULES:
        for kind in import_module(module).CHECKS:
            check: Check = kind() if isinstance(kind, type) else kind
            if not check.id or not check.title or check.id in found:
                raise ValueError(f"{module}: {check!r} has no id or title, or {check.id!r} is there twice")
            found[check.id] = check
    return tuple(sorted(found.values(), key=lambda check: _place(check.id)))


def get(check_id: str) -> Check:
    """The check of that id; raises KeyError with the ids there are."""
    for check in everything():
        if check.id == check_id:
            return check
    raise KeyError(f"no check {check_id!r}; there are {', '.join(one.id for one in everything())}")


def due(when: str, phase: int = 6, only: Iterable[str] = ()) -> list[Check]:
    """The checks of a moment for what was moved up to `phase`; for P the twins, on legacy alone."""
    wanted = set(only)
    return [
        check
        for check in everything()
        if (not wanted or check.id in wanted)
        and ((when == "P" and check.twin) or (when in check.when and check.phase <= phase))
    ]


def _place(check_id: str) -> tuple[str, int, str]:
    match = re.match(r"([A-Z]+)-(\d+)?(.*)", check_id)
    return (match[1], int(match[2] or 0), match[3]) if match else (check_id, 0, "")
