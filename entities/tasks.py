"""Celery envelopes: an id in, one call."""

from __future__ import annotations

from celery import shared_task

from entities.engine import coordinator, runner


@shared_task(name="entities.work", ignore_result=True)
def work(run_id: int) -> None:
    """Claim and process batches of a run for a while, then see what is due next."""
    runner.work(run_id)
    coordinator.tick()


@shared_task(name="entities.tick", ignore_result=True)
def tick() -> None:
    """Reap, settle, start and refill: the heartbeat of the whole migration."""
    coordinator.tick()
