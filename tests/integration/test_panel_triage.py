"""Support's pages: causes by impact, records page by page, every answer asked for first, nothing changed by looking."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from entities.operations import tryout
from tests.world import World
from tracking import plan, requeues
from tracking.admin import causes
from tracking.issues import IssueDraft, upsert_issues
from tracking.models import (
    AuditEvent,
    Batch,
    Correction,
    Issue,
    IssueGroup,
    IssueNote,
    Job,
    Requeue,
    Run,
    Wave,
)
from tracking.states import IssueState
from tracking.triage import groups

NOW = timezone.now()


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


# Causes are counted as issues come and go


def draft(key: int, amount: str | None = None, currency: str = "", code: str = "EMAIL_INVALID") -> IssueDraft:
    money = Decimal(amount) if amount else None
    return IssueDraft(
        "client", "users", key, "", "clients", key, 1, "transform", "error", code, "email", "no address", {"row": {"id": key}},
        money, currency,
    )  # fmt: skip


@pytest.fixture
def run(db: None) -> Run:
    [run] = plan.plan_runs(plan.get_or_create_wave("Wave", NOW), 3, ["clients"], NOW)
    return run


@pytest.fixture
def batch(run: Run) -> Batch:
    return Batch.objects.create(run=run, key_after=0, key_to=100)


def find(run: Run, batch: Batch, roots: list[int], drafts: list[IssueDraft], later: int = 0) -> None:
    upsert_issues(run, batch, [("clients", one) for one in roots], drafts, NOW + timedelta(minutes=later))


def counted() -> list[tuple[str, int, int, int, dict[str, Decimal]]]:
    return [
        (one.code, one.open, one.seen, one.regressions, one.money) for one in groups.causes(also_closed=True)
    ]


def test_a_cause_counts_what_is_open_with_the_money_at_stake(run: Run, batch: Batch) -> None:
    find(run, batch, [1, 2, 3], [draft(1, "10", "CHF"), draft(2, "5", "EUR"), draft(3, "2.50", "CHF")])
    assert counted() == [("EMAIL_INVALID", 3, 3, 0, {"CHF": Decimal("12.50"), "EUR": Decimal(5)})]
    find(run, batch, [1, 2], [draft(1, "12", "CHF")], later=1)
    assert counted() == [("EMAIL_INVALID", 2, 3, 0, {"CHF": Decimal("14.50")})]
    find(run, batch, [2], [draft(2, "5", "EUR")], later=2)
    assert counted() == [("EMAIL_INVALID", 3, 3, 1, {"CHF": Decimal("14.50"), "EUR": Decimal(5)})]
    assert groups.causes()[0].last_seen == NOW + timedelta(minutes=2)


def test_counting_anew_comes_to_the_same(run: Run, batch: Batch) -> None:
    find(run, batch, [1, 2, 3], [draft(1, "10", "CHF"), draft(2), draft(3, code="NAME_UNKNOWN")])
    find(run, batch, [2], [], later=1)
    kept = counted()
    assert groups.recount(run.phase.wave) == IssueGroup.objects.count()
    assert counted() == kept


def test_a_record_filled_by_other_means_is_counted_by_the_next_tick(run: Run, batch: Batch) -> None:
    find(run, batch, [1], [draft(1)])
    IssueGroup.objects.all().delete()
    assert groups.count_missing() == [run.phase.wave]
    assert counted()[0][:2] == ("EMAIL_INVALID", 1)
    assert groups.count_missing() == []


def test_the_page_of_causes_asks_no_more_with_more_issues(run: Run, batch: Batch, support: Any) -> None:
    client = browser(support)

    def asked() -> int:
        with CaptureQueriesContext(connections["default"]) as seen:
            assert client.get(reverse("admin:tracking_issuegroup_changelist")).status_code == 200
        assert not [
            one for one in seen.captured_queries if "COUNT" in one["sql"] and "tracking_issue" in one["sql"]
        ]
        return len(seen)

    find(run, batch, [1], [draft(1)])
    asked()
    few = asked()
    find(run, batch, list(range(2, 300)), [draft(key, code=f"CODE_{key % 7}") for key in range(2, 300)])
    assert asked() == few


def test_without_a_wave_the_page_says_what_to_do_first(support: Any) -> None:
    shown = browser(support).get(reverse("admin:tracking_issuegroup_changelist")).content.decode()
    assert "creates a wave first" in shown


def test_records_are_paged_by_key(run: Run, batch: Batch, support: Any) -> None:
    find(run, batch, list(range(1, 121)), [draft(key) for key in range(1, 121)])
    client, address, seen = browser(support), causes.address(IssueGroup.objects.get().pk), []
    after: Any = ""
    while after is not None:
        page = client.get(address, {"after": after})
        seen += [issue.legacy_id for issue in page.context["issues"]]
        after = page.context["next"]
    assert seen == list(range(1, 121))
    assert client.get(address, {"after": "nonsense"}).status_code == 200


# On moved data: one record with a sport that does not exist


@pytest.fixture
def moved(world: World) -> World:
    world.run("run_phase", "2-3", "--inline")
    return world


@pytest.fixture
def issue(moved: World) -> Issue:
    found = Issue.objects.filter(
        code="SPORT_UNKNOWN", entity_type="client_sport", state=IssueState.OPEN
    ).first()
    assert found is not None
    return found


def record(what: str, issue: Issue, *more: object) -> str:
    return reverse(f"admin:entities_record{what}", args=[issue.pk, *more])


def state() -> tuple[Any, ...]:
    """What the answers may change."""
    return (
        Correction.objects.count(), IssueNote.objects.count(), Batch.objects.count(), Job.objects.count(),
        AuditEvent.objects.count(), list(Issue.objects.order_by("pk").values_list("state", "assignee")),
    )  # fmt: skip


def addresses(issue: Issue) -> list[str]:
    group = IssueGroup.objects.get(code=issue.code, entity_type=issue.entity_type, field=issue.field)
    return [
        record("_correct", issue), record("_note", issue), record("_parent", issue, "sport_id"),
        *(record("_do", issue, what) for what in ("skip", "requeue", "apply", "assign")),
        reverse("admin:entities_group_correct", args=[group.pk]), reverse("admin:entities_import", args=[issue.wave_id]),
        *(reverse("admin:tracking_issuegroup_do", args=[group.pk, what]) for what in ("requeue", "skip")),
        reverse("admin:tracking_issuegroup_selected", args=[group.pk]) + f"?issue={issue.pk}",
    ]  # fmt: skip


def test_looking_changes_nothing_and_others_are_refused(
    issue: Issue, support: Any, outsider: Any, request: Any
) -> None:
    auditor = request.getfixturevalue("project_manager")  # may look, assign and note, and correct nothing
    before = state()
    for address in addresses(issue):
        assert browser(support).get(address).status_code == 200, address
        assert browser(outsider).get(address).status_code in (302, 403), address
        assert browser(outsider).post(address).status_code in (302, 403), address
        if not address.endswith(("/note/", "/assign/")):
            assert browser(auditor).get(address).status_code == 403, address
            assert (
                browser(auditor)
                .post(address, {"reason": "x", "c_sport_id": "1", "step": "apply"})
                .status_code
                == 403
            )
    assert state() == before


def test_the_record_page_tells_the_whole_story(issue: Issue, support: Any) -> None:
    shown = browser(support).get(record("", issue))
    page = shown.content.decode()
    assert all(str(says) in page for says in shown.context["problem"].values())
    fields = {one["column"]: one for one in shown.context["fields"]}
    assert fields["sport_id"]["fault"] and fields["old_id"]["v5"] == issue.legacy_id
    assert {one["name"] for one in shown.context["legacy"] if one["is_guilty"]} == {"sport_id"}
    assert "V5 has no row for this record." in page


def test_a_try_writes_nothing_and_says_what_would_happen(moved: World, issue: Issue, support: Any) -> None:
    before, rows = state(), moved.v5_sql("SELECT COUNT(*) FROM legacy_id_mappings")
    given = {"c_sport_id": "1", "reason": "typing error"}
    answer = browser(support).post(record("_correct", issue), given)
    assert answer.context["verdict"].outcome == "fixed"
    assert "sport_id" in {one["column"] for one in answer.context["verdict"].changes()}
    wrong = browser(support).post(record("_correct", issue), {**given, "c_sport_id": "99999"})
    assert wrong.context["verdict"].outcome == "same"
    assert state() == before and moved.v5_sql("SELECT COUNT(*) FROM legacy_id_mappings") == rows


def test_a_correction_is_applied_and_the_issue_goes(moved: World, issue: Issue, support: Any) -> None:
    from tests import moves

    given = {"c_sport_id": "1", "reason": "typing error", "step": "apply"}
    browser(support).post(record("_correct", issue), given, follow=True)
    made = Correction.objects.get()
    assert (made.values, made.made_by, made.issue) == ({"sport_id": "1"}, support, issue)
    assert made.applied_at is not None
    assert [one.action for one in AuditEvent.objects.order_by("pk")][-2:] == [
        "correct record",
        "apply correction",
    ]
    assert "'1'" not in str(
        AuditEvent.objects.values_list("after", flat=True)
    )  # columns are named, values are not
    moves.drive(list(Run.objects.filter(entity_type="clients")))
    issue.refresh_from_db()
    assert issue.state == IssueState.RESOLVED
    assert tryout.stored(issue)
    assert moved.legacy_sql("SELECT sport_id FROM user_sports WHERE id = %s", [issue.legacy_id]) != [(1,)]
    group = IssueGroup.objects.get(code=issue.code, entity_type="client_sport", field=issue.field)
    assert group.open == 0
    requeues.settle(timezone.now())
    kept = Requeue.objects.get()
    assert (kept.action, kept.asked_by, kept.outcome["fixed"]) == ("apply correction", support, 1)
    page = browser(support).get(record("", issue))
    assert page.status_code == 200 and not page.context["is_open"]
    late = browser(support).post(record("_correct", issue), {**given, "c_sport_id": "2"})
    assert late.status_code == 409  # a stale page: nothing is done twice
    assert Correction.objects.count() == 1


def test_a_value_that_does_not_fit_is_said_at_its_field(issue: Issue, support: Any) -> None:
    client, address = browser(support), record("_correct", issue)
    bad = client.post(address, {"c_sport_id": "abc", "reason": "x", "step": "apply"})
    assert bad.context["form"].errors["c_sport_id"] == ["sport_id: a whole number expected"]
    same = client.post(
        address, {**bad.context["form"].data.dict(), "c_sport_id": bad.context["form"].before["sport_id"]}
    )
    assert same.context["form"].non_field_errors()
    assert not Correction.objects.exists()


def test_the_parent_is_searched_and_only_fills_the_form(issue: Issue, support: Any) -> None:
    found = browser(support).get(record("_parent", issue, "sport_id"), {"q": "1"}).context["found"]
    assert [one["id"] for one in found] == [1]
    page = browser(support).get(record("_correct", issue) + "?sport_id=1")
    assert 'value="1"' in page.content.decode()
    assert browser(support).get(record("_parent", issue, "salary_level_nonsense")).status_code == 404


def test_names_of_people_are_neither_searched_nor_shown_without_permission(
    issue: Issue, support: Any
) -> None:
    address = record("_parent", issue, "user_id")
    row = tryout.look(issue).root  # type: ignore[union-attr]
    hidden = browser(support).get(address, {"q": row.first_name[:3]}).context["found"]
    assert hidden == []
    by_id = browser(support).get(address, {"q": str(row.id)})
    assert row.email not in by_id.content.decode()
    support.user_permissions.add(Permission.objects.get(codename="view_personal_data"))
    seen = browser(type(support).objects.get(pk=support.pk)).get(address, {"q": row.first_name[:3]})
    assert row.id in [one["id"] for one in seen.context["found"]] or len(seen.context["found"]) == 20


def test_a_record_is_left_out_with_its_reason(issue: Issue, support: Any) -> None:
    from tests import moves

    client, address = browser(support), record("_do", issue, "skip")
    assert client.post(address, {"reason": ""}).status_code == 200
    assert not Correction.objects.exists()
    client.post(address, {"reason": "entered twice", "now": "on"})
    moves.drive(list(Run.objects.filter(entity_type="clients")))
    issue.refresh_from_db()
    assert issue.state == IssueState.RESOLVED
    assert Correction.objects.get().skip


def test_a_re_queue_without_an_answer_tells_support_that_nothing_changed(
    moved: World, issue: Issue, support: Any
) -> None:
    from tests import moves

    asked = browser(support).post(record("_do", issue, "requeue"), {"reason": "sport was added"}, follow=True)
    kept = Requeue.objects.get()
    assert reverse("admin:tracking_requeue_change", args=[kept.pk]) in asked.content.decode()
    moves.drive(list(Run.objects.filter(entity_type="clients")))
    requeues.settle(timezone.now())
    kept.refresh_from_db()
    assert (kept.action, kept.reason, kept.outcome["same"]) == ("requeue issue", "sport was added", 1)
    page = browser(support).get(reverse("admin:tracking_requeue_change", args=[kept.pk]))
    assert page.status_code == 200 and f"{issue.entity_type}:{issue.legacy_id}" in page.content.decode()


def test_what_workers_kept_is_said_in_spanish(moved: World, issue: Issue, support: Any) -> None:
    spanish = {"HTTP_ACCEPT_LANGUAGE": "es"}
    page = browser(support).get(record("", issue), **spanish).content.decode()
    assert "no tiene registro en V5" in page and "has no V5 record" not in page
    assert "has no V5 record" in issue.message  # the record, its commands and its exports stay English
    run = Run.objects.get(entity_type="clients")
    browser(support).post(record("_do", issue, "requeue"), {"reason": ""}, **spanish)
    run.refresh_from_db()
    assert run.status_reason == "re-queued: requeue issue"
    shown = (
        browser(support).get(reverse("admin:tracking_run_change", args=[run.pk]), **spanish).content.decode()
    )
    assert "vuelto a poner en cola" in shown and "re-queued" not in shown
    catalogue = browser(support).get(reverse("engine:catalogue_migration", args=["clients"]), **spanish)
    assert "tal cual" in catalogue.content.decode() and "as it is" not in catalogue.content.decode()


def test_notes_and_assignments_stay_with_names(issue: Issue, support: Any, project_manager: Any) -> None:
    browser(support).post(record("_note", issue), {"text": "asked the school"})
    browser(project_manager).post(record("_do", issue, "assign"), {"person": support.pk})
    issue.refresh_from_db()
    assert issue.assignee == support and issue.notes.get().written_by == support
    page = browser(support).get(record("", issue)).content.decode()
    assert "asked the school" in page
    assert "asked the school" not in str(AuditEvent.objects.values_list("after", flat=True))


def test_chosen_records_go_again_parents_first(moved: World, issue: Issue, support: Any) -> None:
    others = Issue.objects.filter(state=IssueState.OPEN, wave=issue.wave_id).exclude(
        root_entity=issue.root_entity
    )
    chosen = [
        issue.pk,
        others.filter(root_entity__in=("degrees", "monitors", "users")).values_list("pk", flat=True)[0],
    ]
    group = IssueGroup.objects.get(code=issue.code, entity_type=issue.entity_type, field=issue.field)
    address = reverse("admin:tracking_issuegroup_selected", args=[group.pk])
    asked = browser(support).get(address, {"issue": chosen})
    assert "Re-queue" in asked.context["effect"]
    browser(support).post(address, {"issues": ",".join(map(str, chosen))})
    event = AuditEvent.objects.latest("pk")
    assert Requeue.objects.filter(asked_by=support, pk__in=event.after["requeues"]).count() == 2
    runs = [
        one.run
        for one in Batch.objects.filter(pk__in=event.after["batches"])
        .order_by("pk")
        .select_related("run__phase")
    ]
    assert len(runs) == 2
    assert [(one.phase.number, one.position) for one in runs] == sorted(
        (one.phase.number, one.position) for one in runs
    )


def test_waves_are_told_apart(run: Run, batch: Batch, support: Any) -> None:
    find(run, batch, [1], [draft(1)])
    other = plan.get_or_create_wave("Other", NOW)
    page = browser(support).get(reverse("admin:tracking_issuegroup_changelist"), {"wave": other.pk})
    assert page.context["causes"] == [] and page.context["wave"] == other
    assert Wave.objects.count() == 2
