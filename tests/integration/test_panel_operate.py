"""Runs and batches in the panel: who may do what, what is asked before, what comes of it, and stale pages."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entities.engine import coordinator, runner
from tests.world import World
from tracking import batches, ledger, plan, requeues
from tracking.actions import ActionRefused, ChangeRun, PauseRun, RequeueBatches, RequeueFailed, SplitBatches
from tracking.actions.run import mark
from tracking.models import AuditEvent, Batch, Issue, Requeue, Run, SizeChange
from tracking.states import BatchStatus, RunStatus

NOW = timezone.now()
RUN_ACTIONS = ("pause", "resume", "change", "cancel", "requeue-failed")
PEOPLE = ("engineer", "support", "project_manager", "auditor")
MAY = {
    "pause": {"engineer", "project_manager"}, "resume": {"engineer"}, "change": {"engineer"},
    "cancel": {"engineer", "project_manager"}, "requeue-failed": {"engineer", "support"},
}  # fmt: skip


@pytest.fixture
def auditor(db: None) -> Any:
    from django.contrib.auth.models import Group, User

    person = User.objects.create_user("auditor", password="x", is_staff=True)
    person.groups.add(Group.objects.get(name="auditors"))
    return person


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def run(db: None) -> Run:
    wave = plan.get_or_create_wave("Wave", NOW)
    [run] = plan.plan_runs(wave, 3, ["clients"], NOW)
    ledger.move(run, RunStatus.RUNNING, NOW, total_records=100, processed_records=40, started_at=NOW)
    return run


def batch(run: Run, status: str = BatchStatus.FAILED, after: int = 0, to: int = 10, **values: Any) -> Batch:
    given = {"size": to - after, "attempt": 3, "fence": 3, "error": "OSError: disk full", **values}
    return Batch.objects.create(run=run, status=status, key_after=after, key_to=to, **given)


def issue(run: Run, key: int, code: str = "EMAIL_INVALID") -> Issue:
    return Issue.objects.create(
        wave=run.phase.wave, run=run, entity_type="client", legacy_table="clients", legacy_id=key, root_entity="clients",
        root_id=key, stage="transform", code=code, message="…", first_seen=NOW, last_seen=NOW,
    )  # fmt: skip


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def run_page(run: Run, what: str = "") -> str:
    return (
        reverse("admin:tracking_run_do", args=[run.pk, what])
        if what
        else reverse("admin:tracking_run_change", args=[run.pk])
    )


def batch_page(what: str, *chosen: Batch) -> str:
    return f"{reverse('admin:tracking_batch_do', args=[what])}?ids={','.join(str(one.pk) for one in chosen)}"


def seen(html: bytes) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', html.decode())
    assert found, "the page does not say what the person saw"
    return found[1]


def state(run: Run) -> tuple[Any, ...]:
    run.refresh_from_db()
    return (run.status, run.batch_size, run.workers, *Batch.objects.order_by("pk").values_list("pk", "status", "fence"),
            AuditEvent.objects.count(), Requeue.objects.count())  # fmt: skip


# Who may do what


@pytest.mark.parametrize("what", RUN_ACTIONS)
def test_looking_changes_nothing_and_the_wrong_role_is_refused(run: Run, what: str, request: Any) -> None:
    batch(run)
    before = state(run)
    for name in PEOPLE:
        client = browser(request.getfixturevalue(name))
        wanted = 200 if name in MAY[what] else 403
        assert client.get(run_page(run, what)).status_code == wanted, name
        if wanted == 403:
            assert client.post(run_page(run, what), {"workers": 3, "confirmed": 1}).status_code == 403, name
    assert state(run) == before


@pytest.mark.parametrize("what", ["requeue", "split"])
def test_batches_are_asked_about_before_they_change(run: Run, what: str, request: Any) -> None:
    one = batch(run)
    before = state(run)
    for name in PEOPLE:
        client = browser(request.getfixturevalue(name))
        wanted = 200 if name in MAY["requeue-failed"] else 403
        assert client.get(batch_page(what, one)).status_code == wanted, name
        if wanted == 403:
            assert client.post(batch_page(what, one), {"parts": 2, "confirmed": 1}).status_code == 403, name
    assert state(run) == before


def test_a_form_from_elsewhere_is_refused(run: Run, engineer: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(engineer)
    assert client.post(run_page(run, "pause")).status_code == 403
    assert state(run)[0] == RunStatus.RUNNING


def test_live_parts_are_closed_to_those_who_may_not_look(run: Run, outsider: Any, engineer: Any) -> None:
    for part in ("progress", "details", "causes"):
        address = reverse("admin:tracking_run_live", args=[run.pk, part])
        assert Client().get(address).status_code == 403
        assert browser(outsider).get(address).status_code == 403
        assert browser(engineer).post(address).status_code == 405
        first = browser(engineer).get(address)
        assert first.status_code == 200
        assert browser(engineer).get(address, {"seen": seen(first.content)}).status_code in (200, 204)


# What is asked and what happens


def test_pausing_names_its_effect_and_leaves_a_decision(run: Run, engineer: Any) -> None:
    client = browser(engineer)
    asked = client.get(run_page(run, "pause"))
    assert "60 records stay to be done" in asked.content.decode()
    done = client.post(run_page(run, "pause"), {"seen": seen(asked.content), "reason": "backup"}, follow=True)
    assert "Asked to pause" in done.content.decode()
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.reason, event.via) == (engineer, "pause run", "backup", "panel")


def test_size_and_workers_are_shown_before_they_change_and_kept_with_the_reason(
    run: Run, engineer: Any
) -> None:
    client, values = browser(engineer), {"batch_size": 50, "workers": 3}
    values["seen"] = seen(client.get(run_page(run, "change")).content)
    shown = client.post(run_page(run, "change"), values)
    assert "batch size 500 → 50, workers 1 → 3" in shown.content.decode()
    assert state(run)[1:3] == (500, 1)
    client.post(run_page(run, "change"), {**values, "confirmed": 1})
    assert state(run)[1:3] == (50, 3)
    change = SizeChange.objects.get()
    assert (change.before, change.after, change.reason) == (500, 50, "set by a person")
    assert "set by a person" in client.get(run_page(run)).content.decode()


def test_nonsense_is_refused_with_a_word(run: Run, engineer: Any) -> None:
    client = browser(engineer)
    for values in ({}, {"batch_size": 3}, {"workers": 900}, {"batch_size": "many"}):
        answer = client.post(run_page(run, "change"), {**values, "confirmed": 1})
        assert answer.status_code == 200 and "error" in answer.content.decode().lower()
    assert client.get(run_page(run, "explode")).status_code == 404
    assert (
        client.get(reverse("admin:tracking_batch_do", args=["requeue"]) + "?ids=x,99999").status_code == 404
    )
    assert state(run)[1:3] == (500, 1)


def test_a_run_beyond_its_threshold_is_offered_to_go_on(run: Run, engineer: Any) -> None:
    Run.objects.filter(pk=run.pk).update(
        status="stopped", status_reason="30 of 100 records failed, more than 5% (Q-45)"
    )
    client = browser(engineer)
    assert "Continue beyond the threshold" in client.get(run_page(run)).content.decode()
    asked = client.get(run_page(run, "resume"))
    assert "no longer applies" in asked.content.decode()
    client.post(run_page(run, "resume"), {"seen": seen(asked.content)})
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING and run.metadata["ignore_threshold"] is True


def test_buttons_are_those_that_make_sense_for_this_person(run: Run, engineer: Any, auditor: Any) -> None:
    shown = browser(engineer).get(run_page(run)).content.decode()
    assert run_page(run, "pause") in shown and run_page(run, "resume") not in shown
    assert run_page(run, "requeue-failed") not in shown
    batch(run)
    cache.clear()
    assert run_page(run, "requeue-failed") in browser(engineer).get(run_page(run)).content.decode()
    assert "/do/" not in browser(auditor).get(run_page(run)).content.decode()


# Batches


def test_chosen_batches_lead_to_a_page_that_names_the_effect(run: Run, engineer: Any) -> None:
    one, other = batch(run, to=3_000), batch(run, after=3_000, to=5_240)
    client, listed = browser(engineer), reverse("admin:tracking_batch_changelist")
    before = state(run)
    asked = client.post(
        listed, {"action": "requeue_selected", "_selected_action": [one.pk, other.pk]}, follow=True
    )
    assert "Re-queue 2 batches, 5,240 records." in asked.content.decode()
    assert state(run) == before
    client.post(batch_page("requeue", one, other), {"seen": seen(asked.content)})
    assert list(Batch.objects.values_list("status", flat=True)) == ["pending", "pending"]
    assert Requeue.objects.get().asked_by == engineer


def test_batches_of_two_runs_are_not_mixed(run: Run, engineer: Any) -> None:
    [second] = plan.plan_runs(run.phase.wave, 3, ["users"], NOW)
    chosen = [batch(run).pk, batch(second).pk]
    listed = reverse("admin:tracking_batch_changelist")
    answer = browser(engineer).post(
        listed, {"action": "requeue_selected", "_selected_action": chosen}, follow=True
    )
    assert "belong to 2 runs" in answer.content.decode()
    assert browser(engineer).get(batch_page("requeue", *Batch.objects.all())).status_code == 404


def test_only_who_may_requeue_is_offered_it_in_the_list(run: Run, engineer: Any, auditor: Any) -> None:
    batch(run)
    listed = reverse("admin:tracking_batch_changelist")
    assert "requeue_selected" in browser(engineer).get(listed).content.decode()
    assert "requeue_selected" not in browser(auditor).get(listed).content.decode()
    posted = {"action": "requeue_selected", "_selected_action": [Batch.objects.get().pk]}
    answer = browser(auditor).post(listed, posted)
    assert answer.status_code in (200, 302) and "/do/" not in answer.get("Location", "")


@pytest.mark.parametrize(
    ("filters", "finds"),
    [({"status__exact": "failed"}, 2), ({"worker": "host:1"}, 1), ({"error_kind": "OSError"}, 1),
     ({"run__id__exact": "{run}", "id__gte": 0}, 3), ({"run__id__exact": "0"}, 0), ({"q": "nonsense"}, 0)],
)  # fmt: skip
def test_batches_are_found_by_status_run_worker_and_error(
    run: Run, engineer: Any, filters: dict[str, Any], finds: int
) -> None:
    batch(run, worker="host:1"), batch(run, error="KeyError: 'x'"), batch(run, BatchStatus.DONE, error="")
    given = {name: str(value).format(run=run.pk) for name, value in filters.items()}
    answer = browser(engineer).get(reverse("admin:tracking_batch_changelist"), given)
    assert answer.context["cl"].result_count == finds


@pytest.mark.parametrize(
    ("values", "parts", "made"),
    [
        ({"after": 100, "to": 110}, 3, [(100, 104, None), (104, 108, None), (108, 110, None)]),
        ({"after": 0, "to": 2}, 50, [(0, 1, None), (1, 2, None)]),
        ({"after": 4, "to": 90, "keys": [5, 20, 21, 90]}, 2, [(4, 20, [5, 20]), (20, 90, [21, 90])]),
    ],
)
def test_a_failed_batch_is_split_by_key_range_without_a_gap(
    run: Run, values: dict[str, Any], parts: int, made: list[Any]
) -> None:
    one = batch(run, **values)
    SplitBatches(run, {one.pk: ""}, parts=parts, via="command").perform(NOW)
    found = list(Batch.objects.order_by("pk"))
    assert [(each.key_after, each.key_to, each.keys) for each in found] == made
    assert found[0].pk == one.pk and {each.status for each in found} == {"pending"}
    assert {each.fence for each in found} == {3}, "what a lost attempt wrote is looked at again"


def test_what_cannot_be_split_is_said(run: Run) -> None:
    from tracking.models import Tally

    tallied = batch(run)
    Tally.objects.create(batch=tallied, run=run, entity_type="client", legacy_table="clients", disposition="migrated", rows=1,
                         entries=1)  # fmt: skip
    for one, says in (
        (batch(run, BatchStatus.DONE), "did not fail"),
        (batch(run, to=1), "single key"),
        (tallied, "done before"),
    ):
        with pytest.raises(ActionRefused, match=says):
            SplitBatches(run, {one.pk: ""}, parts=2, via="command").perform(NOW)
    assert Batch.objects.count() == 3 and not AuditEvent.objects.exists()


# Two people, stale pages


def test_the_second_of_two_people_is_told_who_was_first(run: Run, engineer: Any, support: Any) -> None:
    one = batch(run)
    first, second = browser(engineer), browser(support)
    saw = seen(second.get(batch_page("requeue", one)).content)
    first.post(batch_page("requeue", one), {"seen": seen(first.get(batch_page("requeue", one)).content)})
    refused = second.post(batch_page("requeue", one), {"seen": saw})
    said = refused.content.decode()
    assert refused.status_code == 409 and "Nothing was done" in said and "engineer" in said
    assert AuditEvent.objects.count() == 1 and Requeue.objects.count() == 1


def test_a_batch_that_failed_again_meanwhile_is_not_the_one_that_was_seen(run: Run) -> None:
    one = batch(run)
    saw = batches.from_marks(batches.marks([one]))
    RequeueFailed(run, via="command").perform(NOW)
    claimed = ledger.claim(run, "host:9", NOW, lambda _run: None)
    assert claimed is not None
    ledger.give_back(claimed, "OSError: disk full", None, NOW)
    with pytest.raises(ActionRefused, match="changed since you looked"):
        RequeueBatches(run, saw, via="command").perform(NOW)


def test_all_chosen_batches_or_none(run: Run) -> None:
    one, other = batch(run), batch(run, BatchStatus.RUNNING)
    with pytest.raises(ActionRefused, match="is running"):
        RequeueBatches(run, {one.pk: "", other.pk: ""}, via="command").perform(NOW)
    assert list(Batch.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "running"]


def test_a_page_that_is_out_of_date_changes_nothing(run: Run, engineer: Any) -> None:
    saw = mark(run)
    ChangeRun(run, workers=5, actor=engineer).perform(NOW)
    with pytest.raises(ActionRefused, match="engineer did “change run”"):
        PauseRun(run, seen=saw, via="command").perform(NOW)
    saw = mark(run)
    Run.objects.filter(pk=run.pk).update(status="stopped")
    with pytest.raises(ActionRefused, match="was running and is stopped"):
        PauseRun(run, seen=saw, via="command").perform(NOW)


@pytest.mark.world(bookings=200)
def test_of_two_people_at_the_very_same_moment_one_succeeds(world: World) -> None:
    world.run("run_phase", "2", "--inline", "--only", "languages")
    run, done = Run.objects.get(entity_type="languages"), Batch.objects.filter(run__entity_type="languages")
    saw = batches.from_marks(batches.marks(done))
    meeting, ended = threading.Barrier(2), []

    def act() -> None:
        try:
            meeting.wait(10)
            RequeueBatches(Run.objects.get(pk=run.pk), saw, via="command").perform(timezone.now())
            ended.append("done")
        except ActionRefused as refusal:
            ended.append(str(refusal))
        finally:
            connections.close_all()

    people = [threading.Thread(target=act) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    assert ended.count("done") == 1 and any("Nothing was done" in said for said in ended), ended
    assert Requeue.objects.count() == 1


# The map


def test_twenty_thousand_batches_are_a_readable_picture() -> None:
    rows = [(pk, "failed" if pk == 777 else "done", 1, 0) for pk in range(1, 20_001)]
    drawn = batches.drawn(rows)
    assert len(drawn.squares) <= batches.MOST_SQUARES and sum(one.count for one in drawn.squares) == 20_000
    [red] = [one for one in drawn.squares if one.state == batches.FAILED]
    assert red.first <= 777 <= red.last and "1 failed as a whole" in red.says
    assert drawn.counts == {"failed": 1, "done": 19_999}


def test_each_square_opens_its_batch(run: Run, engineer: Any) -> None:
    one = batch(run)
    shown = browser(engineer).get(run_page(run)).content.decode()
    address = reverse("admin:tracking_batch_change", args=[one.pk])
    assert f'class="is-failed" href="{address}"' in shown
    page = browser(engineer).get(address).content.decode()
    assert "disk full" in page and batch_page("split", one) in page


def test_a_full_page_needs_few_statements(
    run: Run, engineer: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(300):
        batch(run, BatchStatus.DONE, after=number, to=number + 1, finished_at=NOW + timedelta(seconds=number))
    client = browser(engineer)
    with django_assert_max_num_queries(40):
        assert client.get(run_page(run)).status_code == 200


# The outcome


def finish(run: Run, chosen: Batch, now: Any = NOW) -> None:
    Batch.objects.filter(pk=chosen.pk).update(status=BatchStatus.DONE, finished_at=now, error="")


def test_the_outcome_tells_fixed_same_and_new_apart_and_is_kept(run: Run, engineer: Any) -> None:
    good, bad = batch(run, after=0, to=10), batch(run, after=10, to=20)
    for key in (1, 2, 3, 15):
        issue(run, key)
    RequeueFailed(run, actor=engineer, reason="the disk has room again").perform(NOW)
    asked = Requeue.objects.get()
    assert requeues.outcome(asked).left == 2 and requeues.settle(NOW) == 0
    finish(run, good)
    Issue.objects.filter(legacy_id=1).update(state="resolved")
    Issue.objects.filter(legacy_id=3).update(code="NAME_UNKNOWN")
    Batch.objects.filter(pk=bad.pk).update(status=BatchStatus.FAILED, error="OSError: disk full")
    assert requeues.settle(NOW) == 1
    asked.refresh_from_db()
    found = requeues.outcome(asked)
    assert (found.done, found.batches_same, found.batches_new, found.left) == (1, 1, 0, 0)
    assert (found.fixed, found.same, found.new) == (1, 1, 1)
    assert (found.named_same, found.named_new) == (["client:2"], [["client:3", "NAME_UNKNOWN"]])
    shown = browser(engineer).get(run_page(run)).content.decode()
    assert (
        "1 record fixed" in shown
        and "failed again with the same error" in shown
        and "the disk has room again" in shown
    )
    page = browser(engineer).get(reverse("admin:tracking_requeue_change", args=[asked.pk])).content.decode()
    assert "client:3" in page and "NAME_UNKNOWN" in page and "client:2" in page
    Issue.objects.all().delete()
    assert requeues.outcome(asked).same == 1, "what was found then stays, whatever happens later"


def test_batches_of_a_cancelled_run_are_said_to_be_left(run: Run) -> None:
    batch(run)
    RequeueFailed(run, via="command").perform(NOW)
    Run.objects.filter(pk=run.pk).update(status="cancelled")
    assert requeues.settle(NOW) == 1
    assert requeues.outcome(Requeue.objects.get()).left == 1


@pytest.mark.world(bookings=200)
def test_split_batches_of_a_real_run_balance(world: World) -> None:
    """A batch fails as a whole, is split, and the run ends complete with every row once."""
    world.run("run_phase", "2", "--inline", "--only", "languages", "sports", "sport_types")
    run = Run.objects.get(entity_type="sports")
    whole = Batch.objects.filter(run=run, keys__isnull=True).order_by("pk").first()
    assert whole is not None
    between = f"id > {whole.key_after} AND id <= {whole.key_to}"
    held = world.legacy_sql(f"SELECT COUNT(*) FROM sports WHERE {between}")[0][0]
    processed, written = run.processed_records, run.written_rows
    whole.tallies.all().delete()
    Batch.objects.filter(pk=whole.pk).update(status=BatchStatus.FAILED, error="OSError: disk full")
    Run.objects.filter(pk=run.pk).update(status="stopped", processed_records=processed - held, error_count=0)
    run.refresh_from_db()
    SplitBatches(run, {whole.pk: ""}, parts=3, via="command").perform(timezone.now())
    runner.work(run.pk)
    coordinator.settle(Run.objects.select_related("phase__wave").get(pk=run.pk), timezone.now())
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED, run.status_reason
    assert (run.processed_records, run.written_rows) == (processed, written)
    assert requeues.settle(timezone.now()) == 1
    assert requeues.outcome(Requeue.objects.get()).done >= 2
