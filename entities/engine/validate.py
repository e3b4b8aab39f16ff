"""Validate: drafts against the live target schema, before anything is written (GR-11, GR-12).

Each value is turned into the canonical text in which it is written, hashed and compared; what the column
cannot hold becomes a Problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entities.engine import schema
from entities.engine.columns import ColumnEncoder, column_encoder
from entities.engine.definition import Mapping
from entities.engine.encoders import Encoder, encoder
from entities.engine.errors import BadValue, Refused
from entities.engine.normalise import transliterate
from entities.engine.values import Entry, Unit, cells_hash
from tracking.sentences import sentence

TOGETHER = 200  # drafts of one mapping: a bad one makes as many go the long way


@dataclass(frozen=True)
class Encoding:
    """How the rows of a mapping become text: the columns to write, their encoders, which count for the hash."""

    names: tuple[str, ...]
    picks: tuple[int, ...]
    encoders: tuple[Encoder, ...]
    columns: tuple[ColumnEncoder, ...]
    hashed: tuple[int, ...] | None
    charsets: dict[str, str | None]

    def rows(self, values: Sequence[Sequence[Any]]) -> list[list[str | None]]:
        """The canonical text of some rows; raises when a column cannot hold one of them, `encoders` tell which."""
        given = list(zip(*values, strict=True))
        made = [encode(given[pick]) for pick, encode in zip(self.picks, self.columns, strict=True)]
        return list(map(list, zip(*made, strict=True)))

    def hash(self, cells: Sequence[str | None]) -> str:
        return cells_hash(cells if self.hashed is None else [cells[index] for index in self.hashed])


def encoding_of(mapping: type[Mapping], alias: str = "v5") -> Encoding:
    """The encoding of a mapping for the live table; refuses when the table lacks a column that we write."""
    live_schema = schema.live(alias)
    if mapping not in live_schema.encodings:
        live_schema.encodings[mapping] = _encoding(mapping, live_schema)
    return live_schema.encodings[mapping]


def _encoding(mapping: type[Mapping], live_schema: schema.LiveSchema) -> Encoding:
    live = live_schema.columns(mapping.table)
    missing = [
        name for name in mapping.columns if name not in live and name not in mapping.target.conditional
    ]
    if missing:
        raise Refused(
            sentence(
                "%(table)s has no column %(names)s: run prepare_v5 --plan",
                table=mapping.table,
                names=", ".join(missing),
            )
        )
    picks = tuple(index for index, name in enumerate(mapping.columns) if name in live)
    names = tuple(mapping.columns[index] for index in picks)
    json_columns = {
        field.column
        for field in mapping.target._meta.concrete_fields
        if field.get_internal_type() == "JSONField"
    }
    encoders = tuple(encoder(live[name], name in json_columns) for name in names)
    hashed = (
        tuple(i for i, name in enumerate(names) if name not in mapping.volatile) if mapping.volatile else None
    )
    columns = tuple(column_encoder(live[name], name in json_columns) for name in names)
    charsets = {name: live[name].charset for name in names}
    return Encoding(names, picks, encoders, columns, hashed, charsets)


def validate(units: Sequence[Unit], alias: str = "v5") -> None:
    """Give every draft its cells and target hash; what cannot be held is rejected with all it carries along."""
    drafts: dict[type[Mapping], list[Entry]] = defaultdict(list)
    for unit in units:
        for entry in unit.entries:
            if entry.values is not None:
                assert entry.mapping is not None
                drafts[entry.mapping].append(entry)
    for mapping, entries in drafts.items():
        encoding = encoding_of(mapping, alias)
        for start in range(0, len(entries), TOGETHER):
            _encode(entries[start : start + TOGETHER], encoding)
    for unit in units:
        _carry_along(unit)


def _encode(entries: Sequence[Entry], encoding: Encoding) -> None:
    """Column by column; one by one where some column cannot hold some value."""
    try:
        rows = encoding.rows([entry.values or () for entry in entries])
    except (BadValue, TypeError, AttributeError):
        for entry in entries:
            cells = _encode_slowly(entry, encoding)
            if not entry.rejected:
                entry.cells, entry.target_hash = cells, encoding.hash(cells)
        return
    for entry, row in zip(entries, rows, strict=True):
        entry.cells, entry.target_hash = row, encoding.hash(row)


def _encode_slowly(entry: Entry, encoding: Encoding) -> list[str | None]:
    cells: list[str | None] = []
    assert entry.values is not None
    values = entry.values
    for name, pick, encode in zip(encoding.names, encoding.picks, encoding.encoders, strict=True):
        try:
            cells.append(encode(values[pick]))
        except BadValue as error:
            cells.append(_transliterated(entry, name, values[pick], encoding, error))
        except (TypeError, AttributeError) as error:
            entry.reject(
                "CONSTRAINT",
                name,
                sentence("%(name)s: %(error)s", name=name, error=type(error).__name__),
                stage="validate",
            )
            cells.append(None)
    return cells


def _transliterated(entry: Entry, name: str, value: Any, encoding: Encoding, error: BadValue) -> str | None:
    """GR-11: text that the column cannot hold is transliterated and flagged; what has no other form rejects."""
    if error.code == "TEXT_NOT_ENCODABLE":
        try:
            cell = _spelled_otherwise(name, value, encoding)
        except BadValue as still:
            error = still
        else:
            entry.warn("TRANSLITERATED", name, error.message, stage="validate")
            entry.keep().setdefault("original", {})[name] = value
            return cell
    entry.reject(error.code, name, error.message, stage="validate")
    return None


def _spelled_otherwise(name: str, value: str, encoding: Encoding) -> str | None:
    text = transliterate(value, encoding.charsets[name] or "latin1")
    if text.count("?") > value.count("?"):
        raise BadValue(
            "TEXT_NOT_ENCODABLE",
            sentence("%(name)s: some characters have no form that the column can hold", name=name),
        )
    return encoding.encoders[encoding.names.index(name)](text)


def _carry_along(unit: Unit) -> None:
    """Rejections spread: to the parents of essential records, and to everything under a rejected entry."""
    if not any(entry.disposition == "rejected" for entry in unit.entries):
        return
    for entry in unit.entries:
        if entry.rejected and entry.mapping is not None and entry.mapping.essential and entry.problems:
            parent = entry.under or unit.root_entry
            if (
                parent is not None
                and not parent.rejected
                and any(p.stage == "validate" for p in entry.problems)
            ):
                parent.reject(
                    entry.reason,
                    message=sentence(
                        "%(entity)s %(id)s: %(message)s",
                        entity=entry.entity,
                        id=entry.legacy_id,
                        message=entry.problems[0].message,
                    ),
                    stage="validate",
                )
    for entry in unit.entries:
        parent = entry.under
        if parent is not None and parent.rejected and not entry.rejected and entry.disposition != "skipped":
            entry.reject(
                carried_code(entry, parent),
                message=sentence(
                    "%(entity)s %(id)s was rejected: %(code)s",
                    entity=parent.entity,
                    id=parent.legacy_id,
                    code=parent.reason,
                ),
                stage="validate",
            )


CARRIED = {
    "booking": "BOOKING_REJECTED",
    "course": "COURSE_REJECTED",
    "course_global": "COURSE_REJECTED",
    "course_group": "GROUP_REJECTED",
    "client": "PERSON_REJECTED",
    "monitor": "PERSON_REJECTED",
    "user": "PERSON_REJECTED",
}


def carried_code(entry: Entry, parent: Entry) -> str:
    """The reason code of a record that is rejected because of its parent (decisions: reason codes missing)."""
    return CARRIED.get(parent.entity, "PARENT_REJECTED")
