"""Checks of monitors (reconciliation section 3)."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Check, Kind, Looked, Ranged, Seen
from entities.reconciliation.checks.plainly import day
from entities.reconciliation.reading import Reading


class AbsenceCalendar(Ranged):
    """R-13b: the days themselves. Days that nobody is absent in legacy, and days that V5 lacks, are named."""

    id, title = "R-13b", _("Absences of monitors lie on the days of before")
    how = _(
        "Each day from the first to the last of a legacy absence must have its own V5 record, and no other day."
    )
    rule, phase, table = "R-13b, 4.13.5", 3, "user_nwd"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        rows = read.legacy(
            "SELECT id, school_id, TEXT(start_date) AS first, TEXT(end_date) AS last FROM user_nwd WHERE id > %s AND id <= %s",
            [after, upto],
        )
        made = read.v5(
            "SELECT m.legacy_id, v.id, TEXT(v.start_date) AS first, TEXT(v.end_date) AS last FROM legacy_id_mappings m"
            " JOIN monitor_nwd v ON v.id = m.v5_id WHERE m.entity_type = 'monitor_nwd' AND m.v5_table = 'monitor_nwd'"
            " AND m.legacy_id > %s AND m.legacy_id <= %s", [after, upto]
        )  # fmt: skip
        found: dict[int, list[Any]] = {}
        for one in made:
            found.setdefault(one.legacy_id, []).append(one)
        for row in rows:
            if row.id in found and (row.school_id is None or read.scope.has(row.school_id)):
                looked.examined(row.school_id)
                self._hold(row, found[row.id], looked)

    @staticmethod
    def _hold(row: Any, found: list[Any], looked: Looked) -> None:
        wanted = Counter(_days(row))
        covered = Counter(one for record in found for one in _days(record))
        kinds = ((Kind.MISSING, wanted - covered), (Kind.EXTRA, covered - wanted))
        for kind, days in kinds:
            for one in sorted(days):
                record = next((other for other in found if one in _days(other)), None)
                looked.find(
                    Seen(kind, row.school_id, "monitor_nwd", "user_nwd", row.id, one, "monitor_nwd",
                         record.id if record else None, "start_date", one if kind is Kind.MISSING else None,
                         one if kind is Kind.EXTRA else None)
                )  # fmt: skip


def _days(row: Any) -> list[str]:
    """Every day of a period as text; none where it cannot be read."""
    first, last = day(row.first), day(row.last)
    if first is None or last is None:
        return []
    return [(first + datetime.timedelta(days=step)).isoformat() for step in range((last - first).days + 1)]


CHECKS: tuple[type[Check], ...] = (AbsenceCalendar,)
