"""What people booked and taught, per school: read from legacy in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from entities.engine.read import Reader


class Booked(NamedTuple):
    """Number of bookings of a person at a school, and when the first was made (ISO text, None if unknown)."""

    number: int
    first: str | None


PerSchool = dict[int, dict[int, Booked]]

_PAID = """
    SELECT b.user_main_id AS person, b.id AS booking, b.school_id AS school, CAST(b.created_at AS CHAR) AS made
    FROM bookings2 b WHERE b.user_main_id IN ({ids})"""
_TOOK_PART = """
    SELECT l.user_id AS person, b.id AS booking, b.school_id AS school, CAST(b.created_at AS CHAR) AS made
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE l.user_id IN ({ids})"""
_BOOKINGS = "SELECT person, school, COUNT(*), MIN(made) FROM ({0} UNION {1}) x GROUP BY person, school"
_TAUGHT = """
    SELECT l.monitor_id, b.school_id, COUNT(*)
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id
    WHERE l.monitor_id IN ({ids}) GROUP BY l.monitor_id, b.school_id"""

_CLASS = """JOIN course_groups_subgroups2 s ON s.id = l.course_groups_subgroup2_id
    JOIN course_groups2 g ON g.id = s.course_group2_id JOIN course_dates2 d ON d.course2_id = g.course2_id"""
_DATES = (
    """SELECT l.user_id AS person, b.school_id AS school, CAST(l.date AS CHAR) AS day
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE l.user_id IN ({ids})""",
    """SELECT b.user_main_id, b.school_id, CAST(l.date AS CHAR)
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE b.user_main_id IN ({ids})""",
    """SELECT l.monitor_id, b.school_id, CAST(l.date AS CHAR)
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE l.monitor_id IN ({ids})""",
    f"""SELECT l.user_id, b.school_id, CAST(d.date AS CHAR)
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id {_CLASS} WHERE l.user_id IN ({{ids}})""",
    f"""SELECT b.user_main_id, b.school_id, CAST(d.date AS CHAR)
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id {_CLASS} WHERE b.user_main_id IN ({{ids}})""",
    """SELECT s.monitor_id, c.school_id, CAST(d.date AS CHAR)
    FROM course_groups_subgroups2 s JOIN course_groups2 g ON g.id = s.course_group2_id
    JOIN courses2 c ON c.id = g.course2_id JOIN course_dates2 d ON d.course2_id = c.id
    WHERE s.monitor_id IN ({ids})""",
)


def bookings_of(read: Reader, people: Iterable[int]) -> PerSchool:
    """Bookings, cancelled ones too, in which each person pays or takes part, by legacy school."""
    found: PerSchool = defaultdict(dict)
    sql = _BOOKINGS.replace("{0}", _PAID).replace("{1}", _TOOK_PART)
    for person, school, number, made in read.legacy_sql(sql, people):
        found[person][school] = Booked(int(number), made)
    return found


def taught_by(read: Reader, people: Iterable[int]) -> PerSchool:
    """Booked lessons that each person taught, by legacy school."""
    found: PerSchool = defaultdict(dict)
    for person, school, number in read.legacy_sql(_TAUGHT, people):
        found[person][school] = Booked(int(number), None)
    return found


def newest_dates(read: Reader, people: Iterable[int]) -> dict[tuple[int, int], str]:
    """The last service date (ISO text) by (person, legacy school): booked, attended or taught."""
    sql = f"SELECT person, school, MAX(day) FROM ({' UNION ALL '.join(_DATES)}) x WHERE day IS NOT NULL GROUP BY person, school"
    return {(person, school): day for person, school, day in read.legacy_sql(sql, people)}
