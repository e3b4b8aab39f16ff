"""Seasons: V5 has them, legacy does not; they are made from service dates (4.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Given
from entities.engine.read import Reader
from entities.engine.values import SYNTHESISED, Aggregate, Entry, Row, Unit
from entities.schools.legacy import LegacySchool
from entities.schools.v5 import V5School
from entities.seasons import dates, resolver, rules
from entities.seasons.v5 import V5Season
from tracking.sentences import sentence

HOURS = ("08:00:00", "18:00:00")
LISTED = 50  # implausible dates kept as evidence
OURS = "SELECT v5_id FROM legacy_id_mappings WHERE entity_type = 'season' AND v5_id IS NOT NULL"


class SeasonMapping(Mapping):
    """4.9: one season per school and season year with a service date (Q-13)."""

    entity = "season"
    source, target = LegacySchool, V5Season
    inputs = ("id",)

    name = Given("years of the season", rule="Q-13")
    start_date = Given("first day of the season year", rule="Q-13")
    end_date = Given("last day of the season year", rule="Q-13")
    is_active = Given("1 only for the running season and by decision", rule="Q-14")
    school_id = Given("V5 id of the school", uses=("id",))
    hour_start = Const(HOURS[0])
    hour_end = Const(HOURS[1])
    vacation_days = Given("no days")
    is_current = Given("1 when it runs at cut-over")
    is_historical = Given("1 when it is over at cut-over")
    is_closed = Given("1 when it is over at cut-over")
    closed_at = Given("its last day when it is over at cut-over")


@dataclass(frozen=True)
class SeasonFacts:
    """By legacy school: service dates, and seasons of others that V5 held before; by V5 school: its current one."""

    dates: dict[int, dates.ServiceDates]
    present: resolver.Seasons
    current: dict[int, int | None]
    ours: frozenset[int]


class SeasonMigration(Migration):
    """The seasons of each school, and which of them is the current one."""

    name, title, phase, after = "seasons", "Seasons", 2, ("schools",)
    root, root_entity = LegacySchool, ""
    mappings = (SeasonMapping,)
    fast = False

    def scope_where(self, scope: Scope) -> str:
        return scope.where("t.id")

    def school_of(self, root: Row) -> int | None:
        return int(root.id)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"school": {row.id for row in batch.roots}}

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"season": {0}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> SeasonFacts:
        schools = [row.id for row in batch.roots]
        seasons = resolver.load(read, schools)
        ours = frozenset(row[0] for row in read.v5_sql(OURS))
        others = {
            school: [season for season in found if season.id not in ours]
            for school, found in seasons.by_school.items()
        }
        known = {env.known["school"].get(school) for school in schools}
        current = {row.id: row.current_season_id for row in read.v5(V5School, "id", known)}
        return SeasonFacts(dates.load(read, schools, env.today), resolver.Seasons(others), current, ours)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        school = aggregate.root
        v5_school = env.known["school"].get(school.id)
        if v5_school is None:
            return
        found = env.facts.dates.get(school.id) or dates.ServiceDates()
        present = env.facts.present.of(school.id)
        planned = rules.plan(found.days, env.choices.of("season_mode", school=school.id), present)
        needed = needs_catch_all(found, [*planned, *present])
        entries = [
            (one, _write(one, school, v5_school, env, unit))
            for one in [*planned, *rules.catch_all(planned, present, needed)]
        ]
        if entries and found.implausible:
            entries[-1][1].keep(dates_left_out=sorted(found.implausible)[:LISTED])
        _point_to_current(
            v5_school, [(one.holds(env.today), entry.v5_id) for one, entry in entries], present, env, unit
        )


def needs_catch_all(found: dates.ServiceDates, seasons: list[Any]) -> bool:
    """Whether some service date lies in no season, or some booking has no day at all that does."""
    days = found.days | found.undated | (found.implausible if found.booked_implausible else set())
    return any(not any(season.holds(day) for season in seasons) for day in days)


def _write(season: rules.Planned, school: Row, v5_school: int, env: Env, unit: Unit) -> Entry:
    activate = env.choices.of("active_season", school=school.id) == "running"
    given = {
        "name": season.name,
        "start_date": season.start,
        "end_date": season.end,
        "school_id": v5_school,
        "vacation_days": [],
        **rules.state(season, env.today, activate),
    }
    entry = unit.draft(
        SeasonMapping, school, given, part=rules.part_of(school.id, season.name), legacy_id=0,
        disposition=SYNTHESISED, reason="SEASON",
    )  # fmt: skip
    if season.name == resolver.CATCH_ALL:
        entry.warn("CATCH_ALL_SEASON", message=sentence("some bookings have no day that tells their season"))
    elif season.days:
        entry.keep(service_days=season.days)
    return entry


def _point_to_current(
    v5_school: int,
    written: list[tuple[bool, int | None]],
    present: list[resolver.Season],
    env: Env,
    unit: Unit,
) -> None:
    """`schools.current_season_id`: the running season, unless V5 has chosen one of its own since."""
    running = [season.id for season in present if season.holds(env.today)]
    running += [v5_id for runs, v5_id in written if runs and v5_id is not None]
    now = env.facts.current.get(v5_school)
    if running and (now is None or now in env.facts.ours):
        unit.patch("schools", v5_school, "current_season_id", running[0])
