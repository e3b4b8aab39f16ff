"""Business figures R-100 to R-108, computed on both sides by independent queries."""

from __future__ import annotations

from entities.reconciliation.check import Check

CHECKS: tuple[type[Check], ...] = ()
