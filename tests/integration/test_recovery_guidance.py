"""The way to a point in time: the commands that are printed do what they promise, or it is said why there are none."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demo import servers
from entities.engine import content
from entities.recovery import backup, guidance
from tests.world import World, pointed_at
from tracking.actions.backup import TakeBackup
from tracking.models import BackupRecord

LOGGED = ("--log-bin=binlog", "--binlog-format=ROW", "--server-id=1", "--innodb-flush-log-at-trx-commit=2")


def taken() -> BackupRecord:
    action = TakeBackup("v5", via="command")
    action.perform(timezone.now())
    record = backup.take(action.subject.pk)
    assert record is not None and record.error == ""
    return record


def test_without_a_log_there_is_no_point_in_time_and_that_is_said(empty_world: World) -> None:
    said = empty_world.run("point_in_time")
    assert said.code == 3 and "! No backup that the panel took lies before that moment." in said.out
    record = taken()
    found = guidance.guide("v5", timezone.now())
    assert not found.possible and found.backup == record
    assert any("restore_test --backup" in one for one in found.warnings)
    if empty_world.server:
        assert any("binary log of the server is off" in one for one in found.why_not)
        assert "log_bin = binlog" in found.to_set and found.steps == []
    else:
        assert any("SQLite keeps no log" in one for one in found.why_not)
        before = content.table_figures("v5", "languages")
        empty_world.v5_sql("INSERT INTO languages (name, code) VALUES ('later', 'xx')")
        connections["v5"].close()
        for step in found.steps[1:3]:
            subprocess.run(["bash", "-e", "-c", step.command], check=True, capture_output=True)
        assert content.table_figures("v5", "languages") == before
    reader = Client()
    reader.force_login(User.objects.create_superuser("reader"))
    page = reader.get(reverse("engine:point_in_time"), {"to": "2030-01-01T10:00"}).content.decode()
    assert "2030-01-01 10:00:00 UTC" in page and (
        "binary log" in page if empty_world.server else "SQLite keeps no log" in page
    )
    Path(record.location).unlink()
    assert any("is gone" in one for one in guidance.guide("v5", timezone.now()).why_not)
    assert empty_world.run("point_in_time", "--to", "yesterday").code == 1


@pytest.fixture
def logged(empty_world: World) -> Iterator[Any]:
    """A server that logs its changes, with a small V5 that a backup account of its own reads."""
    with servers.mariadb(buffer_pool="64M", options=LOGGED) as server:
        server.administer(
            "CREATE DATABASE shop", "CREATE TABLE shop.languages (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40))",
            "INSERT INTO shop.languages (name) VALUES ('before')",
            "GRANT ALL ON `shop`.* TO 'writer'@'127.0.0.1'", "GRANT BINLOG MONITOR ON *.* TO 'writer'@'127.0.0.1'",
        )  # fmt: skip
        env = {**empty_world.env, "V5_DATABASE_URL": server.url("writer", "shop")}
        with pointed_at(env, empty_world.folder):
            yield server


def _purge(server: Any, file: str) -> None:
    """Remove the old logs; the server keeps them a moment for those who have just read them."""
    until = time.monotonic() + 20
    with server.connect().cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SHOW MASTER STATUS")
            server.administer(f"PURGE BINARY LOGS TO '{cursor.fetchone()[0]}'")
            cursor.execute("SHOW BINARY LOGS")
            if file not in {row[0] for row in cursor.fetchall()}:
                return
            time.sleep(0.2)


@pytest.mark.mariadb
def test_the_printed_commands_bring_back_the_moment(logged: Any, tmp_path: Path) -> None:
    record = taken()
    assert record.server["file"].startswith("binlog.") and record.server["position"] > 0
    logged.administer("INSERT INTO shop.languages (name) VALUES ('after the backup')")
    time.sleep(1.1)  # the log counts in seconds
    good = timezone.now()
    time.sleep(1.1)
    logged.administer("DELETE FROM shop.languages", "DROP TABLE shop.languages")
    found = guidance.guide("v5", good)
    assert found.possible, found.why_not
    login = tmp_path / "login.cnf"
    login.write_text(f"[client]\nuser=root\nsocket={logged.socket}\n")
    login.chmod(0o600)
    told = "\n".join(guidance.lines(found))
    assert logged.passwords["writer"] not in told
    ours = [step for step in found.steps if step.command.startswith(("echo ", "mariadb ", "TZ=UTC "))]
    assert len(ours) == 3
    for step in ours:
        command = step.command.replace(guidance.LOGIN, str(login))
        ran = subprocess.run(
            ["bash", "-c", f"set -e -o pipefail\n{command}"], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, (step, ran.stderr)
    with logged.connect("shop_point_in_time").cursor() as cursor:
        cursor.execute("SELECT name FROM languages ORDER BY id")
        assert [name for (name,) in cursor.fetchall()] == ["before", "after the backup"]

    logged.administer("FLUSH LOGS")
    _purge(logged, record.server["file"])
    assert any("was removed from the server" in one for one in guidance.guide("v5", good).why_not)
    BackupRecord.objects.update(server={"unknown": "not allowed"})
    lost = guidance.guide("v5", good)
    assert any("not allowed" in one for one in lost.why_not) and any(
        "REPLICATION CLIENT" in one for one in lost.to_set
    )
