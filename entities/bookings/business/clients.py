"""Clients with bookings: how many, how many new ones, by language, age and level (R-106)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.business.figured import (
    NOTHING,
    Figured,
    Tally,
    left_out,
    level_label,
    levels,
)
from entities.bookings.business.lessons import known_people, ranged
from entities.bookings.checks.dates import season_label
from entities.reconciliation.check import Looked
from entities.reconciliation.checks.lessons import STAND_IN, Lessons
from entities.reconciliation.checks.plainly import SENTINEL, day, today
from entities.reconciliation.reading import Reading

AGES = ((6, "0–5"), (13, "6–12"), (18, "13–17"), (200, "18+"))
PERSONS = "SELECT id, TEXT(birth_date) AS born, language1_id AS language FROM users WHERE id IN ({ids})"
V5_LINES = """
    SELECT m.legacy_id AS person, b.school_id AS school, u.id, TEXT(u.date) AS date, TEXT(c.birth_date) AS born,
        l.name AS language, e.league, e.level, e.degree_order, k.legacy_id AS own FROM legacy_id_mappings m
    JOIN clients c ON c.id = m.v5_id JOIN booking_users u ON u.client_id = m.v5_id
    JOIN legacy_id_mappings b ON b.v5_table = 'bookings' AND b.v5_id = u.booking_id AND b.entity_type = 'booking'
    LEFT JOIN languages l ON l.id = c.language1_id LEFT JOIN degrees e ON e.id = u.degree_id
    LEFT JOIN legacy_id_mappings k ON k.v5_table = 'courses' AND k.v5_id = u.course_id AND k.disposition = 'synthesised'
    WHERE m.entity_type = 'client' AND m.legacy_id > %s AND m.legacy_id <= %s AND m.legacy_id <> 0 AND u.status = 1
    AND u.deleted_at IS NULL AND {scope}"""


class Clients(Figured):
    id, rule, title = "R-106", "R-106", _("Clients with lessons")
    how = _(
        "Persons with a live lesson, those for whom it was the first season, and their languages, ages and levels, by season,"
        " in legacy and in V5."
    )
    walks = ("users",)

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        tally = Tally(read, looked)
        every, kept = _Seen(), _Seen()
        self._legacy(read, after, upto, every, kept)
        asked, moved = set(every.figures()), set(kept.figures())
        for school, person, parts in asked:
            tally.legacy(school, parts, lost=(school, person, parts) not in moved)
        for school, _person, parts in (
            moved - asked
        ):  # without what was left out, another season is the first one
            tally.explained(school, parts, -1)
        found = _Seen()
        for row in read.v5(V5_LINES.replace("{scope}", read.scoped("b.school_id")), [after, upto]):
            level = NOTHING if row.own == 0 else level_label(row.league, row.level, row.degree_order)
            season = season_label(read, row.school, row.date or "")
            found.add(row.school, row.person, season, row.language, _age(row.born, read), level)
        for school, _person, parts in set(found.figures()):
            tally.v5(school, parts)

    @staticmethod
    def _legacy(read: Reading, after: int, upto: int, every: _Seen, kept: _Seen) -> None:
        lines = [line for line in ranged(read, "l.user_id", after, upto) if line.live]
        users = known_people(read, {line.user_id for line in lines})
        persons = {row.id: row for row in read.within("legacy", PERSONS, users)}
        lines = [line for line in lines if line.user_id in persons]
        lessons, names, spoken = Lessons(read, lines), levels(read), _languages(read)
        lost = left_out(read, "booking_user", (line.id for line in lines))
        for line in lines:
            who = persons[line.user_id]
            for lesson in lessons.of(line):
                level = NOTHING if lesson.course == STAND_IN else names.get(lesson.level, NOTHING)
                season = season_label(read, line.school, lesson.date)
                facts = (
                    line.school,
                    line.user_id,
                    season,
                    spoken.get(who.language),
                    _age(who.born, read),
                    level,
                )
                every.add(*facts)
                if line.id not in lost:
                    kept.add(*facts)


class _Seen:
    """What persons took part in: (school, person) → (season, label) pairs."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], set[tuple[str, tuple[str, ...]]]] = {}

    def add(self, school: int, person: int, season: str, language: Any, age: str, level: str) -> None:
        facts = self.rows.setdefault((school, person), set())
        facts |= {
            (season, ("clients",)),
            (season, ("language", language or NOTHING)),
            (season, ("age", age)),
            (season, ("level", level)),
        }

    def figures(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for (school, person), facts in self.rows.items():
            for season, parts in facts:
                yield school, person, (*parts, season)
            yield school, person, ("new clients", min(season for season, _parts in facts))


def _languages(read: Reading) -> dict[Any, str]:
    """Name of the V5 language by legacy language."""
    if "languages" not in read.memory:
        sql = ("SELECT m.legacy_id, l.name FROM legacy_id_mappings m JOIN languages l ON l.id = m.v5_id"
               " WHERE m.entity_type = 'language'")  # fmt: skip
        read.memory["languages"] = {row.legacy_id: row.name for row in read.v5(sql)}
    found: dict[Any, str] = read.memory["languages"]
    return found


def _age(born: Any, read: Reading) -> str:
    """Age class on the day of the cut-over; unknown birth dates are told by R-29."""
    found, now = day(born), today(read)
    if found is None or found.isoformat() == SENTINEL or found.isoformat() > now:
        return NOTHING
    years = int(now[:4]) - found.year - (now[5:] < found.isoformat()[5:])
    return next((label for limit, label in AGES if years < limit), NOTHING)


CHECKS = (Clients,)
