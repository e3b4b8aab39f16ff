"""What travels through the engine: entries (outcomes of legacy rows), problems, units of work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b, md5
from typing import TYPE_CHECKING, Any

from entities.engine import images
from tracking.sentences import sentence

if TYPE_CHECKING:
    from entities.engine.definition import Mapping
    from entities.engine.environment import Env

MIGRATED, MERGED, SPLIT = "migrated", "merged", "split"
SKIPPED, REJECTED, SYNTHESISED = "skipped", "rejected", "synthesised"
DISPOSITIONS = (MIGRATED, MERGED, SPLIT, SKIPPED, REJECTED, SYNTHESISED)

Row = Any  # a namedtuple of one legacy table with its dictionary's columns, see `source.Source`


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one field of one legacy row: an error rejects the row, a warning only flags it.

    `message` never repeats personal data; `value` is the offending value, kept for the issue's payload.
    """

    code: str
    field: str = ""
    message: str = ""
    value: Any = None
    level: str = "error"
    stage: str = "transform"


class Entry:
    """What becomes of one legacy row (or of one part of it): one row of the id map.

    With `values` it is also a row to write: in the order of `mapping.columns`, V5 id first.
    `under` is the entry whose rejection takes this one along.
    """

    __slots__ = (
        "additional", "amount", "archive", "cells", "disposition", "entity", "existing", "legacy_id", "legacy_table",
        "mapping", "part", "problems", "reason", "row", "school_id", "source_hash", "target_hash", "under", "v5_id",
        "v5_table", "values",
    )  # fmt: skip

    def __init__(self, entity: str, legacy_table: str, legacy_id: int, part: str = "") -> None:
        self.entity, self.legacy_table, self.legacy_id, self.part = entity, legacy_table, legacy_id, part
        self.disposition, self.reason = MIGRATED, ""
        self.row: Row = None
        self.mapping: type[Mapping] | None = None
        self.values: Sequence[Any] | None = None
        self.cells: Sequence[str | None] | None = None
        self.v5_table = ""
        self.v5_id: int | None = None
        self.school_id: int | None = None
        self.source_hash = self.target_hash = ""
        self.additional: dict[str, Any] | None = None
        self.archive: dict[str, Any] | None = None
        self.problems: list[Problem] | None = None
        self.under: Entry | None = None
        self.existing: Any = None
        self.amount: Decimal | None = None

    @property
    def rejected(self) -> bool:
        return self.disposition == REJECTED

    def __repr__(self) -> str:
        return f"<{self.entity}:{self.legacy_id}{'#' + self.part if self.part else ''} {self.disposition} {self.reason}>"

    def warn(
        self, code: str, field: str = "", message: str = "", value: Any = None, stage: str = "transform"
    ) -> Entry:
        """Flag the entry: an issue of level warning, and the code under `warnings` in its additional data."""
        self._note(Problem(code, field, message, value, level="warning", stage=stage))
        warnings = self.keep().setdefault("warnings", [])
        if code not in warnings:
            warnings.append(code)
        return self

    def reject(
        self, code: str, field: str = "", message: str = "", value: Any = None, stage: str = "transform"
    ) -> Entry:
        """Quarantine the entry: nothing of it is written, a person has to look at it."""
        self._note(Problem(code, field, message, value, stage=stage))
        self.disposition, self.reason = REJECTED, code
        self.values = self.cells = None
        self.v5_id, self.v5_table, self.target_hash = None, "", ""
        return self

    def keep(self, **facts: Any) -> dict[str, Any]:
        """Add facts to the entry's additional data and return it."""
        if self.additional is None:
            self.additional = {}
        self.additional.update(facts)
        return self.additional

    def _note(self, problem: Problem) -> None:
        if self.problems is None:
            self.problems = []
        self.problems.append(problem)


class Aggregate:
    """One root row with its children, as read."""

    __slots__ = ("_children", "root")

    def __init__(self, root: Row, children: MappingType[str, MappingType[int, list[Row]]]) -> None:
        self.root, self._children = root, children

    def rows(self, name: str, of: int | None = None) -> list[Row]:
        """Children by relation name: those of the root, or of the child row with id `of`; ordered by id."""
        return self._children[name].get(self.root.id if of is None else of, [])


@dataclass(frozen=True, slots=True)
class Patch:
    """A column of a V5 row that another migration wrote: set to `value` where it differs (second pass)."""

    table: str
    v5_id: int
    column: str
    value: Any


class Unit:
    """The unit of work: every entry that one aggregate leads to. Written whole or not at all (GR-07)."""

    __slots__ = ("entries", "env", "files", "hashes", "patches", "root", "root_entry", "school_id")

    def __init__(self, root: Row, env: Env, school_id: int | None = None) -> None:
        self.root, self.env, self.school_id = root, env, school_id
        self.entries: list[Entry] = []
        self.hashes: dict[tuple[str, int], str] = {}
        self.root_entry: Entry | None = None
        self.patches: list[Patch] = []
        self.files: list[images.Picture] = []

    def image(self, value: Any) -> str | None:
        """The URL for a picture column (GR-16); a picture inside the value becomes a file when the unit is loaded.

        Raises BadValue with IMAGE_UNREADABLE for a damaged picture; a dry run writes no file.
        """
        picture = images.plan(value)
        if picture.content is not None:
            self.files.append(picture)
        return picture.url

    def patch(self, table: str, v5_id: int, column: str, value: Any) -> None:
        """Set one column of a V5 row of another migration; it must not belong to that migration's mapping."""
        self.patches.append(Patch(table, v5_id, column, value))

    def draft(
        self,
        mapping: type[Mapping],
        row: Row,
        given: dict[str, Any] | None = None,
        *,
        part: str = "",
        disposition: str = MIGRATED,
        reason: str = "",
        under: Entry | None = None,
        legacy_id: int | None = None,
        warnings: Iterable[str] = (),
    ) -> Entry:
        """A V5 row made from a legacy row by a mapping, with its map entry.

        `given` holds the values of the mapping's `Given` fields. Bad values reject the entry (all of them
        are reported) unless the field declares a fallback. The V5 id is known at once: `entry.v5_id`.
        `legacy_id` 0 with a `part` is for synthesised rows without a legacy row of their own.
        """
        entry = self._entry(mapping.entity, row, part, legacy_id)
        entry.disposition, entry.reason, entry.under = disposition, reason, under
        mapping.fill(entry, row, given or {}, self.env)
        for code in warnings:
            entry.warn(code)
        return entry

    def merge(
        self,
        entity: str,
        row: Row,
        into: Entry | int | None,
        table: str = "",
        *,
        reason: str = "",
        part: str = "",
        under: Entry | None = None,
    ) -> Entry:
        """The legacy row lives on in a V5 row that another entry writes, or that was there before."""
        entry = self._entry(entity, row, part)
        entry.disposition, entry.reason, entry.under = MERGED, reason, under
        if isinstance(into, Entry):
            if into.rejected:
                return entry.reject(
                    into.reason,
                    message=sentence("the record it belongs to was rejected: %(code)s", code=into.reason),
                )
            entry.v5_id, entry.v5_table = into.v5_id, into.v5_table
            entry.under = under or into
        else:
            entry.v5_id, entry.v5_table = into, table
        return entry

    def skip(
        self,
        entity: str,
        row: Row,
        reason: str,
        *,
        part: str = "",
        archive: bool = True,
        under: Entry | None = None,
    ) -> Entry:
        """The legacy row is left out on purpose; its payload is archived unless `archive` is off."""
        entry = self._entry(entity, row, part)
        entry.disposition, entry.reason, entry.under = SKIPPED, reason, under
        if archive:
            entry.archive = payload_of(row)
        return entry

    def reject(
        self,
        entity: str,
        row: Row,
        code: str,
        field: str = "",
        message: str = "",
        *,
        value: Any = None,
        part: str = "",
        under: Entry | None = None,
    ) -> Entry:
        """The legacy row is quarantined with a reason code; a person has to look at it."""
        entry = self._entry(entity, row, part)
        entry.under = under
        return entry.reject(code, field, message, value)

    def _entry(self, entity: str, row: Row, part: str, legacy_id: int | None = None) -> Entry:
        entry = Entry(entity, row._table, row.id if legacy_id is None else legacy_id, part)
        entry.row, entry.school_id = row, self.school_id
        entry.existing = self.env.existing.get((entity, entry.legacy_id, part))
        entry.source_hash = self.hash_of(row)
        if self.root_entry is None and row is self.root:
            self.root_entry = entry
        self.entries.append(entry)
        return entry

    def hash_of(self, row: Row) -> str:
        key = (row._table, row.id)
        if key not in self.hashes:
            self.hashes[key] = row_hash(row)
        return self.hashes[key]


def row_hash(row: Row) -> str:
    """A fingerprint of all legacy columns of one row: equal text, equal row."""
    return blake2b(repr(tuple(row)).encode(), digest_size=16).hexdigest()


def cells_hash(cells: Iterable[str | None]) -> str:
    """A fingerprint of what is written to one V5 row; `digests.as_written` lets the server take the same."""
    text = "\x1f".join(["\x00" if cell is None else cell for cell in cells])
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def to_json(value: Any) -> str:
    """Compact JSON, encoded once, keys sorted, so that equal values have equal text (GR-14)."""
    return _json(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} does not belong into JSON")


_json = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=False, default=_plain).encode


def payload_of(row: Row) -> dict[str, Any]:
    """A legacy row for the archive or an issue: every column but the secrets of GR-17."""
    hidden = row._hidden
    return {name: value for name, value in zip(row._fields, row, strict=True) if name not in hidden}
