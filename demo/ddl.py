"""Data definition statements for the demo databases, in two dialects.

MySQL and MariaDB get the types, character sets and keys of the dictionary, word for word. SQLite gets
types with the same meaning: temporal columns are declared `date_text`, `time_text`, `timestamp_text`, so
that no driver converter touches them and a zero date can be read back as it was stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from demo.dictionary import Column, Table

TEMPORAL = {"date", "time", "timestamp", "datetime"}
TEXTS = {"text", "longtext", "mediumtext", "json", "enum"}
ON_DELETE = {"cascade": " ON DELETE CASCADE", "set_null": " ON DELETE SET NULL"}


def create_statements(tables: dict[str, Table], vendor: str) -> Iterator[str]:
    """Every statement that turns an empty schema into the one of the dictionary, in order."""
    render = _sqlite if vendor == "sqlite" else _mysql
    yield from render(tables)


def season_triggers() -> list[str]:
    """The two triggers a V5 database carries: they update the table they stand on, so MySQL refuses every
    row of `seasons` with `is_active = 1` (error 1442, GR-23). SQLite would obey, so it does not get them.
    """
    body = (
        "FOR EACH ROW BEGIN IF NEW.is_active = 1 THEN "
        "UPDATE seasons SET is_active = 0 WHERE school_id = NEW.school_id{other}; END IF; END"
    )
    return [
        "CREATE TRIGGER seasons_one_active_insert BEFORE INSERT ON seasons " + body.format(other=""),
        "CREATE TRIGGER seasons_one_active_update BEFORE UPDATE ON seasons "
        + body.format(other=" AND id <> NEW.id"),
    ]


def index_keys(table: Table) -> list[tuple[str, ...]]:
    """The dictionary's indexes plus one for every reference that no key begins with."""
    keys = list(dict.fromkeys(table.indexes))
    led = {key[0] for key in (*keys, *table.unique, table.primary_key)}
    keys += [(column.name,) for column in table.columns if column.fk and column.name not in led]
    present = set(table.column_names)
    return [key for key in keys if all(part.split("(")[0] in present for part in key)]


def _literal(value: object) -> str:
    if value == "CURRENT_TIMESTAMP":
        return "CURRENT_TIMESTAMP"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _default(column: Column) -> str:
    if column.default is not None:
        return f" DEFAULT {_literal(column.default)}"
    return " DEFAULT NULL" if column.nullable else ""


# MySQL and MariaDB ----------------------------------------------------------------------------------------


def _mysql(tables: dict[str, Table]) -> Iterator[str]:
    for table in tables.values():
        yield _mysql_table(table)
    for table in tables.values():
        constraints = [
            f"ADD CONSTRAINT `{_name('fk', table.name, (column.name,))}` FOREIGN KEY (`{column.name}`) "
            f"REFERENCES `{column.fk[0]}` (`{column.fk[1]}`){ON_DELETE.get(column.on_delete, '')}"
            for column in _enforced(table, tables)
        ]
        if constraints:
            yield f"ALTER TABLE `{table.name}` " + ", ".join(constraints)


def _mysql_table(table: Table) -> str:
    parts = [_mysql_column(column, table) for column in table.columns]
    parts.append(f"PRIMARY KEY ({_quoted(table.primary_key)})")
    parts += [f"UNIQUE KEY `{_name('uq', table.name, key)}` ({_quoted(key)})" for key in table.unique]
    parts += [f"KEY `{_name('ix', table.name, key)}` ({_quoted(key)})" for key in index_keys(table)]
    return (
        f"CREATE TABLE `{table.name}` (\n  " + ",\n  ".join(parts) + "\n) "
        f"ENGINE=InnoDB DEFAULT CHARSET={table.charset}"
    )


def _mysql_column(column: Column, table: Table) -> str:
    charset = f" CHARACTER SET {column.charset}" if column.charset not in ("", table.charset) else ""
    null = " NULL" if column.nullable else " NOT NULL"
    counter = " AUTO_INCREMENT" if column.auto_increment else ""
    return f"`{column.name}` {column.type}{charset}{null}{_default(column)}{counter}"


def _quoted(key: Iterable[str]) -> str:
    return ", ".join(
        f"`{part.split('(')[0]}`" + (f"({part.split('(')[1]}" if "(" in part else "") for part in key
    )


# SQLite ---------------------------------------------------------------------------------------------------


def _sqlite(tables: dict[str, Table]) -> Iterator[str]:
    for table in tables.values():
        yield _sqlite_table(table, tables)
        for key in index_keys(table):
            plain = tuple(part.split("(")[0] for part in key)
            yield f'CREATE INDEX "{_name("ix", table.name, plain)}" ON "{table.name}" ({_double(plain)})'


def _sqlite_table(table: Table, tables: dict[str, Table]) -> str:
    enforced = {column.name for column in _enforced(table, tables)}
    parts = [_sqlite_column(column, column.name in enforced) for column in table.columns]
    if not any(column.auto_increment for column in table.columns):
        parts.append(f"PRIMARY KEY ({_double(table.primary_key)})")
    parts += [f"UNIQUE ({_double(key)})" for key in table.unique]
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(parts) + "\n)"


def _sqlite_column(column: Column, enforced: bool) -> str:
    if column.auto_increment:
        return f'"{column.name}" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL'
    null = "" if column.nullable else " NOT NULL"
    reference = ""
    if enforced and column.fk:
        reference = f' REFERENCES "{column.fk[0]}" ("{column.fk[1]}"){ON_DELETE.get(column.on_delete, "")}'
    return f'"{column.name}" {_sqlite_type(column)}{null}{_default(column)}{reference}'


def _sqlite_type(column: Column) -> str:
    if column.family in TEMPORAL:
        return f"{column.family}_text"
    if column.type.endswith("unsigned"):
        return f"{column.family} unsigned"
    return "text" if column.family in TEXTS else column.type


def _double(key: Iterable[str]) -> str:
    return ", ".join(f'"{part}"' for part in key)


def _enforced(table: Table, tables: dict[str, Table]) -> list[Column]:
    return [column for column in table.columns if column.enforced and column.fk and column.fk[0] in tables]


def _name(prefix: str, table: str, key: Iterable[str]) -> str:
    """A constraint name within the 64 characters MySQL allows; unique because index names carry a digest."""
    columns = "_".join(part.split("(")[0] for part in key)
    whole = f"{prefix}_{table}_{columns}"
    if len(whole) <= 60:
        return whole
    digest = sum(ord(letter) * (place + 1) for place, letter in enumerate(whole)) % 99991
    return f"{whole[:54]}_{digest}"
