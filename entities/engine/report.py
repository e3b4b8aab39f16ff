"""What became of a batch, for the ledger: tallies, issues, and the seal on each aggregate."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from entities.engine.definition import Migration, Segment
from entities.engine.environment import Env, MapEntry
from entities.engine.extract import RowBatch
from entities.engine.load import Loaded
from entities.engine.values import Aggregate, Entry, Problem, Row, Unit, payload_of, row_hash
from tracking.issues import IssueDraft
from tracking.ledger import Outcome
from tracking.sentences import sentence

MONEY = ("price_total", "price", "amount", "remaining_balance")
LONGEST_VALUE = 500


def outcome_of(migration: Migration, segment: Segment, rows: RowBatch, settled: list[MapEntry], units: list[Unit],
               loaded: Loaded) -> Outcome:  # fmt: skip
    """Counts by disposition and reason, one issue per problem, and the keys that were looked at."""
    name = root_name(migration, segment)
    outcome = Outcome(
        rows_read=rows.count(), rows_written=loaded.written, unchanged=loaded.unchanged + len(settled),
        roots=[(name, unit.root.id) for unit in units],
    )  # fmt: skip
    tally = _Tally()
    for entry in settled:
        tally.add(segment.entity, segment.model._meta.db_table, 0, entry.disposition, entry.reason)
    for unit in units:
        for one in unit.entries:
            tally.add(one.entity, one.legacy_table, one.legacy_id, one.disposition, one.reason)
            if one.problems:
                outcome.issues += issues_of(name, unit, one)
                tally.warnings(one)
    outcome.tallies = tally.totals()
    outcome.rejected = sum(rows for key, (rows, _) in outcome.tallies.items() if key[2] == "rejected")
    outcome.warnings = sum(rows for key, (rows, _) in outcome.tallies.items() if key[2] == "warning")
    outcome.roots += [(name, root.id) for root in _settled_roots(rows, units)] if settled else []
    outcome.adopted = list(_adopted(migration, units)) if not segment.name else []
    return outcome


def _adopted(migration: Migration, units: list[Unit]) -> Iterator[tuple[str, int]]:
    """Rows that were orphans when they were rejected and belong to a root now: their old issues are settled too."""
    orphans = {
        (child.entity, child.model._meta.db_table): f"{migration.name}/orphans:{name}"
        for name, child in migration.children.items()
        if child.entity
    }
    for unit in units:
        for entry in unit.entries:
            was_rejected = entry.existing is not None and entry.existing.disposition == "rejected"
            if was_rejected and (entry.entity, entry.legacy_table) in orphans:
                yield orphans[(entry.entity, entry.legacy_table)], entry.legacy_id


def _settled_roots(rows: RowBatch, units: list[Unit]) -> Iterable[Row]:
    looked_at = {unit.root.id for unit in units}
    return (root for root in rows.roots if root.id not in looked_at)


def root_name(migration: Migration, segment: Segment) -> str:
    """How issues name the aggregate they belong to, so that it can be re-queued: `bookings`, `bookings/orphans:lines`."""
    return f"{migration.name}/{segment.name}" if segment.name else migration.name


class _Tally:
    """Counts of rows (distinct legacy ids) and entries by (entity, table, disposition, reason)."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str, str, str]] = Counter()
        self._entries: Counter[tuple[str, str, str, str]] = Counter()
        self._seen: set[tuple[str, str, int]] = set()

    def add(self, entity: str, table: str, legacy_id: int, disposition: str, reason: str) -> None:
        key = (entity, table, disposition, reason)
        self._entries[key] += 1
        row = (entity, table, legacy_id)
        if legacy_id == 0 or row not in self._seen:
            self._seen.add(row)
            self._rows[key] += 1

    def warnings(self, entry: Entry) -> None:
        for code in {problem.code for problem in entry.problems or () if problem.level == "warning"}:
            key = (entry.entity, entry.legacy_table, "warning", code)
            self._rows[key] += 1
            self._entries[key] += 1

    def totals(self) -> dict[tuple[str, str, str, str], tuple[int, int]]:
        return {key: (self._rows[key], entries) for key, entries in self._entries.items()}


def issues_of(root: str, unit: Unit, entry: Entry) -> Iterator[IssueDraft]:
    """One issue per problem of an entry; a fault seen twice on one field is one issue."""
    payload = short(payload_of(entry.row))
    seen: set[tuple[str, str]] = set()
    for problem in entry.problems or ():
        if (problem.code, problem.field) not in seen:
            seen.add((problem.code, problem.field))
            yield _issue(root, unit, entry, problem, payload)


def _issue(root: str, unit: Unit, entry: Entry, problem: Problem, payload: dict[str, Any]) -> IssueDraft:
    row = entry.row
    hidden = problem.field in row._hidden
    value = {} if problem.value is None or hidden else {"value": short({"value": problem.value})["value"]}
    return IssueDraft(
        entity_type=entry.entity, legacy_table=entry.legacy_table, legacy_id=entry.legacy_id, part=entry.part,
        root_entity=root, root_id=unit.root.id, school_id=entry.school_id, stage=problem.stage, level=problem.level,
        code=problem.code, field=problem.field, message=problem.message or problem.code, payload={"row": payload, **value},
        amount=money_of(entry) if problem.level == "error" else None, currency=currency_of(row),
    )  # fmt: skip


def currency_of(row: Any) -> str:
    """The currency as causes are counted by it: `chf` and `CHF` are one, as they are for a server that ignores case."""
    return (getattr(row, "currency", "") or "").strip().upper()[:3]


def money_of(entry: Entry) -> Decimal | None:
    """The money at stake in a record: what the transform said, else the first money column of the row."""
    if entry.amount is not None:
        return entry.amount
    amounts = (getattr(entry.row, name, None) for name in MONEY)
    return next((amount for amount in amounts if isinstance(amount, Decimal)), None)


def short(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload fit for JSON: decimals as text, long texts (inline pictures) cut with their length."""
    return {name: _short(value) for name, value in payload.items()}


def _short(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]}… ({len(value)} characters)"
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def aggregate_hash(segment: Segment, aggregate: Aggregate, hash_of: Callable[[Row], str] = row_hash) -> str:
    """A fingerprint of the root row and all its children."""
    hashes = [hash_of(aggregate.root), *(hash_of(row) for row in _children(segment, aggregate))]
    return blake2b("".join(hashes).encode(), digest_size=16).hexdigest()


def _children(segment: Segment, aggregate: Aggregate) -> Iterator[Row]:
    found: dict[str, list[Row]] = {}
    for name, child in segment.children.items():
        if child.of:
            found[name] = [row for parent in found[child.of] for row in aggregate.rows(name, of=parent.id)]
        else:
            found[name] = aggregate.rows(name)
        yield from found[name]


def seal(segment: Segment, aggregate: Aggregate, unit: Unit) -> None:
    """The root's entry carries the hash of the whole aggregate."""
    if unit.root_entry is not None:
        unit.root_entry.source_hash = aggregate_hash(segment, aggregate, unit.hash_of)


def flag(units: Iterable[Unit]) -> None:
    """Aggregates with something wrong, also what only the validation found, are looked at again next time."""
    for unit in units:
        if unit.root_entry is not None and any(entry.problems for entry in unit.entries):
            unit.root_entry.keep(recheck=True)


def needs_another_look(entry: MapEntry) -> bool:
    """Whether an entry was rejected or belongs to an aggregate with something flagged."""
    if entry.disposition == "rejected":
        return True
    return bool(entry.additional) and "recheck" in json.loads(entry.additional or "{}")


def crashed(migration: Migration, segment: Segment, aggregate: Aggregate, env: Env, error: Exception) -> Unit:
    """The unit of an aggregate whose transform crashed: every row of it quarantined, with the place of the fault."""
    unit = Unit(aggregate.root, env, migration.school_of(aggregate.root))
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "unknown place"
    message = sentence(
        "the programme failed with %(error)s in %(place)s; tell an engineer",
        error=type(error).__name__,
        place=place,
    )
    root = unit.reject(
        segment.entity or f"archive:{aggregate.root._table}",
        aggregate.root,
        "UNEXPECTED_ERROR",
        message=message,
    )
    for name, child in segment.children.items():
        if child.entity:
            for row in rows_of(segment, aggregate, name):
                unit.reject(child.entity, row, migration.child_reason, message=message, under=root)
    return unit


def rows_of(segment: Segment, aggregate: Aggregate, name: str) -> list[Row]:
    """The rows of a relation in one aggregate, also of a child's children."""
    child = segment.children[name]
    if not child.of:
        return aggregate.rows(name)
    return [
        row for parent in rows_of(segment, aggregate, child.of) for row in aggregate.rows(name, of=parent.id)
    ]
