"""What happened last: decisions of people and events of runs, newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tracking.dashboard import links
from tracking.models import AuditEvent, LogEntry
from tracking.words import said

SHOWN = 8
LOOKED_AT = 200  # the newest log lines; most of them say that a batch is done
ROUTINE = frozenset({"batch done", "batch finished"})


@dataclass(frozen=True)
class Event:
    at: datetime
    level: str
    who: str
    what: str
    href: str


def last(run_ids: Collection[int], shown: int = SHOWN) -> list[Event]:
    """Two statements. Log lines of other waves' runs and of ordinary batches are left out."""
    found = [*_decisions(shown), *_log(run_ids)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:shown]


def _decisions(shown: int) -> Iterator[Event]:
    for event in AuditEvent.objects.select_related("actor").order_by("-id")[:shown]:
        who = event.actor.get_username() if event.actor else _("command line")
        yield Event(
            event.at,
            "decision",
            who,
            f"{said(event.action)} · {said(event.subject_type)} {event.subject_id}",
            links.page(event),
        )


def _log(run_ids: Collection[int]) -> Iterator[Event]:
    for entry in LogEntry.objects.order_by("-id")[:LOOKED_AT]:
        mine = entry.run_id is None or entry.run_id in run_ids
        if not mine or (entry.event in ROUTINE and entry.level == "info"):
            continue
        named = [entry.entity_type, f"#{entry.run_id}" if entry.run_id else ""]
        what = " · ".join(part for part in (said(entry.event), " ".join(filter(None, named))) if part)
        yield Event(entry.at, entry.level, "", what, links.page(entry))
