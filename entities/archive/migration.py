"""Tables that no other migration reads as its own: superseded, homeless, lookups, secret (section 5).

Every row gets an entry, so that the balance covers the whole legacy database; the full row is kept in
`legacy_archive`, except card data, which is counted and never copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from entities.archive import legacy
from entities.degrees.legacy import LegacyDegree
from entities.engine.definition import Migration, Segment
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.values import Aggregate, Row, Unit
from entities.monitors.legacy import LegacyMonitorWishedSport
from entities.reference.legacy import LegacyCountry, LegacyNationality, LegacyProvince

SENSITIVE = "SENSITIVE"

SUPERSEDED = (
    legacy.LegacyFirstCourse,
    legacy.LegacyFirstPrivateCourse,
    legacy.LegacyFirstCourseDate,
    legacy.LegacyFirstCourseGroup,
    legacy.LegacyFirstCourseSubgroup,
    legacy.LegacyFirstBooking,
    legacy.LegacyFirstBookingLine,
    legacy.LegacyFirstPrivateBooking,
    legacy.LegacyFirstPrivateBookingLine,
)
HOMELESS = (
    legacy.LegacyFavoriteSchool,
    legacy.LegacyFavoriteStation,
    legacy.LegacyCommunication,
    legacy.LegacyCommunicationRead,
    legacy.LegacyActivity,
    legacy.LegacyEvent,
    legacy.LegacyOffer,
    legacy.LegacyArchivedFile,
    legacy.LegacyDegreeSchoolType,
)
LOOKUPS = (
    LegacyCountry,
    LegacyProvince,
    LegacyNationality,
    LegacyDegree,
    legacy.LegacyUserType,
    legacy.LegacyCourseType,
    legacy.LegacyCourseSupertype,
    legacy.LegacyPaymentMethod,
    legacy.LegacyNwdSubtype,
    legacy.LegacyAdminRestrictionAction,
    legacy.LegacyAdminRestrictionType,
)
REASONS: dict[Any, str] = {
    **dict.fromkeys(SUPERSEDED, "SUPERSEDED"),
    **dict.fromkeys(HOMELESS, "NO_TARGET"),
    LegacyMonitorWishedSport: "SELF_DECLARED",
    **dict.fromkeys(LOOKUPS, "LOOKUP_ONLY"),
    legacy.LegacyUserCard: SENSITIVE,
}
SCHOOL_COLUMNS = {legacy.LegacyCommunication: "communication_school_id"}


def school_column(model: Any) -> str:
    """The column that names the school of a row; "" when the table has none."""
    columns = {field.column for field in model._meta.concrete_fields}
    return SCHOOL_COLUMNS.get(model, "school_id" if "school_id" in columns else "")


class ArchiveMigration(Migration):
    """One key space per table; nothing of it becomes a V5 record."""

    name, title, phase = "archive", "Tables without a place in V5", 4
    root, root_entity = legacy.LegacyFirstCourse, ""
    archived = {model._meta.db_table: reason for model, reason in REASONS.items()}

    def segments(self) -> list[Segment]:
        return [
            Segment(
                "" if model is self.root else model._meta.db_table,
                model,
                _where(model),
                _leave_out,
                {},
                entity_of(model),
            )
            for model in REASONS
        ]

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        return {f"archive:{table}": {row.id for row in rows} for table, rows in batch.by_table().items()}

    def school_of(self, root: Row) -> int | None:
        for column in ("school_id", *SCHOOL_COLUMNS.values()):
            if column in root._fields:
                school: int | None = getattr(root, column)
                return school
        return None


def entity_of(model: Any) -> str:
    return f"archive:{model._meta.db_table}"


def _where(model: Any) -> Callable[[Scope], str]:
    column = school_column(model)

    def where(scope: Scope) -> str:
        """Rows of a school go with it; rows of no school belong to the waves of all schools."""
        if column:
            return scope.where(f"t.{column}")
        return "" if scope.schools is None else "1 = 0"

    return where


def _leave_out(aggregate: Aggregate, env: Env, unit: Unit) -> None:
    row = aggregate.root
    reason = ArchiveMigration.archived[row._table]
    unit.skip(f"archive:{row._table}", row, reason, archive=reason != SENSITIVE)
