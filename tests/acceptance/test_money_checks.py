"""The checks of money, vouchers, bookings and courses where the operator answered otherwise, and where the demo cannot go."""

from __future__ import annotations

from typing import Any

import pytest

from entities.bookings.business import CHECKS as OF_THE_BUSINESS
from entities.bookings.checks import CHECKS as OF_BOOKINGS
from entities.bookings.checks.pairs import References
from entities.courses.checks import CHECKS as OF_COURSES
from entities.reconciliation import sweep
from entities.reconciliation.check import Looked, walk
from entities.vouchers.checks import CHECKS as OF_VOUCHERS
from tests import moves
from tests.acceptance import scenes
from tests.world import World

OTHER_ANSWERS: dict[str, Any] = {
    "orphan_lines": "keep",
    "split_price": "spread",
    "missing_client": "reject",
    "past_unpaid": "confirmed",
    "future_link_payment": "pending",
    "voucher_payed": "used_up",
    "cancelled_paid_amount": "none",
    "unknown_private_course": "reject",
    "widen_course_range": "keep",
    "foreign_monitor": "null",
    "standalone_flexible": "duration_flexible",
    "private_dates": {"days": "active", "limit": 60},
    "history_from": "2023-06-01",
    "season_mode": {
        "mode": "declared",
        "declared": [
            {"name": "Winter 24", "start": "2023-10-01", "end": "2024-05-31"},
            {"name": "Winter 25", "start": "2024-10-01", "end": "2025-05-31"},
        ],
    },
}


@pytest.mark.slow
@pytest.mark.world(bookings=40)
def test_other_answers_leave_the_checks_green(world: World) -> None:
    """Each formula follows the choice it depends on (section 7 of the mapping rules)."""
    wave = moves.wave(batch={**scenes.SMALL, "size": 500}, **OTHER_ANSWERS)
    moves.move(of=wave)
    red = {}
    for check in (*OF_VOUCHERS, *OF_BOOKINGS, *OF_COURSES, *OF_THE_BUSINESS):
        found = walk(check(), sweep.reading(wave))
        introduced = [one for one in found.findings if not one.inherited]
        differing = {school: one.difference for school, one in found.schools.items() if one.difference}
        if introduced or differing:
            red[check.id] = (introduced[:3], differing)
    assert red == {}, "\n".join(f"{check_id}: {why}" for check_id, why in red.items())


@pytest.mark.slow
def test_the_next_id_must_lie_above_all_of_legacy(migrated: World) -> None:
    """No server lets an id sequence be lowered below its rows, so legacy is told to have gone further (R-78)."""

    class Further(sweep.Reading):
        def highest(self, alias: str, table: str, key: str = "id") -> int:
            return 2**40 if alias == "legacy" else super().highest(alias, table, key)

    looked = Looked()
    for table, legacy in (("bookings", "bookings2"), ("vouchers", "vouchers")):
        References._next(Further(), looked, table, legacy)
    assert [(one.v5_table, one.field) for one in looked.findings] == [("bookings", "id"), ("vouchers", "id")]
