"""`python -m benchmarks.resume --rows 1000000`: a worker that compares a long table is killed, another one goes on.

A million payment reminders stand in legacy and in V5 with their map entries; some differ, some are gone. They are compared
once undisturbed and once with a `kill -9` of the worker in the middle. Both must end with the same figures and findings,
and of the rows that the dead worker looked at, at most one key range may be looked at again.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import arena, section
from benchmarks.measure import ANSWER, _answer, _start

BOOKINGS = 2_000  # what the reminders are about
FIRST_LEGACY, FIRST_V5 = 1_000_000, 5_000_000  # ids before those of the filled rows
CHECK, TABLE = "C-notices", "booking_payment_notice_log"
TITLE = "Killed in the middle of a long table"


@dataclass(frozen=True)
class Ended:
    """What one sweep left: its verdict by school, its findings, and the seconds of its workers."""

    verdicts: dict[Any, tuple[Any, ...]]
    findings: Counter[tuple[Any, ...]]
    seconds: float

    @property
    def rows(self) -> int:
        return sum(verdict[1] for verdict in self.verdicts.values())


def say(text: str) -> None:
    print(text, flush=True)


def fill(place: arena.Arena, rows: int) -> int:
    """Reminders on both sides with their map entries; the number of those that are planted to differ."""
    from entities.bookings.notices import NoticeMapping
    from entities.engine import digests

    link = place.link
    entity = (
        "SELECT legacy_id, v5_id FROM {v5}.legacy_id_mappings WHERE part = '' AND v5_id > 0 AND entity_type ="
    )
    link.execute(
        f"CREATE TABLE {arena.BASE}.pair (n INT PRIMARY KEY) AS SELECT ROW_NUMBER() OVER (ORDER BY l.id) - 1 AS n,"
        " l.booking2_id, l.id AS line2_id, b.v5_id AS booking_id, u.v5_id AS line_id FROM {legacy}.booking_users2 l"
        f" JOIN ({entity} 'booking') b ON b.legacy_id = l.booking2_id JOIN ({entity} 'booking_user') u ON u.legacy_id = l.id"
    )
    pairs = link.number(f"SELECT COUNT(*) FROM {arena.BASE}.pair")
    each = f"FROM {{legacy}}.seq_1_to_{rows} s JOIN {arena.BASE}.pair p ON p.n = s.seq MOD {pairs}"
    when = "'2025-12-01 08:00:00' + INTERVAL s.seq SECOND"
    link.execute(
        f"INSERT INTO {{legacy}}.{TABLE} (id, booking2_id, booking_user2_id, date)"
        f" SELECT {FIRST_LEGACY} + s.seq, p.booking2_id, p.line2_id, {when} {each}"
    )
    link.execute(
        f"INSERT INTO {{v5}}.{TABLE} (id, booking_id, booking_user_id, date)"
        f" SELECT {FIRST_V5} + s.seq, p.booking_id, p.line_id, {when} {each}"
    )
    highest = link.number(f"SELECT MAX(id) FROM {{v5}}.{arena.MAP}")
    link.execute(
        f"INSERT INTO {{v5}}.{arena.MAP} (id, entity_type, legacy_table, legacy_id, part, v5_table, v5_id, disposition,"
        " reason, source_hash, target_hash, created_at, updated_at)"
        f" SELECT {highest} + s.seq, 'payment_notice', '{TABLE}', {FIRST_LEGACY} + s.seq, '', '{TABLE}', t.id, 'migrated',"
        f" '', '', {digests.as_written(NoticeMapping)}, NOW(), NOW()"
        f" FROM {{v5}}.seq_1_to_{rows} s JOIN {{v5}}.{TABLE} t ON t.id = {FIRST_V5} + s.seq"
    )
    return _plant(link)


def _plant(link: arena.Link) -> int:
    """Another time in some V5 rows, some rows gone, some without an entry of the map."""
    for sql in (
        f"UPDATE {{v5}}.{TABLE} SET date = date + INTERVAL 1 HOUR WHERE id > {FIRST_V5} AND id MOD 4000 = 17",
        f"DELETE FROM {{v5}}.{TABLE} WHERE id > {FIRST_V5} AND id MOD 40000 = 23",
        f"DELETE FROM {{v5}}.{arena.MAP} WHERE entity_type = 'payment_notice' AND legacy_id > {FIRST_LEGACY}"
        " AND legacy_id MOD 80000 = 99",
    ):
        link.execute(sql)
    for schema, table in ((arena.LEGACY, TABLE), (arena.V5, TABLE), (arena.V5, arena.MAP)):
        link.execute(f"ANALYZE TABLE {schema}.{table}")
    changed = link.number(f"SELECT COUNT(*) FROM {{v5}}.{TABLE} WHERE id > {FIRST_V5} AND id MOD 4000 = 17")
    there = link.number(f"SELECT COUNT(*) FROM {{v5}}.{TABLE} WHERE id > {FIRST_V5}")
    rows = link.number(f"SELECT COUNT(*) FROM {{legacy}}.{TABLE} WHERE id > {FIRST_LEGACY}")
    mapped = link.number(
        f"SELECT COUNT(*) FROM {{v5}}.{arena.MAP} WHERE entity_type = 'payment_notice' AND legacy_id > {FIRST_LEGACY}"
    )
    return changed + (rows - there) + (rows - mapped)


def move_reminders(place: arena.Arena) -> None:
    """The bookings and the reminders of the demo, so that there is a run whose rows can be compared."""
    from entities.operations import phases

    names = ["bookings", "notices"]
    runs = phases.runs_for(place.wave, [4], dry_run=False, resume=False, workers=1, only=names, write=_silent)
    phases.move(place.wave, runs, phases.How(inline=True), _silent)


def _silent(_text: Any) -> None:
    pass


def asked(place: arena.Arena) -> Any:
    from django.utils import timezone

    from entities.reconciliation import sweep

    return sweep.ask(place.wave, "E", timezone.now(), only=[CHECK])


def worker(sweep: Any, told: Path) -> subprocess.Popen[str]:
    """A process that works on the sweep; it writes down the cursor of each step before it takes it."""
    child = _start("sweep", {"sweep": sweep.pk, "told": str(told)})
    _answer(child, "ready")
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()
    return child


def ended(sweep: Any, child: subprocess.Popen[str]) -> Ended:
    """Wait for the worker's end and read what the sweep left."""
    from tracking.models import Finding, Part

    _answer(child, ANSWER)
    child.wait()
    sweep.refresh_from_db()
    if sweep.state != "done":
        raise SystemExit(f"the comparison ended as {sweep.state}: {sweep.reason}")
    verdicts = {
        one.school_id: (one.result, one.legacy_rows, one.v5_rows, one.introduced, one.fingerprint, one.details["examined"])
        for one in sweep.validations.all()
    }  # fmt: skip
    facts = ("kind", "legacy_id", "v5_id", "field", "expected", "found", "message")
    findings = Counter(Finding.objects.filter(sweep=sweep).values_list(*facts))
    seconds = sum(Part.objects.filter(sweep=sweep).values_list("seconds", flat=True))
    return Ended(verdicts, findings, seconds)


def killed(sweep: Any, told: Path, rows: int) -> tuple[Any, int]:
    """Kill the worker when half of the rows are looked at; the part as it was left, and its findings."""
    from tracking.models import Finding, Part

    child = worker(sweep, told)
    half, until = FIRST_LEGACY + rows // 2, time.monotonic() + 600
    while (Part.objects.filter(sweep=sweep, name=CHECK).values_list("cursor", flat=True).first() or 0) < half:
        if child.poll() is not None or time.monotonic() > until:
            raise SystemExit("the worker was through before it could be killed")
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    return Part.objects.get(sweep=sweep, name=CHECK), Finding.objects.filter(sweep=sweep).count()


def begun_twice(place: arena.Arena, first: Path, second: Path) -> int:
    """Rows of the ranges that both workers began."""
    from entities.reconciliation.comparison import SIZE

    cursors = [{int(line) for line in told.read_text().split()} for told in (first, second)]
    again = 0
    for after in cursors[0] & cursors[1]:
        again += place.link.number(
            f"SELECT COUNT(*) FROM (SELECT id FROM {{legacy}}.{TABLE} WHERE id > {after} ORDER BY id LIMIT {SIZE}) r"
        )
    return again


def measured(rows: int) -> tuple[list[str], bool]:
    """The section of the document, and whether all of it is as it must be."""
    from tempfile import TemporaryDirectory

    os.environ["CELERY_BROKER_URL"] = "memory://"
    with arena.arena() as place, TemporaryDirectory() as folder:
        say(f"Building {rows:,} rows on both sides …")
        place.build(BOOKINGS)
        place.move_parents()
        move_reminders(place)
        planted = fill(place, rows)
        told = [Path(folder) / name for name in ("undisturbed", "killed", "resumed")]
        one = asked(place)
        undisturbed = ended(one, worker(one, told[0]))
        say(f"undisturbed: {undisturbed.seconds:.1f} s, {sum(undisturbed.findings.values())} findings")
        two = asked(place)
        part, before = killed(two, told[1], rows)
        say(f"killed at key {part.cursor} with {before} findings stored")
        began = time.monotonic()
        resumed = ended(two, worker(two, told[2]))
        waited = time.monotonic() - began
        first = int(told[2].read_text().split()[0])
        again = begun_twice(place, told[1], told[2])
    return _report(rows, planted, undisturbed, resumed, part, before, first, again, waited)


def _report(rows: int, planted: int, undisturbed: Ended, resumed: Ended, part: Any, before: int, first: int, again: int,
            waited: float) -> tuple[list[str], bool]:  # fmt: skip
    from entities.reconciliation.comparison import SIZE

    doubled = sum(count - 1 for count in resumed.findings.values())
    seen = part.figures.get("", {}).get("examined", 0)
    goals = [
        ("the second worker begins at the last stored key", f"{first:,}", first == part.cursor),
        (f"rows looked at again, at most one range of {SIZE:,}", f"{again:,}", again <= SIZE),
        ("figures and verdicts as undisturbed", f"{resumed.rows:,} rows", resumed.verdicts == undisturbed.verdicts),
        ("findings as undisturbed", f"{sum(resumed.findings.values()):,}", resumed.findings == undisturbed.findings),
        ("every planted difference is found", f"{planted:,}", sum(resumed.findings.values()) == planted),
        ("findings stored twice, 0", f"{doubled:,}", doubled == 0),
    ]  # fmt: skip
    lines = [
        f"`python -m benchmarks.resume --rows {rows}`: {rows:,} payment reminders on both sides, compared field by field by one",
        f"process; {planted:,} of them differ. Load of the machine before: {os.getloadavg()[2]:.1f}.",
        "",
        "| | rows looked at | findings | seconds at work |",
        "| --- | ---: | ---: | ---: |",
        f"| undisturbed | {undisturbed.rows:,} | {sum(undisturbed.findings.values()):,} | {undisturbed.seconds:.1f} |",
        f"| when the worker was killed (`kill -9`) | {seen:,} | {before:,} | {part.seconds:.1f} |",
        f"| at the end, by a second worker | {resumed.rows:,} | {sum(resumed.findings.values()):,} | {resumed.seconds:.1f} |",
        "",
        f"The second worker was through {waited:.1f} s after it began: first the lease of the dead one had to run out.",
        "",
        *section.targets(goals),
    ]  # fmt: skip
    return lines, all(met for _says, _reached, met in goals)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resume", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows on both sides")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    lines, met = measured(options.rows)
    say("\n".join(lines))
    if not options.no_write:
        section.write(TITLE, lines)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
