"""The tables and columns that a migration needs in V5 and that no V5 database brings along."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A column type in the two dialects. Temporal columns of SQLite get names that no driver converts."""

    mysql: str
    sqlite: str


@dataclass(frozen=True)
class Column:
    """`default` is an SQL literal; without one a nullable column defaults to NULL."""

    name: str
    kind: Kind
    nullable: bool = True
    default: str | None = None

    @property
    def rest(self) -> str:
        """What follows the type in a definition."""
        if self.nullable:
            return f" DEFAULT {self.default or 'NULL'}"
        return " NOT NULL" + (f" DEFAULT {self.default}" if self.default is not None else "")


@dataclass(frozen=True)
class Table:
    """A table with a bigint key `id` that counts up by itself, and the columns after it."""

    name: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def column_names(self) -> frozenset[str]:
        return frozenset({"id", *(column.name for column in self.columns)})


def ascii_text(length: int) -> Kind:
    """Names made by this project: one byte a character keeps the keys of the map small."""
    return Kind(f"varchar({length}) CHARACTER SET ascii COLLATE ascii_bin", f"varchar({length})")


def text(length: int) -> Kind:
    """Free text, compared as it is spelled."""
    return Kind(f"varchar({length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", f"varchar({length})")


BIG = Kind("bigint", "bigint")
# The tables of the V5 module count without a sign; a reference must do the same.
UNSIGNED = Kind("bigint unsigned", "bigint")
NUMBER = Kind("int", "int")
HASH = Kind("char(32) CHARACTER SET ascii COLLATE ascii_bin", "char(32)")
JSON = Kind("json", "text")
LONG = Kind("longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "text")
MOMENT = Kind("datetime", "datetime_text")
TIMESTAMP = Kind("timestamp", "timestamp_text")

# GR-04. One index beyond the design's two: (run_id, school_id) serves the lists of a run, the rollback of a
# run and that of a school, and costs little because run ids only grow.
MAP = Table(
    "legacy_id_mappings",
    (
        Column("entity_type", ascii_text(64), nullable=False),
        Column("legacy_table", ascii_text(64), nullable=False),
        Column("legacy_id", BIG, nullable=False),
        Column("part", text(64), nullable=False, default="''"),
        Column("v5_table", ascii_text(64), nullable=False, default="''"),
        Column("v5_id", BIG),
        Column("disposition", ascii_text(12), nullable=False),
        Column("reason", ascii_text(40), nullable=False, default="''"),
        Column("school_id", BIG),
        Column("source_hash", HASH, nullable=False, default="''"),
        Column("target_hash", HASH, nullable=False, default="''"),
        Column("run_id", BIG),
        Column("batch_id", BIG),
        Column("additional_data", JSON),
        Column("created_at", MOMENT),
        Column("updated_at", MOMENT),
    ),
    unique=("entity_type", "legacy_id", "part"),
    indexes=(("v5_table", "v5_id"), ("run_id", "school_id")),
)

ARCHIVE = Table(
    "legacy_archive",
    (
        Column("legacy_table", ascii_text(64), nullable=False),
        Column("legacy_id", BIG, nullable=False),
        Column("school_id", BIG),
        Column("payload", JSON, nullable=False),
        Column("created_at", MOMENT),
    ),
    indexes=(("legacy_table", "legacy_id"),),
)

# What a rollback took out of V5, and what rows held before a later run changed them. `payload` is the whole row,
# every cell as text, but the secrets, which are `sealed` in a text of their own; `written` is what was put over it,
# `entry` the row's entry in the map.
# Text in any language: the latin1 default must not bend it.
ROLLBACK = Table(
    "legacy_rollback_archive",
    (
        Column("kind", ascii_text(12), nullable=False),
        Column("v5_table", ascii_text(64), nullable=False),
        Column("v5_id", BIG),
        Column("payload", LONG, nullable=False),
        Column("sealed", LONG),
        Column("written", JSON),
        Column("entry", LONG),
        Column("rollback_id", BIG),
        Column("run_id", BIG),
        Column("map_id", BIG),
        Column("school_id", BIG),
        Column("reason", text(200), nullable=False, default="''"),
        Column("created_at", MOMENT),
        Column("restored_at", MOMENT),
    ),
    indexes=(("v5_table", "v5_id"), ("rollback_id", "kind", "v5_table")),
)

PARTICIPANTS = Table(
    "v5_booking_participants",
    (
        Column("booking_id", UNSIGNED, nullable=False),
        Column("booking_user_id", BIG, nullable=False),
        Column("client_id", BIG, nullable=False),
        Column("course_id", BIG),
        Column("monitor_id", BIG),
        Column("status", NUMBER, nullable=False),
        Column("legacy_id", BIG),
        Column("created_at", TIMESTAMP),
        Column("updated_at", TIMESTAMP),
    ),
    indexes=(("booking_id",), ("booking_user_id",), ("client_id",)),
)

# What `--undo` goes by: one row per applied step; `memo` holds what a step needs to go back.
STEPS = Table(
    "legacy_preparation_steps",
    (
        Column("name", ascii_text(128), nullable=False),
        Column("memo", LONG),
        Column("applied_at", MOMENT),
    ),
    unique=("name",),
)

MAP_BEFORE = "legacy_id_mappings_before"

ADDED: dict[str, tuple[Column, ...]] = {
    "users": (
        Column("school_id", BIG),
        Column("season_id", BIG),
        Column("legacy_id", BIG),
        Column("migrated_at", TIMESTAMP),
    ),
    "courses": (Column("season_id", BIG), Column("legacy_id", BIG), Column("migrated_at", TIMESTAMP)),
    "v5_bookings": (Column("legacy_id", BIG), Column("migrated_at", TIMESTAMP)),
}
INDEXED = frozenset({"legacy_id"})
