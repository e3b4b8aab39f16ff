"""Full comparison: every migrated record derived again from its legacy row and compared field by field."""

from __future__ import annotations

from entities.reconciliation.check import Check

CHECKS: tuple[type[Check], ...] = ()
