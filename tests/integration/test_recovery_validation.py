"""After a recovery: what is whole is green, what is broken is red and named, what could not run is never green."""

from __future__ import annotations

import json

from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entities.recovery import validation
from tests.world import World
from tracking.models import ValidationResult


def results(**wanted: object) -> dict[str, str]:
    return {one.id: one.result for one in validation.validate(tries=3, **wanted)}  # type: ignore[arg-type]


def test_what_is_whole_is_green_and_what_is_broken_is_named(migrated: World) -> None:
    world = migrated
    first = validation.validate(tries=3)
    assert {one.id: (one.message, one.details) for one in first if one.result == "fail"} == {}
    assert {one.id for one in first if one.result == "pass"} >= {
        *("RV-01", "RV-02", "RV-03", "RV-11", "RV-12", "RV-13", "RV-14", "RV-16", "RV-21", "RV-22", "RV-31"),
    }  # fmt: skip
    validation.store(first, timezone.now())
    assert results(limit_ms=-1)["RV-31"] == "fail"

    [(booking,)] = world.v5_sql("SELECT MAX(booking_id) FROM booking_users")
    if world.server:
        world.server.administer(
            "SET SESSION foreign_key_checks = 0",
            f"DELETE FROM world_v5.bookings WHERE id = {booking}",
        )
    else:
        world.v5_sql("DELETE FROM bookings WHERE id = %s", [booking])
    world.v5_sql(
        "UPDATE users SET password = 'lost' WHERE id = (SELECT * FROM (SELECT MAX(id) FROM users) x)"
    )
    said = {one.id: one for one in validation.validate(tries=3)}
    assert (
        said["RV-02"].result == said["RV-03"].result == said["RV-12"].result == said["RV-21"].result == "fail"
    )
    assert any(f"bookings {booking}" in key for key in said["RV-02"].details["keys"])
    assert said["RV-21"].details["accounts"] == 1 and "lost" not in json.dumps(said["RV-21"].details["users"])

    reader = Client()
    reader.force_login(User.objects.create_superuser("reader"))
    page = reader.get(reverse("engine:recovery")).content.decode()
    assert "RV-21" in page and "Nothing is red." in page, "as it was looked at before the harm"
    assert reader.post(reverse("engine:recovery_ask"), {"reason": ""}).status_code == 302

    out = world.run("validate_recovery", "--json", "--tries", "2")
    assert out.code == 3 and len(json.loads(out.out)) == len(first)
    current = ValidationResult.objects.filter(validation_type__startswith="RV-", current=True)
    assert (current.count(), ValidationResult.objects.filter(validation_type="RV-02").count()) == (
        len(first),
        2,
    )


def test_what_could_not_run_and_what_is_empty_is_not_green(empty_world: World) -> None:
    found = results()
    assert found["RV-01"] == found["RV-11"] == found["RV-31"] == "nothing" and "pass" not in {
        found["RV-12"],
        found["RV-21"],
    }
    empty_world.v5_sql("DROP TABLE payments")
    empty_world.v5_sql("DROP TABLE legacy_id_mappings")
    connections["v5"].close()
    said = {one.id: one for one in validation.validate(tries=2)}
    assert said["RV-01"].result == said["RV-02"].result == said["RV-15"].result == "fail"
    assert "could_not_run" in said["RV-15"].details
    assert empty_world.run("validate_recovery").code == 3
