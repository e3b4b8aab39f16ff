"""Tables without a place in V5, and the coverage of every table and column (section 5, R-08)."""

from __future__ import annotations

import pytest

from entities.archive import legacy
from entities.archive.migration import HOMELESS, LOOKUPS, REASONS, SUPERSEDED, ArchiveMigration
from entities.engine import coverage
from entities.engine.environment import Scope
from entities.engine.extract import RowBatch
from entities.engine.values import Aggregate, Unit
from entities.monitors.legacy import LegacyMonitorWishedSport
from tests.rows import environment, row

SEGMENTS = {segment.model: segment for segment in ArchiveMigration().segments()}


@pytest.mark.parametrize("model", REASONS, ids=lambda model: model._meta.db_table)
def test_every_row_is_left_out_with_the_reason_of_its_table(model):
    one = row(model, id=4)
    unit = Unit(one, environment(), ArchiveMigration().school_of(one))
    SEGMENTS[model].transform(Aggregate(one, {}), unit.env, unit)
    (entry,) = unit.entries
    assert (entry.entity, entry.disposition) == (f"archive:{model._meta.db_table}", "skipped")
    assert entry.reason == REASONS[model]
    assert (entry.archive is None) is (model is legacy.LegacyUserCard)


def test_the_reasons_are_those_of_the_rules():
    assert {REASONS[model] for model in SUPERSEDED} == {"SUPERSEDED"}
    assert {REASONS[model] for model in HOMELESS} == {"NO_TARGET"}
    assert {REASONS[model] for model in LOOKUPS} == {"LOOKUP_ONLY"}
    assert REASONS[LegacyMonitorWishedSport] == "SELF_DECLARED"
    assert REASONS[legacy.LegacyUserCard] == "SENSITIVE"


def test_secrets_do_not_reach_the_archive():
    one = row(legacy.LegacyFirstBooking, id=4, payrexx_transaction="eyJpdiI6", payrexx_reference="Boukii #4")
    unit = Unit(one, environment())
    SEGMENTS[legacy.LegacyFirstBooking].transform(Aggregate(one, {}), unit.env, unit)
    assert "payrexx_transaction" not in unit.entries[0].archive
    assert unit.entries[0].archive["payrexx_reference"] == "Boukii #4"


@pytest.mark.parametrize(
    ("model", "scope", "where"),
    [
        (legacy.LegacyFirstCourse, Scope(), ""),
        (legacy.LegacyFirstCourse, Scope(frozenset({3})), "t.school_id IN (3)"),
        (legacy.LegacyCommunication, Scope(frozenset({3})), "t.communication_school_id IN (3)"),
        (legacy.LegacyOffer, Scope(), ""),
        (legacy.LegacyOffer, Scope(frozenset({3})), "1 = 0"),
        (legacy.LegacyOffer, Scope(None, frozenset({3})), ""),
    ],
)
def test_rows_of_a_school_go_with_it_and_others_with_the_wave_of_all(model, scope, where):
    assert SEGMENTS[model].where(scope) == where


def test_rows_tell_their_school_where_they_name_one():
    migration = ArchiveMigration()
    assert migration.school_of(row(legacy.LegacyCommunication, communication_school_id=7)) == 7
    assert migration.school_of(row(legacy.LegacyFavoriteSchool, school_id=8)) == 8
    assert migration.school_of(row(legacy.LegacyOffer)) is None


def test_each_table_has_its_own_entity_in_the_map():
    batch = RowBatch([row(legacy.LegacyOffer, id=4), row(legacy.LegacyOffer, id=5)], {})
    assert ArchiveMigration().known_ids(batch) == {"archive:offers": {4, 5}}
    names = [segment.name for segment in ArchiveMigration().segments()]
    assert names[0] == "" and len(set(names)) == len(names) == len(REASONS)


def test_every_legacy_table_is_accounted_by_some_migration():
    assert coverage.unaccounted() == []
    assert len(coverage.legacy_models()) == 76


def test_every_legacy_column_is_mapped_used_kept_archived_or_excluded_with_a_reason():
    assert coverage.gaps() == []


def test_the_catalogue_says_what_becomes_of_a_column():
    uses = {use.column: use for use in coverage.table_of(coverage_model("schools"))}
    assert uses["id"].state == "mapped"
    assert (uses["name"].state, uses["payrexx_key"].state) == ("mapped", "excluded")
    assert "GR-17" in uses["payrexx_key"].detail
    assert {use.state for use in coverage.table_of(coverage_model("user_cards"))} == {"excluded"}
    assert {use.column: use.state for use in coverage.table_of(coverage_model("bookings"))}[
        "paid"
    ] == "archived"
    icons = {use.column: use.state for use in coverage.table_of(coverage_model("courses_icons"))}
    assert icons == {"id": "key", "sport_id": "input", "course_type_id": "input", "icon": "input"}


def coverage_model(table):
    return next(model for model in coverage.legacy_models() if model._meta.db_table == table)
