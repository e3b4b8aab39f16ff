"""The whole life of one record, in the order of time: what was done to it, in which run and batch, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from entities.engine.lineage import LegacyIdMapping
from entities.operations.story import issues_of, kinds_of
from tracking.models import AuditEvent, Batch, Correction, Issue, IssueNote, LogEntry, Run, Wave
from tracking.states import BatchStatus
from tracking.words import said

MOST_ENTRIES, MOST_ISSUES, MOST_EVENTS, MOST_LINES = 500, 50, 50, 40
MARGIN = timedelta(seconds=2)  # a line may be stored a moment after its batch ended


@dataclass(frozen=True)
class Event:
    """One thing that happened. `kind` is map, run, batch, issue, correction, note, decision or log.

    `subject` is the row of the record behind it, for its page; `who` the person, "" for the engine.
    """

    at: datetime
    kind: str
    what: str
    detail: str = ""
    subject: Any = None
    who: str = ""
    level: str = ""


@dataclass(frozen=True)
class Life:
    """Events, newest first, and everybody who had a hand in it. `cut`: older events of a kind were left out."""

    events: list[Event]
    people: list[str]
    issues: list[Issue]
    cut: bool


def of(entity: str, table: str, legacy_id: int) -> Life:
    """Everything that the panel knows about a record, within bounds, in a fixed number of queries."""
    entries = _entries(entity, table, legacy_id)
    found_issues = list(issues_of(entity, table, legacy_id).order_by("-pk")[:MOST_ISSUES])
    batches = _batches(entries, found_issues)
    runs = _runs(entries, found_issues, batches)
    corrections = Correction.objects.filter(
        wave__in=_waves(), legacy_table=table, legacy_id=legacy_id
    ).select_related("made_by", "wave")
    ids = [one.pk for one in found_issues]
    notes = IssueNote.objects.filter(issue__in=ids).select_related("written_by")[:MOST_EVENTS]
    decisions = list(_decisions(ids, runs))
    events = sorted(
        [
            *_map_events(entries), *_run_events(runs), *_batch_events(batches), *_issue_events(found_issues),
            *_correction_events(corrections[:MOST_EVENTS]), *_note_events(notes), *map(_decision, decisions),
            *_lines(batches, legacy_id),
        ],
        key=lambda one: one.at,
        reverse=True,
    )  # fmt: skip
    people = {one.who for one in events} | {
        one.assignee.get_username() for one in found_issues if one.assignee
    }
    cut = len(entries) >= MOST_ENTRIES or len(found_issues) >= MOST_ISSUES or len(decisions) >= MOST_EVENTS
    return Life(events, sorted(people - {""}), found_issues, cut)


def _entries(entity: str, table: str, legacy_id: int) -> list[dict[str, Any]]:
    rows = LegacyIdMapping.objects.using("v5").filter(
        entity_type__in=dict.fromkeys([entity, *kinds_of(table)]), legacy_id=legacy_id, legacy_table=table
    )
    return list(
        rows.values("entity_type", "disposition", "run_id", "batch_id", "created_at", "updated_at")[
            :MOST_ENTRIES
        ]
    )


def _waves() -> list[int]:
    """Waves are few; the index of corrections begins with them."""
    return list(Wave.objects.order_by().values_list("pk", flat=True))


def _batches(entries: Iterable[dict[str, Any]], issues: Iterable[Issue]) -> list[Batch]:
    wanted = {one["batch_id"] for one in entries} | {one.batch_id for one in issues}
    found = Batch.objects.filter(pk__in=wanted - {None}).select_related("run").order_by("-pk")
    return list(found[:MOST_EVENTS])


def _runs(entries: Iterable[dict[str, Any]], issues: Iterable[Issue], batches: Iterable[Batch]) -> list[Run]:
    wanted = (
        {one["run_id"] for one in entries} | {one.run_id for one in issues} | {one.run_id for one in batches}
    )
    found = Run.objects.filter(pk__in=wanted - {None}).select_related("phase__wave").order_by("-pk")
    return list(found[:MOST_EVENTS])


def _decisions(issues: list[int], runs: Iterable[Run]) -> Iterator[AuditEvent]:
    """What people decided about the issues, and about the runs that moved the record."""
    for kind, ids in (("issue", issues), ("run", [one.pk for one in runs])):
        found = AuditEvent.objects.filter(subject_type=kind, subject_id__in=[str(one) for one in ids])
        yield from found.select_related("actor")[:MOST_EVENTS]


def _map_events(entries: list[dict[str, Any]]) -> Iterator[Event]:
    """Entries written together are one event; a later change is a second one."""
    groups: dict[tuple[str, str, Any, Any, bool], int] = {}
    for one in entries:
        key = (one["entity_type"], one["disposition"], _aware(one["created_at"]), one["batch_id"], False)
        groups[key] = groups.get(key, 0) + 1
        if one["updated_at"] != one["created_at"]:
            key = (one["entity_type"], one["disposition"], _aware(one["updated_at"]), one["batch_id"], True)
            groups[key] = groups.get(key, 0) + 1
    for (entity, disposition, at, _batch, again), count in groups.items():
        if at is None:
            continue
        says = ngettext("%(n)s map entry of %(entity)s", "%(n)s map entries of %(entity)s", count)
        what = says % {"n": f"{count:,}", "entity": entity}
        detail = _("changed; now %(outcome)s") if again else _("first written; now %(outcome)s")
        yield Event(at, "map", what, detail % {"outcome": disposition}, level=disposition)


def _aware(at: datetime | None) -> datetime | None:
    """V5 keeps times without a zone; they are UTC."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _run_events(runs: Iterable[Run]) -> Iterator[Event]:
    for run in runs:
        where = f"{run.phase.wave} · {run.phase.get_number_display()}"
        if run.started_at:
            yield Event(run.started_at, "run", _("run %(run)s started") % {"run": run}, where, run)
        if run.completed_at:
            says = _("run %(run)s ended") % {"run": run}
            yield Event(run.completed_at, "run", says, str(run.get_status_display()), run, level=run.status)


def _batch_events(batches: Iterable[Batch]) -> Iterator[Event]:
    for batch in batches:
        at = batch.finished_at or batch.started_at
        if at is None:
            continue
        detail = _("keys %(after)s to %(to)s, attempt %(attempt)s, worker %(worker)s") % {
            "after": batch.key_after + 1, "to": batch.key_to, "attempt": batch.attempt, "worker": batch.worker or "–",
        }  # fmt: skip
        said = BatchStatus(batch.status).label
        yield Event(at, "batch", str(batch), f"{said} ({detail})", batch, level=batch.status)


def _issue_events(issues: Iterable[Issue]) -> Iterator[Event]:
    for issue in issues:
        about = f"{issue.code} {issue.field}".strip()
        yield Event(
            issue.first_seen,
            "issue",
            _("%(issue)s found") % {"issue": about},
            issue.told_message,
            issue,
            level=issue.level,
        )
        if issue.occurrences > 1:
            says = _("%(issue)s seen again, %(n)s times in all") % {"issue": about, "n": issue.occurrences}
            yield Event(issue.last_seen, "issue", says, "", issue, level=issue.level)
        if issue.resolved_at:
            says = _("%(issue)s settled") % {"issue": about}
            yield Event(
                issue.resolved_at, "issue", says, str(issue.get_state_display()), issue, level=issue.state
            )


def _correction_events(corrections: QuerySet[Correction]) -> Iterator[Event]:
    """Values stay out: they are shown, masked, on the page of the issue."""
    for one in corrections:
        what = (
            _("left out by a person")
            if one.skip
            else _("corrected: %(columns)s") % {"columns": ", ".join(one.values)}
        )
        detail = one.reason if one.active else _("%(reason)s (no longer in force)") % {"reason": one.reason}
        yield Event(one.made_at, "correction", what, detail, one.issue, str(one.made_by or ""))
        if one.applied_at:
            yield Event(
                one.applied_at,
                "correction",
                _("correction went through"),
                "",
                one.issue,
                str(one.made_by or ""),
            )


def _note_events(notes: Iterable[IssueNote]) -> Iterator[Event]:
    for one in notes:
        yield Event(one.written_at, "note", _("note"), one.text, one.issue, str(one.written_by or ""))


def _decision(one: AuditEvent) -> Event:
    return Event(one.at, "decision", said(one.action), one.told_reason, one, str(one.actor or one.via))


def _lines(batches: list[Batch], legacy_id: int) -> Iterator[Event]:
    """Log lines of the record's batches, found by the time in which each ran; of lines about one record, its own."""
    for batch in batches[:5]:
        if not batch.started_at or not batch.finished_at:
            continue
        window = (batch.started_at - MARGIN, batch.finished_at + MARGIN)
        lines = LogEntry.objects.filter(at__range=window, batch_id=batch.pk).order_by("-at")[:MOST_LINES]
        for line in lines:
            if line.data.get("legacy_id", legacy_id) == legacy_id:
                yield Event(line.at, "log", line.event, "", line, level=line.level)
