"""Checks of this aggregate (reconciliation sections 3 and 8)."""

from __future__ import annotations

from entities.courses.checks import calendar, chain, overlaps, prices, teachers
from entities.reconciliation.check import Check

SUBJECTS = (chain, calendar, teachers, overlaps, prices)
CHECKS: tuple[type[Check], ...] = tuple(check for subject in SUBJECTS for check in subject.CHECKS)
