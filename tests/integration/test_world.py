"""The tests' own ground: a world is private, real and fresh each time."""

import os
import time

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from tests.world import World
from tracking import workers

INSERT = "INSERT INTO languages (id, name, code) VALUES (%s, %s, %s)"


def test_the_legacy_alias_reads_what_a_test_wrote(empty_world: World) -> None:
    empty_world.legacy_sql(INSERT, [7, "Polszczyzna Łódź 🎿", "pl"])
    with connections["legacy"].cursor() as cursor:
        cursor.execute("SELECT name FROM languages WHERE id = 7")
        assert cursor.fetchone() == ("Polszczyzna Łódź 🎿",)


def test_the_legacy_alias_refuses_to_write(empty_world: World) -> None:
    # Django's own words differ by backend; what counts is that the database itself says no.
    with (
        pytest.raises(Exception, match=r"(?i)read.?only|command denied"),
        connections["legacy"].cursor() as c,
    ):
        c.execute("DELETE FROM languages")


@pytest.mark.parametrize("turn", [1, 2])
def test_every_world_starts_fresh(empty_world: World, turn: int) -> None:
    assert empty_world.legacy_sql("SELECT COUNT(*) FROM languages") == [(0,)]
    assert empty_world.v5_sql("SELECT COUNT(*) FROM languages WHERE id = 999") == [(0,)]
    assert User.objects.count() == 0
    empty_world.legacy_sql(INSERT, [9, "x", "xx"])
    empty_world.v5_sql(INSERT, [999, "x", "xx"])
    empty_world.v5_sql("ALTER TABLE languages ADD COLUMN extra INTEGER NULL")
    User.objects.create_user("someone")


def test_the_demo_is_built_once_and_copied(world: World) -> None:
    assert world.legacy_sql("SELECT COUNT(*) FROM bookings2")[0][0] >= 200
    assert world.report.rows["bookings2"] >= 200


def test_a_subprocess_sees_the_same_world(empty_world: World) -> None:
    User.objects.create_user("someone")
    code = "from django.contrib.auth.models import User; print(User.objects.get().username)"
    process = empty_world.spawn("shell", "-v0", "-c", code)
    assert process.wait(60) == 0, empty_world.said(process)
    assert empty_world.said(process).splitlines()[-1] == "someone"


def test_a_worker_takes_what_this_process_sends(empty_world: World) -> None:
    from boukii_migration.celery import app

    worker = empty_world.spawn_worker("w1")
    app.send_task("celery.accumulate", args=[1])
    app.send_task("no.such.task", args=[], task_id="marker-of-this-test")
    until_said(empty_world, worker, "marker-of-this-test")
    app.send_task("entities.tick")
    until = time.monotonic() + 30
    while not workers.seats(timezone.now()):
        assert time.monotonic() < until, empty_world.said(worker)
        time.sleep(0.2)
    worker.terminate()
    worker.wait(30)
    assert workers.seats(timezone.now()) == [], "one that ends in good order is gone at once"


def until_said(world: World, process: object, words: str) -> None:
    until = time.monotonic() + 30
    while words not in world.said(process):  # type: ignore[arg-type]
        assert time.monotonic() < until, world.said(process)  # type: ignore[arg-type]
        time.sleep(0.2)


@pytest.mark.mariadb
def test_the_database_server_can_be_killed_and_restarted(empty_world: World) -> None:
    User.objects.create_user("someone")
    empty_world.server.kill()
    empty_world.server.start()
    connections.close_all()
    assert User.objects.count() == 1


@pytest.mark.skipif(os.environ.get("TEST_BACKEND") == "mariadb", reason="SQLite has no server")
def test_sqlite_worlds_have_no_servers(empty_world: World) -> None:
    assert (empty_world.server, empty_world.broker) == (None, None)


@pytest.mark.django_db
def test_the_four_people_exist(project_manager: User, support: User, engineer: User, outsider: User) -> None:
    staff = [person.is_staff for person in (project_manager, support, engineer, outsider)]
    assert staff == [True, True, True, False]
