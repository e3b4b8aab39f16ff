"""R-19: every code of legacy has become the value that the list of codes (mapping rules, section 2) gives it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.checks.states import BOOKING, DEAD_LINE, WHOLLY_CANCELLED
from entities.reconciliation.checks.walked import Line, Walked, Wrong
from entities.reconciliation.reading import Reading

KINDS = {1: "admin", 2: "client", 3: "monitor", 4: "superadmin", 5: "viewer"}
AGES = {2: (2, 3), 3: (3, 5), 4: (5, 17), 5: (18, 99)}
ACTIVE, CANCELLED, IN_PART = 1, 2, 3


def _kind(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    """Super-administrators whom nobody ticked are viewers (Q-05)."""
    choice = read.choices.of("user_types")
    number = 5 if row.user_type == 4 and row.id not in choice.superadmins else row.user_type
    wanted = KINDS.get(number) if choice.notation == "names" else str(number)
    if found.type != wanted:
        yield "type", wanted, found.type


def _course_type(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    """The same number, unless legacy contradicts itself and the record says so."""
    if found.course_type != row.course_type_id and "COURSE_KIND_CONFLICT" not in (
        found.additional_data or ""
    ):
        yield "course_type", row.course_type_id, found.course_type


def _booking(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    wanted = row.payment_method_id if row.payment_method_id in (1, 2, 3, 4, 5) else None
    if found.payment_method_id != wanted:
        yield "payment_method_id", wanted, found.payment_method_id
    if (row.paid or 0) != (found.paid or 0):
        yield "paid", row.paid, found.paid
    if row.whole:
        state = CANCELLED
    else:
        state = IN_PART if row.part else ACTIVE
    if found.status != state:
        yield "status", state, found.status


def _absence(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    wanted = row.kind if row.kind in (1, 2, 3) else 1
    if found.kind != wanted:
        yield "user_nwd_subtype_id", wanted, found.kind


def _ages(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    """The group's own ages where it has some, else those that the code stands for (4.18)."""
    own = (row.age_min, row.age_max)
    if None in own or own == (1, 99):
        own = AGES.get(row.recommended_age, (0, 99))
    if (found.age_min, found.age_max) != own:
        yield "age_min", own, (found.age_min, found.age_max)


def _line_state(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    if found.status != (wanted := CANCELLED if row.gone else ACTIVE):
        yield "status", wanted, found.status


class Codes(Walked):
    """R-19, for user types, course types, payment methods, absences, ages, states of bookings and lines, and paid."""

    id, title = "R-19", _("Every code has the value that it stands for")
    how = _(
        "The codes of every legacy row are translated by the list of codes and held against its V5 record."
    )
    rule, phase = "R-19, mapping rules 2", 3
    lines = (
        Line("user", "users", "users", "NULL AS school, t.user_type", "v.type", _kind),
        Line("course", "courses2", "courses", "t.school_id AS school, t.course_type_id", "v.course_type", _course_type,
             where="t.group_id IS NULL AND t.course_type_id IN (1, 2, 3)"),
        Line("course_group", "course_groups2", "course_groups",
             "c.school_id AS school, t.age_min, t.age_max, t.recommended_age", "v.age_min, v.age_max", _ages,
             joins="LEFT JOIN courses2 c ON c.id = t.course2_id"),
        Line("monitor_nwd", "user_nwd", "monitor_nwd", "t.school_id AS school, t.user_nwd_subtype_id AS kind",
             "v.user_nwd_subtype_id AS kind", _absence),
        Line("booking", "bookings2", "bookings",
             f"t.school_id AS school, t.payment_method_id, t.paid, CASE WHEN {WHOLLY_CANCELLED} THEN 1 ELSE 0 END"
             f" AS whole, CASE WHEN {DEAD_LINE} THEN 1 ELSE 0 END AS part",
             "v.payment_method_id, v.paid, v.status", _booking),
        Line("booking_user", "booking_users2", "booking_users",
             "b.school_id AS school, CASE WHEN t.deleted_at IS NOT NULL OR b.deleted_at IS NOT NULL THEN 1 ELSE 0 END"
             " AS gone", "v.status", _line_state, joins=BOOKING),
    )  # fmt: skip
