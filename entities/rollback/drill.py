"""The rehearsal of the way back, on copies of V5 and of the panel's database: move, edit as users do, roll back, prove.

The copies are made by the tools of the backups and are gone afterwards; legacy is only read. What the rehearsal found
and how long it took is kept in the real record: the gate "rollback rehearsed" rests on it (R-92).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from entities.engine import coordinator, ids, runner, source, sweeper
from entities.engine.errors import Refused
from entities.recovery import place, servers
from entities.recovery.servers import mysql, sqlite
from entities.rollback import keep, request, tables
from entities.rollback.tables import fetch, quote
from tracking import rollbacks
from tracking.models import Rollback, Run, Wave
from tracking.states import RunStatus

Say = Callable[[str], Any]
CHUNK = 1 << 20
EDITED = ("bookings", "notes"), ("clients", "first_name"), ("courses", "name")


def rehearse(wave: Wave, say: Say) -> Rollback:
    """The whole rehearsal; the rollback that it leaves in the record is marked as one."""
    began = time.monotonic()
    with ExitStack() as stack:
        copies = {alias: stack.enter_context(_copy(alias, say)) for alias in ("v5", "default")}
        with _switched(copies):
            found = _on_the_copy(wave.name, say)
    found["seconds"]["all"] = round(time.monotonic() - began, 1)
    return _keep(wave, found)


def _on_the_copy(name: str, say: Say) -> dict[str, Any]:
    wave, seconds = Wave.objects.get(name=name), {}
    live = Run.objects.filter(phase__wave=wave, dry_run=False).exclude(
        status__in=(RunStatus.PENDING, RunStatus.ROLLED_BACK)
    )
    if not live.exists():
        say("Moving phases 2 to 4 on the copy.")
        seconds["move"] = _timed(lambda: _move(wave))
    edits = _edit()
    say(f"Edited as users do: {edits}.")
    asked: list[Rollback] = []
    seconds["look"] = _timed(lambda: asked.append(_look(wave)))
    rollback = asked[0]
    say("Rolling back.")
    seconds["rollback"] = _timed(lambda: _roll(rollback))
    rollback.refresh_from_db()
    groups = [f"{group['kind']}:{group['table']} {group['rows']}" for group in keep.groups(rollback)]
    return {"result": rollback.result, "seconds": seconds, "edits": edits, "found": groups, "scope": rollback.scope,
            "stood": _stand()}  # fmt: skip


def _move(wave: Wave) -> None:
    coordinator.plan_phases(wave, (2, 3, 4), timezone.now())
    while run := coordinator.advance(wave, timezone.now()):
        runner.work(run.pk)
        run.refresh_from_db()
        if run.status in (RunStatus.STOPPED, RunStatus.UNBALANCED):
            raise Refused(f"run {run} is {run.status} on the copy: {run.status_reason}")


def _look(wave: Wave) -> Rollback:
    rollback = request.of_wave(wave, timezone.now(), reason="rehearsal")
    assert rollback.look is not None
    sweep = sweeper.drive(rollback.look)
    if sweep.state != "done":
        raise Refused(f"the look failed: {sweep.reason}")
    rollback.refresh_from_db()
    return rollback


def _roll(rollback: Rollback) -> None:
    work = request.begin(rollback, timezone.now()).work
    assert work is not None
    sweep = sweeper.drive(work)
    if sweep.state != "done":
        raise Refused(f"the rollback failed: {sweep.reason}")


MARK = "edited in the rehearsal"


def _edit() -> dict[str, int]:
    """What users would do: change rows, delete one, write a payment on a migrated booking."""
    done: dict[str, int] = {}
    for table, column in EDITED:
        row = fetch(
            f"SELECT MIN(v5_id) FROM {tables.MAP} WHERE v5_table = %s AND disposition = 'migrated'", [table]
        )
        if row[0][0] is not None:
            _write(f"UPDATE {quote(table)} SET {quote(column)} = %s WHERE id = %s", [MARK, row[0][0]])
            done[f"changed {table}"] = row[0][0]
    booking = fetch(
        f"SELECT MAX(v5_id) FROM {tables.MAP} WHERE v5_table = 'bookings' AND disposition = 'migrated'"
    )[0][0]
    if booking is not None:
        _write(
            "INSERT INTO payments (booking_id, school_id, amount, status, notes)"
            " SELECT id, school_id, 1, 'paid', %s FROM bookings WHERE id = %s",
            [MARK, booking],
        )
        done["wrote payments on booking"] = booking
    gone = fetch(
        f"SELECT MAX(v5_id) FROM {tables.MAP} WHERE v5_table = 'school_colors' AND disposition = 'migrated'"
    )[0][0]
    if gone is not None:
        _write("DELETE FROM school_colors WHERE id = %s", [gone])
        done["deleted school_colors"] = gone
    return done


def _stand() -> dict[str, int]:
    """What of the users' work is still there."""
    found = {
        f"{table}.{column}": fetch(f"SELECT COUNT(*) FROM {quote(table)} WHERE {quote(column)} = %s", [MARK])[
            0
        ][0]
        for table, column in EDITED
    }
    found["payments"] = fetch("SELECT COUNT(*) FROM payments WHERE notes = %s", [MARK])[0][0]
    return found


def _write(sql: str, params: list[Any]) -> None:
    with connections["v5"].cursor() as cursor:
        cursor.execute(sql, params)


def _keep(wave: Wave, found: dict[str, Any]) -> Rollback:
    """The rehearsal in the real record, with its results."""
    now, result = timezone.now(), found["result"]
    expected = sum(1 for what in found["edits"] if what.startswith(("changed", "wrote")))
    result["proven"] = result["proven"] and sum(found["stood"].values()) >= expected
    result |= {
        "seconds": found["seconds"],
        "edits": found["edits"],
        "found": found["found"],
        "stood": found["stood"],
    }
    rollback = Rollback.objects.create(
        wave=wave, kind=Rollback.Kind.WAVE, scope={**found["scope"], "runs": []}, said=f"rehearsal of wave {wave.name} on a copy",
        reason="rehearsal", rehearsal=True, asked_at=now, started_at=now, finished_at=now, result=result,
        state=Rollback.State.DONE if result["proven"] else Rollback.State.UNPROVEN,
    )  # fmt: skip
    rollbacks.keep_results(rollback, result, now)
    return rollback


def _timed(what: Callable[[], Any]) -> float:
    began = time.monotonic()
    what()
    return round(time.monotonic() - began, 1)


@contextmanager
def _copy(alias: str, say: Say) -> Iterator[Any]:
    """A copy of a database as it is at this moment; the settings with which to reach it."""
    values = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        name = str(place.folder() / f"rehearsal-{alias}.sqlite3")
        scratch: Any = sqlite.Scratch({**values, "NAME": name}, f"rehearsal_{alias}")
    else:
        scratch = mysql.Scratch({**values, "NAME": f"{values['NAME']}_rehearsal"}, f"rehearsal_{alias}")
    with scratch, tempfile.TemporaryDirectory(dir=place.folder()) as folder:
        with servers.snapshot(alias) as moment:
            place.check_room(place.folder(), 2 * moment.needed())
            file = Path(folder) / "dump"
            with file.open("wb") as sink:
                moment.dump(lambda piece: _put(sink, piece), lambda done, total: None, Path(folder) / "raw")
        scratch.fill(_pieces(file))
        file.unlink()
        say(f"Copied {alias} to {scratch.place}.")
        yield scratch.values


def _put(sink: Any, piece: bytes) -> None:
    sink.write(piece)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


@contextmanager
def _switched(copies: dict[str, dict[str, Any]]) -> Iterator[None]:
    """Inside, `v5` and `default` are the copies, in this process alone."""
    before = {alias: connections.databases[alias] for alias in copies}
    try:
        for alias, values in copies.items():
            _point(alias, {**before[alias], "NAME": values["NAME"]})
        yield
    finally:
        for alias, values in before.items():
            _point(alias, values)


def _point(alias: str, values: dict[str, Any]) -> None:
    connections[alias].close()
    del connections[alias]
    connections.databases[alias] = values
    ids.forget()
    source.forget()
