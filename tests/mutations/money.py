"""Planted defects: money, vouchers, bookings and participants."""

from __future__ import annotations

from tests.mutations import Mutation, money_bookings, money_lines, money_vouchers

MUTATIONS: tuple[Mutation, ...] = (
    *money_bookings.MUTATIONS,
    *money_lines.MUTATIONS,
    *money_vouchers.MUTATIONS,
)
