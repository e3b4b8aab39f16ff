"""A record that changed in legacy changes in V5, alone; a record that somebody edited in V5 is left as it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests import content, moves, toys
from tests.world import World
from tracking.models import Batch, Issue


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    toys.register(monkeypatch)


def move(**how: Any) -> Any:
    return moves.move((2,), only=[toys.NAME], **how)[0]


def changed_rows(before: content.Content) -> set[str]:
    """Tables of V5 whose content is not what it was."""
    return {line.split(":")[0] for line in content.differences(before, content.exactly()) if line[0] != " "}


def test_only_the_changed_record_is_written(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(50))
    move()
    before = content.exactly()
    empty_world.legacy_sql("UPDATE service_type SET name = 'New name' WHERE id = 17")
    run = move()
    assert (run.written_rows, Batch.objects.get(run=run).unchanged) == (2, 49)
    assert changed_rows(before) == {"service_type", "legacy_id_mappings"}
    assert (17, "New name") in toys.in_v5(empty_world)
    before_ids = {row[0] for row in empty_world.v5_sql("SELECT v5_id FROM legacy_id_mappings")}
    assert len(before_ids) == 50, "the V5 id stays"


def test_a_change_that_does_not_show_in_v5_is_noted_in_the_map_alone(empty_world: World) -> None:
    toys.rows(empty_world, ["  "])
    move()
    before = content.exactly()
    empty_world.legacy_sql("UPDATE service_type SET updated_at = updated_at")
    assert move().written_rows == 0
    assert changed_rows(before) == set()


def test_a_record_edited_in_v5_is_never_overwritten(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    move()
    empty_world.v5_sql("UPDATE service_type SET name = 'Edited by them' WHERE old_id = 3")
    empty_world.legacy_sql("UPDATE service_type SET name = 'New in legacy' WHERE id IN (3, 4)")
    move()
    assert dict(toys.in_v5(empty_world))[3] == "Edited by them"
    assert dict(toys.in_v5(empty_world))[4] == "New in legacy"
    issue = Issue.objects.get()
    assert (issue.code, issue.legacy_id, issue.level, issue.state) == ("TARGET_EDITED", 3, "warning", "open")
    again = move()
    issue.refresh_from_db()
    assert (again.written_rows, issue.state) == (0, "open"), "it is still different"
    assert dict(toys.in_v5(empty_world))[3] == "Edited by them"


def test_an_edit_alone_is_no_conflict(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    move()
    empty_world.v5_sql("UPDATE service_type SET name = 'Edited by them' WHERE old_id = 3")
    assert move().written_rows == 0
    assert dict(toys.in_v5(empty_world))[3] == "Edited by them"


def test_a_record_deleted_in_v5_is_not_brought_back(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    move()
    empty_world.v5_sql("DELETE FROM service_type WHERE old_id = 3")
    empty_world.legacy_sql("UPDATE service_type SET name = 'New in legacy' WHERE id = 3")
    move()
    assert 3 not in dict(toys.in_v5(empty_world))
    assert Issue.objects.get().code == "TARGET_EDITED"


def test_a_record_that_went_bad_keeps_its_v5_row(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    move()
    empty_world.legacy_sql("UPDATE service_type SET name = 'poison:bad' WHERE id = 3")
    move()
    assert dict(toys.in_v5(empty_world))[3] == "Toy 3"
    assert toys.entries(empty_world)[3] == ("rejected", "NAME_MISSING")
    assert empty_world.v5_sql(
        "SELECT COUNT(*) FROM legacy_id_mappings WHERE legacy_id = 3 AND v5_id IS NOT NULL"
    ) == [(1,)], "the row is still told apart from the application's own"
    assert move().written_rows == 0
    empty_world.legacy_sql("UPDATE service_type SET name = 'Good again' WHERE id = 3")
    move()
    assert toys.in_v5(empty_world)[2] == (3, "Good again")
    assert len(toys.in_v5(empty_world)) == 5


def test_a_new_record_is_added(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    move()
    toys.rows(empty_world, ["Late"], first=6)
    assert move().written_rows == 2
    assert toys.in_v5(empty_world)[-1] == (6, "Late")


def test_text_written_in_other_letters_stays_flagged(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys.column(monkeypatch, toys.TABLE, "name", charset="latin1")
    toys.rows(empty_world, ["Plain", "poison:letters"])
    move()
    assert toys.in_v5(empty_world) == [(1, "Plain"), (2, "Lódz")]
    issue = Issue.objects.get()
    assert (issue.code, issue.stage, issue.level) == ("TRANSLITERATED", "validate", "warning")
    (additional,) = empty_world.v5_sql("SELECT additional_data FROM legacy_id_mappings WHERE legacy_id = 2")[
        0
    ]
    assert "Łódź" in additional
    assert move().written_rows == 0
    issue.refresh_from_db()
    assert issue.state == "open", "the text is still written in other letters"


STATION = (
    "INSERT INTO stations (id, name, address, country_id, province_id, latitude, longitude, image, map, percha,"
    " telesilla, cabina, cabina_grande, fonicular, show_details, active)"
    " VALUES (%s, %s, '', 1, 1, '', '', '', '', 0, 0, 0, 0, 0, 0, 1)"
)
SERVICE = (
    "INSERT INTO {table} (id, station_id, service_type_id, name, url, telephone, email, image, active)"
    " VALUES (%s, %s, 1, %s, '', '', '', '', 1)"
)


@pytest.fixture
def stations(empty_world: World) -> World:
    """Two stations with a service each; a service of a third that does not exist."""
    toys.rows(empty_world, ["Shop"])
    names = {row[0] for row in empty_world.legacy_sql(_TABLES[empty_world.backend])}
    table = "station_services" if "station_services" in names else "station_service"
    for number in (1, 2):
        empty_world.legacy_sql(STATION, [number, f"Station {number}"])
    for number, station in ((11, 1), (12, 2), (13, 99)):
        empty_world.legacy_sql(SERVICE.format(table=table), [number, station, f"Service {number}"])
    empty_world.service_table = table  # type: ignore[attr-defined]
    return empty_world


_TABLES = {"sqlite": "SELECT name FROM sqlite_master", "mariadb": "SHOW TABLES"}


def test_a_child_that_changed_is_written_and_its_parent_is_not(stations: World) -> None:
    names = ["service_types", "stations"]
    moves.move((2,), only=names)
    assert {line for line in stations.v5_sql("SELECT old_id, name FROM station_service")} == {
        (11, "Service 11"), (12, "Service 12"),
    }  # fmt: skip
    stations.legacy_sql(f"UPDATE {stations.service_table} SET name = 'Changed' WHERE id = 12")  # type: ignore[attr-defined]
    runs = moves.move((2,), only=names)
    assert dict(stations.v5_sql("SELECT old_id, name FROM station_service"))[12] == "Changed"
    assert moves.written(runs) <= 3, "the service, its map entry and the seal of its station"


def test_an_orphan_has_an_outcome_and_finds_its_parent_later(stations: World) -> None:
    names = ["service_types", "stations"]
    moves.move((2,), only=names)
    issue = Issue.objects.get(entity_type="station_service")
    assert (issue.legacy_id, issue.code, issue.field, issue.root_entity) == (
        13, "STATION_UNKNOWN", "station_id", "stations/orphans:services",
    )  # fmt: skip
    assert "99" in issue.message
    stations.legacy_sql(STATION, [99, "Late station"])
    moves.move((2,), only=names)
    assert dict(stations.v5_sql("SELECT old_id, name FROM station_service"))[13] == "Service 13"
    assert stations.v5_sql(
        "SELECT disposition FROM legacy_id_mappings WHERE entity_type = 'station_service' AND legacy_id = 13"
    ) == [("migrated",)]
    issue.refresh_from_db()
    assert issue.state == "resolved"


def test_a_rejected_parent_takes_its_children_along(stations: World, monkeypatch: pytest.MonkeyPatch) -> None:
    toys.column(monkeypatch, "stations", "name", arguments="5")
    moves.move((2,), only=["service_types", "stations"])
    found = stations.v5_sql(
        "SELECT entity_type, legacy_id, disposition, reason FROM legacy_id_mappings"
        " WHERE entity_type IN ('station', 'station_service') ORDER BY entity_type, legacy_id"
    )
    assert found == [
        ("station", 1, "rejected", "VALUE_TOO_LONG"),
        ("station", 2, "rejected", "VALUE_TOO_LONG"),
        ("station_service", 11, "rejected", "PARENT_REJECTED"),
        ("station_service", 12, "rejected", "PARENT_REJECTED"),
        ("station_service", 13, "rejected", "STATION_UNKNOWN"),
    ]
    assert stations.v5_sql("SELECT COUNT(*) FROM station_service") == [(0,)]
