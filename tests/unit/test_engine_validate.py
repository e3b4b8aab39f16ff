"""Validation: what a column cannot hold is found before anything is written, and takes along what hangs on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from entities.engine import schema, validate
from entities.engine.definition import Mapping
from entities.engine.errors import BadValue, Refused
from entities.engine.fields import Copy, Given, Stamp
from entities.engine.schema import LiveColumn
from entities.engine.values import Unit, cells_hash
from entities.reference.legacy import LegacyServiceType
from entities.reference.v5 import V5ServiceType
from tests.rows import environment, row


def column(kind: str, arguments: str | None = None, **more: Any) -> LiveColumn:
    plain = {
        "name": "c",
        "nullable": True,
        "default": None,
        "charset": None,
        "unsigned": False,
        "auto": False,
    }
    return LiveColumn(type=kind, arguments=arguments, **{**plain, **more})


@pytest.mark.parametrize(
    ("live", "value", "cell"),
    [
        (column("int"), 5, "5"),
        (column("tinyint", "1"), True, "1"),
        (column("tinyint"), -128, "-128"),
        (column("tinyint", unsigned=True), 255, "255"),
        (column("bigint"), 2**62, str(2**62)),
        (column("decimal", "8,2"), Decimal("12.3"), "12.30"),
        (column("decimal", "8,2"), 12, "12.00"),
        (column("double"), Decimal("1.005"), "1.00"),
        (column("date"), "2026-01-15", "2026-01-15"),
        (column("timestamp"), "2026-01-15 08:00:00", "2026-01-15 08:00:00"),
        (column("enum", "'a','b'"), "b", "b"),
        (column("varchar", "5"), "Łódź!", "Łódź!"),
        (column("varchar", "5", charset="latin1"), "Zürich"[:5], "Züric"),
        (column("varchar", "9", charset="latin1"), "€ – œ", "€ – œ"),
        (column("text", charset="utf8mb3"), "Łódź", "Łódź"),
        (column("text", charset="utf8mb4"), "🎿", "🎿"),
        (column("tinytext"), "x" * 255, "x" * 255),
        (column("varchar", "5"), 42, "42"),
        (column("int"), None, None),
        (column("varchar", "5"), None, None),
    ],
)
def test_a_value_that_fits_becomes_its_canonical_text(live: LiveColumn, value: Any, cell: str | None) -> None:
    assert validate.encoder(live)(value) == cell


@pytest.mark.parametrize(
    ("live", "value", "code", "words"),
    [
        (column("tinyint"), 128, "VALUE_TOO_LONG", "128 does not fit"),
        (column("tinyint", unsigned=True), -1, "VALUE_TOO_LONG", "does not fit"),
        (column("int"), 2**31, "VALUE_TOO_LONG", "does not fit"),
        (column("decimal", "5,2"), Decimal("1000"), "VALUE_TOO_LONG", "does not fit"),
        (column("decimal", "5,2"), Decimal("NaN"), "VALUE_TOO_LONG", "does not fit"),
        (column("enum", "'a','b'"), "c", "CONSTRAINT", "knows a, b"),
        (column("varchar", "5"), "123456", "VALUE_TOO_LONG", "holds 5 characters, the text has 6"),
        (column("tinytext"), "x" * 256, "VALUE_TOO_LONG", "holds 255 bytes"),
        (column("tinytext"), "é" * 128, "VALUE_TOO_LONG", "holds 255 bytes"),
        (column("text", charset="latin1"), "Łódź", "TEXT_NOT_ENCODABLE", "latin1"),
        (column("text", charset="utf8mb3"), "🎿", "TEXT_NOT_ENCODABLE", "utf8mb3"),
        (column("int", nullable=False), None, "CONSTRAINT", "may not be empty"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_a_code(
    live: LiveColumn, value: Any, code: str, words: str
) -> None:
    with pytest.raises(BadValue, match=words) as refused:
        validate.encoder(live)(value)
    assert refused.value.code == code


def test_json_is_encoded_once() -> None:
    encode = validate.encoder(column("longtext"), json=True)
    assert encode({"b": 1, "a": [Decimal("2.50")]}) == '{"a":["2.50"],"b":1}'
    assert encode('{"a":1}') == '{"a":1}'


def test_hashes_tell_null_from_empty_and_one_cell_from_two() -> None:
    assert len({cells_hash(cells) for cells in ([None], [""], ["", ""], ["a", "b"], ["ab"])}) == 5


COLUMNS = {
    "id": column("bigint", name="id", nullable=False),
    "name": column("varchar", "8", name="name", nullable=False, charset="latin1"),
    "old_id": column("int", name="old_id"),
    "created_at": column("timestamp", name="created_at"),
}


class Toy(Mapping):
    entity = "toy"
    source, target = LegacyServiceType, V5ServiceType

    name = Given("a text")
    old_id = Copy("id")
    created_at = Stamp()


class EssentialToy(Toy):
    entity = "essential"
    essential = True


class Column(Mapping):
    entity = "toy"
    source, target = LegacyServiceType, V5ServiceType

    name = Copy()
    deleted_at = Stamp()


@pytest.fixture(autouse=True)
def live(monkeypatch: pytest.MonkeyPatch) -> schema.LiveSchema:
    found = schema.LiveSchema("v5")
    found._columns["service_type"] = COLUMNS
    monkeypatch.setattr(schema, "live", lambda alias: found)
    return found


def unit(*names: Any, mapping: type[Mapping] = Toy) -> Unit:
    """A root and further rows under it, with these names."""
    root = row(LegacyServiceType, id=1)
    made = Unit(root, environment())
    for place, name in enumerate(names):
        legacy = root if place == 0 else row(LegacyServiceType, id=place + 1)
        under = made.entries[0] if place else None
        made.draft(Toy if place == 0 else mapping, legacy, {"name": name}, under=under)
    validate.validate([made])
    return made


def outcomes(made: Unit) -> list[tuple[str, str]]:
    return [(entry.disposition, entry.reason) for entry in made.entries]


def test_good_rows_get_cells_and_a_hash_that_leaves_the_time_out() -> None:
    (entry,) = unit("Zürich").entries
    assert entry.cells == ["1000", "Zürich", "1", "2026-01-15 12:00:00"]
    assert entry.target_hash == cells_hash(["1000", "Zürich", "1"])


def test_text_that_does_not_fit_is_written_in_other_letters_and_flagged() -> None:
    (entry,) = unit("Łódź").entries
    assert entry.cells[1] != "Łódź" and entry.disposition == "migrated"
    assert entry.additional["original"] == {"name": "Łódź"}
    assert [(p.code, p.stage, p.level) for p in entry.problems] == [("TRANSLITERATED", "validate", "warning")]


@pytest.mark.parametrize(
    ("name", "code"), [("x" * 9, "VALUE_TOO_LONG"), (None, "CONSTRAINT"), ("滑雪", "TEXT_NOT_ENCODABLE")]
)
def test_what_no_letters_can_save_is_rejected(name: Any, code: str) -> None:
    (entry,) = unit(name).entries
    assert (entry.disposition, entry.reason, entry.cells, entry.target_hash) == ("rejected", code, None, "")
    assert (entry.problems[0].stage, entry.problems[0].field) == ("validate", "name")


def test_a_rejected_root_takes_everything_under_it_along() -> None:
    made = unit(None, "a", "b")
    assert outcomes(made) == [
        ("rejected", "CONSTRAINT"), ("rejected", "PARENT_REJECTED"), ("rejected", "PARENT_REJECTED"),
    ]  # fmt: skip


def test_a_rejected_child_stays_alone() -> None:
    assert outcomes(unit("root", None, "b")) == [
        ("migrated", ""),
        ("rejected", "CONSTRAINT"),
        ("migrated", ""),
    ]


def test_an_essential_child_takes_its_parent_and_its_siblings_along() -> None:
    made = unit("root", None, "b", mapping=EssentialToy)
    assert outcomes(made) == [
        ("rejected", "CONSTRAINT"), ("rejected", "CONSTRAINT"), ("rejected", "PARENT_REJECTED"),
    ]  # fmt: skip
    assert "essential 2" in made.entries[0].problems[0].message


def test_skipped_rows_stay_skipped_under_a_rejected_parent() -> None:
    root = row(LegacyServiceType, id=1)
    made = Unit(root, environment())
    parent = made.draft(Toy, root, {"name": None})
    made.skip("toy", row(LegacyServiceType, id=2), "NO_TARGET", under=parent)
    validate.validate([made])
    assert outcomes(made)[1] == ("skipped", "NO_TARGET")


@pytest.mark.parametrize(
    ("entity", "code"),
    [("booking", "BOOKING_REJECTED"), ("course", "COURSE_REJECTED"), ("course_group", "GROUP_REJECTED"),
     ("client", "PERSON_REJECTED"), ("station", "PARENT_REJECTED")],
)  # fmt: skip
def test_the_code_of_a_carried_rejection_names_the_parent(entity: str, code: str) -> None:
    from entities.engine.values import Entry

    assert validate.carried_code(Entry("line", "t", 1), Entry(entity, "t", 2)) == code


def test_a_column_that_the_live_table_lacks_stops_everything(live: schema.LiveSchema) -> None:
    with pytest.raises(Refused, match="service_type has no column deleted_at: run prepare_v5"):
        validate.encoding_of(Column)


def test_a_conditional_column_that_is_absent_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(V5ServiceType, "conditional", frozenset({"deleted_at"}))
    assert validate.encoding_of(Column).names == ("id", "name")


def test_a_value_of_a_wrong_kind_is_a_constraint_and_no_crash() -> None:
    root = row(LegacyServiceType, id=1)
    made = Unit(root, environment())
    entry = made.draft(Toy, root, {"name": "x"})
    entry.values = [entry.v5_id, "x", "seven", None]
    validate.validate([made])
    assert (entry.disposition, entry.reason, entry.problems[0].field) == ("rejected", "CONSTRAINT", "old_id")
