"""What the page of a rollback shows, and the sheet of what people did."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from entities.rollback import keep
from entities.rollback.archive import among
from entities.rollback.tables import fetch, key_column, quote
from tracking import rollbacks, sweeps
from tracking.actions.rollback import ApproveRollback, RequestRollback
from tracking.admin.base import badge
from tracking.masking import masked
from tracking.models import AuditEvent, Part, Rollback, RollbackFinding, Sweep

State = Rollback.State
ENDED = (State.DONE, State.UNPROVEN, State.WITHDRAWN)
PAGE = 2_000  # rows of an export that are read at once


def page(rollback: Rollback, user: Any) -> dict[str, Any]:
    """Everything but the progress."""
    return {
        "tables": _tables(rollback), "groups": _groups(rollback, user), "stays": _stays(rollback),
        "buttons": buttons(rollback, user), "proof": _proof(rollback), "badge": badge(rollback.state),
        "gone": _count(rollback, "gone"), "used": _count(rollback, "used"), "late": _count(rollback, "late"),
    }  # fmt: skip


def findings(rollback: Rollback, **filters: Any) -> str:
    """The list of findings behind a number."""
    query = urlencode(
        {"rollback__id__exact": rollback.pk, **{f"{name}__exact": value for name, value in filters.items()}}
    )
    return f"{reverse('admin:tracking_rollbackfinding_changelist')}?{query}"


def _count(rollback: Rollback, kind: str) -> dict[str, Any]:
    number = (
        RollbackFinding.objects.filter(rollback=rollback, kind=kind)
        .values("table", "v5_id")
        .distinct()
        .count()
    )
    return {"n": number, "href": findings(rollback, kind=kind)}


def _tables(rollback: Rollback) -> list[dict[str, Any]]:
    stays = keep.stays_by_table(rollback) if rollback.figures else {}
    taken = rollback.result.get("taken out", {})
    return [
        {"name": name, "rows": found.get("rows", 0), "stays": stays.get(name, 0), "taken": taken.get(name),
         "edited": found.get("edited", 0)}
        for name, found in rollback.figures.items()
        if isinstance(found, dict) and name and name != "roots" and (found.get("entries") or found.get("rows"))
    ]  # fmt: skip


def _groups(rollback: Rollback, user: Any) -> list[dict[str, Any]]:
    asks = user.has_perm("tracking.ask_rollback")
    may = asks and rollback.state == State.LOOKED
    exported = rollback.figures.get("exported", [])
    groups = []
    for group in keep.groups(rollback):
        name = keep.group_of(group["kind"], group["table"])
        address = {
            what: reverse("admin:tracking_rollback_decide", args=[rollback.pk, name, what])
            for what in ("keep", "export", "anyway")
            if may and what != group["decision"]
        }
        groups.append({
            **group, "name": name, "said": rollbacks.said_group(name), "address": address,
            "decided": DECIDED()[group["decision"]],
            "href": findings(rollback, kind=group["kind"], table=group["table"]), "exported": name in exported,
            "export": reverse("admin:tracking_rollback_export", args=[rollback.pk, name]) if asks else "",
        })  # fmt: skip
    return groups


def DECIDED() -> dict[str, str]:  # noqa: N802 - said at the time of the request, in its language
    return {
        "keep": _("stay in V5, with what they need"), "export": _("go, after an export"), "anyway": _("go into the archive"),
    }  # fmt: skip


def _stays(rollback: Rollback) -> list[dict[str, Any]]:
    return [
        {"table": table, "n": number, "href": findings(rollback, table=table, stays=1)}
        for table, number in keep.stays_by_table(rollback).items()
    ]


def buttons(rollback: Rollback, user: Any) -> list[dict[str, Any]]:
    """What this person may do now; each opens a page that asks first."""
    ask, approve = user.has_perm(RequestRollback.permission), user.has_perm(ApproveRollback.permission)
    second = approve and user.pk != rollback.asked_by_id
    paused = rollback.work is not None and rollback.work.state in (Sweep.State.PAUSED, Sweep.State.FAILED)
    before = rollback.state in (State.LOOKING, State.LOOKED, State.ASKED, State.APPROVED)
    possible = (
        ("request", _("Ask for approval"), "primary", ask and rollback.state == State.LOOKED),
        ("approve", _("Approve and start"), "danger", second and rollback.state == State.ASKED),
        ("send-back", _("Send back"), "default", approve and rollback.state == State.ASKED),
        ("start", _("Start"), "danger", approve and rollback.state == State.APPROVED),
        ("pause", _("Pause"), "default", ask and rollback.state == State.ROLLING and not paused),
        ("resume", _("Go on"), "primary", ask and rollback.state in (State.ROLLING, State.FAILED) and paused),
        ("withdraw", _("Take back"), "default", ask and before),
    )
    return [
        {
            "text": text,
            "variant": variant,
            "href": reverse("admin:tracking_rollback_do", args=[rollback.pk, what]),
        }
        for what, text, variant, shown in possible
        if shown
    ]


def _proof(rollback: Rollback) -> dict[str, Any]:
    result = rollback.result
    if not result.get("R-92"):
        return {}
    against = result["R-92"].get("checkpoint") or {}
    return {
        "proven": result["proven"], "tables": result["tables compared"], "schools": result["schools compared"],
        "rows": sum(result["taken out"].values()), "differences": result["R-92"]["differences"],
        "left": result["R-92"]["entries left"], "foreign": result["R-83"]["differences"], "checkpoint": against.get("name"),
        "equal": against.get("equal"), "explained": against.get("tables", []), "seconds": result.get("seconds"),
    }  # fmt: skip


def progress(rollback: Rollback) -> dict[str, Any]:
    """How far the look or the work is, and what stands still."""
    sweep = rollback.work or rollback.look
    at_work = sweep is not None and rollback.state not in ENDED
    found = sweeps.progress(sweep, timezone.now()) if at_work and sweep else {}
    stage = (
        Part.objects.filter(sweep=sweep, state=Part.State.RUNNING).order_by("stage").first()
        if at_work
        else None
    )
    return {
        "rollback": rollback, "badge": badge(rollback.state), "sweep": sweep, "progress": found,
        "percent": round(100 * found["share"]) if found.get("share") is not None else None, "left": found.get("minutes"),
        "now": _stage(rollback, stage) if stage else "", "working": rollback.state in (State.LOOKING, State.ROLLING),
    }  # fmt: skip


def _stage(rollback: Rollback, part: Part) -> str:
    from entities.rollback import remove

    if rollback.work is None:
        return _("looking at %(table)s") % {"table": part.name}
    if part.stage < remove.BEFORE:
        return _("looking again, as the look is old: %(table)s") % {"table": part.name}
    if part.stage == remove.BEFORE:
        return _("counting and hashing before: %(table)s") % {"table": _named(part)}
    if part.stage == remove.UNDO:
        return _("taking changes back")
    if part.stage >= remove.AFTER:
        return _("proving: %(table)s") % {"table": _named(part)}
    return _("taking out %(table)s") % {"table": part.name}


def _named(part: Part) -> str:
    from entities.rollback import figures

    return _("short tables") if part.name == figures.SHORT else part.name or "…"


def sheet(rollback: Rollback, group: str, user: Any, *, personal: bool) -> StreamingHttpResponse:
    """The rows of a group as they are in V5 now, page by page; secrets never, personal data by role."""
    kind, _colon, table = group.partition(":")
    rows = RollbackFinding.objects.filter(rollback=rollback, kind=kind, table=table)
    number = rows.values("v5_id").distinct().count()
    if not number:
        raise Http404
    lines = _lines(_standing(table, rows), table, personal)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rollback-{rollback.pk}-{kind}-{table}.csv"'
    _note(rollback, group, user, number)
    return answer


def _standing(table: str, findings: Any) -> Iterator[dict[str, Any]]:
    """The V5 rows of findings as they are now, by key, page by page."""
    from entities.engine.before import cells, row_as_text

    sql, after = f"SELECT {row_as_text('v5', table)} FROM {quote(table)} t", -(2**62)
    while ids := list(
        findings.filter(v5_id__gt=after).order_by("v5_id").values_list("v5_id", flat=True).distinct()[:PAGE]
    ):
        for (text,) in fetch(f"{sql} WHERE {among('t.' + quote(key_column(table)), ids)}"):
            yield cells(text)
        after = ids[-1]


class _Echo:
    """What csv writes into: it hands every line on."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterable[dict[str, Any]], table: str, personal: bool) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    for number, values in enumerate(rows):
        if not number:
            yield writer.writerow(values)
        yield writer.writerow(_cell(one) for one in masked(values, table, personal=personal).values())


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return (
        f"'{text}"
        if text[:1] in ("=", "+", "-", "@", "\t") and not text.lstrip("-").replace(".", "", 1).isdigit()
        else text
    )


def _note(rollback: Rollback, group: str, user: Any, rows: int) -> None:
    with transaction.atomic(using="default"):
        held = Rollback.objects.select_for_update().get(pk=rollback.pk)
        exported = sorted({*held.figures.get("exported", []), group})
        Rollback.objects.filter(pk=rollback.pk).update(figures={**held.figures, "exported": exported})
        AuditEvent.objects.create(
            at=timezone.now(), actor=user, action="export rollback rows", subject_type="rollback", subject_id=str(rollback.pk),
            after={"group": group, "rows": rows},
        )  # fmt: skip
