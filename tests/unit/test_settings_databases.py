"""Connections: legacy cannot be written, the others are strict."""

import sqlite3
from pathlib import Path

import pytest
from django.db import models

from boukii_migration import databases, queue
from boukii_migration.routers import DatabaseRouter, LegacyIsReadOnly

MYSQL = "mysql://someone:s%40fe@db.example.org:3307/schema"


def test_sqlite_legacy_is_opened_read_only(tmp_path: Path) -> None:
    file = tmp_path / "a b%.sqlite3"
    sqlite3.connect(file).execute("CREATE TABLE t (i int)").connection.close()
    configuration = databases.connection("legacy", f"sqlite:///{file}")
    link = sqlite3.connect(configuration["NAME"], uri=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        link.execute("INSERT INTO t VALUES (1)")


def test_sqlite_legacy_is_never_created(tmp_path: Path) -> None:
    configuration = databases.connection("legacy", f"sqlite:///{tmp_path / 'missing.sqlite3'}")
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(configuration["NAME"], uri=True)


@pytest.mark.parametrize("alias", ["default", "v5"])
def test_sqlite_takes_the_write_lock_at_once_and_waits_for_it(alias: str, tmp_path: Path) -> None:
    options = databases.connection(alias, f"sqlite:///{tmp_path}/x.sqlite3")["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 30)
    assert "journal_mode=WAL" in options["init_command"]


def test_mysql_legacy_session_is_read_only() -> None:
    options = databases.connection("legacy", MYSQL)["OPTIONS"]
    assert options["init_command"].startswith("SET SESSION TRANSACTION READ ONLY")
    assert options["isolation_level"] == "repeatable read"
    assert "local_infile" not in options


@pytest.mark.parametrize(("alias", "infile"), [("default", None), ("v5", 1)])
def test_mysql_writers_are_strict(alias: str, infile: int | None) -> None:
    configuration = databases.connection(alias, MYSQL)
    options = configuration["OPTIONS"]
    assert {"STRICT_ALL_TABLES", "NO_ZERO_DATE"} <= set(options["init_command"].split("'")[1].split(","))
    assert options["isolation_level"] == "read committed"
    assert options.get("local_infile") == infile
    assert configuration["PASSWORD"] == "s@fe"
    assert "ATOMIC_REQUESTS" not in configuration


def model(name: str, alias: str | None = None, managed: bool = True) -> type[models.Model]:
    body = {
        "__module__": "entities.made_up",
        "Meta": type("Meta", (), {"app_label": "made_up", "managed": managed}),
    }
    if alias:
        body["database"] = alias
    return type(name, (models.Model,), body)


OWN, UNMANAGED = model("Own"), model("Unmanaged", managed=False)
LEGACY, V5 = model("Legacy", "legacy", False), model("V5", "v5", False)


@pytest.mark.parametrize(("one", "alias"), [(OWN, "default"), (V5, "v5"), (LEGACY, "legacy")])
def test_a_model_is_read_where_it_lives(one: type[models.Model], alias: str) -> None:
    assert DatabaseRouter().db_for_read(one) == alias


def test_legacy_models_are_never_written() -> None:
    assert DatabaseRouter().db_for_write(V5) == "v5"
    with pytest.raises(LegacyIsReadOnly, match=r"made_up\.Legacy"):
        DatabaseRouter().db_for_write(LEGACY)


@pytest.mark.parametrize(
    ("alias", "one", "allowed"),
    [
        ("default", OWN, True),
        ("default", None, True),
        ("default", UNMANAGED, False),
        ("default", V5, False),
        ("v5", OWN, False),
        ("v5", V5, False),
        ("legacy", None, False),
    ],
)
def test_migrations_make_only_the_panels_own_tables(
    alias: str, one: type[models.Model] | None, allowed: bool
) -> None:
    hints = {"model": one} if one else {}
    assert DatabaseRouter().allow_migrate(alias, "made_up", **hints) is allowed


def test_relations_stay_inside_one_database() -> None:
    assert DatabaseRouter().allow_relation(OWN(), UNMANAGED())
    assert not DatabaseRouter().allow_relation(OWN(), V5())


def test_the_file_broker_makes_its_folders(tmp_path: Path) -> None:
    address, options = queue.broker(f"filesystem://{tmp_path}/broker", visibility_timeout=9)
    assert address == "filesystem://"
    assert Path(options["data_folder_in"]).is_dir()
    assert options["data_folder_in"] == options["data_folder_out"]


def test_redis_redelivers_after_the_given_time() -> None:
    assert queue.broker("redis://h:1/0", visibility_timeout=9)[1]["visibility_timeout"] == 9
