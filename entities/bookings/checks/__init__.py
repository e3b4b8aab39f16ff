"""Checks of this aggregate (reconciliation.md sections 5 and 7, and R-68, R-78)."""

from __future__ import annotations

from entities.bookings.checks import composition, meaning, pairs, payments, people, places, states, totals
from entities.reconciliation.check import Check

SUBJECTS = (totals, composition, payments, pairs, states, people, places, meaning)
CHECKS: tuple[type[Check], ...] = tuple(check for subject in SUBJECTS for check in subject.CHECKS)
