"""What happened in V5 since a wave was moved: what people would have to enter again in legacy when they go back.

New rows (the map does not know them, and their id lies above the first that the migration wrote), edited rows (no longer
what was written, by their hash) and deleted rows (in the map and no longer there). Rows that stood in V5 before the
migration are not looked at: nobody noted what they were. Secrets are left out; personal data is in one of two files.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from entities.engine import schema
from entities.recovery import place
from entities.recovery.paths import fetch
from entities.rollback import tables, window, written
from entities.rollback.scope import Scope
from entities.rollback.tables import MAP, content_tables, quote, school_of
from tracking.masking import HIDDEN, masked
from tracking.models import Run, Wave

NEW, EDITED, DELETED = "new", "edited", "deleted"
HEAD = ("what", "table", "V5 id", "legacy record", "V5 school", "changed at (UTC)", "values")
SLICE, MOST_IN_SHEET = 2_000, 1_000_000
OURS = frozenset({MAP, "legacy_archive", tables.ROLLBACK})


@dataclass(frozen=True)
class Change:
    """One row that people made, changed or removed; `values` as V5 holds it now, empty for a removed one."""

    kind: str
    table: str
    v5_id: int
    record: str = ""
    school: int | None = None
    at: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def line(self, personal: bool) -> list[Any]:
        shown = masked(self.values, self.table, personal=personal)
        shown = {name: value for name, value in shown.items() if personal is False or value != HIDDEN}
        text = json.dumps(shown, ensure_ascii=False, default=str) if shown else ""
        return [self.kind, self.table, self.v5_id, self.record, self.school or "", self.at, text]


class Since:
    """The changes since a wave was moved, table by table."""

    def __init__(self, wave: Wave) -> None:
        schema.forget("v5")
        runs = Run.objects.filter(phase__wave=wave, dry_run=False, started_at__isnull=False)
        self.scope = Scope(runs=sorted(runs.values_list("pk", flat=True)))
        first = runs.order_by("started_at").values_list("started_at", flat=True).first()
        self.since = f"{first:%Y-%m-%d %H:%M:%S}" if first else ""
        self.schools = _v5_schools(wave)

    def tables(self) -> list[str]:
        return [name for name in content_tables() if name not in OURS] if self.scope.runs else []

    def of(self, table: str) -> Iterator[Change]:
        first = fetch(f"SELECT MIN(m.v5_id) FROM {MAP} m WHERE m.v5_table = %s AND m.v5_id IS NOT NULL "
                      f"AND m.disposition IN ('migrated', 'split', 'synthesised')", [table])[0][0]  # fmt: skip
        if first is not None:
            yield from self._touched(table)
        if "id" in schema.live("v5").columns(table):
            yield from self._new(table, first)

    def _touched(self, table: str) -> Iterator[Change]:
        """Edited and deleted rows, along the map."""
        after, over = 0, False
        while not over:
            part = window.look(window.read(table, self.scope, after, limit=SLICE), self.scope)
            after, over = part.upto, part.over
            owners = {entry.v5_id: entry for entry in part.entries if entry.owns}
            for v5_id in sorted(part.gone):
                yield Change(DELETED, table, v5_id, _record(owners[v5_id]), owners[v5_id].school_id)
            for v5_id in sorted(part.edited):
                row = part.rows[v5_id][0]
                yield _changed(EDITED, table, v5_id, row._asdict(), _record(owners[v5_id]))

    def _new(self, table: str, first: int | None) -> Iterator[Change]:
        """Rows that the map does not know."""
        conditions = [f"NOT EXISTS (SELECT 1 FROM {MAP} m WHERE m.v5_table = '{table}' AND m.v5_id = t.id)"]
        if first is None:
            if "created_at" not in schema.live("v5").columns(table):
                return
            conditions.append(f"t.created_at >= '{self.since}'")
        if self.schools is not None and (school := school_of(table)) != "NULL":
            conditions.append(
                f"({school} IS NULL OR {school} IN ({', '.join(map(str, self.schools)) or 'NULL'}))"
            )
        after = first if first is not None else 0
        while True:
            sql = f"SELECT t.id FROM {quote(table)} t WHERE t.id > {int(after)} AND {' AND '.join(conditions)} ORDER BY t.id"
            ids = [row[0] for row in fetch(f"{sql} LIMIT {SLICE}")]
            yield from self._rows(table, ids)
            if len(ids) < SLICE:
                return
            after = ids[-1]

    @staticmethod
    def _rows(table: str, ids: list[int]) -> Iterator[Change]:
        if not ids:
            return
        if written.model_of(table) is None:
            yield from (Change(NEW, table, v5_id) for v5_id in ids)
            return
        for row in sorted(written.rows(table, "id", ids), key=lambda row: row.id):
            yield _changed(NEW, table, row.id, row._asdict())


def _changed(kind: str, table: str, v5_id: int, values: dict[str, Any], record: str = "") -> Change:
    at = str(values.get("updated_at") or values.get("created_at") or "")
    return Change(kind, table, v5_id, record, values.get("school_id"), at, values)


def _record(entry: Any) -> str:
    return f"{entry.entity}:{entry.legacy_id}" + (f"#{entry.part}" if entry.part else "")


def _v5_schools(wave: Wave) -> list[int] | None:
    """V5 ids of the wave's schools; None for all schools."""
    if not wave.schools:
        return None
    listed = ", ".join(str(int(key)) for key in wave.schools)
    sql = f"SELECT v5_id FROM {MAP} WHERE entity_type = 'school' AND legacy_id IN ({listed}) AND v5_id IS NOT NULL"
    return [row[0] for row in fetch(sql)]


def write(
    wave: Wave, now: datetime, step: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Write the list as CSV and XLSX into the folder of backups, masked and in full, and count it.

    The result has `counts` by kind, `tables` by table and kind, and the names and checksums of the `files`.
    """
    stem = place.folder() / f"changes-{wave.pk}-{now:%Y%m%dT%H%M%SZ}"
    since = Since(wave)
    names, counts, by_table = since.tables(), Counter[str](), Counter[str]()
    with _Lists(stem) as lists:
        for number, table in enumerate(names, 1):
            for change in since.of(table):
                counts[change.kind] += 1
                by_table[f"{table}: {change.kind}"] += 1
                lists.add(change)
            step(number, len(names))
    return {"counts": {kind: counts[kind] for kind in (NEW, EDITED, DELETED)}, "tables": dict(by_table),
            "since": since.since, "files": lists.made}  # fmt: skip


class _Lists:
    """The four files of one list; they stand under their names only when the list is complete."""

    def __init__(self, stem: Path) -> None:
        self.stem, self.made = stem, dict[str, dict[str, Any]]()
        self.rows = 0
        self._open: list[tuple[bool, Path, Any, Any, Workbook, Any]] = []

    def __enter__(self) -> _Lists:
        for personal in (False, True):
            path = Path(f"{self.stem}{'-full' if personal else ''}.csv")
            part = path.with_name(path.name + place.PART)
            file = os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
            )
            writer, book = csv.writer(file), Workbook(write_only=True)
            sheet = book.create_sheet("changes")
            writer.writerow(HEAD)
            sheet.append(HEAD)
            self._open.append((personal, path, file, writer, book, sheet))
        return self

    def add(self, change: Change) -> None:
        self.rows += 1
        for personal, _path, _file, writer, _book, sheet in self._open:
            line = change.line(personal)
            writer.writerow(line)
            if self.rows < MOST_IN_SHEET:
                sheet.append([_cell(value) for value in line])

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        for personal, path, file, _writer, book, _sheet in self._open:
            part = path.with_name(path.name + place.PART)
            file.close()
            if kind is not None:
                part.unlink(missing_ok=True)
                continue
            os.replace(part, path)
            sheet_path = path.with_suffix(".xlsx")
            sheet_path.touch(mode=0o600)
            book.save(sheet_path)
            for made in (path, sheet_path):
                self.made[made.name] = {
                    "checksum": place.checksum_of(made),
                    "size": made.stat().st_size,
                    "personal": personal,
                }


def _cell(value: Any) -> Any:
    """Excel refuses control characters and more than 32,767 letters."""
    if not isinstance(value, str):
        return value
    return "".join(letter for letter in value if letter >= " " or letter in "\t\n")[:32_000]
