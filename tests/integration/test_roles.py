"""Who may do what: every action of the panel against every role, and every address of the panel by GET."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tracking import people, plan, work
from tracking.actions.base import Action, registered
from tracking.models import AuditEvent, Phase, Waiver, Wave

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ROLES = tuple(people.GROUPS)


def _import_all() -> None:
    """Action classes exist once their module was imported, wherever they live."""
    for name in ("tracking.actions", "entities.operations"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)


_import_all()
ACTIONS = sorted(set(registered()), key=lambda one: (one.name, one.__name__))


def person(role: str) -> Any:
    made = User.objects.create_user(role, is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return made


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


@pytest.fixture(autouse=True)
def schools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_schools", lambda: {1: "Verbier"})


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.__name__)
def test_every_action_needs_a_permission_that_migrate_made(action: type[Action]) -> None:
    app, _dot, codename = action.permission.partition(".")
    assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists(), (
        action.permission
    )
    assert codename in people.matrix(), f"no role holds {codename}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.__name__)
def test_the_matrix_holds(action: type[Action], role: str) -> None:
    """Permitted exactly where the table of roles says so."""
    who = person(role)
    act = action.__new__(action)
    act.actor, act.via = who, "panel"
    assert act.is_permitted() is (role in people.matrix()[action.permission.partition(".")[2]])


def test_auditors_change_nothing() -> None:
    held = {one.permission.partition(".")[2] for one in ACTIONS} & set(people.GROUPS["auditors"])
    assert held == set()


def test_managers_decide_engineers_run_support_corrects() -> None:
    matrix = people.matrix()
    assert (
        matrix["approve_phase"]
        == matrix["approve_waiver"]
        == matrix["decide_choice"]
        == ("project managers",)
    )
    assert matrix["start_phase"] == matrix["resume_run"] == ("engineers",)
    assert matrix["correct_issue"] == matrix["apply_correction"] == matrix["skip_record"] == ("support",)
    assert set(matrix["requeue_batches"]) == {"support", "engineers"}


@pytest.mark.parametrize("role", ROLES)
def test_nobody_sees_personal_data_unless_permitted(role: str) -> None:
    who = person(role)
    assert not who.has_perm("tracking.view_personal_data")
    who.user_permissions.add(Permission.objects.get(codename="view_personal_data"))
    assert User.objects.get(pk=who.pk).has_perm("tracking.view_personal_data")


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_everything_of_the_record(role: str) -> None:
    who = person(role)
    views = Permission.objects.filter(content_type__app_label="tracking", codename__startswith="view_")
    missing = [
        one.codename
        for one in views.exclude(codename="view_personal_data")
        if not who.has_perm(f"tracking.{one.codename}")
    ]
    assert missing == []
    changing = [
        f"{verb}_{name}" for verb in ("add", "change", "delete") for name in ("run", "wave", "auditevent")
    ]
    assert not any(who.has_perm(f"tracking.{codename}") for codename in changing)


def test_a_group_keeps_what_somebody_added() -> None:
    group = Group.objects.get(name="support")
    group.permissions.add(Permission.objects.get(codename="view_personal_data"))
    people.sync()
    assert group.permissions.filter(codename="view_personal_data").exists()


def addresses(wave: Wave, waiver: Waiver) -> dict[str, str]:
    """Every action address of the plan pages, with the permission that it needs."""
    phase = wave.phases.get(number=2)
    do = {
        "start": "start_phase", "dry-run": "start_phase", "request": "request_approval", "approve": "approve_phase",
        "reject": "reject_phase", "withdraw": "request_approval", "reopen": "reopen_phase",
    }  # fmt: skip
    found = {reverse("admin:tracking_phase_do", args=[phase.pk, what]): needs for what, needs in do.items()}
    return found | {
        reverse("admin:tracking_wave_create"): "create_wave",
        reverse("admin:tracking_wave_backup", args=[wave.pk]): "record_backup",
        reverse("admin:tracking_phase_waive", args=[phase.pk, "rejected"]): "request_waiver",
        reverse("admin:tracking_waiver_do", args=[waiver.pk, "approve"]): "approve_waiver",
        reverse("admin:tracking_waiver_do", args=[waiver.pk, "withdraw"]): "request_waiver",
        reverse("admin:tracking_choicevalue_decide", args=[wave.pk, "Q-06"]): "decide_choice",
        reverse("admin:tracking_choicevalue_forget", args=[wave.pk, "Q-06", 0]): "decide_choice",
    }


@pytest.fixture
def wave() -> Wave:
    return plan.get_or_create_wave("Season", timezone.now(), kind="production")


@pytest.fixture
def waiver(wave: Wave) -> Waiver:
    now = timezone.now()
    return Waiver.objects.create(
        phase=wave.phases.get(number=2), gate="rejected", reason="r", owner="o", fingerprint="f", requested_at=now,
        requested_by=User.objects.create_user("asker"), expires_at=now + timedelta(days=1),
    )  # fmt: skip


def state() -> Any:
    return (
        list(AuditEvent.objects.values_list("pk", flat=True)),
        list(Phase.objects.order_by("pk").values_list("state", "asked_token")),
        list(Waiver.objects.values_list("approved_at", "withdrawn_at")),
        Wave.objects.count(),
    )


@pytest.mark.parametrize("role", ROLES)
def test_reading_an_action_address_changes_nothing_and_needs_the_role(
    role: str, wave: Wave, waiver: Waiver
) -> None:
    client, before = client_of(role), state()
    for address, needs in addresses(wave, waiver).items():
        status = client.get(address).status_code
        assert status == (200 if role in people.matrix()[needs] else 403), (role, address)
    assert state() == before


@pytest.mark.parametrize("role", ROLES)
def test_a_wrong_role_changes_nothing_by_post_either(role: str, wave: Wave, waiver: Waiver) -> None:
    client, before = client_of(role), state()
    for address, needs in addresses(wave, waiver).items():
        if role not in people.matrix()[needs]:
            assert client.post(address, {"reason": "r", "confirmed": "1"}).status_code == 403, (role, address)
    assert state() == before


def test_an_outsider_sees_no_page_at_all(outsider: Any, wave: Wave, waiver: Waiver) -> None:
    client = Client()
    client.force_login(outsider)
    pages = [reverse("admin:tracking_wave_changelist"), *addresses(wave, waiver)]
    assert {client.get(page).status_code for page in pages} == {302}


def test_a_post_without_its_token_is_refused(wave: Wave) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("project managers"))
    typed = {"wave_name": "x", "kind": "rehearsal", "confirmed": "1"}
    assert client.post(reverse("admin:tracking_wave_create"), typed).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_only_managers_and_auditors_export_the_decisions(role: str) -> None:
    status = client_of(role).get(reverse("admin:tracking_auditevent_export")).status_code
    assert status == (200 if role in people.matrix()["export_audit"] else 403)


def test_the_table_of_roles_in_the_guide_is_the_matrix() -> None:
    text = (ROOT / "docs" / "operator-guide.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    told = {
        name: tuple(role for role, mark in zip(ROLES, marks, strict=True) if mark.strip())
        for name, *marks in rows
    }
    assert told == people.matrix()
