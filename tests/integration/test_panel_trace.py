"""The trace: every word finds its record, the page tells its whole life, and nothing is written by looking."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from entities.admin import trace
from entities.operations import comparison, life, places, search
from tests.world import World
from tracking.masking import HIDDEN
from tracking.models import Correction, IdReservation, Issue, IssueNote

MOST_QUERIES = 40
DATABASES = ("default", "legacy", "v5")


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def trusted(person: Any) -> Client:
    """Somebody who may see personal data."""
    person.user_permissions.add(Permission.objects.get(codename="view_personal_data"))
    return browser(type(person).objects.get(pk=person.pk))


def record(entity: str, legacy_id: int, part: str = "record") -> str:
    return reverse(f"engine:trace_{part}", args=[entity, legacy_id])


def body(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


@pytest.fixture
def moved(world: World) -> World:
    assert world.run("run_phase", "2-4", "--inline").code == 2  # complete; some rows wait for a person
    return world


def one(world: World, sql: str) -> tuple[Any, ...]:
    return world.v5_sql(sql + " LIMIT 1")[0]


def a_booking(world: World) -> tuple[int, str]:
    return one(world, "SELECT legacy_id, booking_reference FROM v5_bookings ORDER BY id")  # type: ignore[return-value]


def a_client(world: World) -> tuple[int, int, str]:
    """Legacy id, V5 id and address of a client with an address of their own."""
    return one(
        world,
        "SELECT m.legacy_id, c.id, c.email FROM legacy_id_mappings m JOIN clients c ON c.id = m.v5_id"
        " WHERE m.entity_type = 'client' AND m.disposition = 'migrated' AND c.email IS NOT NULL AND m.legacy_id > 0"
        " AND c.first_name <> '' AND m.part = ''",
    )  # type: ignore[return-value]


def kinds(term: str, *, personal: bool = False) -> set[tuple[str, int]]:
    return {(each.entity, each.legacy_id) for each in search.find(term, personal=personal).candidates}


def test_every_kind_of_word_finds_its_record(moved: World) -> None:
    booking, reference = a_booking(moved)
    client, v5_id, email = a_client(moved)
    payment = one(
        moved,
        f"SELECT payment_reference FROM v5_booking_payments WHERE payment_reference LIKE 'LEGPAY-{booking}-%%'",
    )
    voucher, code = one(
        moved,
        "SELECT m.legacy_id, v.code FROM vouchers v JOIN legacy_id_mappings m ON m.v5_table = 'vouchers' AND m.v5_id = v.id",
    )
    first, last = moved.legacy_sql("SELECT first_name, last_name FROM users WHERE id = %s", [client])[0]

    assert ("booking", booking) in kinds(str(booking))
    assert kinds(f"booking:{booking}") == {("booking", booking)}
    assert ("booking", booking) in kinds(f"bookings2:{booking}")
    assert ("client", client) in kinds(f"clients/{v5_id}")
    assert ("booking", booking) in kinds(reference) & kinds(reference.lower()) & kinds(payment[0])
    assert ("voucher", voucher) in kinds(code)
    assert ("client", client) in kinds(email, personal=True) & kinds(email.upper(), personal=True)
    assert ("client", client) in kinds(f"{first} {last}", personal=True) & kinds(
        f"{last} {first}", personal=True
    )
    school = moved.legacy_sql("SELECT id, name FROM schools ORDER BY id LIMIT 1")[0]
    assert ("school", school[0]) in kinds(school[1])
    for nothing in (
        "",
        "x",
        "nobody@nowhere.example",
        "client:99999999",
        "LEG-1-99999999",
        "9" * 40,
        "zzz%_'\"",
    ):
        assert kinds(nothing, personal=True) == set(), nothing


def test_people_are_found_only_by_those_who_may_see_them(moved: World, support: Any) -> None:
    client, _v5_id, email = a_client(moved)
    refused = body(browser(support).post(reverse("engine:trace"), {"q": email}))
    assert "only by those who may see personal data" in refused
    assert f"client:{client}" not in refused
    found = trusted(support).post(reverse("engine:trace"), {"q": email})
    assert found["Location"] in (record("client", client), record("user", client))
    by_address = body(trusted(support).get(reverse("engine:trace"), {"q": email}))
    assert f"client:{client}" not in by_address  # what stands in an address is logged
    assert trace.command(found.wsgi_request, email) == []
    assert [each.title for each in trace.command(found.wsgi_request, f"client:{client}")] == [
        f"client:{client}"
    ]


def test_a_table_without_an_index_is_read_within_bounds_and_says_so(
    moved: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_READ", 2)
    oldest = moved.v5_sql("SELECT email FROM clients WHERE email IS NOT NULL ORDER BY id LIMIT 1")[0][0]
    place = places.Place("v5", "clients", "email", personal=True)
    looked = places.look(place, [oldest])
    assert looked.partly and not looked.rows
    assert any("v5.clients.email" in note for note in search.find(oldest, personal=True).notes)
    assert "email" in places.leading("legacy", "users")
    assert not places.look(places.Place("legacy", "users", "email"), [oldest]).partly


def test_the_page_of_a_record_tells_its_life(moved: World, support: Any, engineer: Any) -> None:
    issue = Issue.objects.filter(legacy_table="bookings2", level=Issue.ERROR).first()
    assert issue is not None
    now = timezone.now()
    IssueNote.objects.create(issue=issue, text="asked the school", written_by=support, written_at=now)
    Correction.objects.create(
        wave=issue.wave, issue=issue, legacy_table="bookings2", legacy_id=issue.legacy_id, values={"school_id": "10"},
        reason="the school says so", made_by=engineer, made_at=now,
    )  # fmt: skip
    told = life.of("booking", "bookings2", issue.legacy_id)
    assert {each.kind for each in told.events} >= {
        "map",
        "run",
        "batch",
        "issue",
        "note",
        "correction",
        "log",
    }
    assert told.people == ["engineer", "support"]
    assert [each.at for each in told.events] == sorted((each.at for each in told.events), reverse=True)
    page = body(browser(support).get(record("booking", issue.legacy_id)))
    for words in (
        "asked the school",
        "the school says so",
        "corrected: school_id",
        issue.code,
        "is kept back until",
    ):
        assert words in page


def test_personal_data_is_masked_by_role_on_every_part(moved: World, support: Any) -> None:
    client, _v5_id, email = a_client(moved)
    parts = [record("client", client, part) for part in ("record", "comparison", "kin")]
    masked = browser(support)
    for address in parts:
        page = body(masked.get(address))
        assert email not in page, address
        assert moved.legacy_sql("SELECT last_name FROM users WHERE id = %s", [client])[0][0] not in page, (
            address
        )
    assert HIDDEN in body(masked.get(parts[1]))
    assert email in body(trusted(support).get(parts[0]))
    secret = moved.legacy_sql("SELECT password FROM users WHERE id = %s", [client])[0][0]
    for address in parts:
        assert not secret or secret not in body(trusted(support).get(address))


def test_every_field_is_compared_with_what_the_rules_give_today(moved: World) -> None:
    booking, _reference = a_booking(moved)
    found = comparison.compare("booking", "bookings2", booking, personal=True)
    assert {each.v5_table for each in found.rows} >= {"bookings", "v5_bookings"}
    assert [each.differs for each in found.rows] == [0] * len(found.rows)

    v5_id = next(each.v5_id for each in found.rows if each.v5_table == "bookings")
    moved.v5_sql("UPDATE bookings SET notes = 'edited by hand', paxes = 77 WHERE id = %s", [v5_id])
    edited = next(
        each
        for each in comparison.compare("booking", "bookings2", booking).rows
        if each.v5_table == "bookings"
    )
    assert {each.column for each in edited.cells if each.state == comparison.DIFFERS} == {"notes", "paxes"}
    assert "somebody edited it since" in edited.verdict

    line = one(
        moved,
        "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'voucher' AND disposition = 'migrated'",
    )[0]
    moved.legacy_sql("UPDATE vouchers SET code = 'CHANGED' WHERE id = %s", [line])
    changed = comparison.compare("voucher", "vouchers", line).rows[0]
    assert [each.column for each in changed.cells if each.state == comparison.DIFFERS] == ["code"]
    assert "legacy row changed" in changed.verdict

    moved.v5_sql("DELETE FROM vouchers_log WHERE voucher_id = %s", [changed.v5_id])
    moved.v5_sql("DELETE FROM vouchers WHERE id = %s", [changed.v5_id])
    assert "gone" in comparison.compare("voucher", "vouchers", line).rows[0].verdict


def one_of_each_kind() -> list[int]:
    """A rejected record of every kind that has one: each asks other tables."""
    rejected = Issue.objects.filter(level=Issue.ERROR, state="open").order_by("-pk")
    return list({kind: pk for kind, pk in rejected.values_list("entity_type", "pk")}.values())


def test_looking_writes_nothing_and_asks_little(moved: World, support: Any) -> None:
    def state() -> Any:
        tables = ("legacy_id_mappings", "clients", "bookings", "booking_users", "legacy_archive")
        return [moved.v5_sql(f"SELECT COUNT(*), MAX(id) FROM {table}") for table in tables], list(
            IdReservation.objects.order_by("pk").values_list("table", "next_id")
        )

    booking, reference = a_booking(moved)
    rejected = Issue.objects.filter(legacy_table="bookings2", level=Issue.ERROR).values_list(
        "legacy_id", flat=True
    )
    person = browser(support)
    before = state()
    addresses = [
        reverse("engine:trace"), f"{reverse('engine:trace')}?q={booking}", f"{reverse('engine:trace')}?q={reference}",
        *(record("booking", each, part) for each in (booking, *rejected[:2]) for part in ("record", "comparison", "kin")),
        *(reverse("admin:entities_record", args=[pk]) for pk in one_of_each_kind()),
    ]  # fmt: skip
    for address in addresses:
        person.get(address)  # the first look learns the schema
        logs = [CaptureQueriesContext(connections[alias]) for alias in DATABASES]
        with logs[0], logs[1], logs[2]:
            assert person.get(address).status_code in (200, 302), address
        assert sum(len(each) for each in logs) <= MOST_QUERIES, address
    assert state() == before


def test_a_record_made_without_a_legacy_row_has_a_page(moved: World, support: Any) -> None:
    entity, part, table, v5_id = one(
        moved,
        "SELECT entity_type, part, v5_table, v5_id FROM legacy_id_mappings WHERE legacy_id = 0 AND v5_id IS NOT NULL",
    )
    person = browser(support)
    answer = person.get(reverse("engine:trace"), {"q": f"{table}/{v5_id}"})
    address = answer["Location"] if answer.status_code == 302 else f"{record(entity, 0)}?part={part}"
    assert "without a legacy row" in body(person.get(address))
    assert person.get(record(entity, 0)).status_code == 404
    assert "not compared" in body(person.get(record(entity, 0, "comparison"), {"part": part}))


@pytest.mark.django_db
def test_whoever_has_no_business_here_is_refused(outsider: Any, support: Any) -> None:
    addresses = [
        reverse("engine:trace"),
        *(record("client", 1, part) for part in ("record", "comparison", "kin")),
    ]
    outsider.is_staff = True
    outsider.save()
    for address in addresses:
        assert browser(outsider).get(address).status_code == 403, address
        anonymous = Client().get(address)
        assert anonymous.status_code in (302, 403), address
        if not address.endswith("/trace/"):
            assert browser(support).post(address).status_code == 405, address
    assert trace.command(type("Request", (), {"user": outsider})(), "client:1") == []  # type: ignore[arg-type]
