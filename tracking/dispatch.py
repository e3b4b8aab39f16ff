"""The only place that talks to the queue: task names, after commit.

Messages expire: the database is the truth, and `entities.tick` refills an empty broker from the ledger.
"""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.db import transaction

WORK, TICK, SWEEP = "entities.work", "entities.tick", "entities.sweep"
EXPIRES = 60  # seconds; a message that nobody took by then is sent again by the next tick


def send(task: str, *args: Any, using: str = "default") -> None:
    """Send a task once the surrounding transaction on `using` has committed."""
    transaction.on_commit(
        lambda: current_app.send_task(task, args=list(args), expires=EXPIRES), using=using, robust=True
    )


def work_on(run_id: int, workers: int = 1) -> None:
    """Ask `workers` workers to claim batches of a run; surplus requests end at once."""
    for _ in range(workers):
        send(WORK, run_id)
