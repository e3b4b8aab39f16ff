"""Changes taken back: what a run updated in rows and entries that an earlier run had written (second pass, delta).

Column by column: what people changed since stays and is listed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from entities.engine.before import fingerprint
from entities.engine.lineage import RollbackArchive
from entities.rollback.archive import Out, among, execute, listed, put_back_entry
from entities.rollback.layout import cells
from entities.rollback.references import KEYLESS
from entities.rollback.scope import Scope
from entities.rollback.tables import MAP, ROLLBACK, as_dict, fetch, quote, to_dict
from tracking.models import Part, Rollback, RollbackFinding

AT_ONCE = 200
UNDO = 3  # the stage of the sweep in which changes are taken back
Image = tuple[
    int, str, int | None, dict[str, Any], dict[str, Any] | None
]  # id, table, v5 id, before, written


def former_entries(map_ids: Iterable[int], scope: Scope) -> dict[int, dict[str, Any]]:
    """Entries as an earlier run had left them, by map id; those that the scope's own runs first wrote have none."""
    sql = (
        f"SELECT i.v5_id, i.payload FROM {ROLLBACK} i WHERE i.v5_table = '{MAP}' AND i.v5_id IN ({listed(map_ids)})"
        f" AND i.kind = '{RollbackArchive.ENTRY}' AND {scope.images()} ORDER BY i.id"
    )
    if not any_former(scope):
        return {}
    first: dict[int, dict[str, Any]] = {}
    for map_id, payload in fetch(sql):
        first.setdefault(map_id, cells(payload))
    return {map_id: values for map_id, values in first.items() if not scope.holds(values)}


def any_former(scope: Scope) -> bool:
    """Whether the scope's runs changed any entry that an earlier run had written."""
    sql = (
        f"SELECT 1 FROM {ROLLBACK} i WHERE i.v5_table = '{MAP}' AND i.kind = '{RollbackArchive.ENTRY}'"
        f" AND {scope.images()} LIMIT 1"
    )
    return bool(fetch(sql))


def took_back(rollback: Rollback) -> bool:
    """Whether this rollback took any change back."""
    stage = Part.objects.filter(sweep=rollback.work_id, stage=UNDO)
    return any(part.figures.get("changes") for part in stage)


def put_back(rollback: Rollback, table: str, ids: Collection[int]) -> set[int]:
    """Those of the rows in which this rollback took changes back: they are no longer as its first look saw them."""
    if not took_back(rollback):
        return set()
    sql = (
        f"SELECT i.v5_id FROM {ROLLBACK} i WHERE i.v5_table = %s AND i.kind = '{RollbackArchive.UPDATED}'"
        f" AND i.rollback_id = %s AND {among('i.v5_id', ids)}"
    )
    return {row[0] for row in fetch(sql, [table, rollback.pk])}


def entries(rollback: Rollback, scope: Scope, after: int, now: str) -> tuple[int, bool, int]:
    """Take back the changes of the next map entries behind `after`: (last map id, whether that was all, how many)."""
    sql = (
        f"SELECT DISTINCT i.v5_id FROM {ROLLBACK} i JOIN {MAP} m ON m.id = i.v5_id AND {scope.where()}"
        f" WHERE i.v5_table = '{MAP}' AND i.kind = '{RollbackArchive.ENTRY}' AND {scope.images()} AND i.v5_id > %s"
        f" ORDER BY i.v5_id LIMIT {AT_ONCE}"
    )
    ids = [row[0] for row in fetch(sql, [after])]
    out, late = Out(rollback.pk, now, rollback.reason, 4 * AT_ONCE), list[RollbackFinding]()
    with transaction.atomic(using="v5"):
        for map_id, former in former_entries(ids, scope).items():
            late += _entry(map_id, former, scope, out)
    _list(rollback, late)
    return (ids[-1] if ids else after), len(ids) < AT_ONCE, len(ids)


def _list(rollback: Rollback, findings: Iterable[RollbackFinding]) -> None:
    """List what people changed meanwhile, with the columns; the look may have listed the row already."""
    for one in findings:
        RollbackFinding.objects.update_or_create(
            rollback=rollback, kind=one.kind, table=one.table, v5_id=one.v5_id, parent_table="", parent_id=0,
            defaults={"columns": one.columns, "stays": True},
        )  # fmt: skip


def _entry(map_id: int, former: dict[str, Any], scope: Scope, out: Out) -> list[RollbackFinding]:
    """An entry whose row stood before gets row and entry back; one whose row is new is left to the tables' turn."""
    current = fetch(f"SELECT m.v5_id, m.v5_table FROM {MAP} m WHERE m.id = %s", [map_id])
    if not current or str(current[0][0] or "") != str(former["v5_id"] or ""):
        return []
    table, v5_id = current[0][1], current[0][0]
    place = f"i.v5_table = '{table}' AND i.v5_id = {int(v5_id or 0)} AND i.map_id = {int(map_id)}"
    found = _rows_back(_images(place, scope), out)
    put_back_entry(map_id, former)
    return found


def patches(rollback: Rollback, scope: Scope, before: int | None, now: str) -> tuple[int, bool, int]:
    """Take back the next columns that a second pass set, newest first: (last image id, all, how many)."""
    if scope.batch is not None or scope.entries is not None:
        return 0, True, 0  # nobody can tell which batch set a column of another record
    below = f" AND i.id < {int(before)}" if before is not None else ""
    if scope.school is not None:
        below += f" AND i.v5_table = 'schools' AND i.v5_id = {int(scope.v5_school or 0)}"
    out = Out(rollback.pk, now, rollback.reason, 4 * AT_ONCE)
    with transaction.atomic(using="v5"):
        images = _images(f"i.map_id IS NULL{below}", scope, AT_ONCE)
        late = _rows_back(images, out)
    _list(rollback, late)
    return (images[-1][0] if images else 0), len(images) < AT_ONCE, len(images)


def _images(where: str, scope: Scope, limit: int | None = None) -> list[Image]:
    sql = (
        f"SELECT i.id, i.v5_table, i.v5_id, i.payload, i.sealed, i.written FROM {ROLLBACK} i"
        f" WHERE i.kind = '{RollbackArchive.UPDATED}' AND {scope.images()} AND {where} ORDER BY i.id DESC"
    )
    rows = fetch(sql + (f" LIMIT {limit}" if limit else ""))
    return [
        (row[0], row[1], row[2], to_dict(row[1], row[3], row[4]), json.loads(row[5] or "null"))
        for row in rows
    ]


def _rows_back(images: Sequence[Image], out: Out) -> list[RollbackFinding]:
    late = []
    for image_id, table, v5_id, former, put in images:
        kept = _row_back(table, former, put or {}, out)
        if kept and v5_id is not None:
            late.append(
                RollbackFinding(
                    kind=RollbackFinding.Kind.EDITED, table=table, v5_id=v5_id, columns=kept, stays=True
                )
            )
        execute(f"UPDATE {ROLLBACK} SET rollback_id = %s WHERE id = %s", [out.rollback, image_id])
    return late


def _row_back(table: str, former: dict[str, Any], put: dict[str, Any], out: Out) -> list[str]:
    """Give the columns that were set their former values; the names of those that people changed since."""
    key = KEYLESS[table][1] if table in KEYLESS else ("id",)
    where, params = " AND ".join(f"t.{quote(name)} = %s" for name in key), [former[name] for name in key]
    rows = fetch(f"SELECT {as_dict(table)} FROM {quote(table)} t WHERE {where}", params)
    if not rows:
        return list(put)
    now = to_dict(table, *rows[0])
    mine = [name for name in put if same(now.get(name), put[name])]
    changed = [name for name in mine if not same(now.get(name), former.get(name))]
    if changed:
        out.note(table, where, -1, params)
        assignments = ", ".join(f"{quote(name)} = %s" for name in changed)
        plain = where.replace("t.", "")
        execute(
            f"UPDATE {quote(table)} SET {assignments} WHERE {plain}", [*map(former.get, changed), *params]
        )
        out.note(table, where, +1, params)
    return [name for name in put if name not in mine]


def same(one: str | None, other: str | None) -> bool:
    """Whether two cells say the same: as text, as numbers or as documents."""
    if one == other or one is None or other is None:
        return one == other
    if other.startswith("sha256:"):
        return fingerprint(one) == other
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        pass
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def forgotten(scope: Scope, rollback: Rollback) -> int:
    """Bring back entries that a change had removed, where no newer entry took their place."""
    sql = (
        f"SELECT i.id, i.payload FROM {ROLLBACK} i WHERE i.kind = '{RollbackArchive.FORGOTTEN}' AND {scope.images()}"
        " ORDER BY i.id DESC"
    )
    back = 0
    with transaction.atomic(using="v5"):
        for image_id, payload in fetch(sql):
            values = cells(payload)
            if not scope.holds(values) and not _stands(values):
                names = ", ".join(map(quote, values))
                marks = ", ".join(["%s"] * len(values))
                execute(f"INSERT INTO {MAP} ({names}) VALUES ({marks})", list(values.values()))
                back += 1
            execute(f"UPDATE {ROLLBACK} SET rollback_id = %s WHERE id = %s", [rollback.pk, image_id])
    return back


def _stands(values: dict[str, Any]) -> bool:
    sql = f"SELECT 1 FROM {MAP} m WHERE m.entity_type = %s AND m.legacy_id = %s AND m.part = %s"
    return bool(fetch(sql, [values["entity_type"], int(values["legacy_id"]), values["part"]]))


def settle(scope: Scope, rollback: Rollback) -> None:
    """Whatever images of these runs are left belong to this rollback now: nobody takes them back a second time.

    Of a part of a run only those of its entries go; they went with them.
    """
    if not scope.is_whole:
        return
    execute(f"UPDATE {ROLLBACK} SET rollback_id = %s WHERE id IN (SELECT id FROM (SELECT i.id FROM {ROLLBACK} i"
            f" WHERE i.kind IN ('updated', 'entry', 'forgotten') AND {scope.images()}) s)", [rollback.pk])  # fmt: skip
