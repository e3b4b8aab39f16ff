"""The demo as a whole: same arguments same content, flat memory, every planted row present."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from demo.builder import ForeignTables, Report, build, content_hash
from demo.database import connect
from demo.dictionary import legacy_tables, v5_tables
from demo.dirt import WITHOUT_KIND
from demo.dirt.planting import PLANTERS
from tracking import codes

LEVELS = {"migrated", "merged", "split", "skipped", "rejected", "synthesised"}
TABLES_OF = {"booking_user": "booking_users2", "booking": "bookings2", "user": "users"}


def urls(folder: Path) -> tuple[str, str]:
    return f"sqlite:///{folder}/legacy.db", f"sqlite:///{folder}/v5.db"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, Report]:
    """The demo at its usual size."""
    legacy, v5 = urls(tmp_path_factory.mktemp("demo"))
    return legacy, v5, build(legacy, v5, bookings=2000)


def expectations(report: Report) -> list[dict[str, Any]]:
    return [entry for item in report.planted for entry in item["expect"]]


def test_same_arguments_give_the_same_content(tmp_path: Path):
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        legacy, v5 = urls(tmp_path / name)
        report = build(legacy, v5, bookings=200, seed=7)
        hashes.append((content_hash(legacy), content_hash(v5), report.planted))
    assert hashes[0] == hashes[1]


def test_another_process_gives_the_same_content(tmp_path: Path):
    """Nothing hangs on the order of a set, which Python changes from process to process."""
    program = "import sys; from demo.builder import build; build(*sys.argv[1:], bookings=200)"
    hashes = []
    for salt in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, *urls(tmp_path)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": salt},
            cwd=Path(__file__).parents[2],
        )
        hashes.append(content_hash(urls(tmp_path)[0]))
    assert hashes[0] == hashes[1]


def test_another_seed_gives_other_content(tmp_path: Path):
    legacy, v5 = urls(tmp_path)
    build(legacy, v5, bookings=200, seed=1)
    first = content_hash(legacy)
    build(legacy, v5, bookings=200, seed=2)
    assert first["bookings2"] != content_hash(legacy)["bookings2"]


@pytest.mark.mariadb
def test_both_backends_hold_the_same_content(tmp_path: Path, empty_world: Any):
    build(empty_world.env["LEGACY_ADMIN_URL"], empty_world.env["V5_DATABASE_URL"], bookings=200)
    legacy, v5 = urls(tmp_path)
    build(legacy, v5, bookings=200)
    assert content_hash(empty_world.env["LEGACY_ADMIN_URL"]) == content_hash(legacy)
    assert content_hash(empty_world.env["V5_DATABASE_URL"]) == content_hash(v5)


def test_every_live_and_lookup_table_has_rows(built: tuple[str, str, Report]):
    report = built[2]
    kinds = {name: table.kind for name, table in legacy_tables().items()}
    assert not [name for name in kinds if not report.rows[name]]


def test_the_shape_is_that_of_a_ski_school(built: tuple[str, str, Report]):
    database = connect(built[0])
    lines, grouped = database.execute(
        "SELECT COUNT(*), SUM(course_groups_subgroup2_id IS NOT NULL) FROM booking_users2"
    )[0]
    clients = database.execute("SELECT COUNT(*) FROM users WHERE user_type = 2")[0][0]
    database.close()
    bookings = built[2].rows["bookings2"]
    assert 1.9 < lines / bookings < 2.5
    assert 0.48 < grouped / lines < 0.62
    assert 0.4 < clients / bookings < 0.7


def test_v5_holds_only_what_a_new_installation_ships_with(built: tuple[str, str, Report]):
    database = connect(built[1])
    filled = {
        table for table in database.tables() if database.execute(f'SELECT COUNT(*) FROM "{table}"')[0][0]
    }
    database.close()
    assert filled == {"languages", "sport_types", "sports", "roles"}


def test_every_kind_is_planted_and_its_rows_exist(built: tuple[str, str, Report]):
    legacy, _, report = built
    assert {item["kind"] for item in report.planted} == set(PLANTERS)
    database = connect(legacy)
    for item in report.planted:
        found = database.execute(f'SELECT COUNT(*) FROM "{item["table"]}" WHERE id = ?', [item["id"]])
        assert found == [(1,)], item
    database.close()


def test_every_expectation_is_well_formed(built: tuple[str, str, Report]):
    for entry in expectations(built[2]):
        assert entry["disposition"] in LEVELS
        for name in (entry.get("reason"), *entry.get("warnings", ())):
            assert name is None or name in codes.ALL, entry


def test_no_row_is_expected_to_become_two_things(built: tuple[str, str, Report]):
    seen: dict[tuple[str, int, str], tuple[str, str]] = {}
    for entry in expectations(built[2]):
        if not entry["legacy_id"]:
            continue
        key = (entry["entity_type"], entry["legacy_id"], entry.get("part", ""))
        fate = (entry["disposition"], entry.get("reason", ""))
        assert seen.setdefault(key, fate) == fate, entry


def test_every_reason_code_is_planted_or_excused(built: tuple[str, str, Report]):
    planted = {
        name
        for entry in expectations(built[2])
        for name in (entry.get("reason"), *entry.get("warnings", ()))
        if name
    }
    assert not set(codes.ALL) - planted - set(WITHOUT_KIND)
    assert not planted & set(WITHOUT_KIND)


def test_rejections_stay_rare_in_large_tables(built: tuple[str, str, Report]):
    report = built[2]
    refused = Counter(
        TABLES_OF.get(entry["entity_type"], item["table"])
        for item in report.planted
        for entry in item["expect"]
        if entry["disposition"] == "rejected"
    )
    for table, count in refused.items():
        if report.rows[table] > 200:
            assert count / report.rows[table] < 0.02, table


def test_a_clean_database_has_no_orphans(tmp_path: Path):
    legacy, v5 = urls(tmp_path)
    report = build(legacy, v5, bookings=200, dirt=False)
    assert report.planted == []
    database = sqlite3.connect(tmp_path / "legacy.db")
    for table in legacy_tables().values():
        for column in table.columns:
            if column.fk and column.fk[0] in legacy_tables():
                orphans = database.execute(
                    f'SELECT COUNT(*) FROM "{table.name}" c LEFT JOIN "{column.fk[0]}" p '
                    f'ON p."{column.fk[1]}" = c."{column.name}" '
                    f'WHERE c."{column.name}" IS NOT NULL AND p."{column.fk[1]}" IS NULL'
                ).fetchone()
                assert orphans == (0,), (table.name, column.name)
    database.close()


def test_the_money_of_a_clean_database_adds_up(tmp_path: Path):
    legacy, v5 = urls(tmp_path)
    build(legacy, v5, bookings=400, dirt=False)
    database = sqlite3.connect(tmp_path / "legacy.db")
    off = database.execute(
        "SELECT COUNT(*) FROM vouchers v WHERE ROUND(quantity - remaining_balance, 2) <> ROUND(COALESCE("
        "(SELECT SUM(amount) FROM vouchers_log l WHERE l.voucher_id = v.id AND l.deleted_at IS NULL), 0), 2)"
    ).fetchone()
    more = database.execute(
        "SELECT COUNT(*) FROM bookings2 b WHERE b.deleted_at IS NULL AND ROUND(price_total, 2) > ROUND("
        "price_cancellation_insurance + (SELECT SUM(price) FROM booking_users2 l "
        "WHERE l.booking2_id = b.id AND l.deleted_at IS NULL), 2)"
    ).fetchone()
    database.close()
    assert off == more == (0,)


def test_the_sqlite_legacy_file_opens_read_only(built: tuple[str, str, Report]):
    path = built[0].removeprefix("sqlite:///")
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert database.execute("SELECT COUNT(*) FROM bookings2").fetchone()[0] > 2000
    database.close()


def test_the_fingerprint_reads_a_database_in_use(tmp_path: Path):
    legacy, v5 = urls(tmp_path)
    build(legacy, v5, bookings=20)
    before = content_hash(v5)
    database = sqlite3.connect(tmp_path / "v5.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("BEGIN IMMEDIATE")
    assert content_hash(v5) == before
    database.close()


def test_memory_does_not_grow_with_the_number_of_bookings(tmp_path: Path):
    def peak(bookings: int) -> int:
        tracemalloc.start()
        build(*urls(tmp_path), bookings=bookings, dirt=False)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(200)  # fills caches that stay
    small, large = peak(200), peak(5000)
    assert large < small + 20_000_000


@pytest.mark.parametrize("bookings", [1, 20])
def test_a_tiny_demo_is_possible(tmp_path: Path, bookings: int):
    assert build(*urls(tmp_path), bookings=bookings, dirt=False).rows["bookings2"] == bookings


@pytest.mark.parametrize("wrong", [{"bookings": 0}, {"today": "soon"}])
def test_wrong_arguments_are_refused_before_anything_is_dropped(tmp_path: Path, wrong: dict[str, Any]):
    with pytest.raises(ValueError):
        build(*urls(tmp_path), **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("today", ["2024-09-01", "2026-08-31", "2028-02-29"])
def test_any_day_can_be_today(tmp_path: Path, today: str):
    assert {item["kind"] for item in build(*urls(tmp_path), bookings=200, today=today).planted} == set(
        PLANTERS
    )


def test_tables_of_somebody_else_are_not_dropped(tmp_path: Path):
    legacy, v5 = urls(tmp_path)
    database = sqlite3.connect(tmp_path / "v5.db")
    database.execute("CREATE TABLE invoices (id INTEGER)")
    database.commit()
    database.close()
    with pytest.raises(ForeignTables, match="invoices"):
        build(legacy, v5, bookings=200)
    build(legacy, v5, bookings=200, force=True)
    assert set(content_hash(v5)) == set(v5_tables())


def test_the_command_writes_databases_and_the_planted_list(empty_world: Any, monkeypatch: Any, capsys: Any):
    monkeypatch.setenv("LEGACY_ADMIN_URL", empty_world.env["LEGACY_ADMIN_URL"])
    path = empty_world.folder / "planted.json"
    call_command("create_demo", bookings=200, planted=str(path))
    assert len(json.loads(path.read_text())) >= len(PLANTERS)
    assert "planted items" in capsys.readouterr().out


def test_a_database_that_the_demo_did_not_make_is_not_dropped(tmp_path):
    """A real legacy database has the same table names as the demo's."""
    import sqlite3

    import pytest

    from demo.builder import ForeignTables, build

    legacy, v5 = tmp_path / "legacy.sqlite3", tmp_path / "v5.sqlite3"
    with sqlite3.connect(legacy) as real:
        real.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")
        real.execute("INSERT INTO users (email) VALUES ('somebody@example.org')")
    with pytest.raises(ForeignTables, match="did not make"):
        build(f"sqlite:///{legacy}", f"sqlite:///{v5}", bookings=20)
    assert sqlite3.connect(legacy).execute("SELECT COUNT(*) FROM users").fetchone() == (1,)
    build(f"sqlite:///{legacy}", f"sqlite:///{v5}", bookings=20, force=True)
    build(f"sqlite:///{legacy}", f"sqlite:///{v5}", bookings=20)
