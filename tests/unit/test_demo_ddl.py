"""The demo's schemas: what the dictionary says, in both dialects."""

import sqlite3

import pytest

from demo import ddl
from demo.dictionary import Column, Table, legacy_tables, v5_tables


def statements(tables: dict[str, Table], vendor: str) -> str:
    return "\n".join(ddl.create_statements(tables, vendor))


def test_the_legacy_dictionary_has_all_tables():
    tables = legacy_tables()
    assert len(tables) == 76
    assert {"user_nwd_aubtypes", "course_globals", "booking_payment_notice_log"} <= set(tables)


def test_v5_lacks_tooling_and_conditional_tables():
    names = set(v5_tables())
    assert not names & {"legacy_id_mappings", "migration_tracking", "clients_v5", "school_user"}
    assert {"bookings", "v5_bookings", "user_season_roles", "roles"} <= names


def test_conditional_columns_come_only_on_demand():
    assert "is_closed" not in v5_tables()["seasons"].column_names
    assert "is_closed" in v5_tables(conditional=True)["seasons"].column_names


@pytest.mark.parametrize("conditional", [False, True])
def test_sqlite_accepts_every_statement(conditional: bool):
    database = sqlite3.connect(":memory:")
    for tables in (legacy_tables(),):
        for statement in ddl.create_statements(tables, "sqlite"):
            database.execute(statement)
    database = sqlite3.connect(":memory:")
    for statement in ddl.create_statements(v5_tables(conditional), "sqlite"):
        database.execute(statement)


def test_sqlite_refuses_a_line_without_its_booking():
    database = sqlite3.connect(":memory:")
    for statement in ddl.create_statements(v5_tables(), "sqlite"):
        database.execute(statement)
    database.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO vouchers_log (id, voucher_id, booking_id, amount) VALUES (1, 5, 6, 1)")


def test_mysql_keeps_types_charsets_and_keys():
    text = statements(v5_tables(), "mysql")
    assert "`first_name` varchar(255) CHARACTER SET utf8mb4 NOT NULL" in text
    assert "ENGINE=InnoDB DEFAULT CHARSET=latin1" in text
    assert "KEY `ix_users_image` (`image`(3072))" in text
    assert "UNIQUE KEY `uq_v5_bookings_booking_reference`" in text
    assert "FOREIGN KEY (`voucher_id`) REFERENCES `vouchers` (`id`)" in text


def test_unenforced_references_get_an_index_and_no_constraint():
    table = v5_tables()["school_sports"]
    assert ("sport_id",) in ddl.index_keys(table)
    assert "FOREIGN KEY (`sport_id`) REFERENCES `sports`" not in "".join(
        line
        for line in ddl.create_statements({"school_sports": table, "sports": v5_tables()["sports"]}, "mysql")
    )


def test_every_reference_is_indexed():
    for table in (*legacy_tables().values(), *v5_tables().values()):
        led = {key[0] for key in (*ddl.index_keys(table), *table.unique, table.primary_key)}
        missing = {column.name for column in table.columns if column.fk} - led
        assert not missing, (table.name, missing)


def test_constraint_names_are_short_and_unique():
    for tables in (legacy_tables(), v5_tables(conditional=True)):
        text = statements(tables, "mysql")
        names = [line.split("`")[1] for line in text.splitlines() if line.strip().startswith("KEY")]
        assert all(len(name) <= 64 for name in names)
        for table in tables.values():
            keys = ddl.index_keys(table)
            assert len(keys) == len(set(keys))


def test_temporal_columns_keep_away_from_sqlite_converters():
    table = Table("t", (Column("d", "date"), Column("t", "time", nullable=True)), ("d",), "utf8mb4")
    text = statements({"t": table}, "sqlite")
    assert '"d" date_text NOT NULL' in text
    assert '"t" time_text DEFAULT NULL' in text


def test_the_season_triggers_update_their_own_table():
    for trigger in ddl.season_triggers():
        assert "ON seasons" in trigger
        assert "UPDATE seasons SET is_active = 0" in trigger
