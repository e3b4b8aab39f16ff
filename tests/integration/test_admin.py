"""The panel's pages: read-only, masked by role, fast on big tables, with a list of records behind each number."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from entities.engine.lineage import LegacyArchive, LegacyIdMapping
from tests.world import World
from tracking import models
from tracking.admin.paging import MOST_COUNTED, BoundedPaginator

RECORD = [
    models.AuditEvent, models.Batch, models.ChoiceValue, models.IdReservation, models.Issue, models.LogEntry,
    models.Phase, models.PreflightReport, models.Run, models.Tally, models.ValidationResult, models.Wave,
    LegacyIdMapping, LegacyArchive,
]  # fmt: skip
BIG = [models.Issue, models.LogEntry, models.Batch, models.Tally, LegacyIdMapping, LegacyArchive]
NOW = timezone.now()


def page(model: Any, what: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def moved(world: World) -> World:
    world.run(
        "run_phase",
        "2-3",
        "--inline",
        "--only",
        "languages",
        "sports",
        "sport_types",
        "schools",
        "users",
        "archive",
    )
    return world


@pytest.fixture
def anybody(moved: World) -> User:
    return User.objects.create_superuser("root", password="x")


@pytest.mark.parametrize("model", RECORD, ids=lambda model: model.__name__)
def test_every_record_table_has_a_page_that_changes_nothing(model: Any, rf: Any) -> None:
    shown = admin.site._registry[model]
    request = rf.get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)


def test_lists_and_records_open_for_every_table(moved: World, anybody: User) -> None:
    moved.run("preflight")
    client = browser(anybody)
    for model in RECORD:
        answer = client.get(page(model))
        assert answer.status_code == 200, model
        first = model._default_manager.order_by("-pk").first()
        if first is not None:
            assert client.get(page(model, "change", first.pk)).status_code == 200, model


def test_nothing_can_be_posted(moved: World, anybody: User) -> None:
    client, run = browser(anybody), models.Run.objects.latest("pk")
    assert client.post(page(models.Run, "change", run.pk), {"status": "cancelled"}).status_code == 403
    assert client.post(page(models.Run, "delete", run.pk), {"post": "yes"}).status_code == 403
    assert client.get(page(models.Run, "add")).status_code == 403
    run.refresh_from_db()
    assert run.status == "completed"


@pytest.mark.parametrize("model", BIG, ids=lambda model: model.__name__)
def test_big_tables_are_never_counted_in_full(model: Any) -> None:
    shown = admin.site._registry[model]
    assert shown.paginator is BoundedPaginator
    assert shown.show_full_result_count is False
    assert tuple(shown.sortable_by) == ()


def test_a_count_stops_at_its_bound(moved: World, anybody: User) -> None:
    with CaptureQueriesContext(connections["v5"]) as seen:
        browser(anybody).get(page(LegacyIdMapping))
    counts = [query["sql"] for query in seen.captured_queries if "COUNT(" in query["sql"].upper()]
    assert counts and all(f"LIMIT {MOST_COUNTED + 1}" in sql for sql in counts)


def test_more_rows_than_counted_are_said_to_be_more(
    monkeypatch: pytest.MonkeyPatch, moved: World, anybody: User
) -> None:
    monkeypatch.setattr("tracking.admin.paging.MOST_COUNTED", 5)
    assert "more than 5" in browser(anybody).get(page(LegacyIdMapping)).content.decode()


def test_a_number_of_rejected_rows_opens_the_issues_behind_it(moved: World, anybody: User) -> None:
    run = models.Run.objects.get(entity_type="sports")
    shown = browser(anybody).get(page(models.Run, "change", run.pk)).content.decode()
    address = f"{page(models.Issue)}?run__id__exact={run.pk}&amp;level__exact=error"
    assert address in shown
    listed = browser(anybody).get(address.replace("&amp;", "&")).context["cl"].result_count
    assert listed == models.Issue.objects.filter(run=run, level="error").count() > 0


@pytest.mark.parametrize(
    ("model", "term", "finds"),
    [
        (models.Issue, "SPORT_TYPE_UNKNOWN", True),
        (models.Issue, "nonsense", False),
        (LegacyIdMapping, "language:{key}", True),
        (LegacyIdMapping, "{key}", False),
        (LegacyArchive, "nowhere:1", False),
    ],
)
def test_search_finds_by_index_or_not_at_all(
    moved: World, anybody: User, model: Any, term: str, finds: bool
) -> None:
    key = LegacyIdMapping.objects.filter(entity_type="language").first().legacy_id
    answer = browser(anybody).get(page(model), {"q": term.format(key=key)})
    assert bool(answer.context["cl"].result_count) is finds


def person_issue() -> tuple[models.Issue, dict[str, Any]]:
    row = {"id": 7, "email": "ada@nowhere", "first_name": "Ada", "password": "$2y$secret", "user_type": "2"}
    wave = models.Wave.objects.first()
    issue = models.Issue.objects.create(
        wave=wave, entity_type="user", legacy_table="users", legacy_id=7, root_entity="users", root_id=7,
        stage="transform", code="EMAIL_INVALID", field="email", message="not an address",
        payload={"row": row, "value": "ada@nowhere"}, first_seen=NOW, last_seen=NOW,
    )  # fmt: skip
    return issue, row


def test_personal_data_is_masked_for_those_who_need_not_see_it(
    moved: World, engineer: Any, support: Any
) -> None:
    issue, _row = person_issue()
    address = page(models.Issue, "change", issue.pk)
    hidden = browser(engineer).get(address).content.decode()
    assert "ada@nowhere" not in hidden and "Ada" not in hidden and "not an address" in hidden
    assert "ada@nowhere" not in browser(support).get(address).content.decode()
    support.user_permissions.add(Permission.objects.get(codename="view_personal_data"))
    shown = browser(User.objects.get(pk=support.pk)).get(address).content.decode()
    assert "ada@nowhere" in shown and "Ada" in shown


def test_secrets_are_shown_to_nobody(moved: World, anybody: User) -> None:
    issue, _row = person_issue()
    assert "$2y$secret" not in browser(anybody).get(page(models.Issue, "change", issue.pk)).content.decode()


def test_lists_read_no_payloads(moved: World, anybody: User) -> None:
    with CaptureQueriesContext(connections["default"]) as seen:
        browser(anybody).get(page(models.Issue))
    assert not [
        query for query in seen.captured_queries if '"payload"' in query["sql"] or "`payload`" in query["sql"]
    ]


def test_an_outsider_sees_nothing(moved: World, outsider: Any) -> None:
    assert browser(outsider).get(page(models.Run)).status_code == 302


def test_the_sidebar_shows_what_a_person_may_view(moved: World, project_manager: Any, anybody: User) -> None:
    groups = [group.get("title") for group in admin.site.get_sidebar_list(_request(project_manager))]
    assert {"Plan", "Operate", "Triage", "Validate", "Lineage", "Audit"} <= {str(title) for title in groups}
    of_manager = browser(project_manager).get(page(models.Issue)).content.decode()
    assert page(models.Run) in of_manager and page(User) not in of_manager
    assert page(User) in browser(anybody).get(page(models.Issue)).content.decode()


def _request(person: Any) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = person
    return request
