"""Checks of seasons (reconciliation section 8) and of the roles in them (section 4)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Check, Kind, Looked, Seen, Whole
from entities.reconciliation.checks.counts_seasons import CATCH_ALL, service_days
from entities.reconciliation.checks.plainly import school_of, schools
from entities.reconciliation.reading import Reading
from entities.seasons.checks_roles import SeasonRoles

SHORTEST, LONGEST = 7, 549  # days: what V5 accepts
SEASONS = (
    "SELECT s.id, s.school_id, s.name, s.is_active, TEXT(s.start_date) AS first, TEXT(s.end_date) AS last,"
    " CASE WHEN EXISTS (SELECT 1 FROM legacy_id_mappings m WHERE m.v5_table = 'seasons' AND m.v5_id = s.id"
    " AND m.disposition <> 'merged') THEN 1 ELSE 0 END AS ours FROM seasons s WHERE s.deleted_at IS NULL ORDER BY s.id"
)


def live_seasons(read: Reading) -> dict[int, list[Any]]:
    """V5 seasons by legacy school; `ours` are those that the migration made."""
    back, found = school_of(read), defaultdict(list)
    for row in read.v5(SEASONS):
        if read.scope.has(back.get(row.school_id)):
            found[back.get(row.school_id, 0)].append(row)
    return found


def length(row: Any) -> int:
    first, last = (datetime.date.fromisoformat(str(one)[:10]) for one in (row.first, row.last))
    return (last - first).days + 1


class SeasonsOfSchools(Whole):
    """R-67: what V5 asks of the seasons of a school. Faults among seasons that V5 had before are inherited."""

    id, title = "R-67", _("Seasons of a school do not overlap, have a usable length and names of their own")
    how = _(
        "The V5 seasons of each school are compared with each other; its current season must be one of them."
    )
    rule, phase = "R-67, 4.9", 2

    def look(self, read: Reading, looked: Looked) -> None:
        found = live_seasons(read)
        for school, rows in found.items():
            looked.examined(school, len(rows))
            self._each(school, rows, looked)
            for number, one in enumerate(rows):
                for other in rows[number + 1 :]:
                    self._pair(school, one, other, looked)
        self._current(read, found, looked)

    @staticmethod
    def _each(school: int, rows: list[Any], looked: Looked) -> None:
        active = [row for row in rows if row.is_active]
        for row in rows:
            if not SHORTEST <= length(row) <= LONGEST:
                _say(
                    looked,
                    school,
                    row,
                    "end_date",
                    f"{length(row)} days: from 7 days to 18 months are possible",
                )
            if row.is_active and len(active) > 1:
                _say(looked, school, row, "is_active", f"{len(active)} seasons are active")

    @staticmethod
    def _pair(school: int, one: Any, other: Any, looked: Looked) -> None:
        """Of two that are in each other's way the longer one is named, else the later one."""
        named = max(one, other, key=lambda row: (length(row), row.id))
        fellow = other if named is one else one
        if one.first <= other.last and other.first <= one.last:
            _say(looked, school, named, "start_date", f"overlaps {fellow.name}", not (one.ours or other.ours))
        if (one.name or "").strip().casefold() == (other.name or "").strip().casefold():
            _say(
                looked,
                school,
                other,
                "name",
                f"two seasons are called {other.name}",
                not (one.ours or other.ours),
            )

    @staticmethod
    def _current(read: Reading, found: dict[int, list[Any]], looked: Looked) -> None:
        rows = read.v5("SELECT id, current_season_id FROM schools WHERE current_season_id IS NOT NULL")
        chosen = {row.id: row.current_season_id for row in rows}
        for school, v5_school in schools(read).items():
            if not read.scope.has(school):
                continue
            current = chosen.get(v5_school)
            if current is not None and current not in {row.id for row in found.get(school, ())}:
                looked.find(
                    Seen(Kind.VIOLATION, school, "school", "schools", school, "", "schools", v5_school, "current_season_id",
                         None, current, "the current season is none of the school's")
                )  # fmt: skip


def _say(
    looked: Looked, school: int, row: Any, field: str, message: str, inherited: bool | None = None
) -> None:
    looked.find(
        Seen(Kind.VIOLATION, school, "season", "", None, "", "seasons", row.id, field, None, row.name, message,
             not row.ours if inherited is None else inherited)
    )  # fmt: skip


class ServiceDaysInSeasons(Whole):
    """R-67b: every day of teaching lies in one season, and the catch-all season exists for those who need it alone."""

    id, title = "R-67b", _("Every day of teaching lies in exactly one season")
    how = _("Each day on which legacy has lessons at a school is looked up in the school's V5 seasons.")
    rule, phase = "R-67, 4.9", 2

    def look(self, read: Reading, looked: Looked) -> None:
        days, seasons = service_days(read), live_seasons(read)
        for school in schools(read):
            if read.scope.has(school):
                mine = seasons.get(school, [])
                for one in sorted(days.get(school, ())):
                    looked.examined(school)
                    self._day(
                        school, one, [row for row in mine if row.first[:10] <= one <= row.last[:10]], looked
                    )
                self._catch_all(read, school, mine, looked)

    @staticmethod
    def _day(school: int, day: str, holding: list[Any], looked: Looked) -> None:
        if len(holding) == 1 and holding[0].name != CATCH_ALL:
            return
        names = ", ".join(row.name or "" for row in holding)
        inherited = len(holding) > 1 and not any(row.ours for row in holding)
        looked.find(
            Seen(Kind.MISSING if not holding else Kind.VIOLATION, school, "season", "schools", school, day, "seasons",
                 None, "start_date", day, names or None, f"{day} lies in {len(holding)} seasons", inherited)
        )  # fmt: skip

    @staticmethod
    def _catch_all(read: Reading, school: int, rows: list[Any], looked: Looked) -> None:
        """Once the school's bookings are there, one of them must have called for it."""
        for row in rows:
            if (
                row.name != CATCH_ALL
                or not row.ours
                or read.choices.of("season_mode", school=school).mode == "single"
            ):
                continue
            used = read.v5(
                "SELECT SUM(CASE WHEN season_id = %s THEN 1 ELSE 0 END) AS used, COUNT(*) AS n FROM v5_bookings"
                " WHERE school_id = %s",
                [row.id, row.school_id],
            )[0]
            if used.n and not used.used:
                _say(looked, school, row, "name", "no booking needs the catch-all season", False)


CHECKS: tuple[type[Check], ...] = (SeasonsOfSchools, ServiceDaysInSeasons, SeasonRoles)
