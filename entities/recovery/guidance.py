"""The way to a point in time, for this operator's server: the exact commands in their order, or why there is none.

A full backup is put into a schema of its own, the binary log is replayed into it up to the moment, the result is looked at,
and only then the application is pointed at it. The damaged database stays as it is. No command holds a password: all read
an option file that the operator makes.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from entities.recovery.errors import RecoveryFailed
from entities.recovery.servers import binlog, tools
from tracking.models import BackupRecord, Checkpoint
from tracking.undertakings import State

LOGIN = "~/boukii-recovery.cnf"


@dataclass(frozen=True)
class Step:
    """One thing to do: what and why, and the command that does it, if it is one."""

    title: str
    command: str = ""


@dataclass
class Guide:
    """`why_not` says why no point in time can be reached, and `to_set` what makes it possible from now on."""

    database: str
    until: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    backup: BackupRecord | None = None
    checkpoint: Checkpoint | None = None
    why_not: list[str] = field(default_factory=list)
    to_set: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def possible(self) -> bool:
        return not self.why_not


def usable(database: str, until: datetime) -> BackupRecord | None:
    """The newest backup taken by the panel before that moment which no restore test refused; proven ones first."""
    complete = BackupRecord.objects.filter(database=database, state=State.DONE, taken_at__lte=until).exclude(
        method=""
    )
    proven = complete.filter(tests__passed=True).order_by("-taken_at").first()
    return proven or complete.exclude(tests__passed=False).order_by("-taken_at").first()


def guide(database: str, until: datetime) -> Guide:
    """Look at the server as it is now and say how to get its `database` back to `until`."""
    found = Guide(database, until, backup=usable(database, until))
    if database == "v5":
        found.checkpoint = (
            Checkpoint.objects.filter(state=Checkpoint.State.TAKEN, at__lte=until).order_by("-at").first()
        )
    connection = connections[database]
    if found.backup is None:
        found.why_not.append(_("No backup that the panel took lies before that moment."))
        found.to_set.append(
            _("Take one now: `python manage.py backup`, then `python manage.py restore_test`.")
        )
    elif not Path(found.backup.location).is_file():
        found.why_not.append(_("The file of the backup is gone: %(file)s.") % {"file": found.backup.location})
    elif not found.backup.tests.filter(passed=True).exists():
        found.warnings.append(
            _(
                "This backup was never restored: run `python manage.py restore_test --backup %(number)s` first."
            )
            % {"number": found.backup.pk}
        )
    if connection.vendor == "sqlite":
        _sqlite(found, connection)
        return found
    try:
        found.facts = binlog.facts(connection)
        _judge_log(found, connection)
    except DatabaseError as error:
        found.why_not.append(_("The server does not answer: %(error)s") % {"error": error.args[-1]})
    if found.possible:
        found.steps = list(_steps(found, connection.settings_dict))
    return found


def _sqlite(found: Guide, connection: Any) -> None:
    found.facts = {"version": "SQLite", "log_bin": False}
    found.why_not.append(
        _(
            "SQLite keeps no log of changes: only the moments of its backups can be reached, none between them."
        )
    )
    if found.backup is None:
        return
    found.steps = [
        Step(_("Stop the panel, the workers and V5: nobody may write.")),
        Step(_("Keep the file as it is now, with what belongs to it."), _put_aside(str(connection.settings_dict["NAME"]))),
        Step(
            _("Put the backup of %(moment)s UTC in its place.") % {"moment": _moment(found.backup.taken_at)},
            f"echo '{found.backup.checksum}  {found.backup.location}' | sha256sum -c\n"
            f"gunzip -c {_q(found.backup.location)} > {_q(connection.settings_dict['NAME'])}",
        ),
        Step(_("Look at the result."), "python manage.py validate_recovery"),
    ]  # fmt: skip


def _put_aside(name: str) -> str:
    """The log of a file would be replayed into whatever stands under its name next: it goes along."""
    return "\n".join(
        f"mv -f {_q(name + ending)} {_q(f'{name}.before-recovery{ending}')}"
        + (" 2>/dev/null || true" if ending else "")
        for ending in ("", "-wal", "-shm")
    )


def _judge_log(found: Guide, connection: Any) -> None:
    """Everything that stands between the backup and the moment."""
    if not found.facts["log_bin"]:
        found.why_not.append(
            _("The binary log of the server is off: changes after a backup are not kept anywhere.")
        )
        found.to_set += [
            _("In the server's configuration, section [mysqld]:"),
            "log_bin = binlog", "binlog_format = ROW", "server_id = 1", "sync_binlog = 1",
            _("Restart the server and take a backup: points in time can be reached from that backup on."),
        ]  # fmt: skip
        return
    if found.backup is None:
        return
    place = found.backup.server
    if "file" not in place:
        told = place.get("unknown") or _("the log was off when it was taken")
        found.why_not.append(_("The backup does not know its place in the log: %(why)s.") % {"why": told})
        found.to_set.append(
            _("Give the account that takes backups REPLICATION CLIENT (BINLOG MONITOR) and take a new one.")
        )
        return
    kept = binlog.logs(connection)
    if kept is None:
        found.warnings.append(
            _("This account may not list the binary logs: check that %(file)s still exists.")
            % {"file": place["file"]}
        )
    elif place["file"] not in kept:
        found.why_not.append(
            _("The log %(file)s, in which the backup stands, was removed from the server.")
            % {"file": place["file"]}
        )
        found.to_set.append(
            _("Keep the logs longer (binlog_expire_logs_seconds), and take a new backup now.")
        )
    if found.facts.get("binlog_format", "ROW").upper() != "ROW":
        found.warnings.append(
            _("binlog_format is %(format)s: a replay into another schema is only exact with ROW.")
            % {"format": found.facts["binlog_format"]}
        )


def _steps(found: Guide, values: dict[str, Any]) -> list[Step]:
    assert found.backup is not None
    schema, target = str(values["NAME"]), f"{values['NAME']}_point_in_time"
    mariadb = bool(found.facts["mariadb"])
    client, replay = (
        f"{_program('client', mariadb)} --defaults-extra-file={LOGIN}",
        _replay(found, schema, target, mariadb),
    )
    return [
        Step(_("Stop the workers and the V5 application: nobody may write.")),
        Step(
            _("Make the option file with the account of an administrator; type the password into it, never on a command line."),
            f"umask 077; printf '%s\\n' '[client]' {_address(values)} 'user=' 'password=' > {LOGIN}; ${{EDITOR:-vi}} {LOGIN}",
        ),
        Step(_("Keep the state as it is now, damaged or not."), "python manage.py backup --reason before-recovery"),
        Step(
            _("Check that the backup of %(moment)s UTC is what was written.") % {"moment": _moment(found.backup.taken_at)},
            f"echo '{found.backup.checksum}  {found.backup.location}' | sha256sum -c",
        ),
        Step(
            _("Put it into a schema of its own; the damaged one stays untouched."),
            f"{client} -e 'CREATE DATABASE `{target}` CHARACTER SET utf8mb4'\n"
            f"gunzip -c {_q(found.backup.location)} | {client} {target}",
        ),
        Step(
            _("Replay what happened from the backup to %(moment)s UTC.") % {"moment": _moment(found.until)},
            f"{replay} | {client} {target}",
        ),
        Step(
            _("Look at the result before anybody works with it: integrity, critical paths, access, performance."),
            f"V5_DATABASE_URL=mysql://USER:PASSWORD@HOST:PORT/{target} python manage.py validate_recovery",
        ),
        Step(_("Point V5_DATABASE_URL and the V5 application at %(schema)s, and start them.") % {"schema": target}),
        Step(_("Remove the option file."), f"rm {LOGIN}"),
    ]  # fmt: skip


def _replay(found: Guide, schema: str, target: str, mariadb: bool) -> str:
    """The log from the backup's place on, only this schema, under its new name, up to the moment (UTC)."""
    assert found.backup is not None
    place = found.backup.server
    wanted = schema if mariadb else target  # MariaDB chooses before it renames, MySQL afterwards
    return (
        f"TZ=UTC {_program('log', mariadb)} --defaults-extra-file={LOGIN} --read-from-remote-server --to-last-log "
        f"--rewrite-db={_q(f'{schema}->{target}')} --database={_q(wanted)} "
        f"--start-position={place['position']} --stop-datetime={_q(_moment(found.until))} {place['file']}"
    )


def _program(kind: str, mariadb: bool) -> str:
    try:
        return tools.find(kind, mariadb).rpartition("/")[2]
    except RecoveryFailed:
        return tools.NAMES[(kind, mariadb)][0]


def _address(values: dict[str, Any]) -> str:
    host = str(values.get("HOST") or "localhost")
    if host.startswith("/"):
        return _q(f"socket={host}")
    port = values.get("PORT") or 3306
    return f"{_q(f'host={host}')} {_q(f'port={port}')}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _q(text: Any) -> str:
    return shlex.quote(str(text))


def compare_with(checkpoint: Checkpoint) -> str:
    """What the result can be held against."""
    facts = {"name": checkpoint.name, "moment": _moment(checkpoint.at), "rows": f"{checkpoint.rows:,}"}
    return _("The checkpoint before that moment: “%(name)s” of %(moment)s UTC, %(rows)s rows.") % facts


def lines(found: Guide) -> list[str]:
    """The guide as plain text, for a terminal or a printed page."""
    told = [
        _("%(database)s back to %(moment)s UTC")
        % {"database": found.database, "moment": _moment(found.until)}
    ]
    if found.checkpoint is not None:
        told.append(f"  {compare_with(found.checkpoint)}")
    told += [f"! {one}" for one in (*found.why_not, *found.warnings)]
    told += [f"  {one}" for one in found.to_set]
    for number, step in enumerate(found.steps, 1):
        told += ["", f"{number}. {step.title}", *(f"   {line}" for line in step.command.splitlines())]
    return told
