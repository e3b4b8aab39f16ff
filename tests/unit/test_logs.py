"""Rows of `migration_logs`: bound ids apart, redacted, and never at the price of the work."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from django.db import transaction
from django.utils import timezone

from tracking import logs
from tracking.models import LogEntry

log = structlog.get_logger("migration")


@pytest.mark.django_db(transaction=True)
def test_an_event_becomes_a_row_with_its_run_and_batch() -> None:
    with structlog.contextvars.bound_contextvars(run=7, batch=9, entity="clients", correlation_id="abc"):
        log.info("batch done", rows=3, seconds=0.5)
    entry = LogEntry.objects.get()
    assert (entry.run_id, entry.batch_id, entry.entity_type, entry.correlation_id) == (7, 9, "clients", "abc")
    assert (entry.level, entry.event, entry.data) == ("info", "batch done", {"rows": 3, "seconds": 0.5})


@pytest.mark.django_db(transaction=True)
def test_debug_lines_and_other_loggers_are_not_kept() -> None:
    log.debug("noise")
    structlog.get_logger("other").warning("elsewhere")
    logging.getLogger("migration").info("plain text, not structured")
    assert not LogEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_is_written_after_the_commit_and_not_after_a_rollback() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        log.info("lost with its transaction")
        raise RuntimeError
    with transaction.atomic():
        log.info("kept")
        assert not LogEntry.objects.exists()
    assert [entry.event for entry in LogEntry.objects.all()] == ["kept"]


def test_personal_data_and_messages_of_crashes_stay_out() -> None:
    try:
        raise ValueError("Ada Lovelace")
    except ValueError as error:
        event = {"event": "failed for ada@example.org", "email": "ada@example.org", "exc_info": error}
        values = logs.entry_of(event, "error", timezone.now())
    assert "ada" not in str(values).lower()
    assert values["data"]["exception"] == "ValueError"


def test_too_much_data_is_cut() -> None:
    values = logs.entry_of({"event": "x", **{f"k{n}": "y" * 400 for n in range(20)}}, "info", timezone.now())
    assert values["data"] == {"cut": "the data was too long to be kept"}


@pytest.mark.django_db(transaction=True)
def test_the_work_goes_on_when_a_row_cannot_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(values: dict[str, Any]) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(logs, "_store", fail)
    log.info("batch done")
