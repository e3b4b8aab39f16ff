"""What holds for the pages together: one name for a thing, a place in the sidebar, an answer without a database."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from entities.operations import search
from tracking import pace, plan, words
from tracking.admin import navigation
from tracking.admin.base import BigTableAdmin
from tracking.models import BackupRecord, Issue, Run

pytestmark = pytest.mark.django_db
AWAY = 503


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("somebody"))
    return client


def lit(answer: Any) -> list[str]:
    """The entries of the sidebar that are shown as the place where one is."""
    groups = answer.context["sidebar_navigation"]
    return [str(item["title"]) for group in groups for item in group["items"] if item["active"]]


def test_a_list_has_the_name_that_the_sidebar_gives_it() -> None:
    for _section, entries in navigation.SECTIONS:
        for title, _icon, model, *page in entries:
            if not page:
                plural = str(apps.get_model(model)._meta.verbose_name_plural)
                assert str(title).lower() == plural.lower(), model


def test_a_page_of_an_issue_lies_under_issues_and_a_sheet_under_causes(client: Client) -> None:
    now = timezone.now()
    wave = plan.get_or_create_wave("Season", now)
    issue = Issue.objects.create(
        wave=wave, entity_type="client", legacy_table="users", legacy_id=7, code="CLIENT_UNKNOWN", level="error",
        state="open", stage="transform", first_seen=now, last_seen=now,
    )  # fmt: skip
    assert lit(client.get(reverse("admin:entities_record_note", args=[issue.pk]))) == ["Issues"]
    assert lit(client.get(reverse("admin:entities_import", args=[wave.pk]))) == ["Causes"]
    assert lit(client.get(reverse("admin:tracking_correction_changelist"))) == ["Corrections"]


def test_a_page_says_what_to_do_when_v5_cannot_be_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_table(*_args: Any, **_more: Any) -> Any:
        raise OperationalError("no such table: legacy_id_mappings")

    monkeypatch.setattr(BigTableAdmin, "get_queryset", no_table)
    monkeypatch.setattr(search, "find", no_table)
    lists = [reverse(f"admin:entities_{name}_changelist") for name in ("legacyidmapping", "legacyarchive")]
    for page in [*lists, f"{reverse('engine:trace')}?q=booking:1"]:
        answer = client.get(page)
        assert answer.status_code == AWAY, page
        assert "manage.py prepare_v5 --plan" in answer.content.decode()
        assert "no such table" not in answer.content.decode()


def test_the_history_of_a_record_is_the_list_of_its_decisions(client: Client) -> None:
    wave = plan.get_or_create_wave("Season", timezone.now())
    answer = client.get(reverse("admin:tracking_wave_history", args=[wave.pk]))
    assert (
        answer.headers["Location"] == f"{reverse('admin:tracking_auditevent_changelist')}?q=wave%3A{wave.pk}"
    )


def test_the_size_of_a_backup_is_read_at_a_glance(client: Client) -> None:
    now = timezone.now()
    wave = plan.get_or_create_wave("Season", now)
    BackupRecord.objects.create(
        wave=wave,
        database="v5",
        location="store",
        size=48_211_034,
        checksum="a" * 64,
        taken_at=now,
        recorded_at=now,
    )
    shown = client.get(reverse("admin:tracking_backuprecord_changelist")).content.decode()
    assert "46.0\xa0MB" in shown and "48211034" not in shown


@pytest.mark.parametrize(("language", "missing", "refused"), [
    ("en", "There is no such page", "You may not do this"), ("es", "Esta página no existe", "No tiene permiso"),
])  # fmt: skip
def test_what_is_missing_or_refused_is_said_with_a_way_back(
    language: str, missing: str, refused: str
) -> None:
    for name, says in (("404.html", missing), ("403.html", refused)):
        with translation.override(language):
            page = render_to_string(name)
        assert says in page and f'href="{reverse("admin:index")}"' in page and f'lang="{language}"' in page
    answer = Client().get("/no/such/page", HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 404 and missing in answer.content.decode()


def test_a_run_that_waits_for_its_checkpoint_says_so(client: Client) -> None:
    now = timezone.now()
    phase = plan.get_or_create_wave("Season", now).phases.get(number=2)
    run = Run.objects.create(phase=phase, entity_type="clients", created_at=now, updated_at=now)
    page, turn = reverse("admin:tracking_run_change", args=[run.pk]), "It waits for its turn"
    assert turn in client.get(page).content.decode()
    Run.objects.update(status_reason="workers count and hash what V5 holds before it starts")
    assert turn not in client.get(page).content.decode()
    assert "workers count and hash" in client.get(reverse("admin:tracking_run_changelist")).content.decode()


def test_events_of_long_work_are_words_in_both_languages() -> None:
    for event in ("runbook step done", "restore test done", "part over", "sweep started"):
        said = {event}
        for language in ("en", "es"):
            with translation.override(language):
                said.add(words.said(event))
        assert len(said) == 3
    with translation.override("es"):
        assert pace.words(None) == "desconocido"
