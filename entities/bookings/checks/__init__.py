"""Checks of this aggregate (reconciliation.md): money, payments, states, people, places, seasons, references."""

from __future__ import annotations

from entities.bookings.checks import meaning, totals
from entities.reconciliation.check import Check

CHECKS: tuple[type[Check], ...] = (*totals.CHECKS, *meaning.CHECKS)
