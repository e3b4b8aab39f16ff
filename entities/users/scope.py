"""Which people belong to a wave of some schools: members, payers, participants, voucher owners, teachers."""

from __future__ import annotations

from entities.engine.environment import Scope

_TIES = (
    "SELECT 1 FROM user_schools x WHERE x.user_id = t.id",
    "SELECT 1 FROM bookings2 x WHERE x.user_main_id = t.id",
    "SELECT 1 FROM booking_users2 l JOIN bookings2 x ON x.id = l.booking2_id WHERE l.user_id = t.id",
    "SELECT 1 FROM vouchers x WHERE x.user_id = t.id",
    "SELECT 1 FROM user_sports x WHERE x.user_id = t.id",
)
_TEACHING = (
    "SELECT 1 FROM booking_users2 l JOIN bookings2 x ON x.id = l.booking2_id WHERE l.monitor_id = t.id",
    "SELECT 1 FROM course_groups_subgroups2 s JOIN course_groups2 g ON g.id = s.course_group2_id "
    "JOIN courses2 x ON x.id = g.course2_id WHERE s.monitor_id = t.id",
)


def people_where(scope: Scope) -> str:
    """SQL on `users` (alias `t`) that keeps whoever has to do with a school of the scope; "" for all schools."""
    if scope.schools is None:
        return ""
    own = scope.where("x.school_id")
    ties = [f"EXISTS ({tie} AND {own})" for tie in _TIES]
    ties += [f"(t.user_type = 3 AND EXISTS ({tie} AND {own}))" for tie in _TEACHING]
    return " OR ".join(ties)
