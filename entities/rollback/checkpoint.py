"""Checkpoints: what V5 holds, per table and school, and the hash of each row, to lead back to and to compare with."""

from __future__ import annotations

import struct
import time
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from entities.engine.content import SLICE, WHOLE, Figures, Reading, Row
from entities.engine.errors import Refused
from entities.rollback.tables import ARCHIVE, MAP, fetch, school_of
from tracking import plan, version
from tracking.models import Batch, Checkpoint, CheckpointRows, CheckpointTable, Part, Run, Wave
from tracking.states import AT_WORK
from tracking.sweeps import Step

ROW = struct.Struct("<qQq")  # id, hash, V5 school (0 for none)
Schools = dict[str, list[Any]]  # school ("0" for none): rows, hash


def take_slice(checkpoint: Checkpoint, part: Part) -> Step:
    """One step of a part that takes the figures of the table `part.name` (to be kept under that name)."""
    table, after = part.name, part.cursor if part.cursor is not None else -(2**62)
    rows, over = next_slice(table, after)
    figures = added_up(part.figures, rows)
    following = rows[-1][0] if rows and not over else after
    return Step(
        following, over, len(rows), figures, record=lambda: _keep_rows(checkpoint, table, after, rows)
    )


def next_slice(table: str, after: int) -> tuple[Sequence[Row], bool]:
    """The rows of a table behind an id, as (id, hash, school), and whether there are none behind them."""
    reading = Reading("v5", table)
    extra = ["t.school_id" if table == ARCHIVE else school_of(table)]
    if not reading.numbered:
        return list(reading.stream(extra=extra)), True
    rows = reading.rows(after=after, extra=extra)
    return rows, len(rows) < SLICE


def added_up(figures: Schools, rows: Iterable[Row]) -> Schools:
    """Figures by school with more rows in them, each with its school."""
    found: dict[str, list[int]] = {key: [rows, int(hash, 16)] for key, (rows, hash) in figures.items()}
    hashes: dict[Any, list[int]] = {}
    for _, hash, school in rows:
        hashes.setdefault(school, []).append(hash)
    for school, some in hashes.items():
        counted = found.setdefault(str(school or 0), [0, 0])
        counted[0] += len(some)
        counted[1] += sum(some)
    return as_schools(found)


def as_schools(sums: Mapping[str, Sequence[int]]) -> Schools:
    """Rows and sums of hashes by school as they are kept."""
    return {key: [rows, f"{total % WHOLE:032x}"] for key, (rows, total) in sums.items()}


def _keep_rows(checkpoint: Checkpoint, table: str, after: int, rows: Sequence[Row]) -> None:
    if not rows:
        return
    pack = ROW.pack
    content = b"".join([pack(id or 0, hash, school or 0) for id, hash, school in rows])
    CheckpointRows.objects.create(checkpoint=checkpoint, table=table, after=after, content=content)


def close(checkpoint: Checkpoint, figures: dict[str, Schools]) -> None:
    """Keep the figures of all tables and call it taken; harmless when done twice."""
    with transaction.atomic(using="default"):
        CheckpointTable.objects.filter(checkpoint=checkpoint).delete()
        CheckpointTable.objects.bulk_create(
            [
                CheckpointTable(checkpoint=checkpoint, table=table, school_id=int(school), rows=rows, hash=hash)
                for table, schools in figures.items()
                for school, (rows, hash) in (schools or {"0": [0, Figures().hash]}).items()
            ],
            batch_size=1_000,
        )  # fmt: skip
        whole = sum((total(schools) for schools in figures.values()), Figures())
        checkpoint.state, checkpoint.rows, checkpoint.hash = Checkpoint.State.TAKEN, whole.rows, whole.hash
        checkpoint.save(update_fields=["state", "rows", "hash"])


def total(schools: Schools) -> Figures:
    return sum((Figures(*one) for one in schools.values()), Figures())


def create(name: str, now: datetime, *, kind: str = Checkpoint.Kind.NAMED, wave: Wave | None = None, run: Run | None = None,
           made_by: Any = None) -> Checkpoint:  # fmt: skip
    """The row of a checkpoint that is still to be taken; a run has one. Refuses a named one while records are being moved.

    What is written from now on has a later time: V5 keeps whole seconds, so this waits for the next one.
    """
    if kind == Checkpoint.Kind.NAMED:
        refuse_moving()
        time.sleep(1.0 - timezone.now().microsecond / 1_000_000)
    values = {
        "name": name[:100], "kind": kind, "wave": wave, "phase": run.phase if run else None, "made_by": made_by,
        "at": max(now, timezone.now()), "position": position(), "code": version.of_rules(),
        "choices": plan.choices_of(wave).fingerprint() if wave else "",
    }  # fmt: skip
    if run is None:
        return Checkpoint.objects.create(**values)
    return Checkpoint.objects.get_or_create(run=run, defaults=values)[0]


def take(checkpoint: Checkpoint, tables: Iterable[str]) -> None:
    """Take the figures of some tables here and now."""
    figures: dict[str, Schools] = {}
    for table in tables:
        part, over = Part(name=table, cursor=None, figures={}), False
        while not over:
            step = take_slice(checkpoint, part)
            step.record()
            part.cursor, part.figures, over = step.cursor, step.figures, step.over
        figures[table] = part.figures
    close(checkpoint, figures)


def position() -> dict[str, Any]:
    """How far the record has come."""
    return {
        "run": Run.objects.aggregate(latest=Max("pk"))["latest"] or 0,
        "batch": Batch.objects.aggregate(latest=Max("pk"))["latest"] or 0,
        "map": fetch(f"SELECT MAX(id) FROM {MAP}")[0][0] or 0,
    }


def refuse_moving() -> None:
    """A checkpoint, as a rollback, needs a V5 in which nothing is being moved."""
    moving = Run.objects.filter(status__in=AT_WORK, dry_run=False).first()
    if moving is not None:
        raise Refused(f"run {moving} is moving records: pause it first, then repeat")


def iso(checkpoint: Checkpoint) -> str:
    """The moment as V5 keeps times: nothing of the migration written later carries an earlier one."""
    return checkpoint.at.strftime("%Y-%m-%d %H:%M:%S")


def figures_of(checkpoint: Checkpoint) -> dict[str, dict[int, Figures]]:
    """What the checkpoint keeps: figures by table and V5 school."""
    found: dict[str, dict[int, Figures]] = {}
    for one in CheckpointTable.objects.filter(checkpoint=checkpoint):
        found.setdefault(one.table, {})[one.school_id] = Figures(one.rows, one.hash)
    return found


def kept_rows(checkpoint: Checkpoint, table: str) -> Iterator[tuple[int, int]]:
    """(id, hash) of each row that the table had."""
    for part in CheckpointRows.objects.filter(checkpoint=checkpoint, table=table).iterator(chunk_size=4):
        yield from ((id, hash) for id, hash, _ in ROW.iter_unpack(bytes(part.content)))


def sums_of(checkpoint: Checkpoint, table: str, ids: Collection[int], sign: int) -> dict[str, list[int]]:
    """Rows and sum of hashes by school of those of the rows that the checkpoint has, times `sign`."""
    wanted, sums = set(ids), dict[str, list[int]]()
    for id, hash, school in _between(checkpoint, table, min(ids) - 1, max(ids)):
        if id in wanted:
            found = sums.setdefault(str(school), [0, 0])
            found[0] += sign
            found[1] += sign * hash
    return sums


def sums_between(
    checkpoint: Checkpoint, table: str, after: int, upto: int, sign: int
) -> dict[str, list[int]]:
    """The same of all rows with ids in (after, upto]."""
    hashes: dict[int, list[int]] = {}
    for _, hash, school in _between(checkpoint, table, after, upto):
        hashes.setdefault(school, []).append(hash)
    return {str(school): [sign * len(some), sign * sum(some)] for school, some in hashes.items()}


def _between(checkpoint: Checkpoint, table: str, after: int, upto: int) -> Iterator[tuple[int, int, int]]:
    """Id, hash and school of the rows with ids in (after, upto]."""
    slices = CheckpointRows.objects.filter(checkpoint=checkpoint, table=table, after__lt=upto)
    for part in slices.order_by("-after").iterator(chunk_size=1):
        content = memoryview(part.content)
        yield from ROW.iter_unpack(content[_place(content, after + 1) : _place(content, upto + 1)])
        if part.after <= after:
            return


def _place(content: memoryview, id: int) -> int:
    """The byte at which rows from `id` on begin; rows are in the order of their ids."""
    rows = range(len(content) // ROW.size)
    return bisect_left(rows, id, key=lambda row: ROW.unpack_from(content, row * ROW.size)[0]) * ROW.size


def count(table: str) -> int:
    """About how many rows a table has: at least as many as that."""
    from entities.engine import schema

    if "id" in schema.live("v5").columns(table):
        low, high = fetch(f"SELECT MIN(id), MAX(id) FROM {table}")[0]
        return int((high or 0) - (low or 0) + (1 if high else 0))
    return int(fetch(f"SELECT COUNT(*) FROM {table}")[0][0])
