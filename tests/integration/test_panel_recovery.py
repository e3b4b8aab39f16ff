"""The pages of the way back: who may do what, what is asked before, and that looking changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tracking import people, plan
from tracking.actions.runbook import StartRunbook
from tracking.models import AuditEvent, BackupRecord, RestoreTest, Runbook, RunbookEvidence, RunbookStep, Wave

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def person(role: str) -> User:
    made = User.objects.create_user(f"{role} person", is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return made


def client_of(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def wave() -> Wave:
    return plan.get_or_create_wave("Season", NOW)


@pytest.fixture
def backup(tmp_path: Path) -> BackupRecord:
    file = tmp_path / "v5.sql.gz"
    file.write_bytes(b"x")
    return BackupRecord.objects.create(
        database="v5", location=str(file), size=1, checksum="0" * 64, taken_at=NOW, recorded_at=NOW, method="dump",
        started_at=NOW, finished_at=NOW, figures={"users": [12345, "ab"]},
        server={"version": "11.4", "file": "binlog.000007", "position": 4},
    )  # fmt: skip


@pytest.fixture
def runbook(wave: Wave) -> Runbook:
    action = StartRunbook(wave, "immediate", actor=person("engineers"), reason="prices are wrong")
    action.perform(NOW)
    made: Runbook = action.subject
    return made


def addresses(backup: BackupRecord, runbook: Runbook) -> dict[str, str]:
    def step(what: str) -> str:
        return reverse("admin:tracking_runbook_step", args=[runbook.pk, "pause_runs", what])

    return {
        reverse("admin:tracking_backuprecord_take", args=["v5"]): "take_backup",
        reverse("admin:tracking_backuprecord_take", args=["default"]): "take_backup",
        reverse("admin:tracking_backuprecord_test", args=[backup.pk]): "test_restore",
        reverse("engine:recovery_ask"): "test_restore",
        reverse("admin:tracking_runbook_start", args=["immediate"]): "walk_runbook",
        reverse("admin:tracking_runbook_start", args=["planned"]): "walk_runbook",
        reverse("admin:tracking_runbook_do", args=[runbook.pk, "approve"]): "approve_runbook",
        reverse("admin:tracking_runbook_do", args=[runbook.pk, "abandon"]): "walk_runbook",
        reverse("admin:tracking_runbook_evidence", args=[runbook.pk, "pause_runs"]): "walk_runbook",
        **{step(what): "walk_runbook" for what in ("begin", "finish", "skip")},
    }


def state() -> Any:
    return (
        list(AuditEvent.objects.values_list("pk", flat=True)), list(BackupRecord.objects.values_list("pk", "state")),
        RestoreTest.objects.count(), list(Runbook.objects.values_list("pk", "state")),
        list(RunbookStep.objects.order_by("pk").values_list("state", flat=True)), RunbookEvidence.objects.count(),
    )  # fmt: skip


@pytest.mark.parametrize("role", list(people.GROUPS))
def test_looking_changes_nothing_and_the_wrong_role_is_refused(
    role: str, backup: BackupRecord, runbook: Runbook
) -> None:
    client, before = client_of(person(role) if role != "engineers" else User.objects.get()), state()
    for address, needs in addresses(backup, runbook).items():
        may = role in people.matrix()[needs]
        assert client.get(address).status_code == (200 if may else 403), address
        if not may:
            assert client.post(address, {"reason": "x", "confirmed": 1}).status_code == 403, address
    for name in ("backuprecord", "runbook"):
        assert client.get(reverse(f"admin:tracking_{name}_changelist")).status_code == 200
    assert client.get(reverse("admin:tracking_backuprecord_change", args=[backup.pk])).status_code == 200
    assert client.get(reverse("admin:tracking_runbook_change", args=[runbook.pk])).status_code == 200
    assert state() == before


def test_a_backup_is_asked_for_and_its_page_says_how_it_stands(backup: BackupRecord) -> None:
    client = client_of(person("engineers"))
    page = client.get(reverse("admin:tracking_backuprecord_change", args=[backup.pk])).content.decode()
    assert "12,345" in page and "binlog.000007 4" in page and "Nobody has tried" in page
    answer = client.post(
        reverse("admin:tracking_backuprecord_take", args=["v5"]), {"reason": "before the load"}
    )
    made = BackupRecord.objects.latest("pk")
    assert answer.status_code == 302 and answer["Location"] == reverse(
        "admin:tracking_backuprecord_change", args=[made.pk]
    )
    assert (made.state, made.recorded_by) == ("waiting", User.objects.get())
    again = client.post(reverse("admin:tracking_backuprecord_take", args=["v5"]), {})
    assert again.status_code == 409 and "under way" in again.content.decode()
    live = reverse("admin:tracking_backuprecord_live", args=[made.pk])
    assert "HX-Refresh" in client.get(live, {"seen": "done.0."}).headers
    client.post(reverse("admin:tracking_backuprecord_test", args=[backup.pk]), {"reason": ""})
    test = RestoreTest.objects.get()
    RestoreTest.objects.update(
        state="done", passed=False, differences=[{"table": "users", "expected": [2, "a"], "found": None}]
    )
    shown = client.get(reverse("admin:tracking_backuprecord_change", args=[backup.pk])).content.decode()
    assert test.backup == backup and "not equal" in shown and "users" in shown
    assert client.get(reverse("admin:tracking_backuprecord_take", args=["legacy"])).status_code == 404
    backup.delete()
    Path(backup.location).unlink()


def test_a_failure_that_nobody_looks_at_is_an_alert_until_a_newer_one_went_well(backup: BackupRecord) -> None:
    from tracking.backups import conditions

    assert list(conditions(NOW)) == []
    RestoreTest.objects.create(backup=backup, asked_at=NOW, state="done", passed=False)
    [found] = conditions(NOW)
    assert (found.code, str(found.message)) == (
        "BACKUP_FAILED",
        f"Backup {backup.pk} could not be restored as noted",
    )
    RestoreTest.objects.create(backup=backup, asked_at=NOW, state="done", passed=True)
    assert list(conditions(NOW)) == []
    values = {"location": "", "size": 0, "checksum": "", "taken_at": NOW, "recorded_at": NOW}
    BackupRecord.objects.create(database="default", state="failed", **values)
    assert [str(one.message)[-15:] for one in conditions(NOW)] == ["of panel failed"]
    BackupRecord.objects.create(database="default", state="done", method="dump", **values)
    assert list(conditions(NOW)) == []


def test_a_runbook_is_walked_in_the_panel(
    wave: Wave, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "BACKUP_FOLDER", tmp_path)
    engineer, manager = client_of(person("engineers")), client_of(person("project managers"))
    start = reverse("admin:tracking_runbook_start", args=["planned"])
    asked = engineer.post(start, {"wave": wave.pk, "reason": "prices are wrong"})
    assert "A second person has to" in asked.content.decode() and not Runbook.objects.exists()
    engineer.post(start, {"wave": wave.pk, "reason": "prices are wrong", "confirmed": 1})
    runbook = Runbook.objects.get()
    page = reverse("admin:tracking_runbook_change", args=[runbook.pk])
    assert (
        "Agree" not in engineer.get(page).content.decode() and "Agree" in manager.get(page).content.decode()
    )
    manager.post(reverse("admin:tracking_runbook_do", args=[runbook.pk, "approve"]), {"reason": ""})

    def step(what: str, key: str = "announce") -> str:
        return reverse("admin:tracking_runbook_step", args=[runbook.pk, key, what])

    manager.post(step("begin"), {"reason": ""})
    proof = SimpleUploadedFile("mail.txt", b"Dear schools")
    manager.post(
        reverse("admin:tracking_runbook_evidence", args=[runbook.pk, "announce"]),
        {"reason": "the mail", "file": proof},
    )
    manager.post(step("finish"), {"reason": "12 schools answered"})
    assert runbook.steps.get(key="announce").state == "done"
    shown = manager.get(page).content.decode()
    assert "finish step" in shown, "decisions about steps stand below"
    assert "12 schools answered" in shown and "mail.txt" in shown and "It worked when" in shown
    kept = RunbookEvidence.objects.get()
    file = manager.get(reverse("admin:tracking_runbook_evidence_file", args=[kept.pk]))
    assert (
        file.content == b"Dear schools" and file["Content-Disposition"] == 'attachment; filename="mail.txt"'
    )
    assert (
        "12 schools answered"
        in engineer.get(reverse("admin:tracking_runbook_print", args=[runbook.pk])).content.decode()
    )
    assert (
        engineer.get(reverse("admin:tracking_runbook_live", args=[runbook.pk]), {"seen": "x"})["HX-Refresh"]
        == "true"
    )

    for name, personal in (("list.csv", False), ("list-full.csv", True)):
        (tmp_path / name).write_text("what,table")
        step_ = runbook.steps.get(key="changes")
        step_.result = {
            **step_.result,
            "files": {**step_.result.get("files", {}), name: {"personal": personal}},
        }
        step_.save()
    where = {
        name: reverse("admin:tracking_runbook_file", args=[runbook.pk, name])
        for name in ("list.csv", "list-full.csv", "other.csv")
    }
    assert engineer.get(where["list.csv"]).status_code == 200
    assert engineer.get(where["list-full.csv"]).status_code == 403, "personal data"
    assert "list-full.csv" not in engineer.get(page).content.decode()
    assert engineer.get(where["other.csv"]).status_code == 404
    User.objects.get(username="engineers person").user_permissions.add(
        Permission.objects.get(codename="view_personal_data")
    )
    assert engineer.get(where["list-full.csv"]).status_code == 200


def test_the_list_of_backups_leads_to_the_test_of_each_that_can_be_restored(backup: BackupRecord) -> None:
    listed = reverse("admin:tracking_backuprecord_changelist")
    test = reverse("admin:tracking_backuprecord_test", args=[backup.pk])
    assert test in client_of(person("engineers")).get(listed).content.decode()
    assert test not in client_of(person("auditors")).get(listed).content.decode()
    BackupRecord.objects.update(method="")
    assert test not in client_of(User.objects.get(username="engineers person")).get(listed).content.decode()
    BackupRecord.objects.all().delete()
    assert "Take one with the button above." in client_of(person("support")).get(listed).content.decode()


def test_a_runbook_offers_the_only_wave(wave: Wave) -> None:
    client, start = (
        client_of(person("engineers")),
        reverse("admin:tracking_runbook_start", args=["immediate"]),
    )
    assert f'<option value="{wave.pk}" selected>' in client.get(start).content.decode()
    plan.get_or_create_wave("Another", NOW)
    assert f'<option value="{wave.pk}">' in client.get(start).content.decode()
