"""Checks of this aggregate (reconciliation.md section 6)."""

from __future__ import annotations

from entities.reconciliation.check import Check
from entities.vouchers.checks import logs, vouchers

CHECKS: tuple[type[Check], ...] = (*vouchers.CHECKS, *logs.CHECKS)
