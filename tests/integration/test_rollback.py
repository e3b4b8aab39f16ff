"""Rollback by the map: exactly what runs wrote goes, what people did stays or is listed, the proof says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from entities.engine import schema, sweeper
from entities.engine.errors import Refused
from entities.rollback import again, archive, keep, layout, remove, request, reversible, whole, window
from tests import content, moves
from tests.moved import moved_world
from tests.world import World
from tracking.models import (
    Batch,
    Checkpoint,
    Part,
    Phase,
    Rollback,
    RollbackFinding,
    Run,
    Signature,
    ValidationResult,
    Wave,
)
from tracking.states import RunStatus

Rows = dict[str, set[str]]


@pytest.fixture
def moved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(whole, "FEWEST", 1)  # short tables take the short way too
    monkeypatch.setattr(whole, "MOST", 90)
    yield from moved_world(request)


def looked(rollback: Rollback) -> Rollback:
    assert rollback.look is not None
    sweep = sweeper.drive(rollback.look)
    assert sweep.state == "done", sweep.reason
    rollback.refresh_from_db()
    return rollback


def gone(rollback: Rollback) -> Rollback:
    begun = request.begin(rollback, timezone.now())
    assert begun.work is not None
    sweep = sweeper.drive(begun.work)
    assert sweep.state == "done", sweep.reason
    rollback.refresh_from_db()
    assert rollback.state == Rollback.State.DONE, json.dumps(rollback.result, indent=1)[:3000]
    return rollback


def rows() -> Rows:
    """Every row of V5 as it stands, apart from the map and what the rollback keeps."""
    found = {table: set(lines) for table, lines in content.exactly().items()}
    found.pop("legacy_id_mappings")
    return found


def went(before: Rows, after: Rows) -> dict[str, int]:
    """How many rows of each table are gone; nothing may be new and nothing changed, but a school's current season."""
    before, after = (
        {**side, "schools": {line.split(",")[0] for line in side["schools"]}} for side in (before, after)
    )
    new = {table: sorted(after[table] - before[table])[:3] for table in after if after[table] - before[table]}
    assert new == {}
    return {table: len(before[table] - after[table]) for table in before if before[table] - after[table]}


def one(world: World, sql: str) -> Any:
    return world.v5_sql(sql)[0][0]


def schools(world: World) -> list[int]:
    """Legacy schools with migrated bookings, those with most first."""
    sql = "SELECT school_id FROM legacy_id_mappings WHERE entity_type = 'booking' AND v5_id IS NOT NULL"
    return [row[0] for row in world.v5_sql(f"{sql} GROUP BY school_id ORDER BY COUNT(*) DESC, school_id")]


def booking_ids(world: World) -> list[tuple[int, int]]:
    """(V5 id, legacy id) of migrated bookings of the largest school that have a line."""
    return world.v5_sql(
        "SELECT m.v5_id, m.legacy_id FROM legacy_id_mappings m WHERE m.entity_type = 'booking'"
        f" AND m.school_id = {schools(world)[0]}"
        " AND m.disposition = 'migrated' AND EXISTS (SELECT 1 FROM booking_users u WHERE u.booking_id = m.v5_id) ORDER BY m.v5_id"
    )


class Work:
    """What people did in V5 after the migration."""

    def __init__(self, world: World) -> None:
        self.world = world
        (self.edited, _), (self.paid, _), *_ = booking_ids(world)
        world.v5_sql("UPDATE bookings SET notes = 'called the client' WHERE id = %s", [self.edited])
        world.v5_sql(
            "INSERT INTO payments (booking_id, school_id, amount, status) SELECT id, school_id, 10, 'paid' FROM bookings"
            " WHERE id = %s",
            [self.paid],
        )
        self.payment = one(world, "SELECT MAX(id) FROM payments")
        self.client = one(world, f"SELECT client_main_id FROM bookings WHERE id = {self.paid}")
        self.school = one(
            world,
            f"SELECT v5_id FROM legacy_id_mappings WHERE entity_type = 'school' AND legacy_id = {schools(world)[1]}",
        )
        world.v5_sql("INSERT INTO school_colors (school_id, name, `default`) VALUES (%s, 'mauve', 0)".replace(
            "`", '"' if world.backend == "sqlite" else "`"), [self.school])  # fmt: skip
        self.color = one(world, "SELECT MAX(id) FROM school_colors")
        self.deleted = one(world, "SELECT MIN(v5_id) FROM legacy_id_mappings WHERE v5_table = 'task_checks'")
        world.v5_sql("DELETE FROM task_checks WHERE id = %s", [self.deleted])

    def stands(self) -> bool:
        """Everything that people wrote is still there."""
        return (
            one(self.world, f"SELECT notes FROM bookings WHERE id = {self.edited}") == "called the client"
            and one(self.world, f"SELECT COUNT(*) FROM payments WHERE id = {self.payment}") == 1
            and one(self.world, f"SELECT COUNT(*) FROM school_colors WHERE id = {self.color}") == 1
            and one(self.world, f"SELECT COUNT(*) FROM booking_users WHERE booking_id = {self.edited}") > 0
            and one(self.world, f"SELECT COUNT(*) FROM clients WHERE id = {self.client}") == 1
        )


def test_a_record_a_batch_and_a_run_go_back_and_come_again(moved: World) -> None:
    work, before = Work(moved), rows()
    moved_once = content.content()
    v5_id, legacy_id = booking_ids(moved)[2]

    record = gone(looked(request.of_record("booking", legacy_id, timezone.now(), reason="wrong")))
    after = rows()
    counted = went(before, after)
    assert counted["bookings"] == counted["v5_bookings"] == 1
    assert counted["booking_users"] >= 1
    assert counted == {**record.result["taken out"]}
    failed = Batch.objects.get(run__entity_type="bookings", status="failed")
    assert failed.keys == [legacy_id]
    assert Phase.objects.get(number=4).state == "running"

    batch = Batch.objects.filter(run__entity_type="notices").first()
    assert batch is not None
    gone(looked(request.of_batch(batch, timezone.now(), reason="wrong")))
    left = rows()
    assert set(went(after, left)) <= {"booking_payment_notice_log", "legacy_archive"}
    batch.refresh_from_db()
    assert batch.status == "failed"

    run = Run.objects.get(entity_type="bookings")
    with pytest.raises(Refused, match="later runs depend on it"):
        request.of_run(run, timezone.now(), reason="wrong")
    rollback = looked(request.of_run(run, timezone.now(), reason="wrong", include=True))
    groups = {(group["kind"], group["table"]): group["rows"] for group in keep.groups(rollback)}
    assert groups[("edited", "bookings")] == 1
    assert groups[("child", "payments")] == 1
    with pytest.raises(Refused, match="is open"):
        request.of_run(run, timezone.now(), reason="twice", include=True)
    gone(rollback)
    run.refresh_from_db()
    assert run.status == RunStatus.ROLLED_BACK
    assert work.stands()
    assert set(moved.v5_sql("SELECT id FROM bookings")) >= {(work.edited,), (work.paid,)}
    assert one(moved, "SELECT COUNT(*) FROM bookings") == 2
    told = rollback.result["R-92"]["checkpoint"]["tables"]
    reasons = {table["table"]: set(table["explained"]) for table in told}
    assert reasons["bookings"] == {"stays by decision"}
    assert reasons["payments"] == {"written by people", "stays by decision"} or reasons["payments"] == {
        "written by people"
    }

    moves.move((4,), of=run.phase.wave)
    assert [
        line for line in content.differences(moved_once, content.content()) if "before:" not in line
    ] == []


def test_a_school_goes_back_and_its_neighbours_are_untouched(moved: World) -> None:
    work, before = Work(moved), rows()
    wave, (school, other, *_) = Wave.objects.get(), schools(moved)
    rollback = gone(looked(request.of_school(wave, school, timezone.now(), reason="wrong rates")))
    counted = went(before, rows())
    assert counted["bookings"] > 0 and counted["courses"] > 0
    assert work.stands()
    assert rollback.result["R-83"]["differences"] == []
    assert schools(moved)[0] == other, "the neighbour has its bookings"
    assert set(ValidationResult.objects.filter(wave=wave).values_list("validation_type", "result")) == {
        ("R-92", "pass"), ("R-83", "pass"),
    }  # fmt: skip
    moves.move(of=wave)
    assert one(moved, "SELECT COUNT(*) FROM bookings") == len(before["bookings"])


def test_one_school_after_the_other_and_then_all_that_is_left(moved: World) -> None:
    wave, (school, other, *_) = Wave.objects.get(), schools(moved)
    for one_of in (school, other):
        gone(looked(request.of_school(wave, one_of, timezone.now(), reason="wrong rates")))
        assert all(run.is_back_in_part for run in Run.objects.filter(dry_run=False))
        assert {phase.state for phase in wave.phases.filter(number__in=(2, 3, 4))} == {"running"}
    assert one(moved, "SELECT COUNT(*) FROM bookings") > 0 and len(schools(moved)) > 0
    assert [phase.now for phase in reversible.of(wave)] == [True, True, True], (
        "the other schools are still there"
    )
    ended = set(Run.objects.values_list("pk", "completed_at"))
    gone(looked(request.of_wave(wave, timezone.now(), reason="all of it")))
    assert one(moved, "SELECT COUNT(*) FROM bookings") == 0
    assert [phase.says for phase in reversible.of(wave)] == ["Nothing of it is in V5."] * 3
    assert ended == set(Run.objects.values_list("pk", "completed_at")), "when a run ended stays true"
    with pytest.raises(Refused, match="nothing of wave"):
        request.of_wave(wave, timezone.now(), reason="again")


def test_phase_4_and_then_the_wave_go_back_to_nothing(moved: World) -> None:
    wave, moved_once = Wave.objects.get(), content.content()
    phase = gone(looked(request.of_phase(wave.phases.get(number=4), timezone.now(), reason="again")))
    seen = {table: found["rows"] for table, found in phase.figures.items() if found.get("rows")}
    assert seen == phase.result["taken out"], "the look says what goes, row by row"
    assert phase.result["R-92"]["checkpoint"]["tables"] == [], "equal to the checkpoint, table by table"
    assert wave.phases.get(number=4).state == "not_started"
    moves.move((4,), of=wave)
    assert content.differences(moved_once, content.content()) == []

    work, before = Work(moved), rows()
    rollback = looked(request.of_wave(wave, timezone.now(), reason="all of it"))
    rollback.decisions = {"edited:bookings": keep.ANYWAY, "child:payments": keep.ANYWAY}
    rollback.save()
    gone(rollback)
    went(before, rows())
    assert one(moved, "SELECT COUNT(*) FROM bookings") == 0, "it was decided"
    archived = "SELECT COUNT(*) FROM legacy_rollback_archive WHERE v5_table = 'payments' AND reason = 'written by people'"
    assert one(moved, archived) == 1
    assert one(moved, f"SELECT COUNT(*) FROM school_colors WHERE id = {work.color}") == 1
    assert one(moved, "SELECT COUNT(*) FROM schools") - len(_schools_before(rollback)) == 1, (
        "the one people wrote on"
    )
    kinds = set(RollbackFinding.objects.filter(rollback=rollback).values_list("kind", "table"))
    assert ("gone", "task_checks") in kinds


def test_what_people_do_after_the_look_stays_whatever_was_decided(
    moved: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollback = looked(
        request.of_phase(Wave.objects.get().phases.get(number=4), timezone.now(), reason="again")
    )
    rollback.decisions = {"edited:bookings": keep.ANYWAY, "child:payments": keep.ANYWAY}
    rollback.save()
    work, before = Work(moved), rows()
    monkeypatch.setattr(again, "HOLDS", timedelta(0))
    gone(rollback)
    assert work.stands(), "with the lines of the booking"
    assert went(before, rows())["booking_users"] > 0
    late = RollbackFinding.objects.filter(rollback=rollback, kind="late", table="bookings")
    assert set(late.values_list("v5_id", flat=True)) == {work.edited, work.paid}


def test_what_people_do_while_a_rollback_runs_stays(moved: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rollback = looked(
        request.of_phase(Wave.objects.get().phases.get(number=4), timezone.now(), reason="again")
    )
    rollback.decisions = {"edited:bookings": keep.ANYWAY}
    rollback.save()
    (edited, _), *_ = booking_ids(moved)
    begun = request.begin(rollback, timezone.now()).work
    assert begun is not None
    step = remove.Rolling.step

    def edits_before_the_bookings_go(self: remove.Rolling, part: Part, sweep: Any) -> Any:
        if part.name == "bookings" and remove.FIRST <= part.stage < remove.REST and part.cursor is None:
            moved.v5_sql("UPDATE bookings SET notes = 'called the client' WHERE id = %s", [edited])
        return step(self, part, sweep)

    monkeypatch.setattr(remove.Rolling, "step", edits_before_the_bookings_go)
    assert sweeper.drive(begun).state == "done"
    rollback.refresh_from_db()
    assert rollback.state == Rollback.State.DONE, rollback.result
    assert one(moved, f"SELECT notes FROM bookings WHERE id = {edited}") == "called the client"
    late = RollbackFinding.objects.filter(rollback=rollback, kind="late", table="bookings")
    assert [found.v5_id for found in late] == [edited]


def _schools_before(rollback: Rollback) -> list[int]:
    assert rollback.checkpoint is not None
    from entities.rollback.checkpoint import kept_rows

    return [key for key, _ in kept_rows(rollback.checkpoint, "schools")]


def test_a_second_pass_goes_back_to_the_first_with_the_work_of_people(moved: World) -> None:
    wave, first = Wave.objects.get(), rows()
    _, (changed, legacy_id), (other, other_legacy), *_ = booking_ids(moved)
    moved.legacy_sql(
        "UPDATE bookings2 SET notes = 'new in legacy', paxes = 9 WHERE id IN (%s, %s)",
        [legacy_id, other_legacy],
    )
    second = moves.move((4,), of=wave, only=["bookings"])[0]
    assert one(moved, f"SELECT notes FROM bookings WHERE id = {changed}") == "new in legacy"
    moved.v5_sql("UPDATE bookings SET paxes = 7 WHERE id = %s", [other])
    rollback = gone(looked(request.of_run(second, timezone.now(), reason="too early")))
    now = rows()
    assert {table for table in now if now[table] != first[table]} == {"bookings"}
    assert len(first["bookings"] ^ now["bookings"]) == 2, "only the row that a person edited differs"
    assert moved.v5_sql("SELECT paxes FROM bookings WHERE id = %s", [other]) == [(7,)]
    assert moved.v5_sql("SELECT notes FROM bookings WHERE id = %s", [other]) != [("new in legacy",)]
    assert RollbackFinding.objects.get(rollback=rollback, kind="edited").columns == ["paxes"]
    assert one(moved, f"SELECT COUNT(*) FROM legacy_id_mappings WHERE run_id = {second.pk}") == 0
    assert Checkpoint.objects.filter(run=second, kind="run").exists()


def test_a_rehearsal_leaves_everything_as_it_is(moved: World, settings: Any) -> None:
    settings.BACKUP_FOLDER = str(moved.folder / "backups")
    if moved.store.server is not None:  # the accounts may make the databases of a rehearsal
        for part, account in (("v5", "writer"), ("tracking", "panel")):
            moved.store.server.administer(
                f"GRANT ALL ON `world\\_{part}\\_rehearsal`.* TO '{account}'@'127.0.0.1'"
            )
    before, runs = content.exactly(), Run.objects.count()
    said = moved.run("rollback_drill")
    assert said.code == 0, said
    assert content.differences(before, content.exactly()) == []
    assert Run.objects.count() == runs
    rehearsal = Rollback.objects.get()
    assert (rehearsal.rehearsal, rehearsal.state) == (True, "done")
    assert rehearsal.result["seconds"]["rollback"] > 0
    assert rehearsal.result["stood"]["payments"] == 1
    assert not [path for path in (moved.folder / "backups").iterdir() if "rehearsal" in path.name]


def test_rows_of_a_season_come_back_with_their_children(moved: World) -> None:
    wave, before = Wave.objects.get(), content.exactly()
    gone(looked(request.of_phase(wave.phases.get(number=4), timezone.now(), reason="x")))
    season = one(moved, "SELECT MIN(id) FROM seasons WHERE id IN (SELECT current_season_id FROM schools)")
    rows_of = "SELECT v5_id, payload FROM legacy_rollback_archive WHERE kind = 'deleted' AND v5_table = 'v5_bookings'"
    expected = {row[0] for row in moved.v5_sql(rows_of) if layout.cells(row[1])["season_id"] == str(season)}
    assert expected, "the season has bookings"
    said = moved.run("restore_archive", "--table", "v5_bookings", "--where", f"season_id={season}")
    assert said.code == 0, said
    now = content.exactly()
    assert {row[0] for row in moved.v5_sql("SELECT id FROM v5_bookings")} == expected
    for table in (
        "v5_bookings",
        "bookings",
        "booking_users",
        "v5_booking_participants",
        "payments",
        "course_dates",
    ):
        assert set(now[table]) <= set(before[table]), f"{table}: as they were"
        assert now[table], table
    children = "SELECT COUNT(*) FROM booking_users WHERE booking_id NOT IN (SELECT id FROM bookings)"
    assert one(moved, children) == 0
    lost = min(expected)
    moved.v5_sql("UPDATE v5_bookings SET currency = '', special_requests = 'mine' WHERE id = %s", [lost])
    moved.v5_sql("DELETE FROM v5_booking_participants WHERE booking_id = %s", [lost])
    said = moved.run("restore_archive", "--table", "v5_bookings", "--ids", lost)
    assert said.code == 0, said
    kept = moved.v5_sql("SELECT currency, special_requests FROM v5_bookings WHERE id = %s", [lost])
    assert kept[0][0] != "" and kept[0][1] == "mine", "what was lost, and nothing else"
    assert set(content.exactly()["v5_booking_participants"]) == set(now["v5_booking_participants"])
    again = content.exactly()["legacy_id_mappings"]
    assert set(again) == set(now["legacy_id_mappings"]), "no entry twice"


def test_what_is_refused_and_what_a_full_disk_does(moved: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wave, before = Wave.objects.get(), content.exactly()
    phase = wave.phases.get(number=4)
    signature = Signature.objects.create(
        phase=phase, state="approved", evidence_hash="x", requested_at=timezone.now(),
        requested_by=User.objects.create_user("somebody"),
    )  # fmt: skip
    with pytest.raises(Refused, match="is signed"):
        request.of_phase(phase, timezone.now(), reason="x")
    signature.delete()
    moved.v5_sql("ALTER TABLE legacy_rollback_archive RENAME TO elsewhere")
    assert "prepare_v5 --apply" in moved.run("rollback", "--phase", 4).err
    moved.v5_sql("ALTER TABLE elsewhere RENAME TO legacy_rollback_archive")
    schema.forget("v5")
    assert "no run 999" in moved.run("rollback", "--run", 999).err
    assert moved.run("rollback", "--phase", 4).code == 0, "only looked at"
    assert content.differences(before, content.exactly()) == []

    execute, calls = archive.execute, []

    def full(sql: str, params: Any = ()) -> int:
        calls.append(sql)
        if len(calls) > 20:
            raise OperationalError("database or disk is full")
        return execute(sql, params)

    monkeypatch.setattr(archive, "execute", full)
    monkeypatch.setattr(remove, "PIECE", 300)  # long tables go in several parts side by side
    monkeypatch.setattr(window, "ENTRIES", 120)
    stopped = moved.run("rollback", "--phase", 4, "--yes")
    assert stopped.code == 3 and "disk is full" in stopped.out, stopped
    rollback = Rollback.objects.order_by("-pk")[0]
    lost = "SELECT COUNT(*) FROM legacy_id_mappings m WHERE m.v5_table = 'booking_users' AND m.disposition = 'migrated'"
    assert one(moved, f"{lost} AND NOT EXISTS (SELECT 1 FROM booking_users b WHERE b.id = m.v5_id)") == 0
    with pytest.raises(Refused, match="rolling_back"):
        moves.planned((4,), of=wave)
    monkeypatch.setattr(archive, "execute", execute)
    said = moved.run("rollback", "--continue", rollback.pk)
    assert said.code == 0, said
    assert Part.objects.filter(sweep=rollback.work, name__startswith="course_dates:").count() > 2
    rollback.refresh_from_db()
    assert rollback.result["R-92"]["checkpoint"]["tables"] == []
