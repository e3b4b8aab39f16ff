"""Checks of this aggregate (reconciliation.md)."""

from __future__ import annotations

from entities.reconciliation.check import Check

CHECKS: tuple[type[Check], ...] = ()
