"""Which people belong to a wave of some schools: members, payers, participants, voucher owners, teachers."""

from __future__ import annotations

from collections.abc import Iterable

from entities.engine.environment import Scope

_TIES = (
    "SELECT 1 FROM user_schools x WHERE x.user_id IN ({0})",
    "SELECT 1 FROM bookings2 x WHERE x.user_main_id IN ({0})",
    "SELECT 1 FROM booking_users2 l JOIN bookings2 x ON x.id = l.booking2_id WHERE l.user_id IN ({0})",
    "SELECT 1 FROM vouchers x WHERE x.user_id IN ({0})",
    "SELECT 1 FROM user_sports x WHERE x.user_id IN ({0})",
)
_TEACHING = (
    "SELECT 1 FROM booking_users2 l JOIN bookings2 x ON x.id = l.booking2_id WHERE l.monitor_id IN ({0})",
    "SELECT 1 FROM course_groups_subgroups2 s JOIN course_groups2 g ON g.id = s.course_group2_id "
    "JOIN courses2 x ON x.id = g.course2_id WHERE s.monitor_id IN ({0})",
)


def people_where(scope: Scope) -> str:
    """SQL on `users` (alias `t`) that keeps whoever has to do with a school of the scope; "" for all schools."""
    if scope.schools is None:
        return ""
    teaching = _exists(_TEACHING, "t.id", scope)
    return f"{_exists(_TIES, 't.id', scope)} OR (t.user_type = 3 AND ({teaching}))"


def any_of_them_where(columns: str, scope: Scope) -> str:
    """The same for rows that name persons in `columns` (SQL): one of them is enough."""
    return "" if scope.schools is None else _exists(_TIES, columns, scope)


def _exists(ties: Iterable[str], columns: str, scope: Scope) -> str:
    own = scope.where("x.school_id")
    return " OR ".join(f"EXISTS ({tie.format(columns)} AND {own})" for tie in ties)
