"""The pre-flight: every question has an answer, and no answer is never a pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from boukii_migration.databases import connection as connection_settings
from entities.engine import schema
from entities.preflight import Answer, Check, Finding, Report, Scope, Severity, Verdict, run, store
from entities.preflight.checks import ALL, choices, databases, keys, schemas, server, text
from entities.preflight.servers import of
from tests.world import World
from tracking.models import ChoiceValue, PreflightReport, ValidationResult, Wave

BY_ID = {check.id: check for check in ALL}


def ask(check: Check | str, wave: Wave | None = None) -> Answer:
    return run(wave, [BY_ID[check] if isinstance(check, str) else check]).outcomes[0].answer


def whats(answer: Answer) -> list[str]:
    return [finding.what for finding in answer.findings]


def insert(world: World, table: str, **values: Any) -> None:
    """One legacy row; columns that want a value and get none here are filled with something empty."""
    schema.forget("legacy")
    row: dict[str, Any] = {}
    for column in schema.live("legacy").columns(table).values():
        if not column.has_default:
            row[column.name] = _filler(column)
    row |= values
    marks = ", ".join(["%s"] * len(row))
    names = ", ".join(connections["legacy"].ops.quote_name(name) for name in row)
    world.legacy_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def _filler(column: schema.LiveColumn) -> Any:
    if column.type in ("date", "timestamp", "datetime"):
        return "2025-01-10" if column.type == "date" else "2025-01-10 08:00:00"
    if column.type == "time":
        return "09:00:00"
    return "" if column.type in schema.TEXT_TYPES else 1


@pytest.fixture
def wave() -> Wave:
    return Wave.objects.create(name="Rehearsal 1", created_at=timezone.now())


# The whole ------------------------------------------------------------------------------------------------


@pytest.mark.world(dirt=False)
def test_a_clean_demo_has_nothing_that_blocks(world: World) -> None:
    report = run()
    stopping = {
        outcome.id: outcome.answer.message for outcome in report.outcomes if outcome.answer.verdict.stops
    }
    assert stopping == {}
    assert report.passed
    assert [outcome.id for outcome in report.outcomes] == [check.id for check in ALL]


def test_a_dirty_demo_is_counted_and_not_blocked(world: World) -> None:
    said = world.run("preflight", "--json")
    data = json.loads(said.out)
    by_id = {check["id"]: check for check in data["checks"]}
    assert {by_id[name]["verdict"] for name in ("P-13", "P-31", "P-33", "P-36", "P-39", "P-43", "P-53")} == {
        "warning"
    }
    assert data["counts"]["fail"] == 0
    assert said.code == (0 if data["passed"] else 1)


def test_every_run_is_stored_with_one_result_per_check(empty_world: World, wave: Wave) -> None:
    said = empty_world.run("preflight", "--wave", wave.name)
    stored = PreflightReport.objects.get()
    assert stored.wave == wave
    assert stored.passed is (said.code == 0)
    assert [check["id"] for check in stored.report] == [check.id for check in ALL]
    results = ValidationResult.objects.filter(wave=wave)
    assert set(results.values_list("validation_type", flat=True)) == set(BY_ID)
    assert all(result.details["preflight"] == stored.pk for result in results)
    assert said.out.splitlines()[-1].startswith(f"Pre-flight {'passed' if stored.passed else 'FAILED'}: ")


def test_a_wave_that_does_not_exist_is_named(empty_world: World, wave: Wave) -> None:
    said = empty_world.run("preflight", "--wave", "No such")
    assert said.code == 1
    assert "There is no wave 'No such'. Waves: Rehearsal 1." in said.err


def test_a_pre_flight_writes_neither_database(world: World) -> None:
    before = {table: world.v5_sql(f"SELECT COUNT(*) FROM {table}") for table in schema.live("v5").tables}
    run()
    schema.forget("v5")
    assert {
        table: world.v5_sql(f"SELECT COUNT(*) FROM {table}") for table in schema.live("v5").tables
    } == before


def test_no_value_of_a_record_reaches_the_report(empty_world: World) -> None:
    for key in (1, 2):
        insert(
            empty_world, "users", id=key, email="ana.secret@example.org", first_name="JosÃ© Łukasz",
            password="$2y$10$notahash", user_type=9, birth_date="2199-01-01",
        )  # fmt: skip
    report = json.dumps(run().as_data(), ensure_ascii=False)
    assert '"P-31"' in report
    for value in ("secret", "Jos", "ukasz", "notahash", "2199"):
        assert value not in report


# Answers and their consequences ---------------------------------------------------------------------------


class Broken(Check):
    id, title, needs = "X-1", "Something", ()
    severity = Severity.INFO

    def run(self, scope: Scope) -> Answer:
        raise RuntimeError("the disk is on fire")


class Saying(Check):
    id, title, needs = "X-2", "Something", ()

    def __init__(self, severity: Severity) -> None:
        self.severity = severity

    def run(self, scope: Scope) -> Answer:
        return self.found("seen", [Finding("a table", 3, (1, 2, 3))], "look at it")


@pytest.mark.django_db
def test_a_check_that_breaks_could_not_run_and_is_no_pass() -> None:
    report = run(chosen=[Broken()])
    answer = report.outcomes[0].answer
    assert (answer.verdict, report.passed) == (Verdict.NOT_RUN, False)
    assert answer.message == "RuntimeError: the disk is on fire"
    store(report)
    assert ValidationResult.objects.get().result == ValidationResult.Result.FAIL
    assert PreflightReport.objects.get().passed is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("severity", "verdict", "passed"),
    [
        (Severity.BLOCK, Verdict.FAIL, False),
        (Severity.ACKNOWLEDGE, Verdict.WARNING, True),
        (Severity.INFO, Verdict.OK, True),
    ],
)
def test_the_severity_decides_what_a_finding_means(
    severity: Severity, verdict: Verdict, passed: bool
) -> None:
    report = run(chosen=[Saying(severity)])
    assert (report.outcomes[0].answer.verdict, report.passed) == (verdict, passed)


def test_nothing_to_check_is_not_called_a_pass(empty_world: World) -> None:
    report = run(chosen=[BY_ID["P-31"]])
    assert report.outcomes[0].answer.verdict == Verdict.NOTHING
    assert "1 nothing to check" in _summary(report)
    store(report)
    assert ValidationResult.objects.get().result == ValidationResult.Result.NOTHING


def _summary(report: Report) -> str:
    from entities.preflight.output import summary

    return summary(report)


def test_a_terminal_gets_the_same_as_a_table(empty_world: World) -> None:
    from rich.console import Console

    from entities.preflight.output import table

    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(table(run(chosen=[BY_ID["P-01"], Saying(Severity.BLOCK), Broken()])))
    shown = console.export_text()
    for part in ("P-01", "ok", "a table: 3 (ids 1, 2, 3)", "next: look at it", "could not run"):
        assert part in shown


def test_long_lists_are_cut_and_say_so(empty_world: World) -> None:
    from entities.preflight.output import plain

    for number in range(12):
        empty_world.legacy_sql(f"CREATE TABLE extra_{number:02d} (id INTEGER)")
    lines = list(plain(run(chosen=[BY_ID["P-06"]])))
    assert "      … and 4 more (all with --json)" in lines


# Databases ------------------------------------------------------------------------------------------------


def test_an_unreachable_database_is_named_and_what_needs_it_could_not_run(
    empty_world: World, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections["legacy"].settings_dict, "NAME", f"file:{tmp_path}/absent?mode=ro")
    connections["legacy"].close()
    report = run(chosen=[databases.Reachable(), schemas.LegacySchema(), schemas.V5Schema()])
    reachable, legacy, v5 = (outcome.answer for outcome in report.outcomes)
    assert reachable.verdict == Verdict.FAIL
    assert "LEGACY_DATABASE_URL" in reachable.next_step
    assert (legacy.verdict, v5.verdict) == (Verdict.NOT_RUN, Verdict.OK)
    assert "legacy database does not answer" in legacy.message
    connections["legacy"].close()


def test_equal_databases_block(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from entities.engine.vendors import mysql, sqlite

    for vendor in (mysql, sqlite):
        monkeypatch.setattr(vendor, "identity", lambda connection: "the same place")
    answer = ask("P-02")
    assert answer.verdict == Verdict.FAIL
    assert "GR-01" in answer.message


def test_a_legacy_database_that_can_be_written_blocks(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("P-03").verdict == Verdict.OK
    writable = connection_settings("default", empty_world.env["LEGACY_ADMIN_URL"])
    for name in ("NAME", "USER", "PASSWORD", "OPTIONS"):
        monkeypatch.setitem(connections["legacy"].settings_dict, name, writable.get(name, ""))
    connections["legacy"].close()
    answer = ask("P-03")
    connections["legacy"].close()
    assert answer.verdict == Verdict.FAIL
    assert "the session is not read-only" in whats(answer)
    assert any("accepted a write" in what for what in whats(answer))


def test_a_write_that_fails_for_another_reason_proves_nothing(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of(connections["legacy"]), "refuses_writing", lambda error: False)
    answer = ask("P-03")
    assert answer.verdict == Verdict.NOT_RUN
    assert answer.next_step


def test_an_unprepared_v5_blocks(empty_world: World) -> None:
    empty_world.run("prepare_v5", "--undo")
    answer = ask("P-04")
    assert answer.verdict == Verdict.FAIL
    assert answer.next_step == "run prepare_v5 --apply"


@pytest.mark.parametrize(
    ("key", "value", "verdict"), [("Q-07", "CHF", Verdict.OK), ("Q-07", "francs", Verdict.FAIL)]
)
def test_choices_are_checked_by_name(
    empty_world: World, wave: Wave, key: str, value: str, verdict: Verdict
) -> None:
    ChoiceValue.objects.create(wave=wave, key=key, value=value, decided_at=timezone.now())
    answer = ask(choices.ChoicesValid(), wave)
    assert answer.verdict == verdict
    assert verdict == Verdict.OK or key in whats(answer)[0]


@pytest.mark.parametrize(
    ("schools", "verdict"), [([], Verdict.OK), ([4], Verdict.OK), ([4, 9], Verdict.FAIL)]
)
def test_the_schools_of_a_wave_are_looked_up(
    empty_world: World, wave: Wave, schools: list[int], verdict: Verdict
) -> None:
    wave.schools = schools
    assert ask("P-24", wave).verdict == Verdict.NOTHING
    insert(empty_world, "schools", id=4)
    answer = ask("P-24", wave)
    assert answer.verdict == verdict
    assert verdict == Verdict.OK or whats(answer) == ["no school 9"]


# Schemas --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TABLE loyalty_points (id INTEGER)", "unknown table loyalty_points"),
        ("ALTER TABLE users ADD COLUMN nickname VARCHAR(20) NULL", "unknown column users.nickname"),
        ("ALTER TABLE user_childrens RENAME TO user_children", "missing table user_childrens"),
        ("ALTER TABLE offers DROP COLUMN title", "missing column offers.title"),
        (
            "CREATE TABLE course_global (id INTEGER)",
            "one table under several names: course_globals, course_global",
        ),
    ],
)
def test_a_surprise_in_the_legacy_schema_blocks_by_name(
    empty_world: World, statement: str, named: str
) -> None:
    empty_world.legacy_sql(statement)
    answer = ask("P-06")
    assert answer.verdict == Verdict.FAIL
    assert named in whats(answer)


def test_other_spellings_and_possible_columns_are_accepted(empty_world: World) -> None:
    empty_world.legacy_sql("ALTER TABLE course_globals RENAME TO course_global")
    empty_world.legacy_sql("ALTER TABLE bookings2 ADD COLUMN paid_total DECIMAL(8,2) NULL")
    assert ask("P-06").verdict == Verdict.OK
    insert(empty_world, "course_global", id=1, dates_global="{")
    assert ask("P-13").findings[0].ids == (1,)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE client_observations RENAME TO gone", "missing table client_observations"),
        ("ALTER TABLE clients DROP COLUMN cp", "missing column clients.cp"),
        (
            "ALTER TABLE tasks ADD COLUMN urgency INTEGER NOT NULL",
            "unknown column tasks.urgency has no default",
        ),
    ],
)
def test_a_surprise_in_the_v5_schema_blocks_by_name(empty_world: World, statement: str, named: str) -> None:
    if "NOT NULL" in statement and empty_world.backend == "sqlite":
        # SQLite adds such a column to a new table only.
        empty_world.v5_sql("DROP TABLE tasks")
        statement = "CREATE TABLE tasks (id INTEGER PRIMARY KEY, urgency INTEGER NOT NULL)"
    empty_world.v5_sql(statement)
    answer = ask("P-07")
    assert answer.verdict == Verdict.FAIL
    assert any(what.startswith(named) for what in whats(answer))


def test_a_harmless_addition_to_v5_is_no_finding(empty_world: World) -> None:
    empty_world.v5_sql("ALTER TABLE clients ADD COLUMN shoe_size INTEGER NULL")
    assert ask("P-07").verdict == Verdict.OK


def test_a_trigger_on_seasons_is_shown(empty_world: World) -> None:
    assert ask("P-09").verdict in (Verdict.OK, Verdict.WARNING)
    body = {
        "sqlite": "CREATE TRIGGER only_one AFTER INSERT ON seasons BEGIN SELECT 1; END",
        "mariadb": "CREATE TRIGGER only_one AFTER INSERT ON seasons FOR EACH ROW SET @x = 1",
    }
    empty_world.v5_sql(body[empty_world.backend])
    answer = ask("P-09")
    assert answer.verdict == Verdict.WARNING
    assert "only_one" in whats(answer)


@pytest.mark.mariadb
def test_references_of_another_sign_are_shown(empty_world: World) -> None:
    assert "v5_bookings.season_id -> seasons" in whats(ask("P-10"))
    assert not [what for what in whats(ask("P-10")) if what.startswith("v5_booking_participants")]


# Text -----------------------------------------------------------------------------------------------------


@pytest.mark.mariadb
def test_text_that_does_not_fit_is_counted_by_column(empty_world: World) -> None:
    for key, name in enumerate(("Łukasz", "Žižek", "ok"), start=1):
        insert(empty_world, "tasks", id=key, name=name)
    answer = ask("P-11")
    assert answer.verdict == Verdict.WARNING
    assert [(finding.count, finding.ids) for finding in answer.findings] == [(1, (1,))]
    assert "--approve-text-conversion" in answer.next_step
    empty_world.run("prepare_v5", "--apply", "--approve-text-conversion")
    assert ask("P-11").verdict == Verdict.OK


def test_the_scan_turns_pages(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from entities.preparation import encoding

    monkeypatch.setattr(encoding, "PAGE", 2)
    for key in range(1, 6):
        insert(empty_world, "tasks", id=key, name="cafÃ©")
    assert ask(text.DoubleEncoded()).findings == (Finding("tasks.name", 5, (1, 2, 3, 4, 5)),)


@pytest.mark.parametrize(
    ("value", "readable"),
    [(None, True), ("", True), ("[]", True), ('"[]"', True), ("{}", False), ("[1", False), ("null", False)],
)
def test_lists_of_sessions_are_read(empty_world: World, value: str | None, readable: bool) -> None:
    insert(empty_world, "course_globals", id=3, dates_global=value)
    assert (ask("P-13").verdict == Verdict.OK) is readable


# Server and keys ------------------------------------------------------------------------------------------


def test_the_server_is_safe_as_the_settings_open_it(empty_world: World) -> None:
    for check in (
        server.Strict(),
        server.Engines(),
        server.SafetyNets(),
        server.BulkLoad(),
        server.Resources(),
    ):
        assert ask(check).verdict == Verdict.OK, check.title


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("check", "statement", "named"),
    [
        ("P-14", "SET SESSION sql_mode = ''", "sql_mode is not strict"),
        ("P-16", "SET SESSION foreign_key_checks = 0", "foreign_key_checks is off"),
        ("P-15", "CREATE TABLE not_ours (id INTEGER) ENGINE = Aria", ""),
        ("P-15", "ALTER TABLE v5_booking_participants ENGINE = Aria", "v5_booking_participants: Aria"),
    ],
)
def test_an_unsafe_server_blocks(empty_world: World, check: str, statement: str, named: str) -> None:
    with connections["v5"].cursor() as cursor:
        cursor.execute(statement)
    answer = ask(check)
    assert whats(answer) == ([named, *whats(answer)[1:]] if named else [])
    assert answer.verdict == (Verdict.FAIL if named else Verdict.OK)
    connections["v5"].close()


def test_facts_come_from_the_server_that_is_asked(empty_world: World) -> None:
    vendor = of(connections["v5"]).__name__.rsplit(".", 1)[-1]
    assert vendor == {"sqlite": "sqlite", "mariadb": "mysql"}[empty_world.backend]


def test_a_key_column_that_is_too_small_blocks(empty_world: World) -> None:
    # `old_id` is a plain int in V5; a legacy id above its limit would not fit.
    if empty_world.backend == "sqlite":
        empty_world.v5_sql("CREATE TABLE replacement (id INTEGER PRIMARY KEY AUTOINCREMENT, old_id int)")
        empty_world.v5_sql("DROP TABLE languages")
        empty_world.v5_sql("ALTER TABLE replacement RENAME TO languages")
    insert(empty_world, "bookings2", id=3_000_000_000)
    answer = ask(keys.Capacity())
    assert answer.verdict == Verdict.FAIL
    assert any(".old_id (int): the largest legacy id is 3000000000" in what for what in whats(answer))


def test_next_ids_below_legacy_are_told(empty_world: World) -> None:
    insert(empty_world, "vouchers", id=500)
    assert whats(ask("P-21")) == ["vouchers: next id 1, largest id of legacy vouchers 500"]


def test_rows_in_the_target_are_told(world: World) -> None:
    assert "languages holds 5 rows" in whats(ask("P-22"))


def test_duplicates_in_the_target_are_counted(empty_world: World) -> None:
    for key, email in enumerate((" Ana@x.ch", "ana@x.ch ", "other@x.ch", "", ""), start=1):
        empty_world.v5_sql(
            "INSERT INTO users (id, password, type, active, email) VALUES (%s, 'x', 'client', 1, %s)",
            [key, email],
        )
    assert whats(ask("P-23")) == ["users (email): 1 keys occur more than once"]


# Data quality ---------------------------------------------------------------------------------------------

HASH = "$2y$10$" + "a" * 53
PERSON = {"user_type": 2, "email": "a@x.ch", "password": HASH, "birth_date": "1990-01-01"}
ROWS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "P-30": [("users", {"id": 7, **PERSON, "email": ""}), ("users", {"id": 8, **PERSON})],
    "P-31": [("users", {"id": 7, **PERSON}), ("users", {"id": 8, **PERSON, "email": " A@X.ch"})],
    "P-32": [("users", {"id": 7, **PERSON, "birth_date": "1899-12-31"}), ("users", {"id": 8, **PERSON})],
    "P-33": [("users", {"id": 7, **PERSON, "user_type": 9}), ("users", {"id": 8, **PERSON})],
    "P-34": [("users", {"id": 7, **PERSON, "password": "md5"}), ("users", {"id": 8, **PERSON})],
    "P-35": [("user_groups", {"id": 7, "user_main_id": 4, "user_secondary_id": 4})],
    "P-36": [("user_nwd", {"id": 7, "start_date": "2025-02-02", "end_date": "2025-02-01"})],
    "P-37": [
        ("user_nwd", {"id": 7, "start_date": "2024-02-02", "end_date": "2025-02-02"}),
        ("user_nwd", {"id": 8, "start_date": "2024-02-02", "end_date": "2025-02-01"}),
    ],
    "P-38": [("courses2", {"id": 7, "sport_id": 99})],
    "P-39": [("user_schools", {"id": 7, "user_id": 99, "school_id": 5}), ("users", {"id": 99, **PERSON})],
    "P-40": [("bookings2", {"id": 7, "school_id": 99})],
    "P-41": [("bookings2", {"id": 7}), ("bookings2", {"id": 8}), ("booking_users2", {"id": 1, "booking2_id": 8})],
    "P-42": [("bookings2", {"id": 7, "payment_method_id": 6}), ("bookings2", {"id": 8, "payment_method_id": None})],
    "P-43": [
        ("bookings2", {"id": 7, "currency": "CHF"}),
        ("booking_users2", {"id": 1, "booking2_id": 7, "currency": "EUR"}),
        ("bookings2", {"id": 8, "currency": "CHF"}),
        ("booking_users2", {"id": 2, "booking2_id": 8, "currency": "chf"}),
    ],
    "P-44": [("booking_users2", {"id": 7, "course2_id": None, "course_groups_subgroup2_id": None})],
    "P-45": [("booking_users2", {"id": 7, "course2_id": 3, "course_groups_subgroup2_id": None, "date": None})],
    "P-46": [
        ("bookings2", {"id": 1, "school_id": 1}),
        ("courses2", {"id": 3, "school_id": 2}),
        ("booking_users2", {"id": 7, "booking2_id": 1, "course2_id": 3}),
    ],
    "P-47": [
        ("course_groups2", {"id": 1, "deleted_at": "2025-01-01 00:00:00"}),
        ("course_groups_subgroups2", {"id": 2, "course_group2_id": 1}),
        ("booking_users2", {"id": 7, "course_groups_subgroup2_id": 2}),
        ("booking_users2", {"id": 8, "course_groups_subgroup2_id": 2, "deleted_at": "2025-01-01 00:00:00"}),
    ],
    "P-48": [
        ("booking_users2", {"id": 7, "user_id": 5, "course_groups_subgroup2_id": 2}),
        ("booking_users2", {"id": 8, "user_id": 5, "course_groups_subgroup2_id": 2}),
        ("booking_users2", {"id": 9, "user_id": 6, "course_groups_subgroup2_id": 2}),
    ],
    "P-49": [
        ("user_schools", {"id": 1, "user_id": 4, "school_id": 2}),
        ("bookings2", {"id": 7, "school_id": 1, "user_main_id": 4}),
        ("bookings2", {"id": 8, "school_id": 2, "user_main_id": 4}),
    ],
    "P-50": [
        ("user_schools", {"id": 1, "user_id": 4, "school_id": 2}),
        ("bookings2", {"id": 1, "school_id": 1}),
        ("booking_users2", {"id": 7, "booking2_id": 1, "monitor_id": 4}),
    ],
    "P-51": [
        ("bookings2", {"id": 7, "price_total": "100.00", "price_cancellation_insurance": "10.00"}),
        ("booking_users2", {"id": 1, "booking2_id": 7, "price": "80.00"}),
        ("bookings2", {"id": 8, "price_total": "90.00", "price_cancellation_insurance": "10.00"}),
        ("booking_users2", {"id": 2, "booking2_id": 8, "price": "80.00"}),
    ],
    "P-52": [
        ("bookings2", {"id": 7, "price_total": "0.00"}),
        ("booking_users2", {"id": 1, "booking2_id": 7, "price": "80.00"}),
    ],
    "P-53": [
        ("vouchers", {"id": 7, "quantity": "100.00", "remaining_balance": "50.00"}),
        ("vouchers", {"id": 8, "quantity": "100.00", "remaining_balance": "99.90"}),
        ("vouchers_log", {"id": 1, "voucher_id": 8, "amount": "0.10"}),
    ],
    "P-54": [("vouchers", {"id": 7, "quantity": "10.00", "remaining_balance": "11.00"})],
    "P-55": [
        ("vouchers", {"id": 7, "school_id": 1, "code": "ab"}),
        ("vouchers", {"id": 8, "school_id": 1, "code": " AB"}),
        ("vouchers", {"id": 9, "school_id": 2, "code": "ab"}),
    ],
    "P-56": [
        ("vouchers", {"id": 1, "school_id": 1}),
        ("bookings2", {"id": 1, "school_id": 2}),
        ("vouchers_log", {"id": 7, "voucher_id": 1, "booking_id": 1}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("check", ROWS)
def test_each_kind_of_dirt_is_counted_with_its_ids(empty_world: World, check: str) -> None:
    for table, values in ROWS[check]:
        insert(empty_world, table, **values)
    answer = ask(check)
    if check == "P-39":
        assert Finding("user_schools.school_id -> schools", 1, (7,)) in answer.findings
        assert not [what for what in whats(answer) if what.startswith("user_schools.user_id")]
    else:
        assert [(finding.count, finding.ids) for finding in answer.findings] == [(1, (7,))]
    severity = BY_ID[check].severity
    assert answer.verdict == (Verdict.OK if severity == Severity.INFO else Verdict.WARNING)


def test_every_data_quality_check_has_its_example() -> None:
    assert set(ROWS) == {check.id for check in ALL if check.id >= "P-30" and check.id.startswith("P-")}


def test_a_missing_table_makes_a_count_impossible_and_says_which(empty_world: World) -> None:
    empty_world.legacy_sql("ALTER TABLE vouchers RENAME TO gone")
    answer = ask("P-54")
    assert answer.verdict == Verdict.NOT_RUN
    assert "legacy has no table vouchers" in answer.message
