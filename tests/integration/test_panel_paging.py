"""Lists of large tables: every row on exactly one page, found by key, in the order of an index."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tracking.admin import paging
from tracking.admin.paging import BoundedPaginator, MoreThan
from tracking.models import AuditEvent

pytestmark = pytest.mark.django_db
ROWS = 60


@pytest.fixture
def events() -> list[int]:
    """Two kinds of decision; the rarer ones are the oldest."""
    for number in range(ROWS):
        name = "resume run" if number < 9 else "pause run"
        AuditEvent.objects.create(at=timezone.now(), action=name, subject_type="run", subject_id=str(number))
    return list(AuditEvent.objects.order_by("-pk").values_list("pk", flat=True))


def pages(rows: Any, of: int) -> list[int]:
    found = BoundedPaginator(rows, of)
    return [row.pk for number in found.page_range for row in found.page(number).object_list]


def test_pages_hold_every_row_once_newest_first(events: list[int]) -> None:
    rows = AuditEvent.objects.order_by("-id").select_related("actor")
    assert pages(rows, 7) == events
    assert pages(rows.filter(action="resume run"), 4) == events[-9:]
    assert pages(rows.none(), 4) == []


def test_pages_of_more_rows_than_are_counted_are_whole(
    events: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 5)
    monkeypatch.setattr(paging, "DEPTHS", (3, 20))
    rare = BoundedPaginator(AuditEvent.objects.filter(action="resume run").order_by("-id"), 4)
    assert isinstance(rare.count, MoreThan)
    assert [row.pk for row in rare.page(1).object_list] == events[-9:-5]
    assert [row.pk for row in rare.page(2).object_list] == events[-5:-1]
    assert pages(AuditEvent.objects.order_by("subject_id", "id"), 7) == list(
        AuditEvent.objects.order_by("subject_id", "id").values_list("pk", flat=True)[:7]
    )


def test_a_list_joins_only_for_the_rows_it_shows(events: list[int], engineer: Any) -> None:
    client = Client()
    client.force_login(engineer)
    address = reverse("admin:tracking_auditevent_changelist")
    client.get(address)
    for query in ("", "?action=resume+run", "?p=2"):
        with CaptureQueriesContext(connection) as log:
            assert client.get(address + query).status_code == 200
        joined = [one["sql"] for one in log if "auditevent" in one["sql"] and "JOIN" in one["sql"]]
        assert len(joined) == 1, query
        assert " IN (" in joined[0], query
