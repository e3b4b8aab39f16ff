"""The class lists of the first 14 days as V5 has them, beside what the line-by-line check (R-108) said of each line."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from entities.engine.lineage import LegacyIdMapping
from entities.reconciliation.checks.plainly import today
from entities.reconciliation.pages.figures import CLASSES
from entities.reconciliation.reading import Reading
from tracking.masking import HIDDEN
from tracking.models import Finding, ValidationResult, Wave

DAYS, MOST = 14, 2_000
LINES = """
    SELECT u.id, TEXT(u.date) AS day, TEXT(u.hour_start) AS hour, TEXT(u.hour_end) AS until, c.name AS course,
        u.course_subgroup_id AS own_class, e.name AS level, p.first_name AS first, p.last_name AS last,
        t.first_name AS teacher_first, t.last_name AS teacher_last
    FROM booking_users u LEFT JOIN courses c ON c.id = u.course_id LEFT JOIN degrees e ON e.id = u.degree_id
    LEFT JOIN clients p ON p.id = u.client_id LEFT JOIN monitors t ON t.id = u.monitor_id
    WHERE u.school_id = %s AND u.status = 1 AND u.date >= %s AND u.date <= %s AND u.deleted_at IS NULL
    ORDER BY u.date, u.hour_start, c.name, u.course_subgroup_id, p.last_name, p.first_name, u.id LIMIT 2001"""


def days(wave: Wave) -> tuple[str, str]:
    """The day of the cut-over (today without one) and the last of the 14 days."""
    first = datetime.date.fromisoformat(today(Reading(wave=wave)))
    return first.isoformat(), (first + datetime.timedelta(days=DAYS - 1)).isoformat()


def of_school(wave: Wave, school: int, *, personal: bool) -> tuple[list[dict[str, Any]], bool]:
    """Classes by day, with their participants; and whether there are more lines than are shown."""
    entry = LegacyIdMapping.objects.using("v5").filter(entity_type="school", legacy_id=school).first()
    if entry is None or entry.v5_id is None:
        return [], False
    rows = Reading(wave=wave).v5(LINES, [entry.v5_id, *days(wave)])
    return list(_classes(rows[:MOST], _objected(wave, school), personal)), len(rows) > MOST


def _classes(rows: list[Any], objected: set[int], personal: bool) -> Iterator[dict[str, Any]]:
    def key(row: Any) -> tuple[Any, ...]:
        return row.day, row.hour, row.until, row.course, row.own_class

    for (day, hour, until, course, own_class), some in groupby(rows, key):
        lines = list(some)
        yield {
            "day": day, "hours": f"{str(hour or '')[:5]}–{str(until or '')[:5]}", "course": course, "class": own_class,
            "level": lines[0].level, "monitor": _name(lines[0].teacher_first, lines[0].teacher_last, personal),
            "people": [{"name": _name(one.first, one.last, personal), "differs": one.id in objected} for one in lines],
        }  # fmt: skip


def _name(first: str | None, last: str | None, personal: bool) -> str:
    name = " ".join(part for part in (first, last) if part)
    return (name if personal else HIDDEN) if name else "–"


def _objected(wave: Wave, school: int) -> set[int]:
    """V5 lines to which the newest run of the check objects."""
    latest = (
        ValidationResult.objects.filter(
            wave=wave, validation_type=CLASSES, school_id=school, current=True, introduced__gt=0
        )
        .order_by("-pk")
        .first()
    )
    if latest is None:
        return set()
    found = Finding.objects.filter(
        sweep=latest.sweep_id, check_id=CLASSES, school_id=school, v5_id__isnull=False
    )
    return {one for one in found.values_list("v5_id", flat=True)[:MOST] if one is not None}
