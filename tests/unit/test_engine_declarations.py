"""Declarations: a wrong one is refused when the class is built; each kind of field does what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from entities.engine.definition import Child, Mapping, Migration
from entities.engine.environment import MapEntry, Scope
from entities.engine.errors import BadValue, WrongDeclaration
from entities.engine.fields import Computed, Const, Copy, Fallback, Field, Given, Parent, Stamp
from entities.engine.values import Aggregate, Unit, row_hash, to_json
from entities.reference.legacy import LegacyServiceType, LegacyStation, LegacyStationService
from entities.reference.v5 import V5ServiceType, V5StationService
from tests.rows import environment, row, values
from tracking import codes


def positive(value: Any) -> Any:
    if value is not None and value < 0:
        raise BadValue("VALUE_TOO_LONG", "the number is below zero")
    return value


def longer(entry_row: Any, env: Any) -> str:
    """name, made longer"""
    if entry_row.name == "bad":
        raise BadValue("NAME_MISSING", "no name")
    return f"{entry_row.name} ({env.today})"


class Everything(Mapping):
    """One field of each kind."""

    entity = "station_service"
    source, target = LegacyStationService, V5StationService
    inputs, kept, excluded = ("telephone",), ("email", "url"), {"image": "not shown any more"}

    name = Computed(longer, uses=("name",), bad=Fallback("unnamed", "NAME_MISSING"))
    active = Copy(convert=positive)
    old_id = Copy("id")
    station_id = Given("V5 id of the station", uses=("station_id",))
    service_type_id = Parent("service_type", missing="PARENT_REJECTED")
    image = Const("")
    created_at = Stamp()


def declared(**attributes: Any) -> type[Mapping]:
    base = {"entity": "toy", "source": LegacyServiceType, "target": V5ServiceType}
    return type("Declared", (Mapping,), {**base, **attributes})


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"entity": ""}, "`entity` is missing"),
        ({"no_such_column": Const(1)}, "service_type has no column .'no_such_column'"),
        ({"name": Copy("nmae")}, "service_type has no column .'nmae'"),
        ({"name": Copy("name")}, "the source has the same name"),
        ({"inputs": ("nothing",)}, "no column .'nothing'"),
        ({"kept": ("nothing",)}, "no column .'nothing'"),
        ({"excluded": {"nothing": "why"}}, "no column .'nothing'"),
        ({"name": Computed(longer, uses=("nmae",))}, "no column .'nmae'"),
    ],
)
def test_a_wrong_declaration_is_refused_when_the_class_is_built(attributes: Any, words: str) -> None:
    with pytest.raises(WrongDeclaration, match=words):
        declared(**attributes)


def test_columns_of_other_tables_may_be_named_as_sources() -> None:
    assert declared(name=Given("a text", uses=("courses_icons.icon",))).columns == ("id", "name")


def test_a_mapping_inherits_fields_and_adds_its_own() -> None:
    class Base(Mapping):
        old_id = Copy("id")

    mapping = type("Inherits", (Base,), {
        "entity": "toy", "source": LegacyServiceType, "target": V5ServiceType, "name": Copy(),
    })  # fmt: skip
    assert mapping.columns == ("id", "old_id", "name")


def test_a_field_may_be_named_after_a_column_that_python_cannot_name() -> None:
    assert declared(title=Const("x", column="name")).columns == ("id", "name")


def filled(given: dict[str, Any] | None = None, **legacy: Any) -> Any:
    env = environment(service_type={3: 30})
    unit = Unit(None, env)
    base = {
        "id": 7,
        "name": "Shop",
        "station_id": 1,
        "service_type_id": 3,
        "active": 1,
        "email": "",
        "url": "u",
    }
    return unit.draft(
        Everything, row(LegacyStationService, **{**base, **legacy}), {"station_id": 11, **(given or {})}
    )


def test_every_kind_of_field_gives_its_value() -> None:
    entry = filled()
    assert values(entry) == {
        "id": 1000, "name": "Shop (2026-01-15)", "active": 1, "old_id": 7, "station_id": 11, "service_type_id": 30,
        "image": "", "created_at": "2026-01-15 12:00:00",
    }  # fmt: skip
    assert Everything.volatile == {"created_at"}
    assert (entry.v5_table, entry.v5_id, entry.disposition) == ("station_service", 1000, "migrated")
    assert entry.additional == {"kept": {"url": "u"}}, "empty values are not worth keeping"


def test_a_bad_value_with_a_fallback_is_flagged_and_the_original_kept() -> None:
    entry = filled(name="bad")
    assert values(entry)["name"] == "unnamed"
    assert entry.additional["original"] == {"name": "bad"}
    assert entry.additional["warnings"] == ["NAME_MISSING"]
    assert [(p.code, p.field, p.level) for p in entry.problems] == [("NAME_MISSING", "name", "warning")]


def test_all_bad_values_of_a_row_are_reported_and_not_only_the_first() -> None:
    entry = filled(name="bad", active=-1, service_type_id=4)
    assert (entry.disposition, entry.values, entry.v5_id) == ("rejected", None, None)
    assert [(p.code, p.field, p.value) for p in entry.problems] == [
        ("NAME_MISSING", "name", "bad"), ("VALUE_TOO_LONG", "active", -1), ("PARENT_REJECTED", "service_type_id", 4),
    ]  # fmt: skip
    assert "service_type 4" in entry.problems[-1].message


def test_an_optional_parent_becomes_null_and_is_flagged_unless_there_is_none() -> None:
    mapping = declared(old_id=Parent("toy", "id", missing="PARENT_REJECTED", required=False))
    env = environment(toy={1: 5})
    unit = Unit(None, env)
    found, unknown = (unit.draft(mapping, row(LegacyServiceType, id=number)) for number in (1, 2))
    assert (values(found)["old_id"], found.problems) == (5, None)
    assert (values(unknown)["old_id"], unknown.additional["warnings"]) == (None, ["PARENT_REJECTED"])
    nameless = declared(old_id=Parent("toy", "name", missing="PARENT_REJECTED", required=False))
    assert unit.draft(nameless, row(LegacyServiceType)).problems is None


def test_a_fallback_may_be_worked_out_from_the_row() -> None:
    mapping = declared(
        name=Computed(longer, uses=("name",), bad=Fallback(lambda r, env: f"no. {r.id}", keep=False))
    )
    entry = Unit(None, environment()).draft(mapping, row(LegacyServiceType, id=4, name="bad"))
    assert values(entry)["name"] == "no. 4"
    assert "original" not in entry.additional


def test_fields_describe_themselves() -> None:
    said = {name: field.describe() for name, field in Everything.fields.items()}
    assert said == {
        "name": "name, made longer", "active": "positive", "old_id": "as it is", "station_id": "V5 id of the station",
        "service_type_id": "V5 id of the service_type", "image": "always ''", "created_at": "time of the migration",
    }  # fmt: skip
    with pytest.raises(NotImplementedError):
        Field().step({})
    with pytest.raises(NotImplementedError):
        Field().describe()


def test_an_existing_record_keeps_its_v5_id() -> None:
    env = environment()
    env.existing[("toy", 5, "")] = MapEntry(1, "service_type", 55, "migrated", "", "", "", None, None)
    entry = Unit(None, env).draft(declared(name=Copy()), row(LegacyServiceType, id=5, name="x"))
    assert entry.v5_id == 55


def unit_of(root: Any) -> Unit:
    return Unit(root, environment(), school_id=9)


def test_merge_skip_and_reject_give_every_row_its_entry() -> None:
    root = row(LegacyServiceType, id=1, name="root")
    others = [row(LegacyServiceType, id=number, name="n") for number in range(2, 6)]
    unit = unit_of(root)
    entry = unit.draft(declared(name=Copy()), root)
    into = unit.merge("toy", others[0], entry, reason="DUPLICATE")
    before = unit.merge("toy", others[1], 77, "service_type")
    skipped = unit.skip("toy", others[2], "NO_TARGET")
    rejected = unit.reject("toy", others[3], "NAME_MISSING", "name", "no name", value="n")
    assert [one.disposition for one in unit.entries] == [
        "migrated",
        "merged",
        "merged",
        "skipped",
        "rejected",
    ]
    assert (into.v5_id, into.v5_table, into.under) == (entry.v5_id, "service_type", entry)
    assert (before.v5_id, before.v5_table, before.under) == (77, "service_type", None)
    assert skipped.archive["name"] == "n" and unit.skip("toy", root, "X", archive=False).archive is None
    assert (rejected.problems[0].value, rejected.reason) == ("n", "NAME_MISSING")
    assert unit.root_entry is entry
    assert {one.school_id for one in unit.entries} == {9}
    assert repr(rejected) == "<toy:5 rejected NAME_MISSING>"


def test_nothing_is_merged_into_a_rejected_record() -> None:
    root = row(LegacyServiceType, id=1)
    unit = unit_of(root)
    winner = unit.reject("toy", root, "NAME_MISSING")
    follower = unit.merge("toy", row(LegacyServiceType, id=2), winner)
    assert (follower.disposition, follower.reason, follower.v5_id) == ("rejected", "NAME_MISSING", None)


def test_a_patch_names_one_column_of_a_foreign_row() -> None:
    unit = unit_of(None)
    unit.patch("schools", 4, "current_season_id", 8)
    (patch,) = unit.patches
    assert (patch.table, patch.v5_id, patch.column, patch.value) == ("schools", 4, "current_season_id", 8)


def test_a_warning_is_named_once_and_kept_as_often_as_it_was_found() -> None:
    entry = filled()
    entry.warn("NAME_MISSING", "a").warn("NAME_MISSING", "b")
    assert entry.additional["warnings"] == ["NAME_MISSING"]
    assert len(entry.problems) == 2


def test_equal_rows_have_equal_hashes_whatever_the_backend() -> None:
    one, same = (row(LegacyStation, id=1, name="É", percha=2) for _ in range(2))
    assert row_hash(one) == row_hash(same) != row_hash(row(LegacyStation, id=1, name="É", percha=3))
    assert row_hash(row(LegacyStation, name=None)) != row_hash(row(LegacyStation, name="None"))


def test_json_is_compact_sorted_and_exact() -> None:
    assert to_json({"b": Decimal("1.50"), "a": ["é", None, True]}) == '{"a":["é",null,true],"b":"1.50"}'
    with pytest.raises(TypeError, match="set does not belong into JSON"):
        to_json({"a": {1}})


def test_children_are_found_by_relation_and_parent() -> None:
    root = row(LegacyStation, id=4)
    children = {"services": {4: [row(LegacyStationService, id=1)], 5: [row(LegacyStationService, id=2)]}}
    aggregate = Aggregate(root, children)
    assert [one.id for one in aggregate.rows("services")] == [1]
    assert [one.id for one in aggregate.rows("services", of=5)] == [2]
    assert aggregate.rows("services", of=6) == []


def test_a_migration_without_a_transform_says_so() -> None:
    class Empty(Migration):
        name = "empty"

    with pytest.raises(NotImplementedError, match="empty has no transform"):
        Empty().transform(None, environment(), unit_of(None))  # type: ignore[arg-type]
    assert Child(LegacyStation, "x").orphan in codes.ALL
    assert (Empty().needs(None), Empty().known_ids(None), Empty().facts(None, None, None)) == ({}, {}, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "sql", "inside", "outside"),
    [
        (Scope(), "", [1, None], []),
        (Scope(frozenset({2, 1})), "s IN (1, 2)", [1, 2], [3, None]),
        (Scope(frozenset({1, 2}), frozenset({2})), "s IN (1)", [1], [2, 3]),
        (Scope(None, frozenset({2})), "(s IS NULL OR s NOT IN (2))", [1, None], [2]),
        (Scope(frozenset()), "s IN (NULL)", [], [1, None]),
    ],
)
def test_a_scope_says_the_same_in_sql_and_in_python(
    scope: Scope, sql: str, inside: Any, outside: Any
) -> None:
    assert scope.where("s") == sql
    assert all(scope.has(school) for school in inside)
    assert not any(scope.has(school) for school in outside)
