"""Checks in the panel: who may do what, verdicts and findings, acknowledging, repair, statements by hand, reports."""

from __future__ import annotations

import csv
import hashlib
import http.server
import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entities.engine import sweeper
from entities.operations import probe
from entities.reconciliation import sweep
from tests.world import World
from tracking import gates, manual, plan, sweeps, work
from tracking.models import (
    Acknowledgement,
    AuditEvent,
    Finding,
    ManualRecord,
    Phase,
    PhaseReport,
    Probe,
    Sweep,
    ValidationResult,
    Wave,
)

panel = pytest.mark.django_db
PEOPLE = ("project managers", "engineers", "support", "auditors")
NOW = timezone.now()


@pytest.fixture(autouse=True)
def schools(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "migrated" not in request.fixturenames:
        monkeypatch.setattr(work, "_schools", lambda: {1: "Verbier", 3: "Zermatt"})


def person(group: str) -> Any:
    made, _new = User.objects.get_or_create(username=group, defaults={"is_staff": True})
    made.groups.add(Group.objects.get(name=group))
    return made


def as_(group: str) -> Client:
    client = Client()
    client.force_login(person(group))
    return client


@pytest.fixture
def phase(db: Any) -> Phase:
    return plan.get_or_create_wave("Season", NOW).phases.get(number=5)


def verdict(phase: Phase, check: str, result: str, school: int | None = 3, **given: Any) -> ValidationResult:
    severity = next(one.severity for one in work.checks() if one.id == check)
    made, _new = Sweep.objects.get_or_create(
        kind="reconcile", wave=phase.wave, phase=phase, state="done", params={"when": "F"},
        defaults={"created_at": NOW, "started_at": NOW},
    )  # fmt: skip
    return ValidationResult.objects.create(
        wave=phase.wave, phase=phase, sweep=made, moment="F", severity=severity, validation_type=check, result=result,
        school_id=school, message="", created_at=NOW, updated_at=NOW,
        **{"legacy_rows": 9, "v5_rows": 7, "explained": 1, "introduced": 1, "inherited": 0, **given},
    )  # fmt: skip


def finding(of: ValidationResult, **given: Any) -> Finding:
    assert of.sweep is not None
    facts = {
        "kind": "differs", "school_id": 3, "entity_type": "client", "legacy_table": "users", "legacy_id": 42,
        "v5_table": "clients", "v5_id": 77, "field": "email", "expected": "ann@example.org", "found": "bob@example.org",
    }  # fmt: skip
    return Finding.objects.create(
        sweep=of.sweep, wave=of.wave, check_id=of.validation_type, created_at=NOW, **{**facts, **given}
    )


def addresses(phase: Phase, result: ValidationResult) -> dict[str, set[str]]:
    """Every page that asks before it changes something, with those who may."""
    running = Sweep.objects.create(
        kind="reconcile", wave=phase.wave, state="running", params={"when": "F"}, created_at=NOW
    )
    do = {"project managers", "engineers"}
    return {
        reverse("admin:tracking_checks_run", args=[phase.pk]): do,
        reverse("admin:tracking_checks_steer", args=[phase.pk, running.pk, "pause"]): do,
        reverse("admin:tracking_checks_steer", args=[phase.pk, running.pk, "end"]): do,
        reverse("admin:tracking_acknowledge", args=[result.pk]): {"project managers"},
        reverse("admin:tracking_manual_record", args=[phase.wave_id, "R-84"]): do,
        reverse("admin:tracking_manual_probe", args=[phase.wave_id, "R-97"]): do,
        reverse("admin:tracking_report_store", args=[phase.pk]): do,
    }


@panel
def test_looking_changes_nothing_and_the_wrong_role_is_refused(phase: Phase) -> None:
    result = verdict(phase, "R-41", "warning", fingerprint="f" * 64)
    pages = addresses(phase, result)
    for group in PEOPLE:
        client = as_(group)
        for page, may in pages.items():
            assert client.get(page).status_code == (200 if group in may else 403), (group, page)
            if group not in may:
                assert client.post(page, {"reason": "x", "path": "/", "outcome": "passed"}).status_code == 403
    assert not AuditEvent.objects.exists()
    assert not Acknowledgement.objects.exists() and not ManualRecord.objects.exists()
    assert Sweep.objects.get(state="running").params == {"when": "F"}


@panel
def test_red_checks_stand_first_with_their_figures_and_open_their_records(
    phase: Phase, django_assert_max_num_queries: Any
) -> None:
    red, green = verdict(phase, "R-30", "fail"), verdict(phase, "R-31", "pass", introduced=0, v5_rows=8)
    one = finding(red)
    client = as_("support")
    with django_assert_max_num_queries(40):
        page = client.get(reverse("admin:tracking_phase_checks", args=[phase.pk])).content.decode()
    assert (
        page.index('id="R-30"')
        < page.index('id="quiet-checks"')
        < page.index(f'id="{green.validation_type}"')
    )
    assert "Zermatt (3)" in page
    shown = client.get(reverse("admin:tracking_phase_check", args=[phase.pk, "R-30"])).content.decode()
    assert reverse("admin:tracking_finding_change", args=[one.pk]) in shown
    assert reverse("engine:trace_record", args=["client", 42]) in shown
    gate = next(found for found in gates.judge(phase, timezone.now()) if found.gate.id == "R-30")
    assert gate.reading.links[0].args == (phase.pk, "R-30")
    waive = as_("project managers").get(reverse("admin:tracking_phase_waive", args=[phase.pk, "R-30"]))
    assert waive.status_code == 200, "a check's gate can be waived"


@panel
def test_personal_values_of_a_finding_are_masked_by_role(phase: Phase) -> None:
    one = finding(verdict(phase, "R-30", "fail"))
    number = finding(verdict(phase, "R-31", "fail"), field="price_total", expected="77.70", found="78.80")
    pages = (
        reverse("admin:tracking_finding_changelist"),
        reverse("admin:tracking_finding_change", args=[one.pk]),
        reverse("admin:tracking_phase_check", args=[phase.pk, "R-30"]),
    )
    client = as_("support")
    for page in pages:
        assert "example.org" not in client.get(page).content.decode(), page
    shown = client.get(reverse("admin:tracking_finding_change", args=[number.pk])).content.decode()
    assert "77.70" in shown and "78.80" in shown
    person("support").user_permissions.add(Permission.objects.get(codename="view_personal_data"))
    for page in pages:
        assert "bob@example.org" in as_("support").get(page).content.decode(), page


@panel
def test_findings_are_found_by_check_school_kind_table_and_record(
    phase: Phase, django_assert_max_num_queries: Any
) -> None:
    red = verdict(phase, "R-30", "fail")
    for number in range(1, 4):
        finding(red, legacy_id=number, school_id=number, kind="missing" if number == 1 else "differs",
                legacy_table="users" if number < 3 else "bookings2", inherited=number == 2)  # fmt: skip
    client, page = as_("auditors"), reverse("admin:tracking_finding_changelist")
    lookups: list[tuple[dict[str, str], int]] = [
        ({"check": "R-30", "sweep": str(red.sweep_id)}, 3), ({"check": "R-31"}, 0), ({"school": "2"}, 1),
        ({"kind": "missing"}, 1), ({"legacy_table": "bookings2"}, 1), ({"inherited": "1"}, 1), ({"q": "users:2"}, 1),
        ({"q": "3"}, 1), ({"q": "clients/77"}, 3), ({"q": "ann"}, 0),
    ]  # fmt: skip
    for asked, wanted in lookups:
        with django_assert_max_num_queries(40):
            answer = client.get(page, asked)
        assert len(answer.context["cl"].result_list) == wanted, asked


@panel
def test_what_does_not_block_is_acknowledged_by_name_and_others_ask_again(phase: Phase) -> None:
    result = verdict(phase, "R-41", "warning", fingerprint="f" * 64)

    def is_red() -> bool:
        phase.__dict__.pop("_looks", None)
        return next(one for one in gates.judge(phase, timezone.now()) if one.gate.id == "R-41").reading.is_red

    assert is_red()
    client, page = as_("project managers"), reverse("admin:tracking_phase_check", args=[phase.pk, "R-41"])
    acknowledge = reverse("admin:tracking_acknowledge", args=[result.pk])
    assert acknowledge in client.get(page).content.decode()
    client.post(acknowledge, {"reason": "the school knows"})
    assert not is_red()
    assert "the school knows" in client.get(page).content.decode()
    assert AuditEvent.objects.get().action == "acknowledge findings"
    ValidationResult.objects.filter(pk=result.pk).update(fingerprint="e" * 64)
    assert is_red()


@panel
def test_checks_under_way_are_paused_resumed_and_ended(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.dispatch.send", lambda *_, **__: None)
    client, run = as_("engineers"), reverse("admin:tracking_checks_run", args=[phase.pk])
    assert "nothing is written there" in client.get(run).content.decode()
    client.post(run, {"workers": 3})
    made = Sweep.objects.get()
    assert (made.params, made.workers, made.phase) == ({"when": "F", "only": []}, 3, phase)
    assert client.post(run, {"workers": 1}).status_code == 409, "one at a time"
    sweeps.start(made, [sweeps.PartPlan("R-30", total=10)], timezone.now())
    live = reverse("admin:tracking_checks_live", args=[phase.pk])
    assert "0 of 1 checks are through" in client.get(live, {"seen": "running"}).content.decode()
    assert client.get(live, {"seen": "pending"})["HX-Refresh"] == "true"
    for what, state in (("pause", "paused"), ("resume", "running"), ("end", "cancelled")):
        client.post(
            reverse("admin:tracking_checks_steer", args=[phase.pk, made.pk, what]), {"reason": "lunch"}
        )
        if what == "pause":
            sweeps.settle(made, timezone.now())
        made.refresh_from_db()
        assert made.state == state
    again = f"{run}?only=R-30"
    client.post(again, {"workers": 1})
    assert Sweep.objects.first().params["only"] == ["R-30"]  # type: ignore[union-attr]


# By hand


@panel
def test_a_statement_by_hand_is_the_verdict_of_its_gate(phase: Phase) -> None:
    def gate(check: str) -> Any:
        phase.__dict__.pop("_looks", None)
        return next(one for one in gates.judge(phase, timezone.now()) if one.gate.id == check).reading

    assert all(gate(one.id).is_red for one in manual.CHECKS), "nobody has said anything yet"
    client, page = as_("project managers"), reverse("admin:tracking_manual", args=[phase.wave_id])
    say = reverse("admin:tracking_manual_record", args=[phase.wave_id, "R-84"])
    junk = SimpleUploadedFile("proof.pdf", b"MZ this is a programme")
    large = SimpleUploadedFile("proof.txt", b"x" * (5 * 1024 * 1024 + 1))
    for file in (junk, large, SimpleUploadedFile("proof.exe", b"MZ")):
        assert client.post(say, {"outcome": "passed", "reason": "seen", "file": file}).status_code == 409
    assert client.post(say, {"outcome": "passed", "reason": ""}).status_code == 200, "a statement needs words"
    assert not ManualRecord.objects.exists()

    proof = SimpleUploadedFile("proof.pdf", b"%PDF-1.7 proof")
    client.post(say, {"outcome": "passed", "reason": "two schools, two lists", "file": proof})
    made = ManualRecord.objects.get()
    assert not gate("R-84").is_red and gate("R-97").is_red
    assert "two schools, two lists" in client.get(page).content.decode()
    kept = client.get(reverse("admin:tracking_manual_file", args=[made.pk]))
    assert kept.content == b"%PDF-1.7 proof" and "attachment" in kept["Content-Disposition"]

    client.post(say, {"outcome": "failed", "reason": "a level of the other school"})
    assert gate("R-84").is_red
    assert ValidationResult.objects.get(validation_type="R-84", current=True).result == "fail"
    client.post(reverse("admin:tracking_manual_record", args=[phase.wave_id, "R-98"]),
                {"outcome": "not needed", "reason": "legacy is switched off at cut-over"})  # fmt: skip
    assert not gate("R-98").is_red
    client.post(reverse("admin:tracking_manual_record", args=[phase.wave_id, "R-85"]),
                {"outcome": "failed", "reason": "administrators see other schools"})  # fmt: skip
    assert gate("R-85").is_red
    result = ValidationResult.objects.get(validation_type="R-85", current=True)
    client.post(
        reverse("admin:tracking_acknowledge", args=[result.pk]), {"reason": "fixed in the next release"}
    )
    assert not gate("R-85").is_red
    with pytest.raises(TypeError):
        made.save()


@pytest.fixture
def staging(settings: Any) -> Iterator[list[Any]]:
    """An application that answers, and the requests that it saw."""
    seen: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, dict(self.headers)))
            self.send_response({"/broken": 503, "/away": 302}.get(self.path, 200))
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STAGING_URL = f"http://127.0.0.1:{server.server_port}"
    yield seen
    server.shutdown()
    server.server_close()


@panel
def test_a_probe_asks_the_staging_application_without_credentials(
    phase: Phase, staging: list[Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("tracking.dispatch.send", lambda *given, **_: sent.append(given))
    client, page = as_("engineers"), reverse("admin:tracking_manual_probe", args=[phase.wave_id, "R-97"])
    for path in ("//elsewhere.example", "http://elsewhere.example/"):
        assert client.post(page, {"path": path, "confirmed": 1}).status_code == 409
    for path in ("/login", "/broken", "/away"):
        client.post(page, {"path": path, "confirmed": 1})
    for _task, pk in sent:
        probe.look(pk)
    found = {one.path: (one.status, one.is_well) for one in Probe.objects.all()}
    assert found == {"/login": (200, True), "/broken": (503, False), "/away": (302, True)}
    assert [path for path, _headers in staging] == ["/login", "/broken", "/away"], "no redirect was followed"
    assert not any({"Authorization", "Cookie"} & set(headers) for _path, headers in staging)
    assert (
        "GET /broken" in client.get(reverse("admin:tracking_manual", args=[phase.wave_id])).content.decode()
    )
    settings.STAGING_URL = ""
    assert client.post(page, {"path": "/", "confirmed": 1}).status_code == 409


# Reports


@panel
def test_a_report_is_stored_once_and_its_checksum_tells_a_change(phase: Phase) -> None:
    verdict(phase, "R-30", "fail", fingerprint="f" * 64)
    client = as_("project managers")
    client.post(reverse("admin:tracking_report_store", args=[phase.pk]))
    made = PhaseReport.objects.get()
    page = reverse("admin:tracking_phasereport_change", args=[made.pk])
    shown = client.get(page).content.decode()
    assert made.checksum in shown and "is equal" in shown and "R-30" in shown
    whole = client.get(reverse("admin:tracking_report_json", args=[made.pk])).content
    assert json.loads(whole) == made.content
    assert hashlib.sha256(whole).hexdigest() == made.checksum
    for change in (made.save, made.delete):
        with pytest.raises(TypeError):
            change()
    PhaseReport.objects.filter(pk=made.pk).update(content={**made.content, "phase": 6})
    assert "does not fit the content" in client.get(page).content.decode()
    assert AuditEvent.objects.filter(action="store report").count() == 1


# On a finished migration


def test_repair_and_both_systems_side_by_side(migrated: World) -> None:
    wave, client = Wave.objects.get(), as_("project managers")
    phase = wave.phases.get(number=5)
    v5_id, school = migrated.v5_sql(
        "SELECT v5_id, school_id FROM legacy_id_mappings WHERE entity_type = 'voucher' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 1"
    )[0]
    was = migrated.v5_sql(f"SELECT quantity FROM vouchers WHERE id = {v5_id}")
    migrated.v5_sql(f"UPDATE vouchers SET quantity = 1234.5 WHERE id = {v5_id}")
    only = ["C-vouchers", "R-02", "R-30", "R-49"]
    sweeper.drive(sweep.ask(wave, "F", timezone.now(), only=only))
    phase.refresh_from_db()
    assert phase.state == "not_started", "some checks are not all of them"
    _repair(client, Finding.objects.get(check_id="C-vouchers"), migrated)
    assert migrated.v5_sql(f"SELECT quantity FROM vouchers WHERE id = {v5_id}") == was
    _side_by_side(client, wave, school, migrated)


def _repair(client: Client, one: Finding, world: World) -> None:
    page = reverse("engine:repair", args=[one.pk])
    assert as_("auditors").get(page).status_code == 403
    asked = client.get(page).content.decode()
    assert "1234.50" in asked and 'name="overwrite"' in asked
    assert client.post(page, {"reason": "typed over"}).status_code == 409, "the tick is missing"
    done = client.post(page, {"reason": "typed over", "overwrite": "on"}, follow=True).content.decode()
    assert "Repaired on" in done
    event = AuditEvent.objects.get(action="repair record")
    assert event.reason == "typed over" and (event.after or {})["overwritten"] is True
    assert "already what its source gives" in client.get(page).content.decode()


def _side_by_side(client: Client, wave: Wave, school: int, world: World) -> None:
    index = client.get(reverse("engine:reconciliation")).content.decode()
    page = reverse("engine:reconciliation_school", args=[wave.pk, school])
    assert page in index
    shown = client.get(page).content.decode()
    rows = reverse("engine:reconciliation_rows", args=[wave.pk, school, "voucher", "migrated"])
    assert rows in shown
    number = world.v5_sql(
        "SELECT COUNT(*) FROM legacy_id_mappings WHERE entity_type = 'voucher' AND disposition = 'migrated'"
        f" AND school_id = {school}"
    )[0][0]
    records = client.get(rows).content.decode()
    assert records.count(">vouchers:") == number
    sheet = client.get(reverse("engine:reconciliation_sheet", args=[wave.pk, school, "csv"]))
    lines = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert {line[0] for line in lines[1:]} == {"R-02", "R-30", "R-49"}
    assert all(float(line[6]) == 0 for line in lines[1:] if line[0] != "R-02"), "no difference is left"
    lists = client.get(reverse("engine:class_lists", args=[wave.pk, school]))
    assert lists.status_code == 200 and "Class lists of the next 14 days" in lists.content.decode()
    book = client.get(reverse("engine:reconciliation_sheet", args=[wave.pk, school, "xlsx"]))
    assert book.content[:2] == b"PK"
