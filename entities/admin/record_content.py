"""What the page of one record shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from entities.engine.errors import Refused
from entities.engine.report import short
from entities.engine.source import asked_once
from entities.engine.values import Unit, payload_of
from entities.operations import record, tryout
from tracking import codes
from tracking.admin.base import badge, may_see_people
from tracking.admin.causes import in_words, may
from tracking.masking import masked
from tracking.models import AuditEvent, Correction, Issue, IssueGroup
from tracking.states import IssueState
from tracking.triage import answers

MOST = 50
OUTCOMES = {
    "fixed": (_("Fixed: the record goes through."), "success"),
    "same": (_("The same problem is left."), "warning"),
    "new": (_("Another problem shows up."), "danger"),
    "gone": (_("Legacy has no such record in its scope any more."), ""),
}


@asked_once()
def everything(issue: Issue, request: HttpRequest) -> dict[str, Any]:
    personal = may_see_people(request)
    unit, unavailable = _unit(issue)
    row = record.row_of(issue.legacy_table, issue.legacy_id)
    fields = (
        tryout.made_of(unit, issue, tryout.migration_of(issue), personal=personal) if unit is not None else []
    )
    correction = in_force(issue)
    return {
        "issue": issue, "problem": problem(issue), "badge": badge(issue.level), "state": badge(issue.state),
        "state_says": IssueState(issue.state).label, "money": _money(issue), "group": _group(issue),
        "legacy": legacy_rows(issue, row, correction, personal), "has_row": row is not None, "unavailable": unavailable,
        "fields": fields, "guilty": guilty(issue), "stored": tryout.stored(issue, personal=personal),
        "proposed": unit is not None and not any(one.rejected for one in tryout.entries_of(unit, issue)),
        "waiting": _waiting(issue, unit), "correction": correction,
        "values": masked(correction.values, issue.legacy_table, personal=personal) if correction else {},
        "parents": parents(issue), "may": may(request), "is_open": issue.state == IssueState.OPEN,
        "notes": issue.notes.select_related("written_by")[:MOST], **history(issue, personal),
    }  # fmt: skip


def _unit(issue: Issue) -> tuple[Unit | None, str]:
    try:
        return tryout.look(issue), ""
    except Refused as refusal:
        return None, str(refusal)


def problem(issue: Issue) -> dict[str, Any]:
    """The problem in plain words, and what to do about it."""
    code = codes.ALL.get(issue.code)
    return {"sentence": code.sentence if code else issue.code, "next_step": code.next_step if code else ""}


def in_force(issue: Issue) -> Correction | None:
    key = (issue.legacy_table, issue.legacy_id)
    return answers.active(issue.wave_id, [key]).get(key)


def legacy_rows(
    issue: Issue, row: Any, correction: Correction | None, personal: bool
) -> list[dict[str, Any]]:
    """Column, value as legacy holds it, and what it is read as, when somebody answered."""
    values = short(payload_of(row)) if row is not None else dict((issue.payload or {}).get("row") or {})
    shown = masked(values, issue.legacy_table, personal=personal)
    answered = (
        masked(correction.values, issue.legacy_table, personal=personal) if correction is not None else {}
    )
    about = guilty(issue)
    return [
        {"name": name, "value": value, "is_guilty": name in about, "is_answered": name in answered, "answer": answered.get(name)}
        for name, value in shown.items()
    ]  # fmt: skip


def guilty(issue: Issue) -> set[str]:
    mappings = _mappings(issue)
    return record.guilty_columns(issue, mappings) if mappings else {issue.field}


def parents(issue: Issue) -> list[dict[str, str]]:
    """Columns that name another record, the guilty first, with the page where another one is chosen."""
    about = guilty(issue)
    return [
        {
            "column": column,
            "table": table,
            "href": reverse("admin:entities_record_parent", args=[issue.pk, column]),
        }
        for column, table in sorted(
            record.parents_of(issue.legacy_table).items(), key=lambda one: (one[0] not in about, one[0])
        )
    ]


def _mappings(issue: Issue) -> list[Any]:
    try:
        migration = tryout.migration_of(issue)
    except Refused:
        return []
    return [one for one in migration.mappings if one.source._meta.db_table == issue.legacy_table]


def _money(issue: Issue) -> str:
    return f"{issue.amount:,.2f} {issue.currency}".strip() if issue.amount is not None else ""


def _group(issue: Issue) -> IssueGroup | None:
    names = {name: getattr(issue, name) for name in ("wave_id", "code", "entity_type", "field", "level")}
    return IssueGroup.objects.filter(**names).order_by("pk").first()


def _waiting(issue: Issue, unit: Unit | None) -> list[dict[str, Any]]:
    return [
        {"entity": one.entity, "records": one.records, "more": one.more, "issues": len(one.issues), "first": one.issues[:5],
         "money": in_words(one.amounts)}
        for one in record.waiting_for(issue, unit)
    ]  # fmt: skip


def waiting_issues(issue: Issue) -> tuple[int, ...]:
    """Open issues of the records that wait for this one: they go through again with it."""
    unit, _unavailable = _unit(issue)
    return tuple(pk for one in record.waiting_for(issue, unit) for pk in one.issues)


def history(issue: Issue, personal: bool) -> dict[str, Any]:
    """Attempts and people: other issues of the row, answers, decisions; newest first."""
    same = Issue.objects.filter(
        wave=issue.wave_id, entity_type=issue.entity_type, legacy_id=issue.legacy_id
    ).exclude(pk=issue.pk)  # fmt: skip
    made = Correction.objects.filter(
        wave=issue.wave_id, legacy_table=issue.legacy_table, legacy_id=issue.legacy_id
    ).select_related("made_by").order_by("-pk")  # fmt: skip
    events = AuditEvent.objects.filter(subject_type="issue", subject_id=str(issue.pk)).select_related("actor")
    return {
        "others": same.defer("payload").order_by("-last_seen")[:MOST],
        "corrections": [
            {"one": one, "values": masked(one.values, one.legacy_table, personal=personal)} for one in made[:MOST]
        ],
        "events": events[:MOST],
    }  # fmt: skip
