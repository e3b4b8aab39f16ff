"""What a MySQL or MariaDB server says of itself and of its binary log; asks for nothing that needs special rights."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

STATUS = ("SHOW MASTER STATUS", "SHOW BINARY LOG STATUS")


def facts(connection: Any) -> dict[str, Any]:
    """Version, family, whether changes are logged, and the place in the log of this very moment if it can be known."""
    version = str(_one(connection, "SELECT VERSION()"))
    mariadb = "MariaDB" in version
    logged = _one(connection, "SELECT @@log_bin") in (1, "1", "ON")
    found: dict[str, Any] = {
        "version": version,
        "mariadb": mariadb,
        "log_bin": logged,
        "time_zone": str(_one(connection, "SELECT @@system_time_zone")),
    }
    if logged:
        found["binlog_format"] = str(_one(connection, "SELECT @@binlog_format") or "ROW")
        found |= place(connection, mariadb)
    return found


def place(connection: Any, mariadb: bool) -> dict[str, Any]:
    """`file`, `position` and `gtid` of this moment; `unknown` says why where the server does not tell."""
    row = _of_snapshot(connection) if mariadb else None
    why = ""
    for statement in STATUS if row is None else ():
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                row = cursor.fetchone()
            break
        except DatabaseError as error:
            why = str(error.args[-1])
    if row is None:
        return {"unknown": why or "the server gave no place in its log"}
    gtid = "SELECT @@gtid_binlog_pos" if mariadb else "SELECT @@global.gtid_executed"
    return {"file": str(row[0]), "position": int(row[1]), "gtid": str(_one(connection, gtid) or "")}


def _of_snapshot(connection: Any) -> tuple[str, int] | None:
    """MariaDB keeps the place that belongs to a consistent snapshot, for anybody who asks in it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'binlog_snapshot_%%'")
        found = {str(name).lower(): value for name, value in cursor.fetchall()}
    file, position = found.get("binlog_snapshot_file"), found.get("binlog_snapshot_position")
    return (str(file), int(str(position))) if file and str(position).isdigit() else None


def logs(connection: Any) -> list[str] | None:
    """Names of the binary logs that the server still has; None when this account may not know."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW BINARY LOGS")
            return [str(row[0]) for row in cursor.fetchall()]
    except DatabaseError:
        return None


def _one(connection: Any, sql: str) -> Any:
    """The first value, None where this server does not know the variable."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
    except DatabaseError:
        return None
    return row[0] if row else None
