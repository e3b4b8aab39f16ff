"""The tests' own ground: a world is private, real and fresh each time."""

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests.world import World


def test_the_legacy_alias_reads_what_a_test_wrote(empty_world: World) -> None:
    empty_world.legacy_sql("INSERT INTO sports (id, name) VALUES (%s, %s)", [7, "Łukasz 🎿"])
    with connections["legacy"].cursor() as cursor:
        cursor.execute("SELECT name FROM sports WHERE id = 7")
        assert cursor.fetchone() == ("Łukasz 🎿",)


def test_the_legacy_alias_refuses_to_write(empty_world: World) -> None:
    with pytest.raises(Exception, match="(?i)read.?only"), connections["legacy"].cursor() as cursor:
        cursor.execute("DELETE FROM sports")


@pytest.mark.parametrize("turn", [1, 2])
def test_every_world_starts_fresh(empty_world: World, turn: int) -> None:
    assert empty_world.legacy_sql("SELECT COUNT(*) FROM sports") == [(0,)]
    assert User.objects.count() == 0
    empty_world.legacy_sql("INSERT INTO sports (id, name) VALUES (9, 'x')")
    empty_world.v5_sql("INSERT INTO sports (id, name) VALUES (9, 'x')")
    User.objects.create_user("someone")


def test_a_subprocess_sees_the_same_world(empty_world: World) -> None:
    User.objects.create_user("someone")
    code = "from django.contrib.auth.models import User; print(User.objects.get().username)"
    process = empty_world.spawn("shell", "-v0", "-c", code)
    assert process.wait(60) == 0, empty_world.said(process)
    assert empty_world.said(process).strip() == "someone"


@pytest.mark.django_db
def test_the_four_people_exist(project_manager: User, support: User, engineer: User, outsider: User) -> None:
    assert [person.is_staff for person in (project_manager, support, engineer, outsider)] == [
        True,
        True,
        True,
        False,
    ]
