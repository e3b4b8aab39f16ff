"""The dashboard, its live fragments, workers and alerts: right figures, few statements, nothing changed by looking."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entities.engine import heartbeat
from tracking import alerts, ledger, pace, plan, workers
from tracking.actions import AcknowledgeAlert, ActionRefused, ReleaseLease
from tracking.dashboard import broker, charts, content, events, figures, memory, system
from tracking.models import Alert, AuditEvent, Batch, Issue, LogEntry, Run, Tally, Wave, WorkerSeen
from tracking.states import BatchStatus, RunStatus
from tracking.triage import groups

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
FRAGMENTS = ("progress", "details", "health", "workers")


@pytest.fixture(autouse=True)
def nothing_remembered(settings: Any) -> Iterator[None]:
    settings.ALERTS = {
        "ALERT_ERROR_PERCENT": 5, "ALERT_MINIMUM_PACE": 5, "ALERT_MAXIMUM_HOURS": 12, "ALERT_MEMORY_PERCENT": 100,
    }  # fmt: skip
    yield
    cache.clear()


@pytest.fixture
def wave() -> Wave:
    return plan.get_or_create_wave("Wave", NOW)


def started(wave: Wave, name: str = "clients", *, number: int = 3, ago: timedelta = timedelta(minutes=10),
            total: int = 1000, done: int = 400, **values: Any) -> Run:  # fmt: skip
    [run] = plan.plan_runs(wave, number, [name], NOW - ago)
    facts = {
        "status": RunStatus.RUNNING,
        "started_at": NOW - ago,
        "total_records": total,
        "processed_records": done,
    }
    Run.objects.filter(pk=run.pk).update(**{**facts, "updated_at": NOW, **values})
    run.refresh_from_db()
    return run


def batch(run: Run, ago: int = 10, rows: int = 200, **values: Any) -> Batch:
    given = {
        "status": BatchStatus.DONE, "key_after": 0, "key_to": 100, "size": 100, "attempt": 1, "fence": 1, "seconds": 5.0,
        "worker": "host:1", "started_at": NOW - timedelta(seconds=ago + 5), "finished_at": NOW - timedelta(seconds=ago),
        "rows_read": rows, **values,
    }  # fmt: skip
    return Batch.objects.create(run=run, **given)


def tally(one: Batch, disposition: str, rows: int) -> None:
    Tally.objects.create(batch=one, run=one.run, entity_type="client", legacy_table="clients", disposition=disposition,
                         rows=rows, entries=rows)  # fmt: skip


def issue(run: Run, key: int, code: str = "EMAIL_INVALID", level: str = "error") -> Issue:
    return Issue.objects.create(
        wave=run.phase.wave, run=run, entity_type="client", legacy_table="clients", legacy_id=key, root_entity="clients",
        root_id=key, stage="transform", level=level, code=code, message="…", first_seen=NOW, last_seen=NOW,
    )  # fmt: skip


def inside(client: Client, person: Any) -> Client:
    client.force_login(person)
    return client


class TestFigures:
    def test_an_empty_panel_says_what_to_do_first(self, client: Client, engineer: Any) -> None:
        page = inside(client, engineer).get(reverse("admin:index")).content.decode()
        assert "What to do first" in page
        assert re.findall(r"(\d)\. ", page)[:6] == ["1", "2", "3", "4", "5", "6"]
        assert "manage.py preflight" in page

    def test_an_account_without_a_group_is_told_so(self, client: Client, outsider: Any) -> None:
        outsider.is_staff = True
        outsider.save()
        assert "no group yet" in inside(client, outsider).get(reverse("admin:index")).content.decode()

    def test_time_left_is_unknown_until_there_is_a_pace(self, wave: Wave) -> None:
        run = started(wave)
        [line] = figures.lines([run], NOW)
        assert (line.per_second, line.left) == (None, None)
        assert content.progress(wave, NOW)["left"] == "unknown"
        cache.clear()
        batch(run, rows=800)
        [line] = figures.lines([run], NOW)
        assert line.per_second and line.left
        assert pace.words(line.left) == content.progress(wave, NOW)["left"] != "unknown"

    def test_migrations_that_wait_make_the_whole_unknown_in_records(self, wave: Wave) -> None:
        run = started(wave, "clients", total=100, done=100, status=RunStatus.COMPLETED, completed_at=NOW)
        [waiting] = plan.plan_runs(wave, 3, ["monitors"], NOW)
        overall = figures.overall(figures.lines([run, waiting], NOW))
        assert (overall.by_records, overall.percent, overall.left) == (False, 50, None)
        assert (overall.complete, overall.migrations) == (1, 2)

    def test_what_waits_is_expected_to_need_what_it_needed_before(self, wave: Wave) -> None:
        earlier = plan.get_or_create_wave("Rehearsal", NOW)
        started(earlier, "monitors", total=300, done=300, ago=timedelta(hours=2), status=RunStatus.COMPLETED,
                completed_at=NOW - timedelta(hours=1))  # fmt: skip
        run = started(wave, "clients", total=100, done=50)
        batch(run, rows=50)
        [waiting] = plan.plan_runs(wave, 3, ["monitors"], NOW)
        found = figures.overall(figures.lines([run, waiting], NOW))
        assert (found.by_records, found.is_estimate, found.done, found.total) == (True, True, 50, 400)
        assert found.left is not None and found.left > timedelta(hours=1)
        Wave.objects.filter(pk=earlier.pk).update(schools=[7])
        other = figures.overall(figures.lines([run, waiting], NOW))
        assert (other.by_records, other.left) == (False, None)

    def test_one_hundred_per_cent_means_complete(self, wave: Wave) -> None:
        run = started(wave, total=100_000, done=99_999)
        assert figures.overall(figures.lines([run], NOW)).percent == 99
        Run.objects.filter(pk=run.pk).update(status=RunStatus.UNBALANCED, processed_records=100_000)
        run.refresh_from_db()
        assert figures.overall(figures.lines([run], NOW)).percent == 99

    def test_the_latest_run_of_a_migration_counts_and_dry_runs_do_not_hide_it(self, wave: Wave) -> None:
        started(wave, total=10, done=3, status=RunStatus.CANCELLED)
        real = started(wave, total=10, done=10, status=RunStatus.COMPLETED)
        dry = started(wave, total=10, done=10, status=RunStatus.COMPLETED, dry_run=True)
        assert figures.current_runs(wave) == [real]
        Run.objects.filter(pk=dry.pk).update(status=RunStatus.RUNNING)
        assert figures.current_runs(wave) == [dry]

    def test_requeued_records_are_not_counted_twice(self, wave: Wave) -> None:
        run = started(wave)
        whole, again = batch(run), batch(run, keys=[7])
        tally(whole, "migrated", 90), tally(whole, "rejected", 10), tally(again, "migrated", 1)
        assert figures.outcomes([run]) == figures.Outcomes({"migrated": 90, "rejected": 10}, {"migrated": 1})

    def test_causes_are_counted_by_code_errors_first(self, wave: Wave) -> None:
        run = started(wave)
        for key in range(3):
            issue(run, key, "EMAIL_INVALID", "warning")
        issue(run, 9, "SCHOOL_UNKNOWN")
        issue(run, 10, "DEGREE_UNKNOWN")
        Issue.objects.filter(code="DEGREE_UNKNOWN").update(state="resolved")
        found = [(cause.code, cause.count) for cause in figures.causes(wave)]
        assert found == [("SCHOOL_UNKNOWN", 1), ("EMAIL_INVALID", 3)]
        groups.recount(wave)
        Issue.objects.all().delete()  # the groups are asked, not a million issues
        assert [(cause.code, cause.count) for cause in figures.causes(wave)] == found

    def test_a_stopped_run_is_the_headline(self, wave: Wave) -> None:
        started(wave, status=RunStatus.STOPPED, status_reason="too many failed (Q-45)")
        colour, said = content.progress(wave, NOW)["headline"]
        assert colour == "danger" and "Q-45" in said


class TestCharts:
    def test_every_row_is_in_one_bucket_and_there_is_no_gap(self) -> None:
        finished = [(NOW + timedelta(seconds=at), 10, 1) for at in (0, 1, 59, 60, 119, 120)]
        found = charts.fill(finished, NOW, NOW + timedelta(seconds=150), 60)
        assert [(one.rows, one.rejected) for one in found] == [(30, 3), (20, 2), (10, 1)]
        assert [one.seconds for one in found] == [60, 60, 30]

    def test_where_nothing_was_read_there_is_no_share_of_failures(self) -> None:
        [empty, _] = charts.fill([], NOW, NOW + timedelta(seconds=90), 60)
        assert empty.failed_percent is None and empty.per_second == 0

    @pytest.mark.parametrize(
        ("seconds", "step"), [(0, 1), (60, 1), (61, 2), (3600, 60), (86_400, 1800), (9e9, 86_400)]
    )
    def test_sixty_bars_at_most(self, seconds: float, step: int) -> None:
        assert charts.step_for(seconds) == step

    def test_a_long_rest_begins_a_new_stretch(self, wave: Wave) -> None:
        started(wave, "users", ago=timedelta(days=2), status=RunStatus.COMPLETED,
                completed_at=NOW - timedelta(days=2, hours=-1))  # fmt: skip
        second = started(wave, "clients", ago=timedelta(hours=1), status=RunStatus.COMPLETED,
                         completed_at=NOW - timedelta(minutes=35))  # fmt: skip
        third = started(wave, "monitors", ago=timedelta(minutes=30))
        assert charts.stretch(figures.current_runs(wave), NOW) == (second.started_at, NOW)
        assert charts.stretch([third], NOW) == (third.started_at, NOW)
        assert charts.stretch([], NOW) is None

    def test_the_buckets_of_the_database_hold_what_the_batches_read(self, wave: Wave) -> None:
        run = started(wave)
        for ago in (10, 100, 300):
            batch(run, ago=ago, rows=50, rejected=2)
        batch(run, status=BatchStatus.RUNNING, finished_at=None, rows=0)
        found = charts.buckets([run], *charts.stretch([run], NOW))  # type: ignore[misc]
        assert (sum(one.rows for one in found), sum(one.rejected for one in found)) == (150, 6)
        assert "</script" not in charts.charts(found)[0].json_safe


class TestSources:
    def test_waiting_messages_of_the_file_queue_are_counted(self, tmp_path: Path) -> None:
        for name in ("1_a.celery.msg", "2_b.celery.msg", "3_c.reply.celery.pidbox.msg"):
            (tmp_path / name).touch()
        assert broker.depth("filesystem://", {"data_folder_in": str(tmp_path)}).messages == 2

    @pytest.mark.parametrize(
        ("url", "options"),
        [("redis://:hush@127.0.0.1:1/0", {}), ("filesystem://", {"data_folder_in": "/nowhere/at/all"})],
    )
    def test_an_unreachable_queue_is_an_answer_without_secrets(self, url: str, options: Any) -> None:
        found = broker.depth(url, options)
        assert (found.messages, found.reachable) == (None, False)
        assert found.why and "hush" not in found.why

    def test_servers_have_connections_and_files_have_none(self) -> None:
        assert {one.kind for one in system.database_connections()} <= {"file", "server", "unreachable"}
        machine = system.machine()
        assert 0 < machine.memory_used < machine.memory_total

    def test_what_is_slow_to_make_is_kept_longer_and_made_anew_beside(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = {"now": 1_000.0, "costs": 0.0}
        beside: list[str] = []

        def make() -> float:
            clock["now"] += clock["costs"]
            return clock["now"]

        monkeypatch.setattr(memory.time, "time", lambda: clock["now"])
        monkeypatch.setattr(memory.time, "monotonic", lambda: clock["now"])
        monkeypatch.setattr(memory, "_make_beside", lambda key, make: beside.append(key))
        cheap = memory.remembered("cheap", make)
        clock["costs"] = 2.0
        slow = memory.remembered("slow", make)
        clock["costs"] = 0.0
        clock["now"] += 30
        assert memory.remembered("cheap", make) > cheap and memory.remembered("slow", make) == slow
        assert not beside
        clock["now"] += 30  # more than twenty times two seconds: due, and nobody waits for it
        assert memory.remembered("slow", make) == slow and beside == ["slow"]
        assert memory.remembered("slow", make, most=1.0) > slow

    def test_a_figure_that_fails_beside_leaves_the_old_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said: list[str] = []  # the kept log waits for the test's own transaction
        monkeypatch.setattr(memory.log, "warning", lambda event, **facts: said.append(facts["error"]))
        memory.cache.set("dashboard:k", ("old", 0.0, 9.0), 60)

        def fail() -> str:
            raise DatabaseError("gone")

        assert memory.remembered("k", fail) == "old"
        for thread in threading.enumerate():
            if thread.name == "dashboard k":
                thread.join(5)
        assert said == ["DatabaseError"] and not memory._remaking
        assert memory.remembered("k", fail, least=10**10) == "old"

    def test_events_leave_out_ordinary_batches_and_other_waves(self, wave: Wave) -> None:
        run = started(wave)
        for event, level, run_id in (("batch done", "info", run.pk), ("run started", "info", run.pk),
                                     ("batch failed", "error", run.pk), ("run started", "info", run.pk + 1)):  # fmt: skip
            LogEntry.objects.create(at=NOW, level=level, event=event, run_id=run_id)
        found = {event.what for event in events.last({run.pk})}
        assert found == {f"run started · #{run.pk}", f"batch failed · #{run.pk}"}


class TestFragments:
    def fill(self, wave: Wave, times: int = 1) -> None:
        for name in ("users", "clients", "monitors")[:times]:
            run = started(wave, name)
            for number in range(5 * times):
                one = batch(run, ago=number)
                tally(one, "migrated", 5), tally(one, "rejected", 1)
            issue(run, run.pk)
            groups.recount(wave)
            Alert.objects.create(wave=wave, run=run, code="SLOW", message="slow", opened_at=NOW)
            batch(
                run, status=BatchStatus.RUNNING, worker=f"w{run.pk}", leased_until=NOW + timedelta(seconds=20)
            )

    def test_a_fragment_needs_few_statements_whatever_its_size(
        self, client: Client, engineer: Any, wave: Wave, django_assert_max_num_queries: Any
    ) -> None:
        inside(client, engineer)
        for times in (1, 3):
            self.fill(wave, times)
            for name in FRAGMENTS:
                cache.clear()
                with django_assert_max_num_queries(
                    20 if name in ("progress", "details") and times == 3 else 17
                ):
                    assert client.get(reverse(f"live:{name}"), {"wave": wave.pk}).status_code == 200

    def test_within_a_second_nobody_asks_the_database_for_figures_again(
        self, client: Client, engineer: Any, wave: Wave, django_assert_max_num_queries: Any
    ) -> None:
        self.fill(wave)
        inside(client, engineer).get(reverse("live:progress"), {"wave": wave.pk})
        with django_assert_max_num_queries(6):  # session, person, permissions, wave
            client.get(reverse("live:progress"), {"wave": wave.pk})

    def test_an_unchanged_fragment_is_not_sent_again(self, client: Client, engineer: Any, wave: Wave) -> None:
        self.fill(wave)
        address = reverse("live:details")
        html = inside(client, engineer).get(address, {"wave": wave.pk}).content.decode()
        seen = re.search(r'name="seen" value="(\w+)"', html)[1]  # type: ignore[index]
        assert client.get(address, {"wave": wave.pk, "seen": seen}).status_code == 204
        assert client.get(address, {"wave": wave.pk, "seen": "other"}).status_code == 200

    @pytest.mark.parametrize("name", FRAGMENTS)
    def test_strangers_get_no_figures_and_no_login_page(
        self, client: Client, outsider: Any, name: str
    ) -> None:
        assert client.get(reverse(f"live:{name}")).status_code == 403
        assert inside(client, outsider).get(reverse(f"live:{name}")).status_code == 403

    @pytest.mark.parametrize("name", FRAGMENTS)
    def test_fragments_only_read(self, client: Client, engineer: Any, name: str) -> None:
        assert inside(client, engineer).post(reverse(f"live:{name}")).status_code == 405

    def test_every_number_opens_its_records(self, client: Client, engineer: Any, wave: Wave) -> None:
        self.fill(wave, 2)
        inside(client, engineer)
        pages = [
            client.get(reverse(f"live:{name}"), {"wave": wave.pk}).content.decode() for name in FRAGMENTS
        ]
        addresses = {
            one.replace("&amp;", "&") for page in pages for one in re.findall(r'href="(/admin/[^"#]*)"', page)
        }
        assert len(addresses) > 15
        broken = {one: status for one in addresses if (status := client.get(one).status_code) != 200}
        assert not broken

    def test_nobody_at_work_while_a_run_should_move_is_said_loudly(
        self, client: Client, engineer: Any, wave: Wave
    ) -> None:
        started(wave)
        page = inside(client, engineer).get(reverse("live:health"), {"wave": wave.pk}).content.decode()
        assert "no worker reports" in page


class TestWorkers:
    def say(self, name: str, ago: int = 0, **facts: Any) -> None:
        given = {"run_id": None, "batch_id": None, "batches": 3, "memory": 10**8, "cpu": 50.0, **facts}
        workers.report(name, NOW - timedelta(seconds=ago), started_at=NOW - timedelta(hours=1), **given)

    def test_a_report_is_one_statement(self, django_assert_num_queries: Any) -> None:
        self.say("host:1")
        with django_assert_num_queries(1):
            self.say("host:1", batches=4)
        assert WorkerSeen.objects.get().batches == 4

    def test_a_process_reports_once_a_beat_and_when_it_lets_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said: list[tuple[Any, Any]] = []
        monkeypatch.setattr(
            heartbeat.workers,
            "report",
            lambda name, now, **facts: said.append((facts["run_id"], facts["batch_id"])),
        )
        clock = iter([100.0, 100.0, 101.0, 106.0, 106.0, 107.0, 107.0, 108.0])
        monkeypatch.setattr(heartbeat.time, "monotonic", lambda: next(clock))
        life = heartbeat.Life()
        life.report("host:1", 1, 7)  # the first one
        life.report("host:1", 1, 8)  # within the beat: not said
        life.report("host:1", 1, 9)  # a beat later
        life.report("host:1")  # lets go: said at once
        life.report("host:1")  # nothing new
        assert said == [(1, 7), (1, 9), (None, None)]

    def test_who_works_who_waits_who_is_silent_and_who_is_gone(self, wave: Wave) -> None:
        run = started(wave)
        running = {"status": BatchStatus.RUNNING, "finished_at": None}
        batch(run, worker="works", leased_until=NOW + timedelta(seconds=20), **running)
        batch(run, worker="hangs", leased_until=NOW - timedelta(seconds=1), **running)
        self.say("idle", ago=30)
        self.say("died", ago=60, run_id=run.pk, batch_id=7)
        self.say("ended", ago=600)
        states = {seat.name: seat.state for seat in workers.seats(NOW)}
        assert states == {
            "works": "working",
            "hangs": "silent",
            "idle": "idle",
            "died": "silent",
            "ended": "gone",
        }
        assert workers.seats(NOW)[0].state == "silent"
        assert set(workers.silent(NOW)) == {"hangs", "died"}

    def test_the_page_names_what_each_worker_does(self, client: Client, engineer: Any, wave: Wave) -> None:
        run = started(wave)
        one = batch(
            run,
            status=BatchStatus.RUNNING,
            finished_at=None,
            leased_until=timezone.now() + timedelta(seconds=20),
        )
        page = inside(client, engineer).get(reverse("admin:tracking_workerseen_changelist")).content.decode()
        assert f"batch {one.pk}" in page and "#" in page and "release its lease" in page

    def test_only_who_may_release_sees_the_link(self, client: Client, support: Any, wave: Wave) -> None:
        batch(started(wave), status=BatchStatus.RUNNING, finished_at=None, leased_until=timezone.now())
        page = inside(client, support).get(reverse("admin:tracking_workerseen_changelist")).content.decode()
        assert "host:1" in page and "release its lease" not in page


class TestReleasingALease:
    @pytest.fixture
    def held(self, wave: Wave) -> Batch:
        return batch(started(wave), status=BatchStatus.RUNNING, finished_at=None, fence=3, attempt=2,
                     leased_until=timezone.now() + timedelta(seconds=20))  # fmt: skip

    def address(self, held: Batch, fence: int | None = None) -> str:
        return reverse(
            "admin:tracking_workerseen_release", args=[held.pk, held.fence if fence is None else fence]
        )

    def test_looking_changes_nothing_and_names_the_effect(
        self, client: Client, engineer: Any, held: Batch
    ) -> None:
        page = inside(client, engineer).get(self.address(held)).content.decode()
        assert "host:1" in page and "100 records" in page and "attempt 2" in page
        assert Batch.objects.get(pk=held.pk).status == BatchStatus.RUNNING and not AuditEvent.objects.exists()

    @pytest.mark.parametrize("role", ["support", "project_manager", "outsider"])
    def test_others_may_not(
        self, client: Client, request: pytest.FixtureRequest, held: Batch, role: str
    ) -> None:
        inside(client, request.getfixturevalue(role))
        for answer in (client.get(self.address(held)), client.post(self.address(held))):
            assert answer.status_code in (302, 403)
        assert Batch.objects.get(pk=held.pk).fence == 3

    def test_the_batch_waits_again_and_the_old_claim_is_worth_nothing(
        self, client: Client, engineer: Any, held: Batch
    ) -> None:
        inside(client, engineer).post(self.address(held), {"reason": "it hangs"})
        now_is = Batch.objects.get(pk=held.pk)
        assert (now_is.status, now_is.fence, now_is.leased_until) == (BatchStatus.PENDING, 4, None)
        assert not ledger.record(held, ledger.Outcome(rows_read=1), NOW)
        event = AuditEvent.objects.get()
        assert (event.action, event.actor, event.reason) == ("release lease", engineer, "it hangs")
        assert event.before == {"batch": held.pk, "worker": "host:1", "fence": 3}

    def test_a_stale_page_does_not_take_a_newer_claim_away(
        self, client: Client, engineer: Any, held: Batch
    ) -> None:
        Batch.objects.filter(pk=held.pk).update(fence=4, worker="host:2")
        page = inside(client, engineer).post(self.address(held), follow=True).content.decode()
        assert "no longer held" in page
        assert Batch.objects.get(pk=held.pk).status == BatchStatus.RUNNING and not AuditEvent.objects.exists()

    def test_the_command_line_may_and_nobody_else_unnamed(self, held: Batch) -> None:
        with pytest.raises(ActionRefused):
            ReleaseLease(held).perform(NOW)
        assert ReleaseLease(held, via="command").perform(NOW).after["fence"] == 4


class TestAlerts:
    @pytest.fixture(autouse=True)
    def quiet_platform(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(alerts.broker, "depth", lambda: broker.Depth(0))

    def codes(self, now: datetime = NOW) -> set[str]:
        alerts.check(now)
        return set(Alert.objects.filter(closed_at=None).values_list("code", flat=True))

    def test_an_alert_opens_once_tells_anew_and_closes(self, wave: Wave) -> None:
        run = started(wave, status=RunStatus.STOPPED, status_reason="first")
        [opened] = alerts.check(NOW)
        assert (opened.code, opened.run, opened.wave, opened.level) == ("RUN_STOPPED", run, wave, "critical")
        Run.objects.filter(pk=run.pk).update(status_reason="second")
        assert alerts.check(NOW) == []
        assert "second" in Alert.objects.get().message
        Run.objects.filter(pk=run.pk).update(status=RunStatus.CANCELLED)
        alerts.check(NOW + timedelta(minutes=1))
        assert Alert.objects.get().closed_at == NOW + timedelta(minutes=1)
        Run.objects.filter(pk=run.pk).update(status=RunStatus.STOPPED)
        assert [alert.code for alert in alerts.check(NOW)] == ["RUN_STOPPED"]

    @pytest.mark.parametrize(
        ("errors", "rows", "alert"), [(11, 200, True), (10, 200, False), (50, 90, False)]
    )
    def test_more_than_five_per_cent_of_enough_records(
        self, wave: Wave, errors: int, rows: int, alert: bool
    ) -> None:
        batch(started(wave, error_count=errors), rows=rows)
        assert ("HIGH_ERROR_RATE" in self.codes()) is alert

    def test_a_slow_run_and_one_that_stands_still(self, wave: Wave) -> None:
        run = started(wave)
        assert "SLOW" in self.codes()
        batch(run, rows=10_000)
        assert "SLOW" not in self.codes()

    def test_a_run_is_not_called_slow_in_its_first_two_minutes(self, wave: Wave) -> None:
        started(wave, ago=timedelta(minutes=1))
        assert not self.codes()

    def test_a_run_that_will_take_too_long(self, wave: Wave, settings: Any) -> None:
        run = started(wave, total=10_000_000, done=400, ago=timedelta(hours=1))
        batch(run, ago=20, rows=10_000)
        assert "TIMEOUT_RISK" in self.codes()
        settings.ALERTS = {**settings.ALERTS, "ALERT_MAXIMUM_HOURS": 10_000}
        assert "TIMEOUT_RISK" not in self.codes()

    def test_a_worker_beyond_its_lease(self, wave: Wave) -> None:
        held = batch(started(wave, ago=timedelta(seconds=50)), status=BatchStatus.RUNNING, finished_at=None,
                     leased_until=NOW - timedelta(seconds=5))  # fmt: skip
        assert self.codes() == {"WORKER_SILENT"}
        Batch.objects.filter(pk=held.pk).update(status=BatchStatus.DONE)
        assert not self.codes()

    def test_memory_and_queue(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.ALERTS = {**settings.ALERTS, "ALERT_MEMORY_PERCENT": 0}
        monkeypatch.setattr(alerts.broker, "depth", lambda: broker.Depth(None, False, "gone"))
        assert self.codes() == {"MEMORY_PRESSURE", "BROKER_UNREACHABLE"}

    def test_every_code_has_words_a_next_step_and_a_line_in_the_guide(self) -> None:
        guide = (Path(__file__).resolve().parents[2] / "docs/monitoring.md").read_text(encoding="utf-8")
        assert (
            set(alerts.CODES)
            == set(alerts.NEXT_STEPS)
            == set(re.findall(r"^\| `(\w+)` ", guide, re.MULTILINE))
        )

    def test_taking_an_alert(self, client: Client, engineer: Any, project_manager: Any, support: Any) -> None:
        alert = Alert.objects.create(code="SLOW", message="slow", opened_at=NOW)
        address = reverse("admin:tracking_alert_acknowledge", args=[alert.pk])
        assert inside(client, support).post(address).status_code == 403
        page = inside(client, engineer).get(address).content.decode()
        assert "stays open until" in page
        assert Alert.objects.get().taken_by is None and not AuditEvent.objects.exists()
        client.post(address, {"reason": "looking"})
        alert.refresh_from_db()
        assert (alert.taken_by, alert.closed_at) == (engineer, None)
        event = AuditEvent.objects.get()
        assert (event.action, event.subject_type, event.subject_id) == (
            "acknowledge alert",
            "alert",
            str(alert.pk),
        )
        second = inside(client, project_manager).post(address, follow=True).content.decode()
        assert "already looks after it" in second and AuditEvent.objects.count() == 1

    def test_a_closed_alert_cannot_be_taken(self, engineer: Any) -> None:
        alert = Alert.objects.create(code="SLOW", message="slow", opened_at=NOW, closed_at=NOW)
        with pytest.raises(ActionRefused, match="closed"):
            AcknowledgeAlert(alert, actor=engineer).perform(NOW)
