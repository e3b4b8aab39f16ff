"""The data-quality report by school and the health of the systems: right numbers, keys behind each, nothing written."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entities import preflight
from entities.preflight import Severity, Verdict, quality_report, schools
from entities.preflight.checks import ALL, HEALTH, health, quality
from entities.preflight.checks.query import Query, added_up, render
from entities.preflight.schools import InSchool
from entities.preflight.servers.mysql import _too_little
from tests.world import World
from tracking import plan
from tracking.models import BackupRecord, Finding, Sweep, ValidationResult, Wave

BY_ID = {check.id: check for check in ALL}


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def looked(wave: Wave | None = None) -> None:
    chosen = [*quality.ALL, *(BY_ID[name] for name in HEALTH)]
    preflight.store(preflight.run(wave, chosen))


def test_every_number_is_that_of_its_school_and_opens_its_keys(world: World, support: Any) -> None:
    wave = plan.get_or_create_wave("Season", timezone.now())
    looked(wave)
    report = quality_report.read(wave)
    assert report.at is not None and report.failed == []
    whole = dict(
        world.legacy_sql(
            "SELECT m.school_id, COUNT(DISTINCT u.id) FROM users u JOIN user_schools m ON m.user_id = u.id"
            " WHERE u.email IS NULL OR TRIM(u.email) = '' GROUP BY m.school_id"
        )
    )
    found = {
        school: one
        for school, lines in report.schools.items()
        for one in lines
        if one.check == "P-30" and school
    }
    assert {school: one.count for school, one in found.items()} == whole and whole
    members = dict(
        world.legacy_sql(
            "SELECT school_id, COUNT(DISTINCT user_id) FROM user_schools m JOIN users u ON u.id = user_id GROUP BY school_id"
        )
    )
    assert {school: one.of for school, one in found.items()} == {school: members[school] for school in whole}
    reversed_ = [one for lines in report.schools.values() for one in lines if one.check == "P-36"]
    assert (
        sum(one.count for one in reversed_)
        == world.legacy_sql("SELECT COUNT(*) FROM user_nwd WHERE end_date < start_date")[0][0]
    )

    client, school = browser(support), min(whole)
    html = client.get(reverse("engine:quality")).content.decode()
    assert reverse("engine:quality_school", args=[wave.pk, school]) in html
    html = client.get(reverse("engine:quality_school", args=[wave.pk, school])).content.decode()
    address = f"{reverse('engine:quality_keys', args=[wave.pk, school, 'P-30'])}?table=users"
    assert address in html and "dependants move without a login" in html
    html = client.get(address).content.decode()
    listed = {int(key) for key in re.findall(r"users (\d+)</a>", html)}
    assert len(listed) == min(100, whole[school]) and "/admin/trace/" in html
    sheet = client.get(reverse("engine:quality_sheet", args=[wave.pk, school, "P-30"]), {"table": "users"})
    keys = b"".join(sheet.streaming_content).decode().split()  # type: ignore[attr-defined]
    assert keys[0] == "users" and listed <= {int(key) for key in keys[1:]} and len(keys) - 1 == whole[school]
    assert client.get(reverse("engine:quality_keys", args=[wave.pk, school, "P-99"])).status_code == 404


def test_a_wave_sees_its_schools_and_the_baseline_of_the_checks_beside_it(world: World, support: Any) -> None:
    first, second = (key for (key,) in world.legacy_sql("SELECT id FROM schools ORDER BY id LIMIT 2"))
    wave = plan.get_or_create_wave("One school", timezone.now(), schools=[first])
    looked(wave)
    assert second not in quality_report.read(wave).schools
    sweep = Sweep.objects.create(kind="reconcile", wave=wave, state="done", created_at=timezone.now())
    now = timezone.now()
    ValidationResult.objects.create(
        wave=wave, sweep=sweep, validation_type="R-43", moment="P", severity="B", school_id=first, result="warning",
        message="2 inherited from legacy", details={"keys": 2}, created_at=now, updated_at=now,
    )  # fmt: skip
    for key in (7, 9):
        Finding.objects.create(sweep=sweep, wave=wave, check_id="R-43", kind="violation", school_id=first,
                               legacy_table="vouchers", legacy_id=key, created_at=now)  # fmt: skip
    html = browser(support).get(reverse("engine:quality_school", args=[wave.pk, first])).content.decode()
    assert "R-43" in html and "2 inherited" in html
    html = (
        browser(support).get(reverse("engine:quality_keys", args=[wave.pk, first, "R-43"])).content.decode()
    )
    assert "vouchers 7" in html and "vouchers 9" in html


def test_the_health_of_the_systems_is_asked_and_shown(
    world: World, engineer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked()
    html = browser(engineer).get(reverse("engine:health"), {"wave": "0"}).content.decode()
    for name in HEALTH:
        assert name in html
    answers = {name: preflight.run(None, [BY_ID[name]]).outcomes[0].answer for name in HEALTH}
    assert answers["P-25"].verdict in (Verdict.OK, Verdict.WARNING) and "ms" in answers["P-25"].message
    assert answers["P-27"].verdict == answers["P-28"].verdict == Verdict.OK
    assert (
        answers["P-29"].verdict == Verdict.WARNING
        and answers["P-29"].message == "no backup of V5 is recorded"
    )
    monkeypatch.setattr(health, "SLOW", 0.0)
    slow = preflight.run(None, [BY_ID["P-25"]]).outcomes[0].answer
    assert slow.verdict == Verdict.WARNING and len(slow.findings) == 3
    monkeypatch.setattr(
        health.system,
        "machine",
        lambda: SimpleNamespace(load=9.0, cores=2, memory_whole=99, memory_percent=99.0),
    )
    assert len(preflight.run(None, [BY_ID["P-26"]]).outcomes[0].answer.findings) >= 2
    backup = BackupRecord.objects.create(
        database="v5", location="vault", size=1, checksum="ab", taken_at=timezone.now() - timedelta(hours=30),
        recorded_at=timezone.now(),
    )  # fmt: skip
    assert "30 hours old" in preflight.run(None, [BY_ID["P-29"]]).outcomes[0].answer.message
    BackupRecord.objects.filter(pk=backup.pk).update(taken_at=timezone.now())
    assert preflight.run(None, [BY_ID["P-29"]]).outcomes[0].answer.verdict == Verdict.OK


def test_only_whom_the_panel_knows_sees_the_pages(empty_world: World, support: Any, outsider: Any) -> None:
    pages = [reverse("engine:quality"), reverse("engine:health")]
    assert {browser(support).get(page).status_code for page in pages} == {200}
    assert "No pre-flight has looked" in browser(support).get(pages[0]).content.decode()
    assert {browser(outsider).get(page).status_code for page in pages} == {302}
    assert {browser(support).post(page).status_code for page in pages} == {405}


def test_every_path_to_a_school_is_a_statement_of_this_database(empty_world: World) -> None:
    for table in schools.PATHS:
        select, [live] = render(f"SELECT id FROM {{{table}}}")
        assert schools.by_school(live, select, {}) == () and schools.keys(live, select, None, 0, 5) == []
    tables = {render(one.select)[1][0] for one in quality.ALL if isinstance(one, Query)}
    assert tables <= set(schools.PATHS), "every data check can be told by school"


def test_a_row_with_two_faults_counts_once() -> None:
    found = [
        InSchool("users", 1, 2, (3, 4), 10),
        InSchool("users", 1, 2, (4, 5), 10),
        InSchool("users", None, 1, (6,)),
    ]
    assert added_up(found) == (InSchool("users", 1, 3, (3, 4, 5), 10), InSchool("users", None, 1, (6,)))


@pytest.mark.parametrize(
    ("grants", "missing"),
    [
        (["GRANT ALL PRIVILEGES ON `v5`.* TO `w`@`%`"], []),
        (["GRANT SELECT, INSERT, UPDATE, DELETE ON `v5`.* TO `w`@`%`"], ["CREATE", "ALTER", "INDEX", "DROP"]),
        (["GRANT ALL PRIVILEGES ON `other`.* TO `w`@`%`", "GRANT USAGE ON *.* TO `w`@`%`"], list("SIUDCAIX")),
        (["GRANT `writers`@`%` TO `w`@`%`"], []),
    ],
)
def test_grants_tell_what_an_account_lacks(grants: list[str], missing: list[str]) -> None:
    assert len(_too_little(grants, "v5")) == len(missing)


def test_the_health_checks_exist() -> None:
    assert set(HEALTH) <= set(BY_ID) and BY_ID["P-27"].severity == BY_ID["P-28"].severity == Severity.BLOCK
