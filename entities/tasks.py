"""Celery envelopes: an id in, one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from entities.engine import coordinator, heartbeat, runner
from tracking import alerts


@shared_task(name="entities.work", ignore_result=True)
def work(run_id: int) -> None:
    """Claim and process batches of a run for a while, then see what is due next."""
    runner.work(run_id)
    coordinator.tick()


@shared_task(name="entities.tick", ignore_result=True)
def tick() -> None:
    """Reap, settle, start and refill: the heartbeat of the whole migration."""
    coordinator.tick()
    heartbeat.say_idle(runner.worker_name())
    alerts.check(timezone.now())
