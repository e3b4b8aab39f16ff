"""Business figures R-100 to R-108, computed on both sides by independent queries."""

from __future__ import annotations

from entities.bookings.business import clients, lessons, money, vouchers
from entities.reconciliation.check import Check

SUBJECTS = (money, lessons, vouchers, clients)
CHECKS: tuple[type[Check], ...] = tuple(check for subject in SUBJECTS for check in subject.CHECKS)
