"""Every migration, in dependency order (mapping-rules section 9): name and dotted path, imported on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entities.engine.definition import Migration

MIGRATIONS: dict[str, str] = {
    # phase 2: reference data
    "languages": "entities.reference.migration.LanguageMigration",
    "sport_types": "entities.reference.migration.SportTypeMigration",
    "sports": "entities.reference.migration.SportMigration",
    "service_types": "entities.reference.migration.ServiceTypeMigration",
    "stations": "entities.reference.migration.StationMigration",
    "schools": "entities.schools.migration.SchoolMigration",
    "seasons": "entities.seasons.migration.SeasonMigration",
    # phase 3: users
    "degrees": "entities.degrees.migration.DegreeMigration",
    "lazy_degrees": "entities.degrees.lazy.LazyDegreeMigration",
    "users": "entities.users.migration.UserMigration",
    "clients": "entities.clients.migration.ClientMigration",
    "placeholder_clients": "entities.clients.placeholders.PlaceholderClientMigration",
    "client_links": "entities.clients.links.ClientLinkMigration",
    "monitors": "entities.monitors.migration.MonitorMigration",
    # phase 4: courses and bookings
    "foreign_monitors": "entities.courses.members.ForeignMonitorMigration",
    "courses_grouped": "entities.courses.migration.GroupedCourseMigration",
    "courses": "entities.courses.migration.CourseMigration",
    "placeholder_courses": "entities.courses.placeholders.PlaceholderCourseMigration",
    "vouchers": "entities.vouchers.migration.VoucherMigration",
    "bookings": "entities.bookings.migration.BookingMigration",
    "notices": "entities.bookings.notices.NoticeMigration",
    "attendances": "entities.bookings.attendances.AttendanceMigration",
    "season_roles": "entities.seasons.roles.SeasonRoleMigration",
    "archive": "entities.archive.migration.ArchiveMigration",
}


@cache
def get(name: str) -> Migration:
    """The migration of that name; raises KeyError with the names there are."""
    if name not in MIGRATIONS:
        raise KeyError(f"no migration {name!r}; there are {', '.join(MIGRATIONS)}")
    module, _, attribute = MIGRATIONS[name].rpartition(".")
    migration: Migration = getattr(import_module(module), attribute)()
    return migration


def of_phase(number: int) -> list[str]:
    """The migrations of one phase, in dependency order."""
    return [migration.name for migration in everything() if migration.phase == number]


def everything() -> tuple[Migration, ...]:
    """All migrations, in dependency order; one that is declared wrongly is refused here, hence at start-up."""
    return tuple(get(name) for name in MIGRATIONS)
