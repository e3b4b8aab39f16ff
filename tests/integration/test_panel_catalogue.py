"""The catalogue: generated from the declarations, complete, and cheap to look at."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from entities import registry
from entities.admin.graph import HEIGHT, WIDTH, draw
from entities.engine import coverage
from entities.operations import catalogue
from tracking import codes
from tracking.models import Issue, Wave

pytestmark = pytest.mark.django_db
PAGES = ("catalogue", "catalogue_codes", "catalogue_tables")


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: Any, name: str, *args: str) -> str:
    answer = browser(person).get(reverse(f"engine:{name}", args=args))
    assert answer.status_code == 200, (name, args)
    return str(answer.content.decode())


def test_every_declared_field_stands_on_the_page_of_its_migration(support: Any) -> None:
    for migration in registry.everything():
        html = page(support, "catalogue_migration", migration.name)
        tables = re.findall(r'<table class="w-full" data-mapping="([^"]+)">(.*?)</table>', html, re.DOTALL)
        assert [entity for entity, _rows in tables] == [one.entity for one in migration.mappings]
        for mapping, (_entity, rows) in zip(migration.mappings, tables, strict=True):
            columns = re.findall(r'<strong class="text-important">([^<]+)</strong>', rows)
            assert columns == list(mapping.fields), mapping


def test_the_drawing_has_every_migration_once_and_every_need(support: Any) -> None:
    drawing = draw(catalogue.nodes())
    boxes = {box.node.name: box for box in drawing.boxes}
    assert list(boxes) and set(boxes) == set(registry.MIGRATIONS)
    for migration in registry.everything():
        for needed in migration.after:
            assert boxes[needed].y + HEIGHT < boxes[migration.name].y
        drawn = {upper for lower, upper, _path in drawing.paths if lower == migration.name}
        reached = drawn.union(*(catalogue.ancestors(one) for one in drawn))
        assert reached == catalogue.ancestors(migration.name)
    places = sorted((box.y, box.x) for box in drawing.boxes)
    assert all(
        right[1] >= left[1] + WIDTH
        for left, right in zip(places, places[1:], strict=False)
        if left[0] == right[0]
    )
    html = page(support, "catalogue")
    for name in registry.MIGRATIONS:
        assert reverse("engine:catalogue_migration", args=[name]) in html


def test_the_coverage_page_says_what_the_declarations_say(support: Any) -> None:
    html = page(support, "catalogue_tables")
    for model in coverage.legacy_models():
        assert f'id="table-{model._meta.db_table}"' in html
    assert ("are declared" in html) == (not coverage.gaps())


def test_every_reason_code_is_explained_and_opens_its_issues(support: Any) -> None:
    wave, now = Wave.objects.create(name="one", created_at=timezone.now()), timezone.now()
    Issue.objects.bulk_create(
        Issue(wave=wave, entity_type="client", legacy_table="users", legacy_id=number, stage="transform",
              code="EMAIL_INVALID", message="x", state="open" if number < 4 else "resolved", first_seen=now, last_seen=now)
        for number in range(1, 8)
    )  # fmt: skip
    html = page(support, "catalogue_codes")
    for code in codes.ALL:
        assert f'id="code-{code}"' in html
    assert catalogue.open_issues() == {"EMAIL_INVALID": 3}
    link = re.search(r'href="([^"]*code=EMAIL_INVALID[^"]*)">3<', html)
    assert link
    listed = browser(support).get(link[1].replace("&amp;", "&"))
    assert listed.status_code == 200
    assert listed.content.decode().count("EMAIL_INVALID") >= 3


def test_codes_and_choices_are_found_where_they_are_used() -> None:
    assert "EMAIL_INVALID" in {one.name for one in catalogue.codes_of("clients")}
    assert "clients" in catalogue.users_of("EMAIL_INVALID")
    assert "Q-06" in {one.key for one in catalogue.choices_of("clients")}
    asked = {one.key for name in registry.MIGRATIONS for one in catalogue.choices_of(name)}
    assert {"Q-34", "Q-35", "Q-40"} <= asked


def test_the_pages_ask_little_and_are_for_those_who_may_look(support: Any, outsider: Any) -> None:
    outsider.is_staff = True
    outsider.save()
    addresses = [reverse(f"engine:{name}") for name in PAGES]
    addresses.append(reverse("engine:catalogue_migration", args=["bookings"]))
    person = browser(support)
    for address in addresses:
        with CaptureQueriesContext(connections["default"]) as log:
            assert person.get(address).status_code == 200
        assert len(log) <= 10, address
        assert person.post(address).status_code == 405
        assert browser(outsider).get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert person.get(reverse("engine:catalogue_migration", args=["nothing"])).status_code == 404
