"""Days of teaching in legacy, and the seasons they call for (4.9)."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Seen, Whole
from entities.reconciliation.checks.plainly import day, school_of, schools, today
from entities.reconciliation.reading import Reading

COLLECTIVE = (
    "(c.course_supertype_id = 1 OR (c.course_supertype_id IS NULL OR c.course_supertype_id NOT IN (1, 2))"
    " AND (c.course_type_id = 1 OR (c.course_type_id IS NULL OR c.course_type_id NOT IN (1, 2)) AND (c.group_id"
    " IS NOT NULL OR EXISTS (SELECT 1 FROM course_groups2 g WHERE g.course2_id = c.id))))"
)
SERVICE_DAYS = (
    "SELECT c.school_id AS school, TEXT(d.date) AS day FROM course_dates2 d JOIN courses2 c ON c.id = d.course2_id"
    f" WHERE {COLLECTIVE} GROUP BY c.school_id, d.date",
    "SELECT b.school_id AS school, TEXT(l.date) AS day FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id"
    " GROUP BY b.school_id, l.date",
)


def service_days(read: Reading) -> dict[int, set[str]]:
    """Days of teaching by legacy school (4.9): booked ones, those of collective courses and of their sessions.

    From 2015 to three years after the cut-over; others are mistakes of typing.
    """
    found: dict[int, set[str]] = {}
    last = f"{int(today(read)[:4]) + 3}{today(read)[4:]}"
    for sql in SERVICE_DAYS:
        for row in read.legacy(sql):
            _add(found, row.school, row.day, last)
    links = read.legacy(
        "SELECT group_id, school_id FROM courses2 WHERE group_id IS NOT NULL GROUP BY group_id, school_id"
    )
    places: dict[int, list[int]] = {}
    for link in links:
        places.setdefault(link.group_id, []).append(link.school_id)
    for row in read.legacy("SELECT id, dates_global FROM course_globals"):
        for one in sessions(row.dates_global):
            for school in places.get(row.id, ()):
                _add(found, school, one, last)
    return found


def _add(found: dict[int, set[str]], school: int, text: Any, last: str) -> None:
    one = day(text)
    if one is not None and "2015-01-01" <= one.isoformat() <= last:
        found.setdefault(school, set()).add(one.isoformat())


def sessions(text: str | None) -> list[str]:
    """The days that an umbrella names; none where the list cannot be read."""
    try:
        listed = json.loads(text or "[]")
    except ValueError:
        return []
    if not isinstance(listed, list):
        return []
    return [one["date"] for one in listed if isinstance(one, dict) and isinstance(one.get("date"), str)]


def season_year(text: str, boundary: str) -> str:
    """The name of the season year of a day: `2024/2025`."""
    year = int(text[:4]) - (text[5:] < boundary)
    return f"{year}/{year + 1}"


CATCH_ALL = "Legacy Season"


class Seasons(Whole):
    """One per school and season year with a day of teaching; a declared list and a single season go by their names.

    The catch-all season is the matter of R-67b.
    """

    id, title = "R-10-seasons", _("Seasons: one for each season year in which a school taught")
    how = _(
        "Season years are worked out from the days of teaching in legacy and compared with the V5 seasons we made."
    )
    phase, rule = 2, "R-10"

    def look(self, read: Reading, looked: Looked) -> None:
        ours = read.v5(
            "SELECT s.id, s.school_id, s.name FROM seasons s JOIN legacy_id_mappings m ON m.v5_id = s.id"
            " AND m.v5_table = 'seasons' WHERE m.entity_type = 'season' AND m.disposition <> 'merged'"
        )
        mine = {row.id for row in ours}
        others = [
            row
            for row in read.v5("SELECT id, school_id, name, TEXT(start_date) AS first, TEXT(end_date) AS last FROM seasons"
                               " WHERE deleted_at IS NULL")
            if row.id not in mine
        ]  # fmt: skip
        by_school = school_of(read)
        found = {(by_school.get(row.school_id), row.name): row.id for row in ours}
        days = service_days(read)
        for school, v5_school in schools(read).items():
            if read.scope.has(school):
                held = [row for row in others if row.school_id == v5_school]
                self._school(
                    read, looked, school, self._wanted(read, school, days.get(school, set()), held), found
                )

    @staticmethod
    def _wanted(read: Reading, school: int, days: set[str], held: list[Any]) -> set[str]:
        choice = read.choices.of("season_mode", school=school)
        free = [one for one in days if not any(row.first[:10] <= one <= row.last[:10] for row in held)]
        if choice.mode == "declared":
            names = {one.name for one in choice.declared}
        elif choice.mode == "single":
            names = {CATCH_ALL} if free else set()
        else:
            names = {season_year(one, choice.boundary) for one in free}
        return names - {row.name for row in held}

    def _school(
        self, read: Reading, looked: Looked, school: int, wanted: set[str], found: dict[tuple[Any, str], int]
    ) -> None:
        figures = looked.of(school)
        for name in sorted(wanted):
            figures.examined += 1
            figures.legacy += 1
            if (school, name) in found:
                figures.target += 1
            else:
                looked.find(
                    Seen(Kind.MISSING, school, "season", "schools", school, name, "seasons", message=name)
                )
        for (where, name), v5_id in found.items():
            if where == school and name not in wanted and name != CATCH_ALL:
                figures.target += 1
                looked.find(Seen(Kind.EXTRA, school, "season", "", None, "", "seasons", v5_id, message=name))
