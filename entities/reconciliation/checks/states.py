"""R-17 and R-18: what was deleted stays deleted, and every record is as old as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.checks.counts_notes import SCHOOL
from entities.reconciliation.checks.counts_people import shared_addresses
from entities.reconciliation.checks.plainly import deleted, moment
from entities.reconciliation.checks.walked import Line, Walked, Wrong
from entities.reconciliation.reading import Reading

BOOKING = "LEFT JOIN bookings2 b ON b.id = t.booking2_id"
COURSE = "LEFT JOIN courses2 c ON c.id = t.course2_id"
CLASS = "LEFT JOIN course_groups2 g ON g.id = t.course_group2_id LEFT JOIN courses2 c ON c.id = g.course2_id"
LEVEL = "LEFT JOIN degrees_school_sport d ON d.id = t.degrees_school_sport_id"
EVALUATED = (
    "LEFT JOIN users u ON u.id = t.user_id"
    " LEFT JOIN degrees_school_sport d ON d.id = t.degrees_school_sport_id AND u.id IS NOT NULL"
)
EVALUATION = f"LEFT JOIN evaluations e ON e.id = t.evaluation_id {SCHOOL}"
AUTHORISED = "LEFT JOIN user_sports s ON s.id = t.user_sport_id"
USE = "LEFT JOIN bookings2 b ON b.id = t.booking_id"

# entity, legacy table, V5 table, school, joins
DELETED: tuple[tuple[str, str, str, str, str], ...] = (
    ("school_color", "school_colors", "school_colors", "t.school_id", ""),
    ("school_salary_level", "school_salary_levels", "school_salary_levels", "t.school_id", ""),
    ("degree", "degrees_school_sport", "degrees", "t.school_id", ""),
    ("degree_goal", "degrees_school_sport_goals", "degrees_school_sport_goals", "d.school_id", LEVEL),
    ("user", "users", "users", "NULL", ""),
    ("client", "users", "clients", "NULL", ""),
    ("client_sport", "user_sports", "clients_sports", "t.school_id", ""),
    ("evaluation_file", "evaluation_files", "evaluation_files", "d.school_id", EVALUATION),
    ("evaluation_goal", "evaluation_fulfilled_goals", "evaluation_fulfilled_goals", "d.school_id", EVALUATION),
    ("monitor", "users", "monitors", "NULL", ""),
    ("monitor_sport_degree", "user_sports", "monitor_sports_degrees", "t.school_id", ""),
    ("monitor_authorized_degree", "user_sport_authorized_degrees", "monitor_sport_authorized_degrees", "s.school_id",
     AUTHORISED),
    ("monitor_nwd", "user_nwd", "monitor_nwd", "t.school_id", ""),
    ("course_group", "course_groups2", "course_groups", "c.school_id", COURSE),
    ("course_subgroup", "course_groups_subgroups2", "course_subgroups", "c.school_id", CLASS),
    ("voucher", "vouchers", "vouchers", "t.school_id", ""),
    ("voucher_log", "vouchers_log", "vouchers_log", "b.school_id", USE),
)  # fmt: skip
AGED = (
    *DELETED,
    ("school", "schools", "schools", "t.id", ""),
    ("task", "tasks", "tasks", "t.school_id", ""),
    ("mail", "mails", "mails", "t.school_id", ""),
    ("school_user", "user_schools", "school_users", "t.school_id", ""),
    ("client_school", "user_schools", "clients_schools", "t.school_id", ""),
    ("client_utilizer", "user_groups", "clients_utilizers", "NULL", ""),
    ("client_observation", "user_observations", "client_observations", "NULL", ""),
    ("evaluation", "evaluations", "evaluations", "d.school_id", EVALUATED),
    ("monitor_school", "user_schools", "monitors_schools", "t.school_id", ""),
    ("monitor_observation", "user_observations", "monitor_observations", "NULL", ""),
    ("booking", "bookings2", "bookings", "t.school_id", ""),
    ("booking_user", "booking_users2", "booking_users", "b.school_id", BOOKING),
)
# Tables whose rows belong to clients, monitors or the back office.
SHARED = frozenset({"users", "user_schools", "user_sports", "user_observations"})
NUMBERED = frozenset({"users"})  # their mark of deletion may be a number


def _state(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    if deleted(row.deleted) != (found.deleted is not None):
        yield "deleted_at", row.deleted if deleted(row.deleted) else None, found.deleted


def _account(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    """An account lives as long as one of the people who share its address does."""
    if read.choices.of("merge_users") == "merge":
        if "together" not in read.memory:
            read.memory["together"] = {one for ids in shared_addresses(read).values() for one in ids}
        if row.id in read.memory["together"]:
            return
    yield from _state(row, found, read)


def _cancelled(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    """Deleting a booking or a line means cancelling it (GR-09): never deleted in V5, but cancelled."""
    if found.deleted is not None:
        yield "deleted_at", None, found.deleted
    if bool(row.gone) != (found.status == 2):
        yield "status", 2 if row.gone else "not 2", found.status


def _line(one: tuple[str, str, str, str, str]) -> Line:
    entity, table, v5_table, school, joins = one
    mark = "t.deleted_at" if table in NUMBERED else "TEXT(t.deleted_at)"
    return Line(
        entity, table, v5_table, f"{school} AS school, {mark} AS deleted", "TEXT(v.deleted_at) AS deleted",
        _account if entity == "user" else _state, joins,
    )  # fmt: skip


ANY_LINE = "EXISTS (SELECT 1 FROM booking_users2 l WHERE l.booking2_id = t.id)"
LIVE_LINE = "EXISTS (SELECT 1 FROM booking_users2 l WHERE l.booking2_id = t.id AND l.deleted_at IS NULL)"
DEAD_LINE = "EXISTS (SELECT 1 FROM booking_users2 l WHERE l.booking2_id = t.id AND l.deleted_at IS NOT NULL)"
WHOLLY_CANCELLED = f"(t.deleted_at IS NOT NULL OR {ANY_LINE} AND NOT {LIVE_LINE})"

BOOKINGS = Line(
    "booking", "bookings2", "bookings",
    f"t.school_id AS school, CASE WHEN {WHOLLY_CANCELLED} THEN 1 ELSE 0 END AS gone",
    "v.status, TEXT(v.deleted_at) AS deleted", _cancelled,
)  # fmt: skip
LINES = Line(
    "booking_user", "booking_users2", "booking_users",
    "b.school_id AS school, CASE WHEN t.deleted_at IS NOT NULL OR b.deleted_at IS NOT NULL THEN 1 ELSE 0 END AS gone",
    "v.status, TEXT(v.deleted_at) AS deleted", _cancelled, joins=BOOKING,
)  # fmt: skip


class TrashedStates(Walked):
    """R-17: deletion stays deletion; for bookings and their lines it becomes cancellation."""

    id, title = (
        "R-17",
        _("What was deleted is deleted, what was alive is alive, cancelled bookings are cancelled"),
    )
    how = _("The mark of deletion of every legacy row is held against the V5 record that was made for it.")
    rule, phase = "R-17, GR-09", 3
    lines = (*map(_line, DELETED), BOOKINGS, LINES)


def _age(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    old, new = moment(row.created), moment(found.created)
    if (old or "")[:7] != (new or "")[:7]:
        yield "created_at", old, new


class Ages(Walked):
    """R-18: no month gains or loses records, and none exists only because of the import."""

    id, title = "R-18", _("Every record is as old as it was")
    how = _(
        "The month in which every legacy row was created is held against that of the V5 record made for it."
    )
    rule, phase = "R-18, GR-10", 3
    lines = tuple(
        Line(
            entity, table, v5_table, f"{school} AS school, TEXT(t.created_at) AS created",
            "TEXT(v.created_at) AS created", _age, joins, whole=table not in SHARED,
        )
        for entity, table, v5_table, school, joins in AGED
    )  # fmt: skip
