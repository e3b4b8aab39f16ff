"""MySQL 8 and MariaDB 10.6+."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError

from tracking.sentences import sentence

# command denied (table, column), read-only transaction, read-only server
REFUSED_WRITING = {1142, 1143, 1290, 1792, 1836}
HARMLESS = frozenset(
    {
        *(
            "USAGE",
            "SELECT",
            "SHOW VIEW",
            "SHOW DATABASES",
            "PROCESS",
            "REPLICATION CLIENT",
            "BINLOG MONITOR",
        ),
        *("REPLICA MONITOR", "SLAVE MONITOR", "RELOAD", "FLUSH_TABLES"),
    }
)
_GRANT = re.compile(r"GRANT (?P<privileges>.+?) ON (?:TABLE )?(?P<object>(?:`[^`]*`|\*)\.(?:`[^`]*`|\*)) TO ")
_ROLE = re.compile(r"GRANT (?P<role>`[^`]+`(?:@`[^`]+`)?) TO ")


OLDEST = {"MariaDB": (10, 6), "MySQL": (8, 0)}
NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP")


def version(connection: Any) -> tuple[str, bool]:
    """Product and version as the server says them, and whether that is new enough."""
    said = str(_variable(connection, "version"))
    product = "MariaDB" if "mariadb" in said.lower() else "MySQL"
    numbers = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    return f"{product} {said.partition('-')[0]}", numbers >= OLDEST[product]


def missing_privileges(connection: Any) -> list[str]:
    """What the account lacks to move records and to prepare the schema; a role's privileges cannot be seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DATABASE()")
        database = cursor.fetchone()[0]
        cursor.execute("SHOW GRANTS")
        grants = [row[0] for row in cursor.fetchall()]
    return _too_little(grants, database)


def _too_little(grants: Iterable[str], database: str) -> list[str]:
    held: set[str] = set()
    for grant in grants:
        if (found := _GRANT.match(grant)) and _concerns(found["object"], database):
            held |= {part.strip().upper() for part in found["privileges"].split(",")}
        elif _ROLE.match(grant):
            return []
    return [] if held & {"ALL PRIVILEGES", "ALL"} else [name for name in NEEDED if name not in held]


def write_privileges(connection: Any) -> list[str]:
    """Privileges of the account beyond reading this schema, as "UPDATE on db.table"; no password hashes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DATABASE()")
        database = cursor.fetchone()[0]
        cursor.execute("SHOW GRANTS")
        grants = [row[0] for row in cursor.fetchall()]
    return list(_too_much(grants, database))


def _too_much(grants: Iterable[str], database: str) -> Iterable[str]:
    for grant in grants:
        if found := _GRANT.match(grant):
            if _concerns(found["object"], database):
                for privilege in _privileges(found["privileges"]):
                    yield f"{privilege} on {found['object'].replace('`', '')}"
        elif role := _ROLE.match(grant):
            yield f"role {role['role'].replace('`', '')}, whose privileges are not listed"


def _privileges(text: str) -> list[str]:
    names = (re.sub(r"\s*\(.*?\)", "", part).strip() for part in re.split(r",(?![^(]*\))", text))
    return sorted({name for name in names if name not in HARMLESS})


def _concerns(object_: str, database: str) -> bool:
    """Is the grant for all schemas or for this one? A schema may be written as a LIKE pattern."""
    schema = object_.partition(".")[0].strip("`")
    if schema == "*":
        return True
    pattern = re.sub(r"\\([_%])|([_%])|(.)", _like_part, schema)
    return re.fullmatch(pattern, database, re.IGNORECASE) is not None


def _like_part(found: re.Match[str]) -> str:
    if found[1]:
        return re.escape(found[1])
    return {"_": ".", "%": ".*"}[found[2]] if found[2] else re.escape(found[3])


def refuses_writing(error: DatabaseError) -> bool:
    """Did the server refuse because nothing may be written, and for no other reason?"""
    return bool(error.args) and error.args[0] in REFUSED_WRITING


def is_read_only_session(connection: Any) -> bool:
    return _variable(connection, "tx_read_only", "transaction_read_only") in (1, "1", "ON")


def strictness(connection: Any) -> list[str]:
    """What is missing for a strict session: bad values must be refused, not bent."""
    modes = set(str(_variable(connection, "sql_mode")).split(","))
    missing = []
    if not modes & {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"}:
        missing.append("sql_mode is not strict")
    return missing + [f"sql_mode lacks {name}" for name in ("NO_ZERO_DATE",) if name not in modes]


def switched_off(connection: Any) -> list[str]:
    """Safety nets that are off in this session."""
    names = ("foreign_key_checks", "unique_checks")
    return [f"{name} is off" for name in names if _variable(connection, name) not in (1, "1", "ON")]


def binary_log(connection: Any) -> str:
    """Empty when changes are written to the binary log; else why a point-in-time restore is impossible."""
    if _variable(connection, "log_bin") not in (1, "1", "ON"):
        return sentence("the server writes no binary log")
    return (
        ""
        if _variable(connection, "sql_log_bin") in (1, "1", "ON")
        else sentence("this session is not logged")
    )


def other_engines(connection: Any, tables: Iterable[str]) -> list[str]:
    """Tables that are not InnoDB and therefore know no transactions, as "table: engine"."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, engine FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'"
        )
        found = dict(cursor.fetchall())
    return [f"{table}: {found[table]}" for table in sorted(tables) if table in found]


def bulk_load(connection: Any) -> str:
    if _variable(connection, "local_infile") in (1, "1", "ON"):
        return sentence("LOAD DATA LOCAL INFILE is allowed")
    return sentence("local_infile is off: the load uses multi-row INSERTs, about half as fast")


def data_folder(connection: Any) -> str | None:
    """Where the server keeps its files, if that is a folder of this machine; None when it cannot be known."""
    host = str(connection.settings_dict.get("HOST") or "localhost")
    local = host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")
    return str(_variable(connection, "datadir")) if local else None


def days_between(first: str, last: str) -> str:
    return f"DATEDIFF({last}, {first})"


def _variable(connection: Any, *names: str) -> Any:
    """The value of the first variable that this server knows; None when it knows none."""
    for name in names:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT @@{name}")
                return cursor.fetchone()[0]
        except DatabaseError as error:
            if error.args[0] != 1193:  # unknown system variable: it has another name here
                raise
    return None
