"""A large record for the panel: a demo that was moved for real, and rows of the same kinds in great numbers around it.

MariaDB only: the rows come from its sequence engine, so that ten million of them take minutes.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

MILLION = 1_000_000


def fill(wanted: Namespace) -> None:
    """The asked numbers of issues, map rows and batches, and what such a migration leaves besides them."""
    from entities.operations import demonstration, phases
    from tracking.models import Run, Wave
    from tracking.triage import groups

    how = phases.How(inline=True, workers=0, bars=False, verbose=False)
    demo = demonstration.Demonstration(wanted.bookings, how, _quiet)
    demo.build()
    demo.migrate()
    demo.check()  # what the checks say of it is not measured here
    demonstration.people(_quiet)
    run, wave = Run.objects.get(entity_type="bookings"), Wave.objects.get()
    people_at_work(wave)
    _batches(run, wanted.batches)
    _issues(run, wave, wanted.issues, wanted.batches)
    _leavings(run, wave)
    _findings(wave, wanted.findings)
    _map(run, wanted.map)
    _way_back(wave)
    groups.recount(wave)
    analyse()


def _quiet(_line: str) -> None:
    """What the demo tells is of no use here."""


def analyse() -> None:
    """Fresh statistics, as a server has after some hours."""
    from django.db import connections

    for alias in ("default", "v5"):
        with connections[alias].cursor() as cursor:
            for name in connections[alias].introspection.table_names(cursor):
                cursor.execute(f"ANALYZE TABLE `{name}`")
                cursor.fetchall()


def people_at_work(wave: Any) -> None:
    """One of everything that people leave behind, so that every kind of page has a record to show."""
    from django.contrib.auth.models import User
    from django.utils import timezone
    from django_celery_results.models import TaskResult

    from tracking.actions.backup import RecordBackup
    from tracking.actions.choice import DecideChoice
    from tracking.actions.note import NoteIssue
    from tracking.actions.runbook import StartRunbook
    from tracking.actions.skip import SkipRecord
    from tracking.actions.waiver import RequestWaiver
    from tracking.models import (
        Batch,
        CriterionStatement,
        Issue,
        Job,
        Measurement,
        Requeue,
        Run,
        Runbook,
        Signature,
    )

    now = timezone.now()
    manager, support = (User.objects.get(username=name) for name in ("manager", "support"))
    issue = Issue.objects.filter(level="error", state="open").order_by("-pk")[0]
    NoteIssue(issue, "The school was asked.", actor=support).perform(now)
    SkipRecord(issue, actor=support, reason="Entered twice.").perform(now)
    DecideChoice(wave, "Q-01", "same", actor=manager, reason="All schools keep their own time.").perform(now)
    RecordBackup(
        wave, database="v5", location="nightly store", size=48_211_034, checksum="9c1f" * 16,
        taken_at=now - timedelta(minutes=5), actor=manager,
    ).perform(now)  # fmt: skip
    phase = wave.phases.get(number=3)
    RequestWaiver(
        phase, "rejected", owner="school office", expires_at=now + timedelta(days=30),
        reason="They are known to the school.", actor=manager,
    ).perform(now)  # fmt: skip
    Signature.objects.create(
        phase=wave.phases.get(number=2), evidence={}, evidence_hash="", requested_by=manager, requested_at=now
    )
    run = Run.objects.get(entity_type="bookings")
    failed = [
        [one, "OperationalError: disk full"]
        for one in Batch.objects.filter(run=run).values_list("pk", flat=True)
    ]
    Requeue.objects.create(
        run=run, action="requeue failed batches", asked_by=manager, asked_at=now, batches=failed
    )
    root = User.objects.create_superuser("bench", password=None)
    StartRunbook(wave, Runbook.Kind.IMMEDIATE, actor=root, reason="A rehearsal.").perform(now)
    CriterionStatement.objects.create(
        wave=wave, criterion="processes", is_met=True, evidence="list", said_by=manager, said_at=now
    )
    Measurement.objects.create(kind=Measurement.KIND, wave=wave, created_at=now)
    TaskResult.objects.create(task_id="1", status="FAILURE", task_name="entities.work", result="{}")
    Job.objects.create(wave=wave, kind=Job.Kind.REQUEUE, asked_by=manager, asked_at=now)


# One cause has two fifths of the issues, as it happens when a rule meets a habit of a school.
CODES = (
    "SUBGROUP_UNKNOWN", "LINE_WITHOUT_DATE", "CLIENT_UNKNOWN", "TENANT_MISMATCH", "CROSSES_MIDNIGHT", "MIXED_CURRENCY",
    "VOUCHER_UNKNOWN", "MONITOR_UNKNOWN", "LINE_RELINKED", "ORPHAN_KEPT", "PAST_UNPAID", "NO_LINES", "BOTH_REFERENCES",
    "SPANS_SEASONS", "LINE_WITHOUT_COURSE", "BOOKING_REJECTED", "CURRENCY_ASSUMED", "PLACEHOLDER_CLIENT", "VALUE_TOO_LONG",
    "CONSTRAINT",
)  # fmt: skip
WARNINGS = ("LINE_RELINKED", "PAST_UNPAID", "BOTH_REFERENCES", "CURRENCY_ASSUMED", "PLACEHOLDER_CLIENT")
# entity type, legacy table, V5 table of each million of the map
KINDS = (
    ("booking_user", "booking_users2", "booking_users"), ("booking", "bookings", "bookings"),
    ("booking_user", "booking_users2", "booking_users"), ("v5_participant", "booking_users2", "v5_booking_participants"),
    ("client", "clients", "clients"),
)  # fmt: skip


def _insert(model: Any, source: str, database: str = "default", **columns: str) -> None:
    """One statement: an SQL expression per column; columns that are not named get the model's defaults."""
    from django.db import connections

    values = {**_defaults(model), **columns}
    names = ", ".join(f"`{name}`" for name in values)
    sql = f"INSERT INTO `{model._meta.db_table}` ({names}) SELECT {', '.join(values.values())} FROM {source}"
    with connections[database].cursor() as cursor:
        cursor.execute(sql)


def _defaults(model: Any) -> dict[str, str]:
    needed = [one for one in model._meta.concrete_fields if not one.null and not one.primary_key]
    return {one.column: _literal(one) for one in needed}


def _literal(field: Any) -> str:
    from django.db.models import DateTimeField, JSONField

    if isinstance(field, DateTimeField):
        return "NOW()"
    value = field.get_default()
    if isinstance(field, JSONField):
        return f"'{json.dumps(value)}'"
    return str(int(value)) if isinstance(value, bool | int) else f"'{value if value is not None else ''}'"


def _pick(place: str, names: Iterable[str]) -> str:
    """The name at a place, counted from 0 and round again."""
    given = list(names)
    return f"ELT(1 + ({place}) % {len(given)}, {', '.join(repr(one) for one in given)})"


def _batches(run: Any, number: int) -> None:
    """Batches of one run, one in 200 failed, and what became of their rows."""
    from tracking.models import Batch, Tally

    _insert(
        Batch, f"seq_1_to_{number}", run_id=str(run.pk), key_after="seq * 500 + 100000000", key_to="seq * 500 + 100000500",
        size="500", status="IF(seq % 200 = 0, 'failed', 'done')", attempt="1", fence="1", worker="CONCAT('worker:', seq % 4)",
        started_at="NOW() - INTERVAL 60000 - seq SECOND", finished_at="NOW() - INTERVAL 59997 - seq SECOND", seconds="3",
        rows_read="1700", rows_written="8000", rejected="seq % 7",
        error="IF(seq % 200 = 0, 'OperationalError: lock wait', '')",
    )  # fmt: skip
    _insert(
        Tally, f"tracking_batch b, seq_1_to_8 k WHERE b.run_id = {run.pk} AND b.key_after >= 100000000", batch_id="b.id",
        run_id=str(run.pk), entity_type=_pick("k.seq", ("booking", "v5_booking", "booking_user", "v5_participant")),
        legacy_table=_pick("k.seq", ("bookings", "bookings", "booking_users2", "booking_users2")),
        disposition=_pick("k.seq DIV 2", ("migrated", "synthesised", "rejected", "skipped")),
        reason="IF(k.seq > 3, 'SUBGROUP_UNKNOWN', '')", rows="200", entries="200",
    )  # fmt: skip


def _issues(run: Any, wave: Any, number: int, batches: int) -> None:
    from tracking.models import Issue

    code = f"IF(seq % 5 < 2, '{CODES[0]}', {_pick('seq', CODES)})"
    warnings = ", ".join(repr(one) for one in WARNINGS)
    first = f"(SELECT MIN(id) AS first FROM tracking_batch WHERE run_id = {run.pk})"
    _insert(
        Issue, f"(SELECT seq, {code} AS cause FROM seq_1_to_{number}) s, {first} b", wave_id=str(wave.pk), run_id=str(run.pk),
        batch_id=f"first + seq % {batches}", entity_type="'booking_user'", legacy_table="'booking_users2'",
        legacy_id="200000000 + seq", root_entity="'bookings'", root_id="200000000 + seq DIV 2", school_id="10",
        stage="'transform'", level=f"IF(cause IN ({warnings}), 'warning', 'error')", code="cause",
        message="'as it was found'", payload="'{\"row\": {\"id\": 1, \"price\": \"80.00\"}}'", amount="80", currency="'CHF'",
        state="IF(seq % 9 = 0, 'resolved', 'open')",
    )  # fmt: skip


def _leavings(run: Any, wave: Any) -> None:
    """What people, checks and workers leave behind in such a time."""
    from tracking.models import Alert, AuditEvent, Correction, LogEntry, ValidationResult

    of = {"wave_id": str(wave.pk)}
    _insert(
        Correction, "seq_1_to_20000", **of, legacy_table="'booking_users2'", legacy_id="200000000 + seq",
        values="'{\"course_subgroup_id\": \"7\"}'", reason="'as the school said'", made_by_id="1",
    )  # fmt: skip
    _insert(
        AuditEvent, "seq_1_to_100000", at="NOW() - INTERVAL seq SECOND", actor_id="1", subject_type="'issue'",
        subject_id="seq", action=_pick("seq", ("correct issue", "note issue", "assign issue", "requeue record")),
    )  # fmt: skip
    _insert(
        LogEntry, "seq_1_to_200000", at="NOW() - INTERVAL 60000 - seq DIV 10 SECOND", level="IF(seq % 50, 'info', 'warning')",
        event="'batch done'", run_id=str(run.pk), batch_id="seq DIV 10", entity_type="'bookings'", data="'{\"rows\": 1700}'",
    )  # fmt: skip
    _insert(
        ValidationResult, "seq_1_to_20000", **of, run_id=str(run.pk), validation_type="CONCAT('R-', 1 + seq % 95)",
        entity_type="'booking'", entity_id="seq", result=_pick("seq", ("pass", "pass", "warning", "fail")),
        message="'a field differs'", current="seq > 19900", details="'{\"field\": \"price\"}'",
    )  # fmt: skip
    _insert(
        Alert, "seq_1_to_5000", **of, run_id=str(run.pk), code="'SLOW'", message="'slower than planned'",
        opened_at="NOW() - INTERVAL seq MINUTE", closed_at="IF(seq > 5, NOW() - INTERVAL seq - 5 MINUTE, NULL)",
    )  # fmt: skip


# As of a wave that went wrong: one check has two fifths of all findings, some have a handful.
CHECKS = (
    "C-bookings", "R-31", "R-32", "R-5M", "C-clients", "R-74", "R-59", "R-73", "C-courses", "R-80", "R-35", "R-58",
)  # fmt: skip
SCHOOLS = 40


def _findings(wave: Any, number: int) -> None:
    """Findings of the final checks, and a verdict of each check for every school."""
    from tracking.gates.checks import RECONCILE
    from tracking.models import Finding, Sweep, ValidationResult

    sweep = Sweep.objects.filter(kind=RECONCILE, wave=wave).order_by("-pk")[0]
    of = {"wave_id": str(wave.pk), "sweep_id": str(sweep.pk)}
    check = f"CASE WHEN seq % 5 < 2 THEN '{CHECKS[0]}' WHEN seq % 50021 = 4 THEN 'R-108' ELSE {_pick('seq', CHECKS)} END"
    _insert(
        Finding, f"seq_1_to_{number}", **of, check_id=check, kind=_pick("seq DIV 7", ("differs", "differs", "missing", "extra")),
        inherited="seq % 10 = 3", school_id="IF(seq % 97 = 0, NULL, IF(seq % 2, 10, 100 + seq % 40))",
        entity_type=_pick("seq", ("booking", "booking_user", "client")),
        legacy_table=_pick("seq", ("bookings2", "booking_users2", "users")), legacy_id="200000000 + seq",
        v5_table=_pick("seq", ("bookings", "booking_users", "clients")), v5_id="300000000 + seq",
        field=_pick("seq DIV 3", ("price", "email", "notes", "status")), expected="CONCAT('value ', seq)",
        found="CONCAT('value ', seq + 1)", repaired_at="IF(seq % 100 = 7, NOW(), NULL)",
    )  # fmt: skip
    verdicts = f"{ValidationResult._meta.db_table} WHERE sweep_id = {sweep.pk}"
    kinds = f"(SELECT DISTINCT validation_type AS kind, severity FROM {verdicts}) k"
    _insert(
        ValidationResult, f"{kinds}, seq_1_to_{SCHOOLS} s", **of, phase_id=str(sweep.phase_id), moment="'F'", severity="severity",
        validation_type="kind", school_id="100 + seq", current="1", result=_pick("seq DIV 2", ("pass", "fail", "warning")),
        message="'12,000 looked at; 3 introduced'", fingerprint="MD5(CONCAT(kind, seq))", legacy_rows="12000", v5_rows="11997",
        explained="0", introduced="3", inherited="1", details="'{\"sums\": {\"total · CHF\": [\"10.00\", \"10.00\", \"0\"]}}'",
    )  # fmt: skip


def _way_back(wave: Any) -> None:
    """A rollback that was looked at, with what people did since, and the archive of earlier ones."""
    from django.utils import timezone

    from entities.engine.lineage import RollbackArchive
    from tracking.models import Rollback, RollbackFinding

    rollback = Rollback.objects.create(
        wave=wave, kind=Rollback.Kind.WAVE, said="the whole wave", reason="A rehearsal.", state=Rollback.State.LOOKED,
        asked_at=timezone.now(),
    )  # fmt: skip
    _insert(
        RollbackFinding, "seq_1_to_100000", rollback_id=str(rollback.pk), kind=_pick("seq", ("edited", "child", "used")),
        table=_pick("seq DIV 5", ("bookings", "clients", "booking_users")), v5_id="300000000 + seq",
        columns="'[\"paid\"]'", legacy_id="300000000 + seq", entity_type="'booking'",
    )  # fmt: skip
    _insert(
        RollbackArchive, "seq_1_to_100000", "v5", kind=_pick("seq", ("deleted", "map", "updated", "entry")),
        v5_table=_pick("seq DIV 5", ("bookings", "clients", "booking_users")), v5_id="300000000 + seq",
        payload="'paid:1:1'", school_id="10", rollback_id="1",
    )  # fmt: skip


def _map(run: Any, number: int) -> None:
    """A million rows of one kind after the other, and a fiftieth of them in the archive."""
    from entities.engine.lineage import LegacyArchive, LegacyIdMapping

    for first in range(0, number, MILLION):
        entity, table, target = KINDS[first // MILLION % len(KINDS)]
        _insert(
            LegacyIdMapping, f"seq_{first + 1}_to_{min(first + MILLION, number)}", "v5", entity_type=f"'{entity}'",
            legacy_table=f"'{table}'", legacy_id="300000000 + seq", v5_table=f"'{target}'", v5_id="300000000 + seq",
            disposition="'migrated'", school_id="10", source_hash="MD5(seq)", target_hash="MD5(seq)", run_id=str(run.pk),
            batch_id="1",
        )  # fmt: skip
    _insert(
        LegacyArchive, f"seq_1_to_{number // 50}", "v5", legacy_table="'course_intervals'", legacy_id="300000000 + seq",
        school_id="10", payload="'{\"name\": \"kept\"}'",
    )  # fmt: skip
