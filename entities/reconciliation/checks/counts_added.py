"""Counts of what was made without a legacy row of its own: levels nobody listed, stand-ins for unknown people (section 3)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Seen, Whole
from entities.reconciliation.reading import Reading

ADDED = (
    "SELECT v5_id, part, school_id FROM legacy_id_mappings WHERE entity_type = %s AND v5_table = %s"
    " AND disposition = 'synthesised' AND reason = %s AND v5_id IS NOT NULL ORDER BY id"
)
NOBODY = "NOT EXISTS (SELECT 1 FROM users u WHERE u.id = {0} AND u.user_type BETWEEN 1 AND 6)"
USES = (
    ("SELECT DISTINCT b.school_id FROM bookings2 b WHERE ", "b.user_main_id"),
    (
        "SELECT DISTINCT b.school_id FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE ",
        "l.user_id",
    ),
    ("SELECT DISTINCT v.school_id FROM vouchers v WHERE ", "v.user_id"),
)
REJECTED = (
    "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'client' AND disposition = 'rejected'"
)


class _Added(Whole):
    """Write `is_wanted`. Each (school, …) may stand once, and only where legacy calls for it."""

    phase, rule = 3, "R-10"
    entity: ClassVar[str] = ""
    v5_table: ClassVar[str] = ""
    reason: ClassVar[str] = ""

    def look(self, read: Reading, looked: Looked) -> None:
        seen: dict[str, int] = defaultdict(int)
        for row in read.v5(ADDED, [self.entity, self.v5_table, self.reason]):
            if not (row.school_id is None or read.scope.has(row.school_id)):
                continue
            looked.examined(row.school_id)
            seen[row.part] += 1
            why = "a second one of the same kind" if seen[row.part] > 1 else self.fault(read, row)
            if why:
                looked.find(
                    Seen(
                        Kind.EXTRA,
                        row.school_id,
                        self.entity,
                        "",
                        None,
                        row.part,
                        self.v5_table,
                        row.v5_id,
                        message=why,
                    )
                )

    def fault(self, read: Reading, row: Any) -> str:
        """Why nothing in legacy calls for it; empty when something does."""
        raise NotImplementedError


class LazyDegrees(_Added):
    """A level of (school, sport, level of the ladder) is made only where legacy has no row for it (3.2)."""

    id, title = "R-10-added-degrees", _("Levels that no school listed: only where legacy has none")
    how = _("Each V5 level that was made for want of a row must be missing in the legacy list of the school.")
    entity, v5_table, reason = "degree", "degrees", "LAZY_DEGREE"

    def fault(self, read: Reading, row: Any) -> str:
        school, sport, degree = (int(one) for one in row.part.split(":"))
        where = "d.school_id IS NULL AND 0 = %s" if not school else "d.school_id = %s"
        listed = read.legacy(
            f"SELECT COUNT(*) AS n FROM degrees_school_sport d WHERE {where} AND d.sport_id = %s AND d.degree_id = %s",
            [school, sport, degree],
        )[0].n
        return "legacy lists this level at the school" if listed else ""


class StandIns(_Added):
    """One stand-in per school, and only where somebody unknown books, takes part or owns a voucher (Q-35)."""

    id, title = "R-10-added-clients", _("Stand-ins for unknown clients: one per school that needs one")
    how = _(
        "A school has a stand-in only if a legacy booking, line or voucher names somebody who does not exist."
    )
    entity, v5_table, reason = "client", "clients", "PLACEHOLDER_CLIENT"

    def fault(self, read: Reading, row: Any) -> str:
        if read.choices.of("missing_client", school=row.school_id) != "placeholder":
            return "the choice is to keep such records back (Q-35)"
        if "needing" not in read.memory:
            read.memory["needing"] = self._needing(read)
        return "" if row.school_id in read.memory["needing"] else "nobody is unknown at this school"

    @staticmethod
    def _needing(read: Reading) -> set[int]:
        """Schools where somebody is named who is in no table, of no known kind, or rejected."""
        rejected = {row.legacy_id for row in read.v5(REJECTED)}
        found: set[int] = set()
        for sql, column in USES:
            rows = read.legacy(sql + NOBODY.format(column))
            rows += read.within("legacy", f"{sql}{column} IN ({{ids}})", rejected)
            found |= {row.school_id for row in rows}
        return found
