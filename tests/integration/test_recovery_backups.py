"""Backups by the server's own dump, and what proves them: on both backends, with real processes that die."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from entities.engine import content
from entities.recovery import backup, place, restore, work
from entities.recovery.servers import mysql, sqlite, tools
from tests.world import World
from tracking import undertakings
from tracking.actions import ActionRefused
from tracking.actions.backup import TakeBackup, TestRestore
from tracking.models import AuditEvent, BackupRecord, RestoreTest

NOW = timezone.now


def with_scratch(world: World) -> Iterator[World]:
    """The world with a scratch database that its accounts may use."""
    if world.server:
        world.server.administer(
            *(f"GRANT ALL ON `world\\_{part}\\_restore\\_test`.* TO '{account}'@'127.0.0.1'"
              for part, account in (("v5", "writer"), ("tracking", "panel")))
        )  # fmt: skip
    yield world
    if world.server:
        world.server.administer(
            *(f"DROP DATABASE IF EXISTS `world_{part}_restore_test`" for part in ("v5", "tracking"))
        )


@pytest.fixture
def server(empty_world: World) -> Iterator[World]:
    empty_world.v5_sql("INSERT INTO languages (name, code) VALUES ('Français', 'fr'), ('日本語 🎿', 'ja')")
    yield from with_scratch(empty_world)


@pytest.fixture
def full(migrated: World) -> Iterator[World]:
    yield from with_scratch(migrated)


def taken(database: str = "v5") -> BackupRecord:
    action = TakeBackup(database, via="command")
    action.perform(NOW())
    record = backup.take(action.subject.pk)
    assert record is not None
    return record


def proven(record: BackupRecord) -> RestoreTest:
    action = TestRestore(record, via="command")
    action.perform(NOW())
    assert action.test is not None
    found = restore.test(action.test.pk)
    assert found is not None
    return found


def files() -> list[str]:
    return sorted(path.name for path in Path(settings.BACKUP_FOLDER).glob("*"))


def test_a_backup_comes_back_equal_and_notes_what_it_held(full: World) -> None:
    record = taken()
    assert (record.state, record.error, record.attempt) == ("done", "", 1)
    path = Path(record.location)
    assert (path.stat().st_size, place.checksum_of(path)) == (record.size, record.checksum)
    assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    assert record.figures["schools"] == list(content.table_figures("v5", "schools"))
    assert set(record.figures) == set(content.schema.live("v5").tables)
    told = json.loads(Path(backup.described(record.location)).read_text())
    assert (told["checksum"], told["figures"]) == (record.checksum, record.figures)
    full.v5_sql("UPDATE languages SET name = 'changed'")  # what happens afterwards is not part of it
    found = proven(record)
    assert (found.state, found.error, found.differences, found.passed) == ("done", "", [], True)
    assert found.rows == sum(rows for rows, _ in record.figures.values()) > 0
    assert files() == [path.name, f"{path.name}.json"], "the scratch database is gone"
    assert [one.action for one in AuditEvent.objects.order_by("pk")][-2:] == ["take backup", "test restore"]


def test_the_panel_backs_itself_up(server: World) -> None:
    out = server.run("backup", "--database", "default")
    assert out.code == 0, out.err
    assert "not yet proven" in out.out
    proven = server.run("restore_test", "--database", "default")
    assert (proven.code, proven.err) == (0, "")
    assert "equal to what was noted" in proven.out
    assert server.run("restore_test", "--backup", "999").code == 1


def test_a_file_that_changed_or_is_gone_or_holds_something_else_does_not_pass(server: World) -> None:
    record = taken()
    path = Path(record.location)
    good, noted = path.read_bytes(), record.checksum
    path.write_bytes(good[: len(good) // 2])
    found = proven(record)
    assert (found.passed, found.state) == (False, "failed") and "checksum differs" in found.error
    BackupRecord.objects.filter(pk=record.pk).update(checksum=place.checksum_of(path))
    assert "damaged" in proven(record).error
    path.write_bytes(good)
    BackupRecord.objects.filter(pk=record.pk).update(
        checksum=noted, figures={**record.figures, "schools": [99, "0" * 32], "lost": [1, "1" * 32]}
    )
    found = proven(record)
    assert found.passed is False and found.state == "done"
    assert [one["table"] for one in found.differences] == ["lost", "schools"]
    path.unlink()
    assert "is gone" in proven(record).error
    assert not RestoreTest.objects.filter(passed=True).exists()


def test_what_stands_in_the_way_is_said_and_nothing_is_left(
    server: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(place, "LEAST_FREE", 1 << 60)
        assert "make room" in taken().error
    with monkeypatch.context() as patch:

        def full(self: Any, compressed: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(place.Sink, "write", full)
        assert "is full" in taken().error
    assert [name for name in files() if not name.startswith("restore-test")] == []
    assert set(BackupRecord.objects.values_list("state", "size")) == {("failed", 0)}
    with pytest.raises(ActionRefused, match="by hand"):
        TakeBackup("legacy", via="command").perform(NOW())
    action = TakeBackup("v5", via="command")
    action.perform(NOW())
    with pytest.raises(ActionRefused, match="under way"):
        TakeBackup("v5", via="command").perform(NOW())
    with pytest.raises(ActionRefused, match="complete"):
        TestRestore(action.subject, via="command").perform(NOW())


def test_a_worker_that_dies_leaves_nothing_that_counts_and_the_next_one_finishes(server: World) -> None:
    died = server.spawn("backup", BOUKII_FAILPOINT=backup.HALF_WRITTEN)
    assert died.wait(60) == -9, server.said(died)
    record = BackupRecord.objects.get()
    assert (record.state, record.size) == ("running", 0)
    assert [name for name in files() if not name.endswith(place.PART)] == []
    work.revive(NOW())
    record.refresh_from_db()
    assert record.state == "running", "it may still be alive"
    work.revive(NOW() + undertakings.SILENT + timedelta(seconds=1))
    again = backup.take(record.pk)
    assert again is not None and (again.state, again.attempt, again.error) == ("done", 2, "")
    assert not [name for name in files() if name.endswith(place.PART)], "what the dead one left is gone"

    died = server.spawn("restore_test", BOUKII_FAILPOINT=restore.HALF_RESTORED)
    assert died.wait(60) == -9, server.said(died)
    half = RestoreTest.objects.get()
    assert (half.state, half.passed) == ("running", None)
    work.revive(NOW() + undertakings.SILENT + timedelta(seconds=1))
    found = restore.test(half.pk, NOW() + undertakings.SILENT + timedelta(seconds=2))
    assert found is not None and (found.state, found.passed, found.attempt) == ("done", True, 2), found.error


def test_a_command_goes_on_with_what_a_dead_one_left(server: World) -> None:
    """A nightly backup must not be refused for ever because the one before it was killed."""
    action = TakeBackup("v5", via="command")
    action.perform(NOW())
    undertakings.take(BackupRecord, action.subject.pk, NOW())
    refused = server.run("backup")
    assert refused.code == 1 and "under way" in refused.err
    BackupRecord.objects.update(seen_at=NOW() - 2 * undertakings.SILENT)
    done = server.run("backup")
    assert done.code == 0 and "not finished: it is taken now" in done.out, done.err
    record = BackupRecord.objects.get()
    assert (record.state, record.attempt) == ("done", 2)
    left = TestRestore(record, via="command")
    left.perform(NOW())
    assert left.test is not None
    undertakings.take(RestoreTest, left.test.pk, NOW() - 2 * undertakings.SILENT)
    done = server.run("restore_test")
    assert done.code == 0 and "not finished: it is done now" in done.out, done.err
    assert RestoreTest.objects.get().attempt == 2


def test_what_keeps_dying_is_given_up_and_a_late_one_changes_nothing(server: World) -> None:
    action = TakeBackup("v5", via="command")
    action.perform(NOW())
    late = undertakings.take(BackupRecord, action.subject.pk, NOW())
    assert late is not None
    for _ in range(undertakings.ATTEMPTS):
        BackupRecord.objects.update(seen_at=NOW() - timedelta(hours=1))
        work.revive(NOW())
        undertakings.take(BackupRecord, action.subject.pk, NOW())
    record = BackupRecord.objects.get()
    assert (record.state, record.attempt) == ("failed", undertakings.ATTEMPTS)
    assert "went silent" in record.error
    assert not undertakings.beat(late, NOW())
    assert not undertakings.end(late, undertakings.State.DONE, NOW())
    assert late.state == "failed"


def test_the_moment_of_the_dump_is_the_moment_of_the_figures(
    server: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes while the backup is taken: what comes back is the moment at which it began."""
    kind = mysql.Snapshot if server.server else sqlite.Snapshot
    whole = kind.dump

    def dump(self: Any, *given: Any) -> None:
        if not server.server:
            server.v5_sql("UPDATE languages SET name = 'changed'")
        whole(self, *given)
        server.v5_sql("DELETE FROM languages")

    monkeypatch.setattr(kind, "dump", dump)
    before = list(content.table_figures("v5", "languages"))
    record = taken()
    assert record.figures["languages"] == before != list(content.table_figures("v5", "languages"))
    assert proven(record).passed is True


@pytest.mark.mariadb
def test_no_password_is_ever_on_a_command_line_or_left_in_a_file(
    server: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    logins: list[tuple[Path, int]] = []
    start = tools.start

    def spy(command: Any, **streams: Any) -> subprocess.Popen[bytes]:
        commands.append(list(command))
        path = Path(command[1].removeprefix("--defaults-extra-file="))
        logins.append((path, path.stat().st_mode & 0o777))
        assert path.parent.stat().st_mode & 0o777 == 0o700
        return start(command, **streams)

    monkeypatch.setattr(tools, "start", spy)
    left = Path(tempfile.mkdtemp(prefix=tools.PREFIX))
    os.utime(left, (0, 0))  # of a worker that was killed long ago
    assert proven(taken()).passed is True
    password = connections["v5"].settings_dict["PASSWORD"]
    assert len(commands) == 2 and password not in json.dumps(commands)
    assert [mode for _, mode in logins] == [0o600, 0o600]
    assert not left.exists()
    assert not [path for path, _ in logins if path.exists() or path.parent.exists()]


@pytest.mark.mariadb
def test_a_server_that_refuses_is_quoted(server: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.server
    with monkeypatch.context() as patch:
        patch.setattr(tools, "PLACES", "/nowhere")
        assert "mariadb-dump is not installed" in taken().error
    server.server.administer(
        "CREATE DATABASE world_v5_restore_test", "CREATE TABLE world_v5_restore_test.kept (id INT)"
    )
    record = taken()
    found = proven(record)
    assert (found.state, found.passed) == ("failed", None) and "no restore test made" in found.error
    server.server.administer(
        "SELECT COUNT(*) FROM world_v5_restore_test.kept", "DROP TABLE world_v5_restore_test.kept"
    )
    assert proven(record).passed is True, "an empty one may be used"
    server.server.administer("REVOKE ALL ON `world\\_v5\\_restore\\_test`.* FROM 'writer'@'127.0.0.1'")
    assert "grant its account" in proven(record).error
    writer = server.server.connect("world_v5")
    writer.autocommit(False)
    writer.cursor().execute("UPDATE languages SET name = 'busy'")
    with monkeypatch.context() as patch:
        patch.setattr(mysql, "LOCK_WAIT", 1)
        patch.setattr(mysql, "LOCK_TRIES", 2)
        assert "when nothing large runs" in taken().error
        patch.setattr(mysql.time, "sleep", lambda seconds: writer.rollback())
        assert taken().error == "", "the second try finds the table free"
    writer.close()
    server.server.administer("REVOKE LOCK TABLES ON `world_v5`.* FROM 'writer'@'127.0.0.1'")
    try:
        connections["v5"].close()
        assert "LOCK TABLES" in taken().error
    finally:
        server.server.administer("GRANT ALL ON `world_v5`.* TO 'writer'@'127.0.0.1'")
    with monkeypatch.context() as patch:
        patch.setattr(settings, "RESTORE_TEST_URL", server.env["V5_DATABASE_URL"])
        assert "panel's v5 database" in proven(record).error


def test_the_scratch_is_never_somebody_elses(server: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if server.server:
        pytest.skip("told apart above")
    mine = server.folder / "mine.sqlite3"
    mine.write_text("kept")
    monkeypatch.setattr(settings, "RESTORE_TEST_URL", f"sqlite:///{mine}")
    found = proven(taken())
    assert found.state == "failed" and "no restore test made it" in found.error
    assert mine.read_text() == "kept"
    monkeypatch.setattr(settings, "RESTORE_TEST_URL", "mysql://a:b@127.0.0.1:1/c")
    assert "cannot be restored into mysql" in proven(BackupRecord.objects.latest("pk")).error
