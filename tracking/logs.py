"""Events of runs and batches become rows of `migration_logs`, as redacted as the lines in a log file."""

from __future__ import annotations

import json
import logging
import threading
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

BOUND = {"run": "run_id", "batch": "batch_id", "entity": "entity_type", "correlation_id": "correlation_id"}
LEFT_OUT = {*BOUND, "event", "level", "logger", "timestamp", "exc_info", "stack", "stack_info", "traceback"}
LONGEST_EVENT, LONGEST_TEXT, LONGEST_DATA = 200, 500, 4_000


class RecordHandler(logging.Handler):
    """Stores structured log records; a record that cannot be stored is dropped, the work goes on.

    Inside a transaction the row is written after its commit. Takes only records made by structlog: their message is
    the event dictionary.
    """

    _busy = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        if not isinstance(record.msg, dict) or getattr(self._busy, "yes", False):
            return
        try:
            self._busy.yes = True
            values = entry_of(record.msg, record.levelname.lower(), timezone.now())
            transaction.on_commit(lambda: _store(values), using="default", robust=True)
        except Exception:  # a lost log row must never cost a batch
            pass
        finally:
            self._busy.yes = False


def entry_of(event: dict[str, Any], level: str, now: datetime) -> dict[str, Any]:
    """The columns of one log row: bound ids apart, everything else redacted under `data`."""
    from boukii_migration.logging import redact

    clean = dict(redact(None, level, dict(event)))
    data = {
        str(key): _short(value)
        for key, value in clean.items()
        if key not in LEFT_OUT and not str(key).startswith("_")
    }
    if (crash := _crash(event.get("exc_info"))) is not None:
        data["exception"] = crash
    if len(json.dumps(data, default=str)) > LONGEST_DATA:
        data = {"cut": "the data was too long to be kept"}
    return {
        "at": now, "level": level[:8], "event": str(clean.get("event", ""))[:LONGEST_EVENT], "data": data,
        "run_id": _whole(event.get("run")), "batch_id": _whole(event.get("batch")),
        "entity_type": str(event.get("entity") or "")[:64], "correlation_id": str(event.get("correlation_id") or "")[:36],
    }  # fmt: skip


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return value[:LONGEST_TEXT] if isinstance(value, str) else json.loads(json.dumps(value, default=str))


def _crash(info: Any) -> str | None:
    """The kind of an exception; its message may repeat a record's values."""
    if isinstance(info, BaseException):
        return type(info).__name__
    if isinstance(info, tuple) and info and info[0] is not None:
        return str(info[0].__name__)
    import sys

    kind = sys.exc_info()[0] if info is True else None
    return kind.__name__ if kind else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _store(values: dict[str, Any]) -> None:
    from tracking.models import LogEntry

    LogEntry.objects.create(**values)
