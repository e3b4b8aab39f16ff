"""Celery envelopes: an id in, one call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutdown
from django.utils import timezone

from entities.engine import coordinator, heartbeat, runner, sweeper
from entities.operations import jobs, probe, start
from entities.reconciliation import watch
from entities.recovery import work as work_of_recovery
from tracking import alerts, requeues, risks
from tracking.triage import groups


@worker_shutdown.connect
@worker_process_shutdown.connect
def end(**_: Any) -> None:
    """A worker process ends in good order."""
    heartbeat.say_goodbye(runner.worker_name())


@shared_task(name="entities.work", ignore_result=True)
@runner.surviving_outages()
def work(run_id: int) -> None:
    """Claim and process batches of a run for a while, and of what becomes due after it."""
    coordinator.work(run_id)


@shared_task(name="entities.tick", ignore_result=True)
@runner.surviving_outages()
def tick() -> None:
    """Reap, settle, start and refill: the heartbeat of the whole migration."""
    coordinator.tick()
    sweeper.tick(timezone.now())
    jobs.revive(timezone.now())
    work_of_recovery.revive(timezone.now())
    groups.count_missing()
    heartbeat.say_idle(runner.worker_name())
    alerts.check(timezone.now())
    risks.follow(timezone.now())
    requeues.settle(timezone.now())
    watch.again(timezone.now())


@shared_task(name="entities.sweep", ignore_result=True)
@runner.surviving_outages()
def sweep(sweep_id: int) -> None:
    """Claim and step through parts of long work: proving, rolling back, restoring."""
    sweeper.work(sweep_id)


@shared_task(name="entities.do_job", ignore_result=True)
@runner.surviving_outages()
def do_job(job_id: int) -> None:
    """Do what a person asked for over many issues."""
    jobs.do(job_id)


@shared_task(name="entities.backup", ignore_result=True)
@runner.surviving_outages()
def backup(backup_id: int) -> None:
    """Take a backup that somebody asked for."""
    work_of_recovery.backup.take(backup_id)


@shared_task(name="entities.restore_test", ignore_result=True)
@runner.surviving_outages()
def restore_test(test_id: int) -> None:
    """Restore a backup into the scratch database and compare."""
    work_of_recovery.restore.test(test_id)


@shared_task(name="entities.runbook_step", ignore_result=True)
@runner.surviving_outages()
def runbook_step(step_id: int) -> None:
    """Do a step of a runbook that needs no person."""
    work_of_recovery.steps.do(step_id)


@shared_task(name="entities.check_recovery", ignore_result=True)
@runner.surviving_outages()
def check_recovery() -> None:
    """Look at V5 after a recovery and keep what was seen."""
    work_of_recovery.validation.store(work_of_recovery.validation.validate(), timezone.now())


@shared_task(name="entities.probe", ignore_result=True)
@runner.surviving_outages()
def send_probe(probe_id: int) -> None:
    """Ask the staging application whether it answers."""
    probe.look(probe_id)


@shared_task(name="entities.start_phase", ignore_result=True)
@runner.surviving_outages()
def start_phase(phase_id: int, token: str, dry_run: bool, workers: int) -> None:
    """Plan and start what a person asked for."""
    start.start_phase(phase_id, token, dry_run, workers)
