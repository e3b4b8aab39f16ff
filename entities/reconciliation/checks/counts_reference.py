"""Counts of reference data and of what belongs to schools (section 3)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from entities.engine import source
from entities.reconciliation.check import Check, Looked
from entities.reconciliation.checks.counted import Ask, Counted
from entities.reconciliation.checks.counts_seasons import Seasons
from entities.reconciliation.checks.plainly import folded
from entities.reconciliation.reading import Reading
from entities.reference.legacy import LegacyStationService

HOW_KEYS = _("Names that are equal in legacy, blanks and case aside, must have led to one V5 record each.")
HOW_ONE = _("Every legacy row must have a V5 record of its own, or a reason why not.")
HOW_SCHOOL = _("What is equal within a school in legacy must have led to one V5 record of that school.")


class _Listed(Counted):
    """A line whose rows one statement gives: id, school, and whatever tells which of them are the same."""

    phase = 2
    how = HOW_ONE
    sql: ClassVar[str] = ""  # columns id, school and more, `{after}` and `{upto}` are limits of the key

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        for row in read.legacy(self.sql, [after, upto]):
            yield Ask(self.label(row), row.school, row.id)

    def label(self, row: Any) -> Hashable:
        return row.id


class Languages(_Listed):
    id, title, how = "R-10-languages", _("Languages: as many as legacy has codes"), HOW_KEYS
    entity = "language"
    table = v5_table = "languages"
    sql = "SELECT id, NULL AS school, code AS name FROM languages WHERE id > %s AND id <= %s"
    size = 1_000_000  # equal names may stand anywhere in the table

    def label(self, row: Any) -> Hashable:
        return folded(row.name)


class SportTypes(Languages):
    id, title = "R-10-sport-types", _("Sport types: as many as legacy has names")
    entity = "sport_type"
    table = v5_table = "sport_types"
    sql = "SELECT id, NULL AS school, name FROM sport_types WHERE id > %s AND id <= %s"


class ServiceTypes(Languages):
    id, title = "R-10-service-types", _("Service types: as many as legacy has names")
    entity = "service_type"
    table = v5_table = "service_type"
    sql = "SELECT id, NULL AS school, name FROM service_type WHERE id > %s AND id <= %s"


class Sports(Languages):
    id, title = "R-10-sports", _("Sports: as many as legacy has names within a sport type")
    entity = "sport"
    table = v5_table = "sports"
    sql = (
        "SELECT s.id, NULL AS school, s.name, t.name AS kind, s.sport_type FROM sports s"
        " LEFT JOIN sport_types t ON t.id = s.sport_type WHERE s.id > %s AND s.id <= %s"
    )

    def label(self, row: Any) -> Hashable:
        return folded(row.name), row.sport_type if row.kind is None else folded(row.kind)


class Stations(Languages):
    id, title = "R-10-stations", _("Stations: as many as legacy has names within a country")
    entity = "station"
    table = v5_table = "stations"
    sql = "SELECT id, NULL AS school, name, country_id FROM stations WHERE id > %s AND id <= %s"

    def label(self, row: Any) -> Hashable:
        return folded(row.name), row.country_id


class StationServices(_Listed):
    id, title = "R-10-station-services", _("Services of stations: one V5 record each")
    entity, table, v5_table = "station_service", "station_services", "station_service"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        rows = read.legacy(f"SELECT id FROM {self.live} WHERE id > %s AND id <= %s", [after, upto])
        return [Ask(row.id, None, row.id) for row in rows]

    @property
    def live(self) -> str:
        """The table's name in this dump: spellings differ."""
        return source.of(LegacyStationService).table

    def total(self, read: Reading) -> int:
        return max(1, read.highest("legacy", self.live))

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after = 0 if cursor is None else cursor
        upto = read.upto("legacy", self.live, after, self.size)
        self.slice(read, after, 2**62 if upto is None else upto, looked)
        return upto


class Schools(_Listed):
    id, title = "R-10-schools", _("Schools: one V5 school each")
    entity, table, v5_table = "school", "schools", "schools"
    sql = "SELECT id, id AS school FROM schools WHERE id > %s AND id <= %s"


class SchoolColors(_Listed):
    id, title, how = "R-10-school-colors", _("Calendar colours: as many as each school has"), HOW_SCHOOL
    entity, table, v5_table = "school_color", "school_colors", "school_colors"
    sql = "SELECT id, school_id AS school, name, color FROM school_colors WHERE id > %s AND id <= %s"
    size = 1_000_000

    def label(self, row: Any) -> Hashable:
        return row.school, folded(row.name), folded(row.color)


class StationSchools(SchoolColors):
    id, title = "R-10-station-schools", _("Stations of schools: as many as each school works at")
    entity, table, v5_table = "station_school", "stations_schools", "stations_schools"
    sql = (
        "SELECT l.id, l.school_id AS school, s.name, s.country_id, l.station_id FROM stations_schools l"
        " LEFT JOIN stations s ON s.id = l.station_id WHERE l.id > %s AND l.id <= %s"
    )

    def label(self, row: Any) -> Hashable:
        return row.school, folded(row.name) or row.station_id, row.country_id


class SchoolSports(SchoolColors):
    id, title = "R-10-school-sports", _("Sports of schools: as many as each school offers")
    entity, table, v5_table = "school_sport", "school_sports", "school_sports"
    sql = (
        "SELECT l.id, l.school_id AS school, s.name, t.name AS kind, l.sport_id FROM school_sports l"
        " LEFT JOIN sports s ON s.id = l.sport_id LEFT JOIN sport_types t ON t.id = s.sport_type"
        " WHERE l.id > %s AND l.id <= %s"
    )

    def label(self, row: Any) -> Hashable:
        return row.school, folded(row.name) or row.sport_id, folded(row.kind)


class SalaryLevels(_Listed):
    id, title = "R-10-salary-levels", _("Pay bands: one V5 record each")
    entity, table, v5_table = "school_salary_level", "school_salary_levels", "school_salary_levels"
    sql = "SELECT id, school_id AS school FROM school_salary_levels WHERE id > %s AND id <= %s"


class Tasks(_Listed):
    id, title = "R-10-tasks", _("Tasks of schools: one V5 record each")
    entity, table, v5_table = "task", "tasks", "tasks"
    sql = "SELECT id, school_id AS school FROM tasks WHERE id > %s AND id <= %s"


class TaskChecks(_Listed):
    id, title = "R-10-task-checks", _("Points of tasks: one V5 record each")
    entity, table, v5_table = "task_check", "task_checks", "task_checks"
    sql = (
        "SELECT c.id, t.school_id AS school FROM task_checks c LEFT JOIN tasks t ON t.id = c.task_id"
        " WHERE c.id > %s AND c.id <= %s"
    )


class Mails(_Listed):
    id, title = "R-10-mails", _("Mail templates: one V5 record each")
    entity, table, v5_table = "mail", "mails", "mails"
    sql = "SELECT id, school_id AS school FROM mails WHERE id > %s AND id <= %s"


class Degrees(_Listed):
    id, title = "R-10-degrees", _("Levels of schools: one V5 level each, the default list included")
    phase = 3
    entity, table, v5_table = "degree", "degrees_school_sport", "degrees"
    sql = "SELECT id, school_id AS school FROM degrees_school_sport WHERE id > %s AND id <= %s"


class DegreeGoals(_Listed):
    id, title = "R-10-degree-goals", _("Goals of levels: one V5 goal each")
    phase = 3
    entity, table, v5_table = "degree_goal", "degrees_school_sport_goals", "degrees_school_sport_goals"
    sql = (
        "SELECT g.id, d.school_id AS school FROM degrees_school_sport_goals g"
        " LEFT JOIN degrees_school_sport d ON d.id = g.degrees_school_sport_id WHERE g.id > %s AND g.id <= %s"
    )


REFERENCE: tuple[type[Check], ...] = (
    Languages, SportTypes, Sports, ServiceTypes, Stations, StationServices, Schools, SchoolColors, StationSchools,
    SchoolSports, SalaryLevels, Tasks, TaskChecks, Mails, Degrees, DegreeGoals, Seasons,
)  # fmt: skip
