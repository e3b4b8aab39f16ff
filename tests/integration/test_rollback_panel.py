"""The way back in the panel: nothing by GET, a second person approves, the proof is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from entities.engine import sweeper
from tests.integration.test_rollback import Work, one, schools
from tests.moved import moved_world
from tests.world import World
from tracking.models import AuditEvent, Checkpoint, Rollback, Sweep, Wave


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    yield from moved_world(request)


def of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def drive(kind: str) -> None:
    sweep = Sweep.objects.filter(kind=kind).order_by("-pk")[0]
    assert sweeper.drive(sweep).state == "done", sweep.reason


def test_from_the_look_to_the_proof(  # noqa: PLR0915 - one story
    world: World, engineer: Any, project_manager: Any, support: Any, outsider: Any
) -> None:
    work, wave = Work(world), Wave.objects.get()
    asks, approves, reads = of(engineer), of(project_manager), of(support)
    start = reverse("admin:tracking_rollback_ask")
    assert reads.get(start).status_code == 403
    assert asks.get(reverse("admin:tracking_rollback_do", args=[99, "approve"])).status_code == 404
    form = {"kind": "school", "which": str(schools(world)[0]), "wave": wave.pk, "reason": "wrong rates"}
    assert "Nothing goes" in text(asks.get(start))
    assert "Nothing goes" in text(asks.post(start, form))
    assert not Rollback.objects.exists(), "the first step only shows the effect"
    page = asks.post(start, {**form, "confirmed": "1"})["Location"]
    rollback = Rollback.objects.get()
    assert "looking" in text(asks.get(page))
    drive("rollback look")

    seen = text(reads.get(page))
    assert "edited by people since" in seen and "written by people on migrated records" in seen
    assert "Ask for approval" not in seen
    act = {what: reverse("admin:tracking_rollback_do", args=[rollback.pk, what])
           for what in ("request", "approve", "withdraw", "pause", "resume", "start", "send-back")}  # fmt: skip
    for address in act.values():
        asks.get(address), approves.get(address)
        assert reads.get(address).status_code == 403
    rollback.refresh_from_db()
    assert rollback.state == "looked"

    group = "child:payments"
    decide = reverse("admin:tracking_rollback_decide", args=[rollback.pk, group, "export"])
    assert asks.get(decide).status_code == 200
    assert asks.post(decide, {"reason": "refund"}).status_code == 302
    assert "Export child:payments first" in str(asks.post(act["request"], {}).content)
    export = reverse("admin:tracking_rollback_export", args=[rollback.pk, group])
    assert (asks.get(export).status_code, reads.post(export).status_code) == (403, 403)
    sheet = asks.post(export).getvalue().decode()
    assert "booking_id" in sheet and str(work.payment) in sheet
    assert asks.post(act["request"], {}).status_code == 302
    assert asks.post(act["approve"], {}).status_code == 403, "an engineer does not approve"
    rollback.refresh_from_db()
    assert rollback.state == "asked"
    assert "rows go out of V5" in text(approves.get(act["approve"]))
    assert approves.post(act["approve"], {}).status_code == 302
    rollback.refresh_from_db()
    assert (rollback.state, rollback.approved_by) == ("rolling", project_manager)
    live = reverse("admin:tracking_rollback_live", args=[rollback.pk])
    assert "It starts as soon as a worker is free" in text(asks.get(live))
    assert asks.post(act["pause"], {}).status_code == 409, "nobody is at it yet"
    drive("rollback")
    assert asks.get(live, {"state": "rolling"})["HX-Refresh"] == "true"
    proven = text(reads.get(page))
    assert "R-92, R-83" in proven and "not proven" not in proven
    assert one(world, f"SELECT COUNT(*) FROM payments WHERE id = {work.payment}") == 0
    assert one(world, f"SELECT COUNT(*) FROM bookings WHERE id = {work.edited}") == 1

    listed = text(reads.get(reverse("admin:tracking_rollback_changelist")))
    assert "Can it be taken back?" in listed
    archive = reverse("admin:entities_rollbackarchive_changelist")
    assert "payments:" in text(reads.get(archive, {"q": f"payments:{work.payment}"}))
    restore = reverse("admin:entities_rollbackarchive_restore")
    assert approves.get(restore).status_code == 403
    back = {"table": "payments", "ids": str(work.payment), "reason": "needed after all"}
    assert "rows come back into V5" in text(asks.post(restore, back)), "with its parents and their parts"
    assert asks.post(restore, {**back, "confirmed": "1"}).status_code == 302
    drive("restore")
    assert one(world, f"SELECT COUNT(*) FROM payments WHERE id = {work.payment}") == 1
    told = text(asks.get(archive))
    assert f"UTC (payments {work.payment}):" in told and "courses: 1 back;" in told and " back</p>" in told
    assert "courses: 1 de vuelta;" in text(asks.get(archive, HTTP_ACCEPT_LANGUAGE="es"))
    names = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"look at rollback", "decide rollback", "export rollback rows", "request rollback", "approve rollback",
            "start rollback", "restore rows"} <= names  # fmt: skip
    assert of(outsider).get(page).status_code in (302, 403)


def test_who_asks_does_not_approve_and_a_checkpoint_is_taken(world: World, project_manager: Any) -> None:
    manager, wave = of(project_manager), Wave.objects.get()
    take = reverse("admin:tracking_checkpoint_take")
    assert manager.get(take).status_code == 200
    form = {"wave": wave.pk, "title": "before the holidays", "reason": "x", "confirmed": "1"}
    assert manager.post(take, form).status_code == 302
    drive("checkpoint")
    taken = Checkpoint.objects.get(kind="named")
    assert taken.state == "taken" and taken.rows > 1000
    seen = text(manager.get(reverse("admin:tracking_checkpoint_change", args=[taken.pk])))
    assert "kind=checkpoint" in seen
    listed = reverse("admin:tracking_checkpoint_changelist")
    assert "before the holidays" in text(manager.get(listed))
    assert "Before a run, only the tables that it writes" in text(manager.get(listed))
    form = {
        "kind": "record",
        "which": f"booking:{_booking(world)}",
        "wave": wave.pk,
        "reason": "x",
        "confirmed": "1",
    }
    assert manager.post(reverse("admin:tracking_rollback_ask"), form).status_code == 302
    drive("rollback look")
    rollback = Rollback.objects.get()
    act = {
        what: reverse("admin:tracking_rollback_do", args=[rollback.pk, what])
        for what in ("request", "approve", "withdraw")
    }
    assert manager.post(act["request"], {}).status_code == 302
    assert manager.post(act["approve"], {}).status_code == 409, "four eyes"
    assert manager.post(act["withdraw"], {}).status_code == 302
    rollback.refresh_from_db()
    assert rollback.state == "withdrawn"


def _booking(world: World) -> int:
    return int(
        one(
            world,
            "SELECT MIN(legacy_id) FROM legacy_id_mappings WHERE entity_type = 'booking' AND v5_id IS NOT NULL",
        )
    )
