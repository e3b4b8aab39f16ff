"""kill -9 of a worker that compares a long table: another one goes on at the last stored key, and nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from entities.bookings.notices import NoticeMapping
from entities.engine import digests
from entities.engine.sweeper import drive
from entities.reconciliation import sweep
from entities.reconciliation.comparison import SIZE
from tests.acceptance import scenes
from tests.world import World
from tracking import sweeps
from tracking.models import Finding, Part, Sweep, Wave

pytestmark = pytest.mark.slow
ROWS, CHECK, TABLE = 20_000, "C-notices", "booking_payment_notice_log"
FIRST_LEGACY, FIRST_V5 = 1_000_000, 5_000_000
DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
NUMBERS = (
    "SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n"
    f" FROM ({DIGITS}) a, ({DIGITS}) b, ({DIGITS}) c, ({DIGITS}) e, (SELECT 0 AS d UNION ALL SELECT 1 AS d) f"
)
FACTS = ("kind", "legacy_id", "v5_id", "field", "expected", "found")


def filled(world: World) -> int:
    """Payment reminders on both sides with their map entries; the number of those that differ."""
    line, booking, v5_line, v5_booking = world.v5_sql(
        "SELECT u.legacy_id, b.legacy_id, u.v5_id, b.v5_id FROM legacy_id_mappings u"
        " JOIN booking_users r ON r.id = u.v5_id JOIN legacy_id_mappings b ON b.v5_id = r.booking_id"
        " WHERE u.entity_type = 'booking_user' AND u.part = '' AND b.entity_type = 'booking' ORDER BY u.id LIMIT 1"
    )[0]
    when = "'2025-12-01 08:00:00'"
    columns = f"{TABLE} (id, booking2_id, booking_user2_id, date)"
    world.legacy_sql(
        f"INSERT INTO {columns} SELECT {FIRST_LEGACY} + n, {booking}, {line}, {when} FROM ({NUMBERS}) s"
    )
    columns = f"{TABLE} (id, booking_id, booking_user_id, date)"
    other = "CASE WHEN n % 1000 = 17 THEN '2025-12-01 09:00:00' ELSE '2025-12-01 08:00:00' END"
    world.v5_sql(
        f"INSERT INTO {columns} SELECT {FIRST_V5} + n, {v5_booking}, {v5_line}, {other} FROM ({NUMBERS}) s WHERE n % 5000 <> 23"
    )
    hashed = digests.as_written(NoticeMapping) or "''"
    world.v5_sql(
        "INSERT INTO legacy_id_mappings (id, entity_type, legacy_table, legacy_id, part, v5_table, v5_id, disposition, reason,"
        f" source_hash, target_hash) SELECT 900000000 + n, 'payment_notice', '{TABLE}', {FIRST_LEGACY} + n, '', '{TABLE}',"
        f" {FIRST_V5} + n, 'migrated', '', '', COALESCE({hashed}, '')"
        f" FROM ({NUMBERS}) s LEFT JOIN {TABLE} t ON t.id = {FIRST_V5} + n"
    )
    return ROWS // 1000 + ROWS // 5000


def asked() -> Sweep:
    return sweep.ask(Wave.objects.get(name="Rehearsal"), "E", timezone.now(), only=[CHECK])


def spawned(world: World, of: Sweep, told: Path) -> Any:
    """A worker process; it writes the cursor of each step into a file before it takes it."""
    options = json.dumps({"sweep": of.pk, "told": str(told)})
    return world.spawn_python("-m", "benchmarks.child", "sweep", options)


def left(of: Sweep) -> tuple[Any, ...]:
    """What a sweep left: its verdicts and its findings, each as often as it is stored."""
    names = ("school_id", "result", "legacy_rows", "v5_rows", "introduced", "fingerprint", "message")
    return (
        sorted(of.validations.values_list(*names), key=str),
        Counter(Finding.objects.filter(sweep=of).values_list(*FACTS)),
    )


def test_a_comparison_goes_on_where_its_worker_was_killed(migrated: World) -> None:
    planted, told = filled(migrated), [migrated.folder / name for name in ("first", "second")]
    verdicts, findings = left(drive(asked()))
    assert sum(findings.values()) == planted and set(findings.values()) == {1}

    one = asked()
    mine = Part.objects.filter(sweep=one, name=CHECK)
    worker = spawned(migrated, one, told[0])
    far = FIRST_LEGACY + 4 * SIZE
    scenes.until(lambda: (mine.values_list("cursor", flat=True).first() or 0) >= far, "four ranges", migrated)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    part = mine.get()
    assert part.state == Part.State.RUNNING and part.cursor < FIRST_LEGACY + ROWS, "it was in the middle"
    kept = Finding.objects.filter(sweep=one).count()
    assert 0 < kept < planted

    sweeps.reap(timezone.now() + 2 * sweeps.LEASE)
    other = spawned(migrated, one, told[1])
    scenes.until(lambda: other.poll() is not None, "the end of the second worker", migrated)
    one.refresh_from_db()
    assert one.state == Sweep.State.DONE, migrated.said(other)
    begun = [[int(cursor) for cursor in file.read_text().split()] for file in told]
    assert begun[1][0] == part.cursor, "the second worker began at the last stored key"
    assert len(set(begun[0]) & set(begun[1])) <= 1, "at most one range was looked at twice"
    assert left(one) == (verdicts, findings), "as if nothing had happened"
